"""The slow versions of the spectral kernels: loops and dense matrices, written to be read. They are the definition."""

from __future__ import annotations

from collections.abc import Callable
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


def spectral_conv1d(x: np.ndarray, weight: np.ndarray, size: int) -> np.ndarray:
    """Sums over points and frequencies: X [B,Ci,N], WEIGHT c[Ci,Co,m] → [B,Co,SIZE]."""
    b, _, n = x.shape
    made = np.zeros((b, weight.shape[1], size))
    for k in range(weight.shape[2]):
        seen = (x * np.exp(-2j * np.pi * k * np.arange(n) / n)).mean(2)  # [B,Ci]
        wave = np.exp(2j * np.pi * k * np.arange(size) / size)
        part = (seen @ weight[:, :, k])[:, :, None] * wave
        made += part.real * (2 if k else 1)  # a real signal has -k too
    return made


def spectral_conv2d(x: np.ndarray, positive: np.ndarray, negative: np.ndarray) -> np.ndarray:
    """X [B,Ci,H,W], POSITIVE and NEGATIVE c[Ci,Co,m1,m2] for frequencies 0 … m1-1 and -m1 … -1 along H."""
    b, _, h, w = x.shape
    m1, m2 = positive.shape[2:]
    made = np.zeros((b, positive.shape[1], h, w))
    for k1 in range(-m1, m1):
        for k2 in range(m2):
            phase = 2j * np.pi * (k1 * np.arange(h)[:, None] / h + k2 * np.arange(w) / w)
            seen = (x * np.exp(-phase)).mean((2, 3))  # [B,Ci]
            block = (positive if k1 >= 0 else negative)[:, :, k1, k2]  # -1 is the last of NEGATIVE
            made += ((seen @ block)[:, :, None, None] * np.exp(phase)).real * (2 if k2 else 1)
    return made


def fourier_resample(x: np.ndarray, size: int) -> np.ndarray:
    """The trigonometric polynomial through X [N], at SIZE points. What lies above either Nyquist frequency is left out;
    what lies on the lower one is a cosine: X's own goes up whole, that of SIZE/2 comes down as both its signs.
    """
    n = len(x)
    made = np.zeros(size)
    for k in range(min(n, size) // 2 + 1):
        seen = (x * np.exp(-2j * np.pi * k * np.arange(n) / n)).mean()
        wave = np.exp(2j * np.pi * k * np.arange(size) / size)
        if 2 * k == n:  # one coefficient holds both signs
            made += seen.real * wave.real
        elif 2 * k == size:
            made += 2 * seen.real * wave.real
        else:
            made += (seen * wave).real * (2 if k else 1)
    return made


def laplacian(ei: np.ndarray, w: np.ndarray, n: int) -> np.ndarray:
    """I − D^-½ A D^-½, dense; loops left out."""
    adjacency = np.zeros((n, n))
    for (tail, head), weight in zip(ei.T.tolist(), w.tolist(), strict=True):
        adjacency[tail, head] += weight if tail != head else 0
    degree = adjacency.sum(1)
    made = np.eye(n)
    for i in range(n):
        for j in range(n):
            if adjacency[i, j]:
                made[i, j] -= adjacency[i, j] / (degree[i] * degree[j]) ** 0.5
    return made


def propagation(ei: np.ndarray, w: np.ndarray, n: int) -> np.ndarray:
    """D^-½ (A + I) D^-½, dense; the weight of a loop that is there is kept."""
    adjacency = np.zeros((n, n))
    for (tail, head), weight in zip(ei.T.tolist(), w.tolist(), strict=True):
        adjacency[head, tail] += weight
    for i in range(n):
        adjacency[i, i] = adjacency[i, i] or 1.0
    degree = adjacency.sum(1)
    return adjacency / np.sqrt(np.outer(degree, degree))


def cheb_conv(x: np.ndarray, laplacian: np.ndarray, theta: np.ndarray, lmax: float) -> np.ndarray:
    """Filters by their values: U Σ T_k(2λ/lmax − 1) Uᵀ X Θ_k over all eigenvectors, T_k(t) = cos(k·arccos t)."""
    values, vectors = np.linalg.eigh(laplacian)
    angle = np.arccos(np.clip(2 * values / lmax - 1, -1, 1))
    return sum(vectors @ (np.cos(k * angle)[:, None] * (vectors.T @ x)) @ theta[k] for k in range(len(theta)))


def eig_attention(projections: list[np.ndarray], lam: list[float], x: np.ndarray) -> np.ndarray:
    """Averages of X by softmax of Σ e^(−λ) cos of rows of each eigenspace's projection, node by node."""
    made = np.zeros_like(x)
    for i in range(len(x)):
        score = np.zeros(len(x))
        for projection, value in zip(projections, lam, strict=True):
            for j in range(len(x)):
                size = (projection[i, i] * projection[j, j]) ** 0.5
                score[j] += np.exp(-value) * projection[i, j] / size
        weight = np.exp(score - score.max())
        made[i] = weight @ x / weight.sum()
    return made


def tangent_kernel(
    f: Callable[[np.ndarray], np.ndarray], params: np.ndarray, step: float = 1e-6
) -> np.ndarray:
    """J Jᵀ with J [N,p] by central differences in each parameter; F gives the outputs [N]."""
    columns = []
    for at in range(len(params)):
        shift = np.zeros_like(params)
        shift[at] = step
        columns.append((f(params + shift) - f(params - shift)) / (2 * step))
    jacobian = np.stack(columns, 1)
    return jacobian @ jacobian.T


def dtw(a: np.ndarray, b: np.ndarray, band: int) -> float:
    """The least cost of a path through the table of squared differences, cell by cell; its root."""
    t = len(a)
    cost = np.full((t + 1, t + 1), np.inf)
    cost[0, 0] = 0
    for i in range(t):
        for j in range(max(0, i - band), min(t, i + band + 1)):
            cheapest = min(cost[i, j], cost[i, j + 1], cost[i + 1, j])
            cost[i + 1, j + 1] = (a[i] - b[j]) ** 2 + cheapest
    return float(cost[t, t] ** 0.5)


def profile(x: np.ndarray, m: int) -> tuple[np.ndarray, np.ndarray]:
    """For each stretch of M points the distance to the most alike that begins M points or more away, and where that
    begins: both stretches in their own mean and deviation; a flat one is at 0."""
    stretches = np.stack([x[i : i + m] for i in range(len(x) - m + 1)])
    deviation = stretches.std(1, keepdims=True)
    alike = (stretches - stretches.mean(1, keepdims=True)) / np.where(deviation > 0, deviation, 1)
    best, where = np.full(len(alike), np.inf), np.full(len(alike), -1)
    for i in range(len(alike)):
        for j in range(len(alike)):
            gap = float(np.linalg.norm(alike[i] - alike[j]))
            if abs(i - j) >= m and gap < best[i]:
                best[i], where[i] = gap, j
    return best, where
