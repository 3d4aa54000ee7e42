"""Lloyd's k-means with k-means++ starts: the last step of spectral clustering, deterministic given a seed."""

from __future__ import annotations

import numpy as np


def lloyd(
    points: np.ndarray, k: int, *, seed: int = 0, restarts: int = 8, iterations: int = 40
) -> tuple[np.ndarray, np.ndarray, float]:
    """The best of RESTARTS runs: centres f64[k,d], labels i64[n], and the mean squared distance to the
    own centre.

    POINTS f[n,d]. Starts by k-means++ (Arthur & Vassilvitskii, SODA 2007) with greedy candidates; a cluster
    that empties takes the farthest point. ValueError when k > n.
    """
    x = np.asarray(points, dtype=np.float64)
    if not 1 <= k <= len(x):
        raise ValueError(f"k must lie between 1 and {len(x)}, not {k}")
    rng = np.random.default_rng(seed)
    runs = (descend(x, plus_plus(x, k, rng), iterations) for _ in range(restarts))
    return min(runs, key=lambda run: run[2])


def plus_plus(x: np.ndarray, k: int, rng: np.random.Generator) -> np.ndarray:
    """K starting centres f64[k,d], each the best of a few drawn with probability ∝ squared distance to
    the others."""
    tries = 2 + int(np.log(k))
    chosen = [int(rng.integers(len(x)))]
    square = (x * x).sum(1)
    nearest = _squares(x, x[chosen], square)[:, 0]  # [n]
    while len(chosen) < k:
        total = nearest.sum()
        if total <= 0:
            chosen.append(int(rng.integers(len(x))))
            continue
        drawn = np.searchsorted(np.cumsum(nearest), rng.random(tries) * total).clip(0, len(x) - 1)
        after = np.minimum(nearest[:, None], _squares(x, x[drawn], square))  # [n,tries]
        best = int(after.sum(0).argmin())
        chosen.append(int(drawn[best]))
        nearest = after[:, best]
    return x[chosen].copy()


def descend(x: np.ndarray, centres: np.ndarray, iterations: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Alternate assignment and averaging until no label changes."""
    labels = np.full(len(x), -1)
    square = (x * x).sum(1)
    gaps = _squares(x, centres, square)
    for _ in range(iterations):
        fresh = gaps.argmin(1)
        if (fresh == labels).all():
            break
        labels = fresh
        centres = _means(x, labels, centres, gaps)
        gaps = _squares(x, centres, square)
    return centres, gaps.argmin(1), float(gaps.min(1).mean())


def _means(x: np.ndarray, labels: np.ndarray, centres: np.ndarray, gaps: np.ndarray) -> np.ndarray:
    k = len(centres)
    member = np.zeros((len(x), k))
    member[np.arange(len(x)), labels] = 1
    count = member.sum(0)
    fresh = (member.T @ x) / np.maximum(count, 1)[:, None]
    for empty in np.flatnonzero(count == 0):
        far = int(gaps.min(1).argmax())
        fresh[empty] = x[far]
        gaps[far] = 0
    return fresh


def _squares(x: np.ndarray, centres: np.ndarray, square: np.ndarray) -> np.ndarray:
    """Squared distances f64[n,k], SQUARE f64[n] being the points' own squared lengths."""
    out = x @ (-2 * centres.T)
    out += square[:, None]
    out += (centres * centres).sum(1)
    return np.maximum(out, 0, out=out)
