"""Rows of mapped sources: reviews, posts, tickets, events and patch notes become rows of our tables."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

from chorus.runtime.connectors.batch import Batch, Take, Unit, optional_text
from chorus.runtime.connectors.fields import (
    MAX_DEPTH,
    BadRow,
    compact,
    identifier,
    instant,
    optional_id,
    optional_instant,
    parse_text,
    text,
)
from chorus.runtime.connectors.jsonsplit import nesting
from chorus.runtime.connectors.mapping import Fields, number, require_object, utc_text

ANONYMOUS = "anonymous"


class Occurrences:
    """Makes keys for rows that have none: a digest of what identifies them, and how often that was before.

    The order of the file decides between equal rows, so the same file always makes the same keys.
    """

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def key(self, *parts: str) -> str:
        digest = hashlib.blake2b(
            "\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=12
        ).hexdigest()
        self._seen[digest] += 1
        again = self._seen[digest]
        return f"h{digest}" if again == 1 else f"h{digest}-{again}"


def taker(fields: Fields) -> Take:
    """The function that adds one row of FIELDS' kind to a batch."""
    occurrences = Occurrences()
    make = {"messages": _message, "tickets": _ticket, "events": _event, "changes": _change}[fields.kind]

    def take(batch: Batch, value: Any, raw: str) -> None:
        make(batch, require_object(value), raw, fields, occurrences)

    return take


def _scoped(fields: Fields, key: str) -> str:
    """KEY, told apart from other sources' where the person named this one."""
    return key if fields.source is None else f"{fields.source}:{key}"


def _message(batch: Batch, row: dict[str, Any], raw: str, fields: Fields, occurrences: Occurrences) -> None:
    content = text(_plain(fields("text", row)))
    at = instant(fields("timestamp", row))
    author_id = identifier(fields("author", row), "author") if "author" in fields.get else ANONYMOUS
    if "id" in fields.get:
        key = identifier(fields("id", row))
    else:
        key = occurrences.key(author_id, utc_text(at), content)
    key = _scoped(fields, key)
    edited = optional_instant(fields("edited-at", row), "time of the edit")
    reply_to = optional_id(fields("reply-to", row))
    channel = optional_id(fields("channel", row))
    rating = fields("rating", row)
    rest = fields.rest(row)
    if rating is not None and number(rating) is None:
        rest["rating"] = rating
    message = (
        key,
        author_id,
        channel,
        at,
        edited if edited != at else None,  # sources that have no null write the time of creation
        optional_text(fields("type", row)),
        content,
        optional_text(fields("forwarded-text", row)),
        None if reply_to is None else _scoped(fields, reply_to),
        False,
        optional_text(fields("language", row)),
        number(rating),
        compact(rest) if rest else None,
        raw,
    )
    batch.add(key, Unit(message[4], [message]), len(raw))
    name = fields("author-name", row)
    batch.seen(author_id, {"name": optional_text(name) if name is not None else author_id}, at)
    if channel is not None and channel not in batch.channels:
        batch.channels[channel] = (channel, channel, None, None, None, None, None, None, None)


def _ticket(batch: Batch, row: dict[str, Any], raw: str, fields: Fields, occurrences: Occurrences) -> None:
    key = _scoped(fields, identifier(fields("id", row)))
    edited = optional_instant(fields("edited-at", row), "time of the update")
    ticket = (
        key,
        optional_text(fields("subject", row)),
        text(fields("text", row), "description"),
        optional_text(fields("status", row)),
        optional_text(fields("priority", row)),
        optional_text(fields("type", row)),
        optional_id(fields("author", row)),
        instant(fields("timestamp", row)),
        edited,
        compact(_names(fields("tags", row) or [])),
        raw,
    )
    batch.add(key, Unit(edited, [ticket]), len(raw))


def _event(batch: Batch, row: dict[str, Any], raw: str, fields: Fields, occurrences: Occurrences) -> None:
    at = instant(fields("timestamp", row))
    event = identifier(fields("event", row), "event's name")
    author = optional_id(fields("author", row))
    key = (
        identifier(fields("id", row))
        if "id" in fields.get
        else occurrences.key(utc_text(at), str(author), raw)
    )
    key = _scoped(fields, key)
    data = _object(fields("data", row))
    rest = {
        **(data if isinstance(data, dict) else {} if data is None else {"data": data}),
        **fields.rest(row),
    }
    made = (key, at, author, event, number(fields("value", row)), compact(rest) if rest else None, raw)
    batch.add(key, Unit(None, [made]), len(raw))


def _object(value: Any) -> Any:
    """VALUE, or the object that it spells: exports lay JSON into a column of text."""
    if not isinstance(value, str) or not value.lstrip().startswith("{"):
        return value
    try:
        spelt = parse_text(value.strip()) if nesting(value.encode()) <= MAX_DEPTH else value
    except BadRow:
        return value
    return spelt if isinstance(spelt, dict) else value


def _names(tags: Any) -> Any:
    """Tags that are objects, as their names."""
    named = isinstance(tags, list) and all(isinstance(tag, dict) and tag.get("name") for tag in tags)
    return [tag["name"] for tag in tags] if named else tags


def _change(batch: Batch, row: dict[str, Any], raw: str, fields: Fields, occurrences: Occurrences) -> None:
    """One row for each change of a patch; notes without structure make one row that names no feature."""
    at = instant(fields("timestamp", row))
    version, title = optional_text(fields("version", row)), optional_text(fields("title", row))
    notes = text(_plain(fields("notes", row)), "notes")
    key = (
        identifier(fields("id", row))
        if "id" in fields.get
        else occurrences.key(utc_text(at), str(title), notes)
    )
    key = _scoped(fields, key)
    told = fields("changes", row)
    if told is not None and not isinstance(told, list):
        raise BadRow("the changes are not a list")
    rest = fields.rest(row)
    rows = []
    for at_number, change in enumerate(told or [{}], 1):
        if not isinstance(change, dict):
            raise BadRow("a change is not an object")
        more = {name: value for name, value in change.items() if name not in ("feature", "action", "amount")}
        rows.append(
            (
                f"{key}#{at_number}",
                at,
                version,
                title,
                notes,
                optional_text(change.get("feature")),
                optional_text(change.get("action")),
                number(change.get("amount")),
                compact({**rest, **more}) if rest or more else None,
                raw,
            )
        )
    batch.add(key, Unit(None, rows), len(raw))


def _plain(value: Any) -> Any:
    """Numbers where text is expected read as their digits (a review that says 10)."""
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value
