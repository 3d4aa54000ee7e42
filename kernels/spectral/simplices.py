"""A graph's edges and triangles as a complex: canonical edges, the triangles among them, and the boundary operators."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


def canonical(ei: np.ndarray, flow: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Each undirected edge once, from the smaller node to the larger: edges i64[2,m] in order, net flow f64[m].

    EI i64[2,a] are arrows with amounts FLOW f64[a]; what goes from the larger to the smaller node counts negative.
    Loops carry nothing from one node to another and are left out. N nodes.
    """
    tail, head = ei
    kept = tail != head
    tail, head, amount = tail[kept], head[kept], flow[kept]
    low, high = np.minimum(tail, head), np.maximum(tail, head)
    code, inverse = np.unique(low * n + high, return_inverse=True)
    net = np.bincount(inverse, np.where(tail < head, amount, -amount), minlength=len(code))
    return np.stack([code // n, code % n]), net


def triangles(edges: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """All triangles of canonical EDGES i64[2,m]: their nodes i64[t,3], ascending, and their edges i64[t,3] as places in
    EDGES, in the order (0,1), (1,2), (0,2).

    Each edge points from the end of lower degree to that of higher, so no node has more than √(2m) arrows out and all
    pairs of arrows of a node are O(m^1.5).   [Chiba & Nishizeki, SIAM J. Comput. 1985]
    """
    low, high = edges
    m = len(low)
    rank = np.empty(n, np.int64)
    degree = np.bincount(edges.ravel(), minlength=n)
    rank[np.argsort(degree, kind="stable")] = np.arange(n)
    forward = rank[low] < rank[high]
    tail, head = np.where(forward, low, high), np.where(forward, high, low)
    order = np.argsort(tail, kind="stable")
    tail, head = tail[order], head[order]  # arrows by tail
    out = np.bincount(tail, minlength=n)
    later = np.repeat(np.cumsum(out), out) - np.arange(m) - 1  # arrows of the same tail after each
    first = np.repeat(np.arange(m), later)
    second = first + 1 + np.arange(len(first)) - np.repeat(np.cumsum(later) - later, later)
    code = low * n + high
    a, b = head[first], head[second]
    wanted = np.minimum(a, b) * n + np.maximum(a, b)
    at = np.searchsorted(code, wanted)
    closed = code[np.minimum(at, m - 1)] == wanted if m else np.zeros(0, bool)
    nodes = np.sort(np.stack([tail[first][closed], a[closed], b[closed]], 1), axis=1)  # [t,3]
    nodes = nodes[np.lexsort(nodes.T[::-1])]
    sides = [np.searchsorted(code, nodes[:, i] * n + nodes[:, j]) for i, j in ((0, 1), (1, 2), (0, 2))]
    return nodes, np.stack(sides, 1)


def boundaries(edges: np.ndarray, n: int, sides: np.ndarray | None = None) -> tuple[csr_matrix, csr_matrix]:
    """B1 f64[n,m] (an edge is its head less its tail) and B2 f64[m,t] (a triangle is its edges around); B1·B2 = 0.

    EDGES i64[2,m] are canonical; SIDES i64[t,3] the edges of the triangles that are filled, all unless given.
    """
    from scipy.sparse import csr_matrix

    m = edges.shape[1]
    if sides is None:
        sides = triangles(edges, n)[1]
    t = len(sides)
    columns = np.arange(m)
    b1 = csr_matrix(
        (np.repeat([-1.0, 1.0], m), (edges.ravel(), np.concatenate([columns, columns]))), shape=(n, m)
    )
    b2 = csr_matrix((np.tile([1.0, 1.0, -1.0], t), (sides.ravel(), np.repeat(np.arange(t), 3))), shape=(m, t))
    return b1, b2
