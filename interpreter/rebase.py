"""Definitions copied into another namespace: the same code with other globals, data of its own.

`Session.freeze` makes such a copy and every session that starts from it gets another, so that no session can
change what the next one finds. What is shared or goes round in a circle does so in the copy; the copier keeps
a work list, so depth costs no host stack.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from chorus.interpreter.changing import let_strings_change
from chorus.interpreter.compiler.syntax import Row
from chorus.interpreter.namespace import RESERVED, Namespace, name_of
from chorus.interpreter.namespace import key as key_of
from chorus.runtime.calling import direct, meta_of_code
from chorus.runtime.keyed import KeyedTable, OwnKeys
from chorus.runtime.primitives.procedures import Parameter, Promise
from chorus.runtime.values import Cons, HashTable, MultipleValues, MutableString, Pair, Record, SourcePair

if TYPE_CHECKING:
    from chorus.interpreter.session import Session

DIRECT = "$:d:"  # direct entries are made anew: they hold the procedure that they enter
MACROS = "$:f:"  # the foundation's entries that expanded code refers to: each foundation makes its own


class Lent(NamedTuple):
    """What stands, in a frozen base, for the foundation's NAME: each session has that from its own foundation."""

    name: str


class Copier:
    """Copies values of the namespace OLD for the namespace NEW. What cannot change is shared. METERED: the copies of
    procedures count steps. LENT: id → name of what the foundation of OLD comes with. ORIGIN: the namespace that macros
    of OLD were defined in; HOME: the one that they are to be at home in.
    """

    def __init__(
        self,
        old: dict[str, Any],
        new: dict[str, Any],
        *,
        metered: bool = False,
        lent: Mapping[int, str] | None = None,
        origin: Namespace,
        home: Namespace | None = None,
    ) -> None:
        self.old = old
        self.new = new
        self.metered = metered
        self.lent = lent or {}
        self.origin = origin
        self.home = home
        self.made: dict[int, tuple[Any, Any]] = {}  # id → (original, which keeps the id taken, copy)
        self.work: list[Callable[[], None]] = []  # copies still to be filled
        self.tables: list[tuple[HashTable, HashTable]] = []  # filled last, when their keys are complete

    def into(self, bindings: dict[str, Any]) -> None:
        """Define copies of all BINDINGS in NEW."""
        copies = {key: self.copy(value) for key, value in bindings.items() if not key.startswith(DIRECT)}
        while self.work:
            self.work.pop()()
        for table, copy in self.tables:
            for key, value in table.items():
                copy.set(self.copy(key), self.copy(value))
        self.new.update(copies)
        for key in bindings:
            if key.startswith(DIRECT):
                owner = copies.get(key_of(key.removeprefix(DIRECT)))
                self.new[key] = bindings[key] if owner is None else direct(owner)

    def copy(self, value: Any) -> Any:
        """VALUE's copy, perhaps still to be filled; VALUE itself if it cannot change."""
        known = self.made.get(id(value))
        if known is not None:
            return known[1]
        begin = COPIED.get(value.__class__)
        made = value if begin is None else begin(self, value)
        if made is not value:
            self.made[id(value)] = value, made
        return made

    def _pair(self, pair: Any) -> Any:
        made = object.__new__(pair.__class__)
        if isinstance(pair, SourcePair):
            for slot in SourcePair.__slots__:
                with suppress(AttributeError):
                    setattr(made, slot, getattr(pair, slot))

        def fill() -> None:
            made.car, made.cdr = self.copy(pair.car), self.copy(pair.cdr)

        self.work.append(fill)
        return made

    def _list(self, items: list[Any]) -> Any:
        made: list[Any] = []
        self.work.append(lambda: made.extend(map(self.copy, items)))
        return made

    def _keyed_table(self, table: KeyedTable) -> Any:
        made = table.empty()
        self.tables.append((table, made))
        for key, value in table.items():
            self.copy(key)
            self.copy(value)
        made.equality, made.hasher = self.copy(table.equality), self.copy(table.hasher)
        if isinstance(made.stand, OwnKeys):
            made.stand = OwnKeys(made.equality, made.hasher)
        return made

    def _table(self, table: HashTable) -> Any:
        made = HashTable()
        self.tables.append((table, made))

        def fill() -> None:
            for item in table.items():
                for part in item:
                    self.copy(part)

        self.work.append(fill)
        return made

    def _record(self, record: Record) -> Any:
        return Record(record.type, self.copy(record.values))

    def _promise(self, promise: Promise) -> Any:
        made = Promise(promise.done, None)
        self.work.append(lambda: setattr(made, "value", self.copy(promise.value)))
        return made

    def _parameter(self, cell: Parameter) -> Any:
        made = Parameter(None, None)

        def fill() -> None:
            made.value, made.convert = self.copy(cell.value), self.copy(cell.convert)

        self.work.append(fill)
        return made

    def _lent_name(self, value: Any) -> str | None:
        """The name of VALUE if the foundation of OLD comes with it."""
        stands_for = value.__name__ if hasattr(value, "load") else None  # until that is called
        return self.lent.get(id(value)) or (stands_for if self.lent else None)

    def _method(self, method: types.MethodType) -> Any:
        lent = self._lent_name(method)
        return method if lent is None else Lent(lent)

    def _lent(self, lent: Lent) -> Any:
        return lent if self.home is None else self.home.foundation.get(lent.name)

    def _row(self, row: Row) -> Any:
        if row.again is None or row.home is not self.origin:
            return row
        made = row.again(self.home or self.origin, self.copy)
        made.usage = row.usage
        return made

    def _cell(self, cell: types.CellType) -> Any:
        made = types.CellType()

        def fill() -> None:
            with suppress(ValueError):  # an empty cell
                made.cell_contents = self.copy(cell.cell_contents)

        self.work.append(fill)
        return made

    def _function(self, function: types.FunctionType) -> Any:
        cell = getattr(function, "cell", None)
        meta = meta_of_code(function.__code__)
        ours = function.__globals__ is self.old and meta is not None
        lent = None if ours else self._lent_name(function)
        if lent is not None:
            return Lent(lent)
        if not ours and cell.__class__ is not Parameter:
            return function  # the host's, or made by the foundation's
        space = self.new if ours else function.__globals__
        code, cells = function.__code__, function.__closure__ or ()
        if self.metered and ours and meta is not None:
            from chorus.interpreter.compiler.metering import metered

            code, cells = metered(function, meta)
        cells = tuple(map(self.copy, cells))
        made = types.FunctionType(code, space, function.__name__, function.__defaults__, cells or None)
        if not ours:
            made.cell = self.copy(cell)  # type: ignore[attr-defined]
        return made


