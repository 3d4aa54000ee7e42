"""Signals in time as primitives: resampled, filtered, warped, counted, forecast; what recurs in them."""

from __future__ import annotations

from typing import Annotated, Any

from chorus.kernels.spectral.given import listed, numbers, placed, refusing, sized, table
from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import Items, Name, primitive, seeded
from chorus.runtime.values import HashTable, Pair, make_list

Tensor = object


@primitive("fourier-resample", effects="compute")
def fourier_resample(signal: Annotated[Tensor, "n"], size: int, *, device: str = "cpu") -> Any:
    """The periodic SIGNAL at SIZE points of the same period: the curve through it without frequencies above its own.

    What lies on the lower of the two Nyquist frequencies is a cosine, so up and down again is the identity.

    > (fourier-resample '(1 0 -1 0) 8)
    => (1.0 0.707107 0.0 -0.707107 -1.0 -0.707107 0.0 0.707107)
    """
    x, points = numbers(signal, "fourier-resample"), sized(size, "fourier-resample")
    import torch

    from chorus.kernels.spectral.resample import fourier_resample

    made = fourier_resample(torch.from_numpy(x).to(placed(device)), points).cpu().numpy()
    return listed(made.round(12))


@primitive("spectral-convolve", effects="compute")
def spectral_convolve(
    ctx: Any,
    signal: Annotated[Tensor, "n"],
    weights: Annotated[Tensor, "m 2"],
    size: int | None = None,
    *,
    device: str = "cpu",
) -> Any:
    """The periodic SIGNAL with its lowest frequencies 0, 1 … times WEIGHTS, (real imaginary) each, the others left out;
    at SIZE points, or as many as it has.   [Li et al. 2021]

    > (spectral-convolve '(3 1 -1 1) '((1 0)))
    => (1.0 1.0 1.0 1.0)
    """
    import torch

    from chorus.kernels.spectral.spectral_conv import spectral_conv1d

    x = torch.from_numpy(numbers(signal, "spectral-convolve"))[None, None].to(placed(device))
    w = numbers(weights, "spectral-convolve", 2)
    if w.shape[1] != 2:
        raise EvalError("spectral-convolve: each weight is (real imaginary)", code="type")
    if size is not None:
        ctx.charge(len(w) * sized(size, "spectral-convolve"), 32 * len(w) * size)
    with refusing("spectral-convolve"):
        made = spectral_conv1d(x, torch.from_numpy(w)[None, None].to(x.device), size)[0, 0].cpu().numpy()
    return listed(made.round(12))


@primitive("spectral-convolve-2d", effects="compute")
def spectral_convolve_2d(
    ctx: Any,
    image: Annotated[Tensor, "h w"],
    positive: Annotated[Tensor, "m1 m2 2"],
    negative: Annotated[Tensor, "m1 m2 2"],
    size: Annotated[Tensor, "2"] | None = None,
    *,
    device: str = "cpu",
) -> Any:
    """The periodic IMAGE, rows of numbers, with its lowest frequencies times weights, (real imaginary) each, the others
    left out; at SIZE, (height width), or its own. The frequencies are 0, 1 … along a row, where a real image's negative
    ones follow; down the rows POSITIVE has 0, 1 … and NEGATIVE … -2, -1, for waves that run down are not those that run
    up.   [Li et al. 2021]

    > (spectral-convolve-2d '((3 1 -1 1) (3 1 -1 1) (3 1 -1 1) (3 1 -1 1)) '(((1 0) (0.5 0))) '(((0 0) (0 0))))
    => ((2.0 1.0 0.0 1.0) (2.0 1.0 0.0 1.0) (2.0 1.0 0.0 1.0) (2.0 1.0 0.0 1.0))
    """
    import torch

    from chorus.kernels.spectral.spectral_conv import spectral_conv2d

    who = "spectral-convolve-2d"
    x = torch.from_numpy(numbers(image, who, 2))[None, None].to(placed(device))
    signs = [_weights(each, who) for each in (positive, negative)]
    if signs[0].shape != signs[1].shape:
        raise EvalError(f"{who}: there are as many weights for either sign", code="range")
    shape = x.shape[2:]
    if size is not None:
        high, wide = (sized(int(each), who) for each in _pair(size, who))
        sized(high * wide, who)
        shape = torch.Size((high, wide))
    modes = signs[0].shape[0] * signs[0].shape[1]
    ctx.charge(modes * (shape[0] + shape[1]), 32 * shape[0] * shape[1])
    weights = [torch.from_numpy(each)[None, None].to(x.device) for each in signs]
    with refusing(who):
        made = spectral_conv2d(x, weights[0], weights[1], (shape[0], shape[1]))[0, 0].cpu().numpy()
    return listed(made.round(12))


