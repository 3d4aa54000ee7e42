"""Two measures that several mechanisms are judged by: the area under a ROC curve, and false discoveries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def auc(scores: Sequence[float] | Array, truth: Sequence[bool] | Array) -> float:
    """The chance that a score of a true case exceeds that of a false one, ties half (Mann & Whitney); nan without
    both.
    """
    from scipy.stats import rankdata

    marks = np.asarray(truth, bool)
    yes, no = int(marks.sum()), int((~marks).sum())
    if not yes or not no:
        return float("nan")
    return float((rankdata(scores)[marks].sum() - yes * (yes + 1) / 2) / (yes * no))


def benjamini_hochberg(p_values: Sequence[float] | Array, q: float) -> Array:
    """bool[n]: which of the P-VALUES are discoveries, of which at most the share Q is false on average.
    [Benjamini & Hochberg, JRSS B 1995]
    """
    p = np.asarray(p_values, np.float64)
    order = np.argsort(p, kind="stable")
    passing = np.flatnonzero(p[order] <= q * np.arange(1, len(p) + 1) / max(len(p), 1))
    found = np.zeros(len(p), bool)
    if len(passing):
        found[order[: passing[-1] + 1]] = True
    return found
