"""People whose tastes move: how fast ratings grow old, told from how well each rate foresaw the next rating.

A developer's effects are an Ornstein–Uhlenbeck process round the team's: θ ← μ + φ(θ − μ) + noise, from one of their
ratings to the next, with the team's spread as its stationary one. φ = 1 never forgets; what is forgotten falls back
to the team. Ratings are then jointly normal, so one Cholesky factor gives every one-step-ahead prediction at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular
from scipy.signal import lfilter

RATES = (1.0, 0.995, 0.98, 0.95, 0.9)
MEMORY = 0.98  # how long a rate is held to what it foresaw: 50 ratings
MOST = 400  # latest ratings of one group that are looked at


@dataclass
class Prior:
    """What is thought of a group before its ratings: MEAN f64[p], VARIANCE f64[p], and σ²."""

    mean: np.ndarray
    variance: np.ndarray
    noise: float


def _factor(x: np.ndarray, weights: np.ndarray, prior: Prior, rate: float) -> np.ndarray:
    """The lower Cholesky factor f64[n, n] of the covariance of ratings at X f64[n, p], the latest last."""
    at = np.arange(len(x))
    gram = (x * prior.variance) @ x.T
    if rate < 1.0:
        gram = gram * rate ** np.abs(at[:, None] - at[None, :])
    gram[at, at] += prior.noise / weights
    return np.linalg.cholesky(gram)


def foresight(
    x: np.ndarray, y: np.ndarray, weights: np.ndarray, prior: Prior, rate: float
) -> tuple[np.ndarray, np.ndarray]:
    """(scores f64[n], misses f64[n]): of each rating the log density that those before it gave it, and how far it lay
    from what they foretold.
    """
    factor = _factor(x, weights, prior, rate)
    z = solve_triangular(factor, y - x @ prior.mean, lower=True, check_finite=False)
    scale = np.diag(factor)
    return -0.5 * z**2 - np.log(scale) - 0.5 * np.log(2 * np.pi), z * scale


def foresights(
    x: np.ndarray, y: np.ndarray, weights: np.ndarray, prior: Prior, rates: tuple[float, ...] = RATES
) -> np.ndarray:
    """f64[n, r]: the scores of `foresight` under each of RATES, at once."""
    n = len(y)
    at = np.arange(n)
    age = np.asarray(rates)[:, None] ** at  # [r, n]
    gram = (x * prior.variance) @ x.T * age[:, np.abs(at[:, None] - at)]  # [r, n, n]
    gram[:, at, at] += prior.noise / weights
    factors = np.linalg.cholesky(gram)
    z = np.linalg.solve(factors, (y - x @ prior.mean)[:, None])[..., 0]  # [r, n]
    scale = np.einsum("rii->ri", factors)
    return (-0.5 * z**2 - np.log(scale) - 0.5 * np.log(2 * np.pi)).T


def follow(
    x: np.ndarray, y: np.ndarray, weights: np.ndarray, prior: Prior, rate: float
) -> tuple[np.ndarray, np.ndarray]:
    """(mean f64[p], covariance f64[p, p]) of θ at the next rating, given those at X f64[n, p], the latest last."""
    x, y, weights = x[-MOST:], y[-MOST:], weights[-MOST:]
    if not len(y):
        return prior.mean.copy(), np.diag(prior.variance)
    factor = _factor(x, weights, prior, rate)
    age = len(y) - np.arange(len(y))
    cross = x * prior.variance * (rate**age)[:, None]  # [n, p]: cov(rating, θ at the next)
    half = solve_triangular(factor, cross, lower=True, check_finite=False)
    z = solve_triangular(factor, y - x @ prior.mean, lower=True, check_finite=False)
    return prior.mean + half.T @ z, np.diag(prior.variance) - half.T @ half


def rate_weights(scores: np.ndarray, memory: float = MEMORY) -> np.ndarray:
    """f64[n + 1, r]: how far each rate is to be believed before each rating and after the last, from the SCORES
    f64[n, r] that ratings had under each, old scores counting for less [dynamic model averaging, Raftery et al.
    2010].
    """
    held = lfilter([1.0], [1.0, -memory], scores, axis=0) if len(scores) else scores
    made = np.vstack([np.zeros(scores.shape[1]), held])
    made -= made.max(1, keepdims=True)
    weights = np.exp(made)
    return weights / weights.sum(1, keepdims=True)


def adapted(
    scores: np.ndarray, rates: tuple[float, ...] = RATES, memory: float = MEMORY
) -> tuple[float, float, float]:
    """(rate, gain, beside): the rate that SCORES f64[n, r] recommend for the next rating, and by how much a rating was
    foreseen better by the rates so adapted than by forgetting nothing, and than by the best constant rate.
    """
    weights = rate_weights(scores, memory)
    mixed = np.logaddexp.reduce(np.log(np.maximum(weights[:-1], 1e-300)) + scores, axis=1).sum()
    constant = scores.sum(0)
    n = max(len(scores), 1)
    return (
        float(weights[-1] @ np.asarray(rates)),
        float((mixed - constant[0]) / n),
        float((mixed - constant.max()) / n),
    )
