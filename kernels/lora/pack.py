"""Many adapters of one layer in one block of memory, so that a kernel finds each by its number.

Adapters of lower rank are padded by zeros, which change nothing; one that leaves the layer alone has rank 0 there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from chorus.kernels.lora.adapter import Adapter, Delta, one_base
from chorus.runtime.errors import EvalError


class Pack(NamedTuple):
    """L adapters of one layer."""

    A: Tensor  # [L,r,d]
    B: Tensor  # [L,o,r]
    scale: Tensor  # [L]
    ranks: tuple[int, ...]  # L, without the padding

    def delta(self, at: int) -> Delta:
        """Adapter AT without its padding, its scale in B."""
        rank = self.ranks[at]
        return Delta(self.A[at, :rank], self.B[at, :, :rank] * self.scale[at])

    def within(self, rank: int) -> Pack:
        """Views of the first RANK ranks: all there is to adapters of no more, whatever the others are padded to."""
        if rank >= self.A.shape[1]:
            return self
        return Pack(
            self.A[:, :rank], self.B[:, :, :rank], self.scale, tuple(min(r, rank) for r in self.ranks)
        )


def pack(adapters: Sequence[Adapter]) -> dict[str, Pack]:
    """The ADAPTERS by layer, in their order. Gradients flow back to them."""
    one_base(adapters)
    names = dict.fromkeys(layer for adapter in adapters for layer in adapter.layers)
    scales = [adapter.scale for adapter in adapters]
    return {name: pack_layer([a.layers.get(name) for a in adapters], scales, name) for name in names}


def pack_layer(deltas: Sequence[Delta | None], scales: Sequence[float], name: str = "a layer") -> Pack:
    """One layer's DELTAS, each times its scale; None changes nothing."""
    there = [delta for delta in deltas if delta is not None]
    shapes = {(a.shape[1], b.shape[0]) for a, b in there}
    if len(shapes) != 1:
        raise EvalError(f"{name}: the adapters are for layers of different sizes, {sorted(shapes)}")
    ((d, o),) = shapes
    r = max(delta.rank for delta in there)
    like = there[0].A
    none = Delta(like.new_zeros(r, d), like.new_zeros(o, r))
    padded = [none if delta is None else _padded(delta, r) for delta in deltas]
    return Pack(
        torch.stack([a for a, _ in padded]),
        torch.stack([b for _, b in padded]),
        torch.tensor(list(scales), dtype=torch.promote_types(like.dtype, torch.float32), device=like.device),
        tuple(0 if delta is None else delta.rank for delta in deltas),
    )


def _padded(delta: Delta, r: int) -> Delta:
    short = r - delta.rank
    if not short:
        return delta
    pad = torch.nn.functional.pad
    return Delta(pad(delta.A, (0, 0, 0, short)), pad(delta.B, (0, short)))
