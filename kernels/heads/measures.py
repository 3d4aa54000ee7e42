"""How right a head is: accuracy, F1, area under the curve, Brier score, each with an interval."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

Z = 1.959964
RESAMPLES = 200


class Figure(NamedTuple):
    """A measured VALUE with its 95 % interval."""

    value: float
    low: float
    high: float


def proportion(right: int, n: int) -> Figure:
    """Wilson's interval of RIGHT out of N."""
    if not n:
        return Figure(0.0, 0.0, 1.0)
    share, z2 = right / n, Z * Z / n
    middle = (share + z2 / 2) / (1 + z2)
    half = Z / (1 + z2) * float(np.sqrt(share * (1 - share) / n + z2 / (4 * n)))
    return Figure(share, max(0.0, middle - half), min(1.0, middle + half))


class Drawn:
    """Rows drawn with replacement, RESAMPLES times: of N, or, where GROUPS i64[n] are given, by whole groups."""

    def __init__(self, n: int, groups: np.ndarray | None = None, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        self.n, self.grouped = n, groups is not None
        if groups is None:
            self.rows = [rng.integers(0, n, n) for _ in range(RESAMPLES)]
            return
        member = [np.flatnonzero(groups == group) for group in np.unique(groups)]
        chosen = rng.integers(0, len(member), (RESAMPLES, len(member)))
        self.rows = [np.concatenate([member[at] for at in each]) for each in chosen]

    def figure(self, measure: Callable[[np.ndarray], float]) -> Figure:
        """MEASURE of all rows, and its percentiles over those drawn."""
        drawn = [measure(rows) for rows in self.rows]
        return Figure(measure(np.arange(self.n)), *(float(q) for q in np.quantile(drawn, (0.025, 0.975))))

    def share(self, right: np.ndarray) -> Figure:
        """How many are RIGHT bool[n]: by Wilson, or by groups."""
        if self.grouped:
            return self.figure(lambda rows: float(right[rows].mean()))
        return proportion(int(right.sum()), self.n)


def macro_f1(truth: np.ndarray, said: np.ndarray) -> float:
    """The mean over labels of 2·TP / (TP + FP + TP + FN), for bool[n, K]; a label nobody has or says counts 0."""
    both = (truth & said).sum(0)
    return float((2 * both / np.maximum(truth.sum(0) + said.sum(0), 1)).mean())


def area(truth: np.ndarray, score: np.ndarray) -> float:
    """The chance that one who has the label scores above one who has not, ties half.   [Mann & Whitney 1947]"""
    from scipy.stats import rankdata

    yes = int(truth.sum())
    if not 0 < yes < len(truth):
        return 0.5
    return float((rankdata(score)[truth].sum() - yes * (yes + 1) / 2) / (yes * (len(truth) - yes)))


def brier(truth: np.ndarray, probability: np.ndarray) -> float:
    """The mean squared error of PROBABILITY of the label, f64[n]."""
    return float(((probability - truth) ** 2).mean())
