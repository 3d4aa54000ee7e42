"""A definition that is stopped half-way, or a process killed there: the old or the new holds, everywhere."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from chorus import ChorusError, Session

PROGRAM = """
import dis, os, signal, sys
from chorus import ChorusError, Session
from chorus.interpreter.namespace import key
from chorus.runtime.errors import LimitSignal

workspace, name, text, ask, at, kills = sys.argv[1:7]
seen = 0

def stop():
    sys.settrace(None)
    if kills == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    raise LimitSignal("cancel", reason="stopped by the test")

def stored(frame):
    code, at = frame.f_code, frame.f_lasti
    step = dis.opname[code.co_code[at]]
    if binds(frame):
        return step == "STORE_SUBSCR"
    return step in ("STORE_GLOBAL", "STORE_NAME") and code.co_names[code.co_code[at + 1]] in (name, "$:d:" + name)

def binds(frame):
    return frame.f_code.co_name == "_bind" and frame.f_locals.get("name") == name

def trace(frame, event, _):
    global seen
    if frame.f_globals is not space and not binds(frame):
        return None
    frame.f_trace_opcodes = True
    def inside(frame, event, _):
        global seen
        if event == "opcode" and stored(frame):
            seen += 1
            if seen == int(at):
                stop()
        elif event == "return" and seen and seen + 1 == int(at):
            stop()
        return inside
    return inside

with Session(workspace, persist=True) as session:
    for form in ("(define (f x) (list 'old x))", "(define (g x) (car (f x)))", "(define n 'old)"):
        session.eval(form)
    session.eval("(list (f 1) (g 1))")
    space = session.space.dict
    session._inside(lambda: sys.settrace(trace))
    try:
        session.eval(text)
        print("whole")
    except ChorusError as error:
        print(error.message)
    session._inside(lambda: sys.settrace(None))
    print(seen, session.eval(ask))
    sys.stdout.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""
FORMS = [("f", "(define (f x) (if (null? x) (f 1) (apply list 'new x '())))"), ("f", "(define (f x) (list 'new x))"),
         ("n", "(define n (list 'new n n))")]  # fmt: skip


def run(workspace: Path, name: str, text: str, at: int, kills: bool) -> subprocess.CompletedProcess[str]:
    words = [
        str(workspace),
        name,
        text,
        "(list (f 1) (map f '(1)) (g 1) n)",
        str(at),
        "kill" if kills else "",
    ]
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *words], capture_output=True, text=True, timeout=120, check=False
    )


def there(workspace: Path) -> str:
    with Session(workspace, persist=True) as session:
        return str(session.eval("(list (f 1) (map f '(1)) (g 1) n)"))


@pytest.mark.parametrize("at", [1, 2, 3])
@pytest.mark.parametrize(("name", "text"), FORMS)
def test_stopped_between_its_stores(tmp_path: Path, name: str, text: str, at: int) -> None:
    done = run(tmp_path, name, text, at, kills=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    said, shown = done.stdout.splitlines()
    stores, _, value = shown.partition(" ")
    assert int(stores) >= 1, "the definition is no longer stored as this test expects"
    assert said in ("stopped by the test", "whole")
    if name == "f":
        assert value.count("old") in (1, 4)  # n's, or that and all calls of f
    assert there(tmp_path) == value


@pytest.mark.parametrize("at", [1, 2])
@pytest.mark.parametrize(("name", "text"), FORMS)
def test_killed_between_its_stores(tmp_path: Path, name: str, text: str, at: int) -> None:
    done = run(tmp_path, name, text, at, kills=True)
    assert done.returncode == -signal.SIGKILL and (done.stdout == "" or at > 1), done.stderr
    value = there(tmp_path)
    assert value.count("old") in (1, 4) if name == "f" else "old" in value


def test_what_was_not_defined_is_not_half_defined(tmp_path: Path) -> None:
    assert os.name == "posix"
    with Session(tmp_path, persist=True) as session, pytest.raises(ChorusError):
        session.eval("(define (h x) x) (define k (car 5))")
    with Session(tmp_path, persist=True) as session:
        assert session.own_names() == ["h"]
