"""Values as JSON: what other programs get from a query, and what `value->json` writes.

lists, vectors, several values → arrays (a dotted tail is the last element)   symbols, keywords → their names
hash tables, records → objects, names keep their hyphens                      rationals → "1/2"
fields of records whose names begin with % are nobody else's: they are left out
instants → ISO 8601 in UTC     NaN and infinities → null     characters → strings of one
bytevectors → arrays of numbers       unspecified, end of file → null    procedures and the like → as written
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable
from fractions import Fraction
from math import isfinite
from types import NoneType
from typing import Any

from chorus.runtime.errors import EvalError
from chorus.runtime.gaussian import Gaussian
from chorus.runtime.instants import instant_text
from chorus.runtime.keyed import KeyedTable
from chorus.runtime.numerals import number_text
from chorus.runtime.printer import SURROGATE, write
from chorus.runtime.values import (
    NIL,
    Char,
    HashTable,
    Keyword,
    MultipleValues,
    MutableString,
    Nil,
    Pair,
    Record,
    Singleton,
    Symbol,
)

PART_LIMIT = 50_000_000  # a shared structure may unfold into any size


def to_json(value: Any) -> Any:
    """VALUE as lists, dicts, strings, numbers, booleans and None. EvalError when it contains itself."""
    root: list[Any] = [None]
    work: list[tuple[Any, Any, Any]] = [(value, root, 0)]
    around: set[int] = set()  # ids of the containers being unfolded
    parts = 0
    while work:
        here, home, key = work.pop()
        if home is None:
            around.discard(key)
            continue
        unfold = UNFOLDERS.get(here.__class__) or (_list if isinstance(here, Pair) else None)
        if unfold is None:
            home[key] = json_atom(here)
            continue
        if id(here) in around:
            raise EvalError("a value that contains itself has no JSON form", code="cycle")
        around.add(id(here))
        work.append((None, None, id(here)))
        home[key], inside = unfold(here)
        parts += len(inside)
        if parts > PART_LIMIT:
            raise EvalError(f"a value of more than {PART_LIMIT} parts is too large for JSON", code="size")
        work += ((part, home[key], at) for at, part in reversed(inside))
    return root[0]


def json_text(value: Any, indent: int | None = None) -> str:
    """VALUE as JSON text, on one line unless INDENT is given."""
    plain = to_json(value)
    try:
        text = json.dumps(plain, ensure_ascii=False, indent=indent, allow_nan=False)
    except RecursionError:
        text = "".join(_deep(plain))
    return text if text.isascii() else SURROGATE.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


Unfolded = tuple[Any, list[tuple[Any, Any]]]  # the empty container, and (place in it, part)


def _array(parts: list[Any]) -> Unfolded:
    return [None] * len(parts), list(enumerate(parts))


def _list(value: Pair) -> Unfolded:
    parts: list[Any] = []
    seen: set[int] = set()
    here: Any = value
    while isinstance(here, Pair):
        if id(here) in seen:
            raise EvalError("a value that contains itself has no JSON form", code="cycle")
        seen.add(id(here))
        parts.append(here.car)
        here = here.cdr
    return _array(parts if here is NIL else [*parts, here])


def _object(items: Iterable[tuple[str, Any]]) -> Unfolded:
    inside = dict(items)
    return dict.fromkeys(inside), list(inside.items())


UNFOLDERS: dict[type, Callable[[Any], Unfolded]] = {
    list: _array,
    tuple: lambda value: _array(list(value)),
    MultipleValues: lambda value: _array(value.items),
    HashTable: lambda value: _object((key_text(key), part) for key, part in value.items()),
    KeyedTable: lambda value: _object((key_text(key), part) for key, part in value.items()),
    dict: lambda value: _object((key_text(key), part) for key, part in value.items()),
    Record: lambda value: _object(
        pair for pair in zip(value.type.fields, value.values, strict=True) if pair[0][:1] != "%"
    ),
}


def key_text(key: Any) -> str:
    """A key of an object: names without a colon, anything else as written."""
    if isinstance(key, (Symbol, Keyword)):
        return key.name
    return str(key) if isinstance(key, (str, MutableString)) else write(key)


ATOMS: list[tuple[Any, Callable[[Any], Any]]] = [
    ((bool, int, str, NoneType), lambda value: value),
    (float, lambda value: value if isfinite(value) else None),
    ((Symbol, Keyword), lambda value: value.name),
    ((Fraction, complex, Gaussian), number_text),
    (dt.datetime, instant_text),
    ((bytes, bytearray), list),
    (Nil, lambda value: []),
    (MutableString, str),
    (Char, lambda value: value.value),
    (Singleton, lambda value: None),
]


def json_atom(value: Any) -> Any:
    """A value without parts."""
    for kinds, shown in ATOMS:
        if isinstance(value, kinds):
            return shown(value)
    own = getattr(value, "__json__", None)
    if own is not None and not isinstance(value, type):
        return own()
    if hasattr(value, "dtype") and hasattr(value, "tolist"):
        return to_json(value.tolist())
    return write(value)


def _deep(plain: Any) -> Iterable[str]:
    """json.dumps for data too deep for it."""
    work: list[Any] = [(plain,)]
    while work:
        here = work.pop()
        if isinstance(here, str):
            yield here
            continue
        (data,) = here
        if not isinstance(data, (list, dict)) or not data:
            yield json.dumps(data, ensure_ascii=False, allow_nan=False)
            continue
        names = (
            [json.dumps(name, ensure_ascii=False) + ": " for name in data] if isinstance(data, dict) else None
        )
        parts = list(data.values()) if isinstance(data, dict) else data
        yield "{" if names else "["
        work.append("}" if names else "]")
        for at in range(len(parts) - 1, -1, -1):
            work.append((parts[at],))
            work.append((", " if at else "") + (names[at] if names else ""))
