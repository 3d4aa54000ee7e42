"""Personas moved by new messages instead of found anew: everybody placed along what set the personas apart before."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from chorus.kernels.persona.community import Community
from chorus.kernels.persona.membership import fit
from chorus.kernels.persona.space import (
    Observations,
    group_means,
    whitener,
    without_context,
    without_language,
)

DEEDS = 0.4  # how much behaviour counts beside what is said
ROUNDS = 5  # of expectation-maximisation: personas move, they are not made anew
UNHEARD = 1e3  # noise of an author without messages in a view


def refresh(community: Community, before: np.ndarray, k: int) -> np.ndarray:
    """Membership f64[n,k] of all authors, given the persona BEFORE i64[n] of each from 0, or -1 of the new.

    Persona j stays persona j. Whether it still is a group of its own is not asked: `discover` does that. ValueError
    where no author is known of some persona.
    """
    known = before >= 0
    if len(np.unique(before[known])) < k:
        raise ValueError("of some personas no member is left")
    places = [_place(*view, before, k) for view in _views(community)]
    points = np.concatenate([points for points, _ in places], axis=1)
    noise = np.concatenate([noise for _, noise in places], axis=1)
    made = fit(points[known], noise[known], before[known][None], np.array([k]), iterations=ROUNDS)[0]
    return made.posterior(points, noise)


def _views(community: Community) -> Iterator[tuple[Observations, float]]:
    """What is said and how it is done, less what day, channel and language add; how much each counts."""
    n, rows = community.authors, community.rows
    said = community.vectors
    if community.lexical is not None and len(rows):
        said = np.concatenate([said, community.lexical], axis=1)
    if len(rows) and community.language is not None:
        said = without_language(said, community.language[rows])
    for values, some, weight in (
        (said, rows, 1.0),
        (community.behaviour, np.arange(len(community.author)), DEEDS),
    ):
        if len(some) and values.shape[1]:
            place = community.channel[some]
            context = np.unique(place * (community.day.max() + 1) + community.day[some], return_inverse=True)[
                1
            ]
            clean = without_context(values, context, place)
            nothing = np.zeros(len(some), np.int64)
            yield Observations(clean, community.author[some], nothing.astype(np.int8), nothing, n), weight


def _place(seen: Observations, weight: float, before: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Authors' positions f64[n,k-1] along the directions between the personas' means, and their noise."""
    scaled = whitener(seen)(seen.values)  # a message's spread about its author is a unit
    means, count = group_means(scaled, seen.author, seen.authors)
    used = (before >= 0) & (count > 0)
    trust = np.minimum(count, 25) * used  # who wrote very much is still one person
    pick = (before[None, :] == np.arange(k)[:, None]) * trust  # [k,n]
    centres = (pick @ means) / np.maximum(pick.sum(1, keepdims=True), 1e-12)
    _, size, directions = np.linalg.svd(centres - centres.mean(0), full_matrices=False)
    kept = max(min(k - 1, len(size)), 1)
    scale = weight / max(float(np.sqrt((size[:kept] ** 2).sum() / k)), 1e-9)
    noise = np.where(count > 0, 1 / np.maximum(count, 1), UNHEARD) * scale**2
    return means @ directions[:kept].T * scale, np.repeat(noise[:, None], kept, axis=1)
