"""One clustering of authors' positions: spectral start, refined by a mixture that knows how sure each
position is."""

from __future__ import annotations

import numpy as np

from chorus.kernels.persona.kmeans import lloyd
from chorus.kernels.persona.knn import affinity, knn_graph
from chorus.kernels.persona.membership import Mixture, fit
from chorus.kernels.persona.spectral import njw, spectral_embed


def neighbours(n: int) -> int:
    """How many neighbours tie a graph of N nodes together: grows with log n."""
    return int(np.clip(2 * np.log2(max(n, 2)), min(7, n - 1), min(30, n - 1)))


def partition(
    points: np.ndarray,
    noise: np.ndarray,
    signal: np.ndarray,
    ks: list[int],
    *,
    seed: int = 0,
    restarts: int = 4,
) -> dict[int, np.ndarray]:
    """Labels i64[n] for each k of KS. POINTS f64[n,q], their NOISE f64[n,q] and the SIGNAL f64[q] as
    variances."""
    return {
        k: mixture.posterior(points, noise).argmax(1)
        for k, mixture in mixtures(points, noise, signal, ks, seed=seed, restarts=restarts).items()
    }


def mixtures(
    points: np.ndarray,
    noise: np.ndarray,
    signal: np.ndarray,
    ks: list[int],
    *,
    seed: int = 0,
    restarts: int = 4,
) -> dict[int, Mixture]:
    """The better, by likelihood, of two starts for each k: spectral (finds shapes) and k-means (finds
    clouds)."""
    shrunk = points * (signal / (signal + noise))  # the expected true position, given what was heard
    graph = affinity(*knn_graph(shrunk, neighbours(len(shrunk))))
    vectors, _ = spectral_embed(graph, max(ks), seed=seed)
    made: dict[int, Mixture] = {}
    for k in ks:
        starts = (
            njw(vectors, k, seed=seed, restarts=restarts),
            lloyd(shrunk, k, seed=seed, restarts=restarts)[1],
        )
        fits = [fit(points, noise, start, k) for start in starts]
        fits += [fit(points, noise, start, k, iterations=0, even=True) for start in starts]  # cannot collapse
        made[k] = max(fits, key=lambda mixture: _worth(mixture, points, noise))
    return made


def _worth(mixture: Mixture, points: np.ndarray, noise: np.ndarray) -> tuple[bool, float]:
    """By likelihood, among those that leave no cluster with fewer than a hundredth of the points."""
    size = np.bincount(mixture.posterior(points, noise).argmax(1), minlength=len(mixture.weights))
    return bool(size.min() >= max(len(points) // 100, 1)), mixture.likelihood(points, noise)
