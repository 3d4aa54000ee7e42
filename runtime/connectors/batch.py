"""A batch of rows on the way from a reader to the store: units by key, authors, channels, refused rows."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from chorus.runtime.connectors.fields import RAW_KEPT, BadRow, compact, parse_element, source_text
from chorus.runtime.connectors.jsonsplit import Element, Malformed, Truncated

if TYPE_CHECKING:
    import pyarrow as pa

# Columns of the tables that readers fill, in the order of their rows' tuples, with their types.
_TEXT, _TIME, _BOOL, _REAL, _INT = "text", "time", "bool", "real", "int"
COLUMNS: dict[str, dict[str, str]] = {
    "messages": {
        "id": _TEXT,
        "author-id": _TEXT,
        "channel-id": _TEXT,
        "timestamp": _TIME,
        "edited-at": _TIME,
        "type": _TEXT,
        "content": _TEXT,
        "forwarded-content": _TEXT,
        "reply-to": _TEXT,
        "is-pinned": _BOOL,
        "language": _TEXT,
        "rating": _REAL,
        "data": _TEXT,
        "raw": _TEXT,
    },
    "reactions": {
        "message-id": _TEXT,
        "emoji-id": _TEXT,
        "emoji": _TEXT,
        "code": _TEXT,
        "count": _INT,
        "users": _TEXT,
    },
    "attachments": {"id": _TEXT, "message-id": _TEXT, "url": _TEXT, "file-name": _TEXT, "size": _INT},
    "mentions": {"message-id": _TEXT, "author-id": _TEXT},
    "tickets": {
        "id": _TEXT,
        "subject": _TEXT,
        "description": _TEXT,
        "status": _TEXT,
        "priority": _TEXT,
        "type": _TEXT,
        "requester-id": _TEXT,
        "created-at": _TIME,
        "updated-at": _TIME,
        "tags": _TEXT,
        "raw": _TEXT,
    },
    "events": {
        "id": _TEXT,
        "timestamp": _TIME,
        "author-id": _TEXT,
        "event": _TEXT,
        "value": _REAL,
        "data": _TEXT,
        "raw": _TEXT,
    },
    "changes": {
        "id": _TEXT,
        "timestamp": _TIME,
        "version": _TEXT,
        "title": _TEXT,
        "notes": _TEXT,
        "feature": _TEXT,
        "action": _TEXT,
        "amount": _REAL,
        "data": _TEXT,
        "raw": _TEXT,
    },
    "authors": {
        "id": _TEXT,
        "name": _TEXT,
        "nickname": _TEXT,
        "discriminator": _TEXT,
        "is-bot": _BOOL,
        "roles": _TEXT,
        "color": _TEXT,
        "data": _TEXT,
        "first-seen": _TIME,
        "last-seen": _TIME,
    },
    "channels": {
        "id": _TEXT,
        "name": _TEXT,
        "type": _TEXT,
        "category-id": _TEXT,
        "category": _TEXT,
        "topic": _TEXT,
        "guild-id": _TEXT,
        "guild-name": _TEXT,
        "parent-id": _TEXT,
    },
    "quarantine": {"row-number": _INT, "reason": _TEXT, "raw": _TEXT},
}

BATCH_ROWS = 20_000
BATCH_BYTES = 16 << 20  # of raw text, so that long rows make short batches


def arrow(table: str, rows: Iterable[tuple[Any, ...]]) -> pa.Table:
    """ROWS of TABLE as an Arrow table; aware times become naive UTC ones."""
    import pyarrow as pa

    types = {
        _TEXT: pa.string(),
        _TIME: pa.timestamp("us", "UTC"),
        _BOOL: pa.bool_(),
        _REAL: pa.float64(),
        _INT: pa.int64(),
    }
    columns = list(zip(*rows, strict=True)) or [()] * len(COLUMNS[table])
    made = {}
    for (name, kind), column in zip(COLUMNS[table].items(), columns, strict=True):
        values = pa.array(column, types[kind])
        made[name] = values.cast(pa.timestamp("us")) if kind == _TIME else values
    return pa.table(made)


class Unit(NamedTuple):
    """What one natural key stands for: rows of the main table (one, but for changes) and of others."""

    edited: dt.datetime | None
    rows: list[tuple[Any, ...]]
    children: dict[str, list[tuple[Any, ...]]] | None = None


class Batch:
    """What a stretch of one source's rows comes to."""

    def __init__(self, table: str = "messages", start: int = 0) -> None:
        self.table = table
        self.units: dict[str, Unit] = {}
        self.authors: dict[str, list[Any]] = {}  # id → [latest description, first seen, last seen]
        self.channels: dict[str, tuple[Any, ...]] = {}
        self.quarantine: list[tuple[int, str, str]] = []
        self.high_water = start  # rows of the source that are accounted for, this batch included
        self.repeated = 0  # rows whose key an earlier row of the batch already had
        self.size = 0

    @property
    def full(self) -> bool:
        return self.size >= BATCH_BYTES or len(self.units) + len(self.quarantine) >= BATCH_ROWS

    def add(self, key: str, unit: Unit, size: int) -> None:
        """Take UNIT in; of two rows with one key in a file, the later edit wins, else the first."""
        self.size += size
        known = self.units.get(key)
        if known is not None:
            self.repeated += 1
            if not newer(unit.edited, known.edited):
                return
        self.units[key] = unit

    def refuse(self, row_number: int, reason: str, raw: str) -> None:
        raw = raw if len(raw) <= RAW_KEPT else raw[:RAW_KEPT] + "…"
        self.size += len(raw)
        self.quarantine.append((row_number, reason, raw))

    def seen(self, author_id: str, author: dict[str, Any], at: dt.datetime) -> None:
        """AUTHOR_ID wrote at AT, then described by AUTHOR, an object of DiscordChatExporter's shape."""
        known = self.authors.get(author_id)
        if known is None:
            self.authors[author_id] = [author, at, at]
        elif at >= known[2]:
            known[0], known[2] = author, at
        elif at < known[1]:
            known[1] = at

    def author_rows(self) -> list[tuple[Any, ...]]:
        return [_author_row(author_id, *known) for author_id, known in self.authors.items()]


