"""Forecasts of a week by the Fourier operator, beside AutoETS of statsforecast and the seasonal naive one."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from planted import planted_messages

from chorus.kernels.spectral.forecast import mase, operator_forecast, seasonal_naive

SEASON = HORIZON = 7
ORIGINS = 4  # of the backtest: the last weeks, each forecast from what came before it


def goals() -> Iterator[tuple[str, float, Any, bool | None]]:
    scores = []
    print(f"{'MASE':34} {'FNO':>7} {'AutoETS':>8} {'naive':>7}")
    for name, series in signals():
        found = [backtest(series, origin) for origin in range(ORIGINS)]
        fno, ets, naive = np.mean(found, axis=0)
        scores.append(fno / naive)
        print(f"{name:34} {fno:7.3f} {ets:8.3f} {naive:7.3f}", flush=True)
    print(
        "FNO over the seasonal naive one, signal by signal: " + ", ".join(f"{score:.2f}" for score in scores)
    )
    yield "mase", float(np.mean(scores)), 1.0, bool(np.mean(scores) < 1)


def backtest(series: np.ndarray, origin: int) -> tuple[float, float, float]:
    end = series.shape[1] - origin * HORIZON
    past, truth = series[:, : end - HORIZON], series[:, end - HORIZON : end]
    made = (
        operator_forecast(past, HORIZON, SEASON, epochs=20),
        auto_ets(past),
        seasonal_naive(past, HORIZON, SEASON),
    )
    ours, ets, naive = (mase(each, truth, past, SEASON) for each in made)
    return ours, ets, naive


def auto_ets(past: np.ndarray) -> np.ndarray:
    from statsforecast.models import AutoETS

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.stack([AutoETS(season_length=SEASON).forecast(row, HORIZON)["mean"] for row in past])


def signals() -> Iterator[tuple[str, np.ndarray]]:
    """Planted ones, where it is known who should win, and the synthetic community's own."""
    yield "follow one another a week later", following(seed=0)
    yield "a season and independent noise", independent(seed=0)
    yield "messages a day (synthetic)", community()


def following(seed: int, days: int = 420) -> np.ndarray:
    rng = np.random.default_rng(seed)
    wander = np.zeros(days + 2 * HORIZON)
    for t in range(1, len(wander)):
        wander[t] = 0.9 * wander[t - 1] + rng.standard_normal()
    week = 3 * np.sin(2 * np.pi * np.arange(days) / SEASON)
    rows = [wander[shift : shift + days] for shift in (2 * HORIZON, HORIZON, 0)]
    return np.stack(rows) + week + 0.3 * rng.standard_normal((3, days)) + 50


def independent(seed: int, days: int = 420) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return 5 * np.sin(2 * np.pi * np.arange(days) / SEASON) + rng.standard_normal((3, days)) + 50


def community() -> np.ndarray:
    rows = planted_messages(5, many=20_000)
    days = np.array([np.datetime64(row["timestamp"][:10]) for row in rows])
    return np.bincount((days - days.min()).astype(int)).astype(float)[None, 1:-1]
