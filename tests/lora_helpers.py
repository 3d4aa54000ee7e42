"""Small models and adapters of known numbers, for the tests of adapters."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from chorus.kernels.lora.adapter import Adapter, Delta
from chorus.kernels.lora.layers import layers_of


def drawn(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)).to(dtype)


class Small(nn.Module):
    """Two linear layers, called on rows of tokens [n,s,12] → [n,s,5]."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        self.up, self.down = nn.Linear(12, 20), nn.Linear(20, 5)
        with torch.no_grad():
            for at, weight in enumerate(self.parameters()):
                weight.copy_(drawn(*weight.shape, seed=100 * seed + at) / 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.down(torch.tanh(self.up(x)))


def gpt2(seed: int = 0) -> nn.Module:
    """A GPT-2 of two layers, whose linear layers are transposed (Conv1D), and its head tied to its embeddings."""
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(seed)
    return GPT2LMHeadModel(
        GPT2Config(
            n_layer=2, n_embd=32, n_head=4, vocab_size=50, n_positions=16, bos_token_id=0, eos_token_id=0
        )
    ).eval()


def adapter(model: nn.Module, name: str = "", rank: int = 3, alpha: float = 6.0, seed: int = 1) -> Adapter:
    """Random changes of all linear layers of MODEL, large enough to be seen."""
    layers = {
        path: Delta(
            drawn(rank, layer.d, seed=1000 * seed + 2 * at) / layer.d**0.5,
            drawn(layer.o, rank, seed=1000 * seed + 2 * at + 1) / 2,
        )
        for at, (path, layer) in enumerate(layers_of(model).items())
    }
    return Adapter(layers, alpha, "", name)
