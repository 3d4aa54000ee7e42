"""What choosing otherwise would have given: cumulated regret of the choices made, with its interval.

Beliefs tell of it from two sides. Their means alone say too little: what was not seen well is drawn to the middle.
Worlds drawn from them say too much, as the best of several unsure choices is one that luck favours [winner's curse],
and as beliefs that rest on few people are wider than tastes are. On five of six simulated teams the draws alone lay
above the truth, so the mean is halfway; the interval reaches from what the means say to the far end of the draws.
"""

from __future__ import annotations

import numpy as np

from chorus.kernels.bandit.design import contrasts, layout

DRAWS = 400


def regrets(
    choices: np.ndarray,
    groups: np.ndarray,
    means: np.ndarray,
    covariances: np.ndarray,
    sizes: tuple[int, ...],
    seed: int = 0,
    draws: int = DRAWS,
) -> np.ndarray:
    """f64[draws, n]: the regret of each row of CHOICES i64[n, s] in worlds drawn from the posteriors N(MEANS f64[g,
    p], COVARIANCES f64[g, p, p]) of the GROUPS i64[n]: by how much the best choice of each setting is better. A
    choice that is not known (−1) is not counted.
    """
    random = np.random.default_rng(seed)
    spans, blocks = layout(sizes)
    made = np.zeros((draws, len(choices)))
    for g in np.unique(groups):
        rows = np.flatnonzero(groups == g)
        values, vectors = np.linalg.eigh(covariances[g])
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        worlds = means[g] + random.standard_normal((draws, len(blocks))) @ root.T  # [draws, p]
        for at, (span, k) in enumerate(zip(spans, sizes, strict=True)):
            effect = worlds[:, span] @ contrasts(k).T  # [draws, k]
            lost = np.hstack(
                [effect.max(1, keepdims=True) - effect, np.zeros((draws, 1))]
            )  # the last: not known
            made[:, rows] += lost[:, choices[rows, at]]
    return made


def surely(choices: np.ndarray, groups: np.ndarray, means: np.ndarray, sizes: tuple[int, ...]) -> np.ndarray:
    """f64[n]: the same if MEANS f64[g, p] were the truth."""
    known = np.zeros((len(means), means.shape[1], means.shape[1]))
    return regrets(choices, groups, means, known, sizes, draws=1)[0]


def curve(
    lost: np.ndarray, sure: np.ndarray, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(mean, low, high), each f64[n]: the cumulated regret of LOST f64[draws, n], where SURE f64[n] is lost if beliefs
    are right, and its interval.
    """
    total, least = np.cumsum(lost, axis=1), np.cumsum(sure)
    low, high = np.quantile(total, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return (total.mean(0) + least) / 2, np.minimum(low, least), high


def lately(
    lost: np.ndarray, sure: np.ndarray, window: int, level: float = 0.95
) -> tuple[float, float, float]:
    """(mean, low, high): regret a turn over the latest WINDOW turns."""
    held = min(window, len(sure))
    mean, low, high = (each[-1] / held for each in curve(lost[:, -window:], sure[-window:], level))
    return float(mean), float(low), float(high)
