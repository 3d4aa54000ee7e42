"""A BERT encoder in plain torch, reading the same folder as sentence-transformers and giving the same vectors
sooner.

Importing sentence-transformers takes some 4 s, this 1 s (nearly all of it torch). Devlin et al., "BERT",
2018, section 3; mean pooling and unit length as in Reimers & Gurevych, "Sentence-BERT", 2019, section 3.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

from chorus.runtime.embed.folder import Settings, open_tokenizer
from chorus.runtime.embed.precision import token_budget

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    Weights = dict[str, tuple[Tensor, Tensor]]  # of one layer, by name


class MiniLM:
    """The encoder: `measure` texts, then `run` them in batches."""

    def __init__(self, folder: Path, settings: Settings, device: str, dtype: torch.dtype) -> None:
        from safetensors.torch import load_file

        self.settings = settings
        self.device = device
        self.tokenizer = open_tokenizer(folder, settings.max_tokens)
        read = load_file(folder / "model.safetensors")
        weights = {
            name.removeprefix("bert."): w.to(device, dtype)
            for name, w in read.items()
            if w.is_floating_point()
        }
        self.words = weights["embeddings.word_embeddings.weight"]  # [vocabulary, d]
        self.places = (  # [positions, d]: every token is of type 0 here
            weights["embeddings.position_embeddings.weight"]
            + weights["embeddings.token_type_embeddings.weight"][0]
        )
        self.norm = _pair(weights, "embeddings.LayerNorm")
        self.layers = [_layer(weights, f"encoder.layer.{at}.") for at in range(settings.layers)]
        self.dimension: int = self.words.shape[1]
        self.budget = token_budget(device, dtype)

    def measure(self, texts: list[str]) -> tuple[list[Any], list[int]]:
        """Token ids of each of TEXTS, special tokens included and cut to the model's length, and how many."""
        items = [encoding.ids for encoding in self.tokenizer.encode_batch(texts)]
        return items, [len(ids) for ids in items]

    @torch.inference_mode()
    def run(self, items: list[list[int]]) -> np.ndarray:
        """Unit rows float32[n, d] for the token ids ITEMS."""
        ids, there = self._padded(items)
        hidden = self._encode(ids, there, self.layers).float()  # [n, t, d]
        pooled = hidden[:, 0] if self.settings.pooling == "cls" else self._mean(hidden, there)  # [n, d]
        return F.normalize(pooled, dim=1).cpu().numpy()

    @torch.inference_mode()
    def means(self, items: list[list[int]], layers: int) -> np.ndarray:
        """float32[n, d]: the mean state of each of the token ids ITEMS as it leaves the first LAYERS layers."""
        ids, there = self._padded(items)
        hidden = self._encode(ids, there, self.layers[:layers]).float()  # [n, t, d]
        return self._mean(hidden, there).cpu().numpy()

    @staticmethod
    def _mean(hidden: Tensor, there: Tensor) -> Tensor:
        """[n, d] of the states HIDDEN [n, t, d] that are THERE bool[n, t]."""
        return (hidden * there[..., None]).sum(1) / there.sum(1, keepdim=True)

    def _padded(self, items: list[list[int]]) -> tuple[Tensor, Tensor]:
        """ITEMS as ids [n, t], and which of them are THERE bool[n, t]."""
        lengths = torch.tensor([len(ids) for ids in items], device=self.device)
        width = int(lengths.max())
        padded = [ids + [0] * (width - len(ids)) for ids in items]
        there = torch.arange(width, device=self.device) < lengths[:, None]
        return torch.tensor(padded, device=self.device), there

    def _encode(self, ids: Tensor, there: Tensor, layers: list[Weights]) -> Tensor:
        """Hidden states [n, t, d] of the token ids [n, t] as they leave LAYERS."""
        epsilon, heads = self.settings.epsilon, self.settings.heads
        n, t = ids.shape
        shape = (self.dimension,)
        x = F.layer_norm(self.words[ids] + self.places[:t], shape, *self.norm, epsilon)  # [n, t, d]
        mask = None if bool(there.all()) else there[:, None, None, :]  # [n, 1, 1, t]
        for layer in layers:
            q, k, v = (
                F.linear(x, *layer["qkv"]).view(n, t, 3, heads, -1).permute(2, 0, 3, 1, 4)
            )  # each [n, h, t, d/h]
            mixed = (
                F.scaled_dot_product_attention(q, k, v, mask).transpose(1, 2).reshape(n, t, -1)
            )  # [n, t, d]
            x = F.layer_norm(x + F.linear(mixed, *layer["out"]), shape, *layer["norm1"], epsilon)
            wide = F.gelu(F.linear(x, *layer["up"]))  # [n, t, 4d]
            x = F.layer_norm(x + F.linear(wide, *layer["down"]), shape, *layer["norm2"], epsilon)
        return x


def _layer(weights: dict[str, Tensor], prefix: str) -> dict[str, tuple[Tensor, Tensor]]:
    """One layer's weights and biases, the three projections of attention side by side."""
    projections = [_pair(weights, f"{prefix}attention.self.{name}") for name in ("query", "key", "value")]
    return {
        "qkv": (torch.cat([w for w, _ in projections]), torch.cat([b for _, b in projections])),
        "out": _pair(weights, prefix + "attention.output.dense"),
        "norm1": _pair(weights, prefix + "attention.output.LayerNorm"),
        "up": _pair(weights, prefix + "intermediate.dense"),
        "down": _pair(weights, prefix + "output.dense"),
        "norm2": _pair(weights, prefix + "output.LayerNorm"),
    }


def _pair(weights: dict[str, Tensor], name: str) -> tuple[Tensor, Tensor]:
    return weights[name + ".weight"], weights[name + ".bias"]
