"""The second kernel: y += scale·low·Bᵀ, a tile of one adapter's tokens and a strip of the output at a time."""

from __future__ import annotations

import triton
import triton.language as tl
from torch import Tensor

from chorus.kernels.lora.gpu import Tiles

STRIP = 128  # numbers of the output


@triton.jit
def _expand(
    low,  # [k,T·s,R]
    b,  # [L,o,r]
    scale,  # [L]
    y,  # [T·s,o]
    order,  # [T]
    tile_adapter,
    tile_first,
    tile_last,
    tokens,
    each,
    o,
    r,
    SPLIT: tl.constexpr,
    BLOCK_M: tl.constexpr,
    BLOCK_N: tl.constexpr,
    BLOCK_R: tl.constexpr,
):
    tile = tl.program_id(0)
    n = tl.program_id(1) * BLOCK_N + tl.arange(0, BLOCK_N)
    adapter = tl.load(tile_adapter + tile).to(tl.int64)
    at = tl.load(tile_first + tile) + tl.arange(0, BLOCK_M)  # sorted tokens
    there = at < tl.load(tile_last + tile)
    token = tl.load(order + at // each, mask=there, other=0) * each + at % each  # in the batch
    rank = tl.arange(0, BLOCK_R)
    total = tl.zeros((BLOCK_M, BLOCK_R), dtype=tl.float32)
    for part in tl.static_range(SPLIT):
        places = (part * tokens.to(tl.int64) + at[:, None]) * BLOCK_R + rank[None, :]
        total += tl.load(low + places, mask=there[:, None], other=0.0)
    factor = tl.load(
        b + (adapter * o + n[None, :]) * r + rank[:, None],
        mask=(rank < r)[:, None] & (n < o)[None, :],
        other=0.0,
    )
    change = tl.dot(total.to(b.dtype.element_ty), factor, input_precision="ieee") * tl.load(scale + adapter)
    places = y + token[:, None] * o + n[None, :]
    mask = there[:, None] & (n < o)[None, :]
    before = tl.load(places, mask=mask, other=0.0).to(tl.float32)
    tl.store(places, (before + change).to(y.dtype.element_ty), mask=mask)


def expand(low: Tensor, y: Tensor, b: Tensor, scale: Tensor, order: Tensor, tiles: Tiles) -> None:
    """Adds to Y [T,s,o], which lies in one piece, what LOW (of `shrink`) comes to by B [L,o,r] and SCALE [L]."""
    rows, each, o = y.shape
    split, _, wide = low.shape
    _expand[(len(tiles.first), triton.cdiv(o, STRIP))](
        low,
        b,
        scale,
        y,
        order,
        tiles.adapter,
        tiles.first,
        tiles.last,
        rows * each,
        each,
        o,
        b.shape[2],
        SPLIT=split,
        BLOCK_M=tiles.block,
        BLOCK_N=STRIP,
        BLOCK_R=wide,
    )
