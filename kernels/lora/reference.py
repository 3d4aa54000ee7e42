"""Adapters by definition: each row by its own adapter, one by one in float64; and what a wrong mean comes to."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from chorus.kernels.lora.adapter import Delta


def change(delta: Delta, scale: float = 1.0) -> Tensor:
    """The whole ΔW [o,d] of DELTA."""
    return scale * delta.B.double() @ delta.A.double()


def apply(
    x: Tensor, y: Tensor, deltas: Sequence[Delta | None], scales: Sequence[float], ids: Sequence[int]
) -> Tensor:
    """Rows X [T,…,d] and Y [T,…,o]: row t by way of adapter ids[t], or none of them where that is -1."""
    made = y.double().clone()
    for row, at in enumerate(ids):
        delta = None if at < 0 else deltas[at]
        if delta is not None:
            made[row] += x[row].double() @ change(delta, scales[at]).T
    return made


def fold(weight: Tensor, deltas: Sequence[Delta]) -> Tensor:
    """W and every change in full."""
    return weight.double() + sum((change(delta) for delta in deltas), torch.zeros(()))


def nearest(whole: Tensor, rank: int) -> tuple[Tensor, float]:
    """The matrix of RANK nearest to WHOLE [o,d], by its own SVD, and how far off it is, relative to WHOLE's size."""
    u, s, v = torch.linalg.svd(whole.double(), full_matrices=False)
    made = (u[:, :rank] * s[:rank]) @ v[:rank]
    return made, float((made - whole).norm() / whole.norm())


def average_factors(deltas: Sequence[Delta]) -> Delta:
    """The mean of A and the mean of B, which is not the mean of the changes. Here to be measured, used by nothing."""
    return Delta(torch.stack([a for a, _ in deltas]).mean(0), torch.stack([b for _, b in deltas]).mean(0))
