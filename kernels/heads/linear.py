"""Heads that weigh features: squared hinge on words and vectors, least squares and logistic regression on vectors."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from chorus.kernels.heads.features import Arrays, Texts, dense
from chorus.kernels.heads.features import rows as features


def fit_linear(texts: Texts, made: Arrays, truth: np.ndarray, seed: int, strength: float) -> Arrays:
    """One-versus-rest squared hinge, L2, on words and vectors.   [Fan et al., LIBLINEAR, JMLR 2008]"""
    x = features(texts, made)
    weights, bias = hinges(lambda label: x, truth, seed, strength)
    return {"weights": weights, "bias": bias}


def hinges(
    rows: Callable[[int], Any], truth: np.ndarray, seed: int, strength: float
) -> tuple[np.ndarray, np.ndarray]:
    """Weights f32[K, V] and bias f32[K] of each label against the rest, which sees its own ROWS csr f64[n, V].

    Of two labels of which each text has one, the second is the first the other way round.
    """
    made: list[tuple[np.ndarray, float]] = []
    for label, wanted in enumerate(truth.T):
        if label and truth.shape[1] == 2 and (truth.sum(1) == 1).all():
            made.append((-made[0][0], -made[0][1]))
        else:
            made.append(hinge(rows(label), wanted, seed, strength))
    weights, bias = zip(*made, strict=True)
    return np.stack(weights).astype(np.float32), np.array(bias, np.float32)


def hinge(x: Any, wanted: np.ndarray, seed: int, strength: float) -> tuple[np.ndarray, float]:
    from sklearn.svm import LinearSVC

    if wanted.all() or not wanted.any():  # in this fold nobody, or everybody, has it
        return np.zeros(x.shape[1]), 1.0 if wanted.all() else -1.0
    with warnings.catch_warnings():  # that it stopped before the tolerance shows in the held-out figures
        warnings.simplefilter("ignore")
        svm = LinearSVC(C=strength, tol=1e-2, max_iter=300, random_state=seed).fit(x, wanted)
    return svm.coef_[0], float(svm.intercept_[0])


def linear_margins(texts: Texts, made: Arrays, arrays: Arrays) -> np.ndarray:
    return np.asarray(features(texts, made) @ arrays["weights"].T.astype(np.float64)) + arrays["bias"]


def fit_ridge(texts: Texts, made: Arrays, truth: np.ndarray, seed: int, strength: float) -> Arrays:
    """Least squares towards ±1 on vectors alone, in closed form; the mean is not penalised."""
    x = dense(texts).astype(np.float64)
    y = np.where(truth, 1.0, -1.0)
    centre, level = x.mean(0), y.mean(0)
    gram = (x - centre).T @ (x - centre) + np.eye(x.shape[1]) / strength
    weights = np.linalg.solve(gram, (x - centre).T @ (y - level))  # [d, K]
    return {"weights": weights.T.astype(np.float32), "bias": (level - centre @ weights).astype(np.float32)}


def ridge_margins(texts: Texts, made: Arrays, arrays: Arrays) -> np.ndarray:
    return dense(texts).astype(np.float64) @ arrays["weights"].T + arrays["bias"]


def fit_logistic(texts: Texts, made: Arrays, truth: np.ndarray, seed: int, strength: float) -> Arrays:
    """Logistic regression on vectors alone, L2; where each text has one label, of all labels together."""
    from sklearn.linear_model import LogisticRegression

    x = dense(texts).astype(np.float64)
    weights, bias = np.zeros((truth.shape[1], x.shape[1])), np.where(truth.any(0), 20.0, -20.0)
    model = lambda: LogisticRegression(C=strength, max_iter=300, tol=1e-5)
    varied = np.flatnonzero(truth.any(0) & ~truth.all(0))  # in this fold somebody has it, and not everybody
    if len(varied) > 2 and (truth.sum(1) == 1).all():
        found = model().fit(x, truth.argmax(1))
        weights[found.classes_], bias[found.classes_] = found.coef_, found.intercept_
        return {"weights": weights.astype(np.float32), "bias": bias.astype(np.float32)}
    for label in varied:
        found = model().fit(x, truth[:, label])
        weights[label], bias[label] = found.coef_[0], found.intercept_[0]
    return {"weights": weights.astype(np.float32), "bias": bias.astype(np.float32)}
