"""Complex numbers with exact parts (Gaussian rationals); those with inexact parts are Python's own `complex`.

A value is made by `rectangular` alone, so that its imaginary part is never zero and both parts are integers or
proper fractions.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

EXACT = (int, Fraction)


def shrink(value: Any) -> Any:
    """An integer when the fraction VALUE is one: rationals never have denominator 1."""
    return value.numerator if value.__class__ is Fraction and value.denominator == 1 else value


def rectangular(real: Any, imaginary: Any) -> Any:
    """REAL + IMAGINARY·i: real when IMAGINARY is an exact zero, exact when both parts are."""
    if imaginary.__class__ is int and imaginary == 0:
        return real
    if real.__class__ in EXACT and imaginary.__class__ in EXACT:
        imaginary = shrink(imaginary)
        return Gaussian(shrink(real), imaginary) if imaginary else shrink(real)
    return complex(float(real), float(imaginary))


def _lifted(
    operation: Callable[[Any, Any, Any, Any], Any], host: Callable[[Any, Any], Any], swap: bool
) -> Any:
    """A method: OPERATION on the parts of two exact numbers, HOST on complex ones. SWAP: the other one is first."""

    def method(self: Gaussian, other: Any) -> Any:
        kind = other.__class__
        if kind is Gaussian or kind in EXACT:
            a, b = (other, self) if swap else (self, other)
            return operation(a.real, a.imag, b.real, b.imag)
        if kind is float or kind is complex:
            return host(other, complex(self)) if swap else host(complex(self), other)
        return NotImplemented

    return method


def _divided(a: Any, b: Any, c: Any, d: Any) -> Any:
    size = Fraction(c * c + d * d)
    return rectangular((a * c + b * d) / size, (b * c - a * d) / size)


def _both(
    operation: Callable[[Any, Any, Any, Any], Any], host: Callable[[Any, Any], Any]
) -> tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any]]:
    return _lifted(operation, host, False), _lifted(operation, host, True)


class Gaussian:
    """An exact complex number that is not real."""

    __slots__ = ("imag", "real")

    def __init__(self, real: Any, imag: Any) -> None:
        self.real = real
        self.imag = imag

    __add__, __radd__ = _both(lambda a, b, c, d: rectangular(a + c, b + d), lambda x, y: x + y)
    __sub__, __rsub__ = _both(lambda a, b, c, d: rectangular(a - c, b - d), lambda x, y: x - y)
    __mul__, __rmul__ = _both(
        lambda a, b, c, d: rectangular(a * c - b * d, a * d + b * c), lambda x, y: x * y
    )
    __truediv__, __rtruediv__ = _both(_divided, lambda x, y: x / y)

    def __neg__(self) -> Gaussian:
        return Gaussian(-self.real, -self.imag)

    def __complex__(self) -> complex:
        return complex(float(self.real), float(self.imag))

    def __abs__(self) -> Any:
        square = Fraction(self.real * self.real + self.imag * self.imag)
        above, below = math.isqrt(square.numerator), math.isqrt(square.denominator)
        if above * above == square.numerator and below * below == square.denominator:
            return shrink(Fraction(above, below))
        return abs(complex(self))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Gaussian | complex) and self.real == other.real and self.imag == other.imag

    def __hash__(self) -> int:
        return hash((self.real, self.imag))

    def __repr__(self) -> str:
        return f"Gaussian({self.real}, {self.imag})"


def power(base: Gaussian, exponent: int) -> Any:
    """BASE to an integer power, by squaring."""
    result: Any = 1
    factor: Any = base
    left = abs(exponent)
    while left:
        if left & 1:
            result = result * factor
        factor = factor * factor
        left >>= 1
    if exponent >= 0:
        return result
    return 1 / result if result.__class__ is Gaussian else shrink(Fraction(1, result))


def root(z: Gaussian) -> Any:
    """The exact principal square root of Z; None when it has none."""
    size = abs(z)
    if size.__class__ is float:
        return None
    real, imaginary = (exact_root(shrink(Fraction(size + part, 2))) for part in (z.real, -z.real))
    if real is None or imaginary is None:
        return None
    return rectangular(real, -imaginary if z.imag < 0 else imaginary)


def exact_root(value: Any) -> Any:
    """The root of an exact real that is not negative, where it is rational; else None."""
    q = Fraction(value)
    above, below = math.isqrt(q.numerator), math.isqrt(q.denominator)
    if above * above != q.numerator or below * below != q.denominator:
        return None
    return shrink(Fraction(above, below))
