"""Operations written out in Python for operands whose kinds are known, or checked at the spot: what a region's own code
is made of. Here the primitives are what they came as: the region was entered on that condition.

Every operand is computed once, in order, in the condition if there is one; after it, it is a name or a constant.
"""

from __future__ import annotations

import _ast as ast
from collections.abc import Callable
from typing import Any

from chorus.interpreter.compiler.inline import ARITHMETIC, SMALL, Inline
from chorus.interpreter.compiler.kinds import (
    BOOL,
    CHAR,
    FLOAT,
    INT,
    NIL,
    STRING,
    SYMBOL,
    Region,
    join_sum,
    settled,
)
from chorus.interpreter.compiler.nodes import Call, Global, Node
from chorus.interpreter.compiler.writer import LOAD, STORE

Operand = tuple[ast.expr, int]  # what is computed, and its kind


class Fast(Inline):
    """What `Values` asks for a call of a primitive within a region: the operation, or None."""

    region: Region | None = None

    def fast(self, node: Call, direct: str, args: list[ast.expr]) -> ast.expr | None:
        name = self.region.relies_on(node) if self.region is not None else ""
        if not name:
            return None
        if all(isinstance(arg, ast.Constant) for arg in args):
            return None  # Python would compute it and then warn of what is done with a literal
        operands = self._with_kinds(node, args)
        if name in ARITHMETIC:
            return self._sum(name, direct, operands)
        write = TEMPLATES.get((name, len(operands)))
        return None if write is None else write(self, name, direct, operands)

    def fast_statement(self, node: Call) -> bool:
        """Write NODE, whose value nobody wants, as a statement; False where it is no such call."""
        fn = node.fn
        write = STATEMENTS.get((fn.name, len(node.args))) if isinstance(fn, Global) else None
        if self.region is None or write is None or not self.region.relies_on(node):
            return False
        assert isinstance(fn, Global)
        args = []
        for arg in self.operands(node.args):
            if not isinstance(arg, (ast.Name, ast.Constant)):
                name = self._temp()
                self._assign(name, arg)
                arg = self._load(name)
            args.append(arg)
        done, test = write(self, fn.name, self._with_kinds(node, args))
        direct = fn.space.entry_keys(fn.name, self.space)[1]
        called = self._make(ast.Expr, self._make(ast.Call, self._load(direct), args, []))
        self._out(self._make(ast.If, test, [done], [called]))
        return True

    def _with_kinds(self, node: Call, args: list[ast.expr]) -> list[Operand]:
        assert self.region is not None
        return [(arg, settled(self.region.kind(each))) for arg, each in zip(args, node.args, strict=True)]

    def operands(self, nodes: list[Node]) -> list[ast.expr]:
        raise NotImplementedError

    def _set_part(self, name: str, operands: list[Operand]) -> tuple[ast.stmt, ast.expr]:
        """set-car!, set-cdr! of a pair that was not read."""
        pair, value = operands[0][0], operands[1][0]
        target = self._make(ast.Attribute, pair, name[4:7], STORE)
        return self._make(ast.Assign, [target], value), self._is_a([pair], PLAIN)

    def _set_element(self, name: str, operands: list[Operand]) -> tuple[ast.stmt, ast.expr]:
        """vector-set! at an index in range."""
        (vector, _), (index, kind), (value, _) = operands
        tests = [self._is_a([vector], VECTOR), self._between(0, index, self._helper("len", vector))]
        if kind != INT:
            tests.insert(1, self._is_a([index], INT))
        target = self._make(ast.Subscript, vector, index, STORE)
        return self._make(ast.Assign, [target], value), self._make(ast.BoolOp, ast.And(), tests)

    # — pieces —

    def _held(self, operand: Operand) -> tuple[ast.expr, ast.expr]:
        """(OPERAND where it is computed, OPERAND where it is used again)."""
        value = operand[0]
        if isinstance(value, ast.Constant) or (isinstance(value, ast.Name) and "~" in value.id):
            return value, value
        name = self._temp()
        return self._make(ast.NamedExpr, self._store(name), value), self._load(name)

    def _is_a(self, values: list[ast.expr], kind: int) -> ast.expr:
        """Whether all VALUES are of the class of KIND; all are computed, whatever the first one is."""
        classes = [self._make(ast.Attribute, value, "__class__", LOAD) for value in values]
        wanted = [*classes[1:], self._load(CLASS_NAMES[kind])]
        return self._make(ast.Compare, classes[0], [ast.Is() for _ in wanted], wanted)

    def _otherwise(self, test: ast.expr, done: ast.expr, direct: str, given: list[ast.expr]) -> ast.expr:
        return self._make(ast.IfExp, test, done, self._make(ast.Call, self._load(direct), given, []))

    def _compare(self, left: ast.expr, operator: Any, right: ast.expr) -> ast.expr:
        return self._make(ast.Compare, left, [operator], [right])

    def _number(self, value: int) -> ast.expr:
        return self._make(ast.Constant, value)

    def _between(self, low: int, value: ast.expr, high: ast.expr) -> ast.expr:
        """LOW ≤ VALUE < HIGH."""
        return self._make(ast.Compare, self._number(low), [ast.LtE(), ast.Lt()], [value, high])

    # — numbers —

    def _sum(self, name: str, direct: str, operands: list[Operand]) -> ast.expr | None:
        if len(operands) < 2 or (len(operands) > 2 and name not in ("+", "*")):
            return self._negative(operands[0]) if len(operands) == 1 and name == "-" else None
        made = operands[0]
        if all(isinstance(operand[0], ast.Constant) for operand in operands[:2]):
            return None
        for operand in operands[1:]:
            made = self._two(name, direct, made, operand), settled(join_sum([made[1], operand[1]]))
        return made[0]

    def _negative(self, operand: Operand) -> ast.expr | None:
        return self._make(ast.UnaryOp, ast.USub(), operand[0]) if operand[1] in (INT, FLOAT) else None

    def _two(self, name: str, direct: str, left: Operand, right: Operand) -> ast.expr:
        """The operation on two machine numbers of one class; the primitive for all others."""
        wanted = FLOAT if FLOAT in (left[1], right[1]) else INT
        doubtful = [operand for operand in (left, right) if not self._serves(operand, wanted)]
        product = name == "*" and wanted == INT and not any(map(is_small, (left, right)))
        if not doubtful and not product:
            return self._operation(name, left[0], right[0])
        (a, a_again), (b, b_again) = self._held(left), self._held(right)
        if len(doubtful) == 2:
            test = self._is_a([a, b], wanted)
        elif doubtful:
            test = self._check_one(a, b, doubtful[0] is left, wanted)
        if product:
            size = self._has_small(a_again if doubtful else a)
            test = self._make(ast.BoolOp, ast.And(), [test, size]) if doubtful else self._and_compute(size, b)
        return self._otherwise(test, self._operation(name, a_again, b_again), direct, [a_again, b_again])

    def _serves(self, operand: Operand, wanted: int) -> bool:
        return operand[1] == wanted or (wanted == FLOAT and is_small(operand))

    def _check_one(self, a: ast.expr, b: ast.expr, first: bool, wanted: int) -> ast.expr:
        """Whether the doubtful one of A and B, the FIRST or the other, is of the class WANTED."""
        if first:
            return self._and_compute(self._is_a([a], wanted), b)
        if isinstance(a, (ast.Name, ast.Constant)):
            return self._is_a([b], wanted)
        # A is of WANTED for sure, so that its class may stand in the comparison
        return self._is_a([a, b], wanted)

    def _and_compute(self, test: ast.expr, value: ast.expr) -> ast.expr:
        """TEST, a comparison, after which VALUE is computed too, whichever way it went."""
        if isinstance(value, (ast.Name, ast.Constant)):
            return test
        absent = self._compare(value, ast.Is(), self._make(ast.Constant, None))  # never: so TEST decides
        return self._compare(test, ast.IsNot(), absent)

    def _has_small(self, value: ast.expr) -> ast.expr:
        """Whether a factor is so small that the product grows no faster than a sum: others the primitive charges."""
        return self._between(-SMALL, value, self._number(SMALL))

    def _whole(self, name: str, direct: str, operands: list[Operand]) -> ast.expr | None:
        """quotient, remainder, modulo of machine integers: Python's where both signs agree, or for modulo always."""
        left, right = operands
        if left[1] != INT or right[1] != INT:
            return None
        (a, a_again), (b, b_again) = self._held(left), self._held(right)
        floors = name in ("modulo", "floor-remainder", "floor-quotient")
        operator = ast.FloorDiv() if name.endswith("quotient") else ast.Mod()
        done = self._make(ast.BinOp, a_again, operator, b_again)
        positive = isinstance(b, ast.Constant) and type(b.value) is int and b.value > 0
        if positive and floors:
            return self._make(ast.BinOp, a, operator, b)
        zero = self._number(0)
        if floors:
            test = self._and_then(a, self._compare(b, ast.NotEq(), zero))
        elif positive:
            test = self._compare(a, ast.GtE(), zero)
        else:
            test = self._make(ast.Compare, a, [ast.GtE(), ast.Lt()], [zero, b])
            if not isinstance(b, (ast.Name, ast.Constant)):
                return None
        return self._otherwise(test, done, direct, [a_again, b_again])

    def _and_then(self, value: ast.expr, test: ast.expr) -> ast.expr:
        """TEST, a comparison, before which VALUE is computed."""
        if isinstance(value, (ast.Name, ast.Constant)):
            return test
        present = self._compare(value, ast.IsNot(), self._make(ast.Constant, None))  # always: so TEST decides
        return self._make(ast.BoolOp, ast.And(), [present, test])

    def _divide(self, name: str, direct: str, operands: list[Operand]) -> ast.expr | None:
        left, right = operands
        if not (self._serves(left, FLOAT) and self._serves(right, FLOAT)) or FLOAT not in (left[1], right[1]):
            return None
        if isinstance(right[0], ast.Constant) and right[0].value:
            return self._make(ast.BinOp, left[0], ast.Div(), right[0])
        (a, a_again), (b, b_again) = self._held(left), self._held(right)
        test = self._and_then(a, self._compare(b, ast.NotEq(), self._number(0)))
        done = self._make(ast.BinOp, a_again, ast.Div(), b_again)
        return self._otherwise(test, done, direct, [a_again, b_again])

    def _sign(self, name: str, direct: str, operands: list[Operand]) -> ast.expr:
        """zero?, positive?, negative?"""
        operator = {"zero?": "=", "positive?": ">", "negative?": "<"}[name]
        value, kind = operands[0]
        zero = self._number(0)
        if kind in (INT, FLOAT):
            return self._operation(operator, value, zero)
        first, again = self._held(operands[0])
        return self._otherwise(
            self._is_a([first], INT), self._operation(operator, again, zero), direct, [again]
        )

    def _parity(self, name: str, direct: str, operands: list[Operand]) -> ast.expr:
        rest = self._number(1 if name == "odd?" else 0)
        odd = lambda value: self._compare(
            self._make(ast.BinOp, value, ast.BitAnd(), self._number(1)), ast.Eq(), rest
        )
        if operands[0][1] == INT:
            return odd(operands[0][0])
        first, again = self._held(operands[0])
        return self._otherwise(self._is_a([first], INT), odd(again), direct, [again])

    # — pairs —

    def _attribute_part(self, name: str, direct: str, operands: list[Operand]) -> ast.expr:
        """car and cdr: attributes that pairs alone have; `host_errors` says what was no pair."""
        return self._make(ast.Attribute, operands[0][0], name, LOAD)

    def _path(self, name: str, direct: str, operands: list[Operand]) -> ast.expr:
        """cadr and its like, of pairs that were not read; for all else the primitive, whose error names the whole."""
        first, whole = self._held(operands[0])
        tests, here = [self._is_a([first], PLAIN)], whole
        for letter in reversed(name[2:-1]):
            taken = self._held((self._make(ast.Attribute, here, f"c{letter}r", LOAD), 0))
            tests.append(self._is_a([taken[0]], PLAIN))
            here = taken[1]
        done = self._make(ast.Attribute, here, f"c{name[1]}r", LOAD)
        return self._otherwise(self._make(ast.BoolOp, ast.And(), tests), done, direct, [whole])

    def _cons(self, name: str, direct: str, operands: list[Operand]) -> ast.expr:
        return self._helper("pair", operands[0][0], operands[1][0])

    def _pair(self, name: str, direct: str, operands: list[Operand]) -> ast.expr:
        first, again = self._held(operands[0])
        source = self._is_a([again], SOURCE)
        return self._make(ast.BoolOp, ast.Or(), [self._is_a([first], PLAIN), source])

    def _is_one(self, name: str, direct: str, operands: list[Operand]) -> ast.expr:
        """null? and not."""
        one = self._make(ast.Constant, False) if name == "not" else self._load("$:nil")
        return self._compare(self._named(operands[0][0]), ast.Is(), one)

    def _same(self, name: str, direct: str, operands: list[Operand]) -> ast.expr | None:
        """eq?, and its like where one operand is of a class whose equal values are one."""
        one_of = SYMBOL | NIL | BOOL | CHAR
        if any(kind & ~one_of == 0 for _, kind in operands):
            return self._compare(self._named(operands[0][0]), ast.Is(), self._named(operands[1][0]))
        if name != "eq?":
            return None
        (a, a_again), (b, b_again) = self._held(operands[0]), self._held(operands[1])
        called = self._make(ast.Call, self._load(direct), [a_again, b_again], [])
        return self._make(
            ast.BoolOp, ast.Or(), [self._compare(self._named(a), ast.Is(), self._named(b)), called]
        )

    def _named(self, value: ast.expr) -> ast.expr:
        raise NotImplementedError

    # — vectors, strings, characters —

    def _element(self, name: str, direct: str, operands: list[Operand]) -> ast.expr | None:
        """vector-ref and string-ref with an index in range."""
        of, at = operands
        kind = VECTOR if name == "vector-ref" else STRING
        (a, a_again), (i, i_again) = self._held(of), self._held(at)
        if not isinstance(i, (ast.Name, ast.Constant)):
            return None  # the test would not always compute it
        tests = [self._is_a([a], kind), self._between(0, i, self._helper("len", a_again))]
        if at[1] != INT:
            tests.insert(1, self._is_a([i], INT))
        test = self._make(ast.BoolOp, ast.And(), tests)
        done = self._make(ast.Subscript, a_again, i_again, LOAD)
        if kind == STRING:
            done = self._make(ast.Subscript, self._load("$:chars"), done, LOAD)
        return self._otherwise(test, done, direct, [a_again, i_again])

    def _length(self, name: str, direct: str, operands: list[Operand]) -> ast.expr:
        kind = VECTOR if name == "vector-length" else STRING
        first, again = self._held(operands[0])
        return self._otherwise(self._is_a([first], kind), self._helper("len", again), direct, [again])

    def _same_char(self, name: str, direct: str, operands: list[Operand]) -> ast.expr:
        """Characters are interned: the same one or another."""
        (a, a_again), (b, b_again) = self._held(operands[0]), self._held(operands[1])
        same = self._compare(a_again, ast.Is(), b_again)
        if operands[0][1] == CHAR and operands[1][1] == CHAR:
            return self._compare(operands[0][0], ast.Is(), operands[1][0])
        return self._otherwise(self._is_a([a, b], CHAR), same, direct, [a_again, b_again])


