"""The first call in an emitted expression that a stackless function leaves to its caller."""

from __future__ import annotations

import _ast as ast
from collections.abc import Callable
from typing import Any

from chorus.interpreter.compiler.rests import copied, shallow
from chorus.interpreter.compiler.settled import UNWIND
from chorus.interpreter.compiler.sites import AT, BRANCHES, CALLING, OPERANDS, load, places, put, standing
from chorus.interpreter.compiler.writer import STORE

# Host procedures by which code of the program runs, and which drivers have stackless versions of.
RETURNING = frozenset(
    "call/cc call-with-current-continuation call/ec %call/ec call-with-values %guard with-exception-handler "
    "raise-continuable force".split()
)


class First:
    """The first call in an expression that is to be returned, or the first choice in whose branches there is one.
    BEFORE: what has been evaluated by then. Of a choice YES and NO are the expression with the one branch or the other.
    """

    def __init__(self, call: Any = None, test: Any = None, yes: Any = None, no: Any = None) -> None:
        self.before: list[ast.stmt] = []
        self.call, self.test, self.yes, self.no = call, test, yes, no

    def within(self, node: Any, operands: list[Any], at: int) -> First:
        """The same for NODE, of whose OPERANDS the one AT holds it."""
        self.before = [*_evaluating([standing(place) for place in operands[:at]]), *self.before]
        if self.call is None:
            self.yes = _with(node, operands, at, self.yes)
            self.no = _with(node, operands, at, self.no)
        return self


def _evaluating(operands: list[Any]) -> list[ast.stmt]:
    return [assign(each.target, each.value) for each in operands if each.__class__ is ast.NamedExpr]


def _with(node: Any, operands: list[Any], at: int, part: Any) -> Any:
    made = shallow(node)
    for place in operands[:at]:
        before = standing(place)
        put((made, *place[1:]), load(before.target.id) if before.__class__ is ast.NamedExpr else before)
    put((made, *operands[at][1:]), part)
    return made


def assign(target: Any, value: Any) -> ast.stmt:
    return ast.Assign([target], value, **AT)


class Search:
    """Finds the first of the calls that are to be returned. IS_HOST: whether calls by a global name run no code of the
    program.
    """

    def __init__(self, is_host: Callable[[str], bool]) -> None:
        self.is_host = is_host
        self.serial = 0

    def first(self, node: Any) -> First | None:
        kind = node.__class__
        if kind in BRANCHES:
            return self._choice(node)
        if kind not in OPERANDS:
            return None
        operands = list(places(node, OPERANDS[kind]))
        for at, place in enumerate(operands):
            first = self.first(standing(place))
            if first is not None:
                return first.within(node, operands, at)
        return First(call=node) if kind is ast.Call and self.is_returned(node) else None

    def _choice(self, node: Any) -> First | None:
        """As `first`, of an `if`, `and` or `or`: a part of its test comes first, or the choice itself is taken apart,
        as a call in one branch is not made in the other.
        """
        if node.__class__ is ast.IfExp:
            first = self.first(node.test)
            if first is not None:
                return first.within(node, [(node, "test", None)], 0)
            if self.first(node.body) is None and self.first(node.orelse) is None:
                return None
            return First(test=node.test, yes=node.body, no=node.orelse)
        first = self.first(node.values[0])
        if first is not None:
            return first.within(node, [(node, "values", 0)], 0)
        at = next((at for at, value in enumerate(node.values) if self.first(value) is not None), 0)
        if not at:
            return None
        self.serial += 1
        name = f"part~~{self.serial}"
        values, others = node.values[:at], node.values[at:]
        left = values[0] if at == 1 else copied(node, "values", values)
        right = others[0] if len(others) == 1 else copied(node, "values", others)
        is_and = node.op.__class__ is ast.And
        yes, no = (right, load(name)) if is_and else (load(name), right)
        made = First(test=load(name), yes=yes, no=no)
        made.before = [assign(ast.Name(name, STORE, **AT), left)]
        return made

    def is_returned(self, call: Any) -> bool:
        """Whether CALL, which may run code of the program, is left to the caller."""
        if not getattr(call, "site", 0):
            return False
        fn = call.func
        if fn.__class__ is not ast.Name or not fn.id.startswith("$:"):
            return True
        if fn.id == UNWIND:
            return False
        name = fn.id[4:]
        if name in CALLING:
            return name in RETURNING or not self.is_host(fn.id)
        return not self.is_host(fn.id)
