"""The journal of versions: readable, each version whole or not there after kill -9, and no change goes unnoticed."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chorus import Capabilities, ChorusError, Session
from chorus.interpreter.reader import read_forms
from chorus.runtime.errors import StoreError
from chorus.runtime.frames.bindings import Binding, Change, Key, bind
from chorus.runtime.frames.journal import HEAD, JOURNAL, Journal
from chorus.runtime.frames.spelling import read, read_change, spell, spell_change
from chorus.runtime.frames.treediff import NOW, WAS, difference, side
from chorus.runtime.printer import write
from chorus.runtime.values import NIL, Symbol, make_list

# The process that is killed: it makes versions of two names that belong together, and goes back to earlier ones; each
# child ends at one step of writing, counted from where the program begins. What the last whole version was is printed.
DRIVER = """
import json, os, signal, sys
from pathlib import Path
from chorus import Capabilities, Session
from chorus.runtime.frames import journal

def program(session, count):
    for n in range(1, count + 1):
        if n % 4 == 0:
            session.eval("(rollback! v)", v=max(1, session.versions.history.number - 2))
        else:
            session.eval(f'(%import-frame "(define a {n}) (define (b) {n}) (define c (quote ({n} {n})))" "n")')

def child(folder, last, torn):
    left = [last]
    def reached(step):
        left[0] -= 1
        if left[0] <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
    def tearing(file, data):
        if left[0] <= 1:
            os.write(file, data[:max(1, int(len(data) * torn))])
            os.kill(os.getpid(), signal.SIGKILL)
        os.write(file, data)
        yield "writing"
    journal.reached = reached
    if torn:
        journal._written = tearing
    with Session(folder, allow=Capabilities.all(), persist=True) as session:
        program(session, 6)
    os._exit(7)

for line in sys.stdin:
    folder, last, torn = json.loads(line)
    pid = os.fork()
    if pid == 0:
        try:
            child(Path(folder), last, torn)
        finally:
            os._exit(9)
    _, status = os.waitpid(pid, 0)
    print(json.dumps(os.WTERMSIG(status) if os.WIFSIGNALED(status) else -os.WEXITSTATUS(status)), flush=True)
