"""Number syntax both ways: text ↔ exact and inexact numbers, in R7RS's radices, without quadratic cliffs.

Complex numbers are inexact here: `1+2i` reads as 1.0+2.0i.
"""

from __future__ import annotations

import re
import sys
from fractions import Fraction
from functools import lru_cache
from math import isinf, isnan
from typing import Any

DIGITS = {2: "[01]", 8: "[0-7]", 10: "[0-9]", 16: "[0-9a-fA-F]"}
RADIX = {"b": 2, "o": 8, "d": 10, "x": 16}
PREFIX = re.compile(r"(?:#([bodx]))?(?:#([ei]))?(?:#([bodx]))?", re.I)
SPECIAL = {"+inf.0": float("inf"), "-inf.0": float("-inf"), "+nan.0": float("nan"), "-nan.0": float("nan")}
CHUNK = 4000  # decimal digits that Python converts at once; above its limit it refuses
LARGEST_EXPONENT = 100_000  # of an exact number written with one, such as #e1e9

sys.set_int_max_str_digits(0)  # conversions here are sub-quadratic, and callers charge for them


def parse_number(text: str, radix: int = 10) -> Any:
    """The number that TEXT spells in RADIX, or None when it spells none.

    ValueError where the spelling is right and the number does not exist: `1/0`, `#e+inf.0`.
    """
    head = PREFIX.match(text)
    assert head is not None
    first, exactness, second = (part and part.lower() for part in head.groups())
    if first and second:
        return None
    radix = RADIX.get(first or second or "", radix)
    parts = _patterns(radix).fullmatch(text, head.end())
    if parts is None:
        return None
    kind = parts.lastgroup
    if kind == "real":
        return real(parts["real"], radix, exactness)
    if kind == "angle":
        return _polar(real(parts["length"], radix, exactness), real(parts["angle"], radix, exactness))
    whole = parts["whole"] or "0"
    imaginary = parts["imaginary"]
    return rectangular(
        real(whole, radix, exactness),
        real(imaginary if len(imaginary) > 1 else imaginary + "1", radix, exactness),
    )


@lru_cache(maxsize=4)
def _patterns(radix: int) -> re.Pattern[str]:
    digit = DIGITS[radix]
    unsigned = rf"{digit}+(?:/{digit}+)?"
    if radix == 10:
        unsigned = r"(?:[0-9]+/[0-9]+|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?)"
    special = r"(?:inf|nan)\.0"
    signed = rf"(?:[+-]?{unsigned}|[+-]{special})"
    return re.compile(
        rf"(?P<real>{signed})|(?P<length>{signed})@(?P<angle>{signed})"
        rf"|(?P<whole>{signed})?(?P<imaginary>[+-](?:{unsigned}|{special})?)i",
        re.I,
    )


def real(text: str, radix: int, exactness: str | None) -> Any:
    """A real number without prefix or imaginary part; EXACTNESS is "e", "i" or None (as written)."""
    special = SPECIAL.get(text.lower())
    if special is not None:
        if exactness == "e":
            raise ValueError(f"{text} has no exact equal")
        return special
    if "/" in text:
        above, below = text.split("/")
        bottom = parse_integer(below, radix)
        if not bottom:
            raise ValueError("division by zero")
        return as_exactness(shrink(Fraction(parse_integer(above, radix), bottom)), exactness)
    if radix == 10 and not text.lstrip("+-").isdigit():
        return float(text) if exactness != "e" else _exact_decimal(text)
    return as_exactness(parse_integer(text, radix), exactness)


def as_exactness(value: Any, exactness: str | None) -> Any:
    if exactness != "i":
        return value
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def shrink(value: Fraction) -> int | Fraction:
    """An integer when VALUE is one: rationals never have denominator 1."""
    return value.numerator if value.denominator == 1 else value


def rectangular(whole: Any, imaginary: Any) -> Any:
    """WHOLE + IMAGINARY·i; real when the imaginary part is an exact zero."""
    if imaginary.__class__ is int and imaginary == 0:
        return whole
    return complex(float(whole), float(imaginary))


def _polar(length: Any, angle: Any) -> Any:
    import cmath

    if angle.__class__ is int and angle == 0:
        return length
    return cmath.rect(float(length), float(angle))


def _exact_decimal(text: str) -> int | Fraction:
    mantissa, _, exponent = text.lower().partition("e")
    if abs(int(exponent or "0")) > LARGEST_EXPONENT:
        raise ValueError(f"an exact number with an exponent beyond {LARGEST_EXPONENT}")
    whole, _, part = mantissa.partition(".")
    scale = int(exponent or "0") - len(part)
    number = parse_integer(whole + part, 10)
    return number * 10**scale if scale >= 0 else shrink(Fraction(number, 10**-scale))


def parse_integer(text: str, radix: int) -> int:
    """int(TEXT, RADIX), by halves where decimal digits are many: 10⁶ digits take a second, not minutes."""
    if radix != 10 or len(text) <= CHUNK:
        return int(text, radix)
    sign = -1 if text[0] == "-" else 1
    powers: dict[int, int] = {}

    def convert(low: int, high: int) -> int:
        if high - low <= CHUNK:
            return int(text[low:high])
        size = (high - low) // 2
        if size not in powers:
            powers[size] = 10**size
        return convert(low, high - size) * powers[size] + convert(high - size, high)

    return sign * convert(1 if text[0] in "+-" else 0, len(text))


def conversion_cost(digits: int) -> int:
    """Steps to convert so many decimal digits: a Karatsuba multiplication of that size, ten digits a step."""
    return int((digits / 10) ** 1.585) if digits > 1000 else 1


def integer_text(value: int, radix: int = 10) -> str:
    """VALUE's digits; decimal ones through `decimal`'s fast multiplication when there are many."""
    if radix != 10:
        return format(value, {2: "b", 8: "o", 16: "x"}[radix])
    if value.bit_length() <= 3 * CHUNK:
        return str(value)
    from decimal import MAX_EMAX, MAX_PREC, Context, Decimal

    context = Context(prec=MAX_PREC, Emax=MAX_EMAX)
    powers: dict[int, Decimal] = {}

    def convert(number: int, bits: int) -> Decimal:
        if bits <= 1024:
            return Decimal(number)
        low = bits // 2
        if low not in powers:
            powers[low] = context.power(Decimal(2), low)
        top = context.multiply(convert(number >> low, bits - low), powers[low])
        return context.add(top, convert(number & ((1 << low) - 1), low))

    digits = str(convert(abs(value), value.bit_length()))
    return "-" + digits if value < 0 else digits


def number_text(value: Any, radix: int = 10) -> str:
    """How `write` spells a number."""
    kind = value.__class__
    if kind is int:
        return integer_text(value, radix)
    if kind is float:
        return _float_text(value)
    if kind is Fraction:
        return f"{integer_text(value.numerator, radix)}/{integer_text(value.denominator, radix)}"
    imaginary = _float_text(value.imag)
    sign = "" if imaginary[0] in "+-" else "+"
    whole = _float_text(value.real)
    return ("" if whole == "0.0" else whole) + f"{sign}{imaginary}i"


def _float_text(value: float) -> str:
    if isnan(value):
        return "+nan.0"
    if isinf(value):
        return "+inf.0" if value > 0 else "-inf.0"
    mantissa, exponent, power = repr(value).partition("e")
    return mantissa + (f"e{int(power)}" if exponent else "")
