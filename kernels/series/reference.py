"""The slow versions of what is reckoned of series: loops over days, written to be read. They are the definition."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations
from statistics import median

WEEK, WEEKS = 7, 4


def splits(series: Sequence[float], least: int) -> dict[int, float]:
    """√(k(n−k)/n)·|mean after − mean before| of each split of SERIES at k with LEAST days or more on either side."""
    n = len(series)
    made = {}
    for k in range(least, n - least + 1):
        before, after = math.fsum(series[:k]) / k, math.fsum(series[k:]) / (n - k)
        made[k] = math.sqrt(k * (n - k) / n) * abs(after - before)
    return made


def robust_z(column: Sequence[float], least: float = 0.0) -> list[float]:
    """COLUMN about its median in 1.4826 median deviations, at least LEAST; in standard deviations where those are 0,
    and 0 where all are alike."""
    middle = median(column)
    off = [value - middle for value in column]
    spread = max(1.4826 * median(abs(each) for each in off), least)
    if spread == 0:
        mean = math.fsum(column) / len(column)
        spread = math.sqrt(math.fsum((value - mean) ** 2 for value in column) / len(column))
    return [each / spread if spread > 0 else 0.0 for each in off]


def steady(counts: Sequence[float]) -> list[float]:
    return [2 * math.sqrt(count + 3 / 8) for count in counts]


def without_week(series: Sequence[float]) -> list[float]:
    """SERIES less the median of each day of the week, which are about their own median; NaN is left out of it."""
    if len(series) < WEEK * WEEKS:
        return list(series)
    known = [[v for v in series[day::WEEK] if not math.isnan(v)] for day in range(WEEK)]
    habit = [median(values) for values in known]
    return [value - (habit[at % WEEK] - median(habit)) for at, value in enumerate(series)]


def slope(values: Sequence[float]) -> float:
    """The median of the slopes between each two of VALUES at equal steps."""
    return median((b - a) / (j - i) for (i, a), (j, b) in combinations(enumerate(values), 2))


def filled(series: Sequence[float]) -> list[float]:
    """SERIES with each NaN on the line between its neighbours that are none, or as the nearest at an end."""
    known = [at for at, value in enumerate(series) if not math.isnan(value)]
    made = []
    for at, value in enumerate(series):
        before = [k for k in known if k <= at]
        after = [k for k in known if k >= at]
        if not math.isnan(value) or not before or not after:
            made.append(value if not math.isnan(value) else series[(before[-1:] or after[:1])[0]])
        else:
            a, b = before[-1], after[0]
            made.append(series[a] + (series[b] - series[a]) * (at - a) / (b - a))
    return made


def smoothing(
    series: Sequence[float],
    alpha: float,
    beta: float,
    phi: float,
    gamma: float | None,
    season: int,
    first: int = 5,
) -> tuple[float, float, list[float], list[float]]:
    """Level, slope and habit after SERIES, and the errors of one step, of one additive model: GAMMA None has no season,
    PHI 0 no trend. It begins with what the FIRST seasons are like."""
    count = min(len(series) // season, first)
    seasons = [list(series[s * season : (s + 1) * season]) for s in range(count)]
    means = [math.fsum(row) / season for row in seasons]
    rise = (means[-1] - means[0]) / (count - 1) / season
    level = means[0] - (rise * (season + 1) / 2 if phi > 0 else 0)
    trend = rise if phi > 0 else 0.0
    habit = [0.0] * season
    if gamma is not None:
        for day in range(season):
            off = [
                row[day] - mean - rise * (day - (season - 1) / 2)
                for row, mean in zip(seasons, means, strict=True)
            ]
            habit[day] = math.fsum(off) / count
    errors = []
    for at, value in enumerate(series):
        expected = level + phi * trend + habit[at % season]
        error = value - expected
        level, trend = level + phi * trend + alpha * error, phi * trend + beta * error
        habit[at % season] += (gamma or 0.0) * error
        errors.append(error)
    return level, trend, habit, errors


def chance_of_more(now: int, total_now: int, before: int, total_before: int) -> float:
    """The chance that of the NOW + BEFORE people who spoke of something NOW or more fall into this span, if each does
    by its share of all who spoke."""
    share = total_now / (total_now + total_before)
    both = now + before
    return math.fsum(math.comb(both, k) * share**k * (1 - share) ** (both - k) for k in range(now, both + 1))
