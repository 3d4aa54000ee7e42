"""What people have in common and how far they differ: empirical Bayes over a linear model for each group.

    y_i = x_i · (μ + u_g) + e_i,   u_g ~ N(0, diag τ²),   e_i ~ N(0, σ²/w_i)

τ² is one number for each block of columns (the choices of a setting). μ is a trimmed mean over groups, so that a
fifth of them may rate as they like [Robbins 1956; Efron & Morris 1973; EM as in Laird & Ware 1982].
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

PRIOR_SPREAD = 0.04  # τ that is thought likely before anything is known, on ratings in [0, 1] …
PRIOR_WEIGHT = 2.0  # … worth so many observed coordinates
PRIOR_MEAN = 0.06  # spread of the common effects themselves
LEVEL_MEAN, LEVEL_SPREAD = 0.5, 0.2  # the same of the level
PRIOR_NOISE = 0.06
CENTRE = 0.5  # where ratings in [0, 1] are expected to lie
LEAST_RELIABLE = 0.02
STRIDE = 1.7  # EM nears a τ of 0 slowly; longer steps, below 2, still climb [Salakhutdinov & Roweis 2003]


@dataclass
class Team:
    """What a fit knows: MEAN f64[p], SPREAD f64[p] (τ² of each column), NOISE σ²; and of each group its DEVIATIONS
    f64[g, p] from the mean, made up for shrinkage, with their RELIABILITY f64[g, p] in [0, 1]."""

    mean: np.ndarray
    spread: np.ndarray
    noise: float
    deviations: np.ndarray
    reliability: np.ndarray
    trim: float
    rounds: int


def prior_mean(p: int) -> np.ndarray:
    """f64[p]: the common effects before anything is known."""
    made = np.zeros(p)
    made[0] = CENTRE
    return made


def prior_variance(p: int) -> np.ndarray:
    """f64[p]: how far the common effects may lie from that."""
    made = np.full(p, PRIOR_MEAN**2)
    made[0] = LEVEL_MEAN**2
    return made


def prior_spread(p: int) -> np.ndarray:
    """f64[p]: τ² before anything is known."""
    made = np.full(p, PRIOR_SPREAD**2)
    made[0] = LEVEL_SPREAD**2
    return made


def trimmed_mean(values: np.ndarray, weights: np.ndarray, trim: float) -> tuple[np.ndarray, np.ndarray]:
    """(f64[p], f64[p]): of VALUES f64[g, p] the mean by WEIGHTS f64[g, p] without the share TRIM of the weight at
    either end, and the weight that is left.
    """
    order = np.argsort(values, axis=0)
    v, w = np.take_along_axis(values, order, 0), np.take_along_axis(weights, order, 0)
    total = w.sum(0)
    high = np.cumsum(w, 0)
    low = high - w
    kept = np.clip(np.minimum(high, (1 - trim) * total) - np.maximum(low, trim * total), 0.0, None)  # [g, p]
    left = kept.sum(0)
    return (kept * v).sum(0) / np.maximum(left, 1e-12), left


def fit(
    x: np.ndarray,
    y: np.ndarray,
    weights: np.ndarray,
    groups: np.ndarray,
    blocks: np.ndarray,
    trim: float = 0.2,
    rounds: int = 60,
    start: Team | None = None,
    count: int | None = None,
) -> Team:
    """The Team of Y f64[n] given X f64[n, p] and GROUPS i64[n]; BLOCKS i64[p] says which columns share a τ². START: a
    fit of nearly the same data, from which few ROUNDS will do. COUNT: how many groups there are, if not the greatest
    + 1.
    """
    sums = _sums(x, y, weights, groups, count or (int(groups.max()) + 1 if len(groups) else 0))
    p = x.shape[1]
    mean, spread, noise = (
        (prior_mean(p), prior_spread(p), PRIOR_NOISE)
        if start is None
        else (start.mean, start.spread, start.noise)
    )
    members = [np.flatnonzero(blocks == b) for b in np.unique(blocks)]
    deviations = reliability = np.zeros((len(sums[0]), p))
    done = 0
    for done in range(1, rounds + 1):  # noqa: B007
        before = mean, spread
        shifts, spreads, inner = _expect(sums, mean, spread, noise)
        reliability = 1.0 - inner
        noise = _noise(sums, mean + shifts, spreads, len(y))
        spread = spread * (_spread(shifts, np.einsum("gjj->gj", spreads), members, p) / spread) ** STRIDE
        deviations = shifts / np.maximum(reliability, LEAST_RELIABLE)
        mean = mean + centre(deviations, reliability, spread, mean, trim)[0]
        if np.abs(mean - before[0]).max() < 1e-4 and np.abs(spread / before[1] - 1).max() < 1e-3:
            break
    return Team(mean, spread, noise, deviations + before[0] - mean, reliability, trim, done)


def centre(
    deviations: np.ndarray, reliability: np.ndarray, spread: np.ndarray, mean: np.ndarray, trim: float
) -> tuple[np.ndarray, np.ndarray]:
    """(step f64[p], variance f64[p]): where the mean of DEVIATIONS lies, seen from MEAN, and how sure that is: of
    what is seen of one group the precision is reliability/τ², of the prior 1/its variance.
    """
    p = len(mean)
    away, left = trimmed_mean(deviations, reliability, trim)
    pull = spread / prior_variance(p)
    total = left + pull
    return (left * away + pull * (prior_mean(p) - mean)) / total, spread / total


def team_prior(team: Team, without: int | None = None, alike: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """(mean f64[p], variance f64[p]) of somebody of whom nothing is known yet; WITHOUT group so numbered, so that
    nobody's own ratings are counted twice. ALIKE: as if all had the same tastes (not the same level), so only the
    mean is unsure.
    """
    others = np.ones(len(team.deviations), bool)
    if without is not None:
        others[without] = False
    step, unsure = centre(
        team.deviations[others], team.reliability[others], team.spread, team.mean, team.trim
    )
    apart = team.spread.copy()
    apart[1:] *= not alike
    return team.mean + step, apart + unsure


def _sums(x: np.ndarray, y: np.ndarray, w: np.ndarray, groups: np.ndarray, count: int) -> tuple:
    """Of each group XᵀWX [g, p, p], XᵀWy [g, p] and yᵀWy [g]."""
    p = x.shape[1]
    order = np.argsort(groups, kind="stable")
    edges = np.searchsorted(groups[order], np.arange(count + 1))
    xx, xy, yy = np.zeros((count, p, p)), np.zeros((count, p)), np.zeros(count)
    for g in range(count):
        rows = order[edges[g] : edges[g + 1]]
        weighted = x[rows] * w[rows, None]
        xx[g], xy[g], yy[g] = weighted.T @ x[rows], weighted.T @ y[rows], w[rows] @ y[rows] ** 2
    return xx, xy, yy


def _expect(sums: tuple, mean: np.ndarray, spread: np.ndarray, noise: float) -> tuple:
    """Of each group u's mean [g, p], covariance [g, p, p], and that covariance's diagonal over τ² [g, p]."""
    xx, xy, _ = sums
    root = np.sqrt(spread)
    inner = np.linalg.inv(np.eye(len(mean)) + root[:, None] * xx * root / noise)  # [g, p, p]
    covariance = root[:, None] * inner * root
    shifts = np.einsum("gij,gj->gi", covariance, xy - xx @ mean) / noise
    return shifts, covariance, np.einsum("gjj->gj", inner)


def _spread(shifts: np.ndarray, variances: np.ndarray, members: list[np.ndarray], p: int) -> np.ndarray:
    second, likely = shifts**2 + variances, prior_spread(p)
    made = np.empty(p)
    for columns in members:
        of = second[:, columns]
        made[columns] = (PRIOR_WEIGHT * likely[columns[0]] + of.sum()) / (PRIOR_WEIGHT + of.size)
    return made


def _noise(sums: tuple, thetas: np.ndarray, covariances: np.ndarray, n: int) -> float:
    xx, xy, yy = sums
    fitted = np.einsum("gi,gij,gj->", thetas, xx, thetas) + np.einsum("gij,gji->", xx, covariances)
    missed = yy.sum() - 2 * (xy * thetas).sum() + fitted
    return float((PRIOR_WEIGHT * PRIOR_NOISE + max(missed, 0.0)) / (PRIOR_WEIGHT + n))
