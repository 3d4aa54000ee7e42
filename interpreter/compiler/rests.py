"""What is left to do in a function after one of its calls has returned, as a function of its own.

Works on the emitted Python, which knows few kinds of statement: so it holds for whatever the emitter writes. A
rest takes the value of the call and the local variables of the frame; variables that closures share are the very
cells of the frame.
"""

from __future__ import annotations

import _ast as ast
from collections.abc import Iterator
from types import CodeType
from typing import Any, NamedTuple

from chorus.interpreter.compiler.sites import (
    AT,
    BRANCHES,
    OPERANDS,
    VALUED,
    changed_here,
    load,
    places,
    put,
    standing,
)
from chorus.interpreter.compiler.writer import STORE, make_arguments

VALUE = "value~"


class NoRest(Exception):
    """The emitted code has a form that cannot be entered in the middle."""


class Rest(NamedTuple):
    """CODE of the function of (value, *LOCALS), closed over CELLS, written in MODULE."""

    module: ast.Module
    locals: tuple[str, ...]


def rest_of(function: ast.FunctionDef, site: int, code: CodeType, bound: frozenset[str]) -> Rest:
    """The rest of FUNCTION, whose code is CODE, after its call SITE, where the variables BOUND have values."""
    body = rest_statements(function, site)
    shared = {*code.co_cellvars, *code.co_freevars, *changed_here(function)}
    names = Names(body)
    own = sorted((names.loads | names.stores) & bound - shared - {VALUE})
    head: list[ast.stmt] = [s for s in function.body if s.__class__ is ast.Global]
    written = sorted(names.stores & shared)
    if written:
        head.append(ast.Nonlocal(written, **AT))
    inner = ast.FunctionDef(
        function.name, make_arguments([VALUE, *own]), [function.body[0], *head, *body], [], **_at(function)
    )
    cells = sorted((names.loads | names.stores) & shared)
    outer = ast.FunctionDef("frame~", make_arguments(cells), [inner], [], **_at(function))
    return Rest(ast.Module(body=[outer], type_ignores=[]), tuple(own))


def rest_statements(function: ast.FunctionDef, site: int) -> list[Any]:
    """What is left of the body of FUNCTION after its call SITE."""
    body = _block(function.body, site)
    if body is None:
        raise NoRest(f"no call {site} in {function.name}")
    return body


def _at(function: ast.FunctionDef) -> dict[str, Any]:
    return {name: getattr(function, name) for name in AT}


class Names:
    """The names that statements read and write, inner functions' reads and `nonlocal`s included."""

    def __init__(self, statements: list[Any]) -> None:
        self.loads: set[str] = set()
        self.stores: set[str] = set()
        for statement in statements:
            self._walk(statement, inner=False)

    def _walk(self, node: Any, inner: bool) -> None:
        kind = node.__class__
        if kind is ast.Name:
            stored = node.ctx.__class__ is ast.Store and not inner
            (self.stores if stored else self.loads).add(node.id)
            return
        if kind is ast.FunctionDef:
            if not inner:
                self.stores.add(node.name)
            inner = True
        for field in node._fields:
            value = getattr(node, field, None)
            for each in value if isinstance(value, list) else (value,):
                if isinstance(each, ast.AST):
                    self._walk(each, inner)


def _block(statements: list[Any], site: int) -> list[Any] | None:
    for at, statement in enumerate(statements):
        rest = _statement(statement, site)
        if rest is not None:
            return rest if _ends(rest[-1]) else [*rest, *statements[at + 1 :]]
    return None


def _ends(node: Any) -> bool:
    """Whether nothing that follows NODE runs."""
    if node.__class__ is ast.While:
        return node.test.__class__ is ast.Constant and node.test.value is True and not _is_left(node.body)
    return node.__class__ in (ast.Return, ast.Continue, ast.Break)


def _is_left(statements: list[Any]) -> bool:
    """Whether STATEMENTS leave the loop around them by a `break`."""
    return ast.Break in _jumps(statements)


def _statement(node: Any, site: int) -> list[Any] | None:
    kind = node.__class__
    if kind in VALUED:
        rest = None if node.value is None else _expression(node.value, site)
        if rest is None:
            return None
        if kind is ast.AugAssign:
            raise NoRest("an augmented assignment")
        return [copied(node, "value", rest)]
    if kind is ast.If:
        rest = _expression(node.test, site)
        if rest is not None:
            return [copied(node, "test", rest)]
        inner = _block(node.body, site)
        return inner if inner is not None else _block(node.orelse, site)
    if kind in (ast.While, ast.For):
        if _is_driven(node):  # by fuel, round by round
            inner = _block(node.body[0].body, site)
            rest = None if inner is None else _once(inner)
            if rest is not None:
                return [*rest, node]
        inner = _block(node.body, site)
        return None if inner is None else _loop(node, inner)
    if kind is not ast.FunctionDef and any(_block(getattr(node, b, []), site) for b in ("body", "orelse")):
        raise NoRest(f"a call within {kind.__name__}")
    return None


