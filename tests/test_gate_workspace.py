"""Proposals in a workspace: what is kept, that it is chained, and that a kill leaves the old or the new."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from chorus import Capabilities, ChorusError, Session
from chorus.runtime.gate.chain import FILE, HEAD, Chain
from chorus.runtime.printer import write


def opened(folder: Path, persist: bool = True) -> Session:
    return Session(folder, allow=Capabilities.all(), persist=persist)


def shown(session: Session, text: str) -> str:
    return write([value for _, value in session.run(text, "test")][-1])


HALF = '(define (half x) "X in two.\n\n> (half 4)\n=> 2" (/ x 2))'
BETTER = '(propose! \'half \'(lambda (x) (* x 1/2)) :in \'swarm :because "shorter" :by "team learner")'


def test_what_was_proposed_seen_and_decided_is_there_in_the_next_session(tmp_path: Path) -> None:
    with opened(tmp_path) as session:
        session.eval(f"(rewrite half {HALF} :in 'swarm)")
        session.eval(BETTER)
        session.eval('(observe! 1 \'(0.25 0.5) :author "ann" :slices \'((kind . "fact")) :turn 7)')
        session.eval("(propose! 'half '(lambda (x) (* x 2)) :in 'swarm)")
        session.eval("(gate-mode! 'auto) (gate-mode! 'propose)")
        before = shown(session, "(list (proposals) (evidence 1) (gate-mode))")
    with opened(tmp_path) as session:
        assert shown(session, "(list (proposals) (evidence 1) (gate-mode))") == before
        assert shown(session, "(map (lambda (p) (get p :state)) (proposals))") == "(refused shadow)"
        assert shown(session, "(list (approve! 1) (half 6))") == "(accepted 3)"
        reason = shown(session, "(get (first (environment-history 'half)) :reason)")
        assert reason.startswith('"proposal 1 by team learner: shorter (gate ')
        assert shown(session, "(get (first (environment-history 'half)) :frame)") == "swarm"
        assert shown(session, "(get (audit) :ok)") == "#t"
    with opened(tmp_path) as session:
        assert (
            shown(session, "(list (get (proposal 1) :state) (get (proposal 1) :version))") == "(accepted v2)"
        )
        assert shown(session, '(list (reject! 1 "rounds") (get (first (environment-history \'half)) :frame))')
        assert "(/ x 2)" in shown(session, "(get (first (environment-history 'half)) :definition)")


def test_a_session_that_keeps_nothing_decides_nothing_for_the_workspace(tmp_path: Path) -> None:
    with opened(tmp_path, persist=False) as session:
        session.eval(HALF)
        session.eval(BETTER)
        with pytest.raises(ChorusError, match="does not keep its definitions") as refused:
            session.eval("(approve! 1)")
        assert refused.value.hint == "(persist!) first, or start with --persist"
        assert shown(session, "(get (proposal 1) :state)") == "waiting"
        session.eval("(persist!)")
        assert shown(session, "(approve! 1)") == "accepted"


def test_two_sessions_see_each_other(tmp_path: Path) -> None:
    with opened(tmp_path) as one, opened(tmp_path, persist=False) as other:
        one.eval(HALF)
        one.eval(BETTER)
        assert shown(other, "(get (proposal 1) :state)") == "waiting"
        other.eval("(observe! 1 0.5)")
        assert shown(one, "(get (evidence 1) :pairs)") == "1"
        one.eval(BETTER)
        assert shown(other, "(get (first (proposals)) :number)") == "2"


# — tampering —


def _filled(folder: Path) -> None:
    with opened(folder) as session:
        session.eval(HALF)
        session.eval(BETTER)
        session.eval("(observe! 1 0.5) (approve! 1) (define later 1) (gate-mode! 'off)")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda lines: [line.replace(b"0.5", b"1.0") for line in lines], "not what was written"),
        (lambda lines: [line for line in lines if b"(observed" not in line], "does not follow"),
        (lambda lines: lines[:-1], "were acknowledged"),
        (lambda lines: [*lines[:-1], b"(rubbish)"], "no event"),
        (lambda lines: [*lines, lines[-1]], "does not follow"),
    ],
)
def test_tampering_is_found(tmp_path: Path, change, problem: str) -> None:  # type: ignore[no-untyped-def]
    _filled(tmp_path)
    path = tmp_path / FILE
    lines = path.read_bytes().rstrip(b"\n").split(b"\n")
    path.write_bytes(b"\n".join(change(lines)) + b"\n")
    with opened(tmp_path) as session:
        assert shown(session, "(get (audit) :ok)") == "#f"
        assert problem in shown(session, "(get (audit) :problem)")
        with pytest.raises(ChorusError) as refused:
            session.eval("(proposals)")
        assert refused.value.code == "corrupt"


def test_a_record_that_does_not_fit_the_journal_is_found(tmp_path: Path) -> None:
    _filled(tmp_path / "one")
    with opened(tmp_path / "two") as session:
        session.eval("(define other 1)")
    for name in (FILE, HEAD):
        (tmp_path / "two" / name).write_bytes((tmp_path / "one" / name).read_bytes())
    with opened(tmp_path / "two") as session:
        assert "not in the journal" in shown(session, "(get (audit) :problem)")


def test_an_unfinished_line_is_cut_off(tmp_path: Path) -> None:
    _filled(tmp_path)
    whole = (tmp_path / FILE).read_bytes()
    with open(tmp_path / FILE, "ab") as file:
        file.write(b'(event 99 "abc')
    with opened(tmp_path) as session:
        assert shown(session, "(get (audit) :ok)") == "#t"
        session.eval("(gate-mode! 'propose)")
    assert (tmp_path / FILE).read_bytes().startswith(whole + b"(event ")
    assert Chain(tmp_path).flaw is None


# — kills —

PROGRAM = """
import os, random, signal, sys
from chorus import Capabilities, Session
import chorus.interpreter.gate.surface, chorus.interpreter.frames.workspace  # once, for all that are forked
import chorus.runtime.frames.journal as journal
import chorus.runtime.gate.chain as chain
from chorus.interpreter.gate.ledger import ledger_of

