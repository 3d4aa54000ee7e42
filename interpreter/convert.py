"""Values between Python and the language, as the embedding contract has them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from chorus.runtime.errors import EvalError
from chorus.runtime.gaussian import Gaussian
from chorus.runtime.printer import brief
from chorus.runtime.values import (
    NIL,
    UNSPECIFIED,
    Char,
    HashTable,
    Keyword,
    MultipleValues,
    MutableString,
    Opaque,
    Pair,
    Record,
    RecordType,
    Singleton,
    Symbol,
    make_list,
    opaque,
)

AS_THEY_ARE = (
    bool,
    int,
    float,
    complex,
    Gaussian,
    Fraction,
    str,
    bytes,
    Symbol,
    Keyword,
    Char,
    Opaque,
    Record,
    HashTable,
)
MAX_DEPTH = 10_000
PLOTS = "chorus.runtime.plots."  # a plot is made to be shown by the host
# The values of what is a subclass of these.
PLAIN: dict[type, Any] = {int: int.__int__, str: str.__str__, float: float.__float__, bytes: bytes}


def to_lisp(value: Any, depth: int = 0, table: Callable[[Any], Any] | None = None) -> Any:
    """A host value as the language sees it: None and [] are the empty list, a list is a list, a dict a hash
    table, and of what gives an Arrow stream TABLE makes one, wherever it is held.

    What has no counterpart becomes opaque. Forms (pairs) and procedures of the language stay what they are.
    """
    kind = value.__class__
    if kind in AS_THEY_ARE or isinstance(value, Pair) or kind is Singleton:
        return value
    if value is None or value is NIL:
        return NIL
    if kind is Handle:
        return value.host
    if depth > MAX_DEPTH:
        raise EvalError("the host's value is nested too deep", code="convert")
    for base, plain in PLAIN.items():
        if isinstance(value, base):
            return plain(value)
    if isinstance(value, list | tuple):
        return make_list([to_lisp(item, depth + 1, table) for item in value])
    if isinstance(value, Mapping):
        return HashTable((_key(k), to_lisp(v, depth + 1, table)) for k, v in value.items())
    if table is not None and hasattr(value, "__arrow_c_stream__"):
        return table(value)
    if isinstance(value, dt.datetime):
        return value if value.tzinfo else value.replace(tzinfo=dt.UTC)
    if kind is bytearray:
        return bytes(value)
    if _is_native(value):
        return value
    if hasattr(value, "__index__") and hasattr(value, "item"):
        return value.item()  # a NumPy scalar
    return opaque(value)


def _key(key: Any) -> Any:
    return Keyword(key[1:]) if key.__class__ is str and key[:1] == ":" and len(key) > 1 else to_lisp(key)


def _is_native(value: Any) -> bool:
    """Tensors and tables are values of the language too."""
    home = type(value).__module__
    tensor = home.partition(".")[0] in ("numpy", "torch") and hasattr(value, "shape")
    return tensor or home.startswith("chorus.runtime.")


def to_host(value: Any) -> Any:
    """A value of the language for Python: lists and vectors are lists, hash tables and records dicts,
    tables Arrow.

    What has no counterpart (procedures, promises, ports) is opaque. Lists that share or contain themselves
    are cut by an error rather than copied for ever.
    """
    return _Converter().convert(value, 0)


class Handle(Opaque):
    """A procedure or another inner value of the language, as the host holds it; given back, it is what it
    was.
    """

    __slots__ = ()

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        raise EvalError(
            f"{brief(self.host)} is a value of the language, which Python cannot call by itself",
            code="host",
            hint="session.call(procedure, argument, …) calls a procedure, in the session that it came from",
        )


class _Converter:
    def __init__(self) -> None:
        self.open: set[int] = set()
        self.records = (
            0  # around what is being converted: all keys within one are plain names, as its own are
        )
        self.made: dict[
            int, Any
        ] = {}  # what was converted already: shared parts are converted, and shared, once

    def convert(self, value: Any, depth: int) -> Any:
        kind = value.__class__
        if kind in (
            bool,
            int,
            float,
            str,
            Fraction,
            Gaussian,
            complex,
            bytes,
            Symbol,
            Keyword,
            Char,
            dt.datetime,
        ):
            return value
        if value is NIL:
            return []
        if value is UNSPECIFIED:
            return None
        if kind is MutableString:
            return str(value)
        if kind is bytearray:
            return bytes(value)
        if kind is Opaque:
            return value.host
        if isinstance(value, (Pair, list, HashTable, Record, MultipleValues)):
            return self._compound(value, depth)
        if hasattr(value, "__arrow_c_stream__") or _is_table(value):
            return value.arrow() if hasattr(value, "arrow") else value
        if type(value).__module__.partition(".")[0] in ("numpy", "torch"):
            return value
        is_plain = isinstance(value, (RecordType, Singleton)) or kind.__module__.startswith(PLOTS)
        return value if is_plain else Handle(value)

    def _compound(self, value: Any, depth: int) -> Any:
        if id(value) in self.made:
            return self.made[id(value)]
        if id(value) in self.open or depth > MAX_DEPTH:
            raise EvalError(
                "a value that contains itself, or is nested too deep, cannot leave the language",
                code="convert",
            )
        self.open.add(id(value))
        try:
            made = self.made[id(value)] = self._parts(value, depth + 1)
            return made
        finally:
            self.open.discard(id(value))

    def _parts(self, value: Any, depth: int) -> Any:
        if isinstance(value, Pair):
            return self._list(value, depth)
        if isinstance(value, list):
            return [self.convert(item, depth) for item in value]
        if isinstance(value, MultipleValues):
            return tuple(self.convert(item, depth) for item in value.items)
        if isinstance(value, Record):
            named = zip(value.type.fields, value.values, strict=True)
            pairs = [
                (name, item) for name, item in named if not name.startswith("%")
            ]  # fields of its own library
            self.records += 1
            try:
                return {name: self.convert(item, depth) for name, item in pairs}
            finally:
                self.records -= 1
        return self._dict(value, depth)

    def _dict(self, table: HashTable, depth: int) -> dict[Any, Any]:
        made: dict[Any, Any] = {}
        for key, value in table.items():
            name = self._host_key(key)
            if name in made:
                raise EvalError(
                    f"two keys of a hash table are the same in Python: {brief(key)} and another one, as {name!r}",
                    code="convert",
                    irritants=(key,),
                    hint="(hash->list table) leaves the language with all its keys",
                )
            made[name] = self.convert(value, depth)
        return made

    def _list(self, value: Any, depth: int) -> Any:
        items, seen = [], set()
        while isinstance(value, Pair):
            if id(value) in seen:
                raise EvalError("a circular list cannot leave the language", code="convert")
            seen.add(id(value))
            items.append(self.convert(value.car, depth))
            value = value.cdr
        return items if value is NIL else [*items, Symbol("."), self.convert(value, depth)]

    def _host_key(self, key: Any) -> Any:
        if self.records and isinstance(key, Keyword):
            return key.name
        made = self.convert(key, 0)
        return tuple(made) if isinstance(made, list) else repr(made) if isinstance(made, dict) else made


def _is_table(value: Any) -> bool:
    return type(value).__module__.startswith("chorus.runtime.") and hasattr(value, "arrow")
