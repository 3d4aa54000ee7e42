"""Days at which the level of a series changed for good, each with the chance that noise alone would show as much."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

DRAWS = 999
BLOCK = 7  # days that are shuffled together: what one day passes on to the next stays in the noise
BLOCKS = 12  # fewer of them have too few orders to be shuffled to: of a short series the blocks are shorter


class Change(NamedTuple):
    """The level is BEFORE until the day AT, AFTER from it on; P of a change as clear within its stretch by chance."""

    at: int
    before: float
    after: float
    p: float


def statistic(series: np.ndarray, least: int) -> tuple[np.ndarray, np.ndarray]:
    """(value f64[m], place i64[m]) of the largest difference of means that a split of each row of SERIES f64[m,n] into
    two sides of LEAST days or more shows, in standard errors up to the noise, which all rows share: the CUSUM
    √(k(n−k)/n)·|mean after − mean before|  (Page 1955; Vostrikova 1981).
    """
    n = series.shape[1]
    k = np.arange(least, n - least + 1)
    total = np.cumsum(series, axis=1)
    left = total[:, k - 1] / k
    right = (total[:, -1:] - total[:, k - 1]) / (n - k)
    size = np.sqrt(k * (n - k) / n) * np.abs(right - left)
    best = size.argmax(axis=1)
    return size[np.arange(len(series)), best], k[best]


def change_points(
    series: np.ndarray, *, least: int = 7, level: float = 0.05, seed: int = 0, draws: int = DRAWS
) -> list[Change]:
    """The changes of level in SERIES f64[T], in order: binary segmentation, in which a stretch is split as long as
    fewer than LEVEL of DRAWS shuffles of its blocks of days show as clear a split.

    A stretch that does not change passes at LEVEL; noise in which days hang together longer than BLOCK passes more
    often. NaN days are left out. Two changes that cancel can hide each other (Fryzlewicz 2014): then the stretch
    between is looked at only if one of them shows.
    """
    values = np.asarray(series, dtype=float)
    days = np.flatnonzero(np.isfinite(values))
    found: list[Change] = []
    random = np.random.default_rng(seed)
    work = [(0, len(days))]
    while work:
        low, high = work.pop()
        stretch = values[days[low:high]]
        if len(stretch) < 2 * least:
            continue
        (clear,), (at,) = statistic(stretch[None], least)
        p = _chance(stretch, float(clear), least, random, draws)
        if p <= level:
            before, after = float(stretch[:at].mean()), float(stretch[at:].mean())
            found.append(Change(int(days[low + at]), before, after, p))
            work += [(low, low + int(at)), (low + int(at), high)]
    return sorted(found)


def _chance(stretch: np.ndarray, clear: float, least: int, random: np.random.Generator, draws: int) -> float:
    """The share of shuffles of STRETCH, itself among them, with a split as CLEAR."""
    n = len(stretch)
    block = max(min(BLOCK, n // BLOCKS), 1)
    starts = np.arange(0, n, block)
    as_clear = 1
    for _ in range(draws):
        turn = int(random.integers(n))  # where blocks begin differs too
        order = (
            np.concatenate([np.arange(s, min(s + block, n)) for s in random.permutation(starts)]) + turn
        ) % n
        (value,), _ = statistic(stretch[order][None], least)
        as_clear += bool(value >= clear - 1e-12)
    return as_clear / (draws + 1)
