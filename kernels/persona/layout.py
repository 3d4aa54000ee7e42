"""Authors as points of a plane: near to one another if they speak alike."""

from __future__ import annotations

import numpy as np

PRIOR = 5.0  # messages' worth of the community's mean in each author's: few messages say little
FEWEST = 8  # authors; below that a graph of neighbours says nothing that the means do not


def author_means(vectors: np.ndarray, author: np.ndarray, authors: int) -> tuple[np.ndarray, np.ndarray]:
    """The mean f64[a,d] of each author's VECTORS f[m,d], drawn towards the mean of all; how many each has i64[a]."""
    sums = np.zeros((authors, vectors.shape[1]))
    np.add.at(sums, author, vectors.astype(np.float64))  # [a,d]
    count = np.bincount(author, minlength=authors)  # [a]
    everyone = vectors.mean(0, dtype=np.float64)  # [d]
    return (sums + PRIOR * everyone) / (count + PRIOR)[:, None], count


def places(points: np.ndarray, *, seed: int = 0) -> np.ndarray:
    """Places f64[n,2] in [-1,1]² for POINTS f[n,d]: the second and third eigenvectors of their graph of neighbours, or
    principal axes where there are few.   [Belkin & Niyogi 2003]
    """
    from chorus.kernels.persona.cluster import neighbours
    from chorus.kernels.persona.knn import affinity, knn_graph
    from chorus.kernels.persona.spectral import spectral_embed

    n = len(points)
    if n < FEWEST:
        centred = points - points.mean(0)
        left, scale, _ = np.linalg.svd(centred, full_matrices=False)
        made = np.zeros((n, 2))
        kept = min(2, left.shape[1])
        made[:, :kept] = (left * scale)[:, :kept]
    else:
        graph = affinity(*knn_graph(points.astype(np.float32), neighbours(n), "cosine"))
        made = spectral_embed(graph, 3, seed=seed)[0][:, 1:]
        made = made / np.maximum(
            spectral_embed(graph, 1, seed=seed)[0], 1e-9
        )  # nodes of many ties are no further out
    most = np.abs(made).max(0)
    return made / np.where(most > 0, most, 1.0)
