"""The reply links and the order of all messages, in memory: conversations around messages without a query for each.

`windows.windows` defines what is found; here only what the messages say is asked of the store.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from chorus.runtime.columns import numbers, places
from chorus.runtime.index.windows import (
    COLUMNS,
    GAP_SECONDS,
    LONGEST_CHAIN,
    LONGEST_REACH,
    TEXT,
    Message,
    described,
    in_time,
    unbroken,
)

if TYPE_CHECKING:
    from chorus.runtime.store.memory import Memory
    from chorus.runtime.store.store import Store

# In the order of each channel. Ids are numbers that grow with time, as strings: the shorter is the smaller.
LINES = """
SELECT m.id, md5_number_lower(m.id) AS mark, epoch_us(m.timestamp) AS moment,
       coalesce(md5_number_lower(m."reply-to"), 0) AS parent, (m."reply-to" IS NOT NULL)::UTINYINT AS answering,
       coalesce(md5_number_lower(l.answers), 0) AS rebuilt, (l.answers IS NOT NULL)::UTINYINT AS linked,
       dense_rank() OVER (ORDER BY m."channel-id" NULLS LAST) AS line
FROM messages AS m LEFT JOIN "thread-links" AS l ON l."message-id" = m.id
ORDER BY line, m.timestamp, length(m.id), m.id
"""
SAID = f"""
SELECT m.id AS "message-id", m."author-id", coalesce(a.nickname, a.name) AS author, m."channel-id",
       c.name AS channel, m.timestamp, {TEXT} AS content, m."reply-to"
FROM messages AS m LEFT JOIN authors AS a ON a.id = m."author-id" LEFT JOIN channels AS c ON c.id = m."channel-id"
ORDER BY dense_rank() OVER (ORDER BY m."channel-id" NULLS LAST), m.timestamp, length(m.id), m.id
"""
# What the above were made from: who records a turn changes none of it.
STATE = """
SELECT concat_ws(' ', (SELECT corpus FROM state),
                 (SELECT bit_xor(hash(id, name, nickname)) FROM authors),
                 (SELECT bit_xor(hash(id, name)) FROM channels),
                 (SELECT bit_xor(hash("message-id", answers)) FROM "thread-links"))
"""
MICROSECONDS = 1e6
MEMORY = 1 << 30  # bytes of texts that are held, unless the option `index-memory` says otherwise
MOST_DOUBLINGS = 20  # of the way up a thread: a million messages one after another
MOST_BESIDE = 12  # messages without replies that are taken for one thread
MOST_RECENT = 4096  # messages that are kept as they were put together
EACH = 200  # bytes that a message takes beside its text


@lru_cache(1 << 16)  # an inquiry asks for the same ones again and again
def mark(id: str) -> int:
    """What LINES has for ID."""
    return int.from_bytes(hashlib.md5(id.encode(), usedforsecurity=False).digest()[8:], "little")


def _listed(column: Any) -> list[Any]:
    """The values of an Arrow array; instants in UTC, by way of NumPy, as Arrow's own way takes three times as long."""
    if "timestamp" not in str(column.type):
        listed: list[Any] = column.to_pylist()
        return listed
    moments = np.from_dlpack(column.view("int64")).view("M8[us]")  # every message has one
    return [moment.replace(tzinfo=dt.UTC) for moment in moments.tolist()]


