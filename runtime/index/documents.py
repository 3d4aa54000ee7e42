"""The messages that an index is about: who they are, when, and what each said, reduced to a mark that changes
with it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from chorus.runtime.columns import numbers
from chorus.runtime.index.artefact import Section, pack_strings, unpack_strings

if TYPE_CHECKING:
    from chorus.runtime.store.memory import Memory
    from chorus.runtime.store.store import Store


# What a message says: its own words, or those that it passes on. Messages without any are in no index.
def says(text: str) -> str:
    """SQL: whether TEXT has more than blanks. Mostly the first character tells, which saves trimming."""
    return f"(ascii({text}) > 32 OR trim({text}, chr(32) || chr(9) || chr(10) || chr(13)) <> '')"


TEXT = f"""CASE WHEN {says("content")} THEN content ELSE coalesce("forwarded-content", '') END"""
SAID = f"""(SELECT * FROM (SELECT id, epoch_us(timestamp) AS moment, {TEXT} AS said FROM messages)
            WHERE {says("said")})"""
MARK = "md5_number_lower(id || chr(31) || moment || chr(31) || said)"


FEW = 1_000  # ids that are looked up one by one


@dataclass
class Documents:
    """One row per message, in any order."""

    ids: list[str]
    moments: np.ndarray  # i64[n]: microseconds since 1970, UTC
    marks: np.ndarray  # u64[n]: of id, moment and text

    @classmethod
    def from_arrow(cls, table: Any) -> Documents:
        """From columns id, moment, mark."""
        moments, marks = numbers(table.column("moment"), np.int64), numbers(table.column("mark"), np.uint64)
        return cls(table.column("id").to_pylist(), moments, marks)

    @classmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray]) -> Documents:
        return cls(unpack_strings(arrays["id-text"], arrays["id-ends"]), arrays["moments"], arrays["marks"])

    @classmethod
    def none(cls) -> Documents:
        return cls([], np.zeros(0, np.int64), np.zeros(0, np.uint64))

    def sections(self) -> dict[str, Section]:
        """What `from_arrays` reads."""
        packed = pack_strings(self.ids)
        arrays = {
            "id-text": packed["text"],
            "id-ends": packed["ends"],
            "moments": self.moments,
            "marks": self.marks,
        }
        return {name: Section.of(array) for name, array in arrays.items()}

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def order(self) -> np.ndarray:
        """i64[n]: each row's place by time, then mark: breaks ties the same way whatever order the rows are
        in.
        """
        places = np.empty(len(self), dtype=np.int64)
        places[np.lexsort((self.marks, self.moments))] = np.arange(len(self))
        return places

    @cached_property
    def positions(self) -> dict[str, int]:
        """Message id → row."""
        return {message: at for at, message in enumerate(self.ids)}

    @cached_property
    def arrow_ids(self) -> Any:
        import pyarrow as pa

        return pa.array(self.ids, pa.string())

    def rows_of(self, ids: Collection[str] | Any | None) -> np.ndarray | None:
        """Ascending rows of those of IDS, a collection or an Arrow array, that are here; None for None."""
        if ids is None:
            return None
        if len(ids) > FEW:
            import pyarrow as pa
            import pyarrow.compute as pc

            wanted = ids if isinstance(ids, pa.Array) else pa.array(list(ids), pa.string())
            mask = pc.is_in(self.arrow_ids, value_set=wanted.cast(pa.string()))
            return np.flatnonzero(mask.to_numpy(zero_copy_only=False))
        if not isinstance(ids, Collection):
            ids = ids.to_pylist()
        places = (self.positions.get(message, -1) for message in ids)
        found = np.unique(np.fromiter(places, dtype=np.int64))
        return found[found >= 0]

    def change_to(self, now: Documents) -> tuple[np.ndarray, np.ndarray]:
        """(rows of self that stand unchanged in NOW, rows of NOW that are new), both ascending."""
        return np.flatnonzero(np.isin(self.marks, now.marks)), np.flatnonzero(~np.isin(now.marks, self.marks))

    def followed_by(self, kept: np.ndarray, now: Documents, added: np.ndarray) -> Documents:
        """The rows KEPT of self, then the rows ADDED of NOW."""
        return Documents(
            [self.ids[at] for at in kept] + [now.ids[at] for at in added],
            np.concatenate([self.moments[kept], now.moments[added]]),
            np.concatenate([self.marks[kept], now.marks[added]]),
        )


def spoken(store: Store | Memory) -> Documents:
    """All messages that say something."""
    return Documents.from_arrow(store.read(f"SELECT id, moment, {MARK} AS mark FROM {SAID}", []))
