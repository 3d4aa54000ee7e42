"""Intervals of what was counted and measured."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def share_bounds(hits: int, of: int, level: float = 0.95) -> tuple[float, float]:
    """Clopper and Pearson's interval of a share."""
    from scipy.stats import beta

    rest = (1 - level) / 2
    low = float(beta.ppf(rest, hits, of - hits + 1)) if hits else 0.0
    return low, float(beta.ppf(1 - rest, hits + 1, of - hits)) if hits < of else 1.0


def mean_bounds(values: Sequence[float], seed: int = 0, level: float = 0.95) -> tuple[float, float, float]:
    """(mean, low, high) by 2,000 bootstrap samples."""
    data = np.asarray(values, np.float64)
    picks = np.random.default_rng(seed).integers(0, len(data), (2000, len(data)))
    low, high = np.quantile(data[picks].mean(axis=1), [(1 - level) / 2, (1 + level) / 2])
    return float(data.mean()), float(low), float(high)
