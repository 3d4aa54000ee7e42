"""Whether an encoder's adapter finds threads better, and the rule by which it is taken: only if it surely does.

Each reply of a held-out thread looks for its thread among all held-out messages; the measure is the reciprocal rank
of the thread's nearest other message. The difference is paired by reply and its interval drawn by thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from chorus.kernels.voice.contrast import Encoder, Lesson, Pair, train_encoder
from chorus.kernels.voice.personas import is_held_out
from chorus.kernels.voice.scoring import Estimate, bounds, by_author, resampled
from chorus.kernels.voice.training import Tick

if TYPE_CHECKING:
    from chorus.kernels.lora.adapter import Adapter

LEAST_THREADS = 20  # held out, below which nothing can be told


class Verdict(NamedTuple):
    """What an adapter is worth on threads that it has not seen."""

    before: float  # mean reciprocal rank of the right thread
    after: float
    gain: Estimate
    replies: int
    threads: int

    @property
    def accepted(self) -> bool:
        """Only what surely helps is taken: the interval of the gain lies above 0."""
        return self.threads >= LEAST_THREADS and self.gain.low > 0


def split(pairs: Sequence[Pair], seed: int = 0) -> tuple[list[Pair], list[Pair]]:
    """(those to learn from, those of held-out threads)."""
    held = [is_held_out(pair.thread, seed) for pair in pairs]
    return (
        [pair for pair, out in zip(pairs, held, strict=True) if not out],
        [pair for pair, out in zip(pairs, held, strict=True) if out],
    )


def reciprocal_ranks(encoder: Encoder, pairs: Sequence[Pair], tick: Tick = lambda: None) -> np.ndarray:
    """1 / the rank of the right thread for the reply of each of PAIRS: f64[n]."""
    said = list(dict.fromkeys((text, pair.thread) for pair in pairs for text in (pair.asked, pair.reply)))
    vectors = encoder.vectors([text for text, _ in said], tick)
    _, threads = np.unique([thread for _, thread in said], return_inverse=True)
    at = {key: place for place, key in enumerate(said)}
    queries = [at[pair.reply, pair.thread] for pair in pairs]
    return np.array([_rank(vectors, threads, query) for query in queries])


def _rank(vectors: np.ndarray, threads: np.ndarray, query: int) -> float:
    """1 / the rank of row QUERY's thread by its nearest other message; threads of a like nearness stand before it."""
    near = vectors @ vectors[query]
    near[query] = -np.inf
    best = np.full(threads.max() + 1, -np.inf, near.dtype)
    np.maximum.at(best, threads, near)
    own = best[threads[query]]
    return 0.0 if own == -np.inf else 1 / float((best >= own).sum())


def judge(before: np.ndarray, after: np.ndarray, threads: Sequence[str], seed: int = 0) -> Verdict:
    """What was gained from BEFORE to AFTER, reciprocal ranks [n] of replies in THREADS."""
    sums = by_author(np.stack([after - before, np.ones(len(before))], 1), threads)  # [threads, 2]
    drawn = resampled(len(sums), seed) @ sums
    gain = Estimate(float((after - before).mean()), *bounds(drawn[:, 0] / drawn[:, 1]))
    return Verdict(float(before.mean()), float(after.mean()), gain, len(before), len(sums))


def learn(
    encoder: Encoder, taught: Sequence[Pair], held: Sequence[Pair], lesson: Lesson, tick: Tick = lambda: None
) -> tuple[Adapter, Verdict]:
    """An adapter of ENCODER learnt on the pairs TAUGHT, and its verdict on those HELD out, of other threads."""
    from chorus.kernels.lora.chain import attach

    served = attach(encoder.model, encoder.last_layers())
    try:
        before = reciprocal_ranks(encoder, held, tick)
        adapter = train_encoder(served, encoder, taught, lesson, tick)
        with served.using(adapter):
            after = reciprocal_ranks(encoder, held, tick)
    finally:
        served.detach()
    return adapter, judge(before, after, [pair.thread for pair in held], lesson.seed)


def mispaired(pairs: Sequence[Pair], seed: int = 0) -> list[Pair]:
    """PAIRS with each reply under another's message: the control, of which nothing good can be learnt."""
    order = np.random.default_rng(seed).permutation(len(pairs))
    return [pair._replace(reply=pairs[at].reply) for pair, at in zip(pairs, order, strict=True)]
