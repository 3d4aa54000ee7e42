"""Forecasts by a Fourier operator: it finds what one signal tells of another, and nothing in noise."""

from __future__ import annotations

import numpy as np
import pytest

from chorus.kernels.spectral.forecast import best_forecast, mase, operator_forecast, seasonal_naive

SEASON, HORIZON = 7, 7


def coupled(days: int, seed: int) -> np.ndarray:
    """Two signals of a week's rhythm; the second follows the first's wanderings a week later."""
    rng = np.random.default_rng(seed)
    wander = np.zeros(days + HORIZON)
    for t in range(1, len(wander)):
        wander[t] = 0.9 * wander[t - 1] + rng.standard_normal()
    week = 3 * np.sin(2 * np.pi * np.arange(days) / SEASON)
    noise = 0.3 * rng.standard_normal((2, days))
    return np.stack([wander[HORIZON:], wander[:-HORIZON]]) + week + noise + 50


def test_seasonal_naive_repeats_the_last_season() -> None:
    assert seasonal_naive(np.arange(10.0)[None], 5, 3).tolist() == [[7, 8, 9, 7, 8]]


def test_an_error_of_the_naive_size_is_one() -> None:
    past = np.array([[0.0, 1.0, 2.0, 3.0, 4.0]])
    assert mase(np.array([[6.0, 7.0]]), np.array([[4.0, 5.0]]), past, 2) == 1.0


def test_what_one_signal_tells_of_another_is_learned() -> None:
    errors = []
    for seed in range(2):
        series = coupled(400, seed)
        past, truth = series[:, :-HORIZON], series[:, -HORIZON:]
        made = operator_forecast(past, HORIZON, SEASON, epochs=20, seed=seed)
        naive = seasonal_naive(past, HORIZON, SEASON)
        errors.append([mase(each[1:], truth[1:], past[1:], SEASON) for each in (made, naive)])
    ours, theirs = np.mean(errors, axis=0)
    assert ours < 0.6 and ours < 0.6 * theirs


def test_noise_around_a_season_gains_nothing_but_the_mean() -> None:
    """The control: noise is not continued; the error is that of the noise itself, √½ of the naive one's at best."""
    rng = np.random.default_rng(0)
    series = 5 * np.sin(2 * np.pi * np.arange(300) / SEASON) + rng.standard_normal((3, 300))
    past, truth = series[:, :-HORIZON], series[:, -HORIZON:]
    error = mase(operator_forecast(past, HORIZON, SEASON, epochs=20), truth, past, SEASON)
    assert 0.5 < error < 1.1


def test_the_better_of_two_is_chosen() -> None:
    walk = np.cumsum(np.random.default_rng(1).standard_normal((1, 140)), axis=1)
    repeated = np.tile(np.random.default_rng(2).standard_normal((1, SEASON)), 20)
    assert best_forecast(repeated, HORIZON, SEASON, epochs=2)[1] == "seasonal-naive"
    made, name, ratio = best_forecast(walk, HORIZON, SEASON, epochs=10)
    assert made.shape == (1, HORIZON) and (name == "operator") == (ratio < 1)


def test_too_short_a_series_is_refused() -> None:
    with pytest.raises(ValueError, match="too few"):
        operator_forecast(np.zeros((1, 20)), HORIZON, SEASON)
