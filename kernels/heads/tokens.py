"""Texts as the states of their tokens within an encoder, below its last layers.

A head that tunes those leaves what lies below as it is, so it is computed once for all folds and passes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from chorus.kernels.heads.features import ends
from chorus.runtime.embed.batches import plan_batches
from chorus.runtime.errors import EvalError

if TYPE_CHECKING:
    from torch import Tensor

    from chorus.kernels.heads.upper import Upper

LAYERS = 2  # the last, which may be tuned
Tick = Callable[[], object]


@dataclass(frozen=True)
class Tokens:
    """STATES f16[t, d] of all texts; a text's are LENGTHS i64[n] many from STARTS i64[n] on. UPPER makes the layers
    above them as they were before anybody tuned them; TICK is called at every batch, and may raise."""

    states: np.ndarray
    starts: np.ndarray
    lengths: np.ndarray
    upper: Callable[[], Upper]
    tick: Tick

    def __len__(self) -> int:
        return len(self.starts)

    def take(self, rows: np.ndarray) -> Tokens:
        """Those of the texts at ROWS."""
        return replace(self, starts=self.starts[rows], lengths=self.lengths[rows])

    def means(self) -> np.ndarray:
        """f64[n, d]: of each text's states."""
        made = np.zeros((len(self), self.states.shape[1]))
        for into, start, length in zip(made, self.starts, self.lengths, strict=True):
            into[:] = self.states[start : start + length].mean(0, dtype=np.float64)
        return made

    def batch(self, rows: Sequence[int] | np.ndarray) -> tuple[Tensor, Tensor]:
        """f32[n, t, d] of the texts at ROWS, and which of its places are theirs, bool[n, t]."""
        import torch

        lengths = self.lengths[rows]
        made = np.zeros((len(rows), int(lengths.max()), self.states.shape[1]), np.float32)
        for into, start, length in zip(made, self.starts[rows], lengths, strict=True):
            into[:length] = self.states[start : start + length]
        return torch.from_numpy(made), torch.arange(made.shape[1]) < torch.from_numpy(lengths)[:, None]

    def shuffled(self, size: int, random: np.random.Generator) -> list[np.ndarray]:
        """All texts in batches of SIZE drawn by lot, each of texts that are about as long."""
        drawn = random.permutation(len(self))
        pools = [drawn[at : at + POOL * size] for at in range(0, len(drawn), POOL * size)]
        ordered = np.concatenate([pool[np.argsort(self.lengths[pool], kind="stable")] for pool in pools])
        batches = [ordered[at : at + size] for at in range(0, len(ordered), size)]
        return [batches[at] for at in random.permutation(len(batches))]

    def in_turn(self, budget: int = 2048) -> Iterator[list[int]]:
        """All texts in batches of like length."""
        yield from plan_batches(self.lengths.tolist(), budget)


POOL = 50  # batches that are sorted by length together: more would show the short texts one after the other


def tokens_of(embedder: Any, texts: Sequence[str], tick: Tick = lambda: None) -> Tokens:
    """The tokens of the beginnings and `ends` of TEXTS, by the encoder of EMBEDDER."""
    from chorus.kernels.heads.upper import Upper
    from chorus.runtime.embed.minilm import MiniLM

    encoder = embedder.encoder
    if not isinstance(encoder, MiniLM) or len(encoder.layers) < LAYERS:
        raise EvalError(
            f"a head cannot look into the encoder {embedder.model}: it is no BERT of {LAYERS} layers or more",
            code="model",
            hint="use such a model (use-embedding-model!), or another kind of head: (head-kinds)",
        )
    below = len(encoder.layers) - LAYERS
    items, lengths = encoder.measure([ends(text) for text in texts])
    starts = np.cumsum(lengths, dtype=np.int64) - lengths
    states = np.zeros((sum(lengths), encoder.dimension), np.float16)
    for batch in plan_batches(lengths, encoder.budget):
        tick()
        for at, rows in zip(batch, encoder.states([items[at] for at in batch], below), strict=True):
            states[starts[at] : starts[at] + len(rows)] = rows
    return Tokens(states, starts, np.array(lengths, np.int64), lambda: Upper.of(encoder, below), tick)
