"""Forecasts of a week by the Fourier operator and by our own smoothing, beside AutoETS of statsforecast and the
seasonal naive one; of planted signals and of the community's, by persona too."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from planted import planted_messages

from chorus.kernels.series.smoothing import smoothed
from chorus.kernels.spectral.forecast import mase, operator_forecast, seasonal_naive

SEASON = HORIZON = 7
MOST = 6  # signals of one kind
ORIGINS = 2  # of the backtest: the last weeks, each forecast from what came before it


def goals() -> Iterator[tuple[str, float, Any, bool | None]]:
    scores = []
    print(f"{'MASE':34} {'FNO':>7} {'AutoETS':>8} {'ours':>7} {'naive':>7}")
    for name, series in signals():
        found = [backtest(series, origin) for origin in range(ORIGINS)]
        fno, ets, own, naive = np.mean(found, axis=0)
        scores.append(fno / naive)
        print(f"{name:34} {fno:7.3f} {ets:8.3f} {own:7.3f} {naive:7.3f}", flush=True)
    print(
        "FNO over the seasonal naive one, signal by signal: " + ", ".join(f"{score:.2f}" for score in scores)
    )
    yield "mase", float(np.mean(scores)), 1.0, bool(np.mean(scores) < 1)


def backtest(series: np.ndarray, origin: int) -> list[float]:
    end = series.shape[1] - origin * HORIZON
    past, truth = series[:, : end - HORIZON], series[:, end - HORIZON : end]
    made = (
        operator_forecast(past, HORIZON, SEASON, epochs=20),
        auto_ets(past),
        np.stack([smoothed(row, HORIZON, SEASON) for row in past]),
        seasonal_naive(past, HORIZON, SEASON),
    )
    return [mase(each, truth, past, SEASON) for each in made]


def auto_ets(past: np.ndarray) -> np.ndarray:
    from statsforecast.models import AutoETS

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.stack([AutoETS(season_length=SEASON).forecast(row, HORIZON)["mean"] for row in past])


def signals() -> Iterator[tuple[str, np.ndarray]]:
    """Planted ones, where it is known who should win, and the synthetic community's own."""
    yield "follow one another a week later", following(seed=0)
    yield "a season and independent noise", independent(seed=0)
    said = [row for row in planted_messages(5, many=20_000) if row["persona"]]
    each = by_day(said, "persona", lambda row: 1.0)
    yield "messages a day (synthetic)", each.sum(0, keepdims=True)
    yield "messages a day by persona", each
    yield "mood a day by persona", mood(said)
    yield "messages a day by intent", by_day(said, "intent", lambda row: 1.0)


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


def by_day(said: list[dict[str, Any]], owner: str, value: Callable[[dict[str, Any]], float]) -> np.ndarray:
    """Sums of VALUE over what each OWNER said a day f64[C,T]: the MOST owners that said most, without the first and
    last day, which are cut short."""
    days = np.array([np.datetime64(row["timestamp"][:10]) for row in said])
    days = (days - days.min()).astype(int)
    names, which, many = np.unique([str(row[owner]) for row in said], return_inverse=True, return_counts=True)
    table = np.zeros((len(names), days.max() + 1))
    np.add.at(table, (which, days), [value(row) for row in said])
    return table[np.argsort(-many)[:MOST], 1:-1]


def mood(said: list[dict[str, Any]]) -> np.ndarray:
    """The mean tone of each persona a day f64[C,T], a day without one as 0."""
    toned = [row for row in said if row["tone"] is not None]
    total, many = (by_day(toned, "persona", value) for value in (lambda row: row["tone"], lambda row: 1.0))
    return total / np.maximum(many, 1)
