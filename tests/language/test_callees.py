"""What a failed call was a call of is read from the host's instructions: right on the host that runs, or not said."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from chorus.interpreter import callees
from chorus.interpreter.callees import callee_of, find_callee

PROGRAM = """
def local(f): kept = f; return kept(1, 2)
def const(f): return (3)(f)
def keyword(f): return f(1, k=2)
def spread(f): return f(*[1])
def shared(f):
    def inner(): return f(9)
    return inner()
def argument(f): return [len("a"), f(len("b"))][1]
def loop(f):
    for i in range(3): last = f(i)
    return last
def named(f): return (g := f)(1)
def result(f): return len(str(f)(2))
def changed(f): return f((f := "other"))
def either(f): return (f if f else len)(1)
"""
UNKNOWN = ("result", "changed")  # nothing holds it, or no longer
EITHER = ("either",)  # hosts that copy the call into both ways know which


def failed(name: str, given: Any) -> tuple[Any, Any]:
    """Where the callee was, and the callee, of the call that fails in NAME of PROGRAM."""
    names: dict[str, Any] = {}
    exec(compile(PROGRAM, "program", "exec", optimize=0), names)
    with pytest.raises(TypeError) as caught:
        names[name](given)
    at = caught.tb
    while at.tb_next is not None:
        at = at.tb_next
    where = find_callee(at.tb_frame.f_code, at.tb_lasti)
    return where, callee_of(at.tb_frame, where)


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@pytest.mark.parametrize(
    "name", [line.split("(")[0][4:] for line in PROGRAM.splitlines() if line[:3] == "def"]
)
def test_the_callee_is_found_or_not_told(name: str) -> None:
    where, found = failed(name, 77)
    if name in UNKNOWN:
        assert where is None
    elif name in EITHER:
        assert where is None or found == 77
    else:
        assert found == (3 if name == "const" else 77)


def test_instructions_that_nobody_knows_are_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def strange(*given: Any, **named: Any) -> int:
        raise ValueError("invalid opcode or oparg")

    monkeypatch.setattr(
        callees, "dis", SimpleNamespace(get_instructions=callees.dis.get_instructions, stack_effect=strange)
    )
    assert failed("local", 77) == (None, None)
