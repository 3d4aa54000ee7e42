"""What a log of choices made at random tells of a choice that was made seldom: doubly robust differences."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from chorus.kernels.gate.rules import ESS, FLOOR

FOLDS = 5
PRIOR = 2.0  # rounds that the overall mean counts for in the mean of an arm


class OffPolicy(NamedTuple):
    """DIFFERENCES f64[n], new less old, a round each; none lies beyond ±BOUND. ESS: of the side with less."""

    differences: np.ndarray
    mean: float
    error: float
    ess: float
    bound: float
    enough: bool


def weights(chosen: np.ndarray, propensity: np.ndarray, arm: int, most: float) -> np.ndarray:
    """1/p where ARM was CHOSEN, 0 elsewhere, clipped at MOST."""
    return np.where(chosen == arm, np.minimum(1 / np.maximum(propensity, 1e-12), most), 0.0)


def effective(weight: np.ndarray) -> float:
    """The number of rounds of equal weight that would tell as much.   [Kish 1965]"""
    square = float((weight**2).sum())
    return float(weight.sum()) ** 2 / square if square else 0.0


def doubly_robust(
    ratings: np.ndarray,
    chosen: np.ndarray,
    propensity: np.ndarray,
    expected: np.ndarray,
    new: int,
    old: int,
    floor: float = FLOOR,
) -> OffPolicy:
    """The gain of arm NEW over OLD: RATINGS f64[n] ∈ [0, 1] of arms CHOSEN i64[n] with PROPENSITY f64[n].

    EXPECTED f64[n, arms]: what a model expects. Right on average if the model is, or if the propensities are: no
    propensity of the log is below FLOOR, so nothing is clipped that was logged truly.   [Dudík et al., ICML 2011]
    """
    most = 1 / floor
    rows = np.arange(len(ratings))
    residual = ratings - expected[rows, chosen]
    up, down = (weights(chosen, propensity, arm, most) for arm in (new, old))
    d = expected[:, new] - expected[:, old] + (up - down) * residual
    n = len(d)
    error = float(d.std(ddof=1) / np.sqrt(n)) if n > 1 else float("nan")
    ess = min(effective(up), effective(down))
    return OffPolicy(d, float(d.mean()) if n else 0.0, error, ess, 1 + most, ess >= ESS)


def expected_ratings(ratings: np.ndarray, chosen: np.ndarray, arms: int) -> np.ndarray:
    """f64[n, arms]: mean ratings by arm, each round's from the other folds only, drawn towards the overall mean."""
    n = len(ratings)
    fold = np.arange(n) % FOLDS
    made = np.zeros((n, arms))
    for held in range(FOLDS):
        rest = fold != held
        level = float(ratings[rest].mean()) if rest.any() else 0.5
        count = np.bincount(chosen[rest], minlength=arms)
        total = np.bincount(chosen[rest], ratings[rest], minlength=arms)
        made[fold == held] = (total + PRIOR * level) / (count + PRIOR)
    return made
