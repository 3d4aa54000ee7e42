"""Three-way merge: what two descendants of one state changed, in one; where both changed the same, a conflict."""

from __future__ import annotations

from typing import NamedTuple

from chorus.runtime.frames.bindings import Binding, Key, State


class Conflict(NamedTuple):
    """What BASE, and two that began there, have at KEY; None: no binding."""

    key: Key
    base: Binding | None
    ours: Binding | None
    theirs: Binding | None


class Merge(NamedTuple):
    """MERGED holds at a key in conflict what BASE had there."""

    merged: dict[Key, Binding]
    conflicts: list[Conflict]


def merge(base: State, ours: State, theirs: State) -> Merge:
    """Bindings of one text are the same, also where a version has a value beside it that cannot be written down."""
    merged: dict[Key, Binding] = {}
    conflicts = []
    for key in dict.fromkeys((*base, *ours, *theirs)):
        before, here, there = (state[key].binding if key in state else None for state in (base, ours, theirs))
        chosen = here
        texts = [each and each.text for each in (before, here, there)]
        if texts[1] != texts[2] and texts[1] == texts[0]:
            chosen = there
        elif texts[1] != texts[2] and texts[2] != texts[0]:
            conflicts.append(Conflict(key, before, here, there))
            chosen = before
        if chosen is not None:
            merged[key] = chosen
    return Merge(merged, conflicts)
