"""Working with strings as texts: searching, splitting, joining, replacing, padding, templates."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from chorus.runtime.errors import EvalError
from chorus.runtime.limits import charge
from chorus.runtime.numerals import number_text
from chorus.runtime.primitive import Items, primitive, wrong_type
from chorus.runtime.primitives.lists import reserve
from chorus.runtime.primitives.strings import BLANK
from chorus.runtime.printer import display, write
from chorus.runtime.values import Char, MutableString, make_list


@primitive("string-null?", effects="pure", aliases=("string-empty?",))
def is_empty(text: str) -> bool:
    """Whether TEXT has no characters.

    > (string-null? "")
    => #t
    """
    return not text


@primitive("string-contains", effects="pure")
def string_contains(text: str, part: str, start: int = 0) -> Any:
    """Where PART begins in TEXT, at or after START, or #f.

    > (string-contains "banana" "nan")
    => 2
    > (string-contains "banana" "x")
    => #f
    """
    at = text.find(part, max(start, 0))
    return False if at < 0 else at


@primitive("string-search-all", effects="pure")
def string_search_all(part: str, text: str) -> Any:
    """Where PART begins in TEXT, every time, overlaps too.

    > (string-search-all "ana" "banana")
    => (1 3)
    """
    found: list[int] = []
    at = text.find(part)
    while at >= 0:
        found.append(at)
        at = text.find(part, at + 1)
    return make_list(found)


@primitive("string-index", effects="pure")
def string_index(text: str, char: Char, start: int = 0) -> Any:
    r"""Where CHAR first stands in TEXT, at or after START, or #f.

    > (string-index "banana" #\n)
    => 2
    """
    return string_contains(text, char.value, start)


@primitive("string-prefix?", effects="pure")
def is_prefix(prefix: str, text: str) -> bool:
    """Whether TEXT begins with PREFIX.

    > (string-prefix? "ba" "banana")
    => #t
    """
    return text.startswith(prefix)


@primitive("string-suffix?", effects="pure")
def is_suffix(suffix: str, text: str) -> bool:
    """Whether TEXT ends with SUFFIX.

    > (string-suffix? "na" "banana")
    => #t
    """
    return text.endswith(suffix)


@primitive("string-trim", effects="pure")
def string_trim(text: str) -> str:
    """TEXT without white space at its ends.

    > (string-trim "  a b ")
    => "a b"
    """
    return text.strip()


@primitive("string-trim-left", effects="pure")
def string_trim_left(text: str) -> str:
    """TEXT without white space at its beginning.

    > (string-trim-left "  a ")
    => "a "
    """
    return text.lstrip()


@primitive("string-trim-right", effects="pure")
def string_trim_right(text: str) -> str:
    """TEXT without white space at its end.

    > (string-trim-right " a  ")
    => " a"
    """
    return text.rstrip()


@primitive("string-split", effects="pure")
def string_split(text: str, separator: str | Char | None = None, *, limit: int | None = None) -> Any:
    """TEXT's parts between SEPARATORs; without one, its words. At most LIMIT cuts are made.

    > (string-split "a,b,,c" ",")
    => ("a" "b" "" "c")
    > (string-split "  two words ")
    => ("two" "words")
    """
    cut = separator.value if isinstance(separator, Char) else separator
    if cut == "":
        return make_list(text)
    return make_list(text.split(cut, -1 if limit is None else limit))


@primitive("string-join", effects="pure")
def string_join(texts: Items, separator: str = " ") -> str:
    """TEXTS with SEPARATOR in between.

    > (string-join '("a" "b") ", ")
    => "a, b"
    """
    parts = [plain("string-join", each) for each in texts]
    reserve(sum(map(len, parts)) + len(parts) * len(separator), "string-join")
    return separator.join(parts)


def plain(caller: str, value: Any) -> str:
    if value.__class__ not in (str, MutableString):
        raise wrong_type(caller, "text", "a string", value)
    return str(value)


@primitive("string-replace", effects="pure")
def string_replace(text: str, old: str, new: str) -> str:
    """TEXT with NEW wherever OLD stood.

    > (string-replace "a-b-c" "-" "+")
    => "a+b+c"
    """
    charge(len(text) >> 3, len(text))
    if len(new) > len(old):
        reserve(len(text) + text.count(old) * (len(new) - len(old)), "string-replace")
    return text.replace(old, new)


@primitive("string-repeat", effects="pure")
def string_repeat(text: str, times: int) -> str:
    """TEXT written TIMES times.

    > (string-repeat "ab" 3)
    => "ababab"
    """
    reserve(len(text) * times, "string-repeat")
    return text * times


@primitive("string-pad-left", effects="pure")
def string_pad_left(text: str, width: int, fill: Char = BLANK) -> str:
    r"""TEXT filled up on the left to WIDTH characters, or cut on the left.

    > (string-pad-left "7" 3 #\0)
    => "007"
    > (string-pad-left "12345" 3)
    => "345"
    """
    reserve(width, "string-pad-left")
    return text.rjust(width, fill.value)[max(0, len(text) - width) :]


@primitive("string-pad-right", effects="pure")
def string_pad_right(text: str, width: int, fill: Char = BLANK) -> str:
    """TEXT filled up on the right to WIDTH characters, or cut on the right.

    > (string-pad-right "ab" 4)
    => "ab  "
    """
    reserve(width, "string-pad-right")
    return text.ljust(width, fill.value)[:width]


DIRECTIVE = re.compile(r"~(?:(\d+)(?:,(\d+))?)?([a-zA-Z%~]?)")


def fixed(value: Any, width: str | None, places: str | None) -> str:
    """`~f`: a real number with so many decimals (as many as it takes without)."""
    if value.__class__ not in (int, float, Fraction):
        raise wrong_type("format", "what ~f shows", "a real number", value)
    return f"{float(value):.{min(int(places), 300)}f}" if places else display(float(value))


def in_radix(value: Any, radix: int) -> str:
    if value.__class__ not in (int, Fraction):
        raise wrong_type("format", "what ~x, ~o and ~b show", "an exact number", value)
    return number_text(value, radix)


DIRECTIVES: dict[str, Callable[..., str]] = {
    "a": lambda value, width, places: display(value),
    "s": lambda value, width, places: write(value),
    "d": lambda value, width, places: display(value),
    "f": fixed,
    "x": lambda value, width, places: in_radix(value, 16),
    "o": lambda value, width, places: in_radix(value, 8),
    "b": lambda value, width, places: in_radix(value, 2),
}


@primitive("format", effects="pure")
def format_(template: str | bool, *values: Any) -> str:
    """TEMPLATE with VALUES in place of its directives; a #f before it is ignored.

    ~a as displayed, ~s as written, ~d a number, ~x ~o ~b one in radix 16, 8, 2, ~8,2f a real 8 wide with 2
    decimals (~5a likewise), ~% a new line, ~~ a tilde. Nothing else in TEMPLATE means anything.

    > (format "~a is ~s~%" 'x "y")
    => "x is \\"y\\"\\n"
    > (format "~6,2f|" 3.14159)
    => "  3.14|"
    """
    if template.__class__ is bool:
        if template or not values:
            raise EvalError("format: gives a string; (display (format …)) shows it")
        template, *values = values  # type: ignore[assignment]
    text = plain("format", template)
    left = list(reversed(values))

    def fill(found: re.Match[str]) -> str:
        width, places, letter = found.groups()
        if letter in ("%", "~"):
            return "\n" if letter == "%" else "~"
        show = DIRECTIVES.get(letter.lower())
        if show is None:
            known = ", ".join("~" + each for each in (*DIRECTIVES, "%", "~"))
            raise EvalError(f"format: there is no directive {found.group()}", hint=f"known: {known}")
        if not left:
            raise EvalError(f"format: no value is left for {found.group()}", irritants=(template,))
        shown = show(left.pop(), width, places)
        if not width:
            return shown
        reserve(int(width), "format")
        return shown.rjust(int(width))

    result = DIRECTIVE.sub(fill, text)
    if left:
        raise EvalError(f"format: {len(left)} values more than directives", irritants=tuple(reversed(left)))
    return result
