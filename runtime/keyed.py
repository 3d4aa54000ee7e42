"""Hash tables under another equality than `equal?`: by identity, by number, without case, or by a program's own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from chorus.runtime.accepts import wrong_type
from chorus.runtime.calling import call, meta_of
from chorus.runtime.gaussian import Gaussian
from chorus.runtime.values import (
    WORD,
    Char,
    HashTable,
    Keyword,
    MutableString,
    Record,
    Symbol,
    hash_key,
    is_procedure,
)

BY_VALUE = frozenset(
    (Symbol, Keyword, Char, bool, int, float, complex, Fraction, Gaussian, dt.datetime)
)  # classes whose equal values are one to eqv?
ATOMS = frozenset((Symbol, Keyword, Char))
NONE: frozenset[type] = frozenset()
NUMBERS = frozenset((int, float, complex, Fraction, Gaussian))
COMPARATOR = ("test", "equality", "ordering", "hash")  # fields of (srfi 128)'s record
BOUND = (1 << 61) - 1  # what hash procedures of two parameters are given


class KeyedTable(HashTable):
    """STAND: key → what stands for it in `values`. EQUALITY, HASHER: the procedures that it was made with."""

    __slots__ = ("atoms", "equality", "hasher", "stand")

    def __init__(self, stand: Callable[[Any], Any], equality: Any, hasher: Any = None) -> None:
        super().__init__()
        self.stand, self.equality, self.hasher = stand, equality, hasher
        self.atoms = ATOMS if stand is by_identity else NONE  # classes of keys that stand for themselves

    def empty(self) -> KeyedTable:
        return KeyedTable(self.stand, self.equality, self.hasher)

    def get(self, key: Any, default: Any = None) -> Any:
        return self.values.get(key if key.__class__ in self.atoms else self.stand(key), default)

    def set(self, key: Any, value: Any) -> None:
        if key.__class__ in self.atoms:
            self.values[key] = value
            return
        stands = self.stand(key)
        self.values[stands] = value
        if stands is not key:
            self.originals.setdefault(stands, key)

    def delete(self, key: Any) -> bool:
        stands = self.stand(key)
        self.originals.pop(stands, None)
        return self.values.pop(stands, stands) is not stands

    def __contains__(self, key: Any) -> bool:
        return self.stand(key) in self.values


class OwnKey:
    """A key that is compared by a procedure of the program's."""

    __slots__ = ("equality", "key", "number")

    def __init__(self, key: Any, equality: Any, number: int) -> None:
        self.key, self.equality, self.number = key, equality, number

    def __hash__(self) -> int:
        return self.number

    def __eq__(self, other: Any) -> bool:
        return call(self.equality, self.key, other.key) is not False


# — what stands for a key —


def by_identity(key: Any) -> Any:
    kind = key.__class__
    if kind is int and -WORD < key < WORD:
        return key
    return hash_key(key) if kind in BY_VALUE else ("id", id(key))


def by_number(key: Any) -> Any:
    if key.__class__ not in NUMBERS:
        raise wrong_type("hash table", "a key of a table under =", "a number", key)
    return key


def without_case(key: Any) -> Any:
    if key.__class__ is Char:
        return Char(key.value.casefold()) if len(key.value.casefold()) == 1 else key
    if key.__class__ not in (str, MutableString):
        raise wrong_type("hash table", "a key of a table without case", "a string or a character", key)
    return str(key).casefold()


class OwnKeys:
    """What stands for keys under an EQUALITY of the program's; HASHER: the hash procedure that goes with it, if any."""

    __slots__ = ("equality", "hasher", "takes_bound")

    def __init__(self, equality: Any, hasher: Any) -> None:
        self.equality, self.hasher = equality, hasher
        self.takes_bound = required_parameters(hasher) == 2

    def __call__(self, key: Any) -> OwnKey:
        if self.hasher is None:
            return OwnKey(key, self.equality, 0)  # all are compared, one by one
        number = call(self.hasher, key, BOUND) if self.takes_bound else call(self.hasher, key)
        if number.__class__ is not int:
            raise wrong_type("hash table", "what the hash procedure returns", "an exact integer", number)
        return OwnKey(key, self.equality, number)


def required_parameters(procedure: Any) -> int:
    code = getattr(procedure, "__code__", None)
    return (
        code.co_argcount - len(procedure.__defaults__ or ()) if code is not None and meta_of(procedure) else 1
    )


BY_NAME: dict[str, Callable[[Any], Any] | None] = {
    **dict.fromkeys(("equal?", "string=?", "char=?", "symbol=?", "boolean=?")),  # None: equal? does
    "eq?": by_identity,
    "eqv?": by_identity,
    "=": by_number,
    "string-ci=?": without_case,
    "char-ci=?": without_case,
}


def table_under(options: tuple[Any, ...]) -> HashTable:
    """An empty table for OPTIONS: a comparator, or an equality and perhaps a hash procedure, or neither."""
    if options and options[0].__class__ is Record and tuple(options[0].type.fields) == COMPARATOR:
        _, equality, _, hasher = options[0].values[:4]
    else:
        equality, hasher = [*[each for each in options if is_procedure(each)][:2], None, None][:2]
    if not equality:
        return HashTable()
    name = "" if meta_of(equality) is not None else getattr(equality, "__name__", "")
    if name in BY_NAME:
        stand = BY_NAME[name]
        return HashTable() if stand is None else KeyedTable(stand, equality, hasher or None)
    return KeyedTable(OwnKeys(equality, hasher or None), equality, hasher or None)
