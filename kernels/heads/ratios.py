"""A head of n-grams that weigh as much as they are commoner on one side of a label than on the other.

Rarity says how much an n-gram tells at all; the ratio says how much it tells of this label.
[Wang & Manning, ACL 2012]
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from chorus.kernels.heads.features import Arrays, Texts
from chorus.kernels.heads.linear import fit_linear, hinges, linear_margins
from chorus.kernels.heads.ngrams import BLOCKS, weigh

LEAST = 1e-3  # of a weight: an n-gram that is as common on both sides


def fit_ratios(texts: Texts, made: Arrays, truth: np.ndarray, seed: int, strength: float) -> Arrays:
    """Squared hinge on n-grams weighed by their ratios."""
    arrays = {
        f"{name}.ratios": np.stack([ratios(texts.counts[name][:, made[f"{name}.kept"]], w) for w in truth.T])
        for name in BLOCKS
    }
    weights, bias = hinges(lambda label: rows(texts, made, arrays, label), truth, seed, strength)
    return arrays | {"ratios.weights": weights, "ratios.bias": bias}


def ratios(counts: Any, wanted: np.ndarray) -> np.ndarray:
    """|ln(p/q)| f32[V], P and Q the shares of the texts with an n-gram, and one more, among those WANTED and others."""
    there = (counts > 0).astype(np.float64)
    yes, no = (np.asarray(there[side].sum(0)).ravel() + 1 for side in (wanted, ~wanted))
    return (np.abs(np.log(yes / yes.sum()) - np.log(no / no.sum())) + LEAST).astype(np.float32)


def rows(texts: Texts, made: Arrays, arrays: Arrays, label: int) -> Any:
    """The features csr f64[n, V] of TEXTS for LABEL."""
    parts = [
        weigh(texts.counts[name], made[f"{name}.kept"], arrays[f"{name}.ratios"][label], block.weight)
        for name, block in BLOCKS.items()
    ]
    return sparse.hstack(parts).tocsr()


def ratio_margins(texts: Texts, made: Arrays, arrays: Arrays) -> np.ndarray:
    weights = arrays["ratios.weights"].astype(np.float64)
    said = [rows(texts, made, arrays, label) @ weights[label] for label in range(len(weights))]
    return np.stack(said, axis=1) + arrays["ratios.bias"]


def fit_paired(texts: Texts, made: Arrays, truth: np.ndarray, seed: int, strength: float) -> Arrays:
    """Both a linear head and one of ratios."""
    return fit_linear(texts, made, truth, seed, strength) | fit_ratios(texts, made, truth, seed, strength)


def paired_margins(texts: Texts, made: Arrays, arrays: Arrays) -> np.ndarray:
    return linear_margins(texts, made, arrays) + ratio_margins(texts, made, arrays)
