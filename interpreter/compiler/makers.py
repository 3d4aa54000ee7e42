"""Procedures that make procedures, of which it is known that they never return a pending call."""

from __future__ import annotations

from collections.abc import Iterator

from chorus.interpreter.compiler.merging import is_current
from chorus.interpreter.compiler.nodes import (
    Bind,
    Call,
    Define,
    Global,
    If,
    Lambda,
    Let,
    Local,
    Node,
    Ref,
    Seq,
)
from chorus.interpreter.compiler.walk import within
from chorus.interpreter.namespace import Namespace


def keep_maker(node: Node, space: Namespace) -> None:
    """Note the procedure that NODE, which has been analysed, defines in SPACE, if all that it returns are procedures
    that settle their own tail calls.
    """
    if isinstance(node, Define) and isinstance(node.value, Lambda) and space.base is not None:
        made = list(_ends(node.value.body))
        if all(isinstance(each, Lambda) and each.direct for each in made):
            space.makers[node.name] = node.value


def _ends(node: Node) -> Iterator[Node]:
    """The nodes whose value NODE may have."""
    if isinstance(node, If):
        yield from _ends(node.yes)
        yield from _ends(node.no)
    elif isinstance(node, Seq):
        yield from _ends(node.items[-1])
    elif isinstance(node, (Let, Bind)):
        yield from _ends(node.body)
    else:
        yield node


def made_in(body: Node, space: Namespace, defined: frozenset[str]) -> dict[Local, str]:
    """The variables of lets in BODY that hold what such a procedure made, and are only called, with its name."""
    if not space.makers:
        return {}
    found: dict[Local, str] = {}
    heads: dict[Local, int] = {}
    for node in within(body):
        if isinstance(node, Let):
            for var, init in zip(node.vars, node.inits, strict=True):
                name = _maker(init, space, defined)
                if name and not var.assigned and not var.captured:
                    found[var] = name
        elif isinstance(node, Call) and isinstance(node.fn, Ref):
            heads[node.fn.var] = heads.get(node.fn.var, 0) + 1
    return {var: name for var, name in found.items() if heads.get(var) == var.refs}


def _maker(init: Node, space: Namespace, defined: frozenset[str]) -> str:
    fn = init.fn if isinstance(init, Call) else None
    if not isinstance(fn, Global) or fn.space is not space or fn.name in space.volatile | defined:
        return ""
    maker = space.makers.get(fn.name)
    return fn.name if maker is not None and is_current(fn.name, maker, space) else ""
