"""Many adapters on a GPU: sorted rows are cut into tiles of one adapter each, and two kernels go over the tiles.

Tiles are listed beforehand, so no block of threads starts for nothing, however unevenly adapters are used. Where there
are too few to fill the GPU, the long sum over d is split; the parts are added in a fixed order, so that the same batch
gives the same bits.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.util import find_spec
from typing import NamedTuple

import torch
from torch import Tensor

from chorus.kernels.lora.pack import Pack
from chorus.kernels.lora.plan import Plan

KINDS = (torch.float16, torch.bfloat16, torch.float32)
FILLING = 256  # tiles that keep some hundred multiprocessors busy
LONGEST_SPLIT = 8
BLOCKS = (16, 32, 64)  # rows of a tile


class Tiles(NamedTuple):
    """Tile i is of the sorted tokens first[i] … last[i], all of adapter[i]."""

    adapter: Tensor  # [n]
    first: Tensor
    last: Tensor
    block: int  # tokens of a tile at most


@cache
def has_triton() -> bool:
    return find_spec("triton") is not None


def serves(x: Tensor) -> bool:
    """Whether the kernels take X."""
    return x.is_cuda and x.dtype in KINDS and has_triton()


def apply(x: Tensor, y: Tensor, pack: Pack, plan: Plan) -> Tensor:
    """X [T,s,d] by way of each row's adapter, added to Y [T,s,o] in place."""
    from chorus.kernels.lora.triton_expand import expand
    from chorus.kernels.lora.triton_shrink import shrink

    held = y.contiguous()
    cut = tiles(plan.starts, x.shape[1], str(x.device))
    low = shrink(x.contiguous(), pack.A, plan.order, cut, split_of(len(cut.first), x.shape[2]))  # [k,T·s,r']
    expand(low, held, pack.B, pack.scale, plan.order, cut)
    return held if held is y else y.copy_(held)


@lru_cache(maxsize=64)
def tiles(starts: tuple[int, ...], each: int, device: str) -> Tiles:
    """The tiles of rows that are planned by STARTS, each of EACH tokens."""
    edges = [start * each for start in starts]
    segments = [(at, a, b) for at, (a, b) in enumerate(zip(edges, edges[1:], strict=False)) if b > a]
    mean = (edges[-1] - edges[0]) / max(1, len(segments))
    block = next((size for size in BLOCKS if mean <= size), BLOCKS[-1])
    cut = [(at, a, min(a + block, last)) for at, first, last in segments for a in range(first, last, block)]
    columns = torch.tensor(cut, dtype=torch.int32).reshape(-1, 3).T.contiguous().to(device)  # [3,n]
    return Tiles(columns[0], columns[1], columns[2], block)


def split_of(count: int, d: int) -> int:
    """In how many parts the sum over D is cut for COUNT tiles."""
    split = 1
    while split < LONGEST_SPLIT and count * split < FILLING and d // (2 * split) >= 256:
        split *= 2
    return split
