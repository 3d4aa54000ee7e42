"""Spectral clustering of very many points: each is told by the few landmarks nearest to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from chorus.kernels.persona.kmeans import lloyd
from chorus.kernels.persona.spectral import sphere

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

NEAREST = 10
FEWEST, MOST = 200, 2000  # landmarks, between them fourteen times the root of n
TILE = 8192  # points at a time
SETTLING = 2  # rounds in which landmarks move to the middle of a sample
SAMPLE = 5  # points for each landmark in that sample
SEEDING = 2000  # points among which k-means starts
SWEEPS = 20  # over all points, at most


def landmark_cluster(
    points: np.ndarray,
    k: int,
    *,
    landmarks: int | None = None,
    nearest: int = NEAREST,
    seed: int = 0,
    device: str = "cpu",
) -> np.ndarray:
    """Labels i64[n] of K clusters of POINTS f[n,d]: every point has one. Deterministic given SEED on one device."""
    vectors, _ = landmark_embed(points, k, landmarks=landmarks, nearest=nearest, seed=seed, device=device)
    return kmeans_of_many(sphere(vectors).astype(np.float32), k, seed=seed)


def landmark_embed(
    points: np.ndarray,
    q: int,
    *,
    landmarks: int | None = None,
    nearest: int = NEAREST,
    seed: int = 0,
    device: str = "cpu",
) -> tuple[np.ndarray, np.ndarray]:
    """The Q leading eigenvectors f32[n,q] of the graph W = ZD⁻¹Zᵀ and their eigenvalues f64[q], Z being each point's
    weights on its landmarks and D their column sums.   [Chen & Cai, AAAI 2011]

    n·p·d operations instead of n²·d, and n·NEAREST numbers instead of n². W's rows sum to one: no further normalisation
    is needed.
    """
    p = landmarks or int(np.clip(14 * np.sqrt(len(points)), FEWEST, MOST))
    z: Any = landmark_weights(points, p, nearest, seed=seed, device=device)  # [n,p]
    total = np.asarray(z.sum(0)).ravel()
    z = z[:, total > 0].multiply(1 / np.sqrt(total[total > 0])).tocsr()
    from scipy.linalg import eigh

    gram = np.asarray((z.T @ z).todense(), dtype=np.float64)  # [p,p]
    q = min(q, len(gram))
    values, vectors = eigh(gram, subset_by_index=(len(gram) - q, len(gram) - 1))
    values, vectors = np.maximum(values[::-1], 1e-12), vectors[:, ::-1]
    return np.asarray(z @ (vectors / np.sqrt(values)).astype(np.float32)), values


def landmark_weights(
    points: np.ndarray, landmarks: int, nearest: int, *, seed: int = 0, device: str = "cpu"
) -> csr_matrix:
    """Z csr f32[n,p]: how much each point leans on its NEAREST landmarks, rows summing to one.

    Weights are exp(-d²/2σ²) with σ the point's own mean distance to them, so that dense and thin regions are alike.
    """
    import torch
    from scipy.sparse import csr_matrix

    n, p = len(points), min(landmarks, len(points))
    s = min(nearest, p)
    marks = torch.from_numpy(_landmarks(points, p, seed, device)).to(device)  # [p,d]
    index = np.empty((n, s), np.int32)
    weight = np.empty((n, s), np.float32)
    for start in range(0, n, TILE):
        rows = slice(start, start + TILE)
        gap, near = torch.topk(_squares(_on(points[rows], device), marks), s, dim=1, largest=False)  # [t,s]
        share = torch.exp(-gap / (2 * gap.sqrt().mean(1, keepdim=True).square()).clamp_min(1e-12))
        index[rows] = near.cpu().numpy()
        weight[rows] = (share / share.sum(1, keepdim=True)).cpu().numpy()
    return csr_matrix((weight.ravel(), index.ravel(), np.arange(0, n * s + 1, s)), shape=(n, p))


def _landmarks(points: np.ndarray, p: int, seed: int, device: str) -> np.ndarray:
    """P landmarks f32[p,d]: points drawn at random, moved to the middle of the sample's points nearest to them."""
    rng = np.random.default_rng(seed)
    drawn = np.sort(rng.choice(len(points), min(SAMPLE * p, len(points)), replace=False))
    sample = _on(points[drawn], device)
    marks = sample[_on_index(rng.choice(len(drawn), p, replace=False), device)]
    for _ in range(SETTLING):
        near = _nearest(sample, marks)
        count = near.bincount(minlength=p).clamp_min(1)[:, None]
        middle = marks.new_zeros(marks.shape).index_add_(0, near, sample) / count
        marks = middle.where(near.bincount(minlength=p)[:, None] > 0, marks)
    return marks.cpu().numpy()


def kmeans_of_many(points: np.ndarray, k: int, *, seed: int = 0) -> np.ndarray:
    """Labels i64[n] by k-means of POINTS f32[n,q]: started on a sample, then swept over all until few change."""
    n = len(points)
    drawn = np.random.default_rng(seed).choice(n, min(SEEDING, n), replace=False)
    centres = lloyd(points[drawn], k, seed=seed, restarts=4)[0].astype(np.float32)
    labels = np.full(n, -1)
    for _ in range(SWEEPS):
        fresh = (points @ (-2 * centres.T) + (centres**2).sum(1)).argmin(1)
        changed = int((fresh != labels).sum())
        labels = fresh
        if changed <= n // 1000:
            break
        for at in range(k):
            own = labels == at
            centres[at] = points[own].mean(0) if own.any() else centres[at]
    return labels


def _nearest(points: Any, marks: Any) -> Any:
    import torch

    return torch.cat(
        [_squares(points[at : at + TILE], marks).argmin(1) for at in range(0, len(points), TILE)]
    )


def _squares(points: Any, marks: Any) -> Any:
    """Squared distances f32[t,p] of POINTS f32[t,d] to MARKS f32[p,d]."""
    import torch

    own = (points * points).sum(1, keepdim=True)
    return torch.addmm(own + (marks * marks).sum(1), points, marks.T, alpha=-2).clamp_min_(0)


def _on(rows: np.ndarray, device: str) -> Any:
    import torch

    return torch.from_numpy(np.ascontiguousarray(rows, dtype=np.float32)).to(device)


def _on_index(rows: np.ndarray, device: str) -> Any:
    import torch

    return torch.from_numpy(rows).to(device)
