"""Sessions in a process of their own: values cross as data, the worker can be killed at any time and dies with its
parent.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from chorus import (
    Capabilities,
    CapabilityDenied,
    ChorusError,
    EvalError,
    LimitExceeded,
    Limits,
    Session,
    WorkerDied,
)
from chorus.interpreter.isolation.wire import Message, WireError, value_of
from chorus.runtime.errors import Interrupted
from chorus.runtime.limits import Meter
from chorus.runtime.values import Keyword, Symbol

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes as on Unix")
LOOP = "(let loop () (loop))"


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    with Session(isolation="process", limits=Limits(seconds=20, bytes=300 << 20)) as opened:
        yield opened


def after(seconds: float, job: Callable[[], Any]) -> None:
    threading.Timer(seconds, job).start()


def gone(pid: int) -> bool:
    """Whether the process PID has ended, within some seconds."""
    for _ in range(100):
        try:
            with open(f"/proc/{pid}/stat") as told:
                if told.read().rpartition(")")[2].split()[0] == "Z":
                    return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ('(list 1 2.5 "x" #t \'())', [1, 2.5, "x", True, []]),
        ("(list 1/2 (expt 2 100) 'a :b)", [Fraction(1, 2), 2**100, Symbol("a"), Keyword("b")]),
        ('{:a (list 1) "b" #u8(1 2)}', {Keyword("a"): [1], "b": b"\x01\x02"}),
        ('(moment "2024-01-31")', dt.datetime(2024, 1, 31, tzinfo=dt.UTC)),
        ("(values 1 2)", (1, 2)),
        ("(make-rectangular 1.5 2)", complex(1.5, 2)),
        ('(string #\\x1F600 #\\")', '\U0001f600"'),
        ("(if #f #f)", None),
    ],
)
def test_values_are_those_of_a_session_in_this_process(session: Any, form: str, value: Any) -> None:
    with Session() as near:
        assert session.eval(form) == near.eval(form) == value
        assert session.eval("x", x=value) == near.eval("x", x=value)


def test_a_deep_value_costs_no_stack(session: Any) -> None:
    deep = session.eval("(let loop ((i 0) (l '())) (if (= i 5000) l (loop (+ i 1) (list l))))")
    depth = 0
    while deep:
        (deep,), depth = deep, depth + 1
    assert depth == 5000


def test_definitions_printing_and_errors_are_as_ever(session: Any, capsys: pytest.CaptureFixture) -> None:
    assert session.eval('(define (square x) (* x x)) (display "out") (square 12)') == 144
    assert capsys.readouterr().out == "out"
    square = session.eval("square")
    assert session.call(square, 9) == 81
    with pytest.raises(ChorusError) as told:
        session.eval("(define (f) (car 5))\n(f)")
    assert (told.value.code, told.value.span.line, told.value.span.column) == ("type", 1, 13)
    assert [type(each) for each in told.value.irritants] == [int] and told.value.stack
    with pytest.raises(CapabilityDenied) as denied:
        session.eval("(now)")
    assert denied.value.capability == "clock"
    assert "square" in session.own_names() and session.usage("car") == "(car pair)"
    assert [value for _, value in session.run("(define y 2) y")][-1] == 2
    assert [each.code for each in session.check("(undefined-name 1)")] == ["unbound"]


def test_functions_and_objects_of_the_host_stay_with_it(session: Any) -> None:
    class Guild:
        secret = "s3cret"

    guild = Guild()
    session.register("twice", lambda x: 2 * x)
    session.register("again", lambda x: session.eval("(+ 1 x)", x=x))
    session.register("fails", lambda: 1 / 0)
    assert session.eval("(map twice '(1 2))") == [2, 4]
    assert session.eval("(again 41)") == 42
    assert session.eval("(vector-ref (vector guild) 0)", guild=guild) is guild
    with pytest.raises(EvalError, match="fails: the host's function failed with ZeroDivisionError") as failed:
        session.eval("(fails)")
    assert isinstance(failed.value.__cause__, ZeroDivisionError)
    with pytest.raises(EvalError, match="twice"):
        session.eval("(twice 1 2)")
    assert session.eval("(guard (e (#t (condition/report-string e))) (fails))").endswith("ZeroDivisionError")
    for form in ("(get guild 'secret)", "(guild)", "(string-append guild)"):
        with pytest.raises(EvalError):
            session.eval(form, guild=guild)


def test_arrow_crosses_both_ways(session: Any) -> None:
    pa = pytest.importorskip("pyarrow")
    with Session(isolation="process", allow=Capabilities("workspace")) as opened:
        table = pa.table({"n": [1, 2, None], "who": ["a", "b", "c"]})
        found = opened.eval("(where t (> n 1))", t=table)
        assert found.to_pylist() == [{"n": 2, "who": "b"}]
        assert len(opened.eval("(plot t :x who :y n)", t=table)) == 2


def test_the_deadline_holds_within_one_long_primitive() -> None:
    with Session(isolation="process", limits=Limits(seconds=0.5)) as opened:
        opened.register("stuck", lambda: None)
        opened.eval("1")
        os.kill(
            opened.process.popen.pid, signal.SIGSTOP
        )  # as stuck as can be: it takes no part in being stopped
        started = time.monotonic()
        with pytest.raises(LimitExceeded) as told:
            opened.eval(LOOP)
        assert told.value.kind == "seconds" and time.monotonic() - started < 30  # it would be stuck for ever
        assert opened.eval("(+ 1 1)") == 2


@pytest.mark.parametrize("how", ["SIGKILL", "SIGSEGV", "SIGABRT"])
def test_the_end_of_the_worker_is_one_error_and_another_one_starts(how: str) -> None:
    with Session(isolation="process") as opened:
        opened.register("twice", lambda x: 2 * x)
        opened.eval("(define kept 1)")
        pid = opened.process.popen.pid
        after(0.2, lambda: os.kill(pid, getattr(signal, how)))
        with pytest.raises(WorkerDied, match=how) as told:
            opened.eval(LOOP)
        assert told.value.code == "worker" and told.value.hint
        assert opened.eval("(twice 4)") == 8 and opened.process.popen.pid != pid
        with pytest.raises(EvalError, match="kept"):
            opened.eval("kept")
        opened.process.popen.kill()  # between two evaluations
        with pytest.raises(WorkerDied):
            opened.eval("1")
        assert opened.eval("1") == 1


@pytest.mark.skipif(not hasattr(signal, "SIGPIPE"), reason="signals as on Unix")
def test_a_host_that_lets_a_closed_pipe_end_it_lives_on() -> None:
    program = (
        "import signal\n"
        "from chorus import Session, WorkerDied\n"
        "signal.signal(signal.SIGPIPE, signal.SIG_DFL)\n"
        "with Session(isolation='process') as session:\n"
        "    session.eval('1')\n"
        "    session.process.popen.kill()\n"
        "    session.process.popen.wait()\n"
        "    try:\n        session.eval('1')\n"
        "    except WorkerDied:\n        print(session.eval('(+ 1 1)'))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "2\n"), done.stderr


def test_a_value_of_a_worker_that_is_gone_is_refused() -> None:
    with Session(isolation="process") as opened:
        procedure = opened.eval("(lambda (x) x)")
        opened.process.popen.kill()
        with pytest.raises(WorkerDied):
            opened.eval("1")
        with pytest.raises(EvalError, match="went with the worker"):
            opened.call(procedure, 1)


def test_cancel_from_another_thread_and_by_a_task(session: Any) -> None:
    session.eval("(define before 7)")
    after(0.3, lambda: session.cancel("enough"))
    with pytest.raises(Interrupted, match="enough"):
        session.eval(LOOP)
    assert session.eval("before") == 7  # it heeded, so nothing is lost

    async def task() -> None:
        running = asyncio.ensure_future(session.eval_async(LOOP))
        await asyncio.sleep(0.3)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(task())
    assert session.eval("before") == 7


def test_the_system_enforces_the_bytes() -> None:
    """What no meter sees: the process itself may not grow."""
    program = (
        "from chorus.interpreter.isolation.child import OWN, _limit_memory\n"
        "_limit_memory(50 << 20, False)\n"
        "held = bytearray(OWN)\n"
        "print('its own')\n"
        "try:\n    more = bytearray(120 << 20)\n    print('more')\n"
        "except MemoryError:\n    print('refused')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stdout.split("\n")[:2] == ["its own", "refused"], done.stderr
    with Session(isolation="process", limits=Limits(bytes=20 << 20)) as opened:
        with pytest.raises(LimitExceeded) as told:
            opened.eval("(let grow ((l '())) (grow (cons (make-vector 100000 0) l)))")
        assert told.value.kind == "bytes"
        assert opened.eval("(+ 1 1)") == 2


def test_the_worker_dies_with_its_parent(tmp_path: Path) -> None:
    """Also in the middle of a computation that leaves no thread of its process a turn."""
    program = (
        "from chorus import Session\n"
        "s = Session(isolation='process')\n"
        "s.eval('1')\n"
        "print(s.process.popen.pid, flush=True)\n"
        "s.eval('(string-length (number->string (expt 7 300000000)))')\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    time.sleep(0.5)
    parent.kill()
    parent.wait()
    assert gone(pid)


def test_closing_leaves_no_process() -> None:
    with Session(isolation="process") as opened:
        opened.eval("1")
        pid = opened.process.popen.pid
    assert gone(pid)
    with pytest.raises(EvalError, match="closed"):
        opened.eval("1")


def test_what_is_no_message_stops_the_worker() -> None:
    nobody = lambda token: pytest.fail("a reference")
    for tokens in (
        [["list", 5]],
        [["list", -1]],
        [1, 2],
        [],
        [["no-such", 1]],
        [["bytes", 3]],
        [["dict", 1], 2],
        "x",
    ):
        with pytest.raises((WireError, pytest.fail.Exception)):
            value_of(tokens, [], nobody)
    message = Message(lambda value: ["host", 1])
    tokens = message.value([1, [2, (3, {"k": b"x"})], float("inf"), 2**70])
    assert value_of(tokens, message.blocks, nobody) == [1, [2, (3, {"k": b"x"})], float("inf"), 2**70]
    source = (Path(__file__).parent.parent / "interpreter" / "isolation").glob("*.py")
    imported = [line for path in source for line in path.read_text().splitlines() if "import " in line]
    assert not [line for line in imported if "pickle" in line or "marshal" in line]


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="isolation"):
        Session(isolation="thread")
    with Session() as near, pytest.raises(TypeError, match="base"):
        Session(isolation="process", base=near.freeze())
    with Session(isolation="process") as opened, pytest.raises(EvalError):
        opened.freeze()


def test_what_was_cancelled_before_it_began_does_not_begin() -> None:
    account = Meter(Limits())
    with Session(isolation="process") as opened:
        opened.cancel("no longer wanted", account)
        with pytest.raises(Interrupted, match="no longer wanted"):
            list(opened.run("(let loop () (loop))", meter=account))
        assert opened.eval("(+ 1 2)") == 3
