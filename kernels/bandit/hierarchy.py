"""What people have in common and how far they differ: empirical Bayes over a linear model for each group.

    y_i = x_i · (μ + u_g) + e_i,   u_g ~ N(0, diag τ²),   e_i ~ N(0, σ²/w_i)

τ² is one number for each block of columns (the choices of a setting). So that a fifth of the groups may rate as they
like, each counts for μ and τ² as far as it is trusted: in full up to `far` times the squared distance from the others
that groups have on average, beyond that the less the further (weights of a redescending M-estimate). A trimmed mean was
here before, and cost more than it saved: 2 · 20 % of ten developers' tastes were thrown away at each choice, mostly
honest ones [Robbins 1956; Efron & Morris 1973; EM as in Laird & Ware 1982; Maronna 1976].

Given τ and σ, μ is solved for, all columns at once: what a learner has tried is seldom balanced, so that a choice and
the level can hardly be told apart, and column by column μ swings to and fro beyond both sides of where it belongs.
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
FAR = 3.0  # times the usual squared distance from which on a group is trusted less
LEAST_KNOWN = 0.3  # columns that a group must have told of, for its distance to be taken at its word
STRIDE = 1.7  # EM nears a τ of 0 slowly; longer steps, below 2, still climb [Salakhutdinov & Roweis 2003]


@dataclass
class Team:
    """What a fit knows: MEAN f64[p], SPREAD f64[p] (τ² of each column), NOISE σ²; and of each group how surely
    its ratings tell of the mean, TOLD f64[g, p, p] (a precision), what they SAY f64[g, p] (that times the mean), and
    its TRUST f64[g], for how much it counts."""

    mean: np.ndarray
    spread: np.ndarray
    noise: float
    told: np.ndarray
    say: np.ndarray
    trust: np.ndarray
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


def trust(shifts: np.ndarray, reliability: np.ndarray, spread: np.ndarray, far: float) -> np.ndarray:
    """f64[g]: (far/D)² where D > FAR, else 1; D is the squared distance of what is believed of a group, SHIFTS f64[g,
    p], in units of what it is on average, τ² · reliability, over all columns but the level: the generous are welcome.
    """
    known = np.maximum(reliability[:, 1:].sum(1), LEAST_KNOWN)
    away = (shifts[:, 1:] ** 2 / spread[1:]).sum(1) / known
    return np.minimum(1.0, far / np.maximum(away, 1e-12)) ** 2


def fit(
    x: np.ndarray,
    y: np.ndarray,
    weights: np.ndarray,
    groups: np.ndarray,
    blocks: np.ndarray,
    far: float = FAR,
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
    trusted = np.ones(len(sums[0]))
    done = 0
    for done in range(1, rounds + 1):  # noqa: B007
        before = mean, spread
        inner = _inner(sums, spread, noise)
        mean = centre(*_tell(sums, inner, spread, noise), trusted)[0]
        shifts, spreads, unknown = _expect(sums, inner, mean, spread, noise)
        noise = _noise(sums, mean + shifts, spreads, len(y))
        trusted = trust(shifts, 1.0 - unknown, spread, far)
        second = shifts**2 + np.einsum("gjj->gj", spreads)
        spread = spread * (_spread(second, trusted, members, p) / spread) ** STRIDE
        if np.abs(mean - before[0]).max() < 1e-4 and np.abs(spread / before[1] - 1).max() < 1e-3:
            break
    told, say = _tell(sums, _inner(sums, spread, noise), spread, noise)
    return Team(centre(told, say, trusted)[0], spread, noise, told, say, trusted, done)


def centre(told: np.ndarray, say: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(mean f64[p], variance f64[p]) of what groups have in common, by what they TOLD f64[g, p, p] and SAY f64[g, p],
    each counting by WEIGHTS f64[g], and by what is thought before.
    """
    p = say.shape[1]
    known = np.diag(1 / prior_variance(p)) + np.einsum("g,gij->ij", weights, told)
    unsure = np.linalg.inv(known)
    return unsure @ (prior_mean(p) / prior_variance(p) + weights @ say), np.diag(unsure)


def team_prior(team: Team, without: int | None = None, alike: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """(mean f64[p], variance f64[p]) of somebody of whom nothing is known yet; WITHOUT group so numbered, so that
    nobody's own ratings are counted twice. ALIKE: as if all had the same tastes (not the same level), so only the
    mean is unsure.
    """
    weights = team.trust.copy()
    if without is not None:
        weights[without] = 0.0
    mean, unsure = centre(team.told, team.say, weights)
    apart = team.spread.copy()
    apart[1:] *= not alike
    return mean, apart + unsure


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


def _inner(sums: tuple, spread: np.ndarray, noise: float) -> np.ndarray:
    """f64[g, p, p]: of each group (I + τ XᵀWX τ / σ²)⁻¹, its covariance in units of τ."""
    root = np.sqrt(spread)
    return np.linalg.inv(np.eye(len(spread)) + root[:, None] * sums[0] * root / noise)


def _tell(sums: tuple, inner: np.ndarray, spread: np.ndarray, noise: float) -> tuple[np.ndarray, np.ndarray]:
    """(XᵀV⁻¹X [g, p, p], XᵀV⁻¹y [g, p]) of each group, V = X diag τ² Xᵀ + σ²/W the covariance of its ratings."""
    xx, xy = sums[0] / noise, sums[1] / noise
    root = np.sqrt(spread)
    gain = xx @ (root[:, None] * inner * root)  # [g, p, p]
    return xx - gain @ xx, xy - np.einsum("gij,gj->gi", gain, xy)


def _expect(sums: tuple, inner: np.ndarray, mean: np.ndarray, spread: np.ndarray, noise: float) -> tuple:
    """Of each group u's mean [g, p], covariance [g, p, p], and that covariance's diagonal over τ² [g, p]."""
    xx, xy, _ = sums
    root = np.sqrt(spread)
    covariance = root[:, None] * inner * root
    shifts = np.einsum("gij,gj->gi", covariance, xy - xx @ mean) / noise
    return shifts, covariance, np.einsum("gjj->gj", inner)


def _spread(second: np.ndarray, weights: np.ndarray, members: list[np.ndarray], p: int) -> np.ndarray:
    likely, made = prior_spread(p), np.empty(p)
    for columns in members:
        of = weights @ second[:, columns]
        count = weights.sum() * len(columns)
        made[columns] = (PRIOR_WEIGHT * likely[columns[0]] + of.sum()) / (PRIOR_WEIGHT + count)
    return made


def _noise(sums: tuple, thetas: np.ndarray, covariances: np.ndarray, n: int) -> float:
    xx, xy, yy = sums
    fitted = np.einsum("gi,gij,gj->", thetas, xx, thetas) + np.einsum("gij,gji->", xx, covariances)
    missed = yy.sum() - 2 * (xy * thetas).sum() + fitted
    return float((PRIOR_WEIGHT * PRIOR_NOISE + max(missed, 0.0)) / (PRIOR_WEIGHT + n))
