"""What kind of number a value is: exact or not, whole, finite, its sign."""

from __future__ import annotations

from fractions import Fraction
from math import isfinite, isinf, isnan
from typing import Any

from chorus.runtime.gaussian import Gaussian
from chorus.runtime.primitive import primitive
from chorus.runtime.primitives.numbers import NUMBERS, REALS, Number, Real, integral, number, real


@primitive("number?", effects="pure", checked=False, aliases=("complex?",))
def is_number(value: Any) -> bool:
    """Whether VALUE is a number.

    > (number? 1/2)
    => #t
    > (number? #t)
    => #f
    """
    return value.__class__ in NUMBERS


@primitive("real?", effects="pure", checked=False)
def is_real(value: Any) -> bool:
    """Whether VALUE is a real number.

    > (real? 2.5)
    => #t
    > (real? +i)
    => #f
    """
    return value.__class__ in REALS


@primitive("rational?", effects="pure", checked=False)
def is_rational(value: Any) -> bool:
    """Whether VALUE is a quotient of integers: any real but the infinities and NaN.

    > (rational? 0.5)
    => #t
    > (rational? +inf.0)
    => #f
    """
    return value.__class__ in REALS and (value.__class__ is not float or isfinite(value))


@primitive("integer?", effects="pure", checked=False)
def is_integer(value: Any) -> bool:
    """Whether VALUE is an integer, exact or not.

    > (integer? 2.0)
    => #t
    > (integer? 5/2)
    => #f
    """
    return integral(value)


@primitive("exact-integer?", effects="pure", checked=False)
def is_exact_integer(value: Any) -> bool:
    """Whether VALUE is an exact integer.

    > (exact-integer? 2.0)
    => #f
    """
    return value.__class__ is int


@primitive("exact-rational?", effects="pure", checked=False)
def is_exact_rational(value: Any) -> bool:
    """Whether VALUE is an exact number.

    > (exact-rational? 5/2)
    => #t
    """
    return value.__class__ in (int, Fraction)


@primitive("exact?", effects="pure")
def is_exact(z: Number) -> bool:
    """Whether the number Z is exact.

    > (exact? 1/3)
    => #t
    > (exact? 0.5)
    => #f
    """
    return z.__class__ in (int, Fraction, Gaussian)


@primitive("inexact?", effects="pure")
def is_inexact(z: Number) -> bool:
    """Whether the number Z is inexact.

    > (inexact? 0.5)
    => #t
    """
    return z.__class__ in (float, complex)


def parts(z: Any) -> tuple[Any, ...]:
    return (z.real, z.imag) if z.__class__ in (complex, Gaussian) else (z,)


@primitive("nan?", effects="pure")
def is_nan(z: Number) -> bool:
    """Whether Z is +nan.0, or has such a part.

    > (nan? (- +inf.0 +inf.0))
    => #t
    """
    return any(part.__class__ is float and isnan(part) for part in parts(z))


@primitive("finite?", effects="pure")
def is_finite(z: Number) -> bool:
    """Whether Z is neither infinite nor NaN.

    > (finite? 1e300)
    => #t
    """
    return all(part.__class__ is not float or isfinite(part) for part in parts(z))


@primitive("infinite?", effects="pure")
def is_infinite(z: Number) -> bool:
    """Whether Z is +inf.0 or -inf.0, or has such a part.

    > (infinite? -inf.0)
    => #t
    """
    return any(part.__class__ is float and isinf(part) for part in parts(z))


@primitive("zero?", effects="pure", checked=False)
def is_zero(z: Number) -> bool:
    """Whether Z is 0.

    > (zero? -0.0)
    => #t
    """
    return number(z, "zero?") == 0


@primitive("positive?", effects="pure", checked=False)
def is_positive(x: Real) -> bool:
    """Whether X is greater than 0.

    > (positive? 0)
    => #f
    """
    return real(x, "positive?") > 0


@primitive("negative?", effects="pure", checked=False)
def is_negative(x: Real) -> bool:
    """Whether X is less than 0.

    > (negative? -1/2)
    => #t
    """
    return real(x, "negative?") < 0
