"""Threads as what is searched: a question finds the conversations that answer it, by what all their messages say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from chorus.runtime.index.tokens import query_words

if TYPE_CHECKING:
    from chorus.runtime.context import Context
    from chorus.runtime.index.documents import Documents
    from chorus.runtime.index.service import Indexes
    from chorus.runtime.index.words import Words

DEPTH = 400  # messages by meaning and by words whose threads are looked at


class Thread(NamedTuple):
    """A thread found: the id of its first message, of its nearest, how many it has, and its score."""

    first: str
    nearest: str
    size: int
    score: float


class ThreadWords:
    """The words of threads: postings are of messages, and a thread's are those of its messages together."""

    def __init__(self, indexes: Indexes) -> None:
        self.indexes = indexes
        self._of: tuple[np.ndarray | None, Documents | None] = None, None
        self._groups = self._lengths = np.zeros(0, np.int64)

    def scores(self, text: str) -> np.ndarray:
        """BM25 f32[n] of each thread, by its number, for TEXT: who asks and who answers say different words of it."""
        words = self.indexes.words
        words.refresh()
        ids, threads = self.indexes.conversations.threads()
        if self._of[0] is not threads or self._of[1] is not words.documents:
            self._group(words, ids, threads)
        return words.postings.group_scores(query_words(text), self._groups, self._lengths)

    def _group(self, words: Words, ids: Any, threads: np.ndarray) -> None:
        import pyarrow.compute as pc

        rows = pc.index_in(words.documents.arrow_ids, value_set=ids).to_numpy(zero_copy_only=False)
        self._groups = threads[rows.astype(np.int64)].astype(np.int64)  # [documents]
        lengths = np.bincount(self._groups, weights=words.postings.lengths, minlength=len(threads))
        self._lengths = lengths.astype(np.int64)  # words of each thread
        self._of = threads, words.documents


def found(ctx: Context, text: str, limit: int, weights: dict[str, float], among: Any = None) -> list[Thread]:
    """The LIMIT threads that answer best to TEXT, best first, by the sum of WEIGHTS times

    nearest  the greatest cosine of a message of theirs,   mean   the cosine of their messages' mean,
    words    the BM25 score of all their words together,   size   the logarithm of how many messages they have.
    """
    query = ctx.embedder.encode([text], ctx.check)[0]
    words = ctx.indexes.thread_words.scores(text)
    members = _members(ctx, _numbers(ctx, text, query, words, among))
    made = [_scored(ids, ctx.indexes.vectors, query, words[at], weights) for at, ids in members.items()]
    return sorted(made, key=lambda thread: (-thread.score, thread.first))[:limit]


def _numbers(ctx: Context, text: str, query: np.ndarray, words: np.ndarray, among: Any) -> np.ndarray:
    """The numbers of the threads that are looked at."""
    hits = [m for m, _ in ctx.indexes.vectors.search(query, DEPTH, among)]
    hits += [m for m, _ in ctx.indexes.words.search(text, DEPTH, among)]
    _, threads = ctx.indexes.conversations.threads()
    found = threads[ctx.indexes.conversations.rows(hits)]
    if among is None:
        found = np.concatenate(
            [found, np.argsort(-words, kind="stable")[: min(DEPTH, int((words > 0).sum()))]]
        )
    return np.unique(found)


def _members(ctx: Context, wanted: np.ndarray) -> dict[int, list[str]]:
    """The ids of the messages of each of the threads WANTED, ascending numbers."""
    ids, threads = ctx.indexes.conversations.threads()
    inside = np.flatnonzero(np.isin(threads, wanted))
    inside = inside[np.argsort(threads[inside], kind="stable")]
    starts = np.searchsorted(threads[inside], wanted)
    names = ids.take(inside).to_pylist()
    ends = [*starts, len(names)][1:]
    return {int(at): names[a:b] for at, a, b in zip(wanted, starts, ends, strict=True)}


def _scored(
    ids: list[str], vectors: Any, query: np.ndarray, words: float, weights: dict[str, float]
) -> Thread:
    there, rows = vectors.of(ids)
    cosines = rows @ query if there else np.zeros(0)
    mean = rows.mean(0) if there else np.zeros_like(query)
    length = float(np.linalg.norm(mean))
    features = {
        "nearest": float(cosines.max(initial=0.0)),
        "mean": float(mean @ query) / length if length else 0.0,
        "words": float(words),
        "size": float(np.log(len(ids))),
    }
    best = there[int(cosines.argmax())] if there else ids[0]
    score = sum(weights.get(name, 0.0) * value for name, value in features.items())
    return Thread(ids[0], best, len(ids), score)
