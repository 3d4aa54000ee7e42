"""Soft membership: how likely each author belongs to each cluster, given how much was heard of that
author."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SPREAD_FLOOR = 0.02  # of a direction's total variance: a cluster is never a point


@dataclass(frozen=True)
class Mixture:
    """Clusters as round clouds: means f64[k,q], one spread for all as f64[q] (equal variances), weights
    f64[k].

    Round, because a spread of its own for each direction would make faint directions count as much as
    strong ones.
    """

    means: np.ndarray
    spread: np.ndarray
    weights: np.ndarray

    def log_density(self, points: np.ndarray, noise: np.ndarray) -> np.ndarray:
        """Log joint density f64[n,k] of POINTS f[n,q] measured with variance NOISE f[n,q]."""
        variance = self.spread[None, :] + noise  # [n,q]
        precision = 1 / variance
        inner = (points * precision) @ self.means.T  # [n,k]
        square = (points**2 * precision).sum(1)[:, None] + precision @ (self.means**2).T
        return np.log(self.weights)[None, :] - 0.5 * (square - 2 * inner + np.log(variance).sum(1)[:, None])

    def posterior(self, points: np.ndarray, noise: np.ndarray) -> np.ndarray:
        """Membership f64[n,k], rows summing to one: the less was heard (noise large), the closer to the
        weights."""
        log = self.log_density(points, noise)
        log -= log.max(1, keepdims=True)
        share = np.exp(log)
        return share / share.sum(1, keepdims=True)

    def likelihood(self, points: np.ndarray, noise: np.ndarray) -> float:
        """Mean log density of the points."""
        log = self.log_density(points, noise)
        top = log.max(1)
        return float((top + np.log(np.exp(log - top[:, None]).sum(1))).mean())


def fit(
    points: np.ndarray,
    noise: np.ndarray,
    labels: np.ndarray,
    k: int,
    *,
    iterations: int = 15,
    even: bool = False,
) -> Mixture:
    """Expectation-maximisation from LABELS i64[n], with each point's own known noise (deconvolution).

    A point's weight in a mean falls with its noise, so those who wrote little follow and do not lead (Bovy, Hogg &
    Roweis 2011, "Extreme deconvolution", with a common round spread). With EVEN all clusters weigh the same, however
    many points they have.
    """
    share = np.zeros((len(points), k))
    share[np.arange(len(points)), labels] = 1
    total = np.maximum(points.var(0), 1e-12)
    spread = np.full(len(total), max(float((total - noise.mean(0)).mean()), 0.25 * float(total.mean())))
    made = _maximise(points, noise, share, spread, total)
    for _ in range(iterations):
        fresh = made.posterior(points, noise)
        moved = np.abs(fresh - share).max()
        share = fresh
        made = _maximise(points, noise, share, made.spread, total)
        if moved < 0.02:
            break
    return Mixture(made.means, made.spread, np.full(k, 1 / k)) if even else made


def _maximise(
    points: np.ndarray, noise: np.ndarray, share: np.ndarray, spread: np.ndarray, total: np.ndarray
) -> Mixture:
    pull = 1 / (spread[None, :] + noise)  # [n,q]
    weight = share.T @ pull  # [k,q]
    means = (share.T @ (points * pull)) / np.maximum(weight, 1e-12)
    gain = spread[None, :] * pull  # [n,q]: how far a point is believed
    gap = (
        points**2 - 2 * points * (share @ means) + share @ means**2
    )  # [n,q]: expected squared distance to the mean
    residual = (gain**2 * np.maximum(gap, 0) + gain * noise).sum(0)
    count = share.sum(0)
    weights = (count + 1) / (count + 1).sum()
    round_spread = max(float(residual.mean()) / len(points), SPREAD_FLOOR * float(total.mean()))
    return Mixture(means, np.full(len(total), round_spread), weights)
