"""Namespaces: the global bindings of a session, as the Python dicts that compiled functions have for globals.

A foundation holds primitives and the stdlib; a session's own namespace lies over it. The own dict's
`__builtins__` is the foundation's dict, so CPython's LOAD_GLOBAL finds own names first, then the
foundation's, and nothing of Python's.

A library's namespace (`interpreter.libraries`) has the foundation's dict as `__builtins__` too, and no base: it sees
what it imports. Code elsewhere reaches a library's globals through keys of their own in that dict.

Each global NAME has up to four keys:
    NAME        its value, as calls in tail position use it
    $:d:NAME    its direct entry: what never returns a pending call (`runtime.calling`)
    $:f:NAME    in the foundation only, made when asked for: the foundation's value whatever the session
    defines, which $:g:NAME    and its direct entry    is how a macro's expansion keeps to the bindings of
    the macro's own home

What a foundation comes with is bound when it is first asked for (`late`, `arrive`): a program uses a few dozen names of
two thousand. Code finds globals in the dict alone, so whoever makes a function of code for a namespace has all names
arrive that the code has (`link`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from threading import RLock
from types import FunctionType
from typing import Any
from weakref import WeakKeyDictionary

from chorus.runtime.calling import direct, meta_of

# Names that Python treats apart; a name that starts with $ gets one more, so that $:… stays ours.
RESERVED = frozenset({"None", "True", "False", "__builtins__", "__debug__", "__name__", "__doc__"})
ABSENT: Any = object()
ARRIVING = RLock()  # other threads ask for names, too
MOST_LOST = 10_000  # lowered flags that may be raised again


def key(name: str) -> str:
    """The dict key of the global NAME."""
    return "$" + name if name[:1] == "$" or name in RESERVED else name


def name_of(key: str) -> str:
    """The global that a dict key, of any of the four kinds, belongs to."""
    if key[:2] == "$:":
        key = key[4:].partition("\0")[0]
    return key[1:] if key[:1] == "$" else key


class Namespace:
    """Bindings over those of BASE. A `Row` (`interpreter.compiler.syntax`) as value makes the name a form.

    APART: code elsewhere cannot reach its globals by keys of the foundation.
    """

    apart = False

    def __init__(self, base: Namespace | None = None) -> None:
        self.base = base
        self.dict: dict[str, Any] = {"__builtins__": {} if base is None else base.dict, "$:namespace": self}
        self.aliases: dict[Any, str] = {}  # identifiers made by macros that were defined at top level
        self.introduced: dict[
            str, str
        ] = {}  # what a macro's own identifier defined → the latest global of that name
        self.shadowed: set[str] = set()  # names of forms that are being redefined as variables
        self.expected: set[str] = set()  # names of forms that the text under way will define as variables
        self.volatile: set[str] = set()  # globals that some code assigns: no code may rely on them
        self.watched: dict[str, set[str]] = {}  # global → flags of the code that relies on it
        self.flags = 0
        self.relied: dict[str, tuple[str, ...]] = {}  # flag → the globals that its code relies on
        self.lost: dict[str, dict[str, Any]] = {}  # lowered flag → what they were before
        self.missed: dict[str, set[str]] = {}  # global → lowered flags of code that relied on it
        self.owners: dict[str, str] = {}  # flag → the procedure whose definition raised it
        self.stale: dict[str, str] = {}  # procedure whose flag was lowered → that flag
        self.entries: WeakKeyDictionary[Any, Any] = (
            WeakKeyDictionary()
        )  # procedure bound before → its direct entry
        self.lowered = 0  # how many flags redefinitions have lowered so far
        self.closed: dict[str, Any] = {}  # what is known of global procedures that call no unknown one
        self.concluded: dict[
            str, set[str]
        ] = {}  # global → the procedures of which that is known on its account
        self.sources: dict[str, Any] = {}  # global procedures as expanded, while they are what they mean
        self.small: dict[str, Any] = {}  # those of them that are written out where they are called
        self.makers: dict[str, Any] = {}  # those that make procedures which settle their own tail calls
        self.redefined: dict[str, Any] = {}  # name → what is told when a top-level form gave it another value
        self.imported: dict[
            str, tuple[Namespace, str]
        ] = {}  # name → the namespace and name that it stands for
        self.libraries: dict[
            tuple[Any, ...], Any
        ] = {}  # a foundation's: those that programs have used so far
        self.libraries_under_way: list[tuple[Any, ...]] = []  # those whose definition is being carried out
        self.late: dict[str, Any] = {}  # a foundation's: names that nobody has asked for yet → what they are
        self.bring: Callable[[str, Any], None]  # binds such a name
        self.context: Any = None  # a foundation's: the Context of its session
        self.tails: Any = None  # a foundation's: what decides which tail calls are pending ones
        self.came: dict[
            str, Any
        ] = {}  # what names had come with that the program changed: it can be gone back to
        self.metered = False  # a foundation's: whether compiled code counts steps
        self.changing = False  # a foundation's: whether what makes strings makes them mutable
        self.tower: Any = None  # a foundation's: the evaluators in the language, once one is asked for
        self.front: Any = None  # a foundation's: what evaluates in the place of the host's front end

    @property
    def foundation(self) -> Namespace:
        """The namespace that all of a session's lie over."""
        return self if self.base is None else self.base.foundation

    @property
    def front_end(self) -> Any:
        """What makes core nodes of forms that are evaluated here, in the host's place; None: the host does."""
        return self.foundation.front

    def __lisp__(self) -> str:
        return "#<environment>"

    def __reduce__(self) -> Any:
        raise TypeError("a namespace cannot be copied by value")

    def get(self, name: str, default: Any = None) -> Any:
        value = self.at(key(name), ABSENT)
        if value is not ABSENT:
            return value
        return default if self.base is None else self.base.get(name, default)

    def entry(self, name: str, default: Any = None) -> Any:
        """What compiled code calls for NAME where it waits for the value: the direct entry."""
        value = self.at("$:d:" + name, ABSENT)
        if value is not ABSENT:
            return value
        return default if self.base is None else self.base.entry(name, default)

    def owns(self, name: str) -> bool:
        return self.at(key(name), ABSENT) is not ABSENT

    def at(self, place: str, default: Any = None) -> Any:
        """What stands under PLACE, a key of any kind, in this very namespace."""
        value = self.dict.get(place, ABSENT)
        if value is ABSENT and self.late:
            self.arrive(name_of(place))
            value = self.dict.get(place, ABSENT)
        return default if value is ABSENT else value

    def arrive(self, name: str) -> None:
        """Bind NAME, under all its keys, if it is one of those that nobody has asked for yet."""
        if name in self.late:
            with ARRIVING:
                if name in self.late:
                    if (
                        key(name) not in self.dict
                    ):  # where it is bound last, should a deadline strike in between
                        self.bring(name, self.late[name])
                    self.late.pop(name, None)

    def link(self, places: Iterable[str]) -> None:
        """Have the names of PLACES, which code is going to look up, arrive."""
        late = self.late
        for place in places:
            name = name_of(place)
            if name in late:
                self.arrive(name)

    def holds(self, name: str) -> bool:
        return self.get(name, ABSENT) is not ABSENT

    def define(self, name: str, value: Any) -> None:
        """Bind NAME here, in all its entries; code that relies on what it was does so no longer."""
        self.broken(name)
        for library in self.libraries.values():
            if not library.owns(name):
                library.broken(name)
        self._bind(name, value)

    def provide(self, name: str, value: Any) -> None:
        """`define`, by the host: what NAME means wherever the program's own definitions of it are taken back."""
        self.define(name, value)
        self.came[name] = value

    def supply(self, name: str, value: Any) -> None:
        """Put VALUE in the place of the stub that stood for it: code that relies on NAME goes on doing so."""
        self._bind(name, value)

    def _bind(self, name: str, value: Any) -> None:
        known = self.entries.get(value) if value.__class__ is FunctionType else None
        self.arrive(name)
        bindings, entry = self.dict, known or direct(value)
        self.shadowed.discard(name)
        bindings[key(name)] = value
        bindings["$:d:" + name] = entry
        if "$:f:" + name in bindings:
            bindings["$:f:" + name] = value
            bindings["$:g:" + name] = entry

    def bound(self, name: str) -> tuple[Any, Any]:
        """What NAME means, to its two kinds of callers."""
        return self.get(name, ABSENT), self.entry(name, ABSENT)

    def made_whole(self, name: str, before: tuple[Any, Any]) -> bool:
        """Finish binding NAME, which was bound as BEFORE, if that was stopped half-way, or take it back. Whether it is
        done.
        """
        value, entry = self.bound(name)
        home = self if self.owns(name) else self.foundation
        if value is before[0]:
            self.broken(name)  # what the compiler knows is of the definition that is not there
            if entry is not before[1]:
                home.dict["$:d:" + name] = before[1]
                if value is ABSENT:
                    home.remove(name)
            return False
        if entry is before[1]:
            home._bind(name, value)
        return True

    def refresh(self, name: str) -> None:
        """Bring the foundation's own entries of NAME up to date after compiled code defined it."""
        if "$:f:" + name in self.dict:
            self._bind(name, self.dict[key(name)])

    # — what compiled code relies on —

    def new_flag(self) -> str:
        """The global that tells code of this namespace whether what it relies on still holds."""
        self.flags += 1
        flag = f"$:v:{self.flags}"
        self.dict[flag] = False
        return flag

    def rely(self, flag: str, names: Iterable[str], owner: str = "") -> None:
        """Raise FLAG, to be lowered as soon as one of the globals NAMES is given another value. OWNER: the procedure
        that the code belongs to.
        """
        if owner:
            self.owners[flag] = owner
            self.stale.pop(owner, None)
        self.relied[flag] = names = tuple(names)
        for name in names:
            self.watched.setdefault(name, set()).add(flag)
        self.dict[flag] = True

    def conclude(self, procedure: str, known: Any) -> None:
        """Keep what is KNOWN of PROCEDURE, a `Closed`, as long as the globals that it relies on are what they are."""
        self.closed[procedure] = known
        for name in known.names:
            self.concluded.setdefault(name, set()).add(procedure)

    def reliance(self) -> tuple[dict[str, set[str]], set[str], int]:
        """What code of this namespace relies on, for `take_reliance` of one that gets copies of its bindings."""
        return {name: set(flags) for name, flags in self.watched.items()}, set(self.volatile), self.flags

    def take_reliance(self, watched: dict[str, set[str]], volatile: set[str], flags: int) -> None:
        self.watched = {name: set(raised) for name, raised in watched.items()}
        self.volatile, self.flags = set(volatile), flags

    def broken(self, name: str) -> None:
        """NAME is given another value: lower the flags of the code that relies on it."""
        value, entry = self.dict.get(key(name)), self.dict.get("$:d:" + name)
        if entry is not value and meta_of(entry) is not None:
            self.entries[value] = entry  # a compiled one: should the value come back, so does this
        self.sources.pop(name, None)
        self.small.pop(name, None)
        self.makers.pop(name, None)
        self.closed.pop(name, None)
        for procedure in self.concluded.pop(name, ()):
            self.closed.pop(procedure, None)
        for flag in self.watched.pop(name, ()):
            if self.dict[flag]:
                self._lower(flag)

    def _lower(self, flag: str) -> None:
        """FLAG's code is not to be entered any more; what it relied on is as it should be for the last time."""
        self.dict[flag] = False
        self.lowered += 1
        if flag in self.owners:
            self.stale[self.owners.pop(flag)] = flag
        self.lost[flag] = {name: self.get(name, ABSENT) for name in self.relied.get(flag, ())}
        for name in self.lost[flag]:
            self.missed.setdefault(name, set()).add(flag)
        if len(self.lost) > MOST_LOST:
            self._forget(next(iter(self.lost)))

    def _forget(self, flag: str) -> dict[str, Any]:
        """FLAG will not be raised again: what its code relied on."""
        for name in self.lost[flag]:
            self.missed[name].discard(flag)
            if not self.missed[name]:
                del self.missed[name]
        return self.lost.pop(flag)

    def mended(self, names: Iterable[str]) -> None:
        """NAMES may be what they once were: raise the flags of code that finds all it relies on again."""
        for name in names:
            for flag in list(self.missed.get(name, ())):
                wanted = self.lost[flag]
                if self.volatile.isdisjoint(wanted) and all(
                    self.get(each, ABSENT) is value for each, value in wanted.items()
                ):
                    owner = next((name for name, lost in self.stale.items() if lost == flag), "")
                    self.rely(flag, self._forget(flag), owner)

    def assign(self, name: str, value: Any) -> bool:
        """Give NAME another value where it is bound; False when nothing binds it."""
        here: Namespace | None = self
        self.broken(name)
        while here is not None:
            if here.owns(name):
                if here.base is None:
                    here.came.setdefault(name, here.dict[key(name)])
                here.define(name, value)
                return True
            here = here.base
        return False

    def remove(self, name: str) -> None:
        self.late.pop(name, None)
        for prefix in ("$:d:", "$:f:", "$:g:"):
            self.dict.pop(prefix + name, None)
        self.dict.pop(key(name), None)

    def shadow_row(self, name: str) -> None:
        """From here on NAME is a variable of this namespace, also while its definition is still being
        compiled.
        """
        self.shadowed.add(name)
        self.imported.pop(name, None)

    def entry_keys(self, name: str, seen_from: Namespace) -> tuple[str, str]:
        """(key of the value, key of the direct entry) of this namespace's NAME for code of SEEN_FROM."""
        if seen_from is self:
            return key(name), "$:d:" + name
        if "$:f:" + name not in self.dict and self.owns(name):
            value = self.dict[key(name)]
            self.dict["$:f:" + name] = value
            self.dict["$:g:" + name] = direct(value)
        return "$:f:" + name, "$:g:" + name

    def own_names(self) -> Iterator[str]:
        yield from list(self.late)
        for found in list(self.dict):
            if found[:2] != "$:" and found != "__builtins__":
                yield name_of(found)

    def names(self) -> set[str]:
        return set(self.own_names()) | (self.base.names() if self.base else set())
