"""The slow versions of what heads compute: loops over items, written to be read. They are the definition."""

from __future__ import annotations

import math

import numpy as np


def weigh(counts: list[dict[str, int]]) -> list[dict[str, float]]:
    """(1 + ln tf)·(ln((n+1)/(df+1)) + 1) of terms that two or more texts share, each text of length 1."""
    n = len(counts)
    having = {term: sum(term in bag for bag in counts) for bag in counts for term in bag}
    made = []
    for bag in counts:
        row = {
            term: (1 + math.log(tf)) * (math.log((n + 1) / (having[term] + 1)) + 1)
            for term, tf in bag.items()
            if having[term] >= 2
        }
        length = math.sqrt(sum(value**2 for value in row.values()))
        made.append({term: value / length for term, value in row.items()})
    return made


def ratios(bags: list[dict[str, int]], wanted: list[bool]) -> dict[str, float]:
    """|ln| of how much commoner a term is among the texts WANTED than among others, in shares of all terms there."""
    terms = sorted({term for bag in bags for term in bag})
    having = [
        {t: 1 + sum(t in bag for bag, w in zip(bags, wanted, strict=True) if w is side) for t in terms}
        for side in (True, False)
    ]
    yes, no = ({t: n / sum(counts.values()) for t, n in counts.items()} for counts in having)
    return {t: abs(math.log(yes[t] / no[t])) for t in terms}


def pool(sentences: list[list[np.ndarray]]) -> np.ndarray:
    """Of each text's sentence vectors the mean at length 1, the largest and the smallest of each coordinate."""
    made = []
    for vectors in sentences:
        mean = np.array([sum(v[d] for v in vectors) / len(vectors) for d in range(len(vectors[0]))])
        largest = [max(v[d] for v in vectors) for d in range(len(mean))]
        smallest = [min(v[d] for v in vectors) for d in range(len(mean))]
        made.append([*(mean / math.hypot(*mean)), *largest, *smallest])
    return np.array(made)


def ridge(x: np.ndarray, y: np.ndarray, penalty: float) -> tuple[np.ndarray, np.ndarray]:
    """Weights f64[d, K] and bias f64[K] of least squares by gradient descent: penalty on the weights, not the bias."""
    weights, bias = np.zeros((x.shape[1], y.shape[1])), np.zeros(y.shape[1])
    step = 1 / (np.linalg.norm(x, 2) ** 2 + penalty + len(x))
    for _ in range(20_000):
        error = x @ weights + bias - y
        weights -= step * (x.T @ error + penalty * weights)
        bias -= step * error.sum(0)
    return weights, bias


def macro_f1(truth: list[list[bool]], said: list[list[bool]]) -> float:
    """From each label's counts of right and wrong yeses and nos."""
    scores = []
    for k in range(len(truth[0])):
        pairs = [(t[k], s[k]) for t, s in zip(truth, said, strict=True)]
        hit, false, missed = pairs.count((True, True)), pairs.count((False, True)), pairs.count((True, False))
        scores.append(2 * hit / (2 * hit + false + missed) if hit + false + missed else 0.0)
    return sum(scores) / len(scores)


def area(truth: list[bool], score: list[float]) -> float:
    """The share of (yes, no) pairs in which the yes scores higher; equal scores are half a pair."""
    pairs = [
        (a, b)
        for a, t in zip(score, truth, strict=True)
        if t
        for b, u in zip(score, truth, strict=True)
        if not u
    ]
    return sum(1.0 if a > b else 0.5 if a == b else 0.0 for a, b in pairs) / len(pairs)


def surest(confidence: list[float], right: list[bool], wanted: float, fewest: int) -> float | None:
    """Try each confidence as the threshold, the lowest first."""
    for least in sorted(set(confidence)):
        above = [r for c, r in zip(confidence, right, strict=True) if c >= least]
        if len(above) >= fewest and sum(above) / len(above) >= wanted:
            return least
    return None


def mlp_margins(x: np.ndarray, w1: np.ndarray, b1: np.ndarray, w2: np.ndarray, b2: np.ndarray) -> np.ndarray:
    """One hidden layer with GELU, unit by unit."""
    made = np.zeros((len(x), len(b2)))
    for row, point in enumerate(x):
        sums = [float(np.dot(w, point)) + b for w, b in zip(w1, b1, strict=True)]
        hidden = [a * 0.5 * (1 + math.erf(a / math.sqrt(2))) for a in sums]
        made[row] = [
            sum(w * h for w, h in zip(ws, hidden, strict=True)) + b for ws, b in zip(w2, b2, strict=True)
        ]
    return made
