"""Discovery where each author was heard only once (reviews): clusters of authors, tested across authors,
not time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chorus.kernels.persona.community import Community, Discovery, NoStructure
from chorus.kernels.persona.conclude import conclude, describe, describe_degrees
from chorus.kernels.persona.degrees import between_middles
from chorus.kernels.persona.evidence import Stand, weigh
from chorus.kernels.persona.halves import Split
from chorus.kernels.persona.space import group_means, principal

DIRECTIONS = 10
SHUFFLES = 4


def discover_once(
    community: Community,
    parted: Split,
    k: int | None,
    about: dict[str, Any],
    seed: int,
    device: str,
    tick: Callable[[], Any],
) -> Discovery | NoStructure:
    """As `discover`, from authors' only messages. Agreement is between random halves of the authors, the null
    a Gaussian of the same covariance: it can show groups of messages, not that a person stays in one, and the
    evidence says so."""
    from chorus.kernels.persona.discover import ASKED_FOR, LARGEST, TESTED

    place = _place(community, parted.core, seed, device)
    if place is None:
        return NoStructure("authors' messages share no direction beyond chance", about)
    core = np.flatnonzero(parted.core)
    rng = np.random.default_rng(seed)
    some = core if len(core) <= TESTED else rng.choice(core, TESTED, replace=False)
    data = Stand(place.pooled[some], place.noise[some], place.signal, device=device)
    ks = [k] if k else [n for n in range(2, LARGEST + 1) if n * 3 <= len(some)]
    ks = [n for n in ks if n > 1]
    if ks:
        curve = weigh(data, {"gaussian": (_gaussian(data), 12)}, ks, seed=seed, tick=tick)
        about = about | {"views": "words and deeds"} | describe(curve)
        if k is None and not curve.structure:
            return NoStructure(
                f"no division of the authors stands out: the best (k={curve.k}) is within chance", about
            )
        k = k or curve.k
        apart = weigh(data, {"degrees": (_degrees(data, k, seed), 12)}, [k], seed=seed, tick=tick)
        about = about | describe_degrees(apart)
        if not curve.structure:
            about |= {"distinct": False, "caveat": ASKED_FOR}
    return conclude(place, parted.core, k or 1, about, seed, tick)


def _place(community: Community, core: np.ndarray, seed: int, device: str) -> Stand | None:
    """Principal directions of authors' mean vectors (and behaviour), as many as exceed columns shuffled
    apart."""
    n = community.authors
    parts = []
    everything = np.arange(len(community.author))
    for values, rows, weight in (
        (community.vectors, community.rows, 1.0),
        (community.behaviour, everything, 0.6),
    ):
        if len(rows) and values.shape[1]:
            means, count = group_means(values, community.author[rows], n)
            means = np.where(count[:, None] > 0, means - means[core & (count > 0)].mean(0), 0)
            parts.append(weight * means / max(np.sqrt((means[core] ** 2).sum(1).mean()), 1e-12))
    points = np.concatenate(parts, axis=1)
    basis = principal(points[core], DIRECTIONS, device)
    rng = np.random.default_rng(seed)
    chance = [
        (rng.permuted(points[core], axis=0) @ basis_of).var(0).max()
        for basis_of in (principal(rng.permuted(points[core], axis=0), 1, device) for _ in range(SHUFFLES))
    ]
    signal = (points[core] @ basis).var(0)
    q = int((signal > 1.5 * max(chance)).cumprod().sum())
    if q == 0:
        return None
    place = points @ basis[:, :q]
    return Stand(place, np.full(place.shape, 0.05) * signal[:q], signal[:q], device=device)


def _gaussian(data: Stand) -> Callable[[int], Stand]:
    covariance = np.atleast_2d(np.cov(data.pooled, rowvar=False))
    mean = data.pooled.mean(0)

    def draw(seed: int) -> Stand:
        rng = np.random.default_rng(seed)
        drawn = rng.multivariate_normal(mean, covariance, len(data.pooled))
        return Stand(drawn, data.noise, data.signal, device=data.device)

    return draw


def _degrees(data: Stand, k: int, seed: int) -> Callable[[int], Stand]:
    """People by degrees between the middles of K clusters of DATA."""
    crowd = between_middles(data, k, np.atleast_2d(np.cov(data.pooled, rowvar=False)), seed)

    def draw(seed: int) -> Stand:
        people = data.pooled.mean(0) + crowd(len(data.pooled), np.random.default_rng(seed))
        return Stand(people, data.noise, data.signal, device=data.device)

    return draw
