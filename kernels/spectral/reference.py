"""The slow versions of the spectral kernels: loops and dense matrices, written to be read. They are the definition."""

from __future__ import annotations

from itertools import combinations

import numpy as np


def triangles(edges: np.ndarray, n: int) -> list[tuple[int, int, int]]:
    """All triples of nodes that are tied two by two."""
    tied = set(zip(*edges.tolist(), strict=True))
    return [(a, b, c) for a, b, c in combinations(range(n), 3) if {(a, b), (b, c), (a, c)} <= tied]


def boundaries(edges: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """B1 f64[n,m], B2 f64[m,t]: an edge is its head less its tail; a triangle abc is ab + bc − ac."""
    pairs = list(zip(*edges.tolist(), strict=True))
    filled = triangles(edges, n)
    b1, b2 = np.zeros((n, len(pairs))), np.zeros((len(pairs), len(filled)))
    for at, (tail, head) in enumerate(pairs):
        b1[tail, at], b1[head, at] = -1, 1
    for at, (a, b, c) in enumerate(filled):
        for pair, sign in (((a, b), 1), ((b, c), 1), ((a, c), -1)):
            b2[pairs.index(pair), at] = sign
    return b1, b2


def decompose(flow: np.ndarray, b1: np.ndarray, b2: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gradient, curl and harmonic part: projections upon the ranges of B1ᵀ and B2, and the rest."""
    gradient = b1.T @ (np.linalg.pinv(b1.T) @ flow)
    curl = b2 @ (np.linalg.pinv(b2) @ flow)
    return gradient, curl, flow - gradient - curl


def betti1(b1: np.ndarray, b2: np.ndarray) -> int:
    """The dimension of ker(B1ᵀB1 + B2B2ᵀ)."""
    laplacian = b1.T @ b1 + b2 @ b2.T
    return len(laplacian) - int(np.linalg.matrix_rank(laplacian, tol=1e-8))
