"""Spectral clustering of a weighted graph: the normalised adjacency's leading eigenvectors, rows on the
sphere, k-means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from chorus.kernels.persona.kmeans import lloyd, lloyd_each
from chorus.kernels.persona.power import power_embed

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

DENSE = 700  # below this many nodes a full eigen-decomposition is faster than Lanczos


def normalised(graph: csr_matrix, regularise: float = 0.25) -> tuple[Any, np.ndarray]:
    """S = D^-½ A D^-½ with D = degree + REGULARISE·(mean degree), and D^½ f64[n].

    The added degree keeps a few weakly tied nodes from becoming eigenvectors of their own, which is how one
    cluster comes to swallow nearly everything (Qin & Rohe, NIPS 2013).
    """
    from scipy.sparse import diags

    degree = np.asarray(graph.sum(1)).ravel()
    root = np.sqrt(np.maximum(degree + regularise * degree.mean(), 1e-12))
    scale = diags(1 / root)
    return (scale @ graph @ scale).tocsr(), root


def spectral_embed(
    graph: csr_matrix, q: int, *, regularise: float = 0.25, seed: int = 0, device: str = "cpu"
) -> tuple[np.ndarray, np.ndarray]:
    """The Q leading eigenvectors of the regularised normalised adjacency f64[n,q] and their eigenvalues
    f64[q].

    Lanczos in f32 with tolerance 1e-4 (tighter tolerances cost up to 90×, when eigenvalues nearly coincide,
    and change no label); dense below 700 nodes; on another DEVICE the power method, as far as it settles. Signs are
    fixed so that the result is deterministic.
    """
    s, root = normalised(graph, regularise)
    n = s.shape[0]
    q = min(q, n)
    if n <= max(DENSE, 2 * q):
        from scipy.linalg import eigh

        values, vectors = eigh(s.toarray(), subset_by_index=(n - q, n - 1))
    elif device != "cpu" and (found := power_embed(s, root, q, seed=seed, device=device)):
        values, vectors = found[1][::-1], found[0][:, ::-1]
    else:
        values, vectors = _lanczos(s, q, seed)
    values, vectors = values[::-1].astype(np.float64), vectors[:, ::-1].astype(np.float64)
    lead = np.abs(vectors).argmax(0)
    return vectors * np.where(vectors[lead, np.arange(q)] < 0, -1.0, 1.0), values


def _lanczos(s: Any, q: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    from scipy.sparse.linalg import eigsh

    n = s.shape[0]
    start = np.random.default_rng(seed).standard_normal(n).astype(np.float32)
    values, vectors = eigsh(
        s.astype(np.float32), k=q, which="LA", tol=1e-4, ncv=min(n - 1, max(60, 2 * q + 1)), v0=start
    )
    order = np.argsort(values)
    return values[order], vectors[:, order]


def sphere(vectors: np.ndarray) -> np.ndarray:
    """Rows scaled to length one; a zero row stays zero."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


def njw(vectors: np.ndarray, k: int, *, seed: int = 0, restarts: int = 8) -> np.ndarray:
    """Labels i64[n] from K eigenvectors f[n,≥k] (Ng, Jordan & Weiss, NIPS 2001): normalise the rows,
    then k-means."""
    return lloyd(sphere(vectors[:, :k]), k, seed=seed, restarts=restarts)[1]


def njw_each(vectors: np.ndarray, ks: Sequence[int], *, seed: int = 0, restarts: int = 8) -> np.ndarray:
    """As `njw` for each k of KS, side by side: i64[ks,n]."""
    rows = np.zeros((len(ks), len(vectors), max(ks)))
    for at, k in enumerate(ks):
        rows[at, :, :k] = sphere(vectors[:, :k])
    return lloyd_each(rows, ks, seed=seed, restarts=restarts)[1]
