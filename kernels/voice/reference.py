"""Slow definitions that the fast ones are tested against: one message, one token, one pair at a time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import torch

    from chorus.kernels.voice.lines import Row


def cost(model: torch.nn.Module, row: Row) -> float:
    """−Σ log p(token | all before it) over the message of ROW and its end."""
    import torch

    total = 0.0
    with torch.inference_mode():
        for at in range(row.start, len(row.ids)):
            scores = model(input_ids=torch.tensor([row.ids[:at]])).logits[0, -1].double()
            total -= float(torch.log_softmax(scores, 0)[row.ids[at]])
    return total


def info_nce(a: np.ndarray, b: np.ndarray, may: np.ndarray, temperature: float) -> float:
    """Both ways, the mean of −log of the partner's share among partner and negatives."""
    total = 0.0
    for i in range(len(a)):
        right = math.exp(float(a[i] @ b[i]) / temperature)
        for left, others in ((a[i], b), (b[i], a)):
            wrong = [
                math.exp(float(left @ others[j]) / temperature) for j in range(len(a)) if j != i and may[i, j]
            ]
            total -= math.log(right / (right + sum(wrong)))
    return total / (2 * len(a))


def reciprocal_rank(vectors: np.ndarray, threads: Sequence[str], query: int) -> float:
    """1 / how many threads have a message as near to row QUERY as the nearest other of its own thread; 0 without
    one.
    """
    others = [at for at in range(len(threads)) if at != query]
    near = {at: float(vectors[at] @ vectors[query]) for at in others}
    own = [near[at] for at in others if threads[at] == threads[query]]
    if not own:
        return 0.0
    before = {threads[at] for at in others if near[at] >= max(own)}
    return 1 / len(before)
