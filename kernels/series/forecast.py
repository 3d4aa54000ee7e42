"""What a series is likely to do next: the method that would have done best so far, with how far it was off."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from chorus.kernels.series.smoothing import smoothed

FOLDS = 12  # at most so many pasts are forecast from
RECENT = 8  # seasons that a mean of days is taken over
YEAR = 365

Method = Callable[[np.ndarray, int, int], np.ndarray]


class Forecast(NamedTuple):
    """MEAN f64[h] with LOW and HIGH, between which LEVEL of what came was in the pasts that were forecast, by METHOD.

    MASE: each method's mean absolute error in those pasts, over that of the same day a season before within what was
    known (Hyndman & Koehler 2006): below 1 is better than that. FOLDS: how many pasts.
    """

    method: str
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    mase: dict[str, float]
    folds: int


def same_day(history: np.ndarray, horizon: int, season: int) -> np.ndarray:
    """Each day as the same day of the last season."""
    return np.resize(history[-season:], horizon)


def mean_day(history: np.ndarray, horizon: int, season: int) -> np.ndarray:
    """Each day as that day on average in the last RECENT seasons."""
    whole = min(len(history) // season, RECENT)
    return np.resize(history[-whole * season :].reshape(whole, season).mean(axis=0), horizon)


def auto_ets(history: np.ndarray, horizon: int, season: int) -> np.ndarray:
    """Exponential smoothing with errors, trend and season of any kind, chosen by AICc, by statsforecast."""
    from statsforecast.models import AutoETS

    return _by_library(AutoETS(season_length=season), history, horizon)


def mstl(history: np.ndarray, horizon: int, season: int) -> np.ndarray:
    """Trend, week and year taken apart by LOESS (Bandara et al. 2021), each carried on, by statsforecast."""
    from statsforecast.models import MSTL

    lengths = [each for each in (season, YEAR) if len(history) > 2 * each and each > 1] or [season]
    return _by_library(MSTL(season_length=lengths), history, horizon)


def _by_library(model: Any, history: np.ndarray, horizon: int) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of series that are flat
        return np.asarray(model.forecast(y=history.astype(float), h=horizon)["mean"], dtype=float)


METHODS: dict[str, Method] = {"same-day": same_day, "mean-day": mean_day, "smoothed": smoothed}


def methods() -> dict[str, Method]:
    """METHODS, and those of statsforecast where it is installed."""
    from importlib.util import find_spec

    return {**METHODS, "auto-ets": auto_ets, "mstl": mstl} if find_spec("statsforecast") else METHODS


def forecast(
    series: np.ndarray, horizon: int, *, season: int = 7, level: float = 0.95, nonnegative: bool = True
) -> Forecast | None:
    """The next HORIZON values of SERIES f64[T], by the method with the least error when the pasts of SERIES are
    forecast from what was known then; None of a series too short for three such pasts. What is missing (NaN) is taken
    to lie between its neighbours, and no error is told there.

    The interval is that of the errors made: a split-conformal one (Vovk et al. 2005; Stankevičiūtė et al. 2021 for
    several steps), whose level holds as long as days to come vary as those before did.
    """
    series = np.asarray(series, dtype=float)
    there = np.isfinite(series)
    starts = [
        start
        for start in range(len(series) - horizon, 2 * season + 1, -horizon)[:FOLDS]
        if there[:start].any() and there[start : start + horizon].any()
    ]
    if len(starts) < 3:
        return None
    known = methods()
    errors = {name: _errors(series, starts, horizon, season, method) for name, method in known.items()}
    steps = np.abs(series[season:] - series[:-season])
    steps = steps[np.isfinite(steps)]
    scale = float(steps.mean()) if steps.any() else 1.0
    mase = {name: float(np.abs(made).mean() / scale) for name, made in errors.items()}
    best = min(mase, key=lambda name: mase[name])
    mean = known[best](filled(series), horizon, season)
    off = np.sort(np.abs(errors[best]))
    reach = off[min(len(off) - 1, int(np.ceil((len(off) + 1) * level)) - 1)]
    low = mean - reach
    return Forecast(best, mean, np.maximum(low, 0) if nonnegative else low, mean + reach, mase, len(starts))


def _errors(series: np.ndarray, starts: list[int], horizon: int, season: int, method: Method) -> np.ndarray:
    """f64[m]: what came, where that is known, less what METHOD would have said at each of STARTS."""
    off = np.array([series[s : s + horizon] - method(filled(series[:s]), horizon, season) for s in starts])
    return off[np.isfinite(off)]


def filled(series: np.ndarray) -> np.ndarray:
    """SERIES f64[T] with what is missing on the line between its neighbours, or as the nearest at an end."""
    missing = ~np.isfinite(series)
    if not missing.any():
        return series
    places = np.arange(len(series))
    return np.where(missing, np.interp(places, places[~missing], series[~missing]), series)
