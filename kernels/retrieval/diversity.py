"""Evidence that does not say one thing five times: maximal marginal relevance."""

from __future__ import annotations

import numpy as np


def mmr(vectors: np.ndarray, relevance: np.ndarray, k: int, balance: float = 0.7) -> list[int]:
    """Positions of K rows of VECTORS f32[n, d], chosen by RELEVANCE f32[n] and difference; `reference.mmr`
    defines it.

    One pass over the rows for each choice, O(k·n·d): the greatest cosine to what is chosen is kept, not
    recomputed. BALANCE is λ: 1 is relevance alone, 0 difference alone.
    """
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    rows = np.divide(
        vectors, lengths, out=np.zeros_like(vectors, dtype=np.float64), where=lengths > 0
    )  # [n, d]
    relevance = np.asarray(relevance, dtype=np.float64)
    nearest = np.zeros(len(rows))  # [n]: before anything is chosen nothing is near
    gain = balance * relevance
    chosen: list[int] = []
    for _ in range(min(k, len(rows))):
        best = int(np.argmax(gain))
        likeness = rows @ rows[best]  # [n]
        nearest = likeness if not chosen else np.maximum(nearest, likeness)
        chosen.append(best)
        gain = balance * relevance - (1 - balance) * nearest
        gain[chosen] = -np.inf
    return chosen
