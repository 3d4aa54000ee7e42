"""Communities of a graph: as many as eigenvalues stand above those of random graphs with the same degrees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from chorus.kernels.persona.community import NoStructure
from chorus.kernels.persona.spectral import njw, spectral_embed

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

MOST = 12  # communities looked for
RANDOM = 8  # random graphs
SIGMAS = 4.0


def graph_communities(
    graph: csr_matrix, k: int | None = None, *, seed: int = 0
) -> tuple[np.ndarray, dict[str, object]] | NoStructure:
    """Labels i64[n] and the evidence, or NoStructure. GRAPH is symmetric, its positive entries edges.

    An eigenvalue of D^-½ A D^-½ counts when it stands SIGMAS above the second one of graphs with the same degrees, ends
    rewired at random; one more community than that. In a stochastic block model with mean degree d and eigenvalue ratio
    λ nothing can be found where λ²d < 1 (Decelle et al. 2011), and this finds nothing there.
    """
    most = min(MOST, graph.shape[0] - 1)
    vectors, values = spectral_embed(graph, most, seed=seed)
    rng = np.random.default_rng(seed)
    null = np.array([spectral_embed(rewired(graph, rng), 2, seed=seed)[1][1] for _ in range(RANDOM)])
    bar = float(null.mean() + SIGMAS * max(null.std(ddof=1), 0.002 * abs(null.mean())))
    above = int((values[1:] > bar).cumprod().sum())
    evidence: dict[str, object] = {"eigenvalues": values.tolist(), "random": float(null.mean()), "bar": bar}
    if k is None and above == 0:
        return NoStructure(
            "no eigenvalue stands above those of random graphs with the same degrees", evidence
        )
    number = k or above + 1
    return njw(vectors, number, seed=seed), evidence | {"k": number, "structure": above > 0}


def rewired(graph: csr_matrix, rng: np.random.Generator) -> csr_matrix:
    """A random graph with (nearly) GRAPH's degrees: edge ends drawn anew by pairing stubs; loops are dropped."""
    from scipy.sparse import coo_matrix

    edges = coo_matrix(graph)
    upper = edges.row < edges.col
    ends = np.concatenate([edges.row[upper], edges.col[upper]])
    one, other = rng.permutation(ends).reshape(2, -1)
    keep = one != other
    rows, columns = np.concatenate([one[keep], other[keep]]), np.concatenate([other[keep], one[keep]])
    return coo_matrix((np.ones(len(rows)), (rows, columns)), shape=graph.shape).tocsr()
