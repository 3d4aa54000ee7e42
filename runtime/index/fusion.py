"""Reciprocal rank fusion: several rankings of the same things made one."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

RANK_CONSTANT = 60.0  # Cormack et al. tried 0–500 on TREC: flat around 60


def rrf(
    rankings: Sequence[Sequence[Hashable]], k: float = RANK_CONSTANT, weights: Sequence[float] | None = None
) -> list[tuple[Hashable, float]]:
    """(item, score) of every item named by RANKINGS, best first; definition in kernels' `reference.rrf`.

    Equal scores keep the order in which the items were first met, so the result does not depend on hashing.
    """
    scores: dict[Hashable, float] = {}
    for ranking, weight in zip(rankings, weights or [1.0] * len(rankings), strict=True):
        for rank, item in enumerate(dict.fromkeys(ranking), start=1):
            scores[item] = scores.get(item, 0.0) + weight / (k + rank)
    return sorted(scores.items(), key=lambda pair: -pair[1])
