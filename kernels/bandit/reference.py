"""The definitions of this room, slow and plain, which the fast ones are tested against."""

from __future__ import annotations

import numpy as np


def best_chances(means: np.ndarray, spreads: np.ndarray, draws: int = 200_000, seed: int = 0) -> np.ndarray:
    """See best.best_chances, without the floor: how often each arm is the greatest in DRAWS draws."""
    random = np.random.default_rng(seed)
    worlds = means + spreads * random.standard_normal((draws, len(means)))
    return np.bincount(worlds.argmax(1), minlength=len(means)) / draws


def posterior(
    x: np.ndarray, y: np.ndarray, weights: np.ndarray, mean: np.ndarray, variance: np.ndarray, noise: float
) -> tuple[np.ndarray, np.ndarray]:
    """See linear.posterior: by conditioning the joint normal distribution of θ and Y on Y."""
    prior = np.diag(variance)
    cross = prior @ x.T
    of_y = x @ cross + np.diag(noise / weights)
    gain = cross @ np.linalg.inv(of_y)
    return mean + gain @ (y - x @ mean), prior - gain @ cross.T


def follow(
    x: np.ndarray,
    y: np.ndarray,
    weights: np.ndarray,
    mean: np.ndarray,
    variance: np.ndarray,
    noise: float,
    rate: float,
) -> tuple[np.ndarray, np.ndarray, list[float]]:
    """See drifting.follow and foresight: a Kalman filter, rating by rating, and each rating's log density."""
    m, p, scores = mean.copy(), np.diag(variance), []
    for row, value, weight in zip(x, y, weights, strict=True):
        seen = row @ p @ row + noise / weight
        miss = value - row @ m
        scores.append(float(-0.5 * (np.log(2 * np.pi * seen) + miss**2 / seen)))
        gain = p @ row / seen
        m, p = m + gain * miss, p - np.outer(gain, row @ p)
        m, p = mean + rate * (m - mean), rate**2 * p + (1 - rate**2) * np.diag(variance)
    return m, p, scores


def said_by_others(left: np.ndarray, weights: np.ndarray, questions: np.ndarray, ratio: float) -> np.ndarray:
    """See questions.said_by_others: rating by rating."""
    made = np.zeros(len(left))
    for at in range(len(left)):
        others = (questions == questions[at]) & (np.arange(len(left)) != at)
        made[at] = (weights[others] * left[others]).sum() / (weights[others].sum() + ratio)
    return made


def common_mean(
    x: np.ndarray,
    y: np.ndarray,
    weights: np.ndarray,
    groups: np.ndarray,
    spread: np.ndarray,
    noise: float,
    before: tuple[np.ndarray, np.ndarray],
) -> np.ndarray:
    """See hierarchy.centre: generalised least squares, with what is thought BEFORE (mean, variance)."""
    known = np.diag(1 / before[1])
    said = before[0] / before[1]
    for g in np.unique(groups):
        rows = groups == g
        precision = np.linalg.inv(x[rows] * spread @ x[rows].T + np.diag(noise / weights[rows]))
        known, said = known + x[rows].T @ precision @ x[rows], said + x[rows].T @ precision @ y[rows]
    return np.linalg.solve(known, said)


def log_evidence(
    x: np.ndarray, y: np.ndarray, groups: np.ndarray, mean: np.ndarray, spread: np.ndarray, noise: float
) -> float:
    """The log density of Y under the hierarchy with these parameters: what EM with full trust and no priors climbs."""
    total = 0.0
    for g in np.unique(groups):
        rows = groups == g
        cov = x[rows] * spread @ x[rows].T + noise * np.eye(rows.sum())
        miss = y[rows] - x[rows] @ mean
        total -= 0.5 * (miss @ np.linalg.solve(cov, miss) + np.linalg.slogdet(2 * np.pi * cov)[1])
    return float(total)


def reservoir(count: int, keep: int, random: np.random.Generator) -> list[int]:
    """A uniform sample of KEEP of 0 … COUNT − 1 by Vitter's algorithm R."""
    kept = list(range(min(keep, count)))
    for at in range(keep, count):
        place = int(random.integers(at + 1))
        if place < keep:
            kept[place] = at
    return sorted(kept)


def regret(choices: np.ndarray, effects: list[np.ndarray]) -> np.ndarray:
    """f64[n]: the true regret of each row of CHOICES when the effects of each setting's choices are EFFECTS."""
    return np.array(
        [sum(float(e.max() - e[c]) for c, e in zip(row, effects, strict=True) if c >= 0) for row in choices]
    )
