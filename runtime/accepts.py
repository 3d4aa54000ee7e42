"""What a primitive accepts: how an argument of each annotation is recognised, and the one wording of a type error."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple, NewType

from chorus.runtime.errors import EvalError, WrongType
from chorus.runtime.gaussian import Gaussian
from chorus.runtime.printer import brief
from chorus.runtime.quick import Taken
from chorus.runtime.values import (
    NIL,
    Char,
    Cons,
    HashTable,
    Keyword,
    MutableString,
    Nil,
    Pair,
    Record,
    SourcePair,
    Symbol,
    is_procedure,
    list_items,
)

Name = NewType("Name", str)  # a symbol, keyword or string, received as str
Items = NewType("Items", list)  # a list or vector, received as a Python list
Procedure = NewType("Procedure", object)

REJECT: Any = object()


class Accept(NamedTuple):
    """How an argument of one annotation is recognised, and what it is called in an error."""

    label: str
    convert: Callable[[Any], Any]  # the host value, or REJECT
    as_is: frozenset[type] = frozenset()  # classes whose values CONVERT gives back, known without asking it
    taken: Taken | None = None  # other classes that are given often


def _of(label: str, *kinds: type) -> Accept:
    return Accept(label, lambda value: value if value.__class__ in kinds else REJECT, frozenset(kinds))


def _text(value: Any) -> Any:
    if value.__class__ is str:
        return value
    return str(value) if value.__class__ is MutableString else REJECT


def _name(value: Any) -> Any:
    return value.name if value.__class__ in (Symbol, Keyword) else _text(value)


def _real(value: Any) -> Any:
    return float(value) if value.__class__ in (int, float, Fraction) else REJECT


def _items(value: Any) -> Any:
    if isinstance(value, list):
        return value
    items = list_items(value) if value is NIL or isinstance(value, Pair) else None
    return REJECT if items is None else items


LISTS: Taken = (frozenset((Cons, Pair, SourcePair, Nil)), list_items)
ACCEPTS: dict[Any, Accept] = {
    int: _of("an exact integer", int),
    float: Accept("a real number", _real),
    complex: _of("a number", int, float, Fraction, complex, Gaussian),
    bool: _of("a boolean", bool),
    str: Accept("a string", _text, frozenset((str,)), (frozenset((MutableString,)), str)),
    bytes: _of("a bytevector", bytes, bytearray),
    Symbol: _of("a symbol", Symbol),
    Keyword: _of("a keyword", Keyword),
    Char: _of("a character", Char),
    HashTable: Accept(
        "a hash table",
        lambda value: value if isinstance(value, HashTable) else REJECT,
        frozenset((HashTable,)),
    ),
    Record: _of("a record", Record),
    dt.datetime: _of("an instant", dt.datetime),
    Pair: Accept(
        "a pair",
        lambda value: value if isinstance(value, Pair) else REJECT,
        frozenset((Pair, Cons, SourcePair)),
    ),
    list: Accept("a vector", lambda value: value if isinstance(value, list) else REJECT, frozenset((list,))),
    Name: Accept("a name", _name),
    Items: Accept("a list or vector", _items, frozenset((list,)), LISTS),
    Procedure: Accept("a procedure", lambda value: value if is_procedure(value) else REJECT),
}


def seeded(seed: int, caller: str) -> int:
    """SEED, if one can be drawn by it."""
    if seed < 0:
        raise EvalError(f"{caller}: a seed is a whole number from 0 on, not {seed}", code="range")
    return seed


def wrong_type(caller: str, parameter: str, wanted: str, value: Any) -> WrongType:
    """The one wording of a type error. A PARAMETER that only repeats what is WANTED is left out."""
    says_it_twice = parameter in wanted.split()
    problem = f"expected {wanted}, got" if says_it_twice else f"{parameter} should be {wanted}, not"
    return WrongType(f"{caller.lstrip('%')}: {problem} {brief(value)}", irritants=(value,))
