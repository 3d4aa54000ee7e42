"""How well groups by behaviour hold from one half of people's days to the other, told on authors that nothing was
learned from."""

from __future__ import annotations

import numpy as np

from chorus.kernels.persona.community import Community
from chorus.kernels.persona.halves import split
from chorus.kernels.persona.kmeans import lloyd
from chorus.kernels.persona.scores import adjusted_rand
from chorus.kernels.persona.space import Halves, Observations, halves_of, without_context
from chorus.kernels.persona.steady import steadiest

OUTLIER = 3.0  # robust deviations at which a position is cut: a strange account must not be a group of one


def across_days(
    community: Community, k: int, each: int, *, dims: int = 3, seed: int = 0
) -> tuple[float, int]:
    """The adjusted Rand index of two clusterings into K, by behaviour, of the same authors on disjoint days; how many
    authors. Those take part who wrote EACH messages or more in either half of their days.

    Directions, DIMS of them, are learned from a random half of all authors, k-means is run on the others, once for each
    half of their days; then the other way round. ValueError where fewer than 2·K are left on one side.
    """
    parted = split(community.author, community.day, community.authors)
    context = np.unique(community.channel * (community.day.max() + 1) + community.day, return_inverse=True)[1]
    values = without_context(community.behaviour, context, community.channel)
    seen = Observations(values, community.author, parted.half, parted.window, community.authors)
    halves = halves_of(values, seen)
    heard = halves.heard_twice & (np.minimum(halves.n_first, halves.n_second) >= each)
    side = np.random.default_rng(seed).integers(2, size=community.authors)
    scores = []
    for turn in (0, 1):
        learned, told = parted.core & halves.heard_twice & (side == turn), heard & (side != turn)
        if min(learned.sum(), told.sum()) < 2 * k:
            raise ValueError(f"too few authors wrote {each} messages in both halves of their days")
        scores.append(_agreement(halves.take(learned), halves.take(told), k, dims, seed))
    return float(np.mean(scores)), int(heard.sum())


def _agreement(learned: Halves, told: Halves, k: int, dims: int, seed: int) -> float:
    units, directions = steadiest(learned, dims)
    pooled = units(learned.pooled) @ directions  # [n,q]
    middle = np.median(pooled, axis=0)
    spread = 1.4826 * np.median(np.abs(pooled - middle), axis=0)
    signal = spread**2
    labels = []
    for values in (told.first, told.second):
        points = np.clip((units(values) @ directions - middle) / spread, -OUTLIER, OUTLIER)
        believed = points * signal / np.sqrt(signal + 1)  # a day's noise is the unit
        labels.append(lloyd(believed, k, seed=seed, restarts=20)[1])
    return adjusted_rand(*labels)
