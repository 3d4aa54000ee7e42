"""Spectral convolutions forward and backward, beside neuraloperator's SpectralConv with the same weights."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from typing import Any

import torch
from neuralop.layers.spectral_convolution import SpectralConv
from timing import ratio

from chorus.kernels.spectral.spectral_conv import spectral_conv1d, spectral_conv2d

TARGET, NEAR = 1.3, 1e-5
SHAPES = {  # batch, channels, grid, modes kept of each dimension
    "1-D 512": (32, 32, (512,), (16,)),
    "1-D 1024": (16, 64, (1024,), (16,)),
    "1-D 4096": (8, 32, (4096,), (32,)),
    "2-D 64²": (8, 32, (64, 64), (12, 12)),
    "2-D 128²": (4, 32, (128, 128), (16, 16)),
}


def goals() -> Iterator[tuple[str, float, Any, bool | None]]:
    torch.manual_seed(0)
    faster, apart = [], []
    for name, (batch, channels, grid, modes) in SHAPES.items():
        peer = SpectralConv(channels, channels, n_modes=kept(modes), bias=False)
        weight = peer.weight.to_tensor().detach()
        x = torch.randn(batch, channels, *grid)
        ours, inputs = chorus(weight, modes)
        gap = (ours(x, *inputs) - peer(x)).detach().norm() / peer(x).detach().norm()
        better, seconds, theirs = ratio(step(ours, x, inputs), step(lambda x, peer=peer: peer(x), x, ()), 15)
        print(f"{name:9} chorus {seconds * 1e3:7.2f} ms, neuraloperator {theirs * 1e3:7.2f} ms, "
              f"{better:5.2f} times, difference {float(gap):.1e}", flush=True)  # fmt: skip
        faster.append(better)
        apart.append(float(gap))
    middle = statistics.median(faster)
    print(f"slowest shape {min(faster):.2f} times, largest difference {max(apart):.1e}")
    yield "fno-conv", middle, TARGET, middle >= TARGET and max(apart) <= NEAR


def kept(modes: tuple[int, ...]) -> tuple[int, ...]:
    """The number that makes the peer keep as many: it counts both signs, and half of the last dimension."""
    return (*(2 * m for m in modes[:-1]), 2 * modes[-1] - 2)


def chorus(
    weight: torch.Tensor, modes: tuple[int, ...]
) -> tuple[Callable[..., torch.Tensor], list[torch.Tensor]]:
    """Our convolution and its weights; the peer's lie from the most negative frequency on."""
    real = torch.view_as_real(weight.resolve_conj()).contiguous()
    if len(modes) == 1:
        return spectral_conv1d, [real.requires_grad_()]
    parts = [real[:, :, modes[0] :], real[:, :, : modes[0]]]
    return spectral_conv2d, [part.contiguous().requires_grad_() for part in parts]


def step(run: Callable[..., torch.Tensor], x: torch.Tensor, inputs: Any) -> Callable[[], None]:
    x = x.clone().requires_grad_()
    return lambda: run(x, *inputs).square().sum().backward()
