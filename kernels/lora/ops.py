"""What adapters add to the output of a linear layer: y + scale·(x·Aᵀ)·Bᵀ, each row by its own adapter."""

from __future__ import annotations

import torch
from torch import Tensor

from chorus.kernels.lora.adapter import Delta
from chorus.kernels.lora.pack import Pack
from chorus.kernels.lora.plan import Plan


def apply(x: Tensor, y: Tensor, pack: Pack, plan: Plan) -> Tensor:
    """X [T,…,d] by way of each row's adapter, added to Y [T,…,o], which is written over where nothing learns."""
    scales = pack.scale.tolist()
    made = y.clone() if _learns(x, y, pack.A, pack.B) else y
    for at, first, last in plan.segments:
        rank = pack.ranks[at]
        if rank:
            rows = plan.order[first:last]
            a, b = pack.A[at, :rank], pack.B[at, :, :rank]
            change = (x[rows].to(a.dtype) @ a.T) @ b.T * scales[at]
            made = made.index_add_(0, rows, change.to(y.dtype))
    return made


def apply_one(x: Tensor, y: Tensor, delta: Delta) -> Tensor:
    """X […,d] by way of DELTA, added to Y […,o], which is written over where nothing learns."""
    a, b = delta
    low = x.reshape(-1, x.shape[-1]).to(a.dtype) @ a.T  # [T,r]
    flat = y.reshape(-1, y.shape[-1])  # [T,o]
    if _learns(x, y, a, b) or flat.dtype != a.dtype:
        return torch.add(y, (low @ b.T).reshape(y.shape).to(y.dtype))
    return flat.addmm_(low, b.T).reshape(y.shape)


def _learns(*tensors: Tensor) -> bool:
    return torch.is_grad_enabled() and any(tensor.requires_grad for tensor in tensors)
