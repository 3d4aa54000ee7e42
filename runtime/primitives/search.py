"""Search and conversations as primitives; `search`, `near` and `conversation` of the standard library call
them.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import Items, primitive, wrong_type
from chorus.runtime.values import HashTable, Keyword, Opaque, make_list

MOST_RESULTS = 10_000


@primitive("%search-scope", effects="read-store")
def search_scope(
    ctx: Any,
    *,
    authors: Items | None = None,
    channel: str | None = None,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
) -> Any:
    """The messages of AUTHORS (ids or names), in CHANNEL (id or name), from SINCE on and before UNTIL; #f for
    all.

    > (%search-scope)
    => #f
    """
    tests: list[tuple[str, Any]] = []
    if authors is not None:
        known = "SELECT id FROM authors WHERE list_contains(?, id) OR list_contains(?, name)"
        named = [str(author) for author in authors]
        tests.append((f'"author-id" IN ({known})', [named, named]))
    if channel is not None:
        tests.append(
            ('"channel-id" IN (SELECT id FROM channels WHERE id = ? OR name = ?)', [channel, channel])
        )
    for moment, comparison in ((since, ">="), (until, "<")):
        if moment is not None:
            tests.append((f"timestamp {comparison} ?", [moment.astimezone(dt.UTC).replace(tzinfo=None)]))
    if not tests:
        return False
    where = " AND ".join(test for test, _ in tests)
    given = [value for _, values in tests for value in values]
    found = ctx.store.read(f"SELECT id FROM messages WHERE {where}", given).column("id").to_pylist()
    return Opaque(frozenset(found))


@primitive("%prepare-search", effects="read-store write-store compute")
def prepare_search(ctx: Any) -> None:
    """Embed the messages that have no vector if that takes seconds; else say on stderr that they are missing.

    > (begin (%prepare-search) 'ready)
    => ready
    """
    ctx.indexes.ensure_within_budget()


@primitive("%dense-search", effects="read-store compute")
def dense_search(ctx: Any, text: str, k: int, *, scope: Any = None) -> Any:
    """The K messages nearest in meaning to TEXT among those that have vectors: a list of (id cosine), best
    first.

    > (begin (embed!) (length (%dense-search "hello" 3)))
    => 3
    """
    wanted = _count(k)
    if not text.strip() or not ctx.indexes.coverage()[0]:
        return _ranked([])
    query = ctx.embedder.encode([text], ctx.check)[0]
    return _ranked(ctx.indexes.vectors.search(query, wanted, _allowed(scope)))


@primitive("%near", effects="read-store compute")
def near(ctx: Any, vector: Any, k: int, *, scope: Any = None) -> Any:
    """The K messages whose vectors are nearest to VECTOR: a list of (id cosine), best first.

    > (begin (embed!) (length (%near (embed-text "hello") 2)))
    => 2
    """
    import numpy as np

    try:
        query = np.asarray(vector, dtype=np.float32)
    except (TypeError, ValueError):
        raise wrong_type("near", "vector", "a vector of numbers", vector) from None
    return _ranked(ctx.indexes.vectors.search(query, _count(k), _allowed(scope)))


@primitive("%similar", effects="read-store compute")
def similar(ctx: Any, id: str, k: int) -> Any:
    """The K messages nearest in meaning to the message ID, without it: a list of (id cosine), best first.

    > (%similar "no-such-message" 3)
    => ()
    """
    from chorus.runtime.index.windows import described

    wanted = _count(k)
    message = described(ctx.store, [id]).get(id)
    if message is None or not message["content"].strip() or not ctx.indexes.coverage()[0]:
        return _ranked([])
    there, rows = ctx.indexes.vectors.of([id])
    query = rows[0] if there else ctx.embedder.encode([message["content"]], ctx.check)[0]
    found = ctx.indexes.vectors.search(query, wanted + 1)
    return _ranked([pair for pair in found if pair[0] != id][:wanted])


@primitive("%word-search", effects="read-store compute")
def word_search(ctx: Any, text: str, k: int, *, scope: Any = None) -> Any:
    """The K messages that best match the words of TEXT: a list of (id score), best first, scored by BM25.

    > (%word-search "xyzzyplugh" 3)
    => ()
    """
    return _ranked(ctx.indexes.words.search(text, _count(k), _allowed(scope)))


@primitive("%messages", effects="read-store")
def messages(ctx: Any, ids: Items) -> Any:
    """The messages IDS as hash tables, in the order given, unknown ones left out; author and channel by name
    too.

    > (%messages '("no-such-message"))
    => ()
    """
    from chorus.runtime.index.windows import described

    wanted = [str(message) for message in ids]
    found = described(ctx.store, wanted)
    return make_list(_table(found[message]) for message in wanted if message in found)


@primitive("%window", effects="read-store")
def window(ctx: Any, ids: Items, *, before: int = 4, after: int = 6, gap: float | None = None) -> Any:
    """For each of the messages IDS (id message …): the conversation around it, as hash tables with a
    :relation.

    > (%window '("no-such-message"))
    => ()
    """
    if before < 0 or after < 0 or (gap is not None and not gap >= 0):
        raise EvalError("the conversation's before, after and gap should not be negative")
    wanted = [str(message) for message in ids]
    found = ctx.indexes.windows(wanted, before, after, gap)
    return make_list(make_list([hit, *map(_table, turns)]) for hit, turns in found.items())


def _table(row: dict[str, Any]) -> HashTable:
    return HashTable((Keyword(name), False if value is None else value) for name, value in row.items())


def _ranked(found: list[tuple[str, float]]) -> Any:
    return make_list(make_list([message, score]) for message, score in found)


def _allowed(scope: Any) -> frozenset[str] | None:
    return scope.host if isinstance(scope, Opaque) else None


def _count(k: int) -> int:
    if not 0 <= k <= MOST_RESULTS:
        raise EvalError(f"the number of results should be from 0 to {MOST_RESULTS:,}, not {k:,}")
    return k
