"""The kernels of series against their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus.kernels.series import anomalies, change_points, reference, smoothing, tracks, trend, weekdays
from chorus.kernels.series.forecast import filled

VALUES = st.floats(-1e4, 1e4).map(lambda value: round(value, 3))
SERIES = st.lists(VALUES, min_size=10, max_size=60)


@given(SERIES, st.integers(1, 5))
def test_the_clearest_split_is_that_of_the_reference(series: list[float], least: int) -> None:
    (value,), (at,) = change_points.statistic(np.array([series]), least)
    slow = reference.splits(series, least)
    assert value == pytest.approx(max(slow.values()), abs=1e-6)
    assert slow[int(at)] == pytest.approx(value, abs=1e-6)


@given(SERIES, st.sampled_from([0.0, 1.0]))
def test_robust_deviations_are_those_of_the_reference(series: list[float], least: float) -> None:
    made = anomalies.robust_z(np.array(series)[:, None], least)[:, 0]
    np.testing.assert_allclose(made, reference.robust_z(series, least), rtol=1e-7, atol=1e-9)


@given(st.lists(st.one_of(VALUES, st.just(float("nan"))), min_size=1, max_size=60))
def test_without_the_week_is_as_the_reference_has_it(series: list[float]) -> None:
    if all(any(value == value for value in series[day::7]) for day in range(7)) or len(series) < 28:
        np.testing.assert_allclose(weekdays.without_week(np.array(series)), reference.without_week(series))


@given(st.lists(st.integers(0, 10**6), max_size=20))
def test_steady_counts_are_those_of_the_reference(counts: list[int]) -> None:
    np.testing.assert_allclose(weekdays.steady(np.array(counts)), reference.steady(counts))


@given(st.lists(VALUES, min_size=5, max_size=40))
def test_the_slope_is_the_median_of_all_slopes(values: list[float]) -> None:
    found = trend.slope(values, 0.95)
    assert found is not None and found.slope == pytest.approx(reference.slope(values), abs=1e-9)


@given(st.lists(st.one_of(VALUES, st.just(float("nan"))), min_size=1, max_size=40))
def test_what_is_missing_lies_between_its_neighbours(series: list[float]) -> None:
    if any(value == value for value in series):
        np.testing.assert_allclose(filled(np.array(series)), reference.filled(series), atol=1e-6)


@pytest.mark.parametrize("season", [1, 3, 7])
def test_each_model_of_the_grid_is_smoothed_as_the_reference_does(season: int) -> None:
    rng = np.random.default_rng(season)
    series = rng.standard_normal(50).cumsum() + 3 * np.sin(np.arange(50) * 2 * np.pi / 7)
    models = smoothing.grid(season)
    level, slope, habit, errors = smoothing.run(series, models, season)
    for at in range(0, len(models.alpha), 7):
        alpha, beta, phi, gamma, seasonal = (float(column[at]) for column in models[:5])
        slow = reference.smoothing(series.tolist(), alpha, beta, phi, gamma if seasonal else None, season)
        np.testing.assert_allclose(level[at], slow[0])
        np.testing.assert_allclose(slope[at], slow[1], atol=1e-12)
        np.testing.assert_allclose(habit[:, at], slow[2], atol=1e-12)
        np.testing.assert_allclose(errors[:, at], slow[3], atol=1e-10)


@given(st.integers(1, 30), st.integers(0, 30), st.integers(0, 50), st.integers(0, 50))
def test_the_chance_of_an_emerging_topic_is_exact(now: int, before: int, others: int, earlier: int) -> None:
    totals = np.array([before + earlier, now + others])
    _, p = tracks.emerging(np.array([[before, now]]), totals)
    expected = reference.chance_of_more(now, int(totals[1]), before, max(int(totals[0]), 1))
    assert p[0] == pytest.approx(expected, rel=1e-9, abs=1e-12)
