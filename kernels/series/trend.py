"""How fast a series rises or falls, and whether it does."""

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


def slope(values: Sequence[float] | np.ndarray, level: float) -> Slope | None:
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
