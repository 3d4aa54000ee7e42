"""The slow versions of the persona kernels: loops over items, written to be read. They are the definition."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np


def knn_graph(points: np.ndarray, k: int, metric: str = "euclidean") -> tuple[np.ndarray, np.ndarray]:
    """The K nearest others of each row, nearest first, ties by index: indices i64[n,k], distances f64[n,k]."""
    n = len(points)
    index, distance = np.empty((n, k), np.int64), np.empty((n, k))
    for i in range(n):
        gaps = [(_gap(points[i], points[j], metric), j) for j in range(n) if j != i]
        for at, (gap, j) in enumerate(sorted(gaps)[:k]):
            index[i, at], distance[i, at] = j, gap
    return index, distance


def _gap(a: np.ndarray, b: np.ndarray, metric: str) -> float:
    if metric == "euclidean":
        return math.dist(a, b)
    lengths = math.hypot(*a) * math.hypot(*b)
    return 1 - float(np.dot(a, b)) / lengths if lengths else 1.0


def affinity(index: np.ndarray, distance: np.ndarray) -> np.ndarray:
    """The symmetric dense graph f64[n,n]: exp(-d²/σᵢσⱼ) where either end names the other."""
    n, k = index.shape
    graph = np.zeros((n, n))
    for i in range(n):
        for j, gap in zip(index[i], distance[i], strict=True):
            sigmas = max(distance[i, (k - 1) // 2], 1e-12) * max(distance[j, (k - 1) // 2], 1e-12)
            weight = max(math.exp(-(gap**2) / sigmas), 1e-6)
            graph[i, j] = max(graph[i, j], weight)
            graph[j, i] = max(graph[j, i], weight)
    return graph


def spectral_embed(graph: np.ndarray, q: int, regularise: float = 0.25) -> tuple[np.ndarray, np.ndarray]:
    """Leading eigenvectors f64[n,q] of D^-½ A D^-½ (D regularised) and eigenvalues f64[q], by the dense solver."""
    degree = graph.sum(1) + regularise * graph.sum() / len(graph)
    root = np.sqrt(degree)
    values, vectors = np.linalg.eigh(graph / root[:, None] / root[None, :])
    return vectors[:, ::-1][:, :q], values[::-1][:q]


def descend(points: np.ndarray, centres: np.ndarray, rounds: int) -> tuple[np.ndarray, np.ndarray]:
    """ROUNDS of Lloyd's iteration from CENTRES: centres and labels. No cluster may run empty."""
    centres = centres.astype(float).copy()
    nearest = lambda x: min(range(len(centres)), key=lambda c: (math.dist(x, centres[c]), c))
    labels = [nearest(x) for x in points]
    for _ in range(rounds):
        for c in range(len(centres)):
            centres[c] = np.mean([x for x, label in zip(points, labels, strict=True) if label == c], axis=0)
        labels = [nearest(x) for x in points]
    return centres, np.array(labels)


def group_means(values: np.ndarray, group: np.ndarray, groups: int) -> np.ndarray:
    """The mean f64[groups,d] of each group's rows; zero where a group has none."""
    made = np.zeros((groups, values.shape[1]))
    for g in range(groups):
        rows = [row for row, owner in zip(values, group, strict=True) if owner == g]
        if rows:
            made[g] = np.mean(rows, axis=0)
    return made


def within_covariance(values: np.ndarray, group: np.ndarray) -> np.ndarray:
    """The pooled covariance f64[d,d] of rows about their own group's mean."""
    total, freedom = np.zeros((values.shape[1],) * 2), 0
    for g in set(group.tolist()):
        rows = values[group == g]
        for row in rows:
            total += np.outer(row - rows.mean(0), row - rows.mean(0))
        freedom += len(rows) - 1
    return total / freedom


