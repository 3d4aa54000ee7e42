"""Chebyshev and GCN layers forward and backward, beside PyTorch Geometric's with the same weights; and whether who
answers whom tells more of a persona than what is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import networkx as nx
import numpy as np
import torch
from planted import planted_messages
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from timing import ratio
from torch_geometric.nn import ChebConv, GCNConv

from chorus.kernels.spectral.graph import cheb_conv, gcn, laplacian, propagation
from chorus.runtime.embed.embedder import Embedder

TARGET, NEAR, K = 1.0, 1e-5, 5
NODES, CHANNELS = 10_000, 64


def goals() -> Iterator[tuple[str, float, Any, bool | None]]:
    torch.manual_seed(0)
    graph = nx.barabasi_albert_graph(NODES, 5, seed=0)  # few with many answers, many with few
    low = torch.tensor(list(graph.edges)).T
    ei = torch.cat([low, low.flip(0)], 1)
    w, x = torch.rand(low.shape[1]).add(0.5).repeat(2), torch.randn(NODES, CHANNELS)
    peer = ChebConv(CHANNELS, CHANNELS, K, bias=False)
    theta = torch.stack([each.weight.T for each in peer.lins]).detach().requires_grad_()
    plain = GCNConv(CHANNELS, CHANNELS, bias=False)
    weight = plain.lin.weight.T.detach().clone().requires_grad_()
    ready, p = laplacian(ei, w, NODES), propagation(ei, w, NODES)
    rows = {
        "Chebyshev, Laplacian at hand": (lambda: cheb_conv(x, ready, theta), lambda: peer(x, ei, w)),
        "Chebyshev, from the edges": (
            lambda: cheb_conv(x, laplacian(ei, w, NODES), theta),
            lambda: peer(x, ei, w),
        ),
        "GCN, from the edges": (lambda: gcn(x, propagation(ei, w, NODES), weight), lambda: plain(x, ei, w)),
        "GCN, matrix at hand": (lambda: gcn(x, p, weight), lambda: plain(x, ei, w)),
    }
    faster, apart = [], []
    for name, (ours, theirs) in rows.items():
        gap = float((ours() - theirs()).detach().abs().max())
        better, seconds, other = ratio(step(ours), step(theirs), 9)
        print(f"{name:30} chorus {seconds * 1e3:7.2f} ms, PyTorch Geometric {other * 1e3:7.2f} ms, "
              f"{better:5.2f} times, difference {gap:.1e}", flush=True)  # fmt: skip
        faster.append(better)
        apart.append(gap)
    structure()
    yield "cheb-pyg", faster[1], TARGET, min(faster[:2]) >= TARGET and max(apart) <= NEAR


def step(run: Callable[[], torch.Tensor]) -> Callable[[], None]:
    return lambda: run().square().sum().backward()


def structure() -> None:
    """Authors' planted personas told by their mean vectors, by those of whom they talk with, and by both."""
    rows = [row for row in planted_messages(3) if row["persona"] and row["text"]][:2_000]
    names = sorted({row["author"] for row in rows})
    place = {name: at for at, name in enumerate(names)}
    owner = torch.tensor([place[row["author"]] for row in rows])
    vectors = torch.from_numpy(Embedder().encode([row["text"] for row in rows])).float()
    own = torch.zeros(len(names), vectors.shape[1]).index_add_(0, owner, vectors)
    own = own / own.norm(dim=1, keepdim=True)
    who = {row["id"]: row["author"] for row in rows}
    ties = [(row["author"], who[row["reply-to"]]) for row in rows if row["reply-to"] in who]
    ei = torch.tensor([[place[a], place[b]] for a, b in ties]).T
    both = torch.cat([ei, ei.flip(0)], 1)
    near = own - laplacian(both, torch.ones(both.shape[1]), len(names)) @ own  # without oneself
    persona = {row["author"]: row["persona"] for row in rows}
    label = np.array([persona[name] for name in names])
    told = {"what they say": own, "whom they talk with": near, "both": torch.cat([own, near], 1)}
    print(f"personas of {len(names)} authors ({len(ties)} replies), accuracy of five folds: " + ", ".join(
        f"{name} {score(x.numpy(), label):.3f}" for name, x in told.items()), flush=True)  # fmt: skip


def score(x: np.ndarray, label: np.ndarray) -> float:
    return float(cross_val_score(LogisticRegression(C=10, max_iter=1_000), x, label, cv=5).mean())
