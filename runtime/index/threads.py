"""Threads as what is searched: a question finds the conversations that answer it, by what all their messages say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from chorus.runtime.context import Context

DEPTH = 400  # messages by meaning and by words whose threads are looked at


class Thread(NamedTuple):
    """A thread found: the id of its first message, of its nearest, how many it has, and its score."""

    first: str
    nearest: str
    size: int
    score: float


def found(ctx: Context, text: str, limit: int, weights: dict[str, float], among: Any = None) -> list[Thread]:
    """The LIMIT threads that answer best to TEXT, best first, by the sum of WEIGHTS times

    nearest  the greatest cosine of a message of theirs,   mean   the cosine of their messages' mean,
    words    the greatest BM25 score of a message,         size   the logarithm of how many messages they have.
    """
    vectors, words = ctx.indexes.vectors, ctx.indexes.words
    query = ctx.embedder.encode([text], ctx.check)[0]
    hits = [m for m, _ in vectors.search(query, DEPTH, among)] + [
        m for m, _ in words.search(text, DEPTH, among)
    ]
    if not hits:
        return []
    members = _members(ctx, hits)
    scores = words.scores_of(text, [message for ids in members for message in ids])
    made = [_scored(ids, vectors, query, scores, weights) for ids in members]
    return sorted(made, key=lambda thread: (-thread.score, thread.first))[:limit]


def _members(ctx: Context, hits: list[str]) -> list[list[str]]:
    """The ids of the messages of each thread that has one of HITS."""
    ids, threads = ctx.indexes.conversations.threads()
    rows = ctx.indexes.conversations.rows(hits)
    wanted = np.unique(threads[rows])
    inside = np.flatnonzero(np.isin(threads, wanted))
    inside = inside[np.argsort(threads[inside], kind="stable")]
    starts = np.searchsorted(threads[inside], wanted)
    names = ids.take(inside).to_pylist()
    return [names[a:b] for a, b in zip(starts, [*starts[1:], len(names)], strict=True)]


def _scored(
    ids: list[str], vectors: Any, query: np.ndarray, words: dict[str, float], weights: dict[str, float]
) -> Thread:
    there, rows = vectors.of(ids)
    cosines = rows @ query if there else np.zeros(0)
    mean = rows.mean(0) if there else np.zeros_like(query)
    length = float(np.linalg.norm(mean))
    features = {
        "nearest": float(cosines.max(initial=0.0)),
        "mean": float(mean @ query) / length if length else 0.0,
        "words": max((words.get(message, 0.0) for message in ids), default=0.0),
        "size": float(np.log(len(ids))),
    }
    best = there[int(cosines.argmax())] if there else max(ids, key=lambda message: words.get(message, 0.0))
    return Thread(
        ids[0], best, len(ids), sum(weights.get(name, 0.0) * value for name, value in features.items())
    )
