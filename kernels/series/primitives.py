"""The kernels of series as primitives: change points, days out of line, trends, forecasts."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Any

import numpy as np

from chorus.kernels.spectral.given import LONGEST, series
from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import Items, primitive, seeded
from chorus.runtime.values import HashTable, Keyword, Symbol, make_list


def _level(level: float) -> float:
    if not 0 < level < 1:
        raise EvalError(f"a level lies between 0 and 1: {level:g} does not", code="range")
    return level


def _counts(row: np.ndarray, caller: str) -> np.ndarray:
    """ROW made steady, if it can be of counts."""
    from chorus.kernels.series.weekdays import steady

    if (row < 0).any():
        raise EvalError(f"{caller}: counts are 0 or more", code="range")
    return steady(row)


@primitive("%change-points", effects="compute")
def change_points(
    values: Items, *, least: int = 7, level: float = 0.05, counts: bool = False, seed: int = 0
) -> Any:
    """Lists (place before after p) of the changes of level in VALUES, a number a day, the habit of the week left out.

    Of COUNTS the spread is made steady first. White noise shows one in LEVEL of all series, noise in which each day
    keeps half of the day before in about twice as many.   [Vostrikova 1981; shuffled in blocks of a week]

    > (map car (%change-points '(0 1 0 1 0 1 0 1 0 1 0 1 0 1 5 6 5 6 5 6 5 6 5 6 5 6 5 6)))
    => (14)
    """
    from chorus.kernels.series.change_points import change_points
    from chorus.kernels.series.weekdays import without_week

    if least < 2:
        raise EvalError(f"change-points: a side has 2 days or more, not {least}", code="range")
    row = series(values, "change-points")
    if np.isnan(row).all():
        return make_list([])
    plain = without_week(_counts(row, "change-points") if counts else row)
    found = change_points(plain, least=least, level=_level(level), seed=seeded(seed, "change-points"))
    edges = [0, *(each.at for each in found), len(row)]
    means = [float(np.nanmean(row[a:b])) for a, b in pairwise(edges)]
    return make_list(
        make_list([each.at, round(means[at], 4), round(means[at + 1], 4), round(each.p, 4)])
        for at, each in enumerate(found)
    )


@primitive("%anomalies", effects="compute")
def anomalies(measures: Items, *, counts: Items | None = None, level: float = 0.05, seed: int = 0) -> Any:
    """Lists (place measure z distance isolation) of the rows of MEASURES, lists of as many numbers each, that are out
    of line in one measure or in how they go together, farthest first; by normal noise in LEVEL of all series. Of the
    measures that are COUNTS (places, from 0) the spread is made steady first.

    > (map car (%anomalies (map (lambda (i) (list (modulo (* i 7) 10) (if (= i 20) 90 (modulo i 5)))) (iota 40))))
    => (20)
    """
    from chorus.kernels.series.anomalies import anomalies

    rows = [series(list(row), "anomalies") for row in measures]
    if len({len(row) for row in rows}) > 1:
        raise EvalError("anomalies: each row has as many numbers as the others", code="range")
    if not rows or not len(rows[0]):
        return make_list([])
    made = np.array(rows)
    if not np.isfinite(made).all():
        raise EvalError("anomalies: a measure is missing", code="range")
    which = list(counts or [])
    if not all(place.__class__ is int and 0 <= place < made.shape[1] for place in which):
        raise EvalError(f"anomalies: counts are of the places 0 to {made.shape[1] - 1}", code="range")
    made[:, which] = _counts(made[:, which], "anomalies")
    return make_list(
        make_list([each.at, each.measure, *(round(float(v), 2) for v in each[2:])])
        for each in anomalies(made, level=_level(level), seed=seeded(seed, "anomalies"))
    )


@primitive("%trend", effects="compute")
def trend(values: Items, *, level: float = 0.95) -> HashTable | bool:
    """The median slope of VALUES a step: :slope :interval :p, or #f of fewer than five.   [Theil 1950, Sen 1968]

    > (hash-ref (%trend '(1 2 3 4 5 6)) :slope)
    => 1.0
    """
    from chorus.kernels.series.trend import slope

    row = series(values, "trend")
    if np.isnan(row).any():
        raise EvalError("trend: a value is missing", code="range", hint="leave out what is not known")
    made = slope(row, _level(level))
    if made is None:
        return False
    interval = make_list([round(made.low, 4), round(made.high, 4)])
    rows = {"slope": round(made.slope, 4), "interval": interval, "p": round(made.p, 5)}
    return HashTable((Keyword(name), value) for name, value in rows.items())


@primitive("%outlying", effects="compute")
def outlying(counts: Items, limit: float) -> Any:
    """Lists (place z) of the COUNTS whose robust z is beyond LIMIT, places from 0.   [Iglewicz & Hoaglin 1993]

    > (%outlying '(9 10 11 10 9 60 10) 3.5)
    => ((5 9.1))
    """
    from chorus.kernels.series.anomalies import outlying

    row = series(counts, "outlying")
    if np.isnan(row).any() or (row < 0).any():
        raise EvalError("outlying: counts are numbers of 0 or more", code="range")
    return make_list(make_list(each) for each in outlying(row, limit))


@primitive("%expected", effects="compute")
def forecast(values: Items, days: int, *, season: int = 7, level: float = 0.9) -> HashTable | bool:
    """The next DAYS values after VALUES: :method :mean :low :high :mase (of each method, in the pasts that were
    forecast) :folds; #f of too few values. Missing ones (#f) are taken to lie between their neighbours.
    [Hyndman & Koehler 2006; intervals: Vovk et al. 2005]

    > (hash-ref (%expected (map (lambda (i) (modulo i 7)) (iota 70)) 7) :mean)
    => (0.0 1.0 2.0 3.0 4.0 5.0 6.0)
    """
    from chorus.kernels.series.forecast import forecast

    for name, value in (("days", days), ("season", season)):
        if not 1 <= value <= 366:
            raise EvalError(f"forecast: from 1 to 366 {name}, not {value}", code="range")
    row = series(values, "forecast")
    known = row[~np.isnan(row)]
    made = forecast(row, days, season=season, level=_level(level), nonnegative=bool((known >= 0).all()))
    if made is None:
        return False
    shown = {
        name: make_list(round(float(v), 4) for v in getattr(made, name)) for name in ("mean", "low", "high")
    }
    mase = HashTable((Symbol(name), round(value, 4)) for name, value in made.mase.items())
    rows = {"method": Symbol(made.method), **shown, "mase": mase, "folds": made.folds}
    return HashTable((Keyword(name), value) for name, value in rows.items())


@primitive("%in-days", effects="pure")
def in_days(days: Items, values: Items) -> Any:
    """A list of two: DAYS, instants, in order and without gaps, and the VALUES of each, #f where there is none.

    > (cadr (%in-days (list (moment "2026-01-04") (moment "2026-01-01") (moment "2026-01-02")) '(4 1 2)))
    => (1 2 #f 4)
    """
    if not days:
        return make_list([make_list([]), make_list([])])
    known: dict[int, Any] = {}
    for day, value in zip(days, values, strict=True):
        at = day.toordinal()
        if at in known:
            raise EvalError(
                f"a series has one number a day, and there are two of {day.date()}",
                code="range",
                hint="(-> table (group-by day) (aggregate (total (sum …)))) puts them together",
            )
        known[at] = value
    first, last = min(known), max(known)
    if last - first >= LONGEST:
        raise EvalError(f"more than {LONGEST:,} days lie between the first and the last", code="range")
    whole = range(first, last + 1)
    start = dt.datetime.fromordinal(first).replace(tzinfo=dt.UTC)
    return make_list(
        [
            make_list(start + dt.timedelta(days=at - first) for at in whole),
            make_list(known.get(at, False) for at in whole),
        ]
    )
