"""Rounding, roots, exponentials, angles, exactness, and numbers from and to text."""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from chorus.runtime.errors import EvalError
from chorus.runtime.gaussian import Gaussian, exact_root, rectangular, root, shrink
from chorus.runtime.limits import charge
from chorus.runtime.numerals import RADICES, as_exactness, conversion_cost, number_text, parse_number
from chorus.runtime.primitive import primitive
from chorus.runtime.primitives.numbers import Number, Real, division_by_zero

BIG = 1 << 1_000  # what is smaller is a float too, and no work worth charging for
SHORT = 300  # digits, for the same reason


def _rounding(name: str, whole: Callable[[Any], int], doc: str) -> None:
    def round_(x: Real) -> Any:
        if x.__class__ is not float:
            return whole(x)
        if not math.isfinite(x):
            return x
        return math.copysign(float(whole(x)), x)  # -0.4 rounds to -0.0

    round_.__doc__ = doc
    primitive(name, effects="pure")(round_)


_rounding("floor", math.floor, "The largest integer that is not more than X.\n\n> (floor -7/2)\n=> -4")
_rounding("ceiling", math.ceil, "The smallest integer that is not less than X.\n\n> (ceiling 2.1)\n=> 3.0")
_rounding("truncate", math.trunc, "X without its fraction.\n\n> (truncate -2.7)\n=> -2.0")
_rounding(
    "round",
    round,
    "The nearest integer; halves go to the even one.\n\n> (round 7/2)\n=> 4\n> (round 2.5)\n=> 2.0",
)


@primitive("numerator", effects="pure")
def numerator(q: Real) -> Any:
    """The upper part of Q in lowest terms.

    > (numerator 6/4)
    => 3
    """
    return _part(q, "numerator")


@primitive("denominator", effects="pure")
def denominator(q: Real) -> Any:
    """The lower part of Q in lowest terms.

    > (denominator 0.5)
    => 2.0
    """
    return _part(q, "denominator")


def _part(q: Any, which: str) -> Any:
    value = getattr(exact_of(q, which), which)
    return float(value) if q.__class__ is float else value


def exact_of(x: Any, caller: str) -> int | Fraction:
    """X as an exact number; infinities and NaN have no exact equal."""
    if x.__class__ is not float:
        return x
    if not math.isfinite(x):
        raise EvalError(f"{caller}: {number_text(x)} has no exact equal", irritants=(x,))
    return int(x) if x.is_integer() else shrink(Fraction(x))


@primitive("exact", effects="pure", aliases=("inexact->exact",))
def exact(z: Number) -> Any:
    """The exact number equal to Z.

    > (exact 0.5)
    => 1/2
    > (exact 2.0)
    => 2
    """
    if z.__class__ is complex:
        return rectangular(exact_of(z.real, "exact"), exact_of(z.imag, "exact"))
    return exact_of(z, "exact")


@primitive("inexact", effects="pure", aliases=("exact->inexact",))
def inexact(z: Number) -> Any:
    """The floating-point number nearest to Z.

    > (inexact 1/4)
    => 0.25
    """
    if z.__class__ is Gaussian:
        return complex(z)
    return z if z.__class__ in (float, complex) else as_exactness(z, "i")


@primitive("rationalize", effects="pure")
def rationalize(x: Real, tolerance: Real) -> Any:
    """The simplest rational within TOLERANCE of X.

    > (rationalize 3/10 1/10)
    => 1/3
    """
    inexact_ = x.__class__ is float or tolerance.__class__ is float
    if inexact_ and not (math.isfinite(x) and math.isfinite(tolerance)):
        return 0.0 if math.isfinite(x) and not math.isnan(tolerance) else x + tolerance
    near, within = Fraction(exact_of(x, "rationalize")), abs(Fraction(exact_of(tolerance, "rationalize")))
    result = shrink(simplest(near - within, near + within))
    return float(result) if inexact_ else result


def simplest(low: Fraction, high: Fraction) -> Fraction:
    """The fraction with the least denominator in [LOW, HIGH], by continued fractions."""
    if low <= 0 <= high:
        return Fraction(0)
    if high < 0:
        return -simplest(-high, -low)
    terms: list[int] = []
    while True:
        whole = math.floor(low)
        if low == whole or math.floor(high) > whole:
            terms.append(whole if low == whole else whole + 1)
            break
        terms.append(whole)
        low, high = 1 / (high - whole), 1 / (low - whole)
    result = Fraction(terms.pop())
    while terms:
        result = terms.pop() + 1 / result
    return result


@primitive("sqrt", effects="pure")
def sqrt(z: Number) -> Any:
    """The square root; exact where it is rational, complex where Z is negative.

    > (sqrt 16/9)
    => 4/3
    > (sqrt 2)
    => 1.4142135623730951
    > (sqrt -4)
    => +2i
    """
    if z.__class__ is int and 0 <= z < BIG:
        root_of_square = math.isqrt(z)
        return root_of_square if root_of_square * root_of_square == z else math.sqrt(z)
    if z.__class__ is Gaussian:
        exactly = root(z)
        return cmath.sqrt(complex(z)) if exactly is None else exactly
    if z.__class__ is complex:
        principal = cmath.sqrt(z)
        on_axis = principal.real == 0.0  # then the imaginary part is not negative, even of -1.0-0.0i
        return complex(0.0, abs(principal.imag)) if on_axis else principal
    if z.__class__ is float:
        return math.sqrt(z) if z >= 0 or z != z else complex(0.0, math.sqrt(-z))
    q = abs(Fraction(z))
    charge((q.numerator.bit_length() + q.denominator.bit_length()) >> 6)
    size = exact_root(q)
    if size is None:
        nearest = as_exactness(q, "i")
        whole = Fraction(math.isqrt(q.numerator), math.isqrt(q.denominator))
        size = math.sqrt(nearest) if math.isfinite(nearest) else as_exactness(whole, "i")
    return size if z >= 0 else rectangular(0, size)


