"""Days that are out of line: in one measure, or in how several go together; an isolation forest's score beside."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from chorus.kernels.series.weekdays import steady

LEAST = 14  # days, of which fewer have no middle to speak of
TREES = 100
DRAWS = 1000


class Outlier(NamedTuple):
    """The day AT; Z, the largest robust z of its measures, that of MEASURE; DISTANCE from the middle of all days with
    what goes together taken into account; the ISOLATION score of a forest, from about .4, usual, to 1.
    """

    at: int
    measure: int
    z: float
    distance: float
    isolation: float


def robust_z(measures: np.ndarray, least: float = 0.0) -> np.ndarray:
    """f64[T,F]: MEASURES f64[T,F] about the median of each column, in 1.4826 median deviations (Iglewicz & Hoaglin
    1993), at least LEAST; in standard deviations where more than half the days are the same, 0 where all are.
    """
    off = measures - np.median(measures, axis=0)
    spread = np.maximum(1.4826 * np.median(np.abs(off), axis=0), least)
    plain = measures.std(axis=0)
    return off / np.where(spread > 0, spread, np.where(plain > 0, plain, np.inf))


def outlying(counts: np.ndarray, limit: float) -> list[tuple[int, float]]:
    """Places of COUNTS f64[T] whose robust z is beyond LIMIT, with that z, in order: that of counts made steady, in
    spreads no smaller than chance alone gives.
    """
    z = robust_z(steady(counts)[:, None], least=1.0)[:, 0] if len(counts) else np.zeros(0)
    return [(int(at), round(float(z[at]), 2)) for at in np.flatnonzero(np.abs(z) > limit)]


def distances(z: np.ndarray) -> np.ndarray:
    """f64[T]: Mahalanobis distances of rows of Z f64[T,F] from 0, by the correlations of what is left when each number
    is cut at ±3, so that the days looked for do not hide themselves (Rousseeuw & van Zomeren 1990).
    """
    core = np.clip(z, -3, 3)
    scatter = core.T @ core / len(core)
    return np.sqrt(np.maximum(np.einsum("tf,fg,tg->t", z, np.linalg.pinv(scatter), z), 0))


def anomalies(measures: np.ndarray, *, level: float = 0.05, seed: int = 0) -> list[Outlier]:
    """The rows of MEASURES f64[T,F] that are farther out, by a robust z or by distance, than the farthest row is in all
    but LEVEL of series of normal noise as long. Farthest first; none of fewer than LEAST days.

    The isolation forest (Liu, Ting & Zhou 2008) has no say: at the same rate of false alarms it misses most single
    measures 6 spreads out, and its own threshold calls a share of any data outliers.
    """
    measures = np.asarray(measures, dtype=float)
    days, width = measures.shape
    if days < LEAST:
        return []
    z = robust_z(measures)
    far = distances(z)
    most_z, most_far = limits(days, width, level)
    beyond = (np.abs(z).max(axis=1) > most_z) | (far > most_far)
    score = isolation(measures, seed) if beyond.any() else far
    which = np.abs(z).argmax(axis=1)
    return [
        Outlier(int(at), int(which[at]), float(z[at, which[at]]), float(far[at]), float(score[at]))
        for at in np.argsort(-far)
        if beyond[at]
    ]


@cache
def limits(days: int, width: int, level: float) -> tuple[float, float]:
    """What the largest |z| and the largest distance of DAYS rows of WIDTH normal measures exceed LEVEL/2 times each.

    Drawn, not from tables: medians and median deviations of few days vary, and with them what lies far out.
    """
    random = np.random.default_rng(0)
    drawn = [robust_z(random.normal(size=(days, width))) for _ in range(DRAWS)]
    most = np.array([(np.abs(z).max(), distances(z).max()) for z in drawn])
    z, far = np.quantile(most, 1 - level / 2, axis=0)
    return float(z), float(far)


def isolation(measures: np.ndarray, seed: int = 0) -> np.ndarray:
    """f64[T]: how soon random cuts set each row of MEASURES f64[T,F] apart, from 0 to 1 (Liu, Ting & Zhou 2008)."""
    from sklearn.ensemble import IsolationForest

    forest = IsolationForest(n_estimators=TREES, random_state=seed, max_samples=min(256, len(measures)))
    scores: np.ndarray = -forest.fit(measures).score_samples(measures)
    return scores