def is_small(operand: Operand) -> bool:
    """Whether OPERAND is written down, as an integer with a float equal to it."""
    value = operand[0]
    return isinstance(value, ast.Constant) and type(value.value) is int and abs(value.value) < SMALL


PLAIN, SOURCE, VECTOR = -1, -2, -3  # classes that are no kinds
CLASS_NAMES = {
    INT: "$:int",
    FLOAT: "$:float",
    STRING: "$:str",
    CHAR: "$:char",
    PLAIN: "$:pair",
    SOURCE: "$:source-pair",
    VECTOR: "$:vector",
}
Template = Callable[[Fast, str, str, list[Operand]], "ast.expr | None"]
TEMPLATES: dict[tuple[str, int], Template] = {
    **{(name, 2): Fast._whole for name in ("quotient", "remainder", "modulo", "floor-quotient", "floor-remainder",
                                           "truncate-quotient", "truncate-remainder")},
    ("/", 2): Fast._divide,
    **{(name, 1): Fast._sign for name in ("zero?", "positive?", "negative?")},
    **{(name, 1): Fast._parity for name in ("even?", "odd?")},
    **{(name, 1): Fast._attribute_part for name in ("car", "cdr")},
    **{(name, 1): Fast._path for name in ("caar", "cadr", "cdar", "cddr", "caddr", "cdddr")},
    ("cons", 2): Fast._cons,
    ("pair?", 1): Fast._pair,
    ("null?", 1): Fast._is_one,
    ("not", 1): Fast._is_one,
    **{(name, 2): Fast._same for name in ("eq?", "eqv?", "equal?")},
    ("vector-ref", 2): Fast._element,
    ("string-ref", 2): Fast._element,
    ("vector-length", 1): Fast._length,
    ("string-length", 1): Fast._length,
    ("char=?", 2): Fast._same_char,
}  # fmt: skip
Statement = Callable[[Fast, str, list[Operand]], tuple[ast.stmt, ast.expr]]
STATEMENTS: dict[tuple[str, int], Statement] = {
    ("set-car!", 2): Fast._set_part,
    ("set-cdr!", 2): Fast._set_part,
    ("vector-set!", 3): Fast._set_element,
}
