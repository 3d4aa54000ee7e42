"""Complex numbers: their parts, their polar form."""

from __future__ import annotations

import cmath
from fractions import Fraction
from typing import Any

from chorus.runtime.gaussian import rectangular
from chorus.runtime.numerals import polar
from chorus.runtime.primitive import primitive
from chorus.runtime.primitives.numbers import REALS, Number, Real


@primitive("magnitude", effects="pure")
def magnitude(z: Number) -> Any:
    """Z's distance from 0.

    > (magnitude 3+4i)
    => 5
    """
    return abs(z)


@primitive("angle", effects="pure")
def angle(z: Number) -> Any:
    """Z's direction from 0, in radians.

    > (angle 1)
    => 0
    """
    if z.__class__ in (int, Fraction) and z >= 0:
        return 0
    return cmath.phase(complex(z))


@primitive("real-part", effects="pure")
def real_part(z: Number) -> Any:
    """Z's real part.

    > (real-part 1.5+2i)
    => 1.5
    """
    return z if z.__class__ in REALS else z.real


@primitive("imag-part", effects="pure")
def imag_part(z: Number) -> Any:
    """Z's imaginary part.

    > (imag-part 5)
    => 0
    """
    return 0 if z.__class__ in REALS else z.imag


@primitive("make-rectangular", effects="pure")
def make_rectangular(x: Real, y: Real) -> Any:
    """X + Y·i; exact where both parts are.

    > (make-rectangular 1 2)
    => 1+2i
    """
    return rectangular(x, y)


@primitive("make-polar", effects="pure")
def make_polar(length: Real, angle: Real) -> Any:
    """The number at LENGTH from 0 in direction ANGLE (radians).

    > (make-polar 2 0)
    => 2
    """
    return polar(length, angle)
