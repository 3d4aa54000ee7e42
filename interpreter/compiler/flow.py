"""Which variables emitted Python reads before it gives them values, and where its functions capture them.

The emitted code knows few kinds of statement, all of them structured; so one walk backwards is enough, two for a loop.
"""

from __future__ import annotations

import _ast as ast
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from chorus.interpreter.compiler.sites import BRANCHES, OPERANDS, VALUED, places, standing

EMPTY: frozenset[str] = frozenset()
Names = frozenset[str]


class Around(NamedTuple):
    """What is read later by whoever leaves the loop around, or begins its next round."""

    broken: Names = EMPTY
    continued: Names = EMPTY


def live(statements: list[Any], after: Names = EMPTY, around: Around = Around()) -> Names:  # noqa: B008
    """The variables that STATEMENTS, or what comes AFTER them, read before they are given values there."""
    for statement in reversed(statements):
        after = _before(statement, after, around)
    return after


def _before(node: Any, after: Names, around: Around) -> Names:
    kind = node.__class__
    if kind is ast.Return:
        return _reads(node.value, EMPTY)
    if kind is ast.Assign:
        return _reads(node.value, _targets(node.targets, after))
    if kind in VALUED:
        return _reads(node.value, after)
    if kind is ast.If:
        return _reads(node.test, live(node.body, after, around) | live(node.orelse, after, around))
    if kind is ast.Break:
        return around.broken
    if kind is ast.Continue:
        return around.continued
    if kind in (ast.While, ast.For):
        return _before_loop(node, after, around)
    if kind is ast.FunctionDef:
        return (after - {node.name}) | free_names(node)
    return after  # pass, global, nonlocal


def _before_loop(node: Any, after: Names, around: Around) -> Names:
    done = live(node.orelse, after, around)
    head = done if node.__class__ is ast.For or not _is_true(node.test) else EMPTY
    while True:
        begun = live(node.body, head, Around(after, head)) | head
        if node.__class__ is ast.For:
            begun -= {getattr(node.target, "id", "")}
        if begun == head:
            break
        head = begun
    return _reads(node.iter, head) if node.__class__ is ast.For else _reads(node.test, head)


def _is_true(test: Any) -> bool:
    return test.__class__ is ast.Constant and test.value is True


def _targets(targets: Iterable[Any], after: Names) -> Names:
    for target in targets:
        if target.__class__ is ast.Name:
            after -= {target.id}
        elif target.__class__ in (ast.Tuple, ast.List):
            after = _targets(target.elts, after)
        else:  # a part of an object: reads it
            after = _reads(target, after)
    return after


def _reads(node: Any, after: Names) -> Names:
    if node is None:
        return after
    kind = node.__class__
    if kind is ast.Name:
        return after | {node.id}
    if kind is ast.NamedExpr:
        return _reads(node.value, after - {node.target.id})
    if kind is ast.IfExp:
        return _reads(node.test, _reads(node.body, after) | _reads(node.orelse, after))
    if kind is ast.BoolOp:
        for value in reversed(node.values[1:]):
            after |= _reads(value, after)
        return _reads(node.values[0], after)
    for place in reversed(list(places(node, OPERANDS.get(kind, ())))):
        after = _reads(standing(place), after)
    return after


# — scopes —


def parts(node: Any) -> Iterator[Any]:
    """The nodes directly below NODE."""
    for field in node._fields:
        value = getattr(node, field, None)
        if isinstance(value, list):
            yield from (each for each in value if isinstance(each, ast.AST))
        elif isinstance(value, ast.AST):
            yield value


class Scope:
    """What the function NODE itself does with names: BOUND are its own variables, STORES how often each is given a
    value, MENTIONED all names in it, those of the functions within that are not theirs included.
    """

    def __init__(self, node: ast.FunctionDef) -> None:
        self.stores: dict[str, int] = {}
        self.mentioned: set[str] = set()
        self.outer: set[str] = set()  # declared global or nonlocal
        arguments = node.args
        for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            self._store(each.arg)
        if arguments.vararg is not None:
            self._store(arguments.vararg.arg)
        work: list[Any] = list(node.body)
        while work:
            work += self._look_at(work.pop())
        self.bound = self.stores.keys() - self.outer
        self.free = self.mentioned - self.bound

    def _store(self, name: str) -> None:
        self.stores[name] = self.stores.get(name, 0) + 1
        self.mentioned.add(name)

    def _look_at(self, node: Any) -> Iterable[Any]:
        kind = node.__class__
        if kind is ast.Name:
            if node.ctx.__class__ is ast.Store:
                self._store(node.id)
            self.mentioned.add(node.id)
            return ()
        if kind in (ast.Global, ast.Nonlocal):
            self.outer.update(node.names)
            self.mentioned.update(node.names if kind is ast.Nonlocal else ())
            return ()
        if kind is ast.FunctionDef:
            self._store(node.name)
            self.mentioned |= free_names(node)
            return node.args.defaults
        return parts(node)


def free_names(node: ast.FunctionDef) -> Names:
    """The names that NODE, or a function within, takes from around it: variables of functions there, or globals."""
    found: Names | None = getattr(node, "free_names", None)
    if found is None:
        found = node.free_names = frozenset(Scope(node).free)  # type: ignore[attr-defined]
    return found


def given_within(node: Any) -> set[str]:
    """The names of functions around that the function NODE, or one within, gives values."""
    found: set[str] = set()
    work = [node]
    while work:
        here = work.pop()
        if here.__class__ is ast.Nonlocal:
            found.update(here.names)
        for block in BLOCKS:
            inner = getattr(here, block, None)
            if isinstance(inner, list):
                work += inner
    return found


BLOCKS = ("body", "orelse")
assert set(BRANCHES) == {ast.IfExp, ast.BoolOp}
