"""How well a model foretells messages: the negative log-likelihood of each, and perplexities with intervals.

The interval is a bootstrap over authors, not over messages: those of one author are alike (Efron & Tibshirani 1993).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from chorus.kernels.voice.lines import Row, batches
from chorus.kernels.voice.training import IGNORED, Tick, padded

if TYPE_CHECKING:
    import torch

BUDGET = 4096  # padded tokens in a batch
DRAWS = 1000
LEVEL = 0.95


class Estimate(NamedTuple):
    value: float
    low: float
    high: float


def costs(model: torch.nn.Module, rows: Sequence[Row], tick: Tick = lambda: None) -> np.ndarray:
    """Of each of ROWS the nats that MODEL needs for the message and its end: f64[n]."""
    import torch
    import torch.nn.functional as F

    made = np.zeros(len(rows))
    with torch.inference_mode():
        for batch in batches(rows, BUDGET):
            ids, targets = padded([rows[at] for at in batch])
            logits = model(input_ids=ids).logits[:, :-1]  # [n, t-1, V]
            flat = F.cross_entropy(
                logits.flatten(0, 1), targets[:, 1:].flatten(), ignore_index=IGNORED, reduction="none"
            )
            made[batch] = flat.view(len(batch), -1).double().sum(1).numpy()
            tick()
    return made


def counts(rows: Sequence[Row]) -> np.ndarray:
    """Of each of ROWS how many tokens it is judged on: i64[n]."""
    return np.array([len(row.ids) - row.start for row in rows], np.int64)


def by_author(values: np.ndarray, authors: Sequence[str] | np.ndarray) -> np.ndarray:
    """VALUES [n, …] summed by author: [a, …]."""
    _, place = np.unique(np.asarray(authors, dtype=object).astype(str), return_inverse=True)
    made = np.zeros((place.max(initial=-1) + 1, *values.shape[1:]))
    np.add.at(made, place, values)
    return made


def resampled(groups: int, seed: int = 0, draws: int = DRAWS) -> np.ndarray:
    """How often each of GROUPS is drawn in each of DRAWS bootstrap samples: [draws, groups]."""
    random = np.random.default_rng(seed)
    return random.multinomial(groups, np.full(groups, 1 / groups), size=draws).astype(np.float64)


def bounds(draws: np.ndarray, level: float = LEVEL) -> tuple[float, float]:
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def perplexity(
    nats: np.ndarray, tokens: np.ndarray, authors: Sequence[str] | np.ndarray, seed: int = 0
) -> Estimate:
    """exp(nats per token) of messages by AUTHORS, with its interval."""
    sums = by_author(np.stack([nats, tokens.astype(float)], 1), authors)  # [a, 2]
    value = float(np.exp(nats.sum() / tokens.sum()))
    drawn = resampled(len(sums), seed) @ sums  # [draws, 2]
    return Estimate(value, *bounds(np.exp(drawn[:, 0] / drawn[:, 1])))
