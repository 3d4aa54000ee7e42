"""Integer division, divisors, powers, bits: each charges for big results before it makes them."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from chorus.runtime.errors import EvalError
from chorus.runtime.gaussian import Gaussian, power, shrink
from chorus.runtime.limits import charge, expect
from chorus.runtime.primitive import primitive
from chorus.runtime.primitives.numbers import (
    SECONDS_PER_WORD,
    Integer,
    Number,
    division_by_zero,
    integral,
    loosely,
    multiplication_cost,
    reserve,
)
from chorus.runtime.values import MultipleValues


def truncate_division(a: int, b: int) -> tuple[int, int]:
    quotient, rest = divmod(abs(a), abs(b))
    return (quotient if (a < 0) == (b < 0) else -quotient), (rest if a >= 0 else -rest)


def divided(caller: str, n: Any, d: Any, how: Callable[[int, int], tuple[int, int]]) -> tuple[Any, Any]:
    """Quotient and remainder of two integers by HOW; inexact when either is."""
    if not d:
        division_by_zero(caller, n)
    exact = n.__class__ is int and d.__class__ is int
    a, b = int(n), int(d)
    if a.bit_length() > 4096:
        work = max(0, a.bit_length() - b.bit_length() >> 5) * (b.bit_length() >> 5)
        charge(work >> 4, a.bit_length() >> 3)
        expect(work * SECONDS_PER_WORD / 4)
    result = how(a, b)
    return result if exact else (float(result[0]), float(result[1]))


def _division(name: str, how: Callable[[int, int], tuple[int, int]], part: int | None, doc: str) -> None:
    """Declare a division NAME that gives the quotient (PART 0), the remainder (1) or both (None)."""

    def divide(n: Integer, d: Integer) -> Any:
        if (
            n.__class__ is int
            and d.__class__ is int
            and part == 1
            and how is divmod
            and d
            and -WORD < n < WORD
        ):
            return n % d
        if n.__class__ is int and d.__class__ is int and d and -WORD < n < WORD:
            both: tuple[Any, Any] = how(n, d)
        else:
            both = divided(name, n, d, how)
        return MultipleValues(list(both)) if part is None else both[part]

    divide.__doc__ = doc
    primitive(name, effects="pure")(divide)


WORD = 1 << 62
_division(
    "floor/", divmod, None, "Quotient rounded down, and remainder.\n\n> (floor/ 5 -2)\n=> #<values -3 -1>"
)
_division("floor-quotient", divmod, 0, "N/D rounded down.\n\n> (floor-quotient -5 2)\n=> -3")
for _name in ("floor-remainder", "modulo"):  # not aliases: their errors name what was called
    _division(_name, divmod, 1, "What floor-quotient leaves; D's sign.\n\n> (modulo -7 2)\n=> 1")
_division(
    "truncate/",
    truncate_division,
    None,
    "Quotient rounded toward 0, and remainder.\n\n> (truncate/ -5 2)\n=> #<values -2 -1>",
)
for _name in ("truncate-quotient", "quotient"):
    _division(_name, truncate_division, 0, "N/D rounded toward 0.\n\n> (quotient -7 2)\n=> -3")
for _name in ("truncate-remainder", "remainder"):
    _division(_name, truncate_division, 1, "What quotient leaves; N's sign.\n\n> (remainder -7 2)\n=> -1")


@primitive("even?", effects="pure")
def is_even(n: Integer) -> bool:
    """Whether N is a multiple of 2.

    > (even? 4)
    => #t
    """
    return n % 2 == 0


@primitive("odd?", effects="pure")
def is_odd(n: Integer) -> bool:
    """Whether N is no multiple of 2.

    > (odd? -3)
    => #t
    """
    return n % 2 == 1


def _fold_integers(function: Callable[..., int], numbers: tuple[Any, ...]) -> Any:
    result = function(*map(int, numbers))
    return result if all(each.__class__ is int for each in numbers) else float(result)


@primitive("gcd", effects="pure")
def gcd(*numbers: Integer) -> Any:
    """The greatest common divisor; 0 of none.

    > (gcd 32 -36)
    => 4
    """
    if {each.__class__ for each in numbers} <= {int}:
        return math.gcd(*numbers)
    return _fold_integers(math.gcd, numbers)


@primitive("lcm", effects="pure")
def lcm(*numbers: Integer) -> Any:
    """The least common multiple; 1 of none.

    > (lcm 32 -36)
    => 288
    """
    charge(sum(int(each).bit_length() for each in numbers) >> 6)
    return _fold_integers(math.lcm, numbers)


@primitive("square", effects="pure")
def square(z: Number) -> Any:
    """Z times itself.

    > (square 3/2)
    => 9/4
    """
    if z.__class__ is int:
        if -WORD < z < WORD:
            return z * z
        reserve(*multiplication_cost(z, z))
    return shrink(z * z)


@primitive("exact-integer-sqrt", effects="pure")
def exact_integer_sqrt(n: int) -> MultipleValues:
    """The largest s with s² ≤ N, and N - s².

    > (exact-integer-sqrt 17)
    => #<values 4 1>
    """
    if n < 0:
        raise EvalError("exact-integer-sqrt: a negative number has no real root", irritants=(n,))
    if n.bit_length() > 4096:
        reserve(n.bit_length(), multiplication_cost(n, n)[1])
    root = math.isqrt(n)
    return MultipleValues([root, n - root * root])


@primitive("expt", effects="pure")
def expt(base: Number, exponent: Number) -> Any:
    """BASE to the power EXPONENT; exact for an exact base and an exact integer exponent.

    > (expt 2 100)
    => 1267650600228229401496703205376
    > (expt 2/3 -2)
    => 9/4
    > (expt 2.0 0.5)
    => 1.4142135623730951
    """
    if exponent.__class__ is int:
        return integer_power(base, exponent)
    if exponent.__class__ is Fraction and exponent == Fraction(1, 2):
        from chorus.runtime.primitives.mathematics import sqrt

        return sqrt(base)
    return host_power(base, exponent)


def integer_power(base: Any, exponent: int) -> Any:
    if base.__class__ in (float, complex):
        return host_power(base, exponent)
    if base == 0 and exponent < 0:
        division_by_zero("expt", base)
    parts = (base.real, base.imag) if base.__class__ is Gaussian else (base,)
    size = max(part.bit_length() for each in parts for part in (each.numerator, each.denominator))
    bits = size * abs(exponent) if base not in (0, 1, -1) else 1
    if bits > 4096:
        reserve(bits, int((bits >> 5) ** 1.585))
    if base.__class__ is Gaussian:
        return power(base, exponent)
    return (
        shrink(Fraction(base) ** exponent) if exponent < 0 or base.__class__ is Fraction else base**exponent
    )


def host_power(base: Any, exponent: Any) -> Any:
    base, exponent = (complex(z) if z.__class__ is Gaussian else z for z in (base, exponent))
    try:
        result = loosely(pow, base, exponent)
    except ZeroDivisionError:
        if base.__class__ is not float or isinstance(exponent, complex):
            division_by_zero("expt", base)
        odd = integral(exponent) and exponent % 2 == 1
        return math.copysign(math.inf, base) if odd else math.inf
    except OverflowError:
        negative = base.__class__ is not complex and base < 0 and exponent % 2 == 1
        return -math.inf if negative else math.inf
    return result


@primitive("arithmetic-shift", effects="pure", aliases=("ash",))
def arithmetic_shift(n: int, places: int) -> int:
    """N shifted left by PLACES bits; to the right when PLACES is negative.

    > (arithmetic-shift 1 10)
    => 1024
    > (arithmetic-shift -8 -1)
    => -4
    """
    bits = n.bit_length() + places
    if n and bits > 4096:
        reserve(bits, bits >> 5)
    return (n << places if n else 0) if places >= 0 else n >> -places


def _bitwise(name: str, operation: Callable[[int, int], int], start: int, doc: str, *aliases: str) -> None:
    def combine(*numbers: int) -> int:
        result = start
        for each in numbers:
            result = operation(result, each)
        return result

    combine.__doc__ = doc
    primitive(name, effects="pure", aliases=aliases)(combine)


_bitwise("bitwise-and", int.__and__, -1, "The bits set in all NUMBERS.\n\n> (bitwise-and 12 10)\n=> 8")
_bitwise(
    "bitwise-or",
    int.__or__,
    0,
    "The bits set in any of NUMBERS.\n\n> (bitwise-or 12 10)\n=> 14",
    "bitwise-ior",
)
_bitwise(
    "bitwise-xor", int.__xor__, 0, "The bits set in an odd number of NUMBERS.\n\n> (bitwise-xor 12 10)\n=> 6"
)


@primitive("bitwise-not", effects="pure")
def bitwise_not(n: int) -> int:
    """N with each bit turned over: -1 - N.

    > (bitwise-not 0)
    => -1
    """
    return ~n


@primitive("bit-count", effects="pure")
def bit_count(n: int) -> int:
    """How many bits of N are set (of a negative N: are not).

    > (bit-count 255)
    => 8
    """
    return n.bit_count() if n >= 0 else (~n).bit_count()


@primitive("integer-length", effects="pure")
def integer_length(n: int) -> int:
    """How many bits N needs, without its sign.

    > (integer-length 255)
    => 8
    """
    return n.bit_length() if n >= 0 else (~n).bit_length()
