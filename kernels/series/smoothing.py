"""Exponential smoothing with a damped trend and a season, chosen by AICc among a grid of its constants."""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np

LEVELS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9)
TRENDS = ((0.0, 0.0), (0.02, 0.98), (0.1, 0.98), (0.1, 0.9), (0.3, 0.9))  # (share of the level's, damping)
FIRST = 5  # seasons that the beginning is made of
SEASONS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.4)  # shares of what the level's leaves


class Grid(NamedTuple):
    """The constants of P models f64[P]: α, β, φ, γ; whether each has a season; and how many numbers it fits."""

    alpha: np.ndarray
    beta: np.ndarray
    phi: np.ndarray
    gamma: np.ndarray
    seasonal: np.ndarray
    fitted: np.ndarray


@cache
def grid(season: int) -> Grid:
    rows = []
    for alpha, (share, phi), gamma in product(LEVELS, TRENDS, (None, *SEASONS) if season > 1 else (None,)):
        fitted = 2 + (3 if phi else 0) + (0 if gamma is None else season)
        rows.append(
            (alpha, alpha * share, phi, (gamma or 0.0) * (1 - alpha), float(gamma is not None), fitted)
        )
    return Grid(*np.array(rows).T)


def smoothed(history: np.ndarray, horizon: int, season: int) -> np.ndarray:
    """f64[h]: HISTORY f64[T] carried on by additive exponential smoothing, ETS(A,N|Ad,N|A) (Hyndman et al. 2002).

    All models of the grid run side by side; the one with the least AICc speaks. T must hold two seasons.
    """
    y = np.asarray(history, dtype=float)
    models = grid(season)
    level, slope, habit, errors = run(y, models, season)
    n = len(y) - season
    k = models.fitted
    room = np.maximum(n - k - 1, 1e-9)
    squares = np.maximum((errors[season:] ** 2).sum(axis=0), 1e-12 * max(float((y**2).sum()), 1e-12))
    best = int((n * np.log(squares / n) + 2 * k + 2 * k * (k + 1) / room).argmin())
    damped = np.cumsum(models.phi[best] ** np.arange(1, horizon + 1))
    after = habit[(len(y) + np.arange(horizon)) % season, best]
    made: np.ndarray = level[best] + damped * slope[best] + after
    return made


def run(y: np.ndarray, models: Grid, season: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Level f64[P], slope f64[P] and habit f64[season,P] after Y f64[T], and the errors f64[T,P] of one step."""
    whole = y[: min(len(y) // season, FIRST) * season].reshape(-1, season)
    means, count = whole.mean(axis=1), len(models.alpha)
    rise = (means[-1] - means[0]) / (len(means) - 1) / season  # a day
    level = np.full(count, means[0]) - rise * (models.phi > 0) * (season + 1) / 2
    slope = rise * (models.phi > 0)
    within = whole - means[:, None] - rise * (np.arange(season) - (season - 1) / 2)
    habit = within.mean(axis=0)[:, None] * models.seasonal
    errors = np.empty((len(y), count))
    for at, value in enumerate(y):
        here = at % season
        ahead = level + models.phi * slope
        error = value - ahead - habit[here]
        level = ahead + models.alpha * error
        slope = models.phi * slope + models.beta * error
        habit[here] += models.gamma * error
        errors[at] = error
    return level, slope, habit, errors
