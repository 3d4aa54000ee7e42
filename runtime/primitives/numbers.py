"""Arithmetic, comparison, kinds of numbers. Exact stays exact; what is no number is refused, #t too."""

from __future__ import annotations

import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Annotated, Any, NoReturn

from chorus.runtime.errors import EvalError
from chorus.runtime.gaussian import Gaussian, shrink
from chorus.runtime.limits import charge, expect
from chorus.runtime.numerals import as_exactness
from chorus.runtime.primitive import ACCEPTS, REJECT, Accept, primitive, wrong_type

REALS: frozenset[type] = frozenset((int, float, Fraction))
NUMBERS = REALS | {complex, Gaussian}


def _only(label: str, holds: Callable[[Any], bool], as_is: frozenset[type]) -> Accept:
    return Accept(label, lambda value: value if holds(value) else REJECT, as_is)


def integral(value: Any) -> bool:
    return value.__class__ is int or (value.__class__ is float and value.is_integer())


IS_REAL = _only("a real number", lambda value: value.__class__ in REALS, REALS)
IS_NUMBER = _only("a number", lambda value: value.__class__ in NUMBERS, NUMBERS)
IS_INTEGER = _only("an integer", integral, frozenset((int,)))
Real = Annotated[Any, IS_REAL]  # annotations of arguments that are taken as they are, exactness and all
Number = Annotated[Any, IS_NUMBER]
Integer = Annotated[Any, IS_INTEGER]
ACCEPTS.update({Real: IS_REAL, Number: IS_NUMBER, Integer: IS_INTEGER})

BIG = 1 << 4096  # products of larger factors are charged for
SECONDS_PER_WORD = 1.5e-9  # of a word operation, on a fast machine; measured: 1.7e-9 to 5.7e-9
MOST_BITS = 1 << 32  # half a gigabyte: no integer grows beyond


def number(value: Any, caller: str) -> Any:
    """VALUE if it is a number; a numpy scalar becomes one of ours."""
    if value.__class__ in NUMBERS:
        return value
    if hasattr(value, "dtype") and hasattr(value, "item") and getattr(value, "ndim", 1) == 0:
        return number(value.item(), caller)
    raise wrong_type(caller, "every argument", "a number", value)


def real(value: Any, caller: str) -> Any:
    if value.__class__ in REALS:
        return value
    value = number(value, caller)
    if value.__class__ not in REALS:
        raise wrong_type(caller, "every argument", "a real number", value)
    return value


