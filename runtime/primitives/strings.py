"""Strings. Those from data and literals are immutable; what makes one of characters makes a mutable one.

`string-append`, `substring` and the like give immutable ones, but to programs that change strings
(`interpreter.changing`): text is far more often put together than changed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from chorus.runtime.errors import WrongType
from chorus.runtime.primitive import primitive, wrong_type
from chorus.runtime.primitives.chars import RELATIONS
from chorus.runtime.primitives.lists import Elements, reserve
from chorus.runtime.primitives.vectors import bounds, out_of_range
from chorus.runtime.values import CHARS, UNSPECIFIED, Char, MutableString, make_list

BLANK = Char(" ")
TEXTS = (str, MutableString)


def immutable(caller: str, value: Any) -> NoReturn:
    if value.__class__ is str:
        raise WrongType(
            f"{caller}: this string cannot be changed",
            hint="strings from literals, symbols and data are constant, and so are those that were made before the "
            "program first named what changes strings: (string-copy text) can be changed",
            irritants=(value,),
        )
    raise wrong_type(caller, "string", "a mutable string", value)


def characters(caller: str, items: list[Any]) -> list[str]:
    return [each.value if each.__class__ is Char else _no_character(caller, each) for each in items]


def _no_character(caller: str, value: Any) -> str:
    raise wrong_type(caller, "every element", "a character", value)


@primitive("string?", effects="pure", checked=False)
def is_string(value: Any) -> bool:
    """Whether VALUE is a string.

    > (string? "a")
    => #t
    """
    return isinstance(value, TEXTS)


@primitive("make-string", effects="pure")
def make_string(size: int, fill: Char = BLANK) -> MutableString:
    r"""A mutable string of SIZE times FILL.

    > (make-string 3 #\x)
    => "xxx"
    """
    reserve(size, "make-string")
    return MutableString(fill.value * size)


@primitive("string", effects="pure", checked=False)
def string(*parts: Any) -> MutableString:
    r"""The characters PARTS as a mutable string; other values as `display` shows them.

    > (string #\a #\b)
    => "ab"
    > (string "n = " 5)
    => "n = 5"
    """
    from chorus.runtime.printer import display

    return MutableString("".join([each.value if each.__class__ is Char else display(each) for each in parts]))


@primitive("string-length", effects="pure", checked=False)
def string_length(text: Any) -> int:
    """How many characters TEXT has.

    > (string-length "λx")
    => 2
    """
    if isinstance(text, TEXTS):
        return len(text)
    raise wrong_type("string-length", "text", "a string", text)


@primitive("string-ref", effects="pure", checked=False)
def string_ref(text: Any, index: Any) -> Char:
    r"""The character of TEXT at INDEX, from 0.

    > (string-ref "abc" 1)
    => #\b
    """
    if not isinstance(text, TEXTS):
        raise wrong_type("string-ref", "text", "a string", text)
    if index.__class__ is not int or not 0 <= index < len(text):
        raise out_of_range("string-ref", index, len(text))
    return CHARS[text[index]]


@primitive("string-set!", effects="mutate")
def string_set(string: Any, index: int, char: Char) -> Any:
    r"""Make CHAR the character of STRING at INDEX.

    > (let ((s (string-copy "abc"))) (string-set! s 1 #\x) s)
    => "axc"
    """
    if string.__class__ is not MutableString:
        immutable("string-set!", string)
    if not 0 <= index < len(string):
        raise out_of_range("string-set!", index, len(string))
    string.chars[index] = char.value
    return UNSPECIFIED


@primitive("substring", effects="pure")
def substring(text: str, start: int, end: int | None = None) -> str:
    """The part of TEXT from START to END.

    > (substring "hello" 1 3)
    => "el"
    """
    first, stop = bounds("substring", len(text), start, end)
    return text[first:stop]


@primitive("string-append", effects="pure", checked=False)
def string_append(*texts: Any) -> str:
    """All TEXTS, one after another.

    > (string-append "ab" "" "c")
    => "abc"
    """
    try:
        size = sum(map(len, texts))
        if size > 10_000:
            reserve(size, "string-append")
        return "".join(texts)
    except TypeError:  # not all are the host's strings
        return "".join([_text_of(each) for each in texts])


def _text_of(value: Any) -> str:
    if value.__class__ is not str and value.__class__ is not MutableString:
        raise wrong_type("string-append", "every argument", "a string", value)
    return str(value)


@primitive("string-copy", effects="pure")
def string_copy(text: str, start: int = 0, end: int | None = None) -> MutableString:
    """A mutable copy of TEXT from START to END.

    > (string-copy "hello" 1 3)
    => "el"
    """
    first, stop = bounds("string-copy", len(text), start, end)
    return MutableString(text[first:stop])


@primitive("string-copy!", effects="mutate")
def string_copy_into(to: Any, at: int, source: str, start: int = 0, end: int | None = None) -> Any:
    """Copy the characters of SOURCE from START to END into the mutable string TO from AT on.

    > (let ((s (make-string 3))) (string-copy! s 1 "xyz" 1) s)
    => " yz"
    """
    if to.__class__ is not MutableString:
        immutable("string-copy!", to)
    first, stop = bounds("string-copy!", len(source), start, end)
    bounds("string-copy!", len(to), at, at + stop - first)
    to.chars[at : at + stop - first] = source[first:stop]
    return UNSPECIFIED


@primitive("string-fill!", effects="mutate")
def string_fill(string: Any, fill: Char, start: int = 0, end: int | None = None) -> Any:
    r"""Make FILL every character of the mutable STRING from START to END.

    > (let ((s (string-copy "abc"))) (string-fill! s #\x 1) s)
    => "axx"
    """
    if string.__class__ is not MutableString:
        immutable("string-fill!", string)
    first, stop = bounds("string-fill!", len(string), start, end)
    string.chars[first:stop] = [fill.value] * (stop - first)
    return UNSPECIFIED


@primitive("string->list", effects="pure")
def string_to_list(text: str, start: int = 0, end: int | None = None) -> Any:
    r"""The characters of TEXT from START to END.

    > (string->list "abc" 1)
    => (#\b #\c)
    """
    first, stop = bounds("string->list", len(text), start, end)
    return make_list([CHARS[each] for each in text[first:stop]])


@primitive("list->string", effects="pure")
def list_to_string(chars: Elements) -> MutableString:
    r"""The mutable string of the characters in a list.

    > (list->string '(#\a #\b))
    => "ab"
    """
    return MutableString("".join(characters("list->string", chars)))


@primitive("string->vector", effects="pure")
def string_to_vector(text: str, start: int = 0, end: int | None = None) -> list:
    r"""The characters of TEXT from START to END as a vector.

    > (string->vector "ab")
    => #(#\a #\b)
    """
    first, stop = bounds("string->vector", len(text), start, end)
    return [CHARS[each] for each in text[first:stop]]


@primitive("vector->string", effects="pure")
def vector_to_string(vector: list, start: int = 0, end: int | None = None) -> MutableString:
    r"""The mutable string of the characters of VECTOR from START to END.

    > (vector->string #(#\a #\b))
    => "ab"
    """
    first, stop = bounds("vector->string", len(vector), start, end)
    return MutableString("".join(characters("vector->string", vector[first:stop])))


def _changed(name: str, change: Callable[[str], str], doc: str) -> None:
    def convert(text: str) -> str:
        return change(text)

    convert.__doc__ = doc
    primitive(name, effects="pure")(convert)


_changed("string-upcase", str.upper, 'TEXT in upper case.\n\n> (string-upcase "aß")\n=> "ASS"')
_changed("string-downcase", str.lower, 'TEXT in lower case.\n\n> (string-downcase "ABC")\n=> "abc"')
_changed("string-foldcase", str.casefold, 'TEXT without case.\n\n> (string-foldcase "Straße")\n=> "strasse"')
_changed("string-reverse", lambda text: text[::-1], 'TEXT backwards.\n\n> (string-reverse "abc")\n=> "cba"')


def _compare(name: str, holds: Callable[[str, str], bool], fold: bool, doc: str) -> None:
    def compare(first: str, *others: str) -> bool:
        if len(others) == 1 and not fold:
            return holds(first, others[0])
        texts = [each.casefold() if fold else each for each in (first, *others)]
        return all(map(holds, texts, texts[1:]))

    compare.__doc__ = doc
    primitive(name, effects="pure")(compare)


for _suffix, _holds, _what, _shown in RELATIONS:
    _sample = f'"a" "b")\n=> {_shown}'
    _compare(f"string{_suffix}", _holds, False, f"Whether all are {_what}.\n\n> (string{_suffix} {_sample}")
    _compare(
        f"string-ci{_suffix}",
        _holds,
        True,
        f"Whether all are {_what}, upper and lower case alike.\n\n> (string-ci{_suffix} {_sample}",
    )
