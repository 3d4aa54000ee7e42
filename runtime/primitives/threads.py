"""Threads and likely replies as primitives; `search-threads` and `likely-replies` of the stdlib call them."""

from __future__ import annotations

from typing import Any

from chorus.runtime.accepts import ACCEPTS, REJECT
from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import Items, primitive, wrong_type
from chorus.runtime.values import HashTable, Keyword, make_list

AFTER = 80  # messages after a question among which its reply is looked for
GAP = 4 * 3600.0  # seconds of silence that end the search


@primitive("%threads-found", effects="read-store compute")
def threads_found(ctx: Any, text: str, limit: int, weights: HashTable) -> Any:
    """The LIMIT threads that answer best to TEXT, as hash tables with :id (of the first message) :message-id (of the
    nearest) :messages :score.

    > (%threads-found "" 3 {})
    => ()
    """
    from chorus.runtime.index import threads

    if limit < 0:
        raise EvalError(f"search-threads: limit should not be negative, not {limit}", code="range")
    if not text.strip():
        return make_list([])
    found = threads.found(ctx, text, limit, _weights(weights))
    names = [Keyword(name) for name in ("id", "message-id", "messages", "score")]
    return make_list(HashTable(zip(names, thread, strict=True)) for thread in found)


@primitive("%likely-replies", effects="read-store compute")
def likely_replies(ctx: Any, ids: Items, weights: HashTable) -> Any:
    """For each of the messages IDS, those of others after it in its channel that may answer it, likeliest first: hash
    tables with :id :reply-to :score, a probability.

    > (%likely-replies '("no-such-message") {})
    => ()
    """
    import numpy as np

    from chorus.runtime.index.replies import Said, scored

    wanted = [str(message) for message in ids]
    links = []
    given = _weights(weights)
    for message, turns in ctx.indexes.conversations.windows(wanted, 0, AFTER, GAP).items():
        place = next(at for at, turn in enumerate(turns) if turn["message-id"] == message)
        said = [
            Said(t["author"] or t["author-id"] or "", t["timestamp"].timestamp(), t["content"])
            for t in turns[place:]
        ]
        names = [turn["message-id"] for turn in turns[place:]]
        there, rows = ctx.indexes.vectors.of(names)
        cosines = np.zeros(len(names))
        if there and there[0] == message:
            near = dict(zip(there, (rows @ rows[0]).tolist(), strict=True))
            cosines = np.array([near.get(name, 0.0) for name in names])
        scores = scored(said[0], said[1:], cosines[1:], given)
        order = np.argsort(-scores, kind="stable")
        links += [(names[at + 1], message, float(scores[at])) for at in order if scores[at] > 0]
    keys = [Keyword(name) for name in ("id", "reply-to", "score")]
    return make_list(HashTable(zip(keys, link, strict=True)) for link in links)


def _weights(table: HashTable) -> dict[str, float]:
    found = {}
    for key, value in table.items():
        number = ACCEPTS[float].convert(value)
        if number is REJECT:
            raise wrong_type("weights", "weights", "a hash table of numbers", value)
        found[str(getattr(key, "name", key))] = number
    return found