def cross_covariance(first: np.ndarray, second: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The weighted covariance f64[p,p] between two sets of the same authors' means, symmetrised."""
    weight = weight / weight.sum()
    a0 = sum(w * a for w, a in zip(weight, first, strict=True))
    b0 = sum(w * b for w, b in zip(weight, second, strict=True))
    total = np.zeros((first.shape[1],) * 2)
    for w, a, b in zip(weight, first, second, strict=True):
        total += w * np.outer(a - a0, b - b0)
    return (total + total.T) / 2


def posterior(
    means: np.ndarray, spread: np.ndarray, weights: np.ndarray, points: np.ndarray, noise: np.ndarray
) -> np.ndarray:
    """Bayes' rule for each point and cloud: membership f64[n,k]."""
    made = np.zeros((len(points), len(means)))
    for i, (x, s) in enumerate(zip(points, noise, strict=True)):
        for j, mean in enumerate(means):
            made[i, j] = weights[j]
            for value, centre, variance in zip(x, mean, spread + s, strict=True):
                made[i, j] *= math.exp(-((value - centre) ** 2) / (2 * variance)) / math.sqrt(
                    2 * math.pi * variance
                )
        made[i] /= made[i].sum()
    return made


def expect(
    points: np.ndarray, noise: np.ndarray, share: np.ndarray, spread: float
) -> tuple[np.ndarray, float, np.ndarray]:
    """One maximisation from memberships SHARE f64[n,k]: means f64[k,q], the common spread, weights f64[k]."""
    n, q = points.shape
    k = share.shape[1]
    means, residual = np.zeros((k, q)), 0.0
    for j in range(k):
        for d in range(q):
            pull = [share[i, j] / (spread + noise[i, d]) for i in range(n)]
            means[j, d] = sum(p * points[i, d] for i, p in enumerate(pull)) / sum(pull)
    for i in range(n):
        for d in range(q):
            gain = spread / (
                spread + noise[i, d]
            )  # the true position: mean + gain·(what was measured - mean)
            far = sum(share[i, j] * (points[i, d] - means[j, d]) ** 2 for j in range(k))
            residual += gain**2 * far + gain * noise[i, d]
    count = share.sum(0) + 1
    return means, residual / (n * q), count / count.sum()


def ctfidf(counts: np.ndarray, labels: np.ndarray, k: int) -> np.ndarray:
    """tf·log(1 + A/f), term by term (Grootendorst 2022, eq. 2)."""
    made = np.zeros((k, counts.shape[1]))
    words = [counts[labels == c].sum() for c in range(k)]
    for c in range(k):
        for term in range(counts.shape[1]):
            here, everywhere = counts[labels == c, term].sum(), counts[:, term].sum()
            if here:
                made[c, term] = here / words[c] * math.log(1 + (sum(words) / k) / everywhere)
    return made


def adjusted_rand(a: list[int], b: list[int]) -> float:
    """From counts of pairs that both, one or neither clustering puts together."""
    both = one = other = neither = 0
    for i, j in combinations(range(len(a)), 2):
        same_a, same_b = a[i] == a[j], b[i] == b[j]
        both += same_a and same_b
        one += same_a and not same_b
        other += same_b and not same_a
        neither += not same_a and not same_b
    below = (both + one) * (one + neither) + (both + other) * (other + neither)
    return 1.0 if below == 0 else 2 * (both * neither - one * other) / below


def normalised_information(a: list[int], b: list[int]) -> float:
    """Mutual information over the mean entropy, from counts."""
    n = len(a)
    share = lambda labels, value: labels.count(value) / n
    entropy = lambda labels: -sum(share(labels, v) * math.log(share(labels, v)) for v in set(labels))
    pairs = list(zip(a, b, strict=True))
    mutual = entropy(a) + entropy(b) - entropy(pairs)
    mean = (entropy(a) + entropy(b)) / 2
    return mutual / mean if mean else 1.0


def silhouette(points: np.ndarray, labels: list[int]) -> float:
    """The mean over points of (b - a)/max(a, b): a to the own cluster's others, b to the nearest other cluster."""
    widths = []
    for i, x in enumerate(points):
        mean = {}
        for label in set(labels):
            others = [math.dist(x, y) for j, y in enumerate(points) if labels[j] == label and j != i]
            mean[label] = sum(others) / len(others) if others else None
        own = mean.pop(labels[i])
        nearest = min(value for value in mean.values() if value is not None)
        widths.append(0.0 if own is None else (nearest - own) / max(own, nearest, 1e-12))
    return sum(widths) / len(widths)


def landmark_graph(weights: np.ndarray) -> np.ndarray:
    """W = ZD⁻¹Zᵀ in full: two points are tied by the landmarks that they share, a popular one tying less."""
    n, p = weights.shape
    total = weights.sum(0)
    made = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            made[i, j] = sum(weights[i, c] * weights[j, c] / total[c] for c in range(p) if total[c] > 0)
    return made
