"""Exact nearest neighbours, tile by tile, and the affinity graph made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

METRICS = ("cosine", "euclidean")


def knn_graph(
    points: np.ndarray, k: int, metric: str = "euclidean", tile: int = 2048, device: str = "cpu"
) -> tuple[np.ndarray, np.ndarray]:
    """The K nearest others of each row, nearest first: indices i64[n,k] and distances f32[n,k].

    POINTS f32[n,d]. Cosine distance is 1 - cos; a zero row is at distance 1 from all. Memory is tile·n
    floats, on DEVICE; the result is exact. Ties go to the smaller index on the CPU. ValueError when n ≤ k or METRIC is
    unknown.
    """
    if metric not in METRICS:
        raise ValueError(f"unknown metric {metric!r}; known: {', '.join(METRICS)}")
    x = np.ascontiguousarray(points, dtype=np.float32)
    n = len(x)
    if not 0 < k < n:
        raise ValueError(f"k must lie between 1 and {n - 1} for {n} points, not {k}")
    if metric == "cosine":
        x = x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12)
    else:
        x = x - x.mean(0)  # f32 loses less when the cloud is centred
    square = np.einsum("ij,ij->i", x, x)  # [n]
    index = np.empty((n, k), np.int64)
    distance = np.empty((n, k), np.float32)
    there = x if device == "cpu" else _on(x, device)
    for start in range(0, n, tile):
        rows = slice(start, min(start + tile, n))
        if device != "cpu":
            index[rows], distance[rows] = _smallest_there(there, rows, k, metric)
            continue
        gap = _gaps(x, square, rows, metric)  # [t,n]
        gap[np.arange(gap.shape[0]), np.arange(rows.start, rows.stop)] = np.inf
        index[rows], distance[rows] = _smallest(gap, k)
    return index, distance if metric == "cosine" else np.sqrt(distance)


def _gaps(x: np.ndarray, square: np.ndarray, rows: slice, metric: str) -> np.ndarray:
    inner = x[rows] @ x.T  # [t,n]
    if metric == "cosine":
        return 1 - inner
    return np.maximum(square[rows, None] + square[None, :] - 2 * inner, 0)


def _on(x: np.ndarray, device: str) -> Any:
    import torch

    return torch.from_numpy(x).to(device)


def _smallest_there(x: Any, rows: slice, k: int, metric: str) -> tuple[np.ndarray, np.ndarray]:
    """As `_gaps` and `_smallest`, of X f32[n,d] where it lies."""
    import torch

    gap = -x[rows] @ x.T  # [t,n]
    if metric == "cosine":
        gap += 1
    else:
        square = (x * x).sum(1)
        gap = (2 * gap + square[rows, None] + square).clamp_min_(0)
    own = torch.arange(rows.start, rows.stop, device=x.device)
    gap[own - rows.start, own] = torch.inf
    distance, index = torch.topk(gap, k, dim=1, largest=False)
    return index.cpu().numpy(), distance.cpu().numpy()


def _smallest(gap: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Per row the K smallest entries, in order, ties by index."""
    near = np.sort(np.argpartition(gap, k - 1, axis=1)[:, :k], axis=1)
    values = np.take_along_axis(gap, near, axis=1)
    order = np.argsort(values, axis=1, kind="stable")
    return np.take_along_axis(near, order, axis=1), np.take_along_axis(values, order, axis=1)


def affinity(index: np.ndarray, distance: np.ndarray) -> csr_matrix:
    """The symmetric graph f64[n,n] of a kNN list, weighted exp(-d²/σᵢσⱼ) with σ the distance of a middle
    neighbour.

    Local scaling (Zelnik-Manor & Perona, NIPS 2004) keeps dense and thin regions comparable; an edge counts
    when either end names the other, so no node is cut off.
    """
    from scipy.sparse import csr_matrix

    n, k = index.shape
    sigma = np.maximum(distance[:, (k - 1) // 2].astype(np.float64), 1e-12)  # [n]
    rows = np.repeat(np.arange(n), k)
    columns = index.ravel()
    weight = np.exp(-(distance.ravel().astype(np.float64) ** 2) / (sigma[rows] * sigma[columns]))
    graph: Any = csr_matrix((np.maximum(weight, 1e-6), (rows, columns)), shape=(n, n))
    return graph.maximum(graph.T).tocsr()
