"""Forecasts of signals in time by a Fourier operator over windows [B,C,T], as corrections of the seasonal naive one."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from chorus.kernels.spectral.operator import FourierOperator, fit

WINDOWS = 160  # to learn from, evenly spread; more overlap one another


def seasonal_naive(series: np.ndarray, horizon: int, season: int) -> np.ndarray:
    """What SERIES f[C,T] did a SEASON before, f[C,horizon]."""
    return series[:, np.arange(horizon) % season - season]


def mase(forecast: np.ndarray, truth: np.ndarray, past: np.ndarray, season: int) -> float:
    """The mean over series of the mean absolute error, in units of the seasonal naive one's within PAST f[C,T].

    A series that only repeats itself has no unit and is left out.   [Hyndman & Koehler 2006]
    """
    unit = np.abs(past[:, season:] - past[:, :-season]).mean(1)
    error = np.abs(forecast - truth).mean(1)
    return float((error[unit > 0] / unit[unit > 0]).mean()) if (unit > 0).any() else float("nan")


class Corrector(nn.Module):
    """Windows x [B,C,L] → [B,C,H]: the seasonal naive forecast and what an operator over all L + H points adds.

    Each channel is measured in its own mean and deviation within the window. Over the horizon the operator sees the
    naive forecast, with a channel that marks what is not known. Nothing is added before it has learned to.
    """

    def __init__(self, channels: int, length: int, horizon: int, season: int, width: int = 24) -> None:
        super().__init__()
        modes = min(length + horizon, 2 * ((length + horizon) // season) + 8) // 2
        self.operator = FourierOperator(channels + 1, channels, width, (modes,), 2)
        self.scale = nn.Parameter(torch.zeros(channels, 1))
        self.horizon, self.season = horizon, season

    def forward(self, x: Tensor) -> Tensor:
        centre, spread = x.mean(2, keepdim=True), x.std(2, keepdim=True) + 1e-6
        z = (x - centre) / spread
        naive = z[:, :, torch.arange(self.horizon, device=x.device) % self.season - self.season]
        unknown = torch.zeros_like(torch.cat([z, naive], 2)[:, :1])
        unknown[:, :, -self.horizon :] = 1
        added = self.operator(torch.cat([torch.cat([z, naive], 2), unknown], 1))[:, :, -self.horizon :]
        return (naive + self.scale * added) * spread + centre


def operator_forecast(
    series: np.ndarray,
    horizon: int,
    season: int,
    *,
    length: int | None = None,
    epochs: int = 20,
    seed: int = 0,
    device: str = "cpu",
) -> np.ndarray:
    """The next HORIZON points f[C,H] of SERIES f[C,T], by a `Corrector` trained on the windows of SERIES itself.

    ValueError where SERIES is too short for eight windows of LENGTH (six seasons, if they are there) and HORIZON.
    """
    channels, total = series.shape
    length = length or min(6 * season, (total - horizon) // 2)
    last = total - length - horizon
    starts = np.unique(np.linspace(0, max(last, 0), WINDOWS).astype(int))
    if last < 7 or length < season:
        raise ValueError(
            f"{total} points are too few to learn forecasts of {horizon} with a season of {season}"
        )
    data = torch.from_numpy(series.astype(np.float32)).to(device)
    windows = torch.stack([data[:, s : s + length + horizon] for s in starts.tolist()])  # [B,C,L+H]
    spread = windows[:, :, :length].std(2, keepdim=True) + 1e-6
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = Corrector(channels, length, horizon, season).to(device)
    target = windows[:, :, length:]
    error = lambda made, row: ((made - row[:, :, :-1]).abs() / row[:, :, -1:]).mean()
    fit(model, windows[:, :, :length], torch.cat([target, spread], 2), loss=error, epochs=epochs, seed=seed)
    with torch.no_grad():
        return model(data[None, :, -length:])[0].cpu().numpy().astype(np.float64)


def best_forecast(
    series: np.ndarray, horizon: int, season: int, **options: Any
) -> tuple[np.ndarray, str, float]:
    """The forecast f[C,H] of whichever did better on the last HORIZON known points, the operator or the seasonal naive,
    its name, and the operator's error there in units of the naive one's."""
    past, truth = series[:, :-horizon], series[:, -horizon:]
    error = np.abs(operator_forecast(past, horizon, season, **options) - truth).mean()
    naive = np.abs(seasonal_naive(past, horizon, season) - truth).mean()
    if error < naive:
        made = operator_forecast(series, horizon, season, **options)
        return made, "operator", float(error / naive)
    return seasonal_naive(series, horizon, season), "seasonal-naive", float(error / max(naive, 1e-12))