def opened():
    return Session(sys.argv[1], allow=Capabilities.all(), persist=True)

def killed(left):
    "Propose, observe, approve, take back, and be killed at step LEFT."
    def reached(step):
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
    with opened() as session:
        journal.reached = chain.reached = reached
        for _ in range(6):
            n = session.eval("(+ 1 (length (proposals)))")
            session.eval(f"(propose! 'level '{n} :in 'swarm)")
            session.eval(f"(observe! {n} 0.5)")
            session.eval(f"(approve! {n})")
            if n % 3 == 0:
                session.eval(f'(reject! {n} "back")')

def whole():
    "What is bound and what is recorded agree, once the next decision has settled what was left."
    with opened() as session:
        assert session.eval("(get (audit) :ok)")
        n = session.eval("(+ 1 (length (proposals)))")
        session.eval(f"(approve! (propose! 'mark {n} :in 'context))")
        assert session.eval("(get (audit) :ok)")
        known = ledger_of(session).book.proposals
        assert not any(p.intent for p in known)
        holding = [p.number for p in known if p.name == "level" and p.state == "accepted"]
        level = session.eval("(if (bound? 'level) level 0)")
        assert level == (holding[-1] if holding else 0), (level, holding)

def forked(job, *given):
    child = os.fork()
    if child == 0:
        try:
            job(*given)
            os._exit(0)
        except BaseException as problem:
            print(repr(problem), flush=True)
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

ended = []
for at, left in enumerate(map(int, sys.argv[2:]), 1):
    ended.append(forked(killed, left))
    assert ended[-1] in (0, -signal.SIGKILL), (left, ended[-1])
    assert at % 4 or forked(whole) == 0, left  # between, whoever is killed next finds what the last one left
print(ended.count(-signal.SIGKILL))
"""


def kills(folder: Path, steps: list[int]) -> int:
    """How many of the processes that were to be killed at these STEPS of writing were; what they left is whole."""
    words = [sys.executable, "-c", PROGRAM, str(folder), *map(str, steps)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=1200, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return int(done.stdout)


@pytest.mark.skipif(os.name != "posix", reason="kill -9")
def test_a_kill_leaves_the_old_or_the_new(tmp_path: Path) -> None:
    steps = random.Random(5).sample(range(1, 130), 4)
    assert kills(tmp_path, steps) == len(steps)


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="kill -9")
def test_two_hundred_kills(tmp_path: Path) -> None:
    chosen = random.Random(7)
    assert kills(tmp_path, [chosen.randrange(1, 130) for _ in range(200)]) == 200


TAMPERED = {
    "the record gone": ("gate.sexp",),
    "the record and its head gone": ("gate.sexp", "gate.head"),
    "its head gone": ("gate.head",),
    "the journal's head gone": ("journal.head",),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_what_is_taken_away_is_missed(tmp_path: Path, what: str) -> None:
    with opened(tmp_path) as session:
        session.eval(f"(rewrite half {HALF} :in 'swarm)")
        session.eval(BETTER)
        session.eval("(approve! 1)")
        assert shown(session, "(get (audit) :ok)") == "#t"
    for name in TAMPERED[what]:
        (tmp_path / name).unlink()
    with opened(tmp_path, persist=False) as session:
        assert shown(session, "(get (audit) :ok)") == "#f"


def test_an_event_that_nobody_knows_is_no_fault_of_the_host(tmp_path: Path) -> None:
    from chorus.runtime.gate.chain import Chain

    Chain(tmp_path).append("(nonsense 1)")
    with opened(tmp_path) as session:
        with pytest.raises(ChorusError, match="none that can be") as refused:
            session.eval("(proposals)")
        assert refused.value.code == "corrupt"
        assert shown(session, "(get (audit) :ok)") == "#f"
