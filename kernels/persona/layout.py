"""Authors as points of a plane: near to one another if they speak alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

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
    """Places f64[n,2] in [-1,1]² for POINTS f[n,d]: those of their graph of neighbours, or principal axes where there
    are few."""
    from chorus.kernels.persona.cluster import neighbours
    from chorus.kernels.persona.knn import affinity, knn_graph

    n = len(points)
    if n >= FEWEST:
        graph = affinity(*knn_graph(points.astype(np.float32), neighbours(n), "cosine"))
        return graph_places(graph, regularise=0.25, seed=seed)
    left, scale, _ = np.linalg.svd(points - points.mean(0), full_matrices=False)
    made = np.zeros((n, 2))
    kept = min(2, left.shape[1])
    made[:, :kept] = (left * scale)[:, :kept]
    return framed(made)


def graph_places(graph: csr_matrix, *, regularise: float = 0.0, seed: int = 0) -> np.ndarray:
    """Places f64[n,2] in [-1,1]² for the nodes of GRAPH csr[n,n]: the second and third eigenvectors of its normalised
    adjacency, over the root of the degree, so that who has many ties is no further out.   [Belkin & Niyogi 2003; Koren
    2005]"""
    from chorus.kernels.persona.spectral import normalised, spectral_embed

    root = normalised(graph, regularise)[1]
    return framed(spectral_embed(graph, 3, regularise=regularise, seed=seed)[0][:, 1:] / root[:, None])


def framed(made: np.ndarray) -> np.ndarray:
    """MADE f64[n,2] scaled into [-1,1]², each axis turned so that what lies farthest out is positive: a sign means
    nothing."""
    far = made[np.abs(made).argmax(0), range(made.shape[1])]
    return made / np.where(far == 0, 1.0, far)
