"""The k greatest of many scores, in a defined order."""

from __future__ import annotations

import numpy as np


def top_k(scores: np.ndarray, k: int) -> np.ndarray:
    """Positions i64[≤ k] of the K greatest of SCORES [n], greatest first, ties by position; NaN never.

    O(n + k log k): selection, then a sort of what was selected. `reference.top_k` defines it.
    """
    real = np.flatnonzero(~np.isnan(scores))
    values = scores[real]
    if k <= 0:
        return real[:0]
    if k < len(values):
        bound = np.partition(values, len(values) - k)[len(values) - k]
        above, level = np.flatnonzero(values > bound), np.flatnonzero(values == bound)
        kept = np.sort(np.concatenate([above, level[: k - len(above)]]))  # ties at the bound: the first ones
        real, values = real[kept], values[kept]
    return real[np.argsort(-values, kind="stable")]
