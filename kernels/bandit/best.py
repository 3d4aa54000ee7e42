"""The chance that each of several arms is the best, and choosing with chances that are known exactly."""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.special import ndtr, ndtri

NODES = 256  # the integrand is monotone in the quantile, so the midpoint rule errs by at most 1/(2·NODES)
LEAST_SPREAD = 1e-9


@cache
def _quantiles() -> np.ndarray:
    return ndtri((np.arange(NODES) + 0.5) / NODES)  # [NODES]


def best_chances(means: np.ndarray, spreads: np.ndarray, floor: float = 0.02) -> np.ndarray:
    """f64[k]: P(arm i is the greatest) of independent N(MEANS f64[k], SPREADS²), none below FLOOR, summing to 1.

    P_i = E_u Π_{j≠i} Φ((m_i + s_i Φ⁻¹(u) − m_j)/s_j), u uniform. What is drawn from these numbers was drawn with
    these numbers: the logged propensities are exact whatever the quadrature's error.
    """
    k = len(means)
    s = np.maximum(spreads, LEAST_SPREAD)
    x = means[:, None] + s[:, None] * _quantiles()  # [k, NODES]
    below = ndtr((x[:, None, :] - means[None, :, None]) / s[None, :, None])  # [k, k, NODES]
    below[np.arange(k), np.arange(k)] = 1.0
    p = below.prod(1).mean(1)
    return floored(p / p.sum(), floor)


def floored(p: np.ndarray, floor: float) -> np.ndarray:
    """P mixed with the uniform distribution, so that nothing has less than FLOOR (1/k where that is less)."""
    least = min(floor, 1.0 / len(p))
    return least + (1.0 - len(p) * least) * p
