"""A graph in the plane by its own spectrum."""

from __future__ import annotations

import numpy as np

FEWEST = 4  # nodes; below that there is no third eigenvector worth the name


def spectral_places(
    edges: np.ndarray, weight: np.ndarray, n: int, *, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """The nodes i64[k] of the largest connected part of a graph, and their places f64[k,2] in [-1,1]², as
    `graph_places` has them.

    EDGES i64[2,m] are canonical, WEIGHT f64[m] > 0.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    from chorus.kernels.persona.layout import graph_places

    both = np.concatenate([edges, edges[::-1]], 1)
    graph = coo_matrix((np.concatenate([weight, weight]), (both[0], both[1])), shape=(n, n)).tocsr()
    label = connected_components(graph, directed=False)[1]
    nodes = np.flatnonzero(label == np.bincount(label).argmax())
    k = len(nodes)
    if k < FEWEST:
        return nodes, np.stack([np.linspace(-1, 1, k) if k > 1 else np.zeros(k), np.zeros(k)], 1)
    return nodes, graph_places(graph[nodes][:, nodes], seed=seed)
