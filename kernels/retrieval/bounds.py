"""Where to put a threshold so that a target holds with stated confidence, judged by a labelled random sample.

Both are exact for any scores and any sample size. `recall_threshold` is the one-sided nonparametric tolerance bound
(Wilks 1941) on the scores of the positives drawn; `purity_threshold` tests a fixed sequence of ever larger top sets,
each at the full level, up to the first that fails (Maurer, Hothorn & Lehmacher 1995).
"""

from __future__ import annotations

import math

import numpy as np

GRID = 40  # top sets that `purity_threshold` looks at, at most


def misses_allowed(positives: int, recall: float, alpha: float) -> int | None:
    """The most of POSITIVES drawn that may lie below a threshold which keeps RECALL but with probability ALPHA; None
    where even 0 are too many: P(Binomial(positives, 1 − recall) ≤ misses) ≤ alpha.
    """
    total, found = 0.0, None
    for misses in range(positives + 1):
        total += math.comb(positives, misses) * (1 - recall) ** misses * recall ** (positives - misses)
        if total > alpha:
            break
        found = misses
    return found


def positives_needed(recall: float, alpha: float, misses: int = 0) -> int:
    """How many positives a sample must have so that MISSES of them may lie below the threshold."""
    low, high = 1, 1
    while not _enough(high, recall, alpha, misses):
        high *= 2
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if _enough(middle, recall, alpha, misses) else (middle + 1, high)
    return low


def _enough(positives: int, recall: float, alpha: float, misses: int) -> bool:
    allowed = misses_allowed(positives, recall, alpha) if positives < 1000 else misses
    return allowed is not None and allowed >= misses


def recall_threshold(scores: np.ndarray, positive: np.ndarray, recall: float, alpha: float) -> float:
    """The greatest t for which the rows of score ≥ t hold RECALL of all positives, but with probability ALPHA.

    SCORES f[n] and POSITIVE bool[n] are of a uniform sample. −inf where the sample has too few positives to say.
    """
    found = np.sort(scores[positive])
    misses = misses_allowed(len(found), recall, alpha) if len(found) else None
    return -math.inf if misses is None else float(found[misses])


def purity_threshold(scores: np.ndarray, positive: np.ndarray, purity: float, alpha: float) -> float:
    """The least t for which a share PURITY of the rows of score ≥ t is positive, but with probability ALPHA.

    SCORES f[n] and POSITIVE bool[n] are of a uniform sample. +inf where nothing can be claimed.
    """
    if purity >= 1:
        return math.inf
    order = np.argsort(-scores, kind="stable")
    ranked, wrong = scores[order], np.cumsum(~positive[order])
    least = positives_needed(purity, alpha, 1)
    reached = math.inf
    for size in np.unique(np.linspace(least, len(ranked), GRID).astype(int)) if least <= len(ranked) else ():
        level = ranked[size - 1]
        here = int(np.searchsorted(-ranked, -level, side="right"))  # ties at the level are in the set
        allowed = misses_allowed(here, purity, alpha) if here < 1000 else int(0.8 * here * (1 - purity))
        if allowed is None or wrong[here - 1] > allowed:
            break
        reached = float(level)
    return reached


def recall_shown(scores: np.ndarray, positive: np.ndarray, threshold: float, alpha: float) -> float:
    """The recall of the rows of score ≥ THRESHOLD that the sample shows, but with probability ALPHA
    (Clopper-Pearson).
    """
    from scipy.special import betaincinv

    drawn = int(positive.sum())
    above = int((positive & (scores >= threshold)).sum())
    return 0.0 if above == 0 else float(betaincinv(above, drawn - above + 1, alpha))


def share_at_most(found: int, drawn: int, alpha: float) -> float:
    """The share of a whole of which FOUND were met among DRAWN at random is at most this, but with probability
    ALPHA.
    """
    from scipy.special import betaincinv

    return 1.0 if found >= drawn else float(betaincinv(found + 1, drawn - found, 1 - alpha))
