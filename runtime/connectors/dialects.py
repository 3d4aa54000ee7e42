"""How services that are known by name write their rows: help desks, telemetry; the table has one row a stream.

A service is known by columns that stand together nowhere else. What a person says with :columns goes before.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from chorus.runtime.connectors.paths import Coded, Html, Joined


class Dialect(NamedTuple):
    """One stream: MARKS are the columns it is known by, COLUMNS say which holds which field.

    Of several columns for a field the first that is not null counts; None is a field that the rows do not have.
    """

    marks: frozenset[str]
    kind: str
    columns: dict[str, Any]


_FRESHDESK_STATUS = {2: "open", 3: "pending", 4: "resolved", 5: "closed"}
_FRESHDESK_PRIORITY = {1: "low", 2: "medium", 3: "high", 4: "urgent"}

_GAMEANALYTICS = {
    "id": None,  # event_id names what happened: many events share it
    "timestamp": ("client_ts", "arrival_ts"),
    "author": "user_id",
    "event": ("event_id", "category"),
    "value": ("value", "amount", "length"),
}


def _inside(outer: str, columns: dict[str, Any], beside: Collection[str]) -> dict[str, Any]:
    """COLUMNS where they lie in the object OUTER, but for those BESIDE it."""

    def place(column: str) -> str:
        return column if column in beside else f"{outer}.{column}"

    return {
        field: tuple(map(place, column)) if isinstance(column, tuple) else column and place(column)
        for field, column in columns.items()
    }


DIALECTS: dict[str, Dialect] = {
    "freshdesk-tickets": Dialect(
        frozenset(("description_text", "requester_id", "subject")),
        "tickets",
        {
            "text": ("description_text", Html("description")),
            "status": Coded("status", _FRESHDESK_STATUS),
            "priority": Coded("priority", _FRESHDESK_PRIORITY),
        },
    ),
    "freshdesk-conversations": Dialect(
        frozenset(("body_text", "incoming", "private")),
        "messages",
        {"text": ("body_text", Html("body")), "author": "user_id", "channel": "ticket_id"},
    ),
    "zendesk-comments": Dialect(
        frozenset(("html_body", "author_id", "public")),
        "messages",
        {
            "text": ("plain_body", "body", Html("html_body")),
            "channel": "ticket_id",
            "type": None,
            "author": "author_id",
        },
    ),
    "intercom-conversations": Dialect(
        frozenset(("state", "source", "contacts", "created_at")),
        "tickets",
        {
            "subject": ("title", Html("source.subject")),
            "text": Html("source.body"),
            "status": "state",
            "type": "source.type",
            "author": ("source.author.id", "contacts.contacts.0.id"),
            "tags": "tags.tags",
        },
    ),
    "intercom-parts": Dialect(
        frozenset(("part_type", "author", "created_at")),
        "messages",
        {
            "text": Html("body"),
            "type": Coded("part_type", {"comment": None}),
            "channel": "conversation_id",
            "author": "author.id",
            "author-name": "author.name",
        },
    ),
    "gameanalytics": Dialect(
        frozenset(("arrival_ts", "data.category")),
        "events",
        {**_inside("data", _GAMEANALYTICS, ("arrival_ts",)), "data": "data"},
    ),
    "gameanalytics-flat": Dialect(frozenset(("client_ts", "category", "user_id")), "events", _GAMEANALYTICS),
    "playfab": Dialect(
        frozenset(("FullName", "SchemaVersion", "Timestamp")),
        "events",
        {
            "id": "Id",
            "event": (Joined(("FullName.Namespace", "FullName.Name")), "FullName"),
            "author": "Entity.Id",
            "data": "Payload",
        },
    ),
    "playfab-v1": Dialect(
        frozenset(("EventName", "EventId", "Timestamp")),
        "events",
        {"id": "EventId", "event": "EventName", "author": "EntityId"},
    ),
    "unity": Dialect(
        frozenset(("EVENT_NAME", "EVENT_TIMESTAMP")),
        "events",
        {"author": "USER_ID", "data": "EVENT_JSON"},
    ),
}


def dialect_of(present: Collection[str]) -> Dialect | None:
    """The stream whose marks are all among the columns PRESENT."""
    return next((one for one in DIALECTS.values() if all(mark in present for mark in one.marks)), None)
