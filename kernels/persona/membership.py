"""Soft membership: how likely each author belongs to each cluster, given how much was heard of that
author."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SPREAD_FLOOR = 0.02  # of a direction's total variance: a cluster is never a point
SETTLED = 0.02  # change of a membership below which a fit has come to rest


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


@dataclass(frozen=True)
class Fits:
    """Mixtures fitted side by side: MEANS f64[s,K,q], SPREAD f64[s] (the same in all directions), WEIGHTS f64[s,K].

    Where a start has fewer than K clusters, the others weigh nothing. Small fits cost numpy's overhead, not arithmetic:
    so all starts, of whatever number of clusters, are one more axis.
    """

    means: np.ndarray
    spread: np.ndarray
    weights: np.ndarray
    number: np.ndarray  # of clusters i64[s]

    def __getitem__(self, at: int) -> Mixture:
        k, q = int(self.number[at]), self.means.shape[2]
        return Mixture(self.means[at, :k], np.full(q, self.spread[at]), self.weights[at, :k])

    def take(self, rows: np.ndarray) -> Fits:
        return Fits(self.means[rows], self.spread[rows], self.weights[rows], self.number[rows])

    def put(self, rows: np.ndarray, made: Fits) -> None:
        self.means[rows], self.spread[rows], self.weights[rows] = made.means, made.spread, made.weights

    def evenly(self) -> Fits:
        """The same clusters, all weighing the same."""
        weights = np.where(self.weights > 0, 1 / self.number[:, None], 0.0)
        return Fits(self.means, self.spread, weights, self.number)

    def log_density(self, points: np.ndarray, noise: np.ndarray) -> np.ndarray:
        """Log joint density f64[s,K,n] of POINTS f[n,q] measured with variance NOISE f[n,q]."""
        variance = self.spread[:, None, None] + noise  # [s,n,q]
        precision = 1 / variance
        turned = precision.transpose(0, 2, 1)
        log = self.means @ (points.T * turned) - 0.5 * (self.means**2 @ turned)  # [s,K,n]
        log -= 0.5 * (points**2 * precision + np.log(variance)).sum(2)[:, None, :]
        with np.errstate(divide="ignore"):
            return log + np.log(self.weights)[:, :, None]

    def posterior(self, points: np.ndarray, noise: np.ndarray) -> np.ndarray:
        """Membership f64[s,K,n], summing to one over the clusters."""
        log = self.log_density(points, noise)
        log -= log.max(1, keepdims=True)
        share = np.exp(log, out=log)
        share /= share.sum(1, keepdims=True)
        return share


def fit(
    points: np.ndarray, noise: np.ndarray, starts: np.ndarray, number: np.ndarray, *, iterations: int = 15
) -> Fits:
    """Expectation-maximisation from each of STARTS i64[s,n] (labels below NUMBER i64[s]), with each point's own known
    NOISE f64[n,q] (deconvolution).

    A point's weight in a mean falls with its noise, so those who wrote little follow and do not lead (Bovy, Hogg &
    Roweis 2011, "Extreme deconvolution", with a common round spread). With no ITERATIONS the starts' own clusters are
    described.
    """
    share = (starts[:, None, :] == np.arange(int(number.max()))[:, None]).astype(np.float64)  # [s,K,n]
    total = np.maximum(points.var(0), 1e-12)
    spread = max(float((total - noise.mean(0)).mean()), 0.25 * float(total.mean()))
    made = _maximise(points, noise, share, np.full(len(starts), spread), number)
    going = np.arange(len(starts))
    for _ in range(iterations):
        here = made.take(going)
        fresh = here.posterior(points, noise)
        moved = np.abs(fresh - share[going]).max(axis=(1, 2))
        share[going] = fresh
        made.put(going, _maximise(points, noise, fresh, here.spread, here.number))
        going = going[moved >= SETTLED]
        if not len(going):
            break
    return made


def _maximise(
    points: np.ndarray, noise: np.ndarray, share: np.ndarray, spread: np.ndarray, number: np.ndarray
) -> Fits:
    """The mixtures that SHARE f64[s,K,n] speaks for, the spread before being SPREAD f64[s]."""
    pull = 1 / (spread[:, None, None] + noise)  # [s,n,q]
    means = (share @ (points * pull)) / np.maximum(share @ pull, 1e-12)  # [s,K,q]
    gain = spread[:, None, None] * pull  # [s,n,q]: how far a point is believed
    turned = share.transpose(0, 2, 1)
    gap = (
        points**2 - 2 * points * (turned @ means) + turned @ means**2
    )  # expected squared distance to the mean
    residual = (gain**2 * np.maximum(gap, 0) + gain * noise).mean(axis=(1, 2))
    count = np.where(np.arange(share.shape[1]) < number[:, None], share.sum(2) + 1, 0)
    floor = SPREAD_FLOOR * max(float(points.var(0).mean()), 1e-12)
    return Fits(means, np.maximum(residual, floor), count / count.sum(1, keepdims=True), number)