def _author_row(
    author_id: str, author: dict[str, Any], first: dt.datetime, last: dt.datetime
) -> tuple[Any, ...]:
    roles = author.get("roles")
    avatar = author.get("avatarUrl")
    return (
        author_id,
        optional_text(author.get("name")),
        optional_text(author.get("nickname")),
        optional_text(author.get("discriminator")),
        bool(author.get("isBot")),
        compact(roles) if roles else None,
        optional_text(author.get("color")),
        compact({"avatarUrl": avatar}) if avatar else None,
        first,
        last,
    )


def optional_text(value: Any) -> str | None:
    return None if value is None else value if isinstance(value, str) else compact(value)


def newer(one: dt.datetime | None, other: dt.datetime | None) -> bool:
    """Whether an edit at ONE comes after an edit at OTHER; never edited comes before all."""
    return one is not None and (other is None or one > other)


INPUT_FAILURES = (Truncated, Malformed, OSError, EOFError, zlib.error)

Take = Callable[
    [Batch, Any, str], None
]  # adds one parsed row (its value, its text) to a batch, or raises BadRow


def read_elements(
    lists: Iterable[list[Element]], start: int, take: Take, table: str = "messages"
) -> Iterator[Batch]:
    """Batches of the JSON rows behind the first START. Where the input fails, what came before is kept."""
    row_number = 0
    batch = Batch(table, start)
    try:
        for elements in lists:
            if row_number + len(elements) <= start:
                row_number += len(elements)
                continue
            for element in elements:
                row_number += 1
                if row_number <= start or not element.content:
                    continue
                try:
                    value, raw = parse_element(element)
                    take(batch, value, raw)
                except BadRow as bad:
                    batch.refuse(row_number, str(bad), source_text(element.content[: 2 * RAW_KEPT]))
                batch.high_water = row_number
                if batch.full:
                    yield batch
                    batch = Batch(table, row_number)
    except INPUT_FAILURES:
        yield batch
        raise
    yield batch
