"""The kernels of series as primitives: change points, days out of line, trends, forecasts."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import Items, primitive
from chorus.runtime.values import HashTable, Keyword, Symbol, make_list

LONGEST = 100_000


def _numbers(values: Any, caller: str) -> np.ndarray:
    try:
        row = np.asarray([np.nan if each is False else float(each) for each in values])
    except (TypeError, ValueError):
        raise EvalError(f"{caller}: a series is of numbers, #f where one is missing") from None
    if len(row) > LONGEST:
        raise EvalError(f"{caller}: a series has at most {LONGEST:,} values, not {len(row):,}")
    return row


def _level(level: float) -> float:
    if not 0 < level < 1:
        raise EvalError("a level lies between 0 and 1", irritants=(level,))
    return level


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
    from chorus.kernels.series.weekdays import steady, without_week

    if least < 2:
        raise EvalError("%change-points: a side has 2 days or more", irritants=(least,))
    row = _numbers(values, "%change-points")
    found = change_points(
        without_week(steady(row) if counts else row), least=least, level=_level(level), seed=seed
    )
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
    from chorus.kernels.series.weekdays import steady

    rows = [_numbers(list(row), "%anomalies") for row in measures]
    if len({len(row) for row in rows}) > 1:
        raise EvalError("%anomalies: each row has as many numbers as the others")
    if not rows or not len(rows[0]):
        return make_list([])
    made = np.array(rows)
    if not np.isfinite(made).all():
        raise EvalError("%anomalies: a measure is missing")
    which = [int(place) for place in counts or []]
    made[:, which] = steady(made[:, which])
    return make_list(
        make_list([each.at, each.measure, *(round(float(v), 2) for v in each[2:])])
        for each in anomalies(made, level=_level(level), seed=seed)
    )


@primitive("%trend", effects="compute")
def trend(values: Items, *, level: float = 0.95) -> HashTable | bool:
    """The median slope of VALUES a step: :slope :interval :p, or #f of fewer than five.   [Theil 1950, Sen 1968]

    > (hash-ref (%trend '(1 2 3 4 5 6)) :slope)
    => 1.0
    """
    from chorus.kernels.series.trend import slope

    made = slope(_numbers(values, "%trend"), level)
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

    return make_list(make_list(row) for row in outlying(_numbers(counts, "%outlying"), limit))


@primitive("%expected", effects="compute")
def forecast(values: Items, days: int, *, season: int = 7, level: float = 0.9) -> HashTable | bool:
    """The next DAYS values after VALUES: :method :mean :low :high :mase (of each method, in the pasts that were
    forecast) :folds; #f of too few values.   [Hyndman & Koehler 2006; intervals: Vovk et al. 2005]

    > (hash-ref (%expected (map (lambda (i) (modulo i 7)) (iota 70)) 7) :mean)
    => (0.0 1.0 2.0 3.0 4.0 5.0 6.0)
    """
    from chorus.kernels.series.forecast import forecast

    if not 1 <= days <= 366 or not 1 <= season <= 366:
        raise EvalError("%expected: from 1 to 366 days, and a season of as many", irritants=(days, season))
    row = _numbers(values, "%expected")
    if not np.isfinite(row).all():
        raise EvalError(
            "%expected: a value is missing", hint="a day on which nothing was said has 0 messages"
        )
    made = forecast(row, days, season=season, level=_level(level), nonnegative=bool((row >= 0).all()))
    if made is None:
        return False
    shown = {
        name: make_list(round(float(v), 4) for v in getattr(made, name)) for name in ("mean", "low", "high")
    }
    mase = HashTable((Symbol(name), round(value, 4)) for name, value in made.mase.items())
    rows = {"method": Symbol(made.method), **shown, "mase": mase, "folds": made.folds}
    return HashTable((Keyword(name), value) for name, value in rows.items())
