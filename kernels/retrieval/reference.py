"""The definitions: slow, plain, and what the fast versions are tested against."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence


def rrf(
    rankings: Sequence[Sequence[Hashable]], k: float = 60.0, weights: Sequence[float] | None = None
) -> dict:
    """Reciprocal rank fusion: score(d) = Σ_r w_r / (k + rank_r(d)), ranks from 1 (Cormack, Clarke & Büttcher
    2009, eq. 1).

    An item that a ranking names twice counts at its first place there.
    """
    scores: dict[Hashable, float] = {}
    for at, ranking in enumerate(rankings):
        seen = []
        for item in ranking:
            if item not in seen:
                seen.append(item)
        for rank, item in enumerate(seen, start=1):
            scores[item] = scores.get(item, 0.0) + (1.0 if weights is None else weights[at]) / (k + rank)
    return scores


def mmr(
    vectors: Sequence[Sequence[float]], relevance: Sequence[float], k: int, balance: float = 0.7
) -> list[int]:
    """Maximal marginal relevance: repeatedly the i that maximises λ·rel(i) − (1−λ)·max_j∈S cos(i, j).

    Carbonell & Goldstein 1998, section 2; the first chosen is the most relevant, ties go to the lower
    position.
    """
    chosen: list[int] = []
    left = list(range(len(relevance)))
    while left and len(chosen) < k:

        def gain(i: int) -> float:
            nearest = max((_cosine(vectors[i], vectors[j]) for j in chosen), default=0.0)
            return balance * relevance[i] - (1 - balance) * nearest

        best = max(left, key=lambda i: (gain(i), -i))
        chosen.append(best)
        left.remove(best)
    return chosen


def top_k(scores: Sequence[float], k: int) -> list[int]:
    """Positions of the K greatest of SCORES, greatest first, ties by position; NaN never."""
    ranked = sorted((i for i, s in enumerate(scores) if not math.isnan(s)), key=lambda i: (-scores[i], i))
    return ranked[:k]


def _cosine(a: Sequence[float], b: Sequence[float]) -> float:
    lengths = math.sqrt(sum(x * x for x in a)) * math.sqrt(sum(y * y for y in b))
    return sum(x * y for x, y in zip(a, b, strict=True)) / lengths if lengths else 0.0
