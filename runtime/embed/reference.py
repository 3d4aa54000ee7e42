"""A BERT encoder in plain numpy: the definition that `minilm.py` is tested against, and the quickest first
vector.

Importing torch takes over a second; this needs numpy only, so a question typed at the shell is embedded in a
quarter of one. Devlin et al., "BERT", 2018, section 3; Vaswani et al., "Attention Is All You Need", 2017, eq.
1.
"""

from __future__ import annotations

import math
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from chorus.runtime.embed.folder import Settings, open_tokenizer
from chorus.runtime.pools import one_thread

# Abramowitz & Stegun 1964, 7.1.26: erf(x) = 1 - (a1·t + … + a5·t⁵)·exp(-x²), t = 1/(1 + p·x), x ≥ 0, within
# 1.5e-7.
ERF_P, ERF_A = 0.3275911, (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592)  # a5 … a1


class PlainBert:
    """Texts end to end, no padding, no masks, fp32: only attention is each text's own."""

    budget = 768  # tokens at once: what a layer makes of them stays in the processor's cache

    def __init__(self, folder: Path, settings: Settings) -> None:
        from safetensors.numpy import load_file

        self.settings = settings
        self.tokenizer = open_tokenizer(folder, settings.max_tokens)
        self.weights = {
            name.removeprefix("bert."): w for name, w in load_file(folder / "model.safetensors").items()
        }
        for name, weight in self.weights.items():
            if (
                name.startswith("encoder.") and weight.ndim == 2
            ):  # turned once, for products by rows take longer
                self.weights[name] = np.ascontiguousarray(weight.T)
        self.dimension: int = self.weights["embeddings.word_embeddings.weight"].shape[1]

    def measure(self, texts: list[str]) -> tuple[list[Any], list[int]]:
        items = [self.tokenizer.encode(text).ids for text in texts]
        return items, [len(ids) for ids in items]

    def run(self, items: list[list[int]]) -> np.ndarray:
        """Unit rows float32[n, d] for the token ids ITEMS."""
        with one_thread():
            hidden = self._hidden(items)
        ends = np.cumsum([len(ids) for ids in items])
        starts = ends - [len(ids) for ids in items]
        if self.settings.pooling == "cls":
            pooled = hidden[starts]
        else:
            pooled = np.stack([hidden[low:high].mean(0) for low, high in zip(starts, ends, strict=True)])
        return pooled / np.linalg.norm(pooled, axis=1, keepdims=True)

    def _hidden(self, items: list[list[int]]) -> np.ndarray:
        """Hidden states [t, d] of the t tokens of ITEMS, one text's after the other's."""
        places = self.weights["embeddings.position_embeddings.weight"]
        x = self.weights["embeddings.word_embeddings.weight"][[token for ids in items for token in ids]]
        x = x + np.concatenate([places[: len(ids)] for ids in items])
        x = self._norm(x + self.weights["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
        alike = [(length, len(list(texts))) for length, texts in groupby(map(len, items))]
        for layer in range(self.settings.layers):
            at = f"encoder.layer.{layer}."
            x = self._norm(x + self._attend(x, alike, at + "attention."), at + "attention.output.LayerNorm")
            wide = self._linear(x, at + "intermediate.dense")  # [t, 4d]
            x = self._norm(x + self._linear(gelu(wide), at + "output.dense"), at + "output.LayerNorm")
        return x

    def _attend(self, x: np.ndarray, alike: list[tuple[int, int]], at: str) -> np.ndarray:
        """ALIKE: (length, how many) of texts of one length that follow each other, which are attended to at once."""
        told = [self._linear(x, f"{at}self.{name}") for name in ("query", "key", "value")]
        mixed, start = np.empty_like(x), 0
        for length, n in alike:
            rows = slice(start, start + length * n)
            q, k, v = (each[rows].reshape(n, length, self.settings.heads, -1).swapaxes(1, 2) for each in told)
            scores = q @ k.swapaxes(2, 3) / math.sqrt(q.shape[-1])  # [n, h, length, length]
            weights = np.exp(scores - scores.max(-1, keepdims=True))
            own = (weights / weights.sum(-1, keepdims=True)) @ v  # [n, h, length, d/h]
            mixed[rows] = own.swapaxes(1, 2).reshape(n * length, -1)
            start = rows.stop
        return self._linear(mixed, at + "output.dense")

    def _linear(self, x: np.ndarray, name: str) -> np.ndarray:
        return x @ self.weights[name + ".weight"] + self.weights[name + ".bias"]

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
