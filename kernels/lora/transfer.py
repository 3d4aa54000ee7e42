"""What learning one thing does to another: forgetting, transfer between tasks, and between adapters and domains.

R[t, j] is the accuracy on task j after task t was learned, b[j] before any. [Lopez-Paz & Ranzato, GEM, NeurIPS 2017;
Chaudhry et al. 2018]

    accuracy = mean_j R[T, j]              forgetting = mean_{j<T} (max_{t<T} R[t, j] − R[T, j])
    backward = mean_{j<T} (R[T, j] − R[j, j])      forward = mean_{j>0} (R[j−1, j] − b[j])
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

DRAWS = 1000


@dataclass(frozen=True)
class Measures:
    accuracy: float
    forgetting: float
    backward: float
    forward: float  # NaN where R says nothing of tasks before they were learned


def measures(r: np.ndarray, before: np.ndarray | None = None) -> Measures:
    """Of R f64[T, T]; BEFORE f64[T]. What R does not say (above the diagonal) is NaN."""
    last, n = r[-1], len(r)
    if n == 1:
        return Measures(float(last.mean()), 0.0, 0.0, float("nan"))
    best = np.array([np.nanmax(r[j:-1, j]) for j in range(n - 1)])
    own = np.diagonal(r)[:-1]
    ahead = np.diagonal(r, 1) - (np.full(n, np.nan) if before is None else before)[1:]
    return Measures(
        float(last.mean()),
        float((best - last[:-1]).mean()),
        float((last[:-1] - own).mean()),
        float(ahead.mean()),
    )


def gains(plain: list[np.ndarray], under: list[list[np.ndarray]]) -> np.ndarray:
    """f64[A, D]: by how much adapter a lowers the loss on domain d, of what an adapter of d's own lowers it.

    PLAIN[d] and UNDER[a][d] are losses of the same examples without and with the adapter. 1 is as good as one's own,
    0 no help, below 0 harm. Adapters and domains are in the same order.
    """
    saved = np.array([[float(np.mean(p - u)) for p, u in zip(plain, row, strict=True)] for row in under])
    own = np.diagonal(saved)
    return saved / np.where(np.abs(own) > 1e-12, own, np.nan)


def interval(difference: np.ndarray, seed: int = 0, level: float = 0.95) -> tuple[float, float, float]:
    """(mean, low, high) of paired DIFFERENCE f64[n] of examples or seeds, by the bootstrap [Efron 1979]."""
    random = np.random.default_rng(seed)
    means = difference[random.integers(len(difference), size=(DRAWS, len(difference)))].mean(1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(difference.mean()), float(low), float(high)
