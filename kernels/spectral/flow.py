"""A flow between named people read by its Hodge parts: who drives, who goes round in circles, what persists."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

import numpy as np

from chorus.kernels.spectral.hodge import Parts, decompose
from chorus.kernels.spectral.homology import betti1
from chorus.kernels.spectral.simplices import boundaries, canonical, triangles


class Reading(NamedTuple):
    people: int
    ties: int
    triangles: int
    holes: int
    shares: tuple[float, float, float]  # of gradient, curl and harmonic in the flow's energy
    chance: tuple[float, float]  # how often directions drawn by lot give as much gradient, and as much curl
    drivers: list[tuple[Any, float]]  # who the flow runs to, by potential, the highest first
    sources: list[tuple[Any, float]]  # who it comes from, the lowest first
    cycles: list[tuple[Any, Any, Any, float]]  # in the direction in which the flow goes round
    persistent: list[tuple[Any, Any, float]]  # ties on which flow circulates that no triangle explains


def read_flow(
    tails: Sequence[Hashable],
    heads: Sequence[Hashable],
    amounts: Sequence[float],
    *,
    top: int = 5,
    draws: int = 19,
    seed: int = 0,
    device: str = "cpu",
) -> Reading:
    """The Hodge parts of AMOUNTS that flow from each of TAILS to each of HEADS, by name.

    Only net flow counts: what two people send one another evenly is none. Chance is judged by DRAWS of the same amounts
    in directions by lot.
    """
    names = list(dict.fromkeys([*tails, *heads]))
    place = {name: at for at, name in enumerate(names)}
    arrows = np.array([[place[t] for t in tails], [place[h] for h in heads]], np.int64).reshape(2, -1)
    edges, net = canonical(arrows, np.asarray(amounts, np.float64), len(names))
    corners, sides = triangles(edges, len(names))
    b1, b2 = boundaries(edges, len(names), sides)
    parts = decompose(net, b1, b2, device=device, tol=1e-10)
    shares = parts.shares()
    rng = np.random.default_rng(seed)
    lots = [
        decompose(net * rng.choice((-1.0, 1.0), len(net)), b1, b2, device=device, tol=1e-5).shares()
        for _ in range(draws)
    ]
    reached = [(1 + sum(lot[part] >= shares[part] for lot in lots)) / (1 + draws) for part in (0, 1)]
    ranked = [(names[at], float(parts.potential[at])) for at in np.argsort(-parts.potential, kind="stable")]
    return Reading(
        len(names),
        edges.shape[1],
        len(corners),
        betti1(edges, len(names), sides),
        shares,
        (reached[0], reached[1]),
        [row for row in ranked[:top] if row[1] > 0],
        [row for row in ranked[::-1][:top] if row[1] < 0],
        _cycles(parts, corners, names, top),
        _persistent(parts, edges, names, top),
    )


def _cycles(
    parts: Parts, corners: np.ndarray, names: list[Any], top: int
) -> list[tuple[Any, Any, Any, float]]:
    """The triangles with most flow around them."""
    found = []
    for at in _largest(parts.around, top):
        a, b, c = (names[corner] for corner in corners[at])
        amount = float(parts.around[at])
        found.append((a, b, c, amount) if amount > 0 else (a, c, b, -amount))
    return found


def _persistent(parts: Parts, edges: np.ndarray, names: list[Any], top: int) -> list[tuple[Any, Any, float]]:
    """The ties with most harmonic flow, in its direction."""
    found = []
    for at in _largest(parts.harmonic, top):
        low, high = (names[end] for end in edges[:, at])
        amount = float(parts.harmonic[at])
        found.append((low, high, amount) if amount > 0 else (high, low, -amount))
    return found


def _largest(values: np.ndarray, top: int, least: float = 1e-6) -> np.ndarray:
    order = np.argsort(-np.abs(values), kind="stable")[:top]
    return order[np.abs(values[order]) > least]