def _function(
    name: str, of_reals: Callable, of_complex: Callable, exact_case: tuple[int, int] | None, doc: str
) -> None:
    """Declare an elementary function; EXACT_CASE: (argument, value) that stays exact."""

    def function(z: Number) -> Any:
        if exact_case and z.__class__ is int and z == exact_case[0]:
            return exact_case[1]
        if isinstance(z, (complex, Gaussian)):
            return of_complex(complex(z))
        x = as_exactness(z, "i") if z.__class__ is not float else z
        try:
            return of_reals(x)
        except ValueError:  # outside the real function's domain
            return of_complex(x) if math.isfinite(x) else math.nan
        except OverflowError:
            return math.inf

    function.__doc__ = doc
    primitive(name, effects="pure")(function)


def _below(of_complex: Callable) -> Callable:
    """OF_COMPLEX, which takes a real number beyond 1 to lie on the lower side of its cut, as R7RS 6.2.6 has it."""
    return lambda z: of_complex(complex(z, -0.0) if z.__class__ is float and z > 1 else z)


_function("exp", math.exp, cmath.exp, (0, 1), "e to the power Z.\n\n> (exp 1)\n=> 2.718281828459045")
_function("sin", math.sin, cmath.sin, (0, 0), "The sine of Z radians.\n\n> (sin 0)\n=> 0")
_function("cos", math.cos, cmath.cos, (0, 1), "The cosine of Z radians.\n\n> (cos 0)\n=> 1")
_function("tan", math.tan, cmath.tan, (0, 0), "The tangent of Z radians.\n\n> (tan 0.0)\n=> 0.0")
_function(
    "asin",
    math.asin,
    _below(cmath.asin),
    (0, 0),
    "The angle whose sine is Z.\n\n> (asin 1)\n=> 1.5707963267948966",
)
_function("acos", math.acos, _below(cmath.acos), (1, 0), "The angle whose cosine is Z.\n\n> (acos 1)\n=> 0")
_function("sinh", math.sinh, cmath.sinh, (0, 0), "The hyperbolic sine.\n\n> (sinh 0)\n=> 0")
_function("tanh", math.tanh, cmath.tanh, (0, 0), "The hyperbolic tangent.\n\n> (tanh 0)\n=> 0")


@primitive("log", effects="pure")
def log(z: Number, base: Number | None = None) -> Any:
    """The natural logarithm of Z, or the one to BASE.

    > (log 1)
    => 0
    > (log 8 2)
    => 3.0
    """
    if base is None:
        return natural_log(z)
    if z.__class__ in (int, float) and base.__class__ is int and base in (2, 10) and z > 0:
        return (math.log2 if base == 2 else math.log10)(z)
    below = natural_log(base)
    if not below:
        division_by_zero("log", z)
    return natural_log(z) / below


def natural_log(z: Any) -> Any:
    if z.__class__ is int and z == 1:
        return 0
    if z == 0:
        if z.__class__ is not float:
            raise EvalError("log: 0 has no logarithm", code="division", irritants=(z,))
        return -math.inf
    if isinstance(z, (complex, Gaussian)):
        return cmath.log(complex(z))
    if z < 0:
        return complex(natural_log(-z), math.pi)
    if z.__class__ is Fraction:
        return math.log(z.numerator) - math.log(z.denominator)
    return math.log(z)


@primitive("atan", effects="pure")
def atan(y: Number, x: Real | None = None) -> Any:
    """The angle whose tangent is Y; with X, the angle of the point (X, Y), between -π and π.

    > (atan 1)
    => 0.7853981633974483
    > (atan 1 -1)
    => 2.356194490192345
    """
    if x is None:
        if isinstance(y, (complex, Gaussian)):
            return cmath.atan(complex(y))
        return 0 if y.__class__ is int and y == 0 else math.atan(as_exactness(y, "i"))
    if y.__class__ is int and y == 0 and x.__class__ is not float:
        if x == 0:
            division_by_zero("atan", y)
        if x > 0:
            return 0
    return math.atan2(float(y), float(x))


def check_radix(caller: str, radix: int) -> int:
    if radix not in RADICES:
        raise EvalError(f"{caller}: the radix should be from 2 to 36, not {radix}", irritants=(radix,))
    return radix


@primitive("number->string", effects="pure")
def number_to_string(z: Number, radix: int = 10) -> str:
    """Z written in RADIX, from 2 to 36.

    > (number->string 255 16)
    => "ff"
    > (number->string 1e21)
    => "1e21"
    """
    if radix == 10 and z.__class__ is int and -BIG < z < BIG:
        return str(z)
    check_radix("number->string", radix)
    for part in (z.numerator, z.denominator) if z.__class__ in (int, Fraction) else ():
        charge(conversion_cost(part.bit_length() // 3), part.bit_length() // 3)
    return number_text(z, radix)


@primitive("string->number", effects="pure")
def string_to_number(text: str, radix: int = 10) -> Any:
    """The number that TEXT spells in RADIX, from 2 to 36, or #f.

    > (string->number "1e3")
    => 1000.0
    > (string->number "ff" 16)
    => 255
    > (string->number "abc")
    => #f
    """
    if radix == 10 and len(text) < SHORT and text.isascii() and text.isdigit():
        return int(text)
    charge(conversion_cost(len(text)), len(text))
    try:
        value = parse_number(text, check_radix("string->number", radix), points=True)
    except ValueError:
        return False
    return False if value is None else value
