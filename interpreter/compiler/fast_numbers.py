"""Arithmetic written out for operands whose kinds are known, or checked at the spot."""

from __future__ import annotations

import _ast as ast
from typing import Any

from chorus.interpreter.compiler.fast_pieces import Operand, Pieces, is_atom
from chorus.interpreter.compiler.kinds import (
    COMPARISONS,
    FACTOR,
    FLOAT,
    INTEGER,
    NATURAL,
    SMALL_INTEGER,
    SUMS,
    join_sum,
    only,
    settled,
)

WORD = 1 << 62  # beyond which a division is charged for


class Numbers(Pieces):
    """Sums, products, comparisons, divisions."""

    def _sum(self, name: str, direct: str, operands: list[Operand]) -> ast.expr | None:
        if len(operands) < 2 or (len(operands) > 2 and name not in ("+", "*")):
            return self._negative(operands[0]) if len(operands) == 1 and name == "-" else None
        made = operands[0]
        if all(isinstance(operand[0], ast.Constant) for operand in operands[:2]):
            return None
        known = all(only(kind, INTEGER) or kind == FLOAT for _, kind in operands)
        if not known and not all(is_arithmetic(value) for value, _ in operands[2:]):
            return None  # what is no number is found once all operands have been computed
        for operand in operands[1:]:
            made = self._two(name, direct, made, operand), settled(join_sum([made[1], operand[1]]))
        return made[0]

    def _negative(self, operand: Operand) -> ast.expr | None:
        exact = only(operand[1], INTEGER) or operand[1] == FLOAT
        return self._make(ast.UnaryOp, ast.USub(), operand[0]) if exact else None

    def _two(self, name: str, direct: str, left: Operand, right: Operand) -> ast.expr:
        """The operation on two machine numbers of one class; the primitive for all others."""
        wanted = FLOAT if FLOAT in (left[1], right[1]) else INTEGER
        doubtful = [operand for operand in (left, right) if not self._serves(operand, wanted, name)]
        product = name == "*" and wanted == INTEGER and not any(map(is_small, (left, right)))
        if not doubtful and not product:
            return self._operation(name, left[0], right[0])
        (a, a_again), (b, b_again) = (self._held_or_again(each, doubtful) for each in (left, right))
        done = self._operation(name, a_again, b_again)
        if not doubtful:
            return self._otherwise(self._and_compute(self._has_small(a), b), done, direct, [a_again, b_again])
        whole = [only(each[1], INTEGER) for each in doubtful]
        if any(whole) and wanted == FLOAT:  # converted as the primitive would, as long as a float can hold it
            first = doubtful[0] is left
            size = self._has_small(a if first else b)
            test = self._and_compute(size, b) if first else self._and_then(a, size)
            return self._otherwise(test, done, direct, [a_again, b_again])
        other: ast.expr = self._make(ast.Call, self._load(direct), [a_again, b_again], [])
        if len(doubtful) == 2 and wanted == INTEGER and self.region is not None and self.region.floating:
            test = self._is_a([a_again, b_again], INTEGER)
            if product:
                test = self._both(test, self._has_small(a_again))
            other = self._make(ast.IfExp, test, done, other)
            return self._make(
                ast.IfExp, self._is_a([a, b], FLOAT), self._operation(name, a_again, b_again), other
            )
        if len(doubtful) == 2:
            test = self._is_a([a, b], wanted)
        else:
            test = self._check_one(a, b, doubtful[0] is left, wanted)
        if product:
            test = self._both(test, self._has_small(a_again))
        if wanted == INTEGER and all(each[1] & FLOAT for each in doubtful):
            other = self._floats(name, doubtful, left, right, a_again, b_again, other)
        return self._make(ast.IfExp, test, done, other)

    def _held_or_again(self, operand: Operand, doubtful: list[Operand]) -> tuple[ast.expr, ast.expr]:
        """As `_held`; arithmetic on variables that needs no test may stand wherever it is used, once on each way."""
        if operand not in doubtful and isinstance(operand[0], ast.BinOp) and is_arithmetic(operand[0]):
            return self._number(0), operand[0]
        return self._held(operand)

    def _floats(
        self,
        name: str,
        doubtful: list[Operand],
        left: Operand,
        right: Operand,
        a: ast.expr,
        b: ast.expr,
        other: ast.expr,
    ) -> ast.expr:
        """The operation on two floats, where integers were thought more likely; OTHER for the rest."""
        if len(doubtful) == 2:
            test = self._is_a([a, b], FLOAT)
        elif self._serves(right if doubtful[0] is left else left, FLOAT, name):
            test = self._is_a([a if doubtful[0] is left else b], FLOAT)
        else:
            return other
        return self._make(ast.IfExp, test, self._operation(name, a, b), other)

    def _serves(self, operand: Operand, wanted: int, name: str) -> bool:
        kind = operand[1]
        if wanted == INTEGER:
            return only(kind, INTEGER)
        return kind == FLOAT or only(kind, SMALL_INTEGER) or (only(kind, INTEGER) and name in COMPARISONS)

    def _check_one(self, a: ast.expr, b: ast.expr, first: bool, wanted: int) -> ast.expr:
        """Whether the doubtful one of A and B, the FIRST or the other, is of the class WANTED."""
        if first:
            return self._and_compute(self._is_a([a], wanted), b)
        if is_atom(a):
            return self._is_a([b], wanted)
        return self._and_then(a, self._is_a([b], wanted))

    def _has_small(self, value: ast.expr) -> ast.expr:
        """Whether a factor is so small that the product grows no faster than a sum: others the primitive charges."""
        return self._between(-FACTOR, value, self._number(FACTOR))

    def _whole(self, name: str, direct: str, operands: list[Operand]) -> ast.expr | None:
        """quotient, remainder, modulo of machine integers: Python's where both signs agree, or for modulo always."""
        left, right = operands
        (a, a_again), (b, b_again) = self._held(left), self._held(right)
        positive = isinstance(b, ast.Constant) and type(b.value) is int and b.value > 0
        known = only(left[1], INTEGER) and only(right[1], INTEGER)
        if not known and not (positive and left[1] & INTEGER):
            return None
        floors = name in ("modulo", "floor-remainder", "floor-quotient")
        operator = ast.FloorDiv() if name.endswith("quotient") else ast.Mod()
        done = self._make(ast.BinOp, a_again, operator, b_again)
        natural = only(left[1], NATURAL)
        if not known:
            test: ast.expr = self._is_a([a], INTEGER)
            if not floors:
                test = self._both(test, self._compare(a_again, ast.GtE(), self._number(0)))
        elif positive and (floors or natural):
            return self._make(ast.BinOp, left[0], operator, right[0])
        elif floors or (natural and only(right[1], NATURAL)):
            test = self._and_then(a, self._compare(b, ast.NotEq(), self._number(0)))
        elif positive:
            test = self._compare(a, ast.GtE(), self._number(0))
        else:
            if not is_atom(b):
                return None
            test = self._make(ast.Compare, a, [ast.GtE(), ast.Lt()], [self._number(0), b])
        return self._otherwise(test, done, direct, [a_again, b_again])

    def _division(self, name: str, operands: list[Operand]) -> tuple[list[ast.expr], list[ast.expr]]:
        """The tests that the host's divmod gives what the division NAME does, at no more cost than is charged for; and
        the operands, after these.
        """
        (dividend, kind), (divisor, of_divisor) = operands
        (a, a_again), (b, b_again) = map(self._held, operands)
        known = only(kind, INTEGER) and only(of_divisor, INTEGER) and is_atom(dividend) and is_atom(divisor)
        tests = []
        if not known:
            tests.append(self._is_a([each for each in (a, b) if not isinstance(each, ast.Constant)], INTEGER))
        if not (isinstance(divisor, ast.Constant) and type(divisor.value) is int and divisor.value > 0):
            tests.append(
                self._compare(b_again, ast.Gt() if name == "truncate/" else ast.NotEq(), self._number(0))
            )
        if name == "truncate/" and not only(kind, NATURAL):
            tests.append(self._compare(a_again, ast.GtE(), self._number(0)))
        if not only(kind, SMALL_INTEGER):
            tests.append(self._between(-WORD, a_again, self._number(WORD)))
        return tests, [a_again, b_again]

    def _divide(self, name: str, direct: str, operands: list[Operand]) -> ast.expr | None:
        left, right = operands
        if not (left[1] | right[1]) & FLOAT:
            return None
        if isinstance(right[0], ast.Constant) and right[0].value and self._serves(left, FLOAT, name):
            return self._make(ast.BinOp, left[0], ast.Div(), right[0])
        (a, a_again), (b, b_again) = self._held(left), self._held(right)
        tests = []
        for operand, value in ((left, a), (right, b)):
            if self._serves(operand, FLOAT, name):
                continue
            if only(operand[1], INTEGER):
                tests.append(self._has_small(value))
            else:
                tests.append(self._is_a([value], FLOAT))
        if len(tests) == 2:
            if not left[1] & right[1] & FLOAT:
                return None
            test = self._both(self._is_a([a, b], FLOAT), self._compare(b_again, ast.NotEq(), self._number(0)))
            return self._otherwise(
                test, self._make(ast.BinOp, a_again, ast.Div(), b_again), direct, [a_again, b_again]
            )
        by_zero = self._compare(
            b_again if tests and not self._serves(right, FLOAT, name) else b, ast.NotEq(), self._number(0)
        )
        if not tests:
            test = self._and_then(a, by_zero)
        elif self._serves(left, FLOAT, name):
            test = self._and_then(a, self._both(tests[0], by_zero))
        else:
            test = self._both(
                self._and_compute(tests[0], b), self._compare(b_again, ast.NotEq(), self._number(0))
            )
        return self._otherwise(
            test, self._make(ast.BinOp, a_again, ast.Div(), b_again), direct, [a_again, b_again]
        )

    def _sign(self, name: str, direct: str, operands: list[Operand]) -> ast.expr:
        """zero?, positive?, negative?"""
        operator = {"zero?": "=", "positive?": ">", "negative?": "<"}[name]
        value, kind = operands[0]
        zero = self._number(0)
        if only(kind, INTEGER) or kind == FLOAT:
            return self._operation(operator, value, zero)
        first, again = self._held(operands[0])
        return self._otherwise(
            self._is_a([first], INTEGER), self._operation(operator, again, zero), direct, [again]
        )

    def _parity(self, name: str, direct: str, operands: list[Operand]) -> ast.expr:
        rest = self._number(1 if name == "odd?" else 0)
        odd = lambda value: self._compare(
            self._make(ast.BinOp, value, ast.BitAnd(), self._number(1)), ast.Eq(), rest
        )
        if only(operands[0][1], INTEGER):
            return odd(operands[0][0])
        first, again = self._held(operands[0])
        return self._otherwise(self._is_a([first], INTEGER), odd(again), direct, [again])

    def _root(self, name: str, direct: str, operands: list[Operand]) -> ast.expr | None:
        """sqrt of a float that has a real one"""
        if not operands[0][1] & FLOAT:
            return None
        first, again = self._held(operands[0])
        if operands[0][1] == FLOAT:
            test = self._compare(first, ast.GtE(), self._number(0))
        else:
            test = self._both(self._is_a([first], FLOAT), self._compare(again, ast.GtE(), self._number(0)))
        return self._otherwise(test, self._helper("sqrt", again), direct, [again])

    def _size(self, name: str, direct: str, operands: list[Operand]) -> ast.expr:
        """abs"""
        value, kind = operands[0]
        if only(kind, INTEGER) or kind == FLOAT:
            return self._helper("abs", value)
        first, again = self._held(operands[0])
        return self._otherwise(self._is_a([first], INTEGER), self._helper("abs", again), direct, [again])

    def _extreme(self, name: str, direct: str, operands: list[Operand]) -> ast.expr | None:
        """min and max of two machine integers"""
        operator = ast.LtE() if name == "min" else ast.GtE()
        choose = lambda a, b, *again: self._make(ast.IfExp, self._compare(a, operator, b), *again)
        return self._of_integers(direct, operands, choose)

    def _bits(self, name: str, direct: str, operands: list[Operand]) -> ast.expr | None:
        operator = BITWISE[name]()
        return self._of_integers(direct, operands, lambda a, b, *again: self._make(ast.BinOp, a, operator, b))

    def _of_integers(self, direct: str, operands: list[Operand], write: Any) -> ast.expr | None:
        """What WRITE makes of two machine integers, where they are computed and again; the primitive for all others."""
        if any(not kind & INTEGER for _, kind in operands):
            return None
        (a, a_again), (b, b_again) = map(self._held, operands)
        if all(only(kind, INTEGER) for _, kind in operands):
            return write(a, b, a_again, b_again)
        done = write(a_again, b_again, a_again, b_again)
        return self._otherwise(self._is_a([a, b], INTEGER), done, direct, [a_again, b_again])


