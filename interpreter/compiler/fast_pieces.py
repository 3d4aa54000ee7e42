"""What operations written out in Python are made of: operands computed once and in order, tests of classes."""

from __future__ import annotations

import _ast as ast
from functools import reduce
from typing import TYPE_CHECKING, Any

from chorus.interpreter.compiler.inline import Inline
from chorus.interpreter.compiler.kinds import BYTES, CHAR, FLOAT, INTEGER, STRING, SYMBOL, TABLE, VECTOR, only
from chorus.interpreter.compiler.nodes import Local
from chorus.interpreter.compiler.regions import Region
from chorus.interpreter.compiler.writer import LOAD

Operand = tuple[ast.expr, int]  # what is computed, and its kind
MADE = -1  # a pair that running code made
CLASS_NAMES = {
    INTEGER: "$:int",
    FLOAT: "$:float",
    STRING: "$:str",
    CHAR: "$:char",
    SYMBOL: "$:symbol",
    MADE: "$:cons",
    VECTOR: "$:vector",
    BYTES: "$:bytes",
    TABLE: "$:hash-table",
}


class Pieces(Inline):
    """Every operand is computed once, in order, in the condition if there is one; after it, it is a name or a
    constant.
    """

    region: Region | None = None  # whose code is being written; None: code for anything
    facts: frozenset[tuple[Local, Any]] = (
        frozenset()
    )  # of what kind variables are known to be where the writing stands

    def _held(self, operand: Operand) -> tuple[ast.expr, ast.expr]:
        """(OPERAND where it is computed, OPERAND where it is used again)."""
        value = operand[0]
        if isinstance(value, ast.Constant) or (isinstance(value, ast.Name) and "~" in value.id):
            return value, value
        name = self._temp()
        return self._make(ast.NamedExpr, self._store(name), value), self._load(name)

    def _indexed(
        self, operands: list[Operand], kind: int
    ) -> tuple[ast.expr, ast.expr, ast.expr, list[ast.expr]] | None:
        """(what is indexed, the index as the tests after these have it, the index, tests that the one is of KIND and
        the other an integer); None where these would not compute what is indexed in any case.
        """
        of, at = operands
        if isinstance(of[0], ast.Constant) and of[1] != kind:
            return None
        (a, a_again), (i, i_again) = self._held(of), self._held(at)
        tests: list[ast.expr] = []
        if of[1] != kind:
            tests.append(self._is_a([a], kind))
        elif not is_atom(a):
            return None
        if not is_atom(i) and tests:
            tests, i = [self._and_compute(tests[0], i)], i_again
        if not only(at[1], INTEGER):
            tests.append(self._is_a([i], INTEGER))
            i = i_again
        return a_again, i, i_again, tests

    def _class_of(self, value: ast.expr) -> ast.expr:
        """Within loops by a call of `type` from a variable, which CPython makes in half the time."""
        if self.fn.nesting:
            return self._make(ast.Call, self._near("type"), [value], [])
        return self._make(ast.Attribute, value, "__class__", LOAD)

    def _is_a(self, values: list[ast.expr], kind: int) -> ast.expr:
        """Whether all VALUES are of the class of KIND; all are computed, whatever the first one is."""
        names = {value.id for value in values if isinstance(value, ast.Name)}
        if len(names) == 1 and all(isinstance(value, ast.Name) for value in values):
            values = values[:1]
        tests = [self._are_a(values[at : at + 2], kind) for at in range(0, len(values), 2)]
        return reduce(lambda one, other: self._make(ast.BinOp, one, ast.BitAnd(), other), tests)

    def _are_a(self, values: list[ast.expr], kind: int) -> ast.expr:
        """Of one or two VALUES; a third would not be computed where the first two are of different classes."""
        classes = [self._class_of(value) for value in values]
        wanted = [*classes[1:], self._near(CLASS_NAMES[kind][2:])]
        return self._make(ast.Compare, classes[0], [ast.Is() for _ in wanted], wanted)

    def _a_pair(self, value: ast.expr) -> ast.expr:
        return self._compare(self._class_of(value), ast.In(), self._load("$:pairs"))

    def _either(self, *tests: ast.expr) -> ast.expr:
        return self._make(ast.BoolOp, ast.Or(), list(tests)) if len(tests) > 1 else tests[0]

    def _otherwise(self, test: ast.expr, done: ast.expr, direct: str, given: list[ast.expr]) -> ast.expr:
        return self._make(ast.IfExp, test, done, self._make(ast.Call, self._load(direct), given, []))

    if TYPE_CHECKING:  # other parts of the same class

        def _named(self, value: ast.expr) -> ast.expr: ...

    def _compare(self, left: ast.expr, operator: Any, right: ast.expr) -> ast.expr:
        return self._make(ast.Compare, left, [operator], [right])

    def _number(self, value: int) -> ast.expr:
        return self._make(ast.Constant, value)

    def _between(self, low: int, value: ast.expr, high: ast.expr) -> ast.expr:
        """LOW ≤ VALUE < HIGH."""
        return self._make(ast.Compare, self._number(low), [ast.LtE(), ast.Lt()], [value, high])

    def _index(self, value: ast.expr, natural: bool, size: ast.expr) -> ast.expr:
        """Whether VALUE, an integer, is an index below SIZE."""
        return self._compare(value, ast.Lt(), size) if natural else self._between(0, value, size)

    def _part_of(self, value: ast.expr, part: str) -> ast.expr:
        return self._make(ast.Attribute, value, part, LOAD)

    def _method(self, value: ast.expr, name: str, *args: ast.expr) -> ast.expr:
        return self._make(ast.Call, self._part_of(value, name), list(args), [])

    def _and_compute(self, test: ast.expr, value: ast.expr) -> ast.expr:
        """TEST, a comparison, after which VALUE is computed too, whichever way it went."""
        if is_atom(value):
            return test
        absent = self._compare(value, ast.Is(), self._make(ast.Constant, None))  # never: so TEST decides
        return self._compare(test, ast.IsNot(), absent)

    def _and_then(self, value: ast.expr, test: ast.expr) -> ast.expr:
        """TEST, before which VALUE is computed."""
        if is_atom(value):
            return test
        present = self._compare(value, ast.IsNot(), self._make(ast.Constant, None))  # always: so TEST decides
        return self._both(present, test)


def is_atom(value: ast.expr) -> bool:
    return isinstance(value, (ast.Name, ast.Constant))


def is_effectless(value: ast.expr) -> bool:
    """Whether computing VALUE calls nothing that the program could notice or leave by."""
    if isinstance(value, ast.BinOp):
        return is_effectless(value.left) and is_effectless(value.right)
    if isinstance(value, (ast.Attribute, ast.NamedExpr)):
        return is_effectless(value.value)
    return is_atom(value)
