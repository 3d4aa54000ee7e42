"""What choosing otherwise would have given: cumulated regret of the choices made, with its interval."""

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


def curve(lost: np.ndarray, level: float = 0.95) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(mean, low, high), each f64[n]: the cumulated regret of LOST f64[draws, n] and its interval."""
    total = np.cumsum(lost, axis=1)
    low, high = np.quantile(total, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return total.mean(0), low, high


def lately(lost: np.ndarray, window: int, level: float = 0.95) -> tuple[float, float, float]:
    """(mean, low, high): regret a turn over the latest WINDOW turns."""
    each = lost[:, -window:].mean(1)
    low, high = np.quantile(each, [(1 - level) / 2, (1 + level) / 2])
    return float(each.mean()), float(low), float(high)
