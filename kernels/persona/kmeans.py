"""Lloyd's k-means with k-means++ starts, many runs side by side; deterministic given a seed.

A small problem costs numpy's overhead, not arithmetic: so restarts, and numbers of clusters, are one more axis.
Axes: b problems, r restarts, k clusters, n points, d dimensions.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def lloyd(
    points: np.ndarray, k: int, *, seed: int = 0, restarts: int = 8, iterations: int = 40
) -> tuple[np.ndarray, np.ndarray, float]:
    """The best of RESTARTS runs: centres f64[k,d], labels i64[n], and the mean squared distance to the own centre.

    POINTS f[n,d]. Starts by k-means++ (Arthur & Vassilvitskii, SODA 2007) with greedy candidates; a cluster that
    empties takes the farthest point. ValueError when k > n.
    """
    centres, labels, gaps = lloyd_each(points, [k], seed=seed, restarts=restarts, iterations=iterations)
    return centres[0], labels[0], float(gaps[0])


def lloyd_each(
    points: np.ndarray, ks: Sequence[int], *, seed: int = 0, restarts: int = 8, iterations: int = 40
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """As `lloyd` for each k of KS: centres f64[b,max k,d] (the rows from k on mean nothing), labels i64[b,n], mean
    squared distances f64[b]. POINTS are f[n,d], the same for all, or f[b,n,d], one set for each."""
    x = np.asarray(points, dtype=np.float64)
    x = x[None] if x.ndim == 2 else x
    number = np.array(ks)
    if number.min() < 1 or number.max() > x.shape[1]:
        raise ValueError(f"k must lie between 1 and {x.shape[1]}, not {ks if len(ks) > 1 else ks[0]}")
    rng = np.random.default_rng(seed)
    starts = plus_plus(x, int(number.max()), restarts, rng)  # the first k of them are a start for k
    starts = np.broadcast_to(starts, (len(number), *starts.shape[1:]))
    centres, labels, gap = descend(x, starts, number, iterations)
    best = gap.argmin(1)
    own = np.arange(len(number))
    return centres[own, best], labels[own, best], gap[own, best]


def plus_plus(x: np.ndarray, k: int, restarts: int, rng: np.random.Generator) -> np.ndarray:
    """K starting centres f64[b,r,k,d] in X f64[b,n,d], each the best of a few drawn with probability ∝ squared distance
    to those before."""
    b, n, _ = x.shape
    tries = 2 + int(np.log(k))
    problem, run = np.ogrid[:b, :restarts]
    chosen = np.empty((b, restarts, k), np.int64)
    chosen[:, :, 0] = rng.integers(n, size=(b, restarts))
    nearest = _squares(x, x[problem, chosen[:, :, 0]])  # [b,r,n]
    for at in range(1, k):
        upto = nearest.cumsum(2)
        level = rng.random((b, restarts, tries)) * upto[:, :, -1:]
        drawn = (upto[:, :, None, :] < level[..., None]).sum(3).clip(max=n - 1)  # [b,r,tries]
        after = np.minimum(nearest[:, :, None], _squares(x, x[problem[..., None], drawn]))  # [b,r,tries,n]
        best = after.sum(3).argmin(2)
        chosen[:, :, at] = drawn[problem, run, best]
        nearest = after[problem, run, best]
    return x[problem[..., None], chosen]


def descend(
    x: np.ndarray, centres: np.ndarray, number: np.ndarray, iterations: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Alternate assignment and averaging until no label changes: centres f64[b,r,k,d], labels i64[b,r,n], mean squared
    distances f64[b,r]. Only the first NUMBER i64[b] of CENTRES f64[b,r,k,d] take part; X is f64[1 or b,n,d]."""
    k = centres.shape[2]
    absent = (np.arange(k) >= number[:, None])[:, None, :, None]  # [b,1,k,1]
    labels = np.full((*centres.shape[:2], x.shape[1]), -1)
    gaps = np.where(absent, np.inf, _squares(x, centres))  # [b,r,k,n]
    for _ in range(iterations):
        fresh = gaps.argmin(2)
        if (fresh == labels).all():
            break
        labels = fresh
        centres = _means(x, labels, gaps, absent)
        gaps = np.where(absent, np.inf, _squares(x, centres))
    return centres, gaps.argmin(2), gaps.min(2).mean(2)


def _means(x: np.ndarray, labels: np.ndarray, gaps: np.ndarray, absent: np.ndarray) -> np.ndarray:
    """The points' means by label f64[b,r,k,d]; an empty cluster takes the point that lies farthest from all centres."""
    b, r, k, n = gaps.shape
    member = (labels[:, :, None, :] == np.arange(k)[:, None]).astype(np.float64)
    count = member.sum(3)
    fresh = (member.reshape(b, r * k, n) @ x).reshape(b, r, k, -1) / np.maximum(count, 1)[..., None]
    for problem, run, empty in np.argwhere((count == 0) & ~absent[..., 0]):
        far = int(gaps[problem, run].min(0).argmax())
        fresh[problem, run, empty] = x[problem % len(x), far]
        gaps[problem, run, :, far] = 0
    return fresh


def _squares(x: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Squared distances f64[b,…,n] from CENTRES f64[b,…,d] to X f64[1 or b,n,d]."""
    b, *between, d = centres.shape
    flat = centres.reshape(b, -1, d)
    out = (-2 * flat) @ x.transpose(0, 2, 1)
    out += (flat * flat).sum(2)[:, :, None]
    out += (x * x).sum(2)[:, None, :]
    return np.maximum(out, 0, out=out).reshape(b, *between, x.shape[1])
