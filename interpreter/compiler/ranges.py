"""Loops that count: one variable takes the same step in every round until it meets a limit that stays what it is.

A range of the host's then drives the rounds. That is done only where no code of the program runs within a round: a
continuation could not be taken up in the middle of a range.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from chorus.interpreter.compiler.closed import written
from chorus.interpreter.compiler.kinds import INTEGER, STRING, VECTOR, only
from chorus.interpreter.compiler.nodes import (
    Bind,
    Block,
    Call,
    Const,
    If,
    Lambda,
    Let,
    Local,
    Loop,
    Node,
    Ref,
    Seq,
)
from chorus.interpreter.compiler.walk import within

if TYPE_CHECKING:
    from chorus.interpreter.compiler.regions import Region

MIRRORED = {"=": "=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
# (test, step) → whether the loop is done where the test holds, and how far beyond the limit its last value lies
TESTS: dict[tuple[str, int], tuple[bool, int]] = {
    ("=", 1): (True, 0), (">=", 1): (True, 0), (">", 1): (True, 1), ("<", 1): (False, 0), ("<=", 1): (False, 1),
    ("=", -1): (True, 0), ("<=", -1): (True, 0), ("<", -1): (True, -1), (">", -1): (False, 0), (">=", -1): (False, -1),
}  # fmt: skip


class Counted(NamedTuple):
    """A loop whose VAR takes STEPs until it is the LIMIT or, in steps, BEYOND it: what its ROUNDS do, what it comes
    to when it is DONE. EXACT: where it begins past the limit it goes on for ever.
    """

    loop: Loop
    var: Local
    step: int
    limit: Node
    beyond: int
    exact: bool
    test: Call
    done_where: bool
    rounds: Node
    done: Node

    @property
    def shows(self) -> bool:
        """Whether what the loop comes to depends on where it stopped."""
        return any(isinstance(here, Ref) and here.var is self.var for here in within(self.done))


def counted(loop: Loop, region: Region) -> Counted | None:
    """LOOP as one that counts; None if it is none. The region then relies on what it counts with."""
    test = loop.body.test if isinstance(loop.body, If) else loop.body
    name = _name(test, region)
    if name not in MIRRORED or len(test.args) != 2:  # type: ignore[attr-defined]
        return None
    assert isinstance(loop.body, If) and isinstance(test, Call)
    yes, no = loop.body.yes, loop.body.no
    subject, limit = test.args
    if not (isinstance(subject, Ref) and subject.var in loop.vars):
        name, subject, limit = MIRRORED[name], limit, subject
    if not isinstance(subject, Ref) or subject.var not in loop.vars or not _is_whole(subject.var, region):
        return None
    var = subject.var
    step = _step(loop, var, region)
    done_where, beyond = TESTS.get((name, step), (None, 0))
    if done_where is None or not _lasts(limit, region):
        return None
    rounds, done = (no, yes) if done_where else (yes, no)
    if not _are_plain(rounds, loop) or not _goes_on(rounds, {loop.var}) or _jumps(done, loop):
        return None
    _rely(loop, test, var, region)
    exact = name == "=" and not _is_ahead(loop.entry[loop.vars.index(var)], limit)
    return Counted(loop, var, step, limit, beyond, exact, test, done_where, rounds, done)


def sure_indices(loop: Loop, region: Region) -> set[Call]:
    """The calls of string-ref in LOOP whose index is the loop's variable, on its way from 0 to the string's length."""
    test, rounds = _first_test(loop.body)
    if _name(test, region) not in ("=", ">=") or len(test.args) != 2:  # type: ignore[attr-defined]
        return set()
    index, limit = test.args  # type: ignore[attr-defined]
    text = limit.args[0] if _name(limit, region) == "string-length" and limit.args else None
    if not isinstance(index, Ref) or index.var not in loop.vars or not isinstance(text, Ref):
        return set()
    var = index.var
    starts = written(loop.entry[loop.vars.index(var)]) == 0 and _is_whole(var, region)
    if not starts or _step(loop, var, region) != 1 or not _keeps(text, region):
        return set()
    if len(_jumps(rounds, loop)) < len(_jumps(loop.body, loop)):
        return set()  # it may go on past the length
    return {
        here
        for here in within(rounds)
        if isinstance(here, Call)
        and _name(here, region) == "string-ref"
        and [each.var if isinstance(each, Ref) else None for each in here.args] == [text.var, var]
    }


def _name(node: Node, region: Region) -> str:
    return region.primitives.get(node, "") if isinstance(node, Call) else ""


def _first_test(body: Node) -> tuple[Node, Node]:
    """What a round looks at first, and what it does where that does not hold."""
    if isinstance(body, If):
        return body.test, body.no
    if isinstance(body, Let) and len(body.inits) == 1 and isinstance(body.body, If):
        choice = body.body  # of an `or`
        if isinstance(choice.test, Ref) and choice.test.var is body.vars[0]:
            return body.inits[0], choice.no
    return body, body


def _lasts(limit: Node, region: Region) -> bool:
    """Whether LIMIT is an integer that no round changes."""
    if isinstance(limit, Call) and _name(limit, region) in ("string-length", "vector-length"):
        of = limit.args[0] if len(limit.args) == 1 else limit
        return _keeps(of, region) and only(region.kind(of), STRING | VECTOR)
    return (isinstance(limit, Const) or _keeps(limit, region)) and only(region.kind(limit), INTEGER)


def _keeps(node: Node, region: Region) -> bool:
    if not isinstance(node, Ref):
        return False
    return not (node.var.assigned or node.var.late or node.var in region.turning)


def _is_whole(var: Local, region: Region) -> bool:
    shared = var.assigned or var.captured or var.boxed
    return not shared and only(region.known.get(var, 0), INTEGER)


def _step(loop: Loop, var: Local, region: Region) -> int:
    """What every round adds to VAR: 1 or -1; 0 where it is anything else, or not always the same."""
    at = loop.vars.index(var)
    steps = {_added(call.args[at], var, region) for call in _jumps(loop.body, loop)}
    return steps.pop() if len(steps) == 1 else 0


def _added(arg: Node, var: Local, region: Region) -> int:
    name = _name(arg, region)
    if not isinstance(arg, Call) or name not in ("+", "-") or len(arg.args) != 2:
        return 0
    first, second = arg.args
    if name == "+" and isinstance(second, Ref):
        first, second = second, first
    if not isinstance(first, Ref) or first.var is not var or written(second) not in (1, -1):
        return 0
    return written(second) if name == "+" else -written(second)


def _jumps(body: Node, loop: Loop) -> list[Call]:
    return [here for here in within(body) if isinstance(here, Call) and here.again is loop.var]


def _are_plain(rounds: Node, loop: Loop) -> bool:
    """Whether ROUNDS make no procedures and leave nothing but LOOP and loops within it."""
    nodes = list(within(rounds))
    inner = {here.loop.var for here in nodes if isinstance(here, Bind) and here.loop is not None} | {loop.var}
    return not any(
        isinstance(here, (Block, Lambda))
        or (
            isinstance(here, Call)
            and (here.leaves is not None or not (here.again is None or here.again in inner))
        )
        for here in nodes
    )


def _goes_on(node: Node, loops: set[Local]) -> bool:
    """Whether NODE, in tail position, always ends with a jump back to one of LOOPS. A loop that may end sooner, as one
    that searches does, is often done before a range would be made.
    """
    if isinstance(node, If):
        return _goes_on(node.yes, loops) and _goes_on(node.no, loops)
    if isinstance(node, Bind):
        return (
            _goes_on(node.body, loops)
            if node.loop is None
            else _goes_on(node.loop.body, loops | {node.loop.var})
        )
    if isinstance(node, (Let, Seq)):
        return _goes_on(node.body if isinstance(node, Let) else node.items[-1], loops)
    return isinstance(node, Call) and node.again in loops


def _is_ahead(start: Node, limit: Node) -> bool:
    """Whether a count up from START surely meets LIMIT."""
    first, last = written(start), written(limit)
    return type(first) is int and type(last) is int and first <= last


def _rely(loop: Loop, test: Call, var: Local, region: Region) -> None:
    at = loop.vars.index(var)
    for call in (test, *(jump.args[at] for jump in _jumps(loop.body, loop)), *test.args):
        if isinstance(call, Call):
            region.relies_on(call)
