"""The first kernel: low = x·Aᵀ, a tile of one adapter's tokens at a time, wherever in the batch they lie."""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

from chorus.kernels.lora.gpu import Tiles

NARROWEST = 16  # sides of a product that a tensor core takes
DEPTH = {2: 128, 4: 64}  # bytes of a number → how many of a row are multiplied at once


@triton.jit
def _shrink(
    x,  # [T·s,d]
    a,  # [L,r,d]
    low,  # [k,T·s,R]
    order,  # [T]
    tile_adapter,
    tile_first,
    tile_last,
    tokens,
    each,
    d,
    r,
    SPLIT: tl.constexpr,
    BLOCK_M: tl.constexpr,
    BLOCK_K: tl.constexpr,
    BLOCK_R: tl.constexpr,
):
    tile, part = tl.program_id(0), tl.program_id(1)
    adapter = tl.load(tile_adapter + tile).to(tl.int64)
    at = tl.load(tile_first + tile) + tl.arange(0, BLOCK_M)  # sorted tokens
    there = at < tl.load(tile_last + tile)
    token = tl.load(order + at // each, mask=there, other=0) * each + at % each  # in the batch
    rank = tl.arange(0, BLOCK_R)
    total = tl.zeros((BLOCK_M, BLOCK_R), dtype=tl.float32)
    for start in range(part * BLOCK_K, d, SPLIT * BLOCK_K):
        k = start + tl.arange(0, BLOCK_K)
        some = tl.load(x + token[:, None] * d + k[None, :], mask=there[:, None] & (k < d)[None, :], other=0.0)
        factor = tl.load(
            a + (adapter * r + rank[None, :]) * d + k[:, None],
            mask=(rank < r)[None, :] & (k < d)[:, None],
            other=0.0,
        )
        total = tl.dot(some, factor, total, input_precision="ieee")
    places = (part.to(tl.int64) * tokens + at[:, None]) * BLOCK_R + rank[None, :]
    tl.store(low + places, total, mask=there[:, None])


def shrink(x: Tensor, a: Tensor, order: Tensor, tiles: Tiles, split: int = 1) -> Tensor:
    """X [T,s,d] by A [L,r,d]: float32 [split,T·s,R], sorted, in parts whose sum is meant; R ≥ r, zeros beyond.

    Tokens that no adapter changes are left out: what stands in their place is nothing.
    """
    rows, each, d = x.shape
    r = a.shape[1]
    wide = max(NARROWEST, triton.next_power_of_2(r))
    low = torch.empty(split, rows * each, wide, dtype=torch.float32, device=x.device)
    _shrink[(len(tiles.first), split)](
        x,
        a,
        low,
        order,
        tiles.adapter,
        tiles.first,
        tiles.last,
        rows * each,
        each,
        d,
        r,
        SPLIT=split,
        BLOCK_M=tiles.block,
        BLOCK_K=DEPTH[x.element_size()],
        BLOCK_R=wide,
    )
    return low
