"""A head of words and of the means of an encoder's states below its last layers.

A sentence encoder was taught which sentences are about the same, and complaint and praise of one thing are: the mean of
the states below its last layers tells tone better than its vector (`bench/RESULTS.md`).   [Liu et al., NAACL 2019]
"""

from __future__ import annotations

import numpy as np

from chorus.kernels.heads.features import Arrays, Texts
from chorus.kernels.heads.ratios import fit_paired, paired_margins
from chorus.runtime.errors import EvalError

PENALTY = 0.03  # of weights of coordinates of spread 1, beside the mean squared error
MIDDLE = "middle."  # before the names of its arrays


def fit_middle(texts: Texts, made: Arrays, truth: np.ndarray, seed: int, strength: float) -> Arrays:
    """Words, and by itself least squares towards ±1 on means of states."""
    return fit_paired(texts, made, truth, seed, strength) | fit_means(means(texts), truth)


def fit_means(x: np.ndarray, truth: np.ndarray) -> Arrays:
    """Weights f32[K, d] and bias f32[K] on X f64[n, d]: ridge, in closed form, on coordinates of spread 1."""
    y = np.where(truth, 1.0, -1.0)
    centre, spread, level = x.mean(0), np.maximum(x.std(0), 1e-6), y.mean(0)
    scaled = (x - centre) / spread
    gram = scaled.T @ scaled + PENALTY * len(x) * np.eye(x.shape[1])
    weights = np.linalg.solve(gram, scaled.T @ (y - level)) / spread[:, None]  # [d, K]
    found = {"weights": weights.T, "bias": level - centre @ weights}
    return {MIDDLE + name: values.astype(np.float32) for name, values in found.items()}


def middle_margins(texts: Texts, made: Arrays, arrays: Arrays) -> np.ndarray:
    said = means(texts) @ arrays[MIDDLE + "weights"].T.astype(np.float64) + arrays[MIDDLE + "bias"]
    return np.asarray(paired_margins(texts, made, arrays) + said)


def means(texts: Texts) -> np.ndarray:
    """f64[n, d], which such a head needs."""
    if texts.middle is None:
        raise EvalError("this kind of head reads states within the encoder, and was given none")
    return texts.middle.astype(np.float64)
