"""Rewrites under kill -9, and how long it takes to go back.

A child makes versions: single rewrites, three names together, ways back, proposals accepted. It is killed at any moment
from outside, and the workspace looked at: the journal is sound, every version that was acknowledged is there, three
names have changed together, and the record of the gate agrees.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from chorus import Capabilities, Session
from chorus.runtime.frames.bindings import Key
from chorus.runtime.frames.journal import Journal

KILLS = 200
SEED = 5
ROLLBACKS = 200
REJECTED = 40
DEFINITIONS = 500
LONGEST = 0.4  # seconds after the child's first version within which it is killed
WORKSPACE_LASTS = 8  # kills
Goal = tuple[str, float, str, bool]

DRIVER = """
import json, os, sys, traceback
from pathlib import Path
from chorus import Capabilities, Session

FORMS = (
    '(%import-frame "(define a {n}) (define (b) {n}) (define c (quote ({n} {n})))" "three together")',
    '(rewrite f (define (f x) (* x {n})) :reason "one alone")',
    '(rewrite f (lambda (x) (+ x {n})) :reason "one alone")',
    "(rollback! {back})",
    "(approve! (propose! 'f '(lambda (x) (- x {n})) :in 'context))",
)

def child(folder, out):
    with Session(folder, allow=Capabilities.all(), persist=True) as session:
        session.eval("(define (f x) x)")
        for n in range(10**6):
            number = session.versions.history.number
            session.eval(FORMS[n % len(FORMS)].format(n=n, back=max(1, number - 2)))
            os.write(out, b"%d\\n" % session.versions.history.number)

for line in sys.stdin:
    read, out = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        try:
            child(Path(line.strip()), out)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(9)
    os.close(out)
    first = os.read(read, 100)
    print(json.dumps(pid), flush=True)
    _, status = os.waitpid(pid, 0)
    rest = first
    while part := os.read(read, 65536):
        rest += part
    os.close(read)
    told = rest.decode().split()
    print(json.dumps([os.WIFSIGNALED(status), int(told[-1]) if told else 0]), flush=True)
"""


def pieces() -> list[str]:
    return ["atomic", "rollbacks"]


def piece(name: str) -> list[Any]:
    return list({"atomic": atomic, "rollbacks": rollbacks}[name]())


def goals(done: Mapping[str, Any]) -> Iterator[Goal]:
    yield from (tuple(goal) for goal in done.values())


def atomic() -> Goal:
    """KILLS kills; after how many all was whole, and nothing acknowledged was lost."""
    whole = killed = 0
    moments = random.Random(SEED)
    with tempfile.TemporaryDirectory() as folder, _driver() as driver:
        for number in range(KILLS):
            workspace = Path(folder) / f"w{number // WORKSPACE_LASTS}"
            ended, acknowledged = _kill(driver, workspace, moments.uniform(0, LONGEST))
            killed += ended
            whole += _whole(workspace, acknowledged, open_it=number % WORKSPACE_LASTS == WORKSPACE_LASTS - 1)
    print(f"{killed} kills of {KILLS} struck while versions were made; {whole} workspaces whole")
    return "rewrites-atomic", min(whole, killed), f"={KILLS}", whole == killed == KILLS


def _driver() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", DRIVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def _kill(driver: subprocess.Popen[str], workspace: Path, after: float) -> tuple[bool, int]:
    """Whether the child was killed, and the last version that it had acknowledged."""
    assert driver.stdin is not None and driver.stdout is not None
    driver.stdin.write(f"{workspace}\n")
    driver.stdin.flush()
    child = json.loads(driver.stdout.readline())
    time.sleep(after)
    with contextlib.suppress(ProcessLookupError):  # it ended by itself: told by how it ended
        os.kill(child, signal.SIGKILL)
    ended, acknowledged = json.loads(driver.stdout.readline())
    return ended, acknowledged


def _whole(workspace: Path, acknowledged: int, *, open_it: bool) -> bool:
    journal = Journal(workspace)
    journal.check()
    if journal.history.number < acknowledged:
        return False
    state = journal.history.state
    texts = [state[key].binding.text for name in "abc" if (key := Key("context", "own", name)) in state]
    if len(texts) != 3 or len(set(re.findall(r"\d+", " ".join(texts)))) != 1:
        return False
    if not open_it:
        return True
    with Session(workspace, persist=True, allow=Capabilities.all()) as session:
        a, b, c = session.eval("(list a (b) c)")
        return bool(a == b and c == [a, a] and session.eval("(hash-ref (audit) ':ok)"))


def rollbacks() -> Goal:
    """The slowest of a hundred ways back, in a workspace of DEFINITIONS rewritten definitions."""
    seconds = []
    with (
        tempfile.TemporaryDirectory() as folder,
        Session(Path(folder) / "w", allow=Capabilities.all(), persist=True) as session,
    ):
        for k in (1, 2):
            text = "\n".join(f"(define (step{i} x) (+ x {i + k}))" for i in range(DEFINITIONS))
            session.eval('(%import-frame text "all")', text=text)
        for number in range(ROLLBACKS):
            session.eval(f'(rewrite step{number} (define (step{number} x) (* x {number})) :reason "canary")')
            seconds.append(_timed(session, "(rollback! 'v1)" if number % 2 else "(rollback! 'v2)"))
        for number in range(REJECTED):
            accepted = session.eval(f"(propose! 'step{number} '(lambda (x) (* x {number}.5)) :in 'context)")
            session.eval("(approve! n)", n=accepted)
            seconds.append(_timed(session, f'(reject! {accepted} "it did harm")'))
    p99 = sorted(seconds)[int(0.99 * len(seconds))]
    kinds = {f"rollbacks of up to {DEFINITIONS} definitions": seconds[:ROLLBACKS],
             "acceptances undone by the gate": seconds[ROLLBACKS:]}  # fmt: skip
    for kind, took in kinds.items():
        print(f"{len(took)} {kind}: median {statistics.median(took):.3f} s, slowest {max(took):.3f} s")
    return "rollback-p99", p99, "≤1s", p99 <= 1.0


def _timed(session: Session, form: str) -> float:
    began = time.perf_counter()
    session.eval(form)
    return time.perf_counter() - began


if __name__ == "__main__":
    for made in pieces():
        print(piece(made))
