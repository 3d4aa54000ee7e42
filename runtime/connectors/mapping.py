"""Which column of a foreign row is which field of ours: given by a person, completed by well-known names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field as field_of
from typing import Any

from chorus.runtime.connectors.dialects import dialect_of
from chorus.runtime.connectors.fields import BadRow
from chorus.runtime.connectors.paths import Getter, columns_of, getter, paths
from chorus.runtime.errors import StoreError

# field → names under which sources are known to carry it, best first; a dot steps into an object
WELL_KNOWN: dict[str, dict[str, tuple[str, ...]]] = {
    "messages": {
        "id": ("id", "message_id", "messageId", "msg_id", "recommendationid", "review_id", "uuid", "_id"),
        "text": (
            "text",
            "content",
            "body",
            "message",
            "review",
            "comment",
            "selftext",
            "utterance",
            "Content",
        ),
        "author": (
            *(
                "author.id",
                "author.steamid",
                "author_id",
                "authorId",
                "AuthorID",
                "user_id",
                "userId",
                "user.id",
            ),
            *("author", "user", "username", "user_name", "steamid", "speaker", "sender", "from", "Author"),
        ),
        "author-name": (
            "author.name",
            "author.personaname",
            "author_name",
            "authorName",
            "user.name",
            "username",
        ),
        "timestamp": (
            *("timestamp", "timestamp_created", "created_at", "createdAt", "created", "created_utc", "date"),
            *("datetime", "time", "ts", "posted_at", "Date"),
        ),
        "edited-at": (
            "edited_at",
            "timestampEdited",
            "timestamp_updated",
            "updated_at",
            "updatedAt",
            "updated",
        ),
        "channel": (
            *("channel.id", "channel_id", "channelId", "channel", "subreddit", "room", "forum"),
            *("ticket_id", "conversation_id", "game", "app", "appid"),
        ),
        "rating": ("rating", "recommended", "voted_up", "stars"),
        "language": ("language", "lang"),
        "reply-to": ("reply_to", "replyTo", "in_reply_to", "parent_id", "reference.messageId"),
        "type": (),
        "forwarded-text": (),
    },
    "tickets": {
        "id": ("id", "ticket_id", "ticketId", "key"),
        "subject": ("subject", "raw_subject", "title", "summary"),
        "text": ("description", "description_text", "body", "text", "content"),
        "status": ("status", "state"),
        "priority": ("priority",),
        "type": ("type", "category"),
        "author": (
            "requester_id",
            "requesterId",
            "requester.id",
            "user_id",
            "author_id",
            "contact_id",
            "author",
        ),
        "timestamp": ("created_at", "createdAt", "created", "timestamp", "date"),
        "edited-at": ("updated_at", "updatedAt", "updated"),
        "tags": ("tags", "labels"),
    },
    "events": {
        "id": ("id", "EVENT_UUID", "event_uuid", "event_id", "eventId", "Id", "uuid"),
        "timestamp": (
            "timestamp",
            "Timestamp",
            "EVENT_TIMESTAMP",
            "client_ts",
            "arrival_ts",
            "created_at",
            "time",
        ),
        "author": ("user_id", "userId", "USER_ID", "author_id", "player_id", "Entity.Id", "user", "author"),
        "event": (
            *("event", "EVENT_NAME", "event_name", "eventName", "EventName", "FullName", "name"),
            *("event_id", "category"),
        ),
        "value": ("value", "amount"),
        "data": ("data", "Payload", "EVENT_JSON", "properties"),
    },
    "changes": {
        "id": ("id", "patch_id", "version"),
        "timestamp": ("timestamp", "date", "released_at", "created_at"),
        "version": ("version", "patch", "name"),
        "title": ("title", "name"),
        "notes": ("notes", "body", "description", "text", "content"),
        "changes": ("changes",),
    },
}
_NEEDED = {
    "messages": ("text", "timestamp"),
    "tickets": ("id", "timestamp"),
    "events": ("event", "timestamp"),
    "changes": ("timestamp",),
}
KINDS = tuple(WELL_KNOWN)
SLIP = 0.84  # how alike (difflib's ratio) a name is to a field that it was meant to be


@dataclass(frozen=True)
class Mapping:
    """What a person said: KIND of rows, COLUMNS by field (None: not in the file), SOURCE to put before ids.

    A column given as an instant is that instant in every row.
    """

    kind: str | None = None
    columns: dict[str, Any] = field_of(default_factory=dict)
    source: str | None = None

    def __post_init__(self) -> None:
        if self.kind is not None and self.kind not in KINDS:
            raise StoreError(
                f"rows cannot be taken in as {self.kind}", code="input", hint=f":as takes {', '.join(KINDS)}"
            )

    def __bool__(self) -> bool:
        return bool(self.kind or self.columns or self.source)


@dataclass
class Fields:
    """A mapping made fit for a file: how to get each field from its rows, and what else the rows hold."""

    kind: str
    get: dict[str, Getter]
    used: frozenset[str]  # top-level columns that became fields whole
    extra: dict[str, Getter]  # what the person named beyond our fields: kept in `data` under that name
    source: str | None

    def rest(self, row: dict[str, Any]) -> dict[str, Any]:
        """The columns that no field has taken."""
        kept = {name: value for name, value in row.items() if name not in self.used and value is not None}
        for name, get in self.extra.items():
            kept[name] = get(row)
        return kept

    def __call__(self, name: str, row: dict[str, Any]) -> Any:
        getter = self.get.get(name)
        return None if getter is None else getter(row)


def fit(mapping: Mapping, kind: str, samples: list[dict[str, Any]]) -> Fields:
    """MAPPING for a file whose first rows are SAMPLES. StoreError `input` where a column is not there."""
    known = WELL_KNOWN[kind]
    present = paths(samples)
    dialect = dialect_of(present)
    native = dialect.columns if dialect is not None and dialect.kind == kind else {}
    chosen: dict[str, Any] = {}
    for name, candidates in known.items():
        if name in mapping.columns:
            chosen[name] = mapping.columns[name]
        elif name in native:
            chosen[name] = native[name]
        else:
            chosen[name] = next((one for one in candidates if one in present), None)
    extra = {name: column for name, column in mapping.columns.items() if name not in known and column}
    _no_slips(extra, known)
    for name, column in (*mapping.columns.items(), *extra.items()):
        if isinstance(column, str) and column not in present and samples:
            raise _no_column(name, column, present)
    for name in _NEEDED[kind]:
        if chosen[name] is None:
            raise _no_field(name, kind, mapping, present)
    whole = {name: column for name, column in chosen.items() if name == "text" or isinstance(column, str)}
    used = frozenset(each for one in whole.values() for each in columns_of(one) if "." not in each)
    get = {name: getter(column) for name, column in chosen.items() if column is not None}
    return Fields(kind, get, used, {name: getter(one) for name, one in extra.items()}, mapping.source)


def _no_slips(extra: Iterable[str], known: Iterable[str]) -> None:
    """Refuse a name beyond our fields that is one letter from a field: it was meant to be that."""
    import difflib

    for name in extra:
        near = difflib.get_close_matches(name, list(known), 1, SLIP)
        if near:
            raise StoreError(
                f":columns knows no field :{name}",
                code="input",
                hint=f"did you mean :{near[0]}? What is to be kept as data wants a name that is less like it",
            )


def _no_column(name: str, column: str, present: Iterable[str]) -> StoreError:
    import difflib

    near = difflib.get_close_matches(column, list(present), 1)
    return StoreError(
        f"the file has no column {column!r} for :{name}",
        code="input",
        hint=f"did you mean {near[0]!r}?" if near else f"it has {_listed(present)}",
    )


def _no_field(name: str, kind: str, mapping: Mapping, present: Iterable[str]) -> StoreError:
    others = " or ".join(f"'{one}" for one in KINDS if one != kind)
    else_ = "" if mapping.kind else f"; :as {others} if the rows are no {kind}"
    return StoreError(
        f"no column of the file is known to hold the {name}",
        code="input",
        hint=f':columns (:{name} "…") says which{else_}; the file has {_listed(present)}',
    )


def _listed(names: Iterable[str]) -> str:
    names = list(names)
    return ", ".join(names[:12]) + (" …" if len(names) > 12 else "")


_WORDS = {
    **dict.fromkeys(("true", "yes", "recommended", "positive", "up", "thumbs up"), 1.0),
    **dict.fromkeys(("false", "no", "not recommended", "negative", "down", "thumbs down"), 0.0),
}


def number(value: Any) -> float | None:
    """VALUE as a number: a verdict is 1 or 0; None where it is neither."""
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, (int, float)):
        return float(value) if abs(value) < 1e308 else None
    if isinstance(value, str):
        word = value.strip().lower()
        if word in _WORDS:
            return _WORDS[word]
        try:
            return float(word)
        except ValueError:
            return None
    return None


def require_object(row: Any) -> dict[str, Any]:
    if row.__class__ is not dict:
        raise BadRow("the row is not an object")
    return row


_EVENT_NAMES = frozenset(("event", "EVENT_NAME", "FullName", "event_name", "eventName", "EventName"))


def kind_of(name: str, samples: list[dict[str, Any]]) -> str:
    """What the rows of the file NAME are, judged by its name and its columns."""
    dialect = dialect_of(paths(samples))
    if dialect is not None:
        return dialect.kind
    stem = name.lower()
    keys = set().union(*samples) if samples else set()
    texts = keys & set(WELL_KNOWN["messages"]["text"])
    if ".events." in stem or (keys & _EVENT_NAMES and not texts):
        return "events"
    if ".patches." in stem or ("notes" in keys and keys & {"version", "title", "changes"}):
        return "changes"
    if "subject" in keys and keys & {"requester_id", "priority", "status"}:
        return "tickets"
    return "messages"


def utc_text(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat()
