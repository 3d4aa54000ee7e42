"""The test for a number of pairs that was fixed beforehand: a paired t-test, one-sided."""

from __future__ import annotations

import math

import numpy as np


def paired_p(differences: np.ndarray) -> float:
    """The chance of a mean of DIFFERENCES this large or larger if there were no gain."""
    from scipy.special import stdtr

    d = np.asarray(differences, np.float64)
    n = len(d)
    if n < 2:
        return 1.0
    spread = float(d.std(ddof=1))
    if spread == 0:
        return 1.0 if d[0] <= 0 else 2.0**-n  # all alike: as by the signs alone
    return float(stdtr(n - 1, -float(d.mean()) / (spread / math.sqrt(n))))
