"""Whether there are personas at all, and how many: stability across time and separation, each against
matched nulls.

An eigengap says "4" where nothing was planted, and two halves of *any* cloud are alike at k=2. So each k is
judged by how far two figures exceed what they are under nulls of the same size, spread and noise: the
agreement of two clusterings made from disjoint days, and the silhouette.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chorus.kernels.persona.cluster import mixtures
from chorus.kernels.persona.scores import adjusted_rand, silhouette

FIGURES = ("stability", "silhouette")
SIGMAS = 3.0  # how far above the nulls' best the data's best must stand
LOWEST_BAR = 5.0  # of the total excess: a few replicates may happen to lie close together
MARGIN = 0.02  # spread of a figure below which differences are not worth believing


@dataclass(frozen=True)
class Stand:
    """Authors' positions f64[n,q] from all days, and from each half, with their noise f64[n,q] and
    signal f64[q].

    FIRST and SECOND are None where authors were heard only once: then random halves of the authors are
    compared.
    """

    pooled: np.ndarray
    noise: np.ndarray
    signal: np.ndarray
    first: np.ndarray | None = None
    second: np.ndarray | None = None
    first_noise: np.ndarray | None = None
    second_noise: np.ndarray | None = None
    device: str = "cpu"  # where clusters of these positions are looked for


@dataclass(frozen=True)
class Curve:
    """For each k of KS: the figures f64[2,ks], the mean of each null, the excess in spreads, and the
    verdict."""

    ks: list[int]
    data: np.ndarray
    nulls: dict[str, np.ndarray] = field(default_factory=dict)  # name -> mean f64[2,ks]
    excess: np.ndarray = field(default_factory=lambda: np.zeros((2, 0)))
    bar: float = np.inf  # what the total excess must reach
    best: int = 0  # position in KS

    @property
    def k(self) -> int:
        return self.ks[self.best]

    @property
    def structure(self) -> bool:
        """Whether the best k beats every null on both figures together, and is no less stable than they
        are."""
        return bool(self.total.max() > self.bar and self.excess[0, self.best] > 1)

    @property
    def total(self) -> np.ndarray:
        return self.excess.sum(0)


def figures(stand: Stand, ks: list[int], seed: int) -> np.ndarray:
    """Stability and silhouette f64[2,ks] of one stand."""
    whole = mixtures(stand.pooled, stand.noise, stand.signal, ks, seed=seed, restarts=2, device=stand.device)
    believed = stand.pooled * (stand.signal / (stand.signal + stand.noise))
    shape = [silhouette(believed, whole[k].posterior(stand.pooled, stand.noise).argmax(1)) for k in ks]
    return np.array([stability(stand, ks, seed), shape])


def stability(stand: Stand, ks: list[int], seed: int) -> list[float]:
    """Agreement (adjusted Rand index) of two clusterings made apart: of disjoint days, or of disjoint
    authors."""
    if stand.first is None or stand.second is None or stand.first_noise is None or stand.second_noise is None:
        return _across_samples(stand, ks, seed)
    parts = []
    for points, noise, turn in ((stand.first, stand.first_noise, 1), (stand.second, stand.second_noise, 2)):
        made = mixtures(points, noise, stand.signal, ks, seed=seed + turn, restarts=2, device=stand.device)
        parts.append({k: made[k].posterior(points, noise).argmax(1) for k in ks})
    return [adjusted_rand(parts[0][k], parts[1][k]) for k in ks]


def _across_samples(stand: Stand, ks: list[int], seed: int) -> list[float]:
    """Two clusterings from disjoint random halves of the authors, compared on all of them."""
    order = np.random.default_rng(seed).permutation(len(stand.pooled))
    parts = []
    for half in (order[::2], order[1::2]):
        made = mixtures(
            stand.pooled[half], stand.noise[half], stand.signal, ks, seed=seed, device=stand.device
        )
        parts.append({k: made[k].posterior(stand.pooled, stand.noise).argmax(1) for k in ks})
    return [adjusted_rand(parts[0][k], parts[1][k]) for k in ks]


def weigh(
    stand: Stand,
    nulls: dict[str, tuple[Callable[[int], Stand], int]],
    ks: Sequence[int],
    *,
    seed: int = 0,
    tick: Callable[[], Any] = lambda: None,
) -> Curve:
    """The curve of STAND over KS against NULLS: name → (a stand drawn under that null, given a seed; how
    many).

    The bar is set by the nulls themselves: the replicates are scored as the data is, and the data's best k must stand
    SIGMAS above their best.
    """
    ks = list(ks)
    data = figures(stand, ks, seed)
    drawn: dict[str, np.ndarray] = {}
    for name, (draw, replicates) in nulls.items():
        rows = []
        for turn in range(replicates):
            tick()
            rows.append(figures(draw(seed + 101 * turn + 7), ks, seed + turn))
        drawn[name] = np.array(rows)  # [r,2,ks]
    excess = np.min([_excess(data, rows) for rows in drawn.values()], axis=0)
    bests = [_excess(row, rows).sum(0).max() for rows in drawn.values() for row in rows]
    bar = max(float(np.mean(bests) + SIGMAS * np.std(bests, ddof=1)), LOWEST_BAR)
    means = {name: rows.mean(0) for name, rows in drawn.items()}
    total = excess.sum(0)
    return Curve(ks, data, means, excess, bar, int(total.argmax()))


def _excess(data: np.ndarray, null: np.ndarray) -> np.ndarray:
    """How many spreads DATA f64[2,ks] lies above replicates NULL f64[r,2,ks]; one spread a figure,
    shared by all k."""
    spread = np.sqrt(null.var(0, ddof=1).mean(1, keepdims=True) + MARGIN**2)
    return (data - null.mean(0)) / spread
