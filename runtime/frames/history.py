"""The versions of a chain of frames: each names its parent, what it changed, why, by whom and when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from chorus.runtime.frames.bindings import Change, State, after, apply, digest, spelled

EVERY = 64  # versions between two states that are kept whole


class Version:
    """HASH covers the parent's hash and all that is told of this version; CONTENTS names the state it leads to."""

    __slots__ = ("at", "author", "changes", "contents", "hash", "number", "parent", "reason", "saved")

    def __init__(
        self,
        number: int,
        parent: str,
        at: dt.datetime,
        author: str,
        reason: str,
        changes: Sequence[Change],
        contents: int,
    ) -> None:
        self.number, self.parent, self.at = number, parent, at
        self.author, self.reason = author, reason
        self.changes = tuple(changes)
        self.contents = contents
        self.saved = False  # in a journal
        self.hash = hash_of(number, parent, at, author, reason, self.changes)

    @property
    def name(self) -> str:
        return f"v{self.number}"


def hash_of(
    number: int, parent: str, at: dt.datetime, author: str, reason: str, changes: Iterable[Change]
) -> str:
    import hashlib
    import json

    told = [[*key, binding and [binding.kind, binding.text]] for key, binding in changes]
    entry = json.dumps([parent, number, at.isoformat(), author, reason, told])
    return hashlib.sha256(entry.encode()).hexdigest()


class History:
    """Versions in order. The states between are computed from what is kept of every 64th.

    MOST: how many versions that are in no journal are remembered; the oldest are forgotten first. ROOT: the contents of
    what lies under the frames.
    """

    def __init__(self, began: dt.datetime, most: int | None = None, root: int = 0) -> None:
        self.began = began
        self.root = root
        self.most = most
        self.start = 0  # the number of the version before the oldest that is remembered
        self.versions: list[Version] = []
        self.states: dict[int, State] = {0: {}}
        self.state: State = {}
        self.naming: dict[str, list[Version]] = {}

    @property
    def number(self) -> int:
        """The newest version's."""
        return self.start + len(self.versions)

    @property
    def newest(self) -> Version | None:
        return self.versions[-1] if self.versions else None

    @property
    def order(self) -> dict[str, int]:
        """The numbers of the versions by their hashes."""
        return {version.hash: version.number for version in self.versions}

    def environment(self, version: Version | None) -> str:
        """The name of what VERSION led to: the same for the same definitions, however they came about."""
        return spelled(self.root ^ (version.contents if version else 0))

    def make(
        self, changes: Sequence[Change], reason: str, author: str, at: dt.datetime | None = None
    ) -> Version:
        """The version that would come next. Clocks jump back; versions do not."""
        newest = self.newest
        moment = at or dt.datetime.now(dt.UTC)
        if newest is not None:
            moment = max(moment, newest.at)
        total = newest.contents if newest else 0
        state = self.state
        for key, binding in changes:
            if key in state:
                total ^= digest(key, state[key].binding)
            if binding is not None:
                total ^= digest(key, binding)
        parent = newest.hash if newest else ""
        return Version(self.number + 1, parent, moment, author, reason, changes, total)

    def add(self, version: Version) -> None:
        """VERSION, which `make` made, is the newest from here on. Can be repeated, should something come between."""
        if self.newest is not version:
            self.versions.append(version)
        self.state = after(self.state, version.changes, version.number)
        if version.number % EVERY == 0:
            self.states[version.number] = self.state
        for name in dict.fromkeys(change.key.name for change in version.changes):
            known = self.naming.setdefault(name, [])
            if not known or known[-1] is not version:
                known.append(version)
        if self.most is not None and len(self.versions) >= 2 * self.most:
            self._forget(len(self.versions) - self.most)

    def _forget(self, count: int) -> None:
        start = self.start + count
        state = self.state_at(start)
        self.versions = self.versions[count:]
        self.states = {number: kept for number, kept in self.states.items() if number > start} | {
            start: state
        }
        self.start = start
        for name in list(self.naming):
            self.naming[name] = [version for version in self.naming[name] if version.number > start]
            if not self.naming[name]:
                del self.naming[name]

    def version(self, number: int) -> Version | None:
        """None: what was before the oldest that is remembered."""
        return None if number <= self.start else self.versions[number - self.start - 1]

    def state_at(self, number: int) -> State:
        if number == self.number:
            return self.state
        known = max(kept for kept in self.states if kept <= number)
        state = dict(self.states[known])
        for version in self.versions[known - self.start : number - self.start]:
            apply(state, version.changes, version.number)
        return state

    def of(self, name: str) -> list[Version]:
        """The versions that changed NAME, the oldest first."""
        return list(self.naming.get(name, ()))

    def at(self, moment: dt.datetime) -> int:
        """The number of the version that held at MOMENT."""
        from bisect import bisect_right

        return self.start + bisect_right(self.versions, moment, key=lambda version: version.at)