def _loop(node: ast.While | ast.For, inner: list[Any]) -> list[Any]:
    """The rest of this round, then the rounds to come: a `break` in either leaves the same loop."""
    rest = _once(inner)
    if rest is not None:
        return [*rest, node]
    first = f"first~~{node.lineno}~{id(node) & 0xFFFFFF}"
    begun = ast.Assign([ast.Name(first, STORE, **AT)], ast.Constant(False, **AT), **AT)
    to_begin = ast.Assign([ast.Name(first, STORE, **AT)], ast.Constant(True, **AT), **AT)
    choice = ast.If(load(first), [begun, *inner], node.body, **AT)
    return [to_begin, copied(node, "body", [choice])]


def _is_driven(node: Any) -> bool:
    """Whether NODE is a loop that only begins another one again, unless that is left."""
    return [each.__class__ for each in node.body] == [ast.For, ast.Break]


def _once(inner: list[Any]) -> list[Any] | None:
    """INNER, the rest of a round, so that its end and each `continue` lead to what follows; None if it may leave the
    loop otherwise than by returning.
    """
    jumps = set(_jumps(inner))
    if ast.Break in jumps:
        return None
    if jumps and _jumps_last(inner):
        return inner[:-1] if inner[:-1] else [ast.Pass(**AT)]
    if jumps:
        inner = [_leaving(each) for each in inner]
    elif inner and _ends(inner[-1]):
        return inner
    return [ast.While(ast.Constant(True, **AT), [*inner, ast.Break(**AT)], [], **AT)] if jumps else inner


def _jumps(statements: list[Any]) -> Iterator[type]:
    """The kinds of the jumps in STATEMENTS that belong to the loop around them."""
    for node in statements:
        if node.__class__ in (ast.Break, ast.Continue):
            yield node.__class__
        elif node.__class__ is ast.If:
            yield from _jumps(node.body)
            yield from _jumps(node.orelse)
        elif node.__class__ in (ast.While, ast.For):
            yield from _jumps(node.orelse)


def _jumps_last(inner: list[Any]) -> bool:
    return inner[-1].__class__ is ast.Continue and not any(_jumps(inner[:-1]))


def _leaving(node: Any) -> Any:
    """NODE with `break` for each `continue`."""
    if node.__class__ is ast.Continue:
        return ast.Break(**AT)
    for block in ("body", "orelse") if node.__class__ is ast.If else ():
        node = copied(node, block, [_leaving(each) for each in getattr(node, block)])
    if node.__class__ in (ast.While, ast.For):
        node = copied(node, "orelse", [_leaving(each) for each in node.orelse])
    return node


def _expression(node: Any, site: int) -> Any:
    """NODE with what was evaluated before the call SITE replaced by names; None if SITE is not in it."""
    kind = node.__class__
    if kind is ast.Call and getattr(node, "site", 0) == site:
        return load(VALUE)
    if kind in BRANCHES:
        return _branch(node, site)
    if kind not in OPERANDS:
        return None
    operands = list(places(node, OPERANDS[kind]))
    for at, place in enumerate(operands):
        rest = _expression(standing(place), site)
        if rest is not None:
            made = shallow(node)
            for before in operands[:at]:
                put((made, *before[1:]), _evaluated(standing(before)))
            put((made, *place[1:]), rest)
            return made
    return None


def _evaluated(operand: Any) -> Any:
    return load(operand.target.id) if operand.__class__ is ast.NamedExpr else operand


def _branch(node: Any, site: int) -> Any:
    if node.__class__ is ast.BoolOp:
        for at, value in enumerate(node.values):
            rest = _expression(value, site)
            if rest is not None:
                return (
                    copied(node, "values", [rest, *node.values[at + 1 :]]) if node.values[at + 1 :] else rest
                )
        return None
    rest = _expression(node.test, site)
    if rest is not None:
        return copied(node, "test", rest)
    rest = _expression(node.body, site)
    return rest if rest is not None else _expression(node.orelse, site)


def shallow(node: Any) -> Any:
    """A copy of NODE with lists of its own."""
    fields = [getattr(node, field, None) for field in node._fields]
    made = node.__class__(*(list(f) if isinstance(f, list) else f for f in fields), **_at(node))
    if hasattr(node, "site"):
        made.site = node.site
    return made


def copied(node: Any, field: str, value: Any) -> Any:
    made = shallow(node)
    setattr(made, field, value)
    return made
