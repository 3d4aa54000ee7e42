"""What may leave an agent: nothing, a noisy mean with a stated ε, or everything; and what an attacker can tell from it.

| mode | what leaves the agent's own levels |
|---|---|
| private | nothing: asking for it is an error |
| team | the sum of updates clipped to C, with Gaussian noise of σC, over their number |
| public | the mean as it is |

The noise is the least that the analytic Gaussian mechanism allows (Balle & Wang, ICML 2018): σ solves

    δ = Φ(1/(2σ) − εσ) − e^ε Φ(−1/(2σ) − εσ)

Releases add up as Gaussians do (μ-GDP: Dong, Roth & Su, JRSS B 2022): k of them with σ are one with σ/√k, so the ε
that is stated is exact for this mechanism, not a bound of bounds. Neighbours differ by one contributor's being
there or not, their number being known; nothing is gained here by drawing at random who takes part. A contributor
is a row of the updates: an agent where rows are agents' updates, a message where they are messages' gradients.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from chorus.runtime.errors import EvalError

MODES = ("private", "team", "public")
Array = np.ndarray[Any, Any]


def delta_of(epsilon: float, sigma: float) -> float:
    """The δ at which noise of SIGMA times the sensitivity gives EPSILON.   [Balle & Wang 2018, theorem 8]"""
    from scipy.special import log_ndtr, ndtr

    first, second = 1 / (2 * sigma) - epsilon * sigma, -1 / (2 * sigma) - epsilon * sigma
    return float(max(0.0, ndtr(first) - math.exp(min(700.0, epsilon + float(log_ndtr(second))))))


def epsilon_of(sigma: float, delta: float) -> float:
    """The ε of noise of SIGMA times the sensitivity at DELTA; infinite without noise."""
    _proper(1.0, delta)
    if sigma <= 0:
        return math.inf
    return _root(lambda epsilon: delta_of(epsilon, sigma) - delta, 0.0, 1.0)


def sigma_of(epsilon: float, delta: float) -> float:
    """The least σ that gives EPSILON at DELTA."""
    _proper(epsilon, delta)
    return _root(lambda sigma: delta_of(epsilon, sigma) - delta, 1e-3, 1.0)


def _root(falling: Any, low: float, high: float) -> float:
    """Where FALLING passes 0, or LOW where it is below 0 there; from above, so what is promised is kept."""
    if falling(low) <= 0:
        return low
    while falling(high) > 0:
        low, high = high, 2 * high
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if falling(middle) > 0 else (low, middle)
    return high


def _proper(epsilon: float, delta: float) -> None:
    if not (epsilon > 0 and 0 < delta < 1):
        raise EvalError("ε is above 0, and δ between 0 and 1", code="range", irritants=(epsilon, delta))


class Spent:
    """What the releases about the same people have cost together: their 1/σ² add up."""

    def __init__(self) -> None:
        self.precision = 0.0  # Σ 1/σ²

    def note(self, sigma: float) -> None:
        self.precision += 1 / sigma**2 if sigma > 0 else math.inf

    def epsilon(self, delta: float) -> float:
        return 0.0 if not self.precision else epsilon_of(1 / math.sqrt(self.precision), delta)


class Release(NamedTuple):
    """UPDATE f64[p] as it may leave; the MODE; the ε and δ that are stated for it; CLIP and SIGMA behind them;
    which SHARE of the rows was clipped.
    """

    update: Array
    mode: str
    epsilon: float
    delta: float
    clip: float
    sigma: float
    share: float


def release(
    updates: Array,
    mode: str,
    clip: float = 1.0,
    epsilon: float = 1.0,
    delta: float = 1e-5,
    rng: np.random.Generator | None = None,
    spent: Spent | None = None,
) -> Release:
    """The mean of UPDATES f[n, p] as MODE lets it leave. CLIP must not be chosen by looking at the updates.
    Without RNG the noise is drawn from the system's entropy: a seed that is known takes the protection away.
    """
    if mode not in MODES:
        raise EvalError(f"no privacy mode is called {mode}", code="range", hint=f"known: {', '.join(MODES)}")
    if mode == "private":
        raise EvalError(
            "private: nothing leaves this agent",
            code="private",
            hint="set the mode to team or public to share",
        )
    given = np.asarray(updates, np.float64)
    if given.ndim != 2 or not len(given) or not np.isfinite(given).all():
        raise EvalError("what is released is the mean of at least one row of finite numbers", code="shape")
    if mode == "public":
        return Release(given.mean(0), mode, math.inf, 0.0, math.inf, 0.0, 0.0)
    if not clip > 0:
        raise EvalError("updates are clipped to a length above 0", code="range", irritants=(clip,))
    sigma = sigma_of(epsilon, delta)
    length = np.linalg.norm(given, axis=1, keepdims=True)
    total = (given * np.minimum(1, clip / np.maximum(length, 1e-300))).sum(0)
    drawn = (rng or np.random.default_rng()).standard_normal(total.shape)
    if spent is not None:
        spent.note(sigma)
    update = (total + sigma * clip * drawn) / len(given)
    return Release(update, mode, epsilon, delta, clip, sigma, float((length > clip).mean()))


def most_auc(sigma: float) -> float:
    """The AUC that no attacker on one contributor's membership exceeds: Φ(μ/√2) with μ = 1/σ.   [Dong et al. 2022]"""
    from scipy.special import ndtr

    return float(ndtr(1 / (sigma * math.sqrt(2)))) if sigma > 0 else 1.0


def tracing(released: Array, rows: Array, population: Array) -> Array:
    """The scores f64[k] by which an attacker tells that ROWS f[k, p] are in the RELEASED mean: their inner product
    with it, less what people of the POPULATION have.   [Dwork et al., FOCS 2015]
    """
    centre = np.asarray(population, np.float64).mean(0)
    return (np.asarray(rows, np.float64) - centre) @ (np.asarray(released, np.float64) - centre)
