"""What a question makes of its ratings, whatever was chosen, and who of the raters agrees with the others on that.

    y_i = x_i · θ + l_g + v_q + e_i,   v_q ~ N(0, ν²),   e_i ~ N(0, σ²/w_i)

Some questions have good answers and some have none; that is most of what ratings differ by. ν² and σ² are told by
moments of what is left of ratings when the choices and the raters' levels θ, l are taken out; from each rating then
goes what the *other* ratings of its question say of it [Henderson 1975; leave-one-out], so that no rating explains
itself away, and one of a question that nobody asked again stays as it is.

Tastes differ, but on which questions were answered at all people agree. Who does not (who rates the other way round,
or says the same whatever is shown) does not rate answers, and counts for little: their ratings' slope on what others
say of the same questions is near 1 of somebody honest [as workers' reliability, Dawid & Skene 1979; Raykar 2010].
Slopes are unsure where questions differ little; that somebody says nearly the same of everything shows sooner, and is
told by how much less their ratings vary than the others' do.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

CHOICES = 0.07  # spread of the effects of choices, before anything is known, and
LEVELS = 0.1  # that of raters' levels,
NOISE = 0.05  # beside this variance of a rating
SLOPES = 0.5  # spread of people's slopes on what others say, round 1
ENOUGH = 0.5  # slope from which on a rater counts in full
SPOKEN = 0.25  # of the usual variance of somebody's ratings, from which on they count in full
LEAST_TRUST = 0.02
FEW = 3  # raters, of whom none is unusual
UNKNOWN = 1.0  # ratings that the usual variance counts for in somebody's own
ROUNDS = 8
LEAST = 1e-3  # of σ²


class Freed(NamedTuple):
    """RATINGS f64[n] without their questions, the variance BETWEEN questions ν², and how far each of the raters is to
    be TRUSTED f64[g]."""

    ratings: np.ndarray
    between: float
    trusted: np.ndarray


def without_questions(
    x: np.ndarray, y: np.ndarray, weights: np.ndarray, groups: np.ndarray, questions: np.ndarray
) -> Freed:
    """Y f64[n] without what QUESTIONS i64[n] make of it, given the choices X f64[n, p], column 0 of which is the level,
    and who rated, GROUPS i64[n].
    """
    trusted = spoken = spread_trust(y, groups)
    if len(y) < 2:
        return Freed(y.copy(), 0.0, trusted)
    choices, levels, pulls, mean = x[:, 1:], np.zeros(len(y)), np.zeros(len(y)), float(y.mean())
    pull = NOISE / CHOICES**2 * np.eye(choices.shape[1])
    for _ in range(ROUNDS):
        w = weights * trusted[groups]
        weighed = choices.T * w
        chosen = choices @ np.linalg.solve(weighed @ choices + pull, weighed @ (y - mean - levels - pulls))
        levels = _shrunk(y - mean - chosen - pulls, w, groups, NOISE / LEVELS**2)
        left = y - mean - chosen - levels
        within, between = variances(left, w, questions)
        if between <= 0:
            return Freed(y.copy(), 0.0, spoken)
        pulls = _shrunk(left, w, questions, within / between)
        slopes = trust(left, w, groups, questions, within, within / between)
        trusted = np.maximum(spoken * slopes, LEAST_TRUST)
        mean = float(np.average(y - chosen - levels - pulls, weights=w))
    left = y - mean - chosen - levels
    said = said_by_others(left, weights * trusted[groups], questions, within / between)
    return Freed(y - said, between, trusted)


def said_by_others(left: np.ndarray, weights: np.ndarray, questions: np.ndarray, ratio: float) -> np.ndarray:
    """f64[n]: the pull of each rating's question, told by what its other ratings have LEFT; RATIO is σ²/ν²."""
    sums, totals = np.bincount(questions, weights * left), np.bincount(questions, weights)
    return (sums[questions] - weights * left) / (totals[questions] - weights + ratio)


def trust(
    left: np.ndarray,
    weights: np.ndarray,
    groups: np.ndarray,
    questions: np.ndarray,
    within: float,
    ratio: float,
) -> np.ndarray:
    """f64[g]: in full where the slope of what a rater's ratings have LEFT on what other raters say of their questions
    is ENOUGH, nearly nothing where it is 0 or below; 1 of who has rated little.
    """
    _, both = np.unique(
        questions * (int(groups.max()) + 1) + groups, return_inverse=True
    )  # rater and question
    sums, totals = np.bincount(questions, weights * left), np.bincount(questions, weights)
    own, own_total = np.bincount(both, weights * left), np.bincount(both, weights)
    others = (sums[questions] - own[both]) / (totals[questions] - own_total[both] + ratio)
    pull = within / SLOPES**2
    slope = (pull + np.bincount(groups, others * left)) / (pull + np.bincount(groups, others**2))
    return np.clip(slope / ENOUGH, LEAST_TRUST, 1.0)


def spread_trust(y: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """f64[g]: in full where the variance of a rater's ratings Y is SPOKEN of what is usual (the median) or more, nearly
    nothing where they are all alike; of who has rated little, the usual is part of it.
    """
    count = np.bincount(groups) if len(groups) else np.zeros(0)
    if len(count) < FEW:
        return np.ones(len(count))
    many = np.maximum(count, 1)
    own = np.bincount(groups, y**2) / many - (np.bincount(groups, y) / many) ** 2
    usual = float(np.median(own[count > 1])) if (count > 1).any() else 0.0
    if usual <= 0:
        return np.ones(len(count))
    likely = (own * count + usual * UNKNOWN) / (count + UNKNOWN)
    return np.clip(likely / (SPOKEN * usual), LEAST_TRUST, 1.0)


def variances(left: np.ndarray, weights: np.ndarray, questions: np.ndarray) -> tuple[float, float]:
    """(σ², ν²) by moments: ν² is the mean product of two different ratings of one question."""
    sums, totals = np.bincount(questions, weights * left), np.bincount(questions, weights)
    squares, squared = np.bincount(questions, (weights * left) ** 2), np.bincount(questions, weights**2)
    pairs = float((totals**2 - squared).sum())
    if pairs <= 1e-9:
        return NOISE, 0.0
    between = float((sums**2 - squares).sum()) / pairs
    whole = float((weights * left**2).sum() / weights.sum())
    return max(whole - between, LEAST), max(between, 0.0)


def _shrunk(left: np.ndarray, weights: np.ndarray, of: np.ndarray, pull: float) -> np.ndarray:
    """f64[n]: for each of LEFT the mean of its kind OF, drawn to 0 as PULL more ratings of 0 would."""
    return (np.bincount(of, weights * left) / (np.bincount(of, weights) + pull))[of]
