"""Signals in time: planted changes and days are found; noise yields nothing; forecasts cover what comes."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from chorus import Capabilities, Session
from chorus.kernels.series.anomalies import anomalies, distances, isolation, robust_z
from chorus.kernels.series.change_points import change_points
from chorus.kernels.series.forecast import forecast, mean_day, methods, same_day
from chorus.kernels.series.smoothing import smoothed
from chorus.kernels.series.trend import slope
from chorus.kernels.series.weekdays import steady, without_week


def noise(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape)


# — change points —


def test_white_noise_has_no_change_points() -> None:
    alarms = sum(bool(change_points(noise(seed, 120), draws=199, seed=seed)) for seed in range(60))
    assert alarms <= 8  # 3 expected; 9 or more one time in 300


def test_planted_changes_are_found_where_they_are() -> None:
    for seed in range(5):
        series = noise(seed, 200)
        series[60:] += 2
        series[130:] -= 3
        found = change_points(series, draws=199, seed=seed)
        assert [min(abs(each.at - at) for at in (60, 130)) <= 3 for each in found] == [True, True]
        assert found[0].after - found[0].before == pytest.approx(2, abs=0.8)


def test_missing_days_and_short_series() -> None:
    series = noise(1, 100)
    series[50:] += 3
    series[::7] = np.nan
    assert [abs(each.at - 50) <= 3 for each in change_points(series, draws=199)] == [True]
    assert change_points(series[:10], draws=99) == []
    assert change_points(np.full(40, 2.0), draws=99) == []


def test_the_habit_of_the_week_is_no_change() -> None:
    habit = np.tile([5.0, 0, 0, 0, 0, 0, 9.0], 20)
    assert np.ptp(without_week(habit)) < 1e-9
    risen = habit + (np.arange(140) >= 70) * 4
    assert [each.at for each in change_points(without_week(risen), draws=99)] == [70]
    assert list(without_week(habit[:20])) == list(habit[:20])


def test_counts_are_made_steady() -> None:
    random = np.random.default_rng(0)
    spreads = [steady(random.poisson(mean, 20_000)).std() for mean in (4, 40, 400)]
    assert all(0.9 < spread < 1.1 for spread in spreads)


# — days out of line —


@pytest.mark.parametrize("draw", ["normal", "poisson"])
def test_noise_has_few_days_out_of_line(draw: str) -> None:
    random = np.random.default_rng(0)
    alarms = 0
    for _ in range(100):
        rows = random.normal(size=(60, 3)) if draw == "normal" else steady(random.poisson(20, (60, 3)))
        alarms += bool(anomalies(rows))
    assert alarms <= 13  # 5 expected; 14 or more one time in 2,000


def test_a_spike_and_a_day_that_goes_against_the_others_are_found() -> None:
    rows = noise(3, 120, 3)
    rows[:, 1] = 0.95 * rows[:, 0] + 0.3 * rows[:, 1]
    rows[40, 2] = 9
    rows[80, :2] = [2.2, -2.2]  # neither is far out alone
    found = anomalies(rows)
    assert {each.at for each in found} == {40, 80}
    spike = next(each for each in found if each.at == 40)
    assert spike.measure == 2 and spike.z > 6
    against = next(each for each in found if each.at == 80)
    assert abs(against.z) < 4 < against.distance


def test_what_all_days_share_is_not_out_of_line() -> None:
    rows = np.column_stack([noise(0, 60), np.full(60, 7.0)])
    assert robust_z(rows)[:, 1].tolist() == [0.0] * 60
    assert anomalies(rows) == [] and anomalies(rows[:10]) == []


def test_distances_are_those_of_mahalanobis() -> None:
    z = np.clip(noise(2, 200, 3), -3, 3)
    scatter = np.linalg.inv(z.T @ z / 200)
    assert distances(z)[7] == pytest.approx(np.sqrt(z[7] @ scatter @ z[7]))


def test_the_isolation_score_sets_a_far_day_apart() -> None:
    rows = noise(4, 100, 2)
    rows[13] = [9, 9]
    assert isolation(rows).argmax() == 13


# — trends —


def test_noise_has_no_trend_and_a_rise_has_one() -> None:
    found = [slope(noise(seed, 20), 0.9) for seed in range(100)]
    assert sum(each.p < 0.05 for each in found if each) <= 12  # 5 expected; 13 or more one time in 1,000
    assert 80 <= sum(each.low <= 0 <= each.high for each in found if each) <= 98
    risen = slope(noise(0, 20) + 0.4 * np.arange(20), 0.9)
    assert risen is not None and risen.low < 0.4 < risen.high and risen.p < 0.001
    assert slope(np.arange(4.0), 0.9) is None


# — forecasts —


def test_the_methods_are_what_they_say() -> None:
    history = np.arange(21.0)
    assert list(same_day(history, 9, 7)) == [14, 15, 16, 17, 18, 19, 20, 14, 15]
    assert list(mean_day(history, 3, 7)) == [7, 8, 9]


def test_smoothing_follows_what_there_is_to_follow() -> None:
    """A season, a trend and a level that moved are carried on; of noise the mean is."""
    t, random = np.arange(218), np.random.default_rng(4)
    week = 6 * np.sin(2 * np.pi * t / 7)
    shapes = {"trend": 0.3 * t + week, "level": 25.0 * (t > 150) + week, "noise": np.zeros(218)}
    for name, shape in shapes.items():
        y = 40 + shape + random.normal(size=218)
        made = smoothed(y[:204], 14, 7)
        error = np.abs(made - 40 - shape[204:]).mean()
        assert error < (0.5 if name == "noise" else 1.2), name  # the noise itself is not counted


def test_intervals_cover_what_comes() -> None:
    random = np.random.default_rng(1)
    inside = []
    for _ in range(100):
        mean = 12 + 8 * np.sin(np.arange(154) * 2 * np.pi / 7)
        series = random.poisson(mean).astype(float)
        made = forecast(series[:140], 14, level=0.9)
        assert made is not None
        inside.append(np.mean((series[140:] >= made.low) & (series[140:] <= made.high)))
    assert 0.85 < np.mean(inside) < 0.97


def test_the_method_is_the_one_that_would_have_done_best() -> None:
    random = np.random.default_rng(2)
    made = forecast(random.poisson(20, 140).astype(float), 7)
    assert made is not None and made.method != "same-day"
    assert made.mase[made.method] == min(made.mase.values()) < 1
    walk = np.cumsum(random.normal(size=140)) + 50
    again = forecast(walk, 7, season=1)
    assert again is not None and set(again.mase) == set(methods())


def test_too_short_a_series_is_not_forecast() -> None:
    assert forecast(np.arange(20.0), 7) is None


# — in the language —


@pytest.mark.parametrize(
    "form",
    [
        "(%change-points '(1 2 x))",
        "(%change-points '(1 2 3) :level 2)",
        "(%anomalies '((1 2) (3)))",
        "(%anomalies '((1 #f) (3 4)))",
        "(%expected '(1 2 3) 0)",
        "(%expected '(1 2 x) 7)",
        "(%trend '(1 2 3 4 5 6) :level 1.5)",
        "(%trend '(1 2 3 #f 5 6))",
        "(%anomalies '((1) (2)) :counts '(1))",
        "(%anomalies '((1) (-2)) :counts '(0))",
        "(%change-points '(1 -2 3) :counts #t)",
        '(%change-points \'(1 2 "3"))',
        "(%change-points '(1 2 #t))",
        "(%outlying '(1 -2 3) 3)",
        "(%expected (map (lambda (i) 1e200) (iota 60)) 7)",
        '(%in-days (list (moment "2026-01-01") (moment "2026-01-01T10:00Z")) \'(1 2))',
    ],
)
def test_what_is_wrong_is_said(form: str) -> None:
    from chorus import ChorusError

    with Session() as session, pytest.raises(ChorusError) as caught:
        session.eval(form)
    assert caught.value.span is not None
    assert "internal" not in caught.value.code


TABLE = """(rows->table (map (lambda (i) (hash-table :day (instant-add (moment "2026-01-05") :days i) {name} {value}))
                             {days}))"""


def test_rows_of_a_table_are_days_in_any_order() -> None:
    rising = TABLE.format(name=":messages", value="i", days="(reverse (iota 70))")
    with Session() as session:
        assert session.eval(f"(hash-ref (trend {rising}) :slope)") == 7.0


def test_days_that_a_table_lacks_are_not_known_and_not_nothing() -> None:
    """Two weeks without a row: no change of level, no fall, and nothing less is expected."""
    days = "(filter (lambda (i) (not (<= 40 i 53))) (iota 90))"
    steady = TABLE.format(name=":tone", value="0.5", days=days)
    with Session() as session:
        assert session.eval(f"(count (change-points {steady} :measure 'tone))") == 0
        assert session.eval(f"(hash-ref (trend {steady} :measure 'tone) :slope)") == 0.0
        expected = session.eval(f"(table->rows (select (forecast {steady} :measure 'tone :days 3) expected))")
        assert [row[0] for row in expected] == [0.5] * 3


def test_a_measure_below_nothing_is_no_count(tmp_path: Path) -> None:
    lower = TABLE.format(name=":balance", value="(if (< i 30) -5 -9)", days="(iota 60)")
    with Session(tmp_path / "workspace", allow=Capabilities.all()) as session:
        found = session.eval(f"(table->rows (select (change-points {lower} :measure 'balance) before after))")
    assert len(found) == 1 and found[0][0] > -5.5 and found[0][1] < -8.5


def test_two_numbers_of_one_day_are_refused_with_a_way_out() -> None:
    from chorus import ChorusError

    twice = TABLE.format(name=":messages", value="i", days="'(1 2 2 3)")
    with Session() as session, pytest.raises(ChorusError, match="two of 2026-01-07") as caught:
        session.eval(f"(trend {twice})")
    assert "aggregate" in (caught.value.hint or "")


def test_missing_days_judge_no_method() -> None:
    """A tone of 0.6 on every other day is expected to stay 0.6: the days between are not 0."""
    series = np.full(120, np.nan)
    series[::2] = 0.6 + 0.05 * np.random.default_rng(0).standard_normal(60)
    made = forecast(series, 7)
    assert made and np.abs(made.mean - 0.6).max() < 0.1 and made.low.min() > 0.4
    hidden = np.random.default_rng(1).standard_normal(200) + 10
    there = np.random.default_rng(2).random(200) < 0.6
    made = forecast(np.where(there, hidden, np.nan), 7, level=0.9)
    fresh = np.random.default_rng(3).standard_normal(1000) + 10
    assert made and 0.75 < ((fresh >= made.low[0]) & (fresh <= made.high[0])).mean() <= 1
    assert forecast(np.full(100, np.nan), 7) is None


# — of a community —


def rows(session: Session, form: str) -> list[list[object]]:
    made: list[list[object]] = session.eval(f"(table->rows {form})")
    return made


def test_the_days_are_those_of_the_messages(sample_workspace: Path) -> None:
    with Session(sample_workspace, allow=Capabilities.all()) as session:
        weeks = dict(session.eval("(%by-week (hash-ref (%said) :times))"))
        days = rows(session, "(select (daily 'everyone) day messages authors tone)")
        counted = Counter[str]()
        for day, many, _, _ in days:
            counted[(day - dt.timedelta(days=day.weekday())).date().isoformat()] += many
        assert {week: many for week, many in counted.items() if many} == weeks
        assert all(a[0] < b[0] for a, b in pairwise(days))
        assert all((row[3] is False) == (row[1] == 0) and row[2] <= row[1] for row in days)


def test_what_there_is_no_measure_of(sample_workspace: Path) -> None:
    from chorus import ChorusError

    with Session(sample_workspace, allow=Capabilities.all()) as session:
        with pytest.raises(ChorusError) as caught:
            session.eval("(change-points 'everyone :measure 'mesages)")
        assert "messages" in (caught.value.hint or "")
        with pytest.raises(ChorusError) as caught:
            session.eval("(forecast 'everyone :days 300)")
        assert caught.value.code == "range"
