"""The Hodge decomposition from a list of edges, beside TopoNetX's complex and operators solved by SciPy's LSMR."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import networkx as nx
import numpy as np
from timing import ratio

from chorus.kernels.spectral.hodge import decompose
from chorus.kernels.spectral.homology import betti1
from chorus.kernels.spectral.simplices import boundaries, canonical, triangles

TARGET = 20.0


def goals() -> Iterator[tuple[str, float, Any, bool | None]]:
    graph = nx.powerlaw_cluster_graph(4_000, 5, 0.5, seed=0)  # heavy tails and triangles, as replies have
    edges, _ = canonical(np.array(graph.edges).T, np.ones(graph.number_of_edges()), len(graph))
    flow = np.random.default_rng(0).standard_normal(edges.shape[1])
    faster, ours, theirs = ratio(lambda: chorus(edges, flow), lambda: toponetx(edges, flow), rounds=3)
    worst = max(
        np.linalg.norm(a - b) / np.linalg.norm(b)
        for a, b in zip(chorus(edges, flow), toponetx(edges, flow), strict=True)
    )
    filled = triangles(edges, len(graph))[1]
    print(f"{edges.shape[1]} edges, {len(filled)} triangles, {betti1(edges, len(graph), filled)} holes:")
    print(f"chorus {ours:.3f} s, TopoNetX with scipy.lsmr {theirs:.3f} s, difference {worst:.1e}")
    yield "hodge-toponetx", faster, TARGET, bool(faster >= TARGET and worst <= 1e-6)


def chorus(edges: np.ndarray, flow: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return decompose(flow, *boundaries(edges, int(edges.max()) + 1), tol=1e-10)[:2]


def toponetx(edges: np.ndarray, flow: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    from scipy.sparse.linalg import lsmr
    from toponetx.transform import graph_to_clique_complex

    complex_ = graph_to_clique_complex(nx.Graph(edges.T.tolist()), max_rank=2)
    _, columns, b1 = complex_.incidence_matrix(1, signed=True, index=True)
    _, _, b2 = complex_.incidence_matrix(2, signed=True, index=True)
    order = {tuple(sorted(edge)): at for at, edge in enumerate(columns)}
    place = np.array([order[edge] for edge in map(tuple, edges.T.tolist())])
    theirs = np.empty(len(flow))
    theirs[place] = flow
    solve = lambda a: a @ lsmr(a, theirs, atol=1e-10, btol=1e-10, maxiter=10_000)[0]
    return solve(b1.T)[place], solve(b2)[place]