COPIED: dict[type, Callable[[Copier, Any], Any]] = {
    Pair: Copier._pair,
    Cons: Copier._pair,
    SourcePair: Copier._pair,
    list: Copier._list,
    HashTable: Copier._table,
    KeyedTable: Copier._keyed_table,
    Record: Copier._record,
    Promise: Copier._promise,
    Parameter: Copier._parameter,
    types.CellType: Copier._cell,
    types.FunctionType: Copier._function,
    types.MethodType: Copier._method,
    Lent: Copier._lent,
    Row: Copier._row,
    MutableString: lambda _, value: MutableString(str(value)),
    bytearray: lambda _, value: bytearray(value),
    MultipleValues: lambda copier, value: MultipleValues(copier.copy(value.items)),
}


def _named(foundation: dict[str, Any]) -> dict[int, str]:
    """id → name of the procedures that FOUNDATION has bound."""
    found = {}
    for place, value in list(foundation.items()):
        if (
            place[:2] != "$:"
            and place not in RESERVED
            and value.__class__ in (types.FunctionType, types.MethodType)
        ):
            found[id(value)] = name_of(place)
    return found


class Libraries:
    """The libraries that SPACE's foundation knows, and what SPACE imports. A copy defines them anew, so that each
    has a state of its own.
    """

    def __init__(self, space: Namespace) -> None:
        foundation = space.foundation
        known = foundation.libraries.values()
        self.forms = [library.form for library in known if library.form is not None]
        self.lent = {library.name: sorted(library.lent) for library in known}
        self.imported = {
            name: (getattr(home, "name", None), inside) for name, (home, inside) in space.imported.items()
        }

    def copy_into(self, space: Namespace) -> None:
        from chorus.interpreter.libraries import find
        from chorus.interpreter.library_forms import define

        for form, span, file in self.forms:
            define(form, space, span, file)
        for library, names in self.lent.items():
            for name in names:
                find(library, space).entry_keys(name, space)
        for name, (library, inside) in self.imported.items():
            home = space.foundation if library is None else find(library, space)
            space.define(name, home.get(inside))
            space.imported[name] = home, inside


class Base:
    """A frozen set of definitions. Sessions that start from it share neither bindings nor data with it."""

    def __init__(self, space: Namespace) -> None:
        self.contents = 0  # the name of these definitions, as versions have it
        kept = {key: value for key, value in space.dict.items() if key not in ("__builtins__", "$:namespace")}
        self._bindings: dict[str, Any] = {}
        under = space.base.dict if space.base is not None else {}
        self._used = [key for key in list(under) if key[:2] != "$:"]  # the code in KEPT looks up no others
        self._kept_to = [key[4:] for key in list(under) if key.startswith(MACROS)]
        self._metered = space.foundation.metered
        self._origin = space  # where its macros are at home
        Copier(space.dict, self._bindings, lent=_named(under), origin=space).into(kept)
        self._reliance = space.reliance()
        self._introduced = dict(space.introduced), dict(space.aliases)
        self._changing = space.foundation.changing
        self._libraries = Libraries(space) if space.foundation.libraries else None

    def copy_into(self, space: Namespace) -> None:
        if space.base is not None:
            space.base.link(self._used)
            for name in self._kept_to:
                space.base.entry_keys(name, space)
            if self._changing:
                let_strings_change(space.base)
        counting = space.foundation.metered and not self._metered
        copier = Copier(self._bindings, space.dict, metered=counting, origin=self._origin, home=space)
        copier.into(self._bindings)
        space.came.update((name, space.dict[key_of(name)]) for name in space.own_names())
        if self._libraries is not None:
            self._libraries.copy_into(space)
        space.introduced, space.aliases = map(dict, self._introduced)
        space.take_reliance(*self._reliance)

    def session(self, **options: Any) -> Session:
        """A session that starts from these definitions; OPTIONS as Session takes them."""
        from chorus.interpreter.session import Session

        return Session(base=self, **options)
