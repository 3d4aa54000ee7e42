"""How many holes a complex has: the dimension of its harmonic flows, counted exactly."""

from __future__ import annotations

import numpy as np

PRIME = 2_147_483_629  # ranks over the integers modulo it are those over the reals, unless it divides torsion


def betti1(edges: np.ndarray, n: int, sides: np.ndarray) -> int:
    """β₁ of the complex with N nodes, EDGES i64[2,m] and triangles with edges SIDES i64[t,3]: dim ker(B1ᵀB1 + B2B2ᵀ).

    It is m − rank B1 − rank B2. Rank B1 is n less the connected components.
    """
    return edges.shape[1] - (n - components(edges, n)) - rank2(edges.shape[1], sides)


def components(edges: np.ndarray, n: int) -> int:
    """How many connected components the graph has."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    ones = np.ones(edges.shape[1])
    return int(connected_components(csr_matrix((ones, (edges[0], edges[1])), shape=(n, n)), False)[0])


def rank2(m: int, sides: np.ndarray) -> int:
    """The rank of B2 for M edges and triangles with edges SIDES i64[t,3] in the order (0,1), (1,2), (0,2).

    A triangle with an edge that no other has is a pivot: such are taken away until none is left (a collapse), whole
    rounds at a time. What remains is eliminated row by row, each edge's row over the triangles that it bounds.
    """
    rank, left = 0, sides
    while len(left):
        count = np.bincount(left.ravel(), minlength=m)
        free = (count[left] == 1).any(1)
        if not free.any():
            break
        rank += int(free.sum())
        left = left[~free]
    return rank + _eliminate(left)


def _eliminate(sides: np.ndarray) -> int:
    """The rank of the rest by elimination modulo PRIME, rows as dictionaries from triangle to coefficient."""
    rows: dict[int, dict[int, int]] = {}
    for triangle, (first, second, third) in enumerate(sides.tolist()):
        for edge, sign in ((first, 1), (second, 1), (third, PRIME - 1)):
            rows.setdefault(edge, {})[triangle] = sign
    pivots: dict[int, dict[int, int]] = {}  # last triangle → the row that it is the pivot of, with 1 there
    for edge in sorted(rows, reverse=True):
        row = rows[edge]
        while row:
            at = max(row)
            pivot = pivots.get(at)
            if pivot is None:
                inverse = pow(row[at], -1, PRIME)
                pivots[at] = {triangle: value * inverse % PRIME for triangle, value in row.items()}
                break
            factor = row[at]
            for triangle, value in pivot.items():
                rest = (row.get(triangle, 0) - factor * value) % PRIME
                if rest:
                    row[triangle] = rest
                else:
                    row.pop(triangle, None)
    return len(pivots)
