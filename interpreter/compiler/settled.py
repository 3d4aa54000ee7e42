"""Emitted functions without what makes the pending calls that their calls return: for twins, whose callers do that."""

from __future__ import annotations

import _ast as ast
from typing import Any

from chorus.interpreter.compiler.rests import shallow

UNWIND = "$:unwind"


class Settled:
    """FUNCTION, the functions within it as they are. SAME: a call of `unwind` → the call whose result it was given."""

    def __init__(self, function: ast.FunctionDef) -> None:
        self.same: dict[int, int] = {}
        self.function: ast.FunctionDef = shallow(function)
        self.function.body = [self._node(each) for each in function.body]

    def _node(self, node: Any) -> Any:
        if node.__class__ is ast.FunctionDef:
            return node
        if node.__class__ is ast.IfExp:
            call, unwinding = settled_call(node), getattr(node.body, "site", 0)
            if call is not None:
                self.same[unwinding] = call.site
                return self._node(call)
        made = None
        for field in node._fields:
            value = getattr(node, field, None)
            other: Any
            if isinstance(value, list):
                other = [self._node(each) if isinstance(each, ast.AST) else each for each in value]
                same = all(a is b for a, b in zip(value, other, strict=True))
            elif isinstance(value, ast.AST):
                other = self._node(value)
                same = other is value
            else:
                continue
            if not same:
                made = made or shallow(node)
                setattr(made, field, other)
        return made or node


def settled_call(node: ast.IfExp) -> Any:
    """The call C in NODE, if that is `unwind(t) if (t := C) is pending else t`."""
    made, test = node.body, node.test
    if made.__class__ is not ast.Call or not is_unwind(made) or node.orelse.__class__ is not ast.Name:
        return None
    left = getattr(test, "left", None)
    while left is not None and left.__class__ is not ast.NamedExpr:
        left = left.args[0] if left.__class__ is ast.Call and left.args else getattr(left, "value", None)
    if left is None or left.target.id != node.orelse.id or not getattr(left.value, "site", 0):
        return None
    return left.value


def is_unwind(node: Any) -> bool:
    return node.func.__class__ is ast.Name and node.func.id == UNWIND
