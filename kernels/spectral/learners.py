"""Untrained heads by name: those whose learning a tangent kernel looks at."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from chorus.kernels.spectral.operator import FourierHead


def linear(d: int, k: int, hidden: int) -> nn.Module:
    return nn.Linear(d, k)


def perceptron(d: int, k: int, hidden: int) -> nn.Module:
    return nn.Sequential(nn.Linear(d, hidden), nn.GELU(), nn.Linear(hidden, k))


def fourier(d: int, k: int, hidden: int) -> nn.Module:
    """A Fourier operator over the D coordinates; HIDDEN units stand for a quarter as many channels."""
    return FourierHead(k, width=max(2, hidden // 4), modes=min(24, max(1, d // 2)), cells=min(8, d))


LEARNERS: dict[str, Callable[[int, int, int], nn.Module]] = {  # from D coordinates to K classes
    "linear": linear,
    "mlp": perceptron,
    "fourier": fourier,
}
