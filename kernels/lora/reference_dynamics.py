"""The dynamics of levels as whole matrices, by the book: what the factored and recursive forms are held to in tests."""

from __future__ import annotations

import numpy as np


def consolidate(fast: np.ndarray, slow: np.ndarray, share: float, rank: int) -> tuple[np.ndarray, np.ndarray]:
    """(fast, slow) as whole changes [o, d]: the best of RANK for SLOW by a full SVD."""
    u, s, v = np.linalg.svd(slow + share * fast, full_matrices=False)
    return (1 - share) * fast, (u[:, :rank] * s[:rank]) @ v[:rank]


def effective_rank(whole: np.ndarray) -> float:
    s = np.linalg.svd(whole, compute_uv=False)
    p = s[s > 1e-12 * s[0]] / s.sum()
    return float(np.exp(-(p * np.log(p)).sum()))


def ridge(z: np.ndarray, y: np.ndarray, classes: int, strength: float) -> np.ndarray:
    """W f64[M, k] of all lifted examples Z f64[n, M] at once: least squares with √λ·I below, and zeros."""
    wide = np.vstack([z, np.sqrt(strength) * np.eye(z.shape[1])])
    truth = np.vstack([np.eye(classes)[y], np.zeros((z.shape[1], classes))])
    return np.linalg.lstsq(wide, truth, rcond=None)[0]


def agreement(gradients: np.ndarray) -> tuple[float, float]:
    """(within, between) of GRADIENTS f64[agents, 2, p], pair by pair."""
    cosine = lambda a, b: float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))
    n = len(gradients)
    within = [cosine(gradients[i, 0], gradients[i, 1]) for i in range(n)]
    between = [cosine(gradients[i, 0], gradients[j, 1]) for i in range(n) for j in range(n) if i != j]
    return float(np.mean(within)), float(np.mean(between))
