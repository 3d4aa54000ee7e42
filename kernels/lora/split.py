"""Which layers agents should have apart (an experiment): those on which their gradients disagree more than by chance.

Conflict of gradients [PCGrad, Yu et al., NeurIPS 2020] as a score for splitting layers [Recon, Shi et al., ICLR 2023].
A raw cosine says little: gradients of few examples disagree even within one agent. So each agent gives two gradients
from batches of its own, and the cosine between agents is held against the one within, as reliabilities are
[Spearman 1904]:

    within = mean_i cos(g_i, g_i′)      between = mean_{i≠j} cos(g_i, g_j′)      split where between < ½ within

by a one-sided t-test over rounds, after Benjamini and Hochberg. A layer on which agents agree stays shared, and so does
one of which nothing can be said because agents do not even agree with themselves.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chorus.kernels.lora.measures import benjamini_hochberg

TINY = 1e-12


def agreement(gradients: np.ndarray) -> tuple[float, float]:
    """(within, between) of GRADIENTS f64[agents, 2, p]."""
    unit = gradients / np.maximum(np.linalg.norm(gradients, axis=-1, keepdims=True), TINY)
    cosines = unit[:, 0] @ unit[:, 1].T  # [agents, agents]
    n = len(cosines)
    own = float(np.trace(cosines))
    return own / n, (float(cosines.sum()) - own) / (n * (n - 1))


def split(rounds: dict[str, np.ndarray], q: float = 0.05) -> dict[str, tuple[float, float, float, bool]]:
    """For each layer (mean within, mean between, p, split), of ROUNDS[layer] f64[rounds, agents, 2, p]."""
    from scipy.stats import ttest_1samp

    seen = {layer: np.array([agreement(g) for g in gradients]) for layer, gradients in rounds.items()}
    p = np.array([_test(a[:, 0] / 2 - a[:, 1], ttest_1samp) for a in seen.values()])
    return {
        layer: (*(float(v) for v in a.mean(0)), float(p[i]), bool(apart))  # type: ignore[misc]
        for i, ((layer, a), apart) in enumerate(zip(seen.items(), benjamini_hochberg(p, q), strict=True))
    }


def _test(short: np.ndarray, test: Any) -> float:
    p = float(test(short, 0.0, alternative="greater").pvalue)
    return 1.0 if np.isnan(p) else p
