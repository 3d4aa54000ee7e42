"""How well two clusterings agree, and how well one separates: the figures that evidence is made of."""

from __future__ import annotations

import numpy as np


def contingency(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Counts f64[ka,kb] of items by their label in A i64[n] and in B i64[n]."""
    ka, kb = int(a.max(initial=0)) + 1, int(b.max(initial=0)) + 1
    return np.bincount(a * kb + b, minlength=ka * kb).reshape(ka, kb).astype(np.float64)


def adjusted_rand(a: np.ndarray, b: np.ndarray) -> float:
    """Agreement of two clusterings, 1 for the same, 0 expected by chance (Hubert & Arabie 1985)."""
    table = contingency(np.asarray(a), np.asarray(b))
    pairs = lambda x: (x * (x - 1) / 2).sum()
    together, rows, columns = pairs(table), pairs(table.sum(1)), pairs(table.sum(0))
    everything = pairs(np.array([table.sum()]))
    expected = rows * columns / everything if everything else 0.0
    most = (rows + columns) / 2
    return 1.0 if most == expected else float((together - expected) / (most - expected))


def normalised_information(a: np.ndarray, b: np.ndarray) -> float:
    """Mutual information over the mean of the two entropies, in [0,1]; two trivial clusterings agree (1)."""
    table = contingency(np.asarray(a), np.asarray(b))
    p = table / table.sum()
    pa, pb = p.sum(1), p.sum(0)
    entropy = lambda q: -float((q[q > 0] * np.log(q[q > 0])).sum())
    mean = (entropy(pa) + entropy(pb)) / 2
    if mean == 0:
        return 1.0
    seen = p > 0
    return float((p[seen] * np.log(p[seen] / np.outer(pa, pb)[seen])).sum()) / mean


def silhouette(points: np.ndarray, labels: np.ndarray, most: int = 1500) -> float:
    """Mean silhouette (Rousseeuw 1987) of POINTS f[n,q]: of every n/MOST-th point when there are more
    than MOST.

    0 where fewer than two clusters have members; a point alone in its cluster counts 0.
    """
    points = np.asarray(points, dtype=np.float64)
    used, labels = np.unique(labels, return_inverse=True)
    if len(used) < 2:
        return 0.0
    step = -(-len(points) // most)
    some = points[::step]
    square = (some**2).sum(1)[:, None] + (points**2).sum(1)[None, :] - 2 * some @ points.T
    distance = np.sqrt(np.maximum(square, 0))  # [s,n]
    member = np.zeros((len(points), len(used)))
    member[np.arange(len(points)), labels] = 1
    total, count, own = distance @ member, member.sum(0), labels[::step]
    at = np.arange(len(some))
    inside = total[at, own] / np.maximum(count[own] - 1, 1)
    mean = total / count
    mean[at, own] = np.inf
    outside = mean.min(1)
    width = (outside - inside) / np.maximum(np.maximum(outside, inside), 1e-12)
    return float(np.where(count[own] > 1, width, 0).mean())