def loosely(operation: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
    """OPERATION on a float and an exact number too large for one."""
    try:
        return operation(a, b)
    except OverflowError:
        return operation(as_exactness(a, "i"), as_exactness(b, "i"))


def reserve(bits: int, work: int) -> None:
    """Account for an integer of BITS that WORK word operations will make; refuse what no memory holds."""
    charge(work >> 4, bits >> 3)
    if bits > MOST_BITS:
        raise EvalError(f"an integer of {bits} bits is too large", code="size")
    expect(work * SECONDS_PER_WORD)


def multiplication_cost(a: int, b: int) -> tuple[int, int]:
    """(bits, word operations) of a·b: per word of the longer, the shorter's to the power .58 (Karatsuba)."""
    short, long = sorted((a.bit_length(), b.bit_length()))
    return short + long, int((long >> 5) * (short >> 5) ** 0.585)


@primitive("+", effects="pure", checked=False)
def add(*numbers: Number) -> Any:
    """The sum of NUMBERS; 0 of none.

    > (+ 1 1/2 1/2)
    => 2
    > (+ 1 2.5)
    => 3.5
    """
    if not numbers:
        return 0
    total: Any = numbers[0] if numbers[0].__class__ in NUMBERS else number(numbers[0], "+")
    for each in numbers[1:]:  # not from 0 on: that would lose the sign of -0.0
        if each.__class__ not in NUMBERS:
            each = number(each, "+")
        try:
            total = total + each
        except OverflowError:
            total = loosely(lambda a, b: a + b, total, each)
    return shrink(total)


@primitive("-", effects="pure", checked=False)
def subtract(first: Number, *others: Number) -> Any:
    """FIRST less all OTHERS; of FIRST alone, its negative.

    > (- 10 1 2)
    => 7
    > (- 3/4)
    => -3/4
    """
    result: Any = first if first.__class__ in NUMBERS else number(first, "-")
    if not others:
        return -result
    for each in others:
        if each.__class__ not in NUMBERS:
            each = number(each, "-")
        try:
            result = result - each
        except OverflowError:
            result = loosely(lambda a, b: a - b, result, each)
    return shrink(result)


@primitive("*", effects="pure", checked=False)
def multiply(*numbers: Number) -> Any:
    """The product of NUMBERS; 1 of none.

    > (* 2 3/2)
    => 3
    > (* 1.5 2)
    => 3.0
    """
    product: Any = 1
    for each in numbers:
        if each.__class__ not in NUMBERS:
            each = number(each, "*")
        if product.__class__ is int and each.__class__ is int and not -BIG < product < BIG:
            reserve(*multiplication_cost(product, each))
        try:
            product = product * each
        except OverflowError:
            product = loosely(lambda a, b: a * b, product, each)
    return shrink(product)


@primitive("/", effects="pure", checked=False)
def divide(first: Number, *others: Number) -> Any:
    """FIRST divided by each of OTHERS; of FIRST alone, its reciprocal. Exact numbers give exact quotients.

    > (/ 6 4)
    => 3/2
    > (/ 0.5)
    => 2.0
    > (/ 1 0.0)
    => +inf.0
    """
    result = number(first, "/")
    for each in others if others else (result,):
        result = quotient_of(result if others else 1, number(each, "/"))
    return result


def quotient_of(a: Any, b: Any) -> Any:
    """a/b as Scheme has it: only an exact zero cannot divide."""
    if not b:
        if b.__class__ is not float or isinstance(a, (complex, Gaussian)):
            division_by_zero("/", a)
        if a != a or not a:
            return float("nan")
        negative = (a < 0) != (str(b)[0] == "-")
        return float("-inf") if negative else float("inf")
    if a.__class__ in (int, Fraction) and b.__class__ in (int, Fraction):
        return (
            shrink(Fraction(a, b)) if a.__class__ is int and b.__class__ is int else shrink(Fraction(a) / b)
        )
    return loosely(lambda x, y: x / y, a, b)


def division_by_zero(caller: str, value: Any) -> NoReturn:
    raise EvalError(f"{caller}: division by zero", code="division", irritants=(value, 0))


@primitive("=", effects="pure", checked=False)
def equal(first: Number, *others: Number) -> bool:
    """Whether all arguments are the same number, exact or not.

    > (= 1 1.0 2/2)
    => #t
    > (= 1 2)
    => #f
    """
    left = first if first.__class__ in NUMBERS else number(first, "=")
    same = True
    for each in others:
        if each.__class__ not in NUMBERS:
            each = number(each, "=")
        same = same and left == each
    return same


def _chain(name: str, holds: Callable[[Any, Any], bool], doc: str) -> None:
    """Declare the comparison NAME: HOLDS between all neighbours."""

    def compare(first: Real, *others: Real) -> bool:
        left: Any = first if first.__class__ in REALS else real(first, name)
        ordered = True
        for each in others:
            if each.__class__ not in REALS:
                each = real(each, name)
            ordered = ordered and holds(left, each)
            left = each
        return ordered

    compare.__doc__ = doc
    compare.__name__ = name
    primitive(name, effects="pure", checked=False)(compare)


_chain("<", operator.lt, "Whether the arguments grow from left to right.\n\n> (< 1 3/2 2.0)\n=> #t")
_chain(">", operator.gt, "Whether the arguments shrink from left to right.\n\n> (> 3 2 2)\n=> #f")
_chain("<=", operator.le, "Whether no argument is less than the one before.\n\n> (<= 1 1 2)\n=> #t")
_chain(">=", operator.ge, "Whether no argument is more than the one before.\n\n> (>= 2 1 1)\n=> #t")


def extreme(caller: str, numbers: tuple[Any, ...], better: Callable[[Any, Any], bool]) -> Any:
    """The best of NUMBERS; inexact if any is, and not a number if any is not."""
    result = real(numbers[0], caller)
    inexact = False
    for each in numbers:
        each = real(each, caller)
        inexact = inexact or each.__class__ is float
        if each != each or better(each, result):
            result = each
    return as_exactness(result, "i") if inexact else result


@primitive("max", effects="pure", checked=False)
def largest(first: Real, *others: Real) -> Any:
    """The largest argument; inexact when any argument is.

    > (max 1 5 3)
    => 5
    > (max 1 2.0 3)
    => 3.0
    """
    return extreme("max", (first, *others), operator.gt)


@primitive("min", effects="pure", checked=False)
def smallest(first: Real, *others: Real) -> Any:
    """The smallest argument; inexact when any argument is.

    > (min 1/2 1/3)
    => 1/3
    """
    return extreme("min", (first, *others), operator.lt)


@primitive("abs", effects="pure", checked=False)
def absolute(x: Real) -> Any:
    """X without its sign.

    > (abs -7/2)
    => 7/2
    """
    return abs(real(x, "abs"))
