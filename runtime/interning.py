"""The names that a process knows: each once, and forgotten when nothing refers to them any more."""

from __future__ import annotations

import sys
from threading import Lock
from typing import Any, TypeVar

Name = TypeVar("Name")

ROOM = 200_000  # names in a table before it is looked through for the first time
ALONE = 3  # references to a name that only its table holds, as seen below: the table's, ours, the argument's
_lock = Lock()  # whoever adds or forgets names; finding one takes none
_room: dict[type, int] = {}  # class → how many names its table may hold before it is looked through again


def intern(cls: type[Name], table: dict[str, Name], name: str) -> Name:
    """The instance of CLS in TABLE that is called NAME; made, if there is none."""
    made: Any = object.__new__(cls)
    made.name = name
    with _lock:
        if len(table) >= _room.get(cls, ROOM):
            _forget(table)
            _room[cls] = max(ROOM, 2 * len(table))
        return table.setdefault(name, made)


def forget(table: dict[str, Any]) -> None:
    """Forget the names of a big TABLE that nothing else refers to, so that their memory returns."""
    if len(table) >= ROOM // 2:
        with _lock:
            _forget(table)


def _forget(table: dict[str, Any]) -> None:
    for name in list(table):
        held = table[name]
        if sys.getrefcount(held) <= ALONE:
            del table[name]
            if sys.getrefcount(held) > ALONE - 1:  # another thread has found it in between
                table[name] = held
