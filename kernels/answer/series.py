"""What a series of weekly or daily numbers shows: a slope with its interval, and days out of line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

LEAST = 5  # fewer numbers show no trend


class Slope(NamedTuple):
    """Change a step, LOW … HIGH at a level, P of Kendall's test that there is none."""

    slope: float
    low: float
    high: float
    p: float


def slope(values: Sequence[float], level: float) -> Slope | None:
    """The median slope of VALUES at equal steps (Theil 1950, Sen 1968) and Kendall's test of a trend; None of
    fewer than LEAST. Steps are taken to be independent: where one leads to the next, the interval is too short.
    """
    from scipy.stats import kendalltau, theilslopes

    row = np.asarray(values, dtype=float)
    if len(row) < LEAST:
        return None
    steps = np.arange(len(row))
    made = theilslopes(row, steps, level)
    p = float(kendalltau(steps, row).pvalue) if np.ptp(row) else 1.0
    return Slope(float(made[0]), float(made[2]), float(made[3]), p)


def outlying(counts: Sequence[float], limit: float) -> list[tuple[int, float]]:
    """Places of COUNTS whose robust z is beyond LIMIT, with that z, in order.

    The z of √(n + 3/8), whose spread does not grow with its height (Anscombe 1948), by median and median deviation
    (Iglewicz & Hoaglin 1993, who take 3.5); at least the spread that chance alone would give.
    """
    row = 2 * np.sqrt(np.asarray(counts, dtype=float) + 0.375)
    if not len(row):
        return []
    spread = max(1.4826 * float(np.median(np.abs(row - np.median(row)))), 1.0)
    z = (row - np.median(row)) / spread
    return [(int(at), round(float(z[at]), 2)) for at in np.flatnonzero(np.abs(z) > limit)]
