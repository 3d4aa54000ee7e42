"""Threads and the store: each channel's log goes out to the kernels; links, conversations and a model are kept."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import Items, primitive
from chorus.runtime.values import HashTable, Keyword, make_list

LOOKED_AHEAD = (
    50  # messages before the first without a link that are linked again: what came after tells of them
)
SPOKEN = ("Default", "Reply")  # types of messages that a person wrote; the channel itself says the others

# In the order of each channel, as `conversations.LINES` has it.
LOGS = """
SELECT m.id, m."author-id" AS author, coalesce(m."channel-id", '') AS channel, epoch(m.timestamp) AS at,
       {text} AS said, coalesce(m.type, 'Default') NOT IN {spoken} AS system,
       coalesce(a."is-bot", false) AS bot, m."reply-to" AS target,
       l.model AS model, t.to AS to
FROM messages AS m LEFT JOIN authors AS a ON a.id = m."author-id" LEFT JOIN "thread-links" AS l ON l."message-id" = m.id
LEFT JOIN (SELECT "message-id", list("author-id") AS to FROM mentions GROUP BY 1) AS t ON t."message-id" = m.id
ORDER BY channel, m.timestamp, length(m.id), m.id
"""
NAMES = "SELECT DISTINCT unnest([name, nickname]) AS name, id FROM authors ORDER BY ALL"
COLUMNS = ("id", "author", "at", "said", "system", "bot", "to")


@primitive("%channel-logs", effects="read-store")
def channel_logs(ctx: Any, model: str, links: Any = False) -> Any:
    """The channels of the workspace, hash tables of columns: their messages in order, the persons' :names, :known,
    which rows answer which, and :rows, those that MODEL has not linked yet. With LINKS, lists (message reply-to), these
    are what is known, in place of replies, and channels without any are left out.

    > (list? (%channel-logs "none"))
    => #t
    """
    labels = None if links is False else _labels(links)
    channels = _read(ctx)
    names = {name: author for name, author in ctx.reader.rows(NAMES) if name}
    made = []
    for columns in channels.values():
        place = {message: at for at, message in enumerate(columns["id"])}
        known = _known(columns, place, labels)
        if labels is not None and not known:
            continue
        missing = [at for at, name in enumerate(columns["model"]) if name != model]
        begin = max(0, missing[0] - LOOKED_AHEAD) if missing else len(place)
        table: dict[str, Any] = {name: columns[name] for name in COLUMNS}
        table |= {"names": names, "known": known, "rows": range(begin, len(place))}
        made.append(HashTable((Keyword(name), value) for name, value in table.items()))
    return make_list(made)


def _read(ctx: Any) -> dict[str, dict[str, list[Any]]]:
    """Channel → its columns."""
    from chorus.runtime.index.documents import TEXT

    table = ctx.reader.read(LOGS.format(text=TEXT, spoken=SPOKEN))
    ctx.charge(table.num_rows, 300 * table.num_rows)
    columns = {name: table.column(name).to_pylist() for name in table.column_names}
    rows: dict[str, list[int]] = defaultdict(list)
    for at, channel in enumerate(columns["channel"]):
        rows[channel].append(at)
    return {
        channel: {name: [values[at] for at in here] for name, values in columns.items()}
        for channel, here in rows.items()
    }


def _labels(links: Any) -> dict[str, str]:
    found = {}
    for link in links:
        try:
            message, answered = link
        except (TypeError, ValueError):
            raise EvalError(
                "a link is a list of two ids: the message's and that of what it answers"
            ) from None
        found[str(message)] = str(answered)
    return found


def _known(
    columns: dict[str, list[Any]], place: dict[str, int], labels: dict[str, str] | None
) -> dict[int, int]:
    """Row → the row of what it answers; with LABELS those, else earlier messages that replies name."""
    if labels is None:
        pairs = [(at, place.get(target, at)) for at, target in enumerate(columns["target"]) if target]
        return {at: target for at, target in pairs if target < at}
    pairs = [
        (place[message], place.get(labels[message], -1)) for message in columns["id"] if message in labels
    ]
    return {at: target for at, target in pairs if 0 <= target <= at}


@primitive("%keep-thread-links!", effects="read-store write-store")
def keep_thread_links(ctx: Any, logs: Items, linked: Items, model: str) -> int:
    """Keep what MODEL found LINKED in LOGS, a list (row answered score) of each log's rows, in place of what was
    kept of these messages. How many links that were.

    > (%keep-thread-links! '() '() "none")
    => 0
    """
    rows: list[dict[str, Any]] = []
    for log, links in zip(logs, linked, strict=True):
        ids = log.get(Keyword("id"))
        first = _kept_threads(ctx, ids, log.get(Keyword("rows")))
        for at, answered, score in links:
            thread = first[at] = at if answered == at else first.get(answered, answered)
            row = {"message-id": ids[at], "answers": ids[answered], "score": score}
            rows.append(
                row | {"thread-id": thread if isinstance(thread, str) else ids[thread], "model": model}
            )
    if rows:
        with ctx.store.transaction("rebuild-threads!"):
            ctx.store.write(
                'DELETE FROM "thread-links" WHERE "message-id" IN (SELECT unnest(?))',
                [[r["message-id"] for r in rows]],
            )
            ctx.store.append("thread-links", rows)
    return len(rows)


def _kept_threads(ctx: Any, ids: list[str], rows: range) -> dict[int, Any]:
    """Row → the id of the thread's first message, of the messages before ROWS."""
    if not rows or not rows[0]:
        return {}
    kept = dict(ctx.reader.rows('SELECT "message-id", "thread-id" FROM "thread-links"'))
    return {at: kept[message] for at, message in enumerate(ids[: rows[0]]) if message in kept}


@primitive("%thread-model", effects="read-store")
def thread_model(ctx: Any) -> Any:
    """The model of threads that was trained in this workspace, a bytevector, or #f.

    > (%thread-model)
    => #f
    """
    kept = ctx.reader.value('SELECT weights FROM "thread-models" ORDER BY id DESC LIMIT 1')
    return False if kept is None else bytearray(kept)


@primitive("%keep-thread-model!", effects="write-store clock")
def keep_thread_model(ctx: Any, model: Any) -> None:
    """Keep MODEL, a bytevector, as the workspace's own; #f: forget those that were kept.

    > (%keep-thread-model! #f)
    > (%thread-model)
    => #f
    """
    with ctx.store.transaction("train-threads!"):
        ctx.store.write('DELETE FROM "thread-models"')
        if model is not False:
            ctx.store.write('INSERT INTO "thread-models" VALUES (1, ?)', [bytes(model)])
