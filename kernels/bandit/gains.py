"""By how much one way of learning foresees ratings better than another, with an interval that knows who rated."""

from __future__ import annotations

import numpy as np
from scipy.stats import t as student


def gain(differences: np.ndarray, groups: np.ndarray, level: float = 0.95) -> tuple[float, float, float]:
    """(mean, low, high) of DIFFERENCES f64[n]: ratings of one group go together, so the spread is that of the groups'
    sums [cluster-robust, Liang & Zeger 1986]; with fewer than five groups that of the ratings.
    """
    n = len(differences)
    if n < 2:
        return (float(differences.sum()), -np.inf, np.inf)
    mean = float(differences.mean())
    away = differences - mean
    names, place = np.unique(groups, return_inverse=True)
    sums = np.bincount(place, away) if len(names) >= 5 else away
    m = len(sums)
    error = np.sqrt(m / (m - 1) * (sums**2).sum()) / n
    reach = float(student.ppf((1 + level) / 2, m - 1) * error)
    return mean, mean - reach, mean + reach
