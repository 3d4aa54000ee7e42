"""The rules of the literature that make one update of many agents' updates, though some agents are bad.

G f[…, n, p] holds the updates of n agents; `bad` is how many of them a rule reckons with; `root` f[…, p] is the update
that a few trusted samples ask for. Leading dimensions are worlds of their own, computed at once. Each rule gives the
update f[…, p] and the weights f[…, n] that it gave the agents (for rules by coordinate: the share of the
coordinates that each agent supplied).

| rule | formula | source |
|---|---|---|
| mean | ΣG/n | FedAvg: McMahan et al., AISTATS 2017 |
| aligned | w = max(0, cos(g, mean)) | gradient alignment, by the mean itself |
| median | by coordinate | Yin et al., ICML 2018 |
| trimmed | by coordinate, without the `bad` least and most | Yin et al., ICML 2018 |
| krum, multikrum | least Σ distance² to the n − bad − 2 nearest; mean of n − bad | Blanchard et al., NeurIPS 2017 |
| geometric | clipped; w = max(0, cos(g, geometric median)) | RFA: Pillutla et al., IEEE TSP 2022, with cosines |
| fltrust | norms of the root; w = max(0, cos(g, root)) | Cao et al., NDSS 2021 |
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

TINY = 1e-12
Array = np.ndarray[Any, Any]


class Aggregate(NamedTuple):
    """UPDATE f[…, p]; WEIGHTS f[…, n], each agent's share, which sum to 1 unless nobody was trusted."""

    update: Array
    weights: Array


Rule = Callable[[Array, int, Array | None], Aggregate]


def norms(vectors: Array) -> Array:
    return np.sqrt(np.einsum("...p,...p->...", vectors, vectors))


def cosines(updates: Array, towards: Array) -> Array:
    """cos f[…, n] of UPDATES f[…, n, p] with TOWARDS f[…, p]; 0 where either vanishes."""
    dot = np.matmul(updates, towards[..., None])[..., 0]
    return dot / np.maximum(norms(updates) * norms(towards)[..., None], TINY)


def weighted(updates: Array, weights: Array) -> Aggregate:
    """The mean by WEIGHTS f[…, n] ≥ 0; nothing moves where all of them are 0."""
    total = weights.sum(-1, keepdims=True)
    share = np.where(total > TINY, weights / np.maximum(total, TINY), 0).astype(updates.dtype)
    return Aggregate(np.matmul(share[..., None, :], updates)[..., 0, :], share)


def clipped(updates: Array, most: Array | None = None) -> Array:
    """UPDATES no longer than MOST f[…], by default their median norm."""
    length = norms(updates)
    bound = np.median(length, axis=-1) if most is None else most
    return updates * np.minimum(1, bound[..., None] / np.maximum(length, TINY))[..., None].astype(
        updates.dtype
    )


def geometric_median(updates: Array, weights: Array | None = None, rounds: int = 8) -> Array:
    """The point of least summed distance, by smoothed Weiszfeld steps.   [Pillutla et al. 2022, algorithm 2]"""
    given = np.ones(updates.shape[:-1], updates.dtype) if weights is None else weights
    point = weighted(updates, given).update
    smooth = 1e-6 * (1 + norms(updates).mean(-1, keepdims=True))
    for _ in range(rounds):
        distance = norms(updates - point[..., None, :])
        point = weighted(updates, given / np.maximum(distance, smooth)).update
    return point


def distances2(updates: Array) -> Array:
    """Squared distances f[…, n, n], by the Gram matrix."""
    gram = np.matmul(updates, np.swapaxes(updates, -1, -2))
    square = np.diagonal(gram, axis1=-2, axis2=-1)
    return np.maximum(square[..., :, None] + square[..., None, :] - 2 * gram, 0)


def krum_scores(updates: Array, bad: int) -> Array:
    n = updates.shape[-2]
    near = np.sort(distances2(updates), axis=-1)[
        ..., 1 : max(2, n - bad - 1)
    ]  # the first is the agent itself
    return near.sum(-1)


def the_least(scores: Array, count: int) -> Array:
    """1 for the COUNT least SCORES f[…, n], else 0."""
    chosen = np.argsort(scores, axis=-1, kind="stable")[..., :count]
    marks = np.zeros(scores.shape)
    np.put_along_axis(marks, chosen, 1.0, axis=-1)
    return marks


def mean(updates: Array, bad: int = 0, root: Array | None = None) -> Aggregate:
    return weighted(updates, np.ones(updates.shape[:-1]))


def aligned(updates: Array, bad: int = 0, root: Array | None = None) -> Aggregate:
    return weighted(updates, np.maximum(0, cosines(updates, updates.mean(-2))))


def trimmed(updates: Array, bad: int, root: Array | None = None) -> Aggregate:
    n = updates.shape[-2]
    cut = min(bad, (n - 1) // 2)
    order = np.argsort(updates, axis=-2)[..., cut : n - cut, :]  # [..., kept, p]
    kept = np.take_along_axis(updates, order, axis=-2)
    return Aggregate(kept.mean(-2), supplied(order, n))


def median(updates: Array, bad: int = 0, root: Array | None = None) -> Aggregate:
    return trimmed(updates, (updates.shape[-2] - 1) // 2)


def supplied(order: Array, n: int) -> Array:
    """The share of what was kept that each of N agents supplied; ORDER i[…, kept, p] names them."""
    flat = order.reshape(*order.shape[:-2], -1)
    return np.stack([(flat == agent).mean(-1) for agent in range(n)], -1)


def krum(updates: Array, bad: int, root: Array | None = None) -> Aggregate:
    return weighted(updates, the_least(krum_scores(updates, bad), 1))


def multikrum(updates: Array, bad: int, root: Array | None = None) -> Aggregate:
    count = max(1, updates.shape[-2] - bad)
    return weighted(updates, the_least(krum_scores(updates, bad), count))


def geometric(updates: Array, bad: int = 0, root: Array | None = None) -> Aggregate:
    short = clipped(updates)
    return weighted(short, np.maximum(0, cosines(short, geometric_median(short))))


def fltrust(updates: Array, bad: int, root: Array | None) -> Aggregate:
    if root is None:
        return geometric(updates, bad)
    length = norms(root)[..., None] / np.maximum(norms(updates), TINY)
    return weighted(updates * length[..., None].astype(updates.dtype), np.maximum(0, cosines(updates, root)))
