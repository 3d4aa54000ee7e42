"""Characters: Unicode scalar values."""

from __future__ import annotations

import operator
import unicodedata
from collections.abc import Callable
from typing import Any

from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import primitive
from chorus.runtime.values import Char


@primitive("char?", effects="pure", checked=False)
def is_char(value: Any) -> bool:
    r"""Whether VALUE is a character.

    > (char? #\a)
    => #t
    """
    return value.__class__ is Char


@primitive("char->integer", effects="pure")
def char_to_integer(char: Char) -> int:
    r"""CHAR's Unicode scalar value.

    > (char->integer #\A)
    => 65
    """
    return ord(char.value)


@primitive("integer->char", effects="pure")
def integer_to_char(code: int) -> Char:
    r"""The character of a Unicode scalar value.

    > (integer->char 955)
    => #\λ
    """
    if not 0 <= code <= 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise EvalError(f"integer->char: {code} is no Unicode character", code="range", irritants=(code,))
    return Char(chr(code))


def _case(name: str, change: Callable[[str], str], simple: Callable[[str], str], doc: str) -> None:
    """CHANGE is Unicode's full mapping; where that is several characters, SIMPLE may know the one to one."""

    known: dict[Char, Char] = {}

    def convert(char: Char) -> Char:
        found = known.get(char)
        return found if found is not None else known.setdefault(char, _converted(char, change, simple))

    convert.__doc__ = doc
    primitive(name, effects="pure")(convert)


def _converted(char: Char, *mappings: Callable[[str], str]) -> Char:
    for mapping in mappings:
        changed = mapping(char.value)
        if len(changed) == 1:
            return Char(changed)
    return char


def _lower(char: str) -> str:
    return "i" if char == "İ" else char.lower()  # İ alone has no lower-case letter to itself


_case("char-upcase", str.upper, str.title, "CHAR as an upper-case letter.\n\n> (char-upcase #\\a)\n=> #\\A")
_case("char-downcase", _lower, _lower, "CHAR as a lower-case letter.\n\n> (char-downcase #\\A)\n=> #\\a")
_case("char-foldcase", str.casefold, str.lower, "CHAR without case.\n\n> (char-foldcase #\\A)\n=> #\\a")


def _space(char: str) -> bool:
    return char.isspace() and not "\x1c" <= char <= "\x1f"  # which the host takes for ends of lines


def _kind(name: str, holds: Callable[[str], bool], doc: str) -> None:
    def test(char: Char) -> bool:
        return holds(char.value)

    test.__doc__ = doc
    primitive(name, effects="pure")(test)


_kind("char-alphabetic?", str.isalpha, "Whether CHAR is a letter.\n\n> (char-alphabetic? #\\3)\n=> #f")
_kind("char-numeric?", str.isdecimal, "Whether CHAR is a decimal digit.\n\n> (char-numeric? #\\3)\n=> #t")
_kind("char-whitespace?", _space, "Whether CHAR is white space.\n\n> (char-whitespace? #\\space)\n=> #t")
_kind(
    "char-upper-case?",
    str.isupper,
    "Whether CHAR is an upper-case letter.\n\n> (char-upper-case? #\\A)\n=> #t",
)
_kind(
    "char-lower-case?",
    str.islower,
    "Whether CHAR is a lower-case letter.\n\n> (char-lower-case? #\\A)\n=> #f",
)


@primitive("digit-value", effects="pure")
def digit_value(char: Char) -> Any:
    r"""The value of a decimal digit, or #f.

    > (digit-value #\7)
    => 7
    > (digit-value #\a)
    => #f
    """
    return unicodedata.decimal(char.value, False)


def _compare(name: str, holds: Callable[[str, str], bool], fold: bool, doc: str) -> None:
    def compare(first: Char, *others: Char) -> bool:
        if len(others) == 1 and not fold:
            return holds(first.value, others[0].value)
        texts = [each.value.casefold() if fold else each.value for each in (first, *others)]
        return all(map(holds, texts, texts[1:]))

    compare.__doc__ = doc
    primitive(name, effects="pure")(compare)


RELATIONS: tuple[tuple[str, Callable[[Any, Any], bool], str, str], ...] = (
    ("=?", operator.eq, "the same", "#f"),
    ("<?", operator.lt, "in growing order", "#t"),
    (">?", operator.gt, "in shrinking order", "#f"),
    ("<=?", operator.le, "in order, none less than the one before", "#t"),
    (">=?", operator.ge, "in order, none more than the one before", "#f"),
)
for _suffix, _holds, _what, _shown in RELATIONS:
    _compare(
        f"char{_suffix}",
        _holds,
        False,
        f"Whether all are {_what}.\n\n> (char{_suffix} #\\a #\\b)\n=> {_shown}",
    )
    _compare(
        f"char-ci{_suffix}",
        _holds,
        True,
        f"Whether all are {_what}, in upper case or lower.\n\n> (char-ci{_suffix} #\\A #\\b)\n=> {_shown}",
    )