class Conversations:
    """Messages by row, the rows in the order of their channels; brought up to date when something was written."""

    def __init__(self, store: Store | Memory, memory: int = MEMORY) -> None:
        self.store = store
        self.memory = memory
        self._columns: list[Any] | None = (
            None  # Arrow's, those of COLUMNS; None where they would take too much
        )
        self._threads: np.ndarray | None = None
        self._recent: dict[int, Message] = {}  # some of what was read, by row
        self._version: int | None = None
        self._made_of = ""

    def windows(self, ids: list[str], before: int, after: int, gap: float) -> dict[str, list[Message]]:
        """For each of IDS the conversation around it, as `windows.windows` has it."""
        self._refresh()
        hits = {hit: row for hit, row in zip(ids, self._rows(ids), strict=True) if row >= 0}
        reach = min(gap * max(before, after, 1), LONGEST_REACH)
        around = {hit: self._around(row, before, after, reach) for hit, row in hits.items()}
        messages = self._told(sorted({row for near in around.values() for row in near}))
        return {
            hit: unbroken([messages[row] | {"relation": how} for row, how in near.items()], gap)
            for hit, near in around.items()
        }

    def answered(self, ids: list[str]) -> dict[str, Message]:
        """Message id → the latest message that it answers, directly or through others, for those of IDS that do.

        It is the latest `answered` of the message's window.
        """
        self._refresh()
        above = {hit: self._above(row) for hit, row in zip(ids, self._rows(ids), strict=True) if row >= 0}
        chains = {hit: rows for hit, rows in above.items() if rows}
        told = self._told(sorted({row for rows in chains.values() for row in rows}))
        return {
            hit: max((told[row] for row in rows), key=in_time) | {"relation": "answered"}
            for hit, rows in chains.items()
        }

    def described(self, ids: list[str]) -> dict[str, Message]:
        """Message id → what it says, as `windows.described` has it."""
        self._refresh()
        told = self._told([row for row in self._rows(ids) if row >= 0])
        return {message["message-id"]: message for message in told.values()}

    def _told(self, rows: list[int]) -> dict[int, Message]:
        """Row → what the message there says. One inquiry asks for the same ones again and again."""
        new = [row for row in rows if row not in self._recent]
        if len(self._recent) + len(new) > MOST_RECENT:
            self._recent, new = {}, rows
        if new:
            self._recent.update(zip(new, self._read(np.array(new, dtype=np.int64)), strict=True))
        return {row: self._recent[row] for row in rows}

    def _read(self, rows: np.ndarray) -> list[Message]:
        if self._columns is None:
            names = self._ids.take(places(rows)).to_pylist()
            found = described(self.store, names)
            return [found[name] for name in names]
        columns = [_listed(column.take(places(rows))) for column in self._columns]
        return [dict(zip(COLUMNS, values, strict=True)) for values in zip(*columns, strict=True)]

    def threads(self) -> tuple[Any, np.ndarray]:
        """(the ids of all messages, an Arrow array; the number i64[n] of the thread that each belongs to).

        A thread is what hangs together by replies, even where the message that all answer is gone, and by links that
        were rebuilt; other messages without replies make one of those that follow each other in a channel without a
        long silence, MOST_BESIDE at most.
        """
        self._refresh()
        if self._threads is None:
            self._threads = self._joined()
        return self._ids, self._threads

    def _joined(self) -> np.ndarray:
        """The thread i64[n] of each message, see `threads`: pointers to what is answered, doubled until all are at the
        first.
        """
        n = len(self._lines)
        linked = (self._parents >= 0) | self._answering
        linked[self._parents[self._parents >= 0]] = True
        rebuilt = (self._rebuilt >= 0) & ~self._answering
        linked |= rebuilt
        above = np.where(self._parents >= 0, self._parents, np.where(rebuilt, self._rebuilt, np.arange(n)))
        lost = self._answering & (self._parents < 0)
        first = np.unique(self._parent_marks[lost], return_index=True, return_inverse=True)
        above[lost] = np.flatnonzero(lost)[first[1]][first[2]]  # the first of those that answer what is gone
        for _ in range(MOST_DOUBLINGS):
            above = above[above]
        alone = np.flatnonzero(~linked)
        silent = np.diff(self._moments[alone], prepend=0) > GAP_SECONDS * MICROSECONDS
        cut = silent | (np.diff(self._lines[alone], prepend=-1) != 0)
        session = np.cumsum(cut)
        place = np.arange(len(alone)) - np.flatnonzero(cut)[session - 1] if len(alone) else session
        piece = np.unique(
            np.column_stack([session, place // MOST_BESIDE]), axis=0, return_index=True, return_inverse=True
        )
        above[alone] = alone[piece[1]][piece[2].ravel()] if len(alone) else above[alone]
        return above

    def _refresh(self) -> None:
        version = self.store.version
        if version is not None and version == self._version:
            return
        ((now, *_),) = self.store.rows(STATE)
        if now != self._made_of:
            self._load()
        self._version, self._made_of = version, now

    def _load(self) -> None:
        """Read the arrays of all messages anew; texts too, if they fit into what memory is allowed."""
        found = self.store.read(LINES)
        self._ids: Any = found.column("id").combine_chunks()
        self._moments = numbers(found.column("moment"), np.int64)
        self._lines = numbers(found.column("line"), np.int64)
        marks = numbers(found.column("mark"), np.uint64)
        self._by_mark = np.argsort(marks)
        self._marks = marks[self._by_mark]
        self._answering = numbers(found.column("answering"), np.bool_)
        self._parent_marks = numbers(found.column("parent"), np.uint64)
        self._threads = None
        self._recent = {}
        parents = np.full(len(marks), -1, dtype=np.int64)
        parents[self._answering] = self._places(self._parent_marks[self._answering])
        self._parents = parents
        self._rebuilt = np.full(len(marks), -1, dtype=np.int64)
        linked = numbers(found.column("linked"), np.bool_)
        self._rebuilt[linked] = self._places(numbers(found.column("rebuilt"), np.uint64)[linked])
        self._children = np.argsort(parents, kind="stable")  # rows, those of one parent together
        size = self.store.value("SELECT sum(length(content)) FROM messages") or 0
        held = size + EACH * len(marks) <= self.memory
        self._columns = self._held() if held else None
        self._first = np.searchsorted(parents[self._children], np.arange(len(marks) + 1))

    def _held(self) -> list[Any]:
        """The columns of all messages, row by row."""
        said = self.store.read(SAID).combine_chunks()
        return [said.column(name).combine_chunks() for name in COLUMNS]

    def _places(self, wanted: np.ndarray) -> np.ndarray:
        """The rows of the marks WANTED; -1 where there is none."""
        if not len(self._marks):
            return np.full(len(wanted), -1, dtype=np.int64)
        at = np.minimum(np.searchsorted(self._marks, wanted), len(self._marks) - 1)
        return np.where(self._marks[at] == wanted, self._by_mark[at], -1)

    def rows(self, ids: list[str]) -> np.ndarray:
        """The rows of IDS that are there."""
        self._refresh()
        found = np.array(self._rows(ids), dtype=np.int64)
        return found[found >= 0]

    def _rows(self, ids: list[str]) -> list[int]:
        return self._places(np.array([mark(id) for id in ids], dtype=np.uint64)).tolist()

    def _around(self, row: int, before: int, after: int, reach: float) -> dict[int, str]:
        """Row → relation to the message in ROW."""
        found = {row: "self"} | dict.fromkeys(self._above(row), "answered")
        level = [row]
        for _ in range(LONGEST_CHAIN):
            level = [c for one in level for c in self._answers(one) if c not in found]
            if not level:
                break
            found.update(dict.fromkeys(level, "answer"))
        bound = reach * MICROSECONDS
        for step, most in ((-1, before), (1, after)):
            at = row
            for _ in range(most):
                at += step
                if not self._beside(row, at, bound):
                    break
                found.setdefault(at, "beside")
        return found

    def _above(self, row: int) -> list[int]:
        """The rows of what the message in ROW answers, what that answers, and so on."""
        found = [row]
        for _ in range(LONGEST_CHAIN):
            here = int(self._parents[found[-1]])
            if here < 0 or here in found:
                break
            found.append(here)
        return found[1:]

    def _answers(self, row: int) -> list[int]:
        return self._children[self._first[row] : self._first[row + 1]].tolist()

    def _beside(self, row: int, other: int, bound: float) -> bool:
        """Whether OTHER is a row of the same channel, not further away than BOUND in time."""
        if not 0 <= other < len(self._lines) or self._lines.item(other) != self._lines.item(row):
            return False
        return abs(self._moments.item(other) - self._moments.item(row)) <= bound