"""


def kills(folder: Path, plans: list[tuple[int, float]]) -> list[int]:
    """Run the program once for each of PLANS (the step it is killed at, how much of a write is done), each in a
    workspace where the ones before it left off every fourth time; how each ended.
    """
    with subprocess.Popen(
        [sys.executable, "-c", DRIVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as driver:
        assert driver.stdin is not None and driver.stdout is not None
        ended = []
        for number, (step, torn) in enumerate(plans):
            workspace = folder / f"w{number // 4}"
            before = versions(workspace)
            driver.stdin.write(json.dumps([str(workspace), step, torn]) + "\n")
            driver.stdin.flush()
            ended.append(json.loads(driver.stdout.readline()))
            check_whole(workspace, before)
        driver.stdin.close()
    return ended


def versions(workspace: Path) -> list[str]:
    return [version.hash for version in Journal(workspace).history.versions]


def check_whole(workspace: Path, before: list[str]) -> None:
    """What lies in WORKSPACE is a prefix of what was being written, all names of each version together."""
    journal = Journal(workspace)
    journal.check()
    assert [version.hash for version in journal.history.versions][: len(before)] == before
    with Session(workspace, persist=True) as session:
        if Key("context", "own", "a") in journal.history.state:
            a, b, c = session.eval("(list a (b) c)")
            assert a == b and c == [a, a]
        assert session.versions.history.number == journal.history.number
        session.eval("(define after n)", n=journal.history.number)
    assert versions(workspace)[:-1] == [version.hash for version in journal.history.versions]


def test_killed_at_every_step_of_a_version(tmp_path: Path) -> None:
    """One version has eight steps; these lie in the first, second and third."""
    plans = [(step, 0.0) for step in (1, 2, 3, 4, 5, 6, 7, 9, 10, 12, 13, 15, 17, 20, 22)]
    plans += [(2, 0.1), (2, 0.97), (9, 0.5), (16, 0.3), (16, 0.99)]
    assert kills(tmp_path, plans).count(signal.SIGKILL) == 20


@pytest.mark.slow
def test_killed_hundreds_of_times(tmp_path: Path) -> None:
    chooser = random.Random(4)
    plans = [(chooser.randrange(1, 36), chooser.choice((0.0, 0.0, chooser.random()))) for _ in range(240)]
    assert kills(tmp_path, plans).count(signal.SIGKILL) >= 200


@pytest.mark.slow
def test_killed_from_outside_at_any_moment(tmp_path: Path) -> None:
    program = f"{DRIVER.partition('for line in')[0]}\nwith Session(sys.argv[1], persist=True) as s: program(s, 10**6)"
    workspace = tmp_path / "w"
    chooser = random.Random(8)
    for _ in range(30):
        before = versions(workspace)
        with subprocess.Popen([sys.executable, "-c", program, str(workspace)]) as process:
            while len(versions(workspace)) < len(before) + 3 and process.poll() is None:
                time.sleep(0.005)
            time.sleep(chooser.random() / 20)
            process.kill()
        check_whole(workspace, before)


# — tampering —


def journal_in(folder: Path) -> Path:
    with Session(folder, persist=True, allow=Capabilities.all()) as session:
        session.eval('(define (f x) (* 2 x)) (define words \'("a\\n(b" |odd name|)) (define |odd name| 3)')
        session.eval('(rewrite f (lambda (x) (* 3 x)) :reason "more \\"of\\" it\\n")')
        session.eval("(define-values (p q) (values 1 2)) (rollback! 'v3)")
    return folder / JOURNAL


def audit(folder: Path) -> dict[str, object]:
    with Session(folder) as session:
        return {repr(key)[1:]: value for key, value in session.eval("(audit)").items()}


def test_a_sound_journal_passes_and_reads_as_forms(tmp_path: Path) -> None:
    path = journal_in(tmp_path)
    found = audit(tmp_path)
    assert (found["ok"], found["versions"], found["journal"]) == (True, 6, True)
    forms = read_forms(path.read_text(), "journal")
    assert {write(form.car) for form in forms} == {"version", "context"}
    assert (tmp_path / HEAD).read_text().split() == ["6", found["hash"]]


def drop(at: int) -> Callable[[list[str]], list[str]]:
    return lambda lines: lines[:at] + lines[at + 1 :]


def swap(a: int, b: int) -> Callable[[list[str]], list[str]]:
    def change(lines: list[str]) -> list[str]:
        made = list(lines)
        made[a], made[b] = made[b], made[a]
        return made

    return change


TAMPERED = {  # what is done to the lines → the version that the audit names
    "the first version is gone": (lambda lines: lines[:1] + lines[3:], 1),
    "a version in the middle is gone": (lambda lines: lines[:3] + lines[5:], 2),
    "the last version is gone": (lambda lines: lines[:-3], 6),
    "all are gone": (lambda lines: lines[:1], 1),
    "a change is gone": (drop(4), 2),
    "the head of a version is gone": (drop(3), 2),
    "two versions are swapped": (lambda lines: lines[:1] + lines[3:5] + lines[1:3] + lines[5:], 1),
    "two lines are swapped": (swap(2, 4), 1),
    "two changes of a version are swapped": (swap(10, 11), 5),
    "a version stands twice": (lambda lines: lines[:5] + lines[3:], 3),
    "a line was added": (lambda lines: [*lines[:3], "(context define g (define g 1))", *lines[3:]], 2),
    "a version was added": (lambda lines: [*lines, lines[-1]], 7),
    "another number of changes": (lambda lines: [lines[0], lines[1].replace(" 1)", " 2)"), *lines[2:]], 1),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_tampering_is_found_where_it_is(tmp_path: Path, what: str) -> None:
    path = journal_in(tmp_path)
    change, version = TAMPERED[what]
    lines = path.read_text().splitlines()
    assert change(lines) != lines
    path.write_text("\n".join(change(lines)) + "\n")
    found = audit(tmp_path)
    assert found["ok"] is False and str(found["version"]) == f"v{version}", found
    for keep in (True, False):
        with (
            pytest.raises(StoreError, match="journal of the workspace") as caught,
            Session(tmp_path) as session,
        ):
            session.keep(keep)
        assert caught.value.code == "corrupt" and caught.value.hint


def test_every_flipped_byte_is_found(tmp_path: Path) -> None:
    path = journal_in(tmp_path)
    whole = path.read_bytes()
    acknowledged = (tmp_path / HEAD).read_text().split()[1]
    chooser = random.Random(1)
    missed = []
    begin = whole.index(b"\n") + 1  # the first line is a comment
    for at in range(begin, len(whole)):
        changed = whole[:at] + bytes([whole[at] ^ (1 << chooser.randrange(8))]) + whole[at + 1 :]
        reading = read(changed)
        newest = reading.history.newest
        if reading.damage is None and newest is not None and newest.hash == acknowledged:
            missed.append((at, whole[at : at + 20]))
    assert missed == []


def test_an_end_that_was_not_acknowledged_is_no_tampering(tmp_path: Path) -> None:
    path = journal_in(tmp_path)
    whole = path.read_bytes()
    changes = [bind("context", Binding("define", name, f"(define {name} 1)")) for name in ("y", "z")]
    next_one = spell(Journal(tmp_path).history.make(changes, "reason", "author"))
    for torn in (next_one[:1], next_one[:40], next_one[: next_one.index(b"\n") + 1], next_one[:-1]):
        path.write_bytes(whole + torn)
        assert audit(tmp_path)["ok"] is True
    with Session(tmp_path, persist=True) as session:
        session.eval("(define more 1)")
    assert path.read_bytes().startswith(whole) and audit(tmp_path)["versions"] == 7


NAMES = st.text(min_size=1, max_size=8).filter(lambda name: max(name) < "\ud800" or min(name) > "\udfff")


@settings(max_examples=200, deadline=None)
@given(NAMES, st.sampled_from(["define", "set!", "unkept", "adapter"]), st.text(max_size=20))
def test_changes_are_read_as_they_were_written(name: str, kind: str, text: str) -> None:
    value = write(make_list([Symbol("define"), Symbol(name), text]))
    for change in (bind("agent", Binding(kind, name, value)), Change(Key("swarm", "own", name), None)):
        line = spell_change(change)
        assert "\n" not in line and read_change(line) == change


def test_one_process_keeps_definitions_at_a_time(tmp_path: Path) -> None:
    code = "import sys; from chorus import Session; Session(sys.argv[1], persist=True).eval('(define x 1)')"
    with Session(tmp_path, persist=True) as session:
        session.eval("(define a 1)")
        with Session(tmp_path, persist=True) as other:  # of the same process: they share it
            other.eval("(define b 2)")
        ended = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False
        )
        assert ended.returncode and "being kept by another process" in ended.stderr
        session.eval("(define c 3)")
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False).returncode == 0
    with Session(tmp_path, persist=True) as session:
        assert session.eval("(list a b c x)") == [1, 2, 3, 1]


def test_a_full_disk_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from chorus.runtime.frames import journal

    with Session(tmp_path, persist=True) as session:
        session.eval("(define (f) 1)")

        def full(file: int, data: bytes) -> object:
            os.write(file, data[: len(data) // 2])
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(journal, "_written", full)
        with pytest.raises(ChorusError) as caught:
            session.eval("(rewrite f (lambda () 2))")
        assert caught.value.code == "disk" and session.eval("(f)") == 1
        monkeypatch.undo()
        session.eval("(rewrite f (lambda () 3))")
    with Session(tmp_path, persist=True) as session:
        assert session.eval("(f)") == 3 and session.versions.history.number == 2


# — differences —

leaves = st.sampled_from([Symbol("a"), Symbol("b"), 1, 2, "x", NIL])
trees = st.recursive(leaves, lambda inner: st.lists(inner, max_size=4).map(make_list))


@settings(max_examples=400, deadline=None)
@given(trees, trees)
def test_both_sides_come_out_of_a_difference(old: object, new: object) -> None:
    found = difference(old, new)
    assert write(side(found, WAS)) == write(old)
    assert write(side(found, NOW)) == write(new)
