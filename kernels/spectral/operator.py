"""Fourier neural operators: spectral convolutions with residual paths, between functions of one or two variables."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from chorus.kernels.spectral.spectral_conv import spectral_conv1d, spectral_conv2d


class Block(nn.Module):
    """h + gelu(K h + W h): K acts on frequencies, W at each point; the residual path carries what neither changes."""

    def __init__(self, width: int, modes: tuple[int, ...]) -> None:
        super().__init__()
        shape = (width, width, *modes, 2)
        self.weights = nn.ParameterList(torch.randn(shape) / width for _ in modes)  # in 2-D both signs
        self.local = nn.Linear(width, width)
        self.convolve = spectral_conv1d if len(modes) == 1 else spectral_conv2d

    def forward(self, h: Tensor) -> Tensor:  # [B,width,…]
        local = self.local(h.movedim(1, -1)).movedim(-1, 1)
        return h + nn.functional.gelu(self.convolve(h, *self.weights) + local)


class FourierOperator(nn.Module):
    """From functions x [B,Ci,…] on a grid to functions [B,Co,…] on the same grid, whatever its resolution.

    MODES for each dimension; the grid's own coordinates are given as further channels.   [Li et al. 2021]
    """

    def __init__(self, ci: int, co: int, width: int, modes: tuple[int, ...], depth: int = 3) -> None:
        super().__init__()
        self.lift = nn.Linear(ci + len(modes), width)
        self.blocks = nn.Sequential(*(Block(width, modes) for _ in range(depth)))
        self.head = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, co))

    def forward(self, x: Tensor) -> Tensor:
        axes = [torch.arange(n, device=x.device, dtype=x.dtype) / n for n in x.shape[2:]]
        grid = torch.stack(torch.meshgrid(*axes, indexing="ij")).expand(len(x), -1, *x.shape[2:])
        h = self.lift(torch.cat([x, grid], 1).movedim(1, -1)).movedim(-1, 1)
        return self.head(self.blocks(h).movedim(1, -1)).movedim(-1, 1)


class FourierHead(nn.Module):
    """A classifier that reads a vector as a signal of one channel: the operator, then means over places.

    It presumes that neighbouring places belong together. Coordinates of an embedding have no order, so nothing is to be
    expected of it there; `bench/kernels/operators.py` holds it against their permutation and plainer heads.
    """

    def __init__(
        self, classes: int, width: int = 16, modes: int = 24, depth: int = 2, cells: int = 8
    ) -> None:
        super().__init__()
        self.operator = FourierOperator(1, width, width, (modes,), depth)
        self.cells = nn.AdaptiveAvgPool1d(cells)
        self.out = nn.Linear(width * cells, classes)

    def forward(self, x: Tensor) -> Tensor:  # [B,d] → [B,classes]
        return self.out(self.cells(self.operator(x[:, None])).flatten(1))


def relative(ours: Tensor, truth: Tensor) -> Tensor:
    """The mean over functions of ‖ours − truth‖ / ‖truth‖."""
    return ((ours - truth).flatten(1).norm(dim=1) / truth.flatten(1).norm(dim=1)).mean()


def fit(
    model: nn.Module,
    x: Tensor,
    y: Tensor,
    *,
    loss: object = relative,
    epochs: int = 60,
    batch: int = 32,
    rate: float = 3e-3,
    decay: float = 1e-4,
    seed: int = 0,
) -> nn.Module:
    """MODEL trained on the pairs X, Y by AdamW with a rate that rises and falls once; deterministic given SEED."""
    order = torch.Generator().manual_seed(seed)
    steps = epochs * math.ceil(len(x) / batch)
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps)
    for _ in range(epochs):
        for rows in torch.randperm(len(x), generator=order).split(batch):
            optimiser.zero_grad(set_to_none=True)
            loss(model(x[rows]), y[rows]).backward()  # type: ignore[operator]
            optimiser.step()
            schedule.step()
    return model.eval()
