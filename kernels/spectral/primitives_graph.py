"""Graphs and heads as primitives: filters over ties, places in the plane, the tangent kernel of a head that learns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from chorus.kernels.spectral.given import listed, numbers, placed, table
from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import Items, Name, primitive
from chorus.runtime.values import HashTable, make_list

Tensor = object
WIDEST = 65_536  # units of a hidden layer
MOST_ROUNDS = 10_000  # of mixing; long before that all nodes of a part are alike
MOST_ATTENDED = 3_000  # nodes, all compared with all
SAME = 1e-4  # eigenvalues so near one another are one


@primitive("graph-filter", effects="compute")
def graph_filter(
    ties: Annotated[Any, "m 2"],
    values: Annotated[Tensor, "n"],
    response: Annotated[Tensor, "k"],
    *,
    device: str = "cpu",
) -> Any:
    """VALUES of nodes 0, 1 … filtered over the graph with TIES, (node node) or (node node weight) each.

    RESPONSE is what the filter lets through at the Chebyshev points from the highest frequency of the graph to the
    lowest: (0 0 1) smooths, (1 0 0) keeps what differs between neighbours.   [He, Wei & Wen 2022]

    > (graph-filter '((0 1) (1 2) (0 2)) '(3 0 0) '(0 1))
    => (1.5 1.06066 1.06066)
    """
    import torch

    from chorus.kernels.spectral.graph import cheb_filter, laplacian

    shape = numbers(response, "graph-filter")
    x, ei, w = _graph("graph-filter", ties, values, device)
    made = cheb_filter(x, laplacian(ei, w, len(x)), torch.from_numpy(shape).to(x.device))
    return listed(made[:, 0].cpu().numpy())


@primitive("graph-propagate", effects="compute")
def graph_propagate(
    ties: Annotated[Any, "m 2"], values: Annotated[Tensor, "n"], *, rounds: int = 1, device: str = "cpu"
) -> Any:
    """VALUES of nodes 0, 1 … mixed with those of their neighbours over TIES, (node node) or (node node weight) each.

    A round is the step of a graph convolution, D^-½ (A + I) D^-½ x: each node counts as a neighbour of its own, and
    nodes with many neighbours give each less.   [Kipf & Welling 2017]

    > (graph-propagate '((0 1) (1 2)) '(4 0 0))
    => (2.0 1.63299 0.0)
    > (graph-propagate '((0 1)) '(4 0) :rounds 3)
    => (2.0 2.0)
    """
    import torch

    from chorus.kernels.spectral.graph import gcn, propagation

    if not 1 <= rounds <= MOST_ROUNDS:
        raise EvalError(f"graph-propagate: :rounds is 1 to {MOST_ROUNDS:,}, not {rounds:,}", code="range")
    x, ei, w = _graph("graph-propagate", ties, values, device)
    step, same = propagation(ei, w, len(x)), torch.ones(1, 1, dtype=x.dtype, device=x.device)
    for _ in range(rounds):
        x = gcn(x, step, same)
    return listed(x[:, 0].cpu().numpy())


@primitive("graph-attention", effects="compute")
def graph_attention(
    ctx: Any, ties: Annotated[Any, "m 2"], values: Annotated[Tensor, "n"], *,
    count: int = 8, temperature: float = 1.0, device: str = "cpu",
) -> Any:  # fmt: skip
    """VALUES of nodes 0, 1 … averaged over all nodes, each by how alike the two stand in the graph with TIES.

    Likeness is that of their places in the COUNT smoothest eigenvectors of the graph, and does not depend on the signs
    or bases in which these come out (those that share an eigenvalue with the last are taken with it). A low TEMPERATURE
    hears the most alike alone.   [Lim et al. 2022]

    > (map round (graph-attention '((0 1) (2 3)) '(1 1 0 0) :count 2 :temperature 0.01))
    => (1.0 1.0 0.0 0.0)
    """
    import torch

    from chorus.kernels.spectral.graph import eig_attention, laplacian

    if count < 1 or not temperature > 0:
        raise EvalError("graph-attention: :count is 1 or more, :temperature above 0", code="range")
    x, ei, w = _graph("graph-attention", ties, values, device)
    if len(x) > MOST_ATTENDED:
        raise EvalError(
            f"graph-attention compares all nodes with all; {len(x):,} are more than {MOST_ATTENDED:,}",
            code="range",
            hint="graph-filter and graph-propagate look at neighbours only",
        )
    ctx.charge(len(x) ** 3, 24 * len(x) ** 2)
    lam, vectors = torch.linalg.eigh(laplacian(ei, w, len(x)).to_dense())
    kept = lam <= lam[min(count, len(x)) - 1] + SAME
    made = eig_attention(vectors[:, kept], lam[kept], x, temperature=temperature)
    return listed(made[:, 0].cpu().numpy())


def _graph(caller: str, ties: Any, values: Any, device: str) -> tuple[Any, Any, Any]:
    """VALUES f64[n,1], and TIES in both directions: ends i64[2,2m], weights f64[2m]; all on DEVICE."""
    import numpy as np
    import torch

    x = numbers(values, caller)
    ends, weight = _ties(caller, ties, len(x))
    at = placed(device)
    ei = torch.from_numpy(ends.astype(np.int64).T).to(at)
    w = torch.from_numpy(weight).to(at)
    return torch.from_numpy(x)[:, None].to(at), torch.cat([ei, ei.flip(0)], 1), torch.cat([w, w])


def _ties(caller: str, ties: Any, nodes: int) -> tuple[Any, Any]:
    """The ends f64[m,2] and weights f64[m] of TIES between NODES nodes."""
    import numpy as np

    rows = [list(row) if hasattr(row, "__iter__") else [row] for row in ties]
    if any(len(row) not in (2, 3) for row in rows):
        raise EvalError(
            f"{caller}: a tie is (node node) or (node node weight)", code="type", hint="'((0 1) (1 2 0.5))"
        )
    if not rows:
        return np.zeros((0, 2)), np.zeros(0)
    made = numbers([[*row, 1.0][:3] for row in rows], caller, 2)
    ends, weight = made[:, :2], made[:, 2]
    if (ends < 0).any() or (ends >= nodes).any() or (ends % 1 != 0).any():
        raise EvalError(f"{caller}: ties are of the nodes 0 to {nodes - 1}", code="range")
    if (weight < 0).any():
        raise EvalError(
            f"{caller}: a tie weighs 0 or more",
            code="range",
            hint="negative ties have no Laplacian of this kind",
        )
    return ends, weight


@primitive("%graph-places", effects="compute")
def graph_places(ctx: Any, tails: Items, heads: Items, amounts: Items, *, seed: int = 0) -> Any:
    """(name x y ties) of each node of the largest connected part of a graph; see `spectral-map`.

    > (map car (%graph-places '(a b) '(b c) '(1 1)))
    => (a b c)
    """
    import numpy as np

    from chorus.kernels.spectral.layout import spectral_places
    from chorus.kernels.spectral.simplices import canonical

    if not len(tails) == len(heads) == len(amounts):
        raise EvalError("spectral-map: as many from as to as amounts are needed", code="range")
    names = list(dict.fromkeys([*tails, *heads]))
    place = {name: at for at, name in enumerate(names)}
    arrows = np.array([[place[name] for name in side] for side in (tails, heads)], np.int64).reshape(2, -1)
    size = np.abs(numbers(amounts, "spectral-map")) if len(tails) else np.zeros(0)
    ordered = np.sort(arrows, axis=0)
    edges, weight = canonical(ordered[:, size > 0], size[size > 0], len(names))
    if not edges.size:
        return make_list([])
    ctx.charge(200 * len(size), 200 * len(size))
    nodes, places = spectral_places(edges, weight, len(names), seed=seed)
    ties = np.bincount(edges.ravel(), minlength=len(names))
    rows = zip(nodes.tolist(), listed(places.round(6)), strict=True)
    return make_list(make_list([names[at], *xy, int(ties[at])]) for at, xy in rows)


@primitive("tangent-kernel", effects="compute")
def tangent_kernel(
    ctx: Any, points: Annotated[Tensor, "n d"], classes: Items, *, kind: Name | None = None, hidden: int = 64,
    epochs: int = 20, looks: int = 5, top: int = 8, seed: int = 0, device: str = "cpu",
) -> Any:  # fmt: skip
    """How a head learns CLASSES of POINTS: LOOKS at its tangent kernel over EPOCHS of training.

    KIND is mlp (one HIDDEN layer; if nothing is told), linear, whose kernel never moves, or fourier, as heads of these
    names are.
    A list of hash tables: :epoch, :accuracy on the points themselves, :top eigenvalues, :trace, :alignment with the
    classes, and :drift, how far the kernel has gone from the first look (0 if the head only weighs fixed features;
    above 1 it has become another).   [Jacot, Gabriel & Hongler 2018; Fort et al. 2020]

    > (map (lambda (look) (hash-ref look :epoch)) (tangent-kernel '((0 1) (1 0)) '(a b) :epochs 2 :looks 2))
    => (0 2)
    """
    import torch

    from chorus.kernels.spectral.learners import LEARNERS

    kind = kind or Name("mlp")
    if kind not in LEARNERS:
        raise EvalError(
            f"tangent-kernel: no head is called {kind}", code="range", hint=f"known: {', '.join(LEARNERS)}"
        )
    x = torch.from_numpy(numbers(points, "tangent-kernel", 2)).to(placed(device))
    names = list(dict.fromkeys(classes))
    if (
        len(classes) != len(x)
        or len(names) < 2
        or min(hidden, epochs, top) < 1
        or not 2 <= looks <= epochs + 1
    ):
        raise EvalError(
            "tangent-kernel takes a class for each point, of two or more classes, and at most a look for each epoch",
            code="range",
        )
    if hidden > WIDEST:
        raise EvalError(f"tangent-kernel: :hidden is at most {WIDEST:,}, not {hidden:,}", code="range")
    ctx.charge(x.numel() * hidden * epochs, 8 * x.numel() + 8 * hidden * x.shape[1] * 12)
    x = ((x - x.mean(0)) / (x.std(0) + 1e-6)).float()
    y = torch.tensor([names.index(each) for each in classes], device=x.device)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        head = LEARNERS[kind](x.shape[1], len(names), hidden).to(x.device)
    return make_list(
        _looks(ctx, head, x, y, top, [round(look * epochs / (looks - 1)) for look in range(looks)], seed)
    )


def _looks(ctx: Any, head: Any, x: Any, y: Any, top: int, when: list[int], seed: int) -> Iterator[HashTable]:
    """What is seen of HEAD's tangent kernel on X f32[n,d] after so many epochs on the classes Y i64[n] as WHEN says."""
    import torch
    from torch import nn

    from chorus.kernels.spectral.ntk import Tracker
    from chorus.kernels.spectral.operator import fit

    targets = nn.functional.one_hot(y).float()  # [n,c]
    tracker = Tracker(head, x, targets - 1 / targets.shape[1], r=top)
    done = 0
    for look, until in enumerate(when):
        if until > done:
            fit(
                head, x, y, loss=nn.functional.cross_entropy, epochs=until - done, rate=3e-3, seed=seed + look
            )
            done = until
        ctx.check()
        seen = tracker.look()
        with torch.no_grad():
            right = float((head(x).argmax(1) == y).float().mean())
        yield table(epoch=done, accuracy=right, top=listed(seen.top.cpu().numpy()), trace=seen.trace,
                    alignment=seen.alignment, drift=seen.drift)  # fmt: skip
