"""Pairs and lists written out: attributes of pairs, new ones, comparison by identity."""

from __future__ import annotations

import _ast as ast
from typing import Any

from chorus.interpreter.compiler.fast_pieces import Operand, Pieces, is_atom
from chorus.interpreter.compiler.kinds import (
    BOOL,
    CHAR,
    IDENTICAL,
    INTEGER,
    PAIR,
    STRING,
    SYMBOL,
    VECTOR,
    only,
)
from chorus.interpreter.compiler.nodes import Local
from chorus.interpreter.compiler.writer import LOAD, STORE

MOST_CELLS = 6  # of a list that is made without a call


class Pairs(Pieces):
    """car to cdddr, cons and list, pair? and null?, eq? and its like."""

    def _attribute_part(self, name: str, direct: str, operands: list[Operand]) -> ast.expr:
        """car and cdr: attributes that pairs alone have; `host_errors` says what was no pair."""
        return self._part_of(operands[0][0], name)

    def _path(self, name: str, direct: str, operands: list[Operand]) -> ast.expr:
        """cadr and its like: attributes of attributes of a variable, from which `host_errors` tells the whole."""
        here, _ = self._held(operands[0])
        for letter in reversed(name[1:-1]):
            here = self._part_of(here, f"c{letter}r")
        return here

    def _cons(self, name: str, direct: str, operands: list[Operand]) -> ast.expr:
        """A new pair; in a place where statements may stand, which is nearly everywhere."""
        return self._cell(operands[0][0], operands[1][0])

    def _list(self, name: str, direct: str, operands: list[Operand]) -> ast.expr:
        made: ast.expr = self._near("nil")
        for value, _ in reversed(operands):
            made = self._cell(value, made)
        return made

    def _values(self, name: str, direct: str, operands: list[Operand]) -> ast.expr:
        made = self._temp()
        self._assign(made, self._helper("new", self._load("$:values")))
        target = self._make(ast.Attribute, self._load(made), "items", STORE)
        items = self._make(ast.List, [value for value, _ in operands], LOAD)
        self._out(self._make(ast.Assign, [target], items))
        return self._load(made)

    def _cell(self, car: ast.expr, cdr: ast.expr) -> ast.expr:
        cell = self._half_cell(car)
        target = self._make(ast.Attribute, cell, "cdr", STORE)
        self._out(self._make(ast.Assign, [target], cdr))
        return cell

    def _half_cell(self, car: ast.expr) -> ast.expr:
        """A new pair without a cdr."""
        name = self._temp()
        cell = self._load(name)
        self._assign(name, self._make(ast.Call, self._near("cons"), [], []))
        target = self._make(ast.Attribute, cell, "car", STORE)
        self._out(self._make(ast.Assign, [target], car))
        return cell

    def _pair(self, name: str, direct: str, operands: list[Operand]) -> ast.expr:
        first, again = self._held(operands[0])
        made = self._is_a([first], -1)
        return self._either(made, self._a_pair(again))

    def _is_one(self, name: str, direct: str, operands: list[Operand]) -> ast.expr:
        """null?, not and eof-object?."""
        value, kind = operands[0]
        if name == "not" and kind == BOOL and not is_atom(value):
            return self._make(ast.UnaryOp, ast.Not(), value)
        one = self._make(ast.Constant, False) if name == "not" else self._near(THE_ONE[name])
        return self._compare(self._named(value), ast.Is(), one)

    def _same(self, name: str, direct: str, operands: list[Operand]) -> ast.expr | None:
        """eq?, and its like where one operand is of a class whose equal values are one."""
        if any(only(kind, IDENTICAL | (PAIR if name != "equal?" else 0)) for _, kind in operands):
            return self._compare(self._named(operands[0][0]), ast.Is(), self._named(operands[1][0]))
        whole = [only(kind, INTEGER) for _, kind in operands]
        if any(whole):
            return self._same_integer(operands, whole)
        if name not in ("eq?", "eqv?"):
            return None
        (a, a_again), (b, b_again) = self._held(operands[0]), self._held(operands[1])
        called: ast.expr = self._make(ast.Call, self._load(direct), [a_again, b_again], [])
        if name == "eq?":  # of all values, only integers may be the same without being one
            if not all(kind & INTEGER for _, kind in operands):
                return self._compare(self._named(operands[0][0]), ast.Is(), self._named(operands[1][0]))
            called = self._both(self._is_a([b_again], INTEGER), called)
        return self._either(self._compare(self._named(a), ast.Is(), self._named(b)), called)

    def _same_integer(self, operands: list[Operand], whole: list[bool]) -> ast.expr:
        """Whether operands are the same, of which those that are WHOLE are known to be integers."""
        (a, a_again), (b, b_again) = map(self._held, operands)
        if all(whole):
            return self._compare(a, ast.Eq(), b)
        if whole[0]:
            test = self._and_then(a, self._is_a([b], INTEGER))
        else:
            test = self._and_compute(self._is_a([a], INTEGER), b)
        return self._both(test, self._compare(a_again, ast.Eq(), b_again))

    def _of_class(self, name: str, direct: str, operands: list[Operand]) -> ast.expr | None:
        """symbol? and its like: whether the value is of the class, or, of some, what the primitive says."""
        value, _ = operands[0]
        wanted, alone = CLASS_TESTS[name]
        if isinstance(value, ast.Constant):
            return None
        if alone:
            return self._is_a([value], wanted)
        first, again = self._held(operands[0])
        called = self._make(ast.Call, self._load(direct), [again], [])
        return self._either(self._is_a([first], wanted), called)

    # — lists that loops make from their heads (`builders`): the variable holds the last pair —

    def _is_row(self, var: Local) -> bool:
        return self.region is not None and var in self.region.built.rows

    def _start_building(self, var: Local) -> None:
        if self._is_row(var):
            self._assign(var.py, self._make(ast.List, [], LOAD))
            return
        self._assign(var.py, self._make(ast.Call, self._near("cons"), [], []))
        self._assign(head_name(var), self._load(var.py))

    def _extend(self, var: Local, car: ast.expr) -> ast.expr:
        if self._is_row(var):
            self._out(self._make(ast.Expr, self._method(self._load(var.py), "append", car)))
            return self._load(var.py)
        cell = self._half_cell(car)  # its cdr follows before anybody sees it
        self._set_cdr_of(var, cell)
        return cell

    def _finish_building(self, var: Local) -> ast.expr:
        if self._is_row(var):
            return self._load(var.py)
        self._set_cdr_of(var, self._near("nil"))
        return self._part_of(self._load(head_name(var)), "cdr")

    def _set_cdr_of(self, var: Local, value: ast.expr) -> None:
        target = self._make(ast.Attribute, self._load(var.py), "cdr", STORE)
        self._out(self._make(ast.Assign, [target], value))

    # — statements —

    def _set_part(self, name: str, operands: list[Operand]) -> tuple[list[ast.stmt], ast.expr | None]:
        """set-car!, set-cdr!"""
        pair, value = operands[0][0], operands[1][0]
        target = self._make(ast.Attribute, pair, name[4:7], STORE)
        test = None if operands[0][1] == PAIR else self._is_a([pair], -1)
        return [self._make(ast.Assign, [target], value)], test


