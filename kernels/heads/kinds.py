"""The table of heads: how each is fitted to features, and the margin it gives each label.

Every kind takes one column of truth a label, so several labels of one text and one label of many are the same to it.
To add a kind: two functions and a row.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from chorus.kernels.heads.features import Arrays, Texts
from chorus.kernels.heads.linear import fit_linear, fit_logistic, fit_ridge, linear_margins, ridge_margins
from chorus.kernels.heads.middle import fit_middle, middle_margins
from chorus.kernels.heads.networks import (
    fit_by_lot,
    fit_fourier,
    fit_mlp,
    fit_narrow,
    fourier_margins,
    mlp_margins,
)
from chorus.kernels.heads.ratios import fit_paired, paired_margins

SHARE = 4.0  # of linear margins, which lie about ±1, beside the network's, which are log-odds


class Kind(NamedTuple):
    """FIT(texts, how they become rows, truth bool[n, K], seed, strength) gives arrays; MARGINS(texts, rows, arrays)
    f64[n, K]. STRENGTHS, of how far examples may bend the head, are tried in turn; the best may differ much."""

    fit: Callable[[Texts, Arrays, np.ndarray, int, float], Arrays]
    margins: Callable[[Texts, Arrays, Arrays], np.ndarray]
    strengths: tuple[float, ...]
    tuned_as: str  # the kind by which the strength is chosen: itself, or the part of it that has one
    about: str
    deep: bool = False  # whether it reads means of states within the encoder, not vectors


def fit_fused(texts: Texts, made: Arrays, truth: np.ndarray, seed: int, strength: float) -> Arrays:
    """Both a linear head and a network: they err on different texts."""
    return fit_linear(texts, made, truth, seed, strength) | fit_mlp(texts, made, truth, seed, strength)


def fused_margins(texts: Texts, made: Arrays, arrays: Arrays) -> np.ndarray:
    return SHARE * linear_margins(texts, made, arrays) + mlp_margins(texts, made, arrays)


KINDS: dict[str, Kind] = {
    "linear": Kind(
        fit_linear, linear_margins, (0.05, 0.3, 1.0), "linear", "words, characters and vectors; squared hinge"
    ),
    "ridge": Kind(fit_ridge, ridge_margins, (0.03, 0.3, 3.0), "ridge", "vectors; least squares"),
    "logistic": Kind(
        fit_logistic, ridge_margins, (1.0, 10.0, 100.0), "logistic", "vectors; logistic regression"
    ),
    "mlp": Kind(fit_mlp, mlp_margins, (1.0,), "mlp", "vectors; one hidden layer"),
    "fused": Kind(
        fit_fused, fused_margins, (0.05, 0.3, 1.0), "linear", "linear and mlp together: better and slower"
    ),
    "paired": Kind(
        fit_paired,
        paired_margins,
        (0.05, 0.3, 1.0),
        "linear",
        "linear, and n-grams by how one-sided they are",
    ),
    "middle": Kind(
        fit_middle,
        middle_margins,
        (0.05, 0.3, 1.0),
        "linear",
        "paired, and what the encoder makes of a text below its last layers: for tone",
        deep=True,
    ),
    "narrow": Kind(
        fit_narrow, mlp_margins, (1.0,), "narrow", "vectors; mlp with as many parameters as fourier has"
    ),
    "fourier": Kind(
        fit_fourier, fourier_margins, (1.0,), "fourier", "vectors; Fourier operator over their dimensions"
    ),
    "by-lot": Kind(
        fit_by_lot,
        fourier_margins,
        (1.0,),
        "by-lot",
        "fourier's control: dimensions in an order drawn by lot",
    ),
}
