"""What followed a date: before/after differences at every day of a series, and the test of some days against
the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

LEAST_DAYS = 2  # observed days a side of a date needs


def before_after(series: np.ndarray, window: int) -> np.ndarray:
    """f64[T]: mean of the WINDOW days from a day on, less the mean of the WINDOW days before it.

    SERIES f64[T] has NaN on days without an observation; the result has NaN where a side holds fewer than
    LEAST_DAYS.
    """
    seen = np.isfinite(series)
    total = np.concatenate([[0.0], np.cumsum(np.where(seen, series, 0.0))])
    count = np.concatenate([[0], np.cumsum(seen)])
    day = np.arange(len(series))
    low, high = np.maximum(day - window, 0), np.minimum(day + window, len(series))
    before, after = count[day] - count[low], count[high] - count[day]
    enough = (before >= LEAST_DAYS) & (after >= LEAST_DAYS) & (day >= window) & (day + window <= len(series))
    with np.errstate(invalid="ignore", divide="ignore"):
        difference = (total[high] - total[day]) / after - (total[day] - total[low]) / before
    return np.where(enough, difference, np.nan)


def log_ratio(counts: np.ndarray, window: int) -> np.ndarray:
    """f64[T]: ln of the COUNTS of the WINDOW days from a day on over those of the WINDOW days before, ½ added
    to each.
    """
    days = len(counts)
    total = np.concatenate([[0.0], np.cumsum(counts)])
    result = np.full(days, np.nan)
    day = np.arange(window, days - window + 1)
    day = day[day < days]
    after, before = total[day + window] - total[day], total[day] - total[day - window]
    result[day] = np.where(after + before > 0, np.log((after + 0.5) / (before + 0.5)), np.nan)
    return result


def retained(active: np.ndarray, window: int) -> np.ndarray:
    """f64[T]: of the authors active in the WINDOW days before a day, the share active in the WINDOW days from
    it on.

    ACTIVE bool[authors, T]. NaN at the edges and where nobody was active before.
    """
    days = active.shape[1]
    count = np.concatenate(
        [np.zeros((len(active), 1), int), np.cumsum(active, axis=1)], axis=1
    )  # [authors, T + 1]
    day = np.arange(window, days - window + 1)
    before = count[:, day] > count[:, day - window]  # [authors, inner days]
    after = count[:, day + window] > count[:, day]
    here = before.sum(0)
    result = np.full(days, np.nan)
    share = np.where(here > 0, (before & after).sum(0) / np.maximum(here, 1), np.nan)
    inner = day < days
    result[day[inner]] = share[inner]
    return result


def placebo_days(effects: np.ndarray, changes: Sequence[int], gap: int, least: int = 30) -> np.ndarray:
    """Days at which nothing changed: GAP or more from every change; with fewer than LEAST such days, all
    other days.
    """
    usable = np.flatnonzero(np.isfinite(effects))
    if not len(changes):
        return usable
    distance = np.abs(usable[:, None] - np.asarray(changes)[None, :]).min(1)
    far = usable[distance >= gap]
    return far if len(far) >= least else usable[distance >= 1]


@dataclass(frozen=True)
class Found:
    """A mean effect of some dates: in the metric's unit, in standard deviations of single dates, and its
    p-value.
    """

    mean: float
    d: float
    p: float
    n: int
    shifts: int


def detect(effects: np.ndarray, days: Sequence[int], signs: Sequence[float], gap: int) -> Found | None:
    """Whether the dates DAYS moved the metric: a permutation test (two-sided) of their mean effect against
    placebo dates.

    EFFECTS f64[T] from `before_after` or `retained`; the mean of all days (drift, regression to the mean) is
    taken off. SIGNS are the directions or doses of the changes: the statistic is Σ signs·effect / Σ|signs|
    over the dates that have an effect. The placebos are the same dates moved together, round the observed
    days, by every number of days that is GAP or more: that keeps their spacing, on which the spread of
    overlapping windows depends (single placebo dates drawn at random gave 10–39 % false alarms on 120 dates
    where this gives 4–5 %). p = (1 + as extreme) / (1 + shifts) (Phipson & Smyth 2010). None where fewer than
    19 shifts are possible, so that no p below .05 could come out.
    """
    usable = np.flatnonzero(np.isfinite(effects))
    if not len(usable):
        return None
    low, length = int(usable[0]), int(usable[-1] - usable[0] + 1)
    means, here = _shifted_means(
        effects[low : low + length], np.asarray(days, dtype=int) - low, np.asarray(signs, float)
    )
    shift = np.arange(length)
    null = means[np.minimum(shift, length - shift) >= gap]
    if not here or len(null) < 19 or not np.isfinite(means[0]):
        return None
    null = null[np.isfinite(null)]
    extreme = int((np.abs(null) >= abs(means[0]) - 1e-12).sum())
    spread = float(np.nanstd(effects)) or 1e-12
    return Found(float(means[0]), float(means[0]) / spread, (1 + extreme) / (1 + len(null)), here, len(null))


def _shifted_means(effects: np.ndarray, days: np.ndarray, signs: np.ndarray) -> tuple[np.ndarray, int]:
    """(f64[L]: the weighted mean effect when all DAYS move on by 0 … L − 1, round the series; how many count
    at 0).
    """
    length = len(effects)
    seen = np.isfinite(effects)
    centred = np.where(seen, effects - effects[seen].mean(), 0.0)
    inside = (days >= 0) & (days < length)
    weight, size = np.zeros(length), np.zeros(length)
    np.add.at(weight, days[inside], signs[inside])
    np.add.at(size, days[inside], np.abs(signs[inside]))
    turn = np.fft.rfft
    top = np.fft.irfft(turn(centred) * np.conj(turn(weight)), length)
    bottom = np.fft.irfft(turn(seen.astype(float)) * np.conj(turn(size)), length)
    means = np.where(bottom > 1e-9 * max(size.sum(), 1.0), top / np.maximum(bottom, 1e-12), np.nan)
    return means, int(seen[days[inside]].sum())
