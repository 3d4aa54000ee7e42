"""Graphs and heads as primitives: filters over ties, places in the plane, the tangent kernel of a head that learns."""

from __future__ import annotations

from typing import Annotated, Any

from chorus.kernels.spectral.given import listed, numbers, placed, table
from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import Items, Name, primitive
from chorus.runtime.values import make_list

Tensor = object
WIDEST = 65_536  # units of a hidden layer


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
    import numpy as np
    import torch

    from chorus.kernels.spectral.graph import cheb_filter, laplacian

    x, shape = numbers(values, "graph-filter"), numbers(response, "graph-filter")
    ends, weight = _ties(ties, len(x))
    at = placed(device)
    ei = torch.from_numpy(ends.astype(np.int64).T).to(at)
    w = torch.from_numpy(weight).to(at)
    graph = laplacian(torch.cat([ei, ei.flip(0)], 1), torch.cat([w, w]), len(x))
    made = cheb_filter(torch.from_numpy(x)[:, None].to(at), graph, torch.from_numpy(shape).to(at))
    return listed(made[:, 0].cpu().numpy())


def _ties(ties: Any, nodes: int) -> tuple[Any, Any]:
    """The ends f64[m,2] and weights f64[m] of TIES between NODES nodes."""
    import numpy as np

    rows = [list(row) if hasattr(row, "__iter__") else [row] for row in ties]
    if any(len(row) not in (2, 3) for row in rows):
        raise EvalError(
            "graph-filter: a tie is (node node) or (node node weight)", code="type", hint="'((0 1) (1 2 0.5))"
        )
    if not rows:
        return np.zeros((0, 2)), np.zeros(0)
    made = numbers([[*row, 1.0][:3] for row in rows], "graph-filter", 2)
    ends, weight = made[:, :2], made[:, 2]
    if (ends < 0).any() or (ends >= nodes).any() or (ends % 1 != 0).any():
        raise EvalError(f"graph-filter: ties are of the nodes 0 to {nodes - 1}", code="range")
    if (weight < 0).any():
        raise EvalError(
            "graph-filter: a tie weighs 0 or more",
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
    from torch import nn

    from chorus.kernels.spectral.learners import LEARNERS
    from chorus.kernels.spectral.ntk import Tracker
    from chorus.kernels.spectral.operator import fit

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
    targets = nn.functional.one_hot(y).float() - 1 / len(names)
    tracker = Tracker(head, x, targets, r=top)
    made, done = [], 0
    for look in range(looks):
        until = round(look * epochs / (looks - 1))
        if until > done:
            fit(
                head, x, y, loss=nn.functional.cross_entropy, epochs=until - done, rate=3e-3, seed=seed + look
            )
            done = until
        ctx.check()
        seen = tracker.look()
        with torch.no_grad():
            right = float((head(x).argmax(1) == y).float().mean())
        made.append(
            table(epoch=done, accuracy=right, top=listed(seen.top.cpu().numpy()), trace=seen.trace,
                  alignment=seen.alignment, drift=seen.drift)
        )  # fmt: skip
    return make_list(made)
