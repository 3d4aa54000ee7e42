"""What was once worked out under exactly these adapters, this input and this sampler, kept under the hash of all of it.

    key = sha256(base ‖ five level digests ‖ input ‖ sampler), each field with its length before it

A key names the whole state (content addressing: Merkle 1987; Nix: Dolstra 2006), so there is nothing to
invalidate: whatever changes has another key, and what is rolled back finds its old entries again. How often an
input is asked again is kept apart from the key: it outlives changes of the adapters, and is the signal of what is
worth learning (`signals`). What was then migrated answers without the cache, so its entries go (`migrated`).
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from chorus.runtime.errors import EvalError

LEVELS = 5
BYTES = 64 << 20
FADE = 0.5  # what a half-life ago counts for


def key(base: str, levels: Sequence[str], given: bytes | str, sampler: dict[str, Any]) -> str:
    """The name of a trajectory: BASE is the model's fingerprint, LEVELS the digests from the foundation to the
    context ("" for none), SAMPLER all that the drawing depends on, the seed included.
    """
    if len(levels) != LEVELS:
        raise EvalError(f"a snapshot has {LEVELS} levels, not {len(levels)}", code="shape")
    settings = json.dumps(sampler, sort_keys=True, separators=(",", ":"), allow_nan=False)
    made = hashlib.sha256()
    for part in (base, *levels, given, settings):
        whole = part.encode() if isinstance(part, str) else part
        made.update(len(whole).to_bytes(8, "little") + whole)
    return made.hexdigest()


class Entry(NamedTuple):
    """VALUE as it was worked out; the INPUT's hash; the DIGESTS of the levels in force; its size in BYTES."""

    value: bytes
    input: str
    digests: tuple[str, ...]
    bytes: int


class Counts(NamedTuple):
    hits: int
    misses: int
    evicted: int
    migrated: int
    entries: int
    bytes: int


class Asked:
    """How often an input was asked of late: a count that halves every half-life of questions, and how many were
    hits.
    """

    __slots__ = ("count", "hits", "last")

    def __init__(self) -> None:
        self.count, self.hits, self.last = 0.0, 0.0, 0

    def note(self, now: int, hit: bool, half_life: float) -> None:
        fade = FADE ** ((now - self.last) / half_life)
        self.count, self.hits, self.last = self.count * fade + 1, self.hits * fade + hit, now


class Cache:
    """Trajectories by key, the least recently used out first (LRU), at most BYTES of them."""

    def __init__(self, limit: int = BYTES, half_life: float = 1000.0, watched: int = 4096) -> None:
        self.limit, self.half_life, self.watched = limit, half_life, watched
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._by_input: dict[str, set[str]] = {}
        self._by_digest: dict[str, set[str]] = {}
        self._asked: OrderedDict[str, Asked] = OrderedDict()
        self._bytes = self._now = self._hits = self._misses = self._evicted = self._migrated = 0

    def get(
        self, base: str, levels: Sequence[str], given: bytes | str, sampler: dict[str, Any]
    ) -> bytes | None:
        """What was worked out under exactly this, or None. It counts as a question for GIVEN."""
        name, about = key(base, levels, given, sampler), _hash(given)
        entry = self._entries.get(name)
        self._note(about, entry is not None)
        if entry is None:
            self._misses += 1
            return None
        self._hits += 1
        self._entries.move_to_end(name)
        return entry.value

    def put(
        self, base: str, levels: Sequence[str], given: bytes | str, sampler: dict[str, Any], value: bytes
    ) -> None:
        """Keep VALUE; what is larger than the whole cache is not kept."""
        name, about = key(base, levels, given, sampler), _hash(given)
        self._drop(name)
        size = len(value) + 512  # with what its keys and indexes take
        if size > self.limit:
            return
        digests = tuple(level for level in levels if level)
        self._entries[name] = Entry(value, about, digests, size)
        self._by_input.setdefault(about, set()).add(name)
        for digest in digests:
            self._by_digest.setdefault(digest, set()).add(name)
        self._bytes += size
        while self._bytes > self.limit:
            self._drop(next(iter(self._entries)))
            self._evicted += 1

    def ask(
        self,
        base: str,
        levels: Sequence[str],
        given: bytes | str,
        sampler: dict[str, Any],
        work: Callable[[], bytes],
    ) -> bytes:
        """What was kept, or what WORK gives, which is kept then."""
        kept = self.get(base, levels, given, sampler)
        if kept is None:
            kept = work()
            self.put(base, levels, given, sampler, kept)
        return kept

    # The signal, and what follows from it

    def signals(self, least: float = 3.0) -> list[tuple[str, float, float]]:
        """(hash of the input, how often it was asked of late, share of hits) of those asked LEAST times or more,
        most first.
        """
        now = [
            (
                name,
                asked.count * FADE ** ((self._now - asked.last) / self.half_life),
                asked.hits / asked.count,
            )
            for name, asked in self._asked.items()
        ]
        return sorted((row for row in now if row[1] >= least), key=lambda row: -row[1])

    def migrated(self, inputs: Sequence[str]) -> int:
        """The entries of INPUTS (hashes as `signals` gives them) go, under whatever snapshot, and their counts
        begin anew.
        """
        names = {name for about in inputs for name in self._by_input.get(about, ())}
        for name in names:
            self._drop(name)
        for about in inputs:
            self._asked.pop(about, None)
        self._migrated += len(names)
        return len(names)

    def forget(self, digest: str) -> int:
        """The entries that were made under an adapter of this DIGEST go: it was erased, or is not wanted any more."""
        names = list(self._by_digest.get(digest, ()))
        for name in names:
            self._drop(name)
        return len(names)

    def counts(self) -> Counts:
        return Counts(
            self._hits, self._misses, self._evicted, self._migrated, len(self._entries), self._bytes
        )

    def _note(self, about: str, hit: bool) -> None:
        self._now += 1
        self._asked.setdefault(about, Asked()).note(self._now, hit, self.half_life)
        self._asked.move_to_end(about)
        if len(self._asked) > self.watched:
            self._asked.popitem(last=False)

    def _drop(self, name: str) -> None:
        entry = self._entries.pop(name, None)
        if entry is None:
            return
        self._bytes -= entry.bytes
        for index, at in ((self._by_input, entry.input), *((self._by_digest, at) for at in entry.digests)):
            index.get(at, set()).discard(name)
            if not index.get(at):
                index.pop(at, None)


def _hash(given: bytes | str) -> str:
    return hashlib.sha256(given.encode() if isinstance(given, str) else given).hexdigest()
