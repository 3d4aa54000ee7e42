"""Topics through time: what messages are about, under names that last from one look to the next, and what comes up."""

from __future__ import annotations

import numpy as np

from chorus.kernels.persona.kmeans import descend, lloyd

FIT = 20_000  # messages that centres are made of; the others go to the nearest
TRIES = 200  # candidates for a new centre
MOVES = 40
SAME = 0.8  # cosine from which two centres are one topic: halves of one topic's messages lie nearer, topics do not


def clusters(
    vectors: np.ndarray, k: int, seed: int = 0, known: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Centres f64[k,d] of unit length and the nearest of each of VECTORS f32[n,d]: i64[n], −1 of a vector of zeros.

    Spherical k-means (Dhillon & Modha 2001) on at most FIT vectors. With KNOWN f64[j,d], j ≤ K, it starts from these,
    which stay in their rows, and from vectors that lie closest together far from them; fewer where two come to be one,
    or nothing is nearest to one.
    """
    length = np.linalg.norm(vectors, axis=1)
    there = np.flatnonzero(length > 0)
    unit = np.asarray(vectors[there], dtype=np.float64) / length[there, None]
    random = np.random.default_rng(seed)
    fit = unit[random.permutation(len(unit))[:FIT]]
    if known is None:
        centres, _, _ = lloyd(fit, min(k, len(fit)), seed=seed, restarts=4)
    else:
        starts = _beside(fit, known, k - len(known), random)
        centres = descend(fit[None], starts[None, None], np.array([len(starts)]), MOVES)[0][0, 0]
    centres /= np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-12)
    if known is None:  # of vectors that are few or alike some centres are nobody's
        centres = centres[np.unique(assigned(unit, centres))]
    else:  # two places found for one topic are one
        near = np.tril(centres @ centres.T, -1).max(axis=1, initial=-1)
        centres = centres[(near < SAME) | (np.arange(len(centres)) < len(known))]
    return centres, assigned(vectors, centres)


def assigned(vectors: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """i64[n]: the nearest of CENTRES f64[k,d] to each of VECTORS f32[n,d], −1 of a vector of zeros."""
    there = (vectors != 0).any(axis=1)
    labels = np.full(len(vectors), -1)
    labels[there] = (vectors[there] @ centres.T).argmax(axis=1) if len(centres) else -1
    return labels


def _beside(unit: np.ndarray, known: np.ndarray, more: int, random: np.random.Generator) -> np.ndarray:
    """KNOWN and MORE of the rows of UNIT f64[n,d], each the one of TRIES that most rows lie nearer to than to those."""
    found = np.array(known, dtype=np.float64)
    for _ in range(min(more, len(unit))):
        far = np.maximum(1 - (unit @ found.T).max(axis=1), 0) if len(found) else np.ones(len(unit))
        chance = far / far.sum() if far.sum() > 0 else None
        drawn = random.choice(len(unit), min(TRIES, len(unit)), p=chance)
        gain = [np.maximum(far - (1 - unit @ unit[at]), 0).sum() for at in drawn]
        found = np.vstack([found, unit[drawn[int(np.argmax(gain))]]])
    return found


def nearest(vectors: np.ndarray, centres: np.ndarray, labels: np.ndarray, most: int) -> list[np.ndarray]:
    """For each of CENTRES f64[k,d] the places of at most MOST of the VECTORS f32[n,d] with its label, nearest first."""
    length = np.maximum(np.linalg.norm(vectors, axis=1), 1e-12)
    found = []
    for at, centre in enumerate(centres):
        own = np.flatnonzero(labels == at)
        near = (vectors[own] @ centre) / length[own]
        found.append(own[np.argsort(-near, kind="stable")[:most]])
    return found


def matched(before: np.ndarray, after: np.ndarray, least: float = SAME) -> np.ndarray:
    """i64[k]: which of the centres BEFORE f64[j,d] each of AFTER f64[k,d] goes on with, −1 none: the pairs of at
    least LEAST with the largest cosines in all (Kuhn 1955).
    """
    from scipy.optimize import linear_sum_assignment

    found = np.full(len(after), -1)
    if len(before) and len(after):
        near = after @ before.T
        rows, columns = linear_sum_assignment(np.where(near >= least, -near, 0))
        good = near[rows, columns] >= least
        found[rows[good]] = columns[good]
    return found


def emerging(counts: np.ndarray, totals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(expected f64[k], p f64[k]): how many of the people of the last of W spans would speak of each topic if its share
    were that of the spans before, and the chance of as many as did.

    COUNTS i64[k,W] are the people who spoke of a topic, TOTALS i64[W] all who spoke. Exact given the sum of both
    times (Przyborowski & Wilenski 1940); where a topic's share varied more than chance between earlier spans, by
    as much fewer people than there were.
    """
    from scipy.stats import binom

    past, last = counts[:, :-1], counts[:, -1]
    before = max(int(totals[:-1].sum()), 1)
    share = past.sum(axis=1) / before
    expected = share[:, None] * totals[None, :-1]
    usual = np.maximum(expected * (1 - share[:, None]), 1e-12)
    spread = np.where(expected > 0, (past - expected) ** 2 / usual, 0).sum(axis=1) / max(past.shape[1] - 1, 1)
    fewer = np.maximum(spread, 1.0)
    now, then = last / fewer, past.sum(axis=1) / fewer
    both = np.ceil(now + then)
    p = binom.sf(np.floor(now) - 1, both, totals[-1] / max(int(totals[-1]) + before, 1))
    return share * totals[-1], np.where(last > 0, p, 1.0)
