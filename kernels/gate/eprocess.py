"""Evidence that may be looked at after each pair: wealth of bets on the differences, and bounds by turning it round.

A bet of the stake λ on d ∈ [−1, 1] multiplies the wealth by 1 + λd. If the mean of d, given the past, is never above 0,
the wealth does not grow on average, so it ever reaches 1/α with probability at most α: however often one looks, and
whenever one stops.   [Ville 1939; Waudby-Smith & Ramdas, JRSS B 2024]
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chorus.kernels.gate.rules import ALPHA, FINE, STAKES
from chorus.kernels.gate.running import Evidence

STEPS = 30  # halvings: bounds to a billionth


def log_wealth(differences: np.ndarray, stakes: Sequence[float] = STAKES) -> np.ndarray:
    """ln E_t f64[n] after each of the DIFFERENCES f64[n], the mean over STAKES, each with a share of the first coin."""
    d = np.asarray(differences, np.float64)
    each = np.log1p(np.multiply.outer(np.asarray(stakes), d)).cumsum(axis=-1)  # [stakes, n]
    top = each.max(axis=0)
    return top + np.log(np.exp(each - top).mean(axis=0))


def best_log_wealth(differences: np.ndarray, stakes: Sequence[float] = STAKES) -> float:
    """The most that ln E_t has been: evidence that once sufficed is not taken back by stopping later."""
    made = log_wealth(differences, stakes)
    return float(max(0.0, made.max())) if len(made) else 0.0


def log_evidence(differences: np.ndarray, alpha: float = ALPHA) -> np.ndarray:
    """ln E_t f64[n] of a gain, as the gate bets for it: part on fixed stakes, part with a number of pairs in view."""
    evidence = Evidence(alpha)
    return np.array([evidence.take(float(each)) for each in differences], np.float64)


def best_log_evidence(differences: np.ndarray, alpha: float = ALPHA) -> float:
    """The most that it has been."""
    return float(max(0.0, log_evidence(differences, alpha).max(initial=0.0)))


def against(differences: np.ndarray, mean: float) -> np.ndarray:
    """Bets that the mean of the DIFFERENCES is above MEAN: a fair game loses all at worst, so they stay above −1."""
    return (np.asarray(differences, np.float64) - mean) / (1 + mean)


def log_evidence_above(differences: np.ndarray, mean: float) -> float:
    """ln E_t after the last of DIFFERENCES, against "the mean is MEAN or less": the last, so that bounds from both
    sides do not cross where the mean has changed.
    """
    return float(log_wealth(against(differences, mean), FINE)[-1])


def lower_bound(differences: np.ndarray, alpha: float) -> float:
    """What the mean exceeds, at all times at once, but for a chance of ALPHA; −1 while nothing can be told."""
    if not len(differences):
        return -1.0
    low, high, wanted = -1.0 + 1e-9, 1.0, -np.log(alpha)
    if log_evidence_above(differences, low) < wanted:
        return -1.0
    for _ in range(STEPS):  # the evidence falls as the mean rises
        middle = (low + high) / 2
        low, high = (middle, high) if log_evidence_above(differences, middle) >= wanted else (low, middle)
    return float(low)


def interval(differences: np.ndarray, alpha: float) -> tuple[float, float]:
    """Bounds that hold the mean at all times at once, but for a chance of ALPHA."""
    d = np.asarray(differences, np.float64)
    return lower_bound(d, alpha / 2), -lower_bound(-d, alpha / 2)
