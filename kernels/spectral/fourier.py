"""The lowest modes of the discrete Fourier transform as matrices: a truncated transform is a product."""

from __future__ import annotations

import math
from functools import lru_cache

import torch
from torch import Tensor


def check_modes(modes: int, *sizes: int) -> None:
    """ValueError unless all frequencies below MODES lie below the Nyquist frequency of signals of SIZES."""
    for size in sizes:
        if modes < 1 or 2 * (modes - 1) >= size:
            raise ValueError(f"{modes} modes need signals of {2 * modes - 1} points or more, not {size}")


@lru_cache(maxsize=64)
def analysis(size: int, modes: int, device: torch.device, dtype: torch.dtype) -> Tensor:
    """F [size, 2·modes]: x @ F are the real parts of x's lowest coefficients, (1/N) Σ x e^(-2πikn/N), then the
    imaginary ones."""
    angle = _angles(torch.arange(size), torch.arange(modes), size)  # [N,m]
    return (torch.cat([angle.cos(), -angle.sin()], 1) / size).to(device, dtype)


@lru_cache(maxsize=64)
def synthesis(size: int, modes: int, device: torch.device, dtype: torch.dtype) -> Tensor:
    """G [2·modes, size]: the real signal of those coefficients, at SIZE points of the same interval.

    Frequencies but the first stand for their negative too; the first's imaginary part means nothing.
    """
    angle = _angles(torch.arange(modes), torch.arange(size), size)  # [m,N]
    twice = torch.full((modes, 1), 2.0, dtype=torch.float64)
    twice[0] = 1.0
    return torch.cat([twice * angle.cos(), -twice * angle.sin()], 0).to(device, dtype)


@lru_cache(maxsize=64)
def both_signs(size: int, modes: int, device: torch.device, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Cosines and sines [2·modes, size] of the frequencies 0 … modes-1, -modes … -1."""
    angle = _angles(torch.cat([torch.arange(modes), torch.arange(-modes, 0)]), torch.arange(size), size)
    return angle.cos().to(device, dtype), angle.sin().to(device, dtype)


def _angles(rows: Tensor, columns: Tensor, size: int) -> Tensor:
    """2π·row·column/SIZE, the product reduced before it is rounded."""
    return torch.outer(rows, columns).remainder(size).double() * (2 * math.pi / size)
