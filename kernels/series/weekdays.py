"""A daily series made comparable from day to day: counts with a steady spread, without the habit of the week."""

from __future__ import annotations

import numpy as np

WEEK = 7
WEEKS = 4  # fewer do not show a habit


def steady(counts: np.ndarray) -> np.ndarray:
    """f64[T]: 2√(n + ⅜) of COUNTS f64[T], whose spread is about 1 at any height (Anscombe 1948)."""
    return 2 * np.sqrt(np.asarray(counts, dtype=float) + 0.375)


def without_week(series: np.ndarray) -> np.ndarray:
    """SERIES f64[T] less what its days of the week have in common: the median of each, about that of all.

    As it is when shorter than WEEKS weeks. A level that lasts stays in: each weekday loses one number only.
    """
    series = np.asarray(series, dtype=float)
    if len(series) < WEEK * WEEKS:
        return series
    day = np.arange(len(series)) % WEEK
    habit = np.array([np.nanmedian(series[day == each]) for each in range(WEEK)])
    return series - (habit - np.median(habit))[day]
