"""What single tokens mean: strings, chars, symbols, numbers, date-times. Both readers ask here."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from chorus.interpreter.diagnostics import name_hint
from chorus.interpreter.reader_errors import Source
from chorus.runtime.instants import parse_instant
from chorus.runtime.numerals import parse_number
from chorus.runtime.patterns import lazily
from chorus.runtime.values import Char, Keyword, Symbol

ESCAPE = lazily(r"\r\n?|\\(?:([ntrab\"\\|])|[xX]([0-9a-fA-F]+);|[^\S\r\n]*(?:\r\n?|\n)[^\S\r\n]*|(.?))", re.S)
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", '"': '"', "\\": "\\", "|": "|"}
CHAR_NAMES = {
    "alarm": "\a",
    "backspace": "\b",
    "delete": "\x7f",
    "escape": "\x1b",
    "newline": "\n",
    "null": "\0",
    "return": "\r",
    "space": " ",
    "tab": "\t",
    "nul": "\0",
    "linefeed": "\n",
}
BOOLEANS = {"#t": True, "#true": True, "#f": False, "#false": False}
WORDS = tuple("#true #false #inst #!fold-case #!no-fold-case #u8( #( #; #| #\\ #x #b #o #d #e #i".split())


def string(source: Source, start: int, end: int) -> str:
    """The value of the string literal at START…END, quotes included."""
    body = source.text[start + 1 : end - 1]
    return unescape(source, start + 1, body) if "\\" in body or "\r" in body else body


def unescape(source: Source, start: int, body: str) -> str:
    def replace(found: re.Match[str]) -> str:
        if found.group()[0] == "\r":
            return "\n"  # however a line ends in the file
        letter, scalar, unknown = found.groups()
        if letter:
            return ESCAPES[letter]
        if scalar:
            return _scalar(source, start + found.start(), start + found.end(), scalar)
        if unknown is not None:
            span = start + found.start(), start + found.end()
            source.fail("read-escape", *span, escape=found.group())
        return ""

    return ESCAPE.sub(replace, body)


def _scalar(source: Source, start: int, end: int, digits: str) -> str:
    code = int(digits, 16) if len(digits) <= 16 else 1 << 64
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        source.fail("read-scalar", start, end, escape=source.text[start:end])
    return chr(code)


def char(source: Source, start: int, end: int, fold: bool = False) -> Char:
    r"""The value of `#\…`."""
    name = source.text[start + 2 : end]
    if fold and len(name) > 1:
        name = name.lower()
    if len(name) == 1:
        return Char(name)
    if name in CHAR_NAMES:
        return Char(CHAR_NAMES[name])
    if name[0] in "xX" and re.fullmatch("[0-9a-fA-F]+", name[1:]):
        return Char(_scalar(source, start, end, name[1:]))
    known = name_hint(name, CHAR_NAMES) or r"known: " + ", ".join(CHAR_NAMES) + r", and #\x3bb"
    return source.fail("read-char", start, end, name=name, known=known)


def number(source: Source, start: int, end: int) -> Any:
    """The number at START…END; None when the text is no number's."""
    try:
        return parse_number(source.text[start:end])
    except ValueError as error:
        source.fail("read-number", start, end, reason=str(error))


def symbol(source: Source, start: int, end: int) -> Symbol:
    name = source.text[start:end]
    if not name.isascii():
        check_name(source, start, name)
    return Symbol(name)


def folded_symbol(source: Source, start: int, end: int) -> Symbol:
    """A name after #!fold-case."""
    return Symbol(symbol(source, start, end).name.casefold())


def bar_symbol(source: Source, start: int, end: int) -> Symbol:
    """`|any text|`."""
    return Symbol(string(source, start, end))


def keyword(source: Source, start: int, end: int) -> Keyword:
    """`:name` or `:|any text|`."""
    name = source.text[start + 1 : end]
    if name[0] == "|":
        return Keyword(string(source, start + 1, end))
    if not name.isascii():
        check_name(source, start + 1, name)
    return Keyword(name)


def check_name(source: Source, start: int, name: str) -> None:
    """Refuse names that read differently from how they look; between bars anything goes."""
    for at, each in enumerate(name, start):
        if each < "\x80":
            continue
        if each in "“”„‘’":
            source.fail("read-quote", at, at + 1, char=each)
        if unicodedata.category(each) in ("Cf", "Cc", "Cs", "Co", "Zl", "Zp"):
            source.fail("read-hidden", at, at + 1, char=f"U+{ord(each):04X}")
        plain = unicodedata.normalize("NFKC", each)
        if plain.isascii():
            source.fail("read-lookalike", at, at + 1, char=each, ascii=plain)


def instant(source: Source, start: int, end: int, text: Any) -> Any:
    """The value of `#inst TEXT`, which stands at START…END."""
    if isinstance(text, str):
        try:
            return parse_instant(text)
        except ValueError:
            pass
    return source.fail("read-instant", start, end)


def unknown_hash(source: Source, start: int, end: int) -> None:
    word = source.text[start:end]
    known = name_hint(word, WORDS) or "known: " + " ".join(WORDS)
    source.fail("read-hash", start, end, word=word, known=known)
