"""One clustering of authors' positions: spectral start, refined by a mixture that knows how sure each position is."""

from __future__ import annotations

import numpy as np

from chorus.kernels.persona.kmeans import lloyd_each
from chorus.kernels.persona.knn import affinity, knn_graph
from chorus.kernels.persona.membership import Fits, Mixture, fit
from chorus.kernels.persona.spectral import njw_each, spectral_embed


def neighbours(n: int) -> int:
    """How many neighbours tie a graph of N nodes together: grows with log n."""
    return int(np.clip(2 * np.log2(max(n, 2)), min(7, n - 1), min(30, n - 1)))


def mixtures(
    points: np.ndarray,
    noise: np.ndarray,
    signal: np.ndarray,
    ks: list[int],
    *,
    seed: int = 0,
    restarts: int = 4,
    device: str = "cpu",
) -> dict[int, Mixture]:
    """The better, by likelihood, of two starts for each k: spectral (finds shapes) and k-means (finds clouds)."""
    shrunk = points * (signal / (signal + noise))  # the expected true position, given what was heard
    graph = affinity(*knn_graph(shrunk, neighbours(len(shrunk)), device=device))
    vectors, _ = spectral_embed(graph, max(ks), seed=seed, device=device)
    starts = np.concatenate(
        [
            njw_each(vectors, ks, seed=seed, restarts=restarts),
            lloyd_each(shrunk, ks, seed=seed, restarts=restarts)[1],
        ]
    )
    number = np.array([*ks, *ks])
    even = fit(points, noise, starts, number, iterations=0).evenly()  # cannot collapse
    tried = (fit(points, noise, starts, number), even)
    worth = np.concatenate([_worth(fits, points, noise) for fits in tried])  # [4·ks]
    made: dict[int, Mixture] = {}
    for at, k in enumerate(ks):
        best = max(range(at, len(worth), len(ks)), key=lambda place: tuple(worth[place]))
        made[k] = tried[best // len(number)][best % len(number)]
    return made


def _worth(fits: Fits, points: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """What each fit is chosen by f64[s,2]: whether no cluster has fewer than a hundredth of the points, then the mean
    log likelihood."""
    log = fits.log_density(points, noise)  # [s,K,n]
    top = log.max(1)
    likelihood = (top + np.log(np.exp(log - top[:, None]).sum(1))).mean(1)
    clusters = np.arange(log.shape[1])
    size = (log.argmax(1)[:, None, :] == clusters[:, None]).sum(2)  # [s,K]
    enough = (size >= max(len(points) // 100, 1)) | (clusters >= fits.number[:, None])
    return np.stack([enough.all(1), likelihood], axis=1)
