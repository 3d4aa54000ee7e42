"""What adapters add to the output of a linear layer: y + scale·(x·Aᵀ)·Bᵀ, each row by its own adapter.

A row is a token or a whole text. Either the weights come to the rows or the rows to the weights, whichever is less to
move: a row of as many tokens as an adapter has ranks, or more, gets a copy of its adapter's factors (one batched
product); rows of fewer are sorted, so that each adapter multiplies one block (segments, as in Punica, Chen et al. 2023,
arXiv:2310.18547).
"""

from __future__ import annotations

import torch
from torch import Tensor

from chorus.kernels.lora import gpu
from chorus.kernels.lora.adapter import Delta
from chorus.kernels.lora.pack import Pack
from chorus.kernels.lora.plan import Plan


def apply(x: Tensor, y: Tensor, pack: Pack, plan: Plan) -> Tensor:
    """X [T,…,d] by way of each row's adapter, added to Y [T,…,o], which is written over where nothing learns."""
    rows = len(plan.ids)
    if plan.starts[0] == rows or not x.numel():
        return y
    x3 = x.reshape(rows, -1, x.shape[-1]).to(pack.A.dtype)  # [T,s,d]
    y3 = y.reshape(rows, -1, y.shape[-1])  # [T,s,o], a view of Y wherever that can be
    learns = _learns(x, y, pack.A, pack.B)
    if learns:
        y3 = y3.clone()
    if not learns and gpu.serves(x3):
        made = gpu.apply(x3, y3, pack, plan)
    else:
        way = _weights_to_rows if x3.shape[1] >= pack.A.shape[1] else _rows_to_weights
        made = way(x3, y3, pack, plan, learns)
    return made.reshape(y.shape)


def apply_one(x: Tensor, y: Tensor, delta: Delta, scale: float = 1.0) -> Tensor:
    """X […,d] by way of SCALE times DELTA, added to Y […,o], which is written over where nothing learns."""
    a, b = delta
    low = x.reshape(-1, x.shape[-1]).to(a.dtype) @ a.T  # [T,r]
    if _learns(x, y, a, b) or y.dtype != a.dtype:
        return y + (scale * (low @ b.T)).reshape(y.shape).to(y.dtype)
    return y.reshape(-1, y.shape[-1]).addmm_(low, b.T, alpha=scale).reshape(y.shape)


def _weights_to_rows(x: Tensor, y: Tensor, pack: Pack, plan: Plan, learns: bool) -> Tensor:
    """X [T,s,d] added to Y [T,s,o]: a batched product of each row and its adapter's factors."""
    rows = (
        plan.order[plan.starts[0] :] if plan.starts[0] else None
    )  # those that the base alone serves are left out
    ids = plan.ids if rows is None else plan.ids[rows]
    a, b, scale = (part.index_select(0, ids) for part in (pack.A, pack.B, pack.scale))  # sooner than [ids]
    low = _scaled(torch.bmm(x if rows is None else x.index_select(0, rows), a.mT), scale)  # [n,s,r]
    if rows is None and not learns and y.dtype == low.dtype:
        return y.baddbmm_(low, b.mT)
    change = torch.bmm(low, b.mT).to(y.dtype)  # [n,s,o]
    return y + change if rows is None else y.index_add_(0, rows, change)


def _rows_to_weights(x: Tensor, y: Tensor, pack: Pack, plan: Plan, learns: bool) -> Tensor:
    """X [T,s,d] added to Y [T,s,o]: the rows of each adapter side by side, a product for each."""
    rows = plan.order[plan.starts[0] :]  # [n]
    n, s = len(rows), x.shape[1]
    segments = [
        (at, (first - plan.starts[0]) * s, (last - plan.starts[0]) * s) for at, first, last in plan.segments
    ]
    low = _by_segment(x.index_select(0, rows).flatten(0, 1), pack.A, segments, learns)  # [n·s,r]
    low = _scaled(low.unflatten(0, (n, s)), pack.scale[plan.ids[rows]]).flatten(0, 1)
    change = _by_segment(low, pack.B, segments, learns)  # [n·s,o]
    return y.index_add_(0, rows, change.unflatten(0, (n, s)).to(y.dtype))


def _by_segment(x: Tensor, weights: Tensor, segments: list[tuple[int, int, int]], learns: bool) -> Tensor:
    """The rows of X [n,i] times the weight [o,i] of their segment: [n,o]."""
    if learns:
        return torch.cat([x[first:last] @ weights[at].T for at, first, last in segments])
    made = x.new_empty(x.shape[0], weights.shape[1])
    for at, first, last in segments:
        torch.mm(x[first:last], weights[at].T, out=made[first:last])
    return made


def _scaled(low: Tensor, scale: Tensor) -> Tensor:
    """LOW [n,s,r] times the SCALE [n] of each row, of the kind that it was."""
    return (low * scale[:, None, None]).to(low.dtype)


def _learns(*tensors: Tensor) -> bool:
    return torch.is_grad_enabled() and any(tensor.requires_grad for tensor in tensors)
