"""The values of the language that Python does not have: symbols, keywords, pairs, chars, tables, records.

Python's own values serve for the rest: int, float, Fraction and complex are numbers (an exact complex one is a
`gaussian.Gaussian`), `str` is an immutable
string, `list` a vector, `bytes`/`bytearray` a bytevector, True and False the booleans, an aware `datetime` an
instant, and any callable that is not a class is a procedure.
"""

from __future__ import annotations

import datetime as dt
import weakref
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from itertools import repeat
from typing import Any, ClassVar, Final

from chorus.runtime.errors import EvalError
from chorus.runtime.gaussian import Gaussian
from chorus.runtime.interning import forget, intern
from chorus.runtime.limits import charge


class Symbol:
    """An interned name; `Symbol("a") is Symbol("a")`."""

    __slots__ = ("__weakref__", "name")
    _table: ClassVar[dict[str, Symbol]] = {}
    name: str

    def __new__(cls, name: str) -> Symbol:
        return cls._table.get(name) or intern(cls, cls._table, name)

    def __repr__(self) -> str:
        return self.name

    @classmethod
    def forget(cls) -> None:
        """Let go of the symbols that nothing but the table refers to, if there are many."""
        forget(cls._table)

    def __reduce__(self) -> tuple[type[Symbol], tuple[str]]:
        return Symbol, (self.name,)


class Keyword:
    """An interned, self-evaluating name, written `:name`; NAME is kept without the colon."""

    __slots__ = ("__weakref__", "name")
    _table: ClassVar[dict[str, Keyword]] = {}
    name: str

    def __new__(cls, name: str) -> Keyword:
        return cls._table.get(name) or intern(cls, cls._table, name)

    def __repr__(self) -> str:
        return ":" + self.name

    def __reduce__(self) -> tuple[type[Keyword], tuple[str]]:
        return Keyword, (self.name,)


class Nil:
    """The empty list; `NIL` is its only instance."""

    __slots__ = ()

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __repr__(self) -> str:
        return "()"


NIL: Final = Nil()


class Pair:
    """A cons cell. Forms that were read are `SourcePair`s, so that macros keep their spans."""

    __slots__ = ("car", "cdr")
    span: Any = None  # overridden by SourcePair, as is car_span
    car_span: Any = None

    def __init__(self, car: Any, cdr: Any) -> None:
        self.car = car
        self.cdr = cdr

    def __iter__(self) -> Iterator[Any]:
        """Elements of a proper list; the tail of an improper one is not yielded."""
        here: Any = self
        while isinstance(here, Pair):
            yield here.car
            here = here.cdr

    def __repr__(self) -> str:
        return f"#<pair at {id(self):#x}>"  # the printer writes pairs; repr must survive cycles


class Cons(Pair):
    """A pair as running code makes it: without an initialiser, which would cost as much as all the rest.

    Whoever makes one fills it in at once; `cons` does both.
    """

    __slots__ = ()
    __init__ = object.__init__


def cons(car: Any, cdr: Any) -> Cons:
    """A fresh pair."""
    made = Cons()
    made.car = car
    made.cdr = cdr
    return made


class SourcePair(Pair):
    """A pair that knows where it was read: SPAN is its whole list's, CAR_SPAN that of its own car."""

    __slots__ = ("car_span", "span")

    def __init__(self, car: Any, cdr: Any, span: Any, car_span: Any = None) -> None:
        self.car = car
        self.cdr = cdr
        self.span = span
        self.car_span = car_span


def make_list(items: Iterable[Any], tail: Any = NIL) -> Any:
    """The Lisp list of ITEMS, ending in TAIL."""
    result = tail
    for item in reversed(items if items.__class__ is list else list(items)):
        made = Cons()
        made.car = item
        made.cdr = result
        result = made
    return result


class Char:
    """A character, one Unicode scalar value; interned, so `eq?` holds."""

    __slots__ = ("value",)
    value: str

    def __new__(cls, value: str) -> Char:
        return CHARS[value]

    def __repr__(self) -> str:
        return f"#<char U+{ord(self.value):04X}>"

    def __reduce__(self) -> tuple[type[Char], tuple[str]]:
        return Char, (self.value,)


class _Chars(dict[str, Char]):
    """Every character met so far, by itself."""

    def __missing__(self, value: str) -> Char:
        made = object.__new__(Char)
        made.value = value
        return self.setdefault(value, made)  # atomic: threads share the table


CHARS: Final = _Chars()


