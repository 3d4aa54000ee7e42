"""Means that a few authors cannot move: so many differences of one author and hour, and the extremes cut off."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from chorus.kernels.gate.rules import AN_HOUR, AUTHORS, LEAGUE, TRIM
from chorus.kernels.gate.running import Cap


class Fair(NamedTuple):
    """The trimmed MEAN of AUTHORS' means, and its standard ERROR; the error is NaN of fewer than two authors."""

    mean: float
    error: float
    authors: int


def counting(authors: Sequence[str], hours: Sequence[float], most: int = AN_HOUR) -> np.ndarray:
    """bool[n]: what counts of what AUTHORS said at HOURS: not more than MOST of one author within any hour. Who has no
    name ("") is not counted off.

    It is decided before a difference is seen, so what is left is as fair a game as all of it.
    """
    cap = Cap(most)
    return np.array([cap.counts(*each) for each in zip(authors, hours, strict=True)], bool)


def votes_of(values: np.ndarray, authors: Sequence[str]) -> np.ndarray:
    """The mean of what each of AUTHORS said, sorted."""
    _, at = np.unique(np.asarray(authors, dtype=object).astype(str), return_inverse=True)
    return np.sort(np.bincount(at, np.asarray(values, np.float64)) / np.bincount(at))


def fair_mean(values: np.ndarray, authors: Sequence[str], trim: float = TRIM) -> Fair:
    """Each author has one vote, the mean of what they said; of the votes, TRIM are cut off at either end.

    The error is that of the trimmed mean, from the winsorised variance.   [Tukey & McLaughlin 1963]
    """
    votes = votes_of(values, authors)
    n = len(votes)
    cut = int(trim * n) if n >= AUTHORS else 0
    mean = float(votes[cut : n - cut].mean())
    if n < 2:
        return Fair(mean, float("nan"), n)
    spread = np.clip(votes, votes[cut], votes[n - 1 - cut]).std(ddof=1)
    return Fair(mean, float(spread / ((1 - 2 * cut / n) * np.sqrt(n))), n)


def holds_without(values: np.ndarray, authors: Sequence[str]) -> bool:
    """Whether a gain is there without the fifth of AUTHORS who see most of it, as they may be in league.

    It is the mean that must be above 0, not a bound of it: people differ, so a bound would cost half of the true gains
    of ten points (a team of forty, whose own gains have a spread of .145), and keep out few losses more.
    """
    votes = votes_of(values, authors)
    kept = votes[: len(votes) - math.ceil(LEAGUE * len(votes))]
    if len(votes) < AUTHORS:
        return True  # too few to tell a league from a team
    return bool(kept.mean() > 0)


def people_error(values: np.ndarray, authors: Sequence[str]) -> float:
    """The standard error of a mean over people, of whom AUTHORS are a sample; 0 of fewer than two."""
    votes = votes_of(values, authors)
    return float(votes.std(ddof=1) / math.sqrt(len(votes))) if len(votes) > 1 else 0.0