BITWISE: dict[str, Any] = {
    "bitwise-and": ast.BitAnd,
    "bitwise-or": ast.BitOr,
    "bitwise-ior": ast.BitOr,
    "bitwise-xor": ast.BitXor,
}


def is_arithmetic(value: ast.expr) -> bool:
    """Whether VALUE is sums and products of variables and constants."""
    if isinstance(value, ast.BinOp):
        return is_arithmetic(value.left) and is_arithmetic(value.right)
    return is_atom(value)


def is_small(operand: Operand) -> bool:
    """Whether OPERAND is sure to be a factor that lets a product grow no faster than a sum."""
    return only(operand[1], SMALL_INTEGER)


TEMPLATES: dict[tuple[str, int], Any] = {
    **{(name, count): Numbers._sum for name in SUMS for count in range(1, 6)},
    **{(name, 2): Numbers._sum for name in COMPARISONS},
    **{(name, 2): Numbers._whole for name in ("quotient", "remainder", "modulo", "floor-quotient", "floor-remainder",
                                              "truncate-quotient", "truncate-remainder")},
    ("/", 2): Numbers._divide,
    **{(name, 1): Numbers._sign for name in ("zero?", "positive?", "negative?")},
    **{(name, 1): Numbers._parity for name in ("even?", "odd?")},
    ("abs", 1): Numbers._size,
    **{(name, 2): Numbers._extreme for name in ("min", "max")},
    **{(name, 2): Numbers._bits for name in BITWISE},
    ("sqrt", 1): Numbers._root,
}  # fmt: skip
