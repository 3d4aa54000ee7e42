"""The slow definitions that the fast ones are held against: products written out, bounds by trying, means by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist


def wealth(differences: Sequence[float], stakes: Sequence[float]) -> list[float]:
    """E_t after each of the DIFFERENCES: the mean over STAKES of the products of 1 + λd."""
    coins = [1.0] * len(stakes)
    made = []
    for d in differences:
        coins = [coin * (1 + stake * d) for coin, stake in zip(coins, stakes, strict=True)]
        made.append(sum(coins) / len(coins))
    return made


def aimed(
    differences: Sequence[float],
    until: int,
    alpha: float,
    beyond: float,
    spread: float,
    prior: float,
    most: float,
) -> list[float]:
    """What the coin is worth after each of DIFFERENCES that is to be worth 1/ALPHA by the pair UNTIL: before each, the
    stake is the slope of ln Φ, told by two values of it that lie close together.
    """
    from scipy.special import log_ndtr

    step, coin, made = 1e-5, 1.0, []
    for t, d in enumerate(differences):
        before = differences[:t]
        variance = (prior * spread**2 + math.fsum(x * x for x in before)) / (prior + t)
        wanted = NormalDist().inv_cdf(1 - beyond * alpha) * math.sqrt(until * variance)

        def worth(total: float) -> float:
            return float(log_ndtr((total - wanted) / math.sqrt((until - t) * variance)))  # noqa: B023

        stake = 0.0
        if coin < 1 / alpha and t < until:
            total = math.fsum(before)
            stake = min(most, (worth(total + step) - worth(total - step)) / (2 * step))
        coin *= 1 + stake * d
        made.append(coin)
    return made


def lower_bound(
    differences: Sequence[float], alpha: float, stakes: Sequence[float], grid: int = 2000
) -> float:
    """The largest of GRID means that is rejected, with all below it."""
    found = -1.0
    for step in range(1, grid):
        mean = -1 + 2 * step / grid
        bets = [(d - mean) / (1 + mean) for d in differences]
        if wealth(bets, stakes)[-1] < 1 / alpha:
            break
        found = mean
    return found


def trimmed_mean(values: Sequence[float], authors: Sequence[str], trim: float, least: int) -> float:
    votes = []
    for name in set(authors):
        own = [value for value, author in zip(values, authors, strict=True) if author == name]
        votes.append(sum(own) / len(own))
    votes.sort()
    cut = int(trim * len(votes)) if len(votes) >= least else 0
    kept = votes[cut : len(votes) - cut]
    return sum(kept) / len(kept)


def doubly_robust(
    rounds: Sequence[tuple[float, int, float]],
    expected: Sequence[Sequence[float]],
    new: int,
    old: int,
    floor: float,
) -> list[float]:
    """Of ROUNDS (rating, chosen arm, its probability) and what a model EXPECTED of each arm."""
    made = []
    for (rating, chosen, probability), model in zip(rounds, expected, strict=True):
        weight = min(1 / probability, 1 / floor)
        sign = (chosen == new) - (chosen == old)
        made.append(model[new] - model[old] + sign * weight * (rating - model[chosen]))
    return made


def effective(weights: Sequence[float]) -> float:
    return math.fsum(weights) ** 2 / math.fsum(w * w for w in weights)
