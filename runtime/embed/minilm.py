"""A BERT encoder in plain torch, reading the same folder as sentence-transformers and giving the same vectors sooner.

Importing sentence-transformers takes some 4 s, this 1 s (nearly all of it torch). Devlin et al., "BERT", 2018,
section 3; mean pooling and unit length as in Reimers & Gurevych, "Sentence-BERT", 2019, section 3.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

from chorus.runtime.embed.device import token_budget

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

PIPELINE = ("Transformer", "Pooling", "Normalize")


@dataclass(frozen=True)
class Settings:
    """What the folder's configuration says of the encoder."""

    layers: int
    heads: int
    epsilon: float
    max_tokens: int
    pooling: str  # "mean" or "cls"

    @classmethod
    def read(cls, folder: Path) -> Settings | None:
        """None when the folder holds something else than a BERT whose tokens are averaged (or its first taken)."""
        config, modules = _json(folder / "config.json"), _json(folder / "modules.json")
        pooling = _json(folder / "1_Pooling" / "config.json")
        limits, prompts = (
            _json(folder / "sentence_bert_config.json"),
            _json(folder / "config_sentence_transformers.json"),
        )
        modes = [name for name, on in pooling.items() if on is True and name.startswith("pooling_mode_")]
        kinds = tuple(module["type"].rsplit(".", 1)[-1] for module in modules) if modules else ()
        understood = (
            (folder / "model.safetensors").is_file()
            and (folder / "tokenizer.json").is_file()
            and config.get("model_type") == "bert"
            and config.get("hidden_act") == "gelu"
            and config.get("position_embedding_type", "absolute") == "absolute"
            and kinds in (PIPELINE, PIPELINE[:2])
            and modes in (["pooling_mode_mean_tokens"], ["pooling_mode_cls_token"])
            and not limits.get("do_lower_case")
            and not prompts.get("default_prompt_name")
        )
        if not understood:
            return None
        most = min(limits.get("max_seq_length") or 512, config["max_position_embeddings"])
        return cls(
            config["num_hidden_layers"],
            config["num_attention_heads"],
            config["layer_norm_eps"],
            most,
            "cls" if "cls" in modes[0] else "mean",
        )


class MiniLM:
    """The encoder: `measure` texts, then `run` them in batches."""

    def __init__(self, folder: Path, settings: Settings, device: str, dtype: torch.dtype) -> None:
        from safetensors.torch import load_file
        from tokenizers import Tokenizer

        self.settings = settings
        self.device = device
        # A tokenizer of our own: sentence-transformers changes the padding of the one it shares.
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(settings.max_tokens)
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
        lengths = torch.tensor([len(ids) for ids in items], device=self.device)
        width = int(lengths.max())
        padded = [ids + [0] * (width - len(ids)) for ids in items]
        there = torch.arange(width, device=self.device) < lengths[:, None]  # [n, t]
        hidden = self._encode(torch.tensor(padded, device=self.device), there).float()  # [n, t, d]
        if self.settings.pooling == "cls":
            pooled = hidden[:, 0]
        else:
            pooled = (hidden * there[..., None]).sum(1) / lengths[:, None]  # [n, d]
        return F.normalize(pooled, dim=1).cpu().numpy()

    def _encode(self, ids: Tensor, there: Tensor) -> Tensor:
        """Hidden states [n, t, d] of the token ids [n, t]."""
        epsilon, heads = self.settings.epsilon, self.settings.heads
        n, t = ids.shape
        shape = (self.dimension,)
        x = F.layer_norm(self.words[ids] + self.places[:t], shape, *self.norm, epsilon)  # [n, t, d]
        mask = None if bool(there.all()) else there[:, None, None, :]  # [n, 1, 1, t]
        for layer in self.layers:
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


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
