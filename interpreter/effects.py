"""Which effects a global procedure may have, told from its code: those of the primitives that it reaches by name."""

from __future__ import annotations

from collections.abc import Iterator
from types import CodeType
from typing import Any

from chorus.interpreter.namespace import Namespace, name_of
from chorus.runtime.calling import meta_of
from chorus.runtime.primitive import TABLE

ENTRIES = ("$:d:", "$:f:", "$:g:")  # keys of globals; other reserved names are the compiler's own


class Effects:
    """Answers for the names of SPACE, each found once."""

    def __init__(self, space: Namespace) -> None:
        self.space = space
        self.known: dict[str, frozenset[str]] = {}

    def of(self, name: str) -> frozenset[str]:
        """The effects that a call of NAME may have, and of whatever that calls in turn, by name."""
        if name not in self.known:
            found: set[str] = set()
            seen, work = {name}, [name]
            while work:
                here = work.pop()
                if here in self.known:
                    found |= self.known[here]
                    continue
                made, code = self._look(here)
                found |= made
                new = set(used_in(code)) - seen
                seen |= new
                work += new
            self.known[name] = frozenset(found)
        return self.known[name]

    def _look(self, name: str) -> tuple[frozenset[str], CodeType | None]:
        """NAME's own effects, and its code if it is written in the language."""
        value: Any = self.space.get(name)
        load = getattr(value, "load", None)
        if load is not None and name not in TABLE:
            value = load()
        if meta_of(value) is not None:
            return frozenset(), value.__code__
        described = getattr(value, "described", None)
        if described is not None:
            return frozenset(described.get("effects") or ()), None
        if name in TABLE and value is not None:
            return TABLE[name].effects, None
        return frozenset(), None


def used_in(code: CodeType | None) -> Iterator[str]:
    """The globals that CODE, or code within it, names."""
    work = [] if code is None else [code]
    while work:
        here = work.pop()
        work += [each for each in here.co_consts if each.__class__ is CodeType]
        for name in here.co_names:
            if not name.startswith("$:") or name.startswith(ENTRIES):
                yield name_of(name)
