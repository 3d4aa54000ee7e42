"""Values as text: `write` for programs (reads back), `display` for people, `brief` for messages.

All keep a work list of their own, so depth costs no host stack, and label what holds itself: `#0=(a . #0#)`.
A class of another room chooses its spelling with a method `__lisp__(self) -> str`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from chorus.runtime.errors import ChorusError
from chorus.runtime.gaussian import Gaussian
from chorus.runtime.instants import instant_text
from chorus.runtime.numerals import number_text, parse_number
from chorus.runtime.patterns import lazily
from chorus.runtime.values import (
    NIL,
    Char,
    HashTable,
    Keyword,
    MultipleValues,
    MutableString,
    Opaque,
    Pair,
    Record,
    Singleton,
    Symbol,
    is_procedure,
)

PLAIN_NAME = lazily(r"""[^\x00-\x20\x7f()\[\]{}";'`,|#:0-9+\-.\\][^\x00-\x20\x7f()\[\]{}";'`,|\\]*""", re.A)
ODD_IN_NAME = lazily(r"""[\s\x00-\x1f\x7f()\[\]{}";'`,|\\]""")
LIKE_INFINITY = re.compile(r"[+-](inf|nan)\.0", re.IGNORECASE)  # readers elsewhere take the number first
CHAR_NAMES = {
    "\a": "alarm",
    "\b": "backspace",
    "\x7f": "delete",
    "\x1b": "escape",
    "\n": "newline",
    "\0": "null",
    "\r": "return",
    " ": "space",
    "\t": "tab",
}
ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\a": "\\a", "\b": "\\b"}
CONTROLS = (
    "\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff"  # never shown raw by write
)
IN_STRING = lazily(f'["\\\\{CONTROLS}]')
IN_BARS = lazily(f"[|\\\\{CONTROLS}\u200b-\u200d\u00ad]")
SURROGATE = lazily("[\ud800-\udfff]")
MARKS = {"quote": "'", "quasiquote": "`", "unquote": ",", "unquote-splicing": ",@"}
COMPOUND = (Pair, list, HashTable, MultipleValues)
TREE_LIMIT = 1_000_000  # parts; beyond it shared parts are written once, or the text could grow without bound


def write(value: Any) -> str:
    """VALUE as the reader takes it back."""
    return "".join(pieces(value, write_atom))


def display(value: Any) -> str:
    """VALUE for people: strings and characters as they are."""
    return "".join(pieces(value, display_atom))


def brief(value: Any, limit: int = 60) -> str:
    """What `write` gives, cut to LIMIT characters; takes no longer for a big value."""
    shown = ""
    if value.__class__ is int and value.bit_length() < 64:
        return str(value)
    for piece in pieces(_clip(value, limit), write_atom, thorough=False):
        shown += piece
        if len(shown) > limit:
            return shown[: limit - 1] + "…"
    return shown


def _clip(value: Any, limit: int) -> Any:
    """A long string's beginning, a huge integer's size: what costs time even before it is cut."""
    if value.__class__ is str:
        return value[: limit + 1]
    if value.__class__ is int and value.bit_length() > 100_000:
        return Singleton(f"#<integer of {value.bit_length()} bits>")
    return value


class _Text(str):
    """Punctuation among the values on the work list."""

    __slots__ = ()


class _Tail:
    """The rest of a list whose beginning has been written."""

    __slots__ = ("rest",)

    def __init__(self, rest: Any) -> None:
        self.rest = rest


CLOSE, SPACE, DOT = _Text(")"), _Text(" "), _Text(" . ")


def pieces(
    value: Any, atom: Callable[[Any], str], thorough: bool = True, shared: bool = False
) -> Iterator[str]:
    """VALUE's text, part by part. Not THOROUGH: cycles are not looked for; the taker stops in time. SHARED: what is
    met twice is labelled too.
    """
    if not isinstance(value, COMPOUND):
        yield atom(value)
        return
    wanted = to_label(value, 0 if shared else TREE_LIMIT) if thorough else set()
    labels: dict[int, int] = {}
    work: list[Any] = [value]
    while work:
        here = work.pop()
        kind = here.__class__
        if kind is _Text:
            yield here
            continue
        if kind is _Tail:
            yield from _tail(here.rest, atom, work, wanted)
            continue
        if not isinstance(here, COMPOUND):
            yield atom(here)
            continue
        if id(here) in wanted:
            if id(here) in labels:
                yield f"#{labels[id(here)]}#"
                continue
            labels[id(here)] = len(labels)
            yield f"#{labels[id(here)]}="
        mark = _abbreviated(here, wanted)
        if mark and isinstance(here, Pair):
            yield mark
            work.append(here.cdr.car)
        elif isinstance(here, Pair):
            yield "("
            work += (_Tail(here.cdr), here.car)
        else:
            yield _opened(here, work)


def _abbreviated(value: Any, wanted: set[int]) -> str:
    """What is written before the X of `(quote X)` and its like instead of the list; "" for any other value."""
    if not isinstance(value, Pair) or value.car.__class__ is not Symbol:
        return ""
    mark, rest = MARKS.get(value.car.name, ""), value.cdr
    if not mark or not isinstance(rest, Pair) or rest.cdr is not NIL or id(rest) in wanted:
        return ""
    splices = mark == "," and rest.car.__class__ is Symbol and rest.car.name[:1] == "@"  # would read as ,@
    return "" if splices else mark


def _tail(rest: Any, atom: Callable[[Any], str], work: list[Any], wanted: set[int]) -> Iterator[str]:
    """Go on with the list whose next cell is REST, as far as its elements have no parts."""
    while isinstance(rest, Pair) and id(rest) not in wanted:
        first = rest.car
        if isinstance(first, COMPOUND):
            yield " "
            work += (_Tail(rest.cdr), first)
            return
        yield " " + atom(first)
        rest = rest.cdr
    if rest is NIL:
        yield ")"
    else:
        yield " . "
        work += (CLOSE, rest)


def _opened(here: Any, work: list[Any]) -> str:
    """Put the parts of a vector, table or several values on the work list, and give what opens it."""
    if isinstance(here, list):
        opener, parts, closer = "#(", list(here), CLOSE
    elif isinstance(here, HashTable):
        opener, parts, closer = "{", [part for item in here.items() for part in item], _Text("}")
    else:
        opener, parts, closer = "#<values ", here.items, _Text(">")
    work.append(closer)
    for at in range(len(parts) - 1, -1, -1):
        work.append(parts[at])
        if at:
            work.append(SPACE)
    return opener


def children(value: Any) -> list[Any]:
    """The compound parts of a compound value, in order."""
    if isinstance(value, Pair):
        parts = [value.car, value.cdr]
    elif isinstance(value, HashTable):
        parts = [part for item in value.items() for part in item]
    else:
        parts = value if isinstance(value, list) else value.items
    return [part for part in parts if isinstance(part, COMPOUND)]


def is_tree(value: Any) -> bool:
    """Whether no part of VALUE is met twice: the usual case, told apart quickly."""
    seen: set[int] = set()
    work = [value]
    while work:
        here = work.pop()
        while isinstance(here, Pair):
            if id(here) in seen:
                return False
            seen.add(id(here))
            if isinstance(here.car, COMPOUND):
                work.append(here.car)
            here = here.cdr
        if isinstance(here, COMPOUND):
            if id(here) in seen:
                return False
            seen.add(id(here))
            work += children(here)
    return True


def to_label(value: Any, most: int = TREE_LIMIT) -> set[int]:
    """ids of the parts that must be written with a label: those inside themselves.

    Where the tree without sharing would have more than MOST parts, also every part met twice.
    """
    if is_tree(value):
        return set()
    cyclic: set[int] = set()
    shared: set[int] = set()
    sizes: dict[int, int] = {}  # parts below, once known; 0 while under way
    parents: list[tuple[Any, list[Any]]] = []
    work: list[Any] = [value]
    while True:
        while not work:
            if not parents:
                return cyclic | shared if sizes[id(value)] > most and shared else cyclic
            done, work = parents.pop()
            sizes[id(done)] = 1 + sum(sizes[id(part)] for part in children(done))
        here = work.pop()
        known = sizes.get(id(here))
        if known is None:
            sizes[id(here)] = 0
            parents.append((here, work))
            work = children(here)
        elif known == 0:
            cyclic.add(id(here))
        else:
            shared.add(id(here))


def write_atom(value: Any) -> str:
    """A value without parts."""
    spell = SPELLERS.get(value.__class__)
    return spell(value) if spell is not None else _other(value)


def display_atom(value: Any) -> str:
    kind = value.__class__
    if kind is str or kind is MutableString:
        text = str(value)
        return text if text.isascii() else SURROGATE.sub("�", text)
    if kind is Char:
        return SURROGATE.sub("�", value.value)
    return value.name if kind is Symbol else write_atom(value)


def string_text(value: str) -> str:
    """A string literal."""
    if IN_STRING.search(value) is None:
        return f'"{value}"'
    return '"' + IN_STRING.sub(_escape, value) + '"'


def _escape(found: re.Match[str]) -> str:
    char = found.group()
    return ESCAPES.get(char) or f"\\x{ord(char):x};"


def symbol_text(name: str) -> str:
    """A symbol's name, between bars where it would not read back otherwise."""
    if PLAIN_NAME.fullmatch(name) and name.isascii():
        return name
    if _reads_back(name) and (name[0] != ":" or not name.strip(":")):
        return name
    return _in_bars(name)


def _in_bars(name: str) -> str:
    return "|" + IN_BARS.sub(lambda found: "\\|" if found.group() == "|" else _escape(found), name) + "|"


def keyword_text(name: str) -> str:
    plain = name.strip(":") and _reads_back("x" + name)
    return ":" + (name if plain else _in_bars(name))


def _reads_back(name: str) -> bool:
    if not name or name[0] == "#" or name == "." or ODD_IN_NAME.search(name) or LIKE_INFINITY.match(name):
        return False
    if not name.isascii() and not all(map(_is_safe, name)):
        return False
    try:
        return parse_number(name) is None
    except ValueError:
        return False


def _is_safe(char: str) -> bool:
    """Whether a character means in a bare name what it looks like (the reader refuses the others)."""
    import unicodedata

    if char < "\x80":
        return True
    if unicodedata.category(char) in ("Cf", "Cc", "Cs", "Co", "Zl", "Zp") or char in "“”„‘’":
        return False
    return not unicodedata.normalize("NFKC", char).isascii()


def char_text(value: str) -> str:
    if value in CHAR_NAMES:
        return "#\\" + CHAR_NAMES[value]
    import unicodedata

    visible = "\x20" < value < "\x7f" or unicodedata.category(value)[0] not in "CMZ"
    return "#\\" + (value if visible else f"x{ord(value):x}")


def record_text(value: Record) -> str:
    """`#<persona 3 competitive-players>`: the type and its first few names, numbers or texts."""
    shown: list[str] = []
    for part in value.values:
        if part.__class__ in (int, float, Fraction, Symbol, Keyword, str) and len(shown) < 3:
            shown.append(brief(part, 30))
    return "#<" + " ".join([value.type.name.strip("<>"), *shown]) + ">"


def _other(value: Any) -> str:
    """What has no class of its own in the table."""
    own = getattr(value, "__lisp__", None)
    if own is not None and not isinstance(value, type):
        return own()
    if isinstance(value, ChorusError):
        return f"#<error {string_text(value.message)}>"
    if isinstance(value, dt.datetime):
        return f'#inst "{instant_text(value)}"'
    if hasattr(value, "dtype") and hasattr(value, "shape"):
        return tensor_text(value)
    if is_procedure(value):
        return procedure_text(value)
    return f"#<{value.__class__.__name__.lower()}>"


def tensor_text(value: Any) -> str:
    kind = str(value.dtype).removeprefix("torch.")
    if value.__class__.__name__ in ("ndarray", "Tensor", "Parameter"):
        size = "×".join(map(str, value.shape))
        return f"#<tensor {size} {kind}>" if size else f"#<tensor {kind}>"
    return write_atom(value.item())  # a numpy scalar


def procedure_text(value: Any) -> str:
    from chorus.runtime.primitive import TABLE

    for made in TABLE.values():
        if made.function is value:
            return f"#<primitive {made.name}>"
    name = getattr(value, "__name__", "")
    word = "primitive" if getattr(value, "__module__", "") == "chorus.runtime.primitive" else "procedure"
    return f"#<{word} {name}>" if name and name != "<lambda>" else f"#<{word}>"


SPELLERS: dict[type, Callable[[Any], str]] = {
    int: number_text,
    float: number_text,
    Fraction: number_text,
    complex: number_text,
    Gaussian: number_text,
    bool: lambda value: "#t" if value else "#f",
    str: string_text,
    MutableString: lambda value: string_text(str(value)),
    Symbol: lambda value: symbol_text(value.name),
    Keyword: lambda value: keyword_text(value.name),
    Char: lambda value: char_text(value.value),
    Singleton: lambda value: value.spelling,
    NIL.__class__: lambda value: "()",
    bytes: lambda value: "#u8(" + " ".join(map(str, value)) + ")",
    bytearray: lambda value: "#u8(" + " ".join(map(str, value)) + ")",
    Record: record_text,
    Opaque: lambda value: f"#<host {value.host.__class__.__name__}>",
}
