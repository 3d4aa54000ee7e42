"""Taking files in: `ingest`, and what it keeps of where rows came from and which were refused."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from chorus.runtime.context import Context
from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import Items, Name, primitive
from chorus.runtime.values import UNSPECIFIED, HashTable, Keyword, MutableString, Symbol, make_list


@primitive("ingest", effects="ingest write-store")
def ingest(
    ctx: Context,
    path: str,
    *,
    columns: HashTable | Items | None = None,
    as_: Name | None = None,
    source: Name | None = None,
) -> HashTable:
    """Take the community in the file or folder PATH into the workspace; a table of what came of it.

    What a file is shows by its content: DiscordChatExporter JSON or CSV, Slack exports, Steam reviews,
    tickets and answers of Zendesk, Freshdesk and Intercom, events of GameAnalytics, PlayFab and Unity,
    JSON Lines, JSON, CSV, Parquet; all but Parquet also under gzip or zstd. What is answered to a ticket
    is a message whose channel-id is the ticket's id. COLUMNS says which column is which field: id, text,
    author, author-name, timestamp, edited-at, channel, rating, language, reply-to (others are kept as data);
    what is not said is found by well-known names. A column after a dot lies inside an object. AS is messages,
    tickets, events or changes. SOURCE is put before ids, to keep apart two sources that count alike.
    Rows whose id is known are skipped, or replaced by a later edit; refused rows are in `(quarantine)`.
    `x.events.jsonl` and `x.patches.jsonl` beside `x.json` come with it. Nothing is embedded here.

    > (ingest "tests/data/tiny.json")
    => …
    > (ingest "tests/data/tiny.events.jsonl" :as 'events :columns (:event "event" :author "user_id"))
    => …
    """
    from chorus.runtime.connectors.ingest import ingest as take_in
    from chorus.runtime.connectors.mapping import Mapping

    mapping = Mapping(as_, _columns(columns), source)
    return _summary(take_in(ctx.store, Path(path), mapping, ctx.meter))


def _columns(given: HashTable | list[Any] | None) -> dict[str, Any]:
    """`(:text "review" :author "user")` or `{:text "review"}` as a dict; #f: the file has no such field."""
    if given is None:
        return {}
    items = given.items() if isinstance(given, HashTable) else _in_pairs(given)
    return {_field(key): _column(value) for key, value in items}


def _in_pairs(items: list[Any]) -> list[tuple[Any, Any]]:
    if len(items) % 2:
        raise EvalError(
            "ingest: :columns should be fields and columns in turn", hint='(:text "review" :author "user")'
        )
    return list(zip(items[::2], items[1::2], strict=True))


def _field(key: Any) -> str:
    if isinstance(key, (Keyword, Symbol)):
        return key.name
    if isinstance(key, (str, MutableString)):
        return str(key)
    raise EvalError("ingest: a field in :columns should be a keyword", hint=":id :text :author :timestamp …")


def _column(value: Any) -> Any:
    if value is False:
        return None
    if isinstance(value, (Keyword, Symbol)):
        return value.name
    if isinstance(value, (str, MutableString)):
        return str(value)
    if isinstance(value, dt.datetime):
        return value
    raise EvalError("ingest: a column should be a string, #f, or an instant that stands for all rows")


def _summary(done: Any) -> HashTable:
    counts = done.counts
    items: list[tuple[str, Any]] = [
        ("added", counts.added),
        ("updated", counts.updated),
        ("skipped", counts.skipped),
        ("quarantined", counts.quarantined),
    ]
    if done.reasons:
        items.append(("reasons", HashTable(sorted(done.reasons.items()))))
    if done.companions:
        items.append(("companions", HashTable(done.companions.items())))
    if done.failed:
        items.append(("unreadable", make_list(name for name, _ in done.failed)))
    items += [("files", done.files), ("seconds", round(done.seconds, 3)), ("source", done.source)]
    return _table(items)


def _table(items: list[tuple[str, Any]]) -> HashTable:
    return HashTable((Keyword(name), value) for name, value in items)


def _value(value: Any) -> Any:
    """A database value as the language has it: null is #f, times are in UTC."""
    if value is None:
        return False
    return value.replace(tzinfo=dt.UTC) if isinstance(value, dt.datetime) else value


@primitive("ingest-log", effects="read-store")
def ingest_log(ctx: Context) -> Any:
    """Every source that was taken in, oldest first: tables with :path :format :status :rows and times.

    A :status other than "done" is a source that was interrupted, cut short or unreadable.

    > (map (lambda (source) (get source :status)) (ingest-log))
    => …
    """
    rows = ctx.reader.rows(
        """SELECT id, path, format, status, rows, "started-at", "finished-at",
                  (SELECT count(*) FROM quarantine q WHERE q."source-id" = s.id)
           FROM sources s ORDER BY id"""
    )
    names = ("id", "path", "format", "status", "rows", "started-at", "finished-at", "quarantined")
    return make_list(_table([(n, _value(v)) for n, v in zip(names, row, strict=True)]) for row in rows)


@primitive("quarantine", effects="read-store")
def quarantine(ctx: Context, *, limit: int = 100) -> Any:
    """Up to LIMIT rows that were refused, newest source first: tables with :source :row :reason :raw.

    > (length (quarantine))
    => 0
    """
    rows = ctx.reader.rows(
        """SELECT s.path, q."row-number", q.reason, q.raw
           FROM quarantine q LEFT JOIN sources s ON s.id = q."source-id"
           ORDER BY q."source-id" DESC, q."row-number" LIMIT ?""",
        [limit],
    )
    names = ("source", "row", "reason", "raw")
    return make_list(_table([(n, _value(v)) for n, v in zip(names, row, strict=True)]) for row in rows)


@primitive("accept-losses!", effects="write-store")
def accept_losses(ctx: Context) -> Any:
    """Go on without the writes that the database lost in a crash, when they cannot be ingested again.

    > (accept-losses!)
    """
    ctx.store.settle()
    return UNSPECIFIED
