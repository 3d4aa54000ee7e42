"""The tables that a program can name: their columns and types, what is hidden unless asked for, and
their keys.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, NamedTuple

from chorus.runtime.plan.expressions import Column
from chorus.runtime.plan.nodes import Join, Plan, Scan, Select, Where
from chorus.runtime.plan.types import BOOLEAN, INSTANT, INTEGER, REAL, STRING, Field, Schema

_TYPES: Final = {"s": STRING, "i": INTEGER, "r": REAL, "b": BOOLEAN, "t": INSTANT}


class Entry(NamedTuple):
    """A table of the store. COLUMNS as `name:type` (s i r b t), a leading - hides one."""

    columns: str
    key: tuple[str, ...] | None
    doc: str


# `data` is a JSON object of what the source had beside the named columns; `raw` its row as it stood.
STORED: Final[dict[str, Entry]] = {
    "messages": Entry(
        "id:s author-id:s channel-id:s timestamp:t edited-at:t type:s content:s forwarded-content:s "
        "reply-to:s is-pinned:b language:s rating:r -data:s -source-id:i -raw:s",
        ("id",),
        "Every message of the community: who wrote what, where and when.",
    ),
    "authors": Entry(
        "id:s name:s nickname:s discriminator:s is-bot:b color:s first-seen:t last-seen:t -roles:s -data:s",
        ("id",),
        "Who wrote, or is known from a reaction, a mention or an event.",
    ),
    "channels": Entry(
        "id:s name:s type:s category-id:s category:s topic:s guild-id:s guild-name:s parent-id:s",
        ("id",),
        "Channels and threads; a thread's parent-id is the channel it hangs from.",
    ),
    "reactions": Entry(
        "message-id:s emoji-id:s emoji:s code:s count:i -users:s",
        None,
        "How often each emoji was put under a message.",
    ),
    "replies": Entry(
        "message-id:s reply-to:s channel-id:s",
        ("message-id",),
        "Which message answers which.",
    ),
    "thread-links": Entry(
        "message-id:s answers:s score:r thread-id:s model:s",
        ("message-id",),
        "What each message answers as (rebuild-threads!) found it, how surely, and its conversation's first message; "
        "a message that begins one answers itself.",
    ),
    "topic-history": Entry(
        "look:i at:t id:i topic:s state:s messages:i people:i share:r people-last-week:i expected:r p:r emerging:b "
        "since:t examples:s corpus-version:s environment-version:s",
        ("look", "id"),
        "What the topics were at each (update-topics!), a row a topic: its number, which it keeps, and its name.",
    ),
    "attachments": Entry(
        "id:s message-id:s url:s file-name:s size:i",
        None,
        "Files that hang on messages; sizes in bytes.",
    ),
    "mentions": Entry("message-id:s author-id:s", None, "Who is named in a message."),
    "events": Entry(
        "id:s timestamp:t author-id:s event:s value:r -data:s -source-id:i -raw:s",
        ("id",),
        "Telemetry: what players did.",
    ),
    "tickets": Entry(
        "id:s subject:s description:s status:s priority:s type:s requester-id:s created-at:t updated-at:t "
        "tags:s -source-id:i -raw:s",
        ("id",),
        "Support tickets.",
    ),
    "changes": Entry(
        "id:s timestamp:t version:s title:s notes:s feature:s action:s amount:r -data:s -source-id:i -raw:s",
        ("id",),
        "Dated changes of the game, from its patch notes.",
    ),
    "turns": Entry(
        "id:i asked-at:t form:s answer:s corpus-version:s environment-version:s -data:s",
        ("id",),
        "What was asked, and what was answered.",
    ),
    "feedback": Entry(
        "id:i turn-id:i at:t author:s rating:r comment:s -data:s",
        ("id",),
        "What people thought of the answers.",
    ),
}

# Not tables of the language, but read in making some.
_INNER: Final[dict[str, Entry]] = {
    "persona-members": Entry(
        "run-id:i persona-id:i author-id:s confidence:r", ("run-id", "persona-id", "author-id"), ""
    ),
    "persona-runs": Entry("run-id:i active:b", ("run-id",), ""),
}


def _schema(columns: str) -> Schema:
    fields = []
    for column in columns.split():
        name, kind = column.lstrip("-").split(":")
        fields.append(Field(name, _TYPES[kind], column.startswith("-")))
    return Schema(tuple(fields))


def scan(name: str) -> Scan:
    """The stored table NAME."""
    entry = STORED.get(name) or _INNER[name]
    return Scan(name, _schema(entry.columns), entry.key)


def persona_members() -> Plan:
    """Who belongs to which persona of the active run, and how surely."""
    active = Where(scan("persona-runs"), Column("active", BOOLEAN))
    members = Join(scan("persona-members"), active, (("run-id", "run-id"),), "semi")
    names = (("persona-id", INTEGER), ("author-id", STRING), ("confidence", REAL))
    return Select(members, tuple((name, Column(name, kind)) for name, kind in names))


TABLES: Final[dict[str, tuple[Callable[[], Plan], str]]] = {
    **{name: (partial(scan, name), entry.doc) for name, entry in STORED.items()},
    "persona-members": (persona_members, persona_members.__doc__ or ""),
}
