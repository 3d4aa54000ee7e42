"""A BERT encoder in plain numpy: the definition that `minilm.py` is tested against, and the quickest first
vector.

Importing torch takes over a second; this needs numpy only, so a question typed at the shell is embedded in a
quarter of one. Devlin et al., "BERT", 2018, section 3; Vaswani et al., "Attention Is All You Need", 2017, eq.
1.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from chorus.runtime.embed.folder import Settings, open_tokenizer
from chorus.runtime.pools import one_thread

# Abramowitz & Stegun 1964, 7.1.26: erf(x) = 1 - (a1·t + … + a5·t⁵)·exp(-x²), t = 1/(1 + p·x), x ≥ 0, within
# 1.5e-7.
ERF_P, ERF_A = 0.3275911, (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592)  # a5 … a1


class PlainBert:
    """One text at a time, no padding, no masks, fp32."""

    budget = 1  # a batch is one text

    def __init__(self, folder: Path, settings: Settings) -> None:
        from safetensors.numpy import load_file

        self.settings = settings
        self.tokenizer = open_tokenizer(folder, settings.max_tokens)
        self.weights = {
            name.removeprefix("bert."): w for name, w in load_file(folder / "model.safetensors").items()
        }
        self.dimension: int = self.weights["embeddings.word_embeddings.weight"].shape[1]

    def measure(self, texts: list[str]) -> tuple[list[Any], list[int]]:
        items = [self.tokenizer.encode(text).ids for text in texts]
        return items, [len(ids) for ids in items]

    def run(self, items: list[list[int]]) -> np.ndarray:
        """Unit rows float32[n, d] for the token ids ITEMS."""
        with one_thread():
            rows = [self._hidden(ids) for ids in items]  # each [t, d]
        pooled = np.stack([x[0] if self.settings.pooling == "cls" else x.mean(0) for x in rows])
        return pooled / np.linalg.norm(pooled, axis=1, keepdims=True)

    def _hidden(self, ids: list[int]) -> np.ndarray:
        """Hidden states [t, d] of the token ids."""
        words = self.weights["embeddings.word_embeddings.weight"][ids]
        places = self.weights["embeddings.position_embeddings.weight"][: len(ids)]
        kind = self.weights["embeddings.token_type_embeddings.weight"][0]
        x = self._norm(words + places + kind, "embeddings.LayerNorm")
        for layer in range(self.settings.layers):
            at = f"encoder.layer.{layer}."
            x = self._norm(x + self._attend(x, at + "attention."), at + "attention.output.LayerNorm")
            wide = self._linear(x, at + "intermediate.dense")  # [t, 4d]
            x = self._norm(x + self._linear(gelu(wide), at + "output.dense"), at + "output.LayerNorm")
        return x

    def _attend(self, x: np.ndarray, at: str) -> np.ndarray:
        heads = self.settings.heads
        q, k, v = (
            self._linear(x, f"{at}self.{name}").reshape(len(x), heads, -1).swapaxes(0, 1)  # [h, t, d/h]
            for name in ("query", "key", "value")
        )
        scores = q @ k.swapaxes(1, 2) / math.sqrt(q.shape[-1])  # [h, t, t]
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        mixed = (weights / weights.sum(-1, keepdims=True)) @ v  # [h, t, d/h]
        return self._linear(mixed.swapaxes(0, 1).reshape(len(x), -1), at + "output.dense")

    def _linear(self, x: np.ndarray, name: str) -> np.ndarray:
        return x @ self.weights[name + ".weight"].T + self.weights[name + ".bias"]

    def _norm(self, x: np.ndarray, name: str) -> np.ndarray:
        centred = x - x.mean(-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + self.settings.epsilon)
        return scaled * self.weights[name + ".weight"] + self.weights[name + ".bias"]


def gelu(x: np.ndarray) -> np.ndarray:
    """x·Φ(x), Φ the normal distribution (Hendrycks & Gimpel, 2016)."""
    size = np.abs(x) * np.float32(math.sqrt(0.5))
    t = 1 / (1 + np.float32(ERF_P) * size)
    tail = np.float32(0)
    for a in ERF_A:
        tail = (tail + np.float32(a)) * t
    return x * np.float32(0.5) * (1 + np.copysign(1 - tail * np.exp(-size * size), x))