class MutableString:
    """A string that can be changed; strings from data are `str` and immutable. HELD: a text, as long as no character
    has been changed since one was asked for; a list of characters from then on.
    """

    __slots__ = ("held",)

    def __init__(self, text: str) -> None:
        self.held: str | list[str] = text

    @property
    def chars(self) -> list[str]:
        """The characters, to be changed."""
        if self.held.__class__ is str:
            self.held = list(self.held)
        return self.held  # type: ignore[return-value]

    def __str__(self) -> str:
        if self.held.__class__ is not str:
            self.held = "".join(self.held)
        return self.held

    def __len__(self) -> int:
        return len(self.held)

    def __getitem__(self, index: int) -> str:
        return self.held[index]


class Singleton:
    """A value with no parts and one spelling, such as the unspecified value."""

    __slots__ = ("spelling",)

    def __init__(self, spelling: str) -> None:
        self.spelling = spelling

    def __repr__(self) -> str:
        return self.spelling


UNSPECIFIED: Final = Singleton("#<unspecified>")
EOF: Final = Singleton("#<eof>")


def list_items(value: Any) -> list[Any] | None:
    """The elements of a proper list; None when VALUE is none, or goes round in a circle."""
    items: list[Any] = []
    mark, stretch = None, 64
    try:
        while True:
            for _ in repeat(None, stretch):
                if value is NIL:
                    return items
                items.append(value.car)
                value = value.cdr
                if value is mark:
                    return None
            mark, stretch = value, 2 * stretch  # as Brent has it (1980)
    except AttributeError:  # of what is no pair
        return None


def is_circular(value: Any) -> bool:
    """Whether following cdrs from VALUE never ends (Brent 1980)."""
    mark, power, steps = value, 1, 0
    while isinstance(value, Pair):
        value = value.cdr
        if value is mark:
            return isinstance(value, Pair)
        steps += 1
        if steps == power:
            mark, power, steps = value, power * 2, 0
    return False


WORD = 1 << 60  # beyond, CPython's hash of an integer is one that a program could make collide
KEY_LIMIT = 2_000_000  # parts of one key
KEY_STRETCH = 4096  # parts between looks at the meter
_OPEN, _CLOSE = Singleton("("), Singleton(")")


def hash_key(value: Any) -> Any:
    """A Python key for VALUE under `equal?`: 1, 1.0 and #t differ, lists and vectors compare by content.

    Hash tables, records and procedures are keys by identity. Written with a work list, so a deep list costs
    memory, never the C stack; EvalError for a list that contains itself.
    """
    kind = value.__class__
    if kind is str or kind is Symbol or kind is Keyword or kind is Char:
        return value
    if kind is int:
        return (
            value
            if -WORD < value < WORD
            else ("int", value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))
        )
    if kind is bool:
        return ("bool", value)
    if kind is float or kind is complex:
        return (kind.__name__, repr(value))  # 0.0 and -0.0 differ, NaN is itself
    if kind is Fraction:
        return ("ratio", hash_key(value.numerator), hash_key(value.denominator))
    if kind is Gaussian:
        return ("complex", hash_key(value.real), hash_key(value.imag))
    if isinstance(value, (Pair, list)):
        return _sequence_key(value)
    if kind is MutableString:
        return str(value)
    if kind is bytes or kind is bytearray:
        return bytes(value)
    if isinstance(value, dt.datetime):
        return value
    return ("id", id(value))


def _sequence_key(value: Any) -> tuple[Any, ...]:
    """The flat token sequence of a nested list or vector; equal sequences have equal tokens."""
    tokens: list[Any] = []
    accounted = KEY_STRETCH
    work = [value]
    while work:
        here = work.pop()
        if isinstance(here, Pair):
            tokens.append(_OPEN)
            work += (here.cdr, here.car)
        elif isinstance(here, list):
            tokens += (_CLOSE, len(here))
            work += reversed(here)
        else:
            tokens.append(hash_key(here))
        if len(tokens) >= accounted:
            charge(
                KEY_STRETCH >> 3, KEY_STRETCH << 3
            )  # shared parts are met again: a small value can be long
            accounted += KEY_STRETCH
        if len(tokens) > KEY_LIMIT:
            raise EvalError(f"a key that contains itself, or has more than {KEY_LIMIT} parts", code="size")
    return tuple(tokens)


