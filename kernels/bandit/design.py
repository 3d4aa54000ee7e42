"""Settings with their choices as columns of a linear model, and back: effects of the choices of each setting.

A setting of k choices has k − 1 columns: orthonormal contrasts, so that effects sum to 0, equal spreads of the
choices are equal spreads of the columns, and a choice that is not known stands for the average. Column 0 is the
level.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np


@lru_cache(maxsize=64)
def contrasts(k: int) -> np.ndarray:
    """f64[k, k − 1]: orthonormal columns that sum to 0 (Helmert's)."""
    made = np.zeros((k, k - 1))
    for j in range(k - 1):
        made[: j + 1, j] = 1.0
        made[j + 1, j] = -(j + 1.0)
        made[:, j] /= np.linalg.norm(made[:, j])
    return made


@lru_cache(maxsize=64)
def layout(sizes: tuple[int, ...]) -> tuple[tuple[slice, ...], np.ndarray]:
    """(the columns of each setting, i64[p]: the block of each column; 0 is the level, setting i has i + 1)."""
    spans, blocks, at = [], [0], 1
    for number, k in enumerate(sizes):
        spans.append(slice(at, at + k - 1))
        blocks += [number + 1] * (k - 1)
        at += k - 1
    return tuple(spans), np.array(blocks)


def design(choices: np.ndarray, sizes: tuple[int, ...]) -> np.ndarray:
    """f64[n, p] of CHOICES i64[n, settings]: the number of each choice, −1 where it is not known."""
    spans, blocks = layout(sizes)
    x = np.zeros((len(choices), len(blocks)))
    x[:, 0] = 1.0
    for at, (span, k) in enumerate(zip(spans, sizes, strict=True)):
        table = np.vstack([contrasts(k), np.zeros(k - 1)])  # row −1: nothing known
        x[:, span] = table[choices[:, at]]
    return x


def effects(
    mean: np.ndarray, covariance: np.ndarray, sizes: tuple[int, ...]
) -> list[tuple[np.ndarray, np.ndarray]]:
    """For each setting (means f64[k], spreads f64[k]) of its choices' effects, as if these were independent.

    Effects are not: they sum to 0. The spreads are those of independent arms whose contrasts vary as much: with C the
    effects' covariance, d_i (1 − 2/k) + Σd/k² = C_ii. For k = 2 only the difference counts, half of it to each.
    """
    spans, _ = layout(sizes)
    found = []
    for span, k in zip(spans, sizes, strict=True):
        h = contrasts(k)
        c = np.einsum("ij,jl,il->i", h, covariance[span, span], h)  # [k]: the diagonal of h C hᵀ
        found.append((h @ mean[span], np.sqrt(np.maximum(_independent(c), 0.0))))
    return found


def _independent(c: np.ndarray) -> np.ndarray:
    k = len(c)
    total = c.sum() / (1 - 1 / k) if k > 1 else 0.0
    return np.full(k, total / 2) if k <= 2 else (c - total / k**2) / (1 - 2 / k)
