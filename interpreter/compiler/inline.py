"""Operations written out in Python where a few primitives are called, for the values that nearly all calls are about.

Each is guarded twice: by the classes of its operands, and by the primitive still being the one that the language came
with. When a guard fails the primitive's name is called as ever, so a redefinition takes effect at the next operation.
"""

from __future__ import annotations

import _ast as ast
from collections.abc import Callable

from chorus.interpreter.compiler.kinds import FACTOR, SMALL
from chorus.interpreter.compiler.nodes import Global
from chorus.interpreter.compiler.pristine import is_pristine, pristine_key
from chorus.interpreter.compiler.writer import LOAD, Writer

ARITHMETIC: dict[str, Callable[[], ast.AST]] = {
    "+": ast.Add,
    "-": ast.Sub,
    "*": ast.Mult,
    "<": ast.Lt,
    ">": ast.Gt,
    "<=": ast.LtE,
    ">=": ast.GtE,
    "=": ast.Eq,
}


class Inline(Writer):
    """What `Values` asks for a call of a global: its inlined form, or None."""

    def inlined(self, fn: Global, direct: str, args: list[ast.expr]) -> ast.expr | None:
        if len(args) == 2 and fn.name in ARITHMETIC and is_pristine(fn):
            return self._arithmetic(fn.name, direct, *args)
        write = UNARY.get(fn.name) if len(args) == 1 else None
        if write is not None and is_pristine(fn):
            return write(self, fn.name, direct, args[0])
        if fn.name == "eq?" and len(args) == 2 and is_pristine(fn):
            return self._eq(direct, *args)
        return None

    def _arithmetic(self, name: str, direct: str, left: ast.expr, right: ast.expr) -> ast.expr | None:
        """Two machine-made integers; a constant needs no check."""
        constants = [arg.value for arg in (left, right) if isinstance(arg, ast.Constant)]
        integers = [each for each in constants if type(each) is int]
        if len(integers) < len(constants) or len(constants) == 2:
            return None
        if name == "*" and any(abs(each) >= SMALL for each in integers):
            return None
        checked = []
        given: list[ast.expr] = []
        both = not constants and not (isinstance(left, ast.Name) and isinstance(right, ast.Name))
        for arg in (left, right):
            if isinstance(arg, ast.Constant):
                given.append(arg)
                continue
            first, again = self._kept(arg, both)
            given.append(again)
            checked.append(self._make(ast.Attribute, first, "__class__", LOAD))
        kinds = [*checked[1:], self._load("$:int")]
        test = self._make(ast.Compare, checked[0], [ast.Is() for _ in kinds], kinds)
        if name == "*" and not constants:
            small = [self._make(ast.Constant, -FACTOR), given[0], self._make(ast.Constant, FACTOR)]
            test = self._both(test, self._make(ast.Compare, small[0], [ast.LtE(), ast.Lt()], small[1:]))
        done = self._operation(name, *given)
        whole = self._both(test, self._unchanged(name, direct))
        return self._make(ast.IfExp, whole, done, self._on_floats(name, direct, given))

    def _on_floats(self, name: str, direct: str, given: list[ast.expr]) -> ast.expr:
        """The operation on what are no two integers: on floats, or the primitive's."""
        classes = [
            self._make(ast.Attribute, each, "__class__", LOAD)
            for each in given
            if not isinstance(each, ast.Constant)
        ]
        kinds = [*classes[1:], self._load("$:float")]
        test = self._make(ast.Compare, classes[0], [ast.Is() for _ in kinds], kinds)
        return self._guarded(name, direct, test, self._operation(name, *given), given)

    def _operation(self, name: str, a: ast.expr, b: ast.expr) -> ast.expr:
        operator = ARITHMETIC[name]()
        if isinstance(operator, ast.operator):
            return self._make(ast.BinOp, a, operator, b)
        return self._make(ast.Compare, a, [operator], [b])

    def _kept(self, value: ast.expr, anyway: bool = False) -> tuple[ast.expr, ast.expr]:
        """(VALUE where it is computed, VALUE where it is used again)."""
        if isinstance(value, ast.Name) and not anyway and "~" in value.id:
            return value, self._load(value.id)
        name = self._temp()
        return self._make(ast.NamedExpr, self._store(name), value), self._load(name)

    def _guarded(
        self, name: str, direct: str, test: ast.expr, done: ast.expr, given: list[ast.expr]
    ) -> ast.expr:
        whole = self._make(ast.BoolOp, ast.And(), [test, self._unchanged(name, direct)])
        return self._make(ast.IfExp, whole, done, self._make(ast.Call, self._load(direct), given, []))

    def _unchanged(self, name: str, direct: str) -> ast.expr:
        return self._make(ast.Compare, self._load(direct), [ast.Is()], [self._load(pristine_key(name))])

    def _eq(self, direct: str, left: ast.expr, right: ast.expr) -> ast.expr | None:
        (a, a2), (b, b2) = self._kept(left, True), self._kept(right, True)
        same = self._make(ast.Compare, a, [ast.Is()], [b])
        called = self._make(ast.Call, self._load(direct), [a2, b2], [])
        return self._make(ast.BoolOp, ast.Or(), [self._both(same, self._unchanged("eq?", direct)), called])

    def _both(self, *tests: ast.expr) -> ast.expr:
        return self._make(ast.BoolOp, ast.And(), list(tests)) if len(tests) > 1 else tests[0]

    def _part(self, name: str, direct: str, value: ast.expr) -> ast.expr:
        """car, cdr of a pair."""
        first, again = self._kept(value)
        kind = self._make(ast.Attribute, first, "__class__", LOAD)
        test = self._make(ast.Compare, kind, [ast.Is()], [self._load("$:cons")])
        return self._guarded(name, direct, test, self._make(ast.Attribute, again, name, LOAD), [again])

    def _is_pair(self, name: str, direct: str, value: ast.expr) -> ast.expr:
        first, again = self._kept(value)
        kind = self._make(ast.Attribute, first, "__class__", LOAD)
        test = self._make(ast.Compare, kind, [ast.Is()], [self._load("$:cons")])
        return self._guarded(name, direct, test, self._make(ast.Constant, True), [again])

    def _is(self, name: str, direct: str, value: ast.expr) -> ast.expr:
        """null? and not: comparison with the one value."""
        wanted = self._make(ast.Constant, False) if name == "not" else self._load("$:nil")
        first, again = self._kept(value)
        unchanged = self._unchanged(name, direct)
        test = self._make(ast.Compare, first, [ast.Is()], [wanted])
        # the value is computed before the guard: what computes it may be what redefines the name
        held = self._make(ast.IfExp, unchanged, self._make(ast.Constant, True), self._call_of(direct, again))
        other = self._make(
            ast.IfExp,
            self._unchanged(name, direct),
            self._make(ast.Constant, False),
            self._call_of(direct, again),
        )
        return self._make(ast.IfExp, test, held, other)

    def _call_of(self, direct: str, value: ast.expr) -> ast.expr:
        return self._make(ast.Call, self._load(direct), [value], [])


UNARY = {
    "car": Inline._part,
    "cdr": Inline._part,
    "pair?": Inline._is_pair,
    "null?": Inline._is,
    "not": Inline._is,
}