def _weights(rows: Any, who: str) -> Any:
    """f64[m1,m2,2] of ROWS of rows of (real imaginary)."""
    import numpy as np

    made = [numbers(row, who, 2) for row in rows] if isinstance(rows, (Pair, list, tuple, np.ndarray)) else []
    if not made or any(row.shape != made[0].shape or row.shape[1] != 2 for row in made):
        raise EvalError(f"{who}: weights are rows of (real imaginary), as many in each", code="type")
    return np.stack(made)


def _pair(size: Any, who: str) -> Any:
    made = numbers(size, who)
    if len(made) != 2 or (made != made.round()).any():
        raise EvalError(f"{who}: a size is (height width), whole numbers", code="type")
    return made


@primitive("warped-distance", effects="compute")
def warped_distance(
    a: Annotated[Tensor, "t"], b: Annotated[Tensor, "t"], *, band: int | None = None, device: str = "cpu"
) -> float:
    """How far apart two signals of one length are when time may be stretched: the root of the least sum of squared
    differences along a path that strays at most BAND points.   [Sakoe & Chiba 1978]

    > (warped-distance '(0 0 1 0 0) '(0 1 0 0 0) :band 1)
    => 0.0
    """
    from chorus.kernels.spectral.dtw import dtw_batch

    pair = [numbers(each, "warped-distance")[None] for each in (a, b)]
    with refusing("warped-distance"):
        return float(f"{float(dtw_batch(pair[0], pair[1], band, device=placed(device))[0]):.6g}")


@primitive("%signals", effects="compute")
def signals(times: Items, owners: Items, *, unit: Name = "day") -> HashTable:  # type: ignore[assignment]
    """How many of TIMES each of OWNERS had in each whole UNIT: {:from :names :counts}.

    > (hash-ref (%signals '(#inst "2024-03-01T10:00Z" #inst "2024-03-02T10:00Z" #inst "2024-03-03T10:00Z") '(a a a))
                :counts)
    => ((1.0))
    """
    from chorus.kernels.spectral.signals import SECONDS, counts_over_time

    if unit not in SECONDS:
        raise EvalError(f"a unit is one of {', '.join(SECONDS)}, not {unit}", code="unknown")
    if len(times) != len(owners):
        raise EvalError(f"signals: {len(times)} times, but {len(owners)} owners", code="range")
    with refusing("signals"):
        began, names, counts = counts_over_time(times, owners, unit)
    return table(**{"from": began}, names=make_list(names), counts=listed(counts))


@primitive("%patterns", effects="compute")
def patterns(
    ctx: Any, signal: Items, length: int, *, most: int = 3, seed: int = 0, device: str = "cpu"
) -> HashTable:
    """The shapes of LENGTH points and the rhythms that come back in SIGNAL; see `recurring-patterns`.

    > (hash-ref (%patterns '(1 2 1 3 1 2 1 2 1 1 2 3) 4) :shapes)
    => ()
    """
    from chorus.kernels.spectral.patterns import motifs, rhythms

    x = numbers(signal, "recurring-patterns")
    if most < 0:
        raise EvalError(f"recurring-patterns: :most is 0 or more, not {most}", code="range")
    ctx.charge(40 * len(x) * len(x) // 100 + 1, 8 * 1024 * len(x))
    with refusing("recurring-patterns"):
        shapes = motifs(x, length, most=most, seed=seeded(seed, "recurring-patterns"), device=placed(device))
    return table(
        rhythms=make_list(table(**each._asdict()) for each in rhythms(x, most=most)),
        shapes=make_list(table(**each._asdict() | {"starts": make_list(each.starts)}) for each in shapes),
    )


@primitive("%forecast-signals", effects="compute")
def forecast_signals(
    ctx: Any, counts: Items, horizon: int, season: int, *, seed: int = 0, device: str = "cpu"
) -> HashTable:
    """The next HORIZON points of signals COUNTS; see `forecast-signals`.

    > (hash-ref (%forecast-signals '((1 2 1 2 1 2 1 2 1 2 1 2 1 2 1 2 1 2 1 2 1 2 1 2 1 2 1 2)) 2 2) :forecast)
    => ((1.0 2.0))
    """
    from chorus.kernels.spectral.forecast import best_forecast

    series = numbers(counts, "forecast-signals", 2)
    if horizon < 1 or season < 1:
        raise EvalError("forecast-signals: :horizon and :season are 1 or more", code="range")
    ctx.charge(series.size * 2_000, series.size * 2_000)
    with refusing("forecast-signals"):
        made, method, ratio = best_forecast(series, horizon, season, seed=seed, device=placed(device))
    return table(forecast=listed(made.round(3)), method=method, backtest=ratio)
