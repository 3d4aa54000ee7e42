"""Personas put together step by step, the nearest first, and how sure it is that each two groups joined are not one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chorus.kernels.persona.evidence import Stand
from chorus.kernels.persona.kmeans import lloyd_each
from chorus.kernels.persona.scores import adjusted_rand

EVEN = 2 * np.sqrt(
    3
)  # how far apart the halves of an even spread lie: no crowd with one middle parts further
CROWDS, CROWD = 19, 500  # groupless crowds that are cut in two, and the most people of one
FEW = 5  # people on a side, below which nothing is said of how far apart the sides are
SURE = 1.645  # standard errors by which the bar is passed


@dataclass(frozen=True)
class Join:
    """LEFT and RIGHT, personas from 0, become one group of PEOPLE.

    Their sides lie APART, in spreads within a side along the line between their middles, where a crowd of one piece
    lies BAR apart or less; AGREEMENT (adjusted Rand) is how well the same people fall on the same sides on other days,
    where days handed to other people give CHANCE or less. None: too few people, or heard on one day only.
    """

    left: tuple[int, ...]
    right: tuple[int, ...]
    people: int
    apart: float | None = None
    bar: float | None = None
    agreement: float | None = None
    chance: float | None = None
    holds: bool = False


def hierarchy(place: Stand, membership: np.ndarray, core: np.ndarray, *, seed: int = 0) -> list[Join]:
    """The k-1 joins that lead from the k personas of MEMBERSHIP f64[n,k] to everybody, in order.

    Those are joined next whose joining adds least to the squared distances of the CORE people (bool[n]) from the
    middles of their groups.   [Ward 1963]
    """
    share = membership[core]
    people = place.pooled[core] * _belief(place, place.noise)[core]  # [n,q]
    size = share.sum(0)
    centre = share.T @ people / np.maximum(size, 1e-12)[:, None]  # [k,q]
    groups: list[tuple[int, ...]] = [(persona,) for persona in range(len(size))]
    best = membership.argmax(1)
    joins: list[Join] = []
    while len(groups) > 1:
        gap = ((centre[:, None] - centre[None]) ** 2).sum(2)
        cost = gap * size[:, None] * size / np.maximum(size[:, None] + size, 1e-12)
        i, j = np.unravel_index((cost + np.where(np.tri(len(size)), np.inf, 0)).argmin(), cost.shape)
        sides = np.isin(best, groups[i]), np.isin(best, groups[j])  # [n] each
        joins.append(_judged(place, core, groups[i], groups[j], *sides, seed + len(joins)))
        centre[i] = (size[i] * centre[i] + size[j] * centre[j]) / max(size[i] + size[j], 1e-12)
        size[i] += size[j]
        groups[i] = tuple(sorted(groups[i] + groups[j]))
        centre, size = np.delete(centre, j, 0), np.delete(size, j)
        del groups[j]
    return joins


def _belief(place: Stand, noise: np.ndarray) -> np.ndarray:
    """How far positions measured with NOISE f64[n,q] are believed."""
    return place.signal / (place.signal + noise)


def _judged(
    place: Stand, core: np.ndarray, left: tuple[int, ...], right: tuple[int, ...],
    on_left: np.ndarray, on_right: np.ndarray, seed: int,
) -> Join:  # fmt: skip
    """The join of LEFT and RIGHT, of whose people those in CORE are the evidence."""
    people = int((on_left | on_right).sum())
    both = core & (on_left | on_right)
    side = on_right[both]
    if min(side.sum(), (~side).sum()) < FEW:
        return Join(left, right, people)
    points = place.pooled[both] * _belief(place, place.noise)[both]
    rng = np.random.default_rng(seed)
    apart = separation(points, side)
    bar = max(EVEN, _of_one_crowd(points, rng, seed))
    error = np.sqrt(1 / side.sum() + 1 / (~side).sum() + apart**2 / (2 * len(side)))
    agreement, chance = _on_other_days(place, both, points, side, rng)
    holds = apart - SURE * error > bar and (agreement is None or agreement > chance)  # type: ignore[operator]
    return Join(left, right, people, apart, bar, agreement, chance, bool(holds))


def separation(points: np.ndarray, side: np.ndarray) -> float:
    """How many spreads within a side the middles of both sides of POINTS f[n,q] lie apart; SIDE is bool[n]."""
    line = points[side].mean(0) - points[~side].mean(0)
    along = points @ line / max(float(np.linalg.norm(line)), 1e-12)
    gap = along[side].mean() - along[~side].mean()
    within = (side.sum() * along[side].var() + (~side).sum() * along[~side].var()) / len(side)
    return float(gap / np.sqrt(max(within, 1e-12)))


def _of_one_crowd(points: np.ndarray, rng: np.random.Generator, seed: int) -> float:
    """The furthest apart that CROWDS Gaussian crowds of the covariance of POINTS, cut in two by k-means, lie."""
    n = min(len(points), CROWD)
    spread = np.atleast_2d(np.cov(points, rowvar=False))
    crowds = rng.multivariate_normal(np.zeros(len(spread)), spread, (CROWDS, n))  # [c,n,q]
    labels = lloyd_each(crowds, [2] * CROWDS, seed=seed, restarts=2)[1]
    return max(separation(crowd, cut == 1) for crowd, cut in zip(crowds, labels, strict=True))


def _on_other_days(
    place: Stand, both: np.ndarray, points: np.ndarray, side: np.ndarray, rng: np.random.Generator
) -> tuple[float | None, float | None]:
    """How well people's sides agree between the halves of their days, and the most that strangers' halves do."""
    if place.first is None or place.second is None or place.first_noise is None or place.second_noise is None:
        return None, None
    one, other = points[~side].mean(0), points[side].mean(0)
    line, middle = other - one, (one + other) / 2
    falls: Any = lambda half, noise: (half[both] * _belief(place, noise)[both] - middle) @ line > 0
    first = falls(place.first, place.first_noise).astype(np.int64)
    second = falls(place.second, place.second_noise).astype(np.int64)
    chance = max(adjusted_rand(first, rng.permutation(second)) for _ in range(CROWDS))
    return adjusted_rand(first, second), chance


def as_rows(joins: list[Join]) -> list[dict[str, Any]]:
    """JOINS as plain values, personas counted from 1."""
    return [
        vars(join) | {"left": [p + 1 for p in join.left], "right": [p + 1 for p in join.right]}
        for join in joins
    ]
