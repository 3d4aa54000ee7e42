"""Small procedures written out where they are called.

A procedure that calls nothing but primitives, itself as a loop, and small procedures that are written out in it, is
kept as it was expanded. A call of it is given what it comes to as `Call.integrated`: that runs in regions, which rely
on the procedure's name; the call stands beside it for all else.
"""

from __future__ import annotations

from chorus.interpreter.compiler.copying import Copy, copy_lambda
from chorus.interpreter.compiler.merging import is_current
from chorus.interpreter.compiler.nodes import (
    Bind,
    Block,
    Call,
    Const,
    Define,
    Global,
    Init,
    Lambda,
    Let,
    Local,
    Node,
    Ref,
    Seq,
    SetGlobal,
)
from chorus.interpreter.compiler.pristine import is_pristine
from chorus.interpreter.compiler.sites import OPENING
from chorus.interpreter.compiler.walk import below, within
from chorus.interpreter.namespace import Namespace
from chorus.runtime.calling import Written

SMALL = 80  # nodes of a procedure that is written out
GIVEN = 24  # nodes of what it is given, which stand there twice
GROWTH = 600  # nodes by which a unit grows at most


class Fresh(Copy):
    """A copy for one call: its variables are called like no others of the unit."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def bound(self, var: Local) -> Local:
        made = super().bound(var)
        made.py = f"{var.py}i{self.number}"
        return made


def keep_small(node: Node, space: Namespace) -> None:
    """Keep the procedure that NODE, which has been analysed, defines in SPACE, if it is a small one."""
    if isinstance(node, Define) and isinstance(node.value, Lambda) and space.base is not None:
        procedure = node.value
        if node.name not in space.volatile and _is_small(procedure, space):
            space.small[node.name] = copy_lambda(procedure)


def _is_small(procedure: Lambda, space: Namespace) -> bool:
    nodes = list(within(procedure.body))
    return (
        procedure.params.plain
        and procedure.span is not None
        and len(nodes) <= SMALL
        and not any(isinstance(each, (Lambda, SetGlobal, Define, Block)) for each in nodes)
        and all(_calls_nothing(each, procedure, space) for each in nodes if isinstance(each, Call))
    )


def _calls_nothing(call: Call, procedure: Lambda, space: Namespace) -> bool:
    """Whether CALL calls no code of the program that is not written out there."""
    if call.inlined or call.again is procedure or isinstance(call.again, Local) or isinstance(call.fn, Const):
        return True
    fn = call.fn
    return (
        call.integrated is None
        and isinstance(fn, Global)
        and fn.name not in space.volatile
        and fn.name not in OPENING
        and is_pristine(fn)
    )


def write_out(node: Node, space: Namespace) -> tuple[Written, ...]:
    """Let the calls in NODE, a form of SPACE as it was expanded, know what the small procedures that they call come to;
    which calls that are, those within what others come to included.
    """
    if not space.small:
        return ()
    defined = {each.name for each in below(node) if isinstance(each, (Define, SetGlobal))}
    found: list[Written] = []
    grown = 0
    work = [node]
    while work:
        for call in [
            each for each in below(work.pop()) if isinstance(each, Call) and each.integrated is None
        ]:
            small = _called(call, space, defined)
            if small is None:
                continue
            given = sum(1 for argument in call.args for _ in below(argument))
            grown += SMALL + given
            if given > GIVEN or grown > GROWTH:
                continue
            assert isinstance(call.fn, Global) and call.span is not None and small.span is not None
            found.append(Written(call.span, call.fn.name, small.span))
            call.integrated, call.inlined = _written(small, call, len(found)), True
            work.append(call.integrated)
    return tuple(found)


def _called(call: Call, space: Namespace, defined: set[str]) -> Lambda | None:
    """The small procedure that CALL calls, defined in the same text: what is written out stands in the caller's code,
    where places are those of one text.
    """
    fn = call.fn
    if not isinstance(fn, Global) or fn.space is not space or fn.name in space.volatile or fn.name in defined:
        return None
    small: Lambda | None = space.small.get(fn.name)
    if small is None or not is_current(fn.name, small, space):
        return None
    if call.span is None or small.span is None or small.span.file != call.span.file:
        return None
    plain = not any(isinstance(each, (Lambda, Block)) for argument in call.args for each in below(argument))
    return small if plain and len(small.params.required) == len(call.args) else None


def _written(small: Lambda, call: Call, number: int) -> Node:
    """What CALL of SMALL comes to: a loop, if that calls itself, else its body."""
    assert isinstance(call.fn, Global)
    made = Fresh(number).lambda_(small)
    given = [Copy().node(argument) for argument in call.args]
    var = Local(call.fn.name, 0)
    var.py, var.late = f"{call.fn.name}~0i{number}", True
    if not _call_var(made.body, call.fn.name, var):
        params = made.params.required
        return Let(params, given, made.body, call.span) if params else made.body
    loop = [Init(var, made, made.span), Call(Ref(var, call.fn.span), given, call.span)]
    return Bind([var], Seq(loop, call.span), call.span)


def _call_var(body: Node, name: str, var: Local) -> bool:
    """Let the calls of the procedure NAME in BODY, its own, be calls of VAR; whether there are any."""
    found = False
    for here in below(body):
        if isinstance(here, Call) and isinstance(here.fn, Global) and here.fn.name == name:
            here.fn, found = Ref(var, here.fn.span), True
    return found
