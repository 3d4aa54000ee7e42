"""Number syntax both ways: text ↔ exact and inexact numbers, in any radix, without quadratic cliffs.

A complex number is exact where both parts are: `1+2i` is, `1+2.0i` reads as 1.0+2.0i.
"""

from __future__ import annotations

import re
import sys
from fractions import Fraction
from functools import lru_cache
from math import ceil, frexp, isinf, isnan, log2
from typing import Any

from chorus.runtime.gaussian import Gaussian, rectangular, shrink
from chorus.runtime.patterns import lazily

NUMERALS = "0123456789abcdefghijklmnopqrstuvwxyz"
RADICES = range(2, len(NUMERALS) + 1)
FORMATS = {2: "b", 8: "o", 16: "x"}
RADIX = {"b": 2, "o": 8, "d": 10, "x": 16}
PLAIN = lazily(r"[+-]?(?:[0-9]{1,15}|[0-9]+\.[0-9]*(?:e[+-]?[0-9]+)?)", re.I)  # as most numbers are written
PREFIX = lazily(r"(?:#([bodx]))?(?:#([ei]))?(?:#([bodx]))?", re.I)
SPECIAL = {"+inf.0": float("inf"), "-inf.0": float("-inf"), "+nan.0": float("nan"), "-nan.0": float("nan")}
MARKERS = str.maketrans("sfdl", "eeee")  # exponents that ask for a precision (R7RS 6.2.5): there is one
CHUNK = 4000  # decimal digits that Python converts at once; above its limit it refuses
LARGEST_EXPONENT = 100_000  # of an exact number written with one, such as #e1e9

sys.set_int_max_str_digits(0)  # conversions here are sub-quadratic, and callers charge for them


def parse_number(text: str, radix: int = 10, points: bool = False) -> Any:
    """The number that TEXT spells in RADIX, or None when it spells none.

    POINTS: also `10.1` in another radix than ten, as `number->string` writes it and no program is written.
    ValueError where the spelling is right and the number does not exist: `1/0`, `#e+inf.0`.
    """
    if radix == 10 and PLAIN.fullmatch(text):
        return float(text) if "." in text else int(text)
    head = PREFIX.match(text)
    assert head is not None
    first, exactness, second = (part and part.lower() for part in head.groups())
    if first and second:
        return None
    radix = RADIX.get(first or second or "", radix)
    parts = _patterns(radix, points).fullmatch(text, head.end())
    if parts is None:
        return None
    kind = parts.lastgroup
    if kind == "real":
        return real(parts["real"], radix, exactness)
    if kind == "angle":
        return polar(real(parts["length"], radix, exactness), real(parts["angle"], radix, exactness))
    whole = parts["whole"] or "0"
    imaginary = parts["imaginary"]
    return rectangular(
        real(whole, radix, exactness),
        real(imaginary if len(imaginary) > 1 else imaginary + "1", radix, exactness),
    )


@lru_cache(maxsize=8)
def _patterns(radix: int, points: bool) -> re.Pattern[str]:
    digit = f"[{NUMERALS[:radix]}]"
    unsigned = rf"{digit}+(?:/{digit}+)?"
    if points:
        unsigned = rf"(?:{unsigned}|{digit}+\.{digit}*|\.{digit}+)"
    if radix == 10:
        unsigned = r"(?:[0-9]+/[0-9]+|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[esfdl][+-]?[0-9]+)?)"
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
        text = text.lower().translate(MARKERS)
        return float(text) if exactness != "e" else _exact_decimal(text)
    if "." in text:
        whole, _, part = text.partition(".")
        value = shrink(Fraction(parse_integer(whole + part, radix), radix ** len(part)))
        return value if exactness == "e" else as_exactness(value, "i")
    return as_exactness(parse_integer(text, radix), exactness)


def as_exactness(value: Any, exactness: str | None) -> Any:
    if exactness != "i":
        return value
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def polar(length: Any, angle: Any) -> Any:
    """The number at LENGTH from 0 in direction ANGLE."""
    import cmath

    if (angle.__class__ is int and angle == 0) or (length.__class__ is int and length == 0):
        return length
    return cmath.rect(float(length), float(angle))


def _exact_decimal(text: str) -> int | Fraction:
    mantissa, _, exponent = text.partition("e")
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
        return format(value, FORMATS[radix]) if radix in FORMATS else _in_radix(value, radix)
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


def _in_radix(value: int, radix: int) -> str:
    """VALUE's digits, by halves where they are many."""
    powers: dict[int, int] = {}

    def convert(number: int, places: int) -> str:
        if places == 1:
            return NUMERALS[number]
        low = places // 2
        if low not in powers:
            powers[low] = radix**low
        above, below = divmod(number, powers[low])
        return convert(above, places - low) + convert(below, low)

    most = int(abs(value).bit_length() / log2(radix)) + 1
    return ("-" if value < 0 else "") + (convert(abs(value), most).lstrip("0") or "0")


def number_text(value: Any, radix: int = 10) -> str:
    """How `write` spells a number."""
    kind = value.__class__
    if kind is int:
        return integer_text(value, radix)
    if kind is float:
        return _float_text(value) if radix == 10 else _float_in_radix(value, radix)
    if kind is Fraction:
        return f"{integer_text(value.numerator, radix)}/{integer_text(value.denominator, radix)}"
    whole, imaginary = number_text(value.real, radix), number_text(value.imag, radix)
    if kind is Gaussian and value.imag in (1, -1):
        imaginary = imaginary[:-1]  # +i, not +1i
    sign = "" if imaginary[:1] in ("+", "-") else "+"
    return ("" if whole in ("0.0", "0") else whole) + f"{sign}{imaginary}i"


def _float_text(value: float) -> str:
    if isnan(value):
        return "+nan.0"
    if isinf(value):
        return "+inf.0" if value > 0 else "-inf.0"
    mantissa, exponent, power = repr(value).partition("e")
    return mantissa + (f"e{int(power)}" if exponent else "")


def _float_in_radix(value: float, radix: int) -> str:
    """VALUE without exponent, with as many places as it takes to tell it from other floats."""
    if isnan(value) or isinf(value):
        return _float_text(value)
    exact, bits = Fraction(abs(value)), log2(radix)
    if radix in FORMATS or bits.is_integer():  # the expansion ends: there is no other
        places = ceil((exact.denominator.bit_length() - 1) / bits)
    else:
        places = ceil((54 - frexp(value)[1]) / bits) + 1
    places = max(places, 1)
    digits = integer_text(round(exact * radix**places), radix).rjust(places + 1, "0")
    sign = "-" if str(value)[0] == "-" else ""
    return f"{sign}{digits[:-places]}.{digits[-places:].rstrip('0') or '0'}"