class HashTable:
    """A mutable table under `equal?`; `{:a 1}` reads as one. Order is that of insertion.

    VALUES: hash_key(key) → value; ORIGINALS: hash_key(key) → key, of the keys that do not stand for themselves.
    SPANS is only there in a literal that was read: hash_key(key) → (where the key stands, where its value).
    """

    __slots__ = ("originals", "spans", "values")

    def __init__(self, items: Iterable[tuple[Any, Any]] = ()) -> None:
        self.values: dict[Any, Any] = {}
        self.originals: dict[Any, Any] = {}
        self.spans: dict[Any, Any] | None = None
        for key, value in items:
            self.set(key, value)

    @classmethod
    def keyed(cls, values: dict[Any, Any]) -> HashTable:
        """The table of VALUES, which becomes its own: a dict of keys that stand for themselves, such as keywords."""
        made = cls.__new__(cls)
        made.values, made.originals, made.spans = values, {}, None
        return made

    def get(self, key: Any, default: Any = None) -> Any:
        return self.values.get(hash_key(key), default)

    def set(self, key: Any, value: Any) -> None:
        stands = hash_key(key)
        self.values[stands] = value
        if stands is not key:
            self.originals[stands] = key

    def delete(self, key: Any) -> bool:
        stands = hash_key(key)
        if stands not in self.values:
            return False
        del self.values[stands]
        self.originals.pop(stands, None)
        return True

    def clear(self) -> None:
        self.values.clear()
        self.originals.clear()

    def empty(self) -> HashTable:
        """A new table of this one's kind."""
        return HashTable()

    def copy(self) -> HashTable:
        made = self.empty()
        made.values, made.originals = self.values.copy(), self.originals.copy()
        return made

    def update(self, other: HashTable) -> None:
        """Take the keys of OTHER, and its values for those that are here too."""
        if self.__class__ is HashTable and other.__class__ is HashTable:
            self.values.update(other.values)
            self.originals.update(other.originals)
            return
        for key, value in other.items():
            self.set(key, value)

    def __contains__(self, key: Any) -> bool:
        return hash_key(key) in self.values

    def __len__(self) -> int:
        return len(self.values)

    def items(self) -> list[tuple[Any, Any]]:
        if not self.originals:
            return list(self.values.items())
        original = self.originals.get
        return [(original(stands, stands), value) for stands, value in self.values.items()]


class RecordType:
    """What `define-record-type` makes: a name and its fields' names, in order."""

    __slots__ = ("fields", "name", "positions")

    def __init__(self, name: str, fields: Iterable[str]) -> None:
        self.name = name
        self.fields = tuple(fields)
        self.positions = {field: at for at, field in enumerate(self.fields)}

    @classmethod
    def written(cls, name: Symbol, fields: Any) -> RecordType:
        """The type NAME, without the < > that often surround it, with FIELDS, a list of symbols."""
        plain = name.name
        plain = plain[1:-1] if plain[:1] == "<" and plain[-1:] == ">" else plain
        return cls(plain, [field.name if isinstance(field, Symbol) else str(field) for field in fields])


class Record:
    """An instance of TYPE; VALUES stand in the order of its fields."""

    __slots__ = ("type", "values")

    def __init__(self, type: RecordType, values: list[Any]) -> None:
        self.type = type
        self.values = values

    def get(self, field: str) -> Any:
        return self.values[self.type.positions[field]]


class MultipleValues:
    """What `(values …)` returns when it is not exactly one value."""

    __slots__ = ("items",)

    def __init__(self, items: list[Any]) -> None:
        self.items = items


class Opaque:
    """A host object that came in through embedding: it can be passed on and returned, never entered."""

    __slots__ = ("__weakref__", "host")

    def __init__(self, host: Any) -> None:
        self.host = host


OPAQUE: Final[weakref.WeakValueDictionary[int, Opaque]] = weakref.WeakValueDictionary()  # by the host's id


def opaque(host: Any) -> Opaque:
    """HOST as programs hold it: the same value each time, so that they can compare it."""
    found = OPAQUE.get(id(host))
    if found is None or found.host is not host:
        found = OPAQUE[id(host)] = Opaque(host)
    return found


Procedure = Callable[..., Any]


def is_procedure(value: Any) -> bool:
    """Whether VALUE may stand in operator position."""
    return callable(value) and not isinstance(value, type)


def table(**fields: Any) -> HashTable:
    """FIELDS as they are, under keywords with hyphens."""
    return HashTable((Keyword(name.replace("_", "-")), value) for name, value in fields.items())


def lispy(value: Any) -> Any:
    """Plain data as the language's: dicts become tables under keywords, sequences lists, None #f."""
    return _converted(value, lambda each: False if each is None else each)


def figures(value: Any) -> Any:
    """The same of dicts of figures, numbers of four digits."""
    return _converted(value, lambda each: round(each, 4) if each.__class__ is float else each)


def _converted(value: Any, leaf: Callable[[Any], Any]) -> Any:
    if isinstance(value, dict):
        return HashTable((Keyword(str(key)), _converted(each, leaf)) for key, each in value.items())
    if isinstance(value, (list, tuple)):
        return make_list(_converted(each, leaf) for each in value)
    return leaf(value)
