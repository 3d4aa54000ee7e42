"""The last layers of a BERT encoder as modules, so that adapters can change them and gradients flow through them.

The layers of `runtime/embed/minilm.py`, which compute the same from plain tensors.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Block(nn.Module):
    """One layer: attention and a perceptron, each added to what it read and normed."""

    def __init__(self, weights: dict[str, tuple[Tensor, Tensor]], heads: int, epsilon: float) -> None:
        super().__init__()
        self.heads = heads
        self.qkv, self.out, self.up, self.down = (_linear(*weights[name]) for name in LINEAR)
        self.norm1, self.norm2 = (_norm(*weights[name], epsilon) for name in ("norm1", "norm2"))

    def forward(self, x: Tensor, there: Tensor, drop: float) -> Tensor:
        """States [n, t, d] of X [n, t, d], of which those are texts' own that are THERE bool[n, 1, 1, t]."""
        n, t, _ = x.shape
        q, k, v = self.qkv(x).view(n, t, 3, self.heads, -1).permute(2, 0, 3, 1, 4)  # each [n, h, t, d/h]
        mixed = F.scaled_dot_product_attention(q, k, v, there).transpose(1, 2).reshape(n, t, -1)
        x = self.norm1(x + F.dropout(self.out(mixed), drop, self.training))
        return self.norm2(x + F.dropout(self.down(F.gelu(self.up(x))), drop, self.training))


class Upper(nn.Module):
    """The last layers."""

    def __init__(self, blocks: list[Block]) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(blocks)

    @classmethod
    def of(cls, encoder: Any, below: int) -> Upper:
        """Those of ENCODER, a MiniLM, but the first BELOW; they share its weights."""
        settings = encoder.settings
        return cls([Block(layer, settings.heads, settings.epsilon) for layer in encoder.layers[below:]])

    def forward(self, x: Tensor, there: Tensor, drop: float = 0.0) -> Tensor:
        """Mean and maximum [n, 2d] of the states of X [n, t, d] that are THERE bool[n, t]."""
        for block in self.blocks:
            x = block(x, there[:, None, None, :], drop)
        mean = (x * there[..., None]).sum(1) / there.sum(1, keepdim=True)  # [n, d]
        return torch.cat([mean, x.masked_fill(~there[..., None], -torch.inf).amax(1)], dim=1)


LINEAR = ("qkv", "out", "up", "down")


def _linear(weight: Tensor, bias: Tensor) -> nn.Linear:
    made = nn.Linear(weight.shape[1], weight.shape[0], device="meta")
    made.weight, made.bias = (
        nn.Parameter(each.float().cpu(), requires_grad=False) for each in (weight, bias)
    )
    return made


def _norm(weight: Tensor, bias: Tensor, epsilon: float) -> nn.LayerNorm:
    made = nn.LayerNorm(len(weight), epsilon, device="meta")
    made.weight, made.bias = (
        nn.Parameter(each.float().cpu(), requires_grad=False) for each in (weight, bias)
    )
    return made
