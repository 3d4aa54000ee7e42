"""How a persona feels: a signed mean over its authors, with n and an interval."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np


class Feeling(NamedTuple):
    """MEAN in [−1, 1] over authors; N messages by AUTHORS authors; LOW … HIGH Student's interval of the mean
    at LEVEL.
    """

    mean: float
    n: int
    authors: int
    low: float
    high: float
    level: float
    positive: int  # messages above +.1
    negative: int  # messages below −.1


def feeling(
    values: Sequence[float],
    authors: Sequence[Hashable],
    level: float = 0.95,
    weights: Sequence[float] | None = None,
) -> Feeling:
    """The mean of the authors' mean VALUES in [−1, 1], so that no one is heard more often than once.

    WEIGHTS (default 1) say how far each message is about the matter. With one author the interval is the
    whole of [−1, 1].
    """
    value = np.asarray(values, dtype=float)
    weight = np.ones(len(value)) if weights is None else np.asarray(weights, dtype=float)
    if not len(value) or not weight.sum():
        return Feeling(0.0, 0, 0, -1.0, 1.0, level, 0, 0)
    numbers: dict[Hashable, int] = {}
    own = np.array([numbers.setdefault(author, len(numbers)) for author in authors])
    total = np.bincount(own, weight)  # f64[authors]
    means = np.divide(np.bincount(own, weight * value), total, out=np.zeros(len(total)), where=total > 0)
    heard = np.zeros(len(total))
    np.maximum.at(heard, own, weight)
    mean = float(np.average(means, weights=heard))
    low, high = _interval(means, heard, mean, level)
    return Feeling(
        mean, len(value), len(numbers), low, high, level, int((value > 0.1).sum()), int((value < -0.1).sum())
    )


def _interval(means: np.ndarray, heard: np.ndarray, mean: float, level: float) -> tuple[float, float]:
    """Student's interval of a weighted mean, on Kish's effective number of authors, cut to [−1, 1]."""
    from scipy.special import stdtrit  # Student's quantile: scipy.stats takes a second to import

    effective = heard.sum() ** 2 / (heard**2).sum()
    if effective < 1.5:
        return -1.0, 1.0
    variance = float(np.average((means - mean) ** 2, weights=heard)) * effective / (effective - 1)
    half = float(stdtrit(effective - 1, 0.5 + level / 2)) * math.sqrt(variance / effective)
    return max(-1.0, mean - half), min(1.0, mean + half)


class Difference(NamedTuple):
    """MEAN of one side less that of the other; LOW … HIGH at a level; P two-sided."""

    mean: float
    low: float
    high: float
    p: float


def difference(
    ours: Sequence[float],
    our_authors: Sequence[Hashable],
    theirs: Sequence[float],
    their_authors: Sequence[Hashable],
    level: float,
) -> Difference | None:
    """Welch's t on the means of authors; None where a side has fewer than two authors."""
    from scipy.special import stdtr, stdtrit

    a, b = _author_means(ours, our_authors), _author_means(theirs, their_authors)
    if len(a) < 2 or len(b) < 2:
        return None
    u, v = a.var(ddof=1) / len(a), b.var(ddof=1) / len(b)
    error = math.sqrt(u + v) or 1e-12
    freedom = (u + v) ** 2 / (u**2 / (len(a) - 1) + v**2 / (len(b) - 1)) if u + v > 0 else len(a) + len(b) - 2
    mean = float(a.mean() - b.mean())
    half = float(stdtrit(freedom, 0.5 + level / 2)) * error
    return Difference(mean, mean - half, mean + half, float(2 * stdtr(freedom, -abs(mean) / error)))


def _author_means(values: Sequence[float], authors: Sequence[Hashable]) -> np.ndarray:
    groups: dict[Hashable, list[float]] = {}
    for value, author in zip(values, authors, strict=True):
        groups.setdefault(author, []).append(float(value))
    return np.array([sum(group) / len(group) for group in groups.values()])
