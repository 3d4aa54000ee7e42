"""What was heard of each author: messages, their times, answers and vectors, gathered from the store for
the kernels."""

from __future__ import annotations

from typing import Any

from chorus.runtime.primitive import primitive
from chorus.runtime.values import HashTable, Keyword

EMBED = 20_000  # messages embedded for a discovery unless told otherwise: a minute, not an hour
DEEP = 24  # messages of a talkative author that are looked at first; fewer show little, more add little
SHARE = 0.8  # of the limit that goes to the talkative


@primitive("%heard", effects="read-store keep-index compute")
def heard(ctx: Any, *, limit: int | None = None, least: int | None = None, embed: bool = True) -> Any:
    """Who said what, when and to whom: a table of tensors and texts over all messages that say
    something, without bots.

    At most LIMIT messages are embedded first, those of authors with LEAST messages before others, evenly
    over authors and time. With EMBED false none is.

    > (vector-length (hash-ref (%heard :embed #f) :authors))
    => …
    """
    import numpy as np

    table = _messages(ctx)
    ids, author_ids = table.column("id").to_pylist(), table.column("author").to_pylist()
    ctx.charge(len(ids), 200 * len(ids))
    authors = sorted(set(author_ids))
    number = {author: at for at, author in enumerate(authors)}
    author = np.array([number[a] for a in author_ids], np.int64)
    place = {message: at for at, message in enumerate(ids)}
    seconds = table.column("seconds").to_numpy().astype(np.float64)
    chosen = choose(author, len(authors), EMBED if limit is None else limit, 5 if least is None else least)
    rows, vectors = _vectors(ctx, ids, place, chosen, embed, limit)
    channels = table.column("channel").to_pylist()
    known = {channel: at for at, channel in enumerate(sorted(set(channels)))}
    day = (seconds // 86400).astype(np.int64)
    columns = {
        "ids": ids,
        "texts": table.column("said").to_pylist(),
        "authors": authors,
        "names": _names(ctx),
        "author": author,
        "seconds": seconds,
        "day": day - day.min(initial=0) if len(day) else day,
        "channel": np.array([known[channel] for channel in channels], np.int64),
        "answers": np.array(
            [place.get(target, -1) for target in table.column("target").to_pylist()], np.int64
        ),
        "reactions": table.column("reactions").to_numpy().astype(np.float64),
        "attachments": table.column("attachments").to_numpy().astype(np.float64),
        "rows": rows,
        "vectors": vectors,
    }
    return HashTable((Keyword(name), value) for name, value in columns.items())


def _messages(ctx: Any) -> Any:
    """Messages that say something, oldest first, as Arrow; bots are not people."""
    from chorus.runtime.index.documents import TEXT, says

    return ctx.reader.read(
        f"""SELECT m.id, m."author-id" AS author, coalesce(m."channel-id", '') AS channel, {TEXT} AS said,
                   epoch(m.timestamp) AS seconds, m."reply-to" AS target,
                   coalesce(r.n, 0) AS reactions, coalesce(t.n, 0) AS attachments
            FROM messages m
            LEFT JOIN (SELECT "message-id", sum(count) AS n FROM reactions GROUP BY 1) r ON r."message-id" = m.id
            LEFT JOIN (SELECT "message-id", count(*) AS n FROM attachments GROUP BY 1) t ON t."message-id" = m.id
            WHERE {says(TEXT)}
              AND m."author-id" NOT IN (SELECT id FROM authors WHERE "is-bot")
            ORDER BY m.timestamp, m.id"""
    )


def _names(ctx: Any) -> list[str]:
    """Names that people go by, in lower case, whole and in parts: they name no topic."""
    found = ctx.reader.rows("SELECT DISTINCT lower(unnest([name, nickname])) FROM authors")
    return sorted({part for (name,) in found if name for part in (name, *name.split()) if len(part) > 2})


def choose(author: Any, authors: int, limit: int, least: int) -> Any:
    """Rows i64[≤LIMIT] of messages (AUTHOR i64[m], in order of time) to look at: DEEP of each of those who wrote most,
    as far as SHARE of the limit goes, then one, two, … of all who wrote LEAST, then of the others; each author's lie
    evenly over time. A few messages of everybody would show nobody's concerns."""
    import numpy as np

    count = np.bincount(author, minlength=authors)
    order = np.argsort(author, kind="stable")
    start = np.repeat(np.cumsum(count) - count, count)
    turn = np.empty(len(author), np.int64)
    turn[order] = _spread(np.arange(len(author)) - start)
    talkative = np.argsort(-count, kind="stable")
    ahead = np.empty(authors, np.int64)
    ahead[talkative] = np.cumsum(
        np.minimum(count[talkative], DEEP)
    )  # messages taken when this author is done
    deep = (turn < DEEP) & (ahead[author] <= SHARE * limit)
    everything = np.arange(len(author))
    return np.sort(np.lexsort((everything, turn, count[author] < least, ~deep))[: max(limit, 0)])


def _spread(position: Any) -> Any:
    """In which turn each item is taken, POSITION counting from 0 anew in each row of items, so that any first turns lie
    evenly over the row: the order of the golden ratio's multiples."""
    import numpy as np

    key = (position * 0.6180339887498949) % 1.0
    row = np.cumsum(position == 0)
    turn = np.empty(len(position), np.int64)
    turn[np.lexsort((key, row))] = position
    return turn


def _vectors(
    ctx: Any, ids: list[str], place: dict[str, int], chosen: Any, embed: bool, limit: int | None
) -> tuple[Any, Any]:
    """Rows i64[v] of the messages that have vectors (with a LIMIT or very many, of the CHOSEN ones), and the vectors
    f32[v,d]."""
    import numpy as np

    if not len(ids):
        return np.zeros(0, np.int64), np.zeros((0, 0), np.float32)
    if embed:
        ctx.indexes.ensure(ids=[ids[at] for at in chosen])
    if not ctx.indexes.coverage()[0]:
        return np.zeros(0, np.int64), np.zeros((0, 0), np.float32)
    known, _ = ctx.indexes.vectors.matrix()
    picked = set(chosen.tolist())
    there = sorted(place[message] for message in known if message in place)
    if limit is not None or len(there) > 3 * EMBED:
        there = [at for at in there if at in picked]
    ctx.charge(len(there), 4 * 384 * len(there))
    _, vectors = ctx.indexes.vectors.of([ids[at] for at in there])
    return np.array(there, np.int64), np.asarray(vectors, np.float32)