def head_name(var: Local) -> str:
    """The variable that holds the pair before the first of the list that VAR builds."""
    return var.py + "~head"


# (the class, whether all that the predicate holds of are of it)
CLASS_TESTS = {
    "symbol?": (SYMBOL, True),
    "char?": (CHAR, True),
    "string?": (STRING, False),
    "vector?": (VECTOR, False),
    "integer?": (INTEGER, False),
    "number?": (INTEGER, False),
}
# predicates of one value → the helper that is it
THE_ONE = {"null?": "nil", "eof-object?": "eof"}
TEMPLATES: dict[tuple[str, int], Any] = {
    **{(name, 1): Pairs._attribute_part for name in ("car", "cdr")},
    **{(name, 1): Pairs._path for name in ("caar", "cadr", "cdar", "cddr", "caddr", "cdddr", "cadar", "cddar", "caadr",
                                           "cdadr", "cadddr")},
    ("pair?", 1): Pairs._pair,
    **{(name, 1): Pairs._of_class for name in CLASS_TESTS},
    **{(name, 1): Pairs._is_one for name in ("not", *THE_ONE)},
    **{(name, 2): Pairs._same for name in ("eq?", "eqv?", "equal?")},
}  # fmt: skip
STATEMENTS: dict[tuple[str, int], Any] = {
    ("set-car!", 2): Pairs._set_part,
    ("set-cdr!", 2): Pairs._set_part,
}
MAKERS: dict[tuple[str, int], Any] = {
    ("cons", 2): Pairs._cons,
    **{("list", count): Pairs._list for count in range(1, MOST_CELLS + 1)},
    **{("values", count): Pairs._values for count in range(2, MOST_CELLS + 1)},
}
WRITTEN_AS_STATEMENTS = MAKERS.keys() | {
    ("reverse", 1)
}  # the last where a builder ends: no such call is simple
