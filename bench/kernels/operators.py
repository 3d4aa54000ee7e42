"""The Fourier operator where an order is real: on Burgers and Darcy, beside the best linear operator."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from chorus.kernels.spectral.equations import burgers, darcy, smooth_fields
from chorus.kernels.spectral.operator import FourierOperator, fit, relative


def full() -> list[Any]:
    equations()
    return []


def equations() -> None:
    start = smooth_fields((256,), 200, seed=0)
    later = burgers(start, 0.05, 0.3)
    coarse, fine = slice(None, None, 8), slice(None)
    pair = lambda at: (as_functions(start[:, at]), as_functions(later[:, at]))
    model, (x, y) = FourierOperator(1, 1, 24, (12,), 3), pair(coarse)
    fit(model, x[:160], y[:160], epochs=40)
    print(f"Burgers from 32 points: error {off(model, x, y, 160):.3f}, asked at 256 points "
          f"{off(model, *pair(fine), 160):.3f}, linear {linear(x, y, 160):.3f}", flush=True)  # fmt: skip
    permeability = np.where(smooth_fields((16, 16), 200, seed=2) > 0, 12.0, 3.0)
    x = as_functions((permeability - 7.5) / 4.5)
    y = as_functions(np.stack([darcy(a) for a in permeability]) * 100)
    model = fit(FourierOperator(1, 1, 16, (6, 6), 3), x[:160], y[:160], epochs=15, batch=20)
    print(f"Darcy on 16 × 16: error {off(model, x, y, 160):.3f}, linear {linear(x, y, 160):.3f}", flush=True)


def as_functions(values: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(values[:, None]).float()


def off(model: torch.nn.Module, x: torch.Tensor, y: torch.Tensor, cut: int) -> float:
    with torch.no_grad():
        return float(relative(model(x[cut:]), y[cut:]))


def linear(x: torch.Tensor, y: torch.Tensor, cut: int) -> float:
    """What the best linear operator (ridge, by the penalty that serves it best) leaves."""
    a, b = x.flatten(1), y.flatten(1)
    gram, both, one = a[:cut].T @ a[:cut], a[:cut].T @ b[:cut], torch.eye(a.shape[1])
    made = [a[cut:] @ torch.linalg.solve(gram + size * cut * one, both) for size in (1e-2, 1, 1e2)]
    return min(float(relative(each, b[cut:])) for each in made)
