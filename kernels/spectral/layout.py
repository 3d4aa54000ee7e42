"""A graph in the plane by its own spectrum."""

from __future__ import annotations

import numpy as np


def spectral_places(
    edges: np.ndarray, weight: np.ndarray, n: int, *, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """The nodes i64[k] of the largest connected part, and their places f64[k,2] in [-1,1]²: the second and third
    eigenvectors of the normalised adjacency, over the first, so that who has many ties is no further out.

    EDGES i64[2,m] are canonical, WEIGHT f64[m] > 0.   [Belkin & Niyogi 2003; Koren 2005]
    """
    from scipy.sparse import coo_matrix, diags_array
    from scipy.sparse.csgraph import connected_components
    from scipy.sparse.linalg import eigsh

    both = np.concatenate([edges, edges[::-1]], 1)
    graph = coo_matrix((np.concatenate([weight, weight]), (both[0], both[1])), shape=(n, n)).tocsr()
    label = connected_components(graph, directed=False)[1]
    nodes = np.flatnonzero(label == np.bincount(label).argmax())
    part = graph[nodes][:, nodes]
    root = np.sqrt(np.asarray(part.sum(1)).ravel())
    root[root == 0] = 1
    scale = diags_array(1 / root)
    scaled = (scale @ part @ scale).tocsr()
    k = len(nodes)
    if k < 4:
        return nodes, np.stack([np.linspace(-1, 1, k) if k > 1 else np.zeros(k), np.zeros(k)], 1)
    if k <= 64:
        vectors = np.linalg.eigh(scaled.toarray())[1][:, ::-1][:, 1:3]
    else:
        start = np.random.default_rng(seed).standard_normal(k)
        values, found = eigsh(scaled, k=3, which="LA", v0=start, tol=1e-6)
        vectors = found[:, np.argsort(-values)][:, 1:3]
    places = vectors / root[:, None]
    places *= np.where(
        np.abs(places.min(0)) > places.max(0), -1.0, 1.0
    )  # a sign means nothing: one is chosen
    return nodes, places / np.maximum(np.abs(places).max(0), 1e-12)
