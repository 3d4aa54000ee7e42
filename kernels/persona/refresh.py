"""Personas moved by new messages instead of found anew: who wrote since is placed along what set them apart before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

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
DOUBT = 1e-4  # the least belief in any persona
UNHEARD = 1e3  # noise of an author without messages in a view


@dataclass(frozen=True)
class Before:
    """What a run left of each author: the persona LABEL i64[n] from 0, or -1 of the new; how SURE f64[n] that was; of
    how many messages HEARD i64[n], or -1 where that was not written down."""

    label: np.ndarray
    sure: np.ndarray
    heard: np.ndarray


def refresh(community: Community, before: Before, k: int) -> np.ndarray:
    """Membership f64[n,k] of all authors, given what was known BEFORE.

    What was believed of an author is multiplied by how much likelier each persona became by the messages since (Bayes).
    So who wrote nothing new stays exactly where they were: personas may have been found from other views, by which a
    second look at the same messages would move people. An author is moved by the latest messages, as many as are more
    than were heard before; where that is unknown, all messages are new. Persona j stays persona j. Whether it still is
    a group of its own is not asked: `discover` does that. ValueError where no author is known of some persona.
    """
    known = before.label >= 0
    counted = np.where(known, before.heard, 0)
    fresh = _rank(community.author, community.authors) >= counted[community.author]
    wrote = np.bincount(community.author[fresh], minlength=community.authors) > 0
    prior = _prior(before, k)
    if len(np.unique(before.label[known])) < k and (wrote.any() or not known.any()):
        raise ValueError("of some personas no member is left")
    if not wrote.any():
        return prior
    places = [_place(*view, before.label, k) for view in _views(community, fresh)]
    points, noise, points_old, noise_old = (
        np.concatenate(part, axis=1) for part in zip(*places, strict=True)
    )
    made = fit(points[known], noise[known], before.label[known][None], np.array([k]), iterations=ROUNDS)[0]
    now = made.posterior(points, noise)
    believed = _log(prior) + _log(now) - _log(made.posterior(points_old, noise_old))
    believed = np.exp(believed - believed.max(1, keepdims=True))
    moved = np.where((known & (counted >= 0))[:, None], believed / believed.sum(1, keepdims=True), now)
    return np.where((known & ~wrote)[:, None], prior, moved)


def _rank(author: np.ndarray, authors: int) -> np.ndarray:
    """Which message of its AUTHOR i64[m] each is, in time, from 0."""
    count = np.bincount(author, minlength=authors)
    order = np.argsort(author, kind="stable")
    rank = np.empty(len(author), np.int64)
    rank[order] = np.arange(len(author)) - np.repeat(np.cumsum(count) - count, count)
    return rank


def _prior(before: Before, k: int) -> np.ndarray:
    """What was believed f64[n,k]: the persona that an author had, as surely as it was, and the others alike."""
    others = np.minimum((1 - before.sure) / max(k - 1, 1), before.sure * (1 - 1e-9))  # the own persona leads
    share = np.repeat(others[:, None], k, axis=1)
    at = np.flatnonzero(before.label >= 0)
    share[at, before.label[at]] = before.sure[at]
    return share


def _log(share: np.ndarray) -> np.ndarray:
    """Logarithms of memberships, none so sure that nothing said since could change it."""
    return np.log(np.maximum(share, DOUBT))


def _views(community: Community, fresh: np.ndarray) -> Iterator[tuple[Observations, float]]:
    """What is said and how it is done, less what day, channel and language add; how much each counts. What is FRESH
    (bool[m]) is the second half."""
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
            window = np.zeros(len(some), np.int64)
            yield Observations(clean, community.author[some], fresh[some].astype(np.int8), window, n), weight


def _place(
    seen: Observations, weight: float, before: np.ndarray, k: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Authors' positions f64[n,k-1] along the directions between the personas' means, and their noise; then both from
    what was heard before alone."""
    scaled = whitener(seen)(seen.values)  # a message's spread about its author is a unit
    means, count = group_means(scaled, seen.author, seen.authors)
    used = (before >= 0) & (count > 0)
    trust = np.minimum(count, 25) * used  # who wrote very much is still one person
    pick = (before[None, :] == np.arange(k)[:, None]) * trust  # [k,n]
    centres = (pick @ means) / np.maximum(pick.sum(1, keepdims=True), 1e-12)
    _, size, directions = np.linalg.svd(centres - centres.mean(0), full_matrices=False)
    kept = max(min(k - 1, len(size)), 1)
    scale = weight / max(float(np.sqrt((size[:kept] ** 2).sum() / k)), 1e-9)
    old = seen.half == 0
    earlier = group_means(scaled[old], seen.author[old], seen.authors)
    made: list[np.ndarray] = []
    for mean, written in ((means, count), earlier):
        noise = np.where(written > 0, 1 / np.maximum(written, 1), UNHEARD) * scale**2
        made += [mean @ directions[:kept].T * scale, np.repeat(noise[:, None], kept, axis=1)]
    return made[0], made[1], made[2], made[3]
