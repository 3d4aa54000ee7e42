"""Margins as probabilities, the confidence below which a head says nothing, and where a label begins."""

from __future__ import annotations

import numpy as np

SHRINK = 0.05  # of calibration's own numbers towards "no bias": few rows must not bend it
FEWEST = 20  # answers that a threshold rests on


def softmax(scores: np.ndarray) -> np.ndarray:
    """Rows that add up to 1."""
    made = np.exp(scores - scores.max(axis=1, keepdims=True))
    return made / made.sum(axis=1, keepdims=True)


def fit_softmax(margins: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A slope [1] and a bias [K] under which softmax(slope·margin + bias) is likeliest for held-out LABELS i64[n].

    Temperature scaling with a bias a class.   [Guo et al., ICML 2017]
    """
    from scipy.optimize import minimize

    n, k = margins.shape
    truth = np.eye(k)[labels]

    def loss(theta: np.ndarray) -> tuple[float, np.ndarray]:
        slope, bias = np.exp(theta[0]), theta[1:]
        p = softmax(slope * margins + bias)
        wrong = (p - truth) / n
        value = -np.log(np.maximum(p[np.arange(n), labels], 1e-300)).mean() + SHRINK * (bias**2).mean()
        gradient = np.concatenate([[(wrong * margins).sum() * slope], wrong.sum(0) + 2 * SHRINK * bias / k])
        return float(value), gradient

    found = minimize(loss, np.zeros(k + 1), jac=True, method="L-BFGS-B").x
    return np.exp(found[:1]), found[1:]


def fit_sigmoids(margins: np.ndarray, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same for labels apart: slopes [K] and biases [K] of sigmoid(slope·margin + bias).   [Platt 1999]"""
    pairs = []
    for margin, wanted in zip(margins.T, truth.T, strict=True):
        slope, bias = fit_softmax(np.stack([-margin / 2, margin / 2], axis=1), wanted.astype(np.int64))
        pairs.append((slope[0], bias[1] - bias[0]))
    slopes, biases = zip(*pairs, strict=True)
    return np.array(slopes), np.array(biases)


def probabilities(margins: np.ndarray, slope: np.ndarray, bias: np.ndarray, several: bool) -> np.ndarray:
    """f64[n, K]: of each label apart where a text may have SEVERAL, else of the one it has."""
    scores = slope * margins + bias
    return 1 / (1 + np.exp(-np.clip(scores, -60, 60))) if several else softmax(scores)


def likelihood(margins: np.ndarray, truth: np.ndarray, several: bool) -> float:
    """The mean log-probability that MARGINS, calibrated on themselves, give TRUTH bool[n, K]: to compare margins by."""
    slope, bias = fit_sigmoids(margins, truth) if several else fit_softmax(margins, truth.argmax(1))
    p = probabilities(margins, slope, bias, several)
    given = np.where(truth, p, 1 - p) if several else p[truth]
    return float(np.log(np.maximum(given, 1e-300)).mean())


def surest(confidence: np.ndarray, right: np.ndarray, wanted: float) -> float | None:
    """The least confidence from which on at least WANTED of held-out answers are RIGHT; None if none is.

    FEWEST answers must lie above it: a threshold that rests on three lucky ones promises nothing.
    """
    order = np.argsort(-confidence, kind="stable")
    share = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    last = np.append(confidence[order][1:] < confidence[order][:-1], True)  # ties are answered together
    good = np.flatnonzero((share >= wanted) & last & (np.arange(len(order)) + 1 >= FEWEST))
    return float(confidence[order][good[-1]]) if len(good) else None


def best_threshold(score: np.ndarray, truth: np.ndarray) -> float:
    """Where to begin saying yes for the largest F1 of SCORE f64[n] against TRUTH bool[n]: the middle of the plateau.

    Of thresholds within .005 of the best the median is taken; the very best one of a few hundred rows is luck.
    """
    order = np.argsort(-score, kind="stable")
    hits = np.cumsum(truth[order])
    f1 = 2 * hits / (np.arange(1, len(order) + 1) + max(int(truth.sum()), 1))
    good = np.flatnonzero(f1 >= f1.max() - 0.005)
    at = int(good[len(good) // 2])
    below = score[order][at + 1] if at + 1 < len(order) else score[order][at] - 1e-6
    return float((score[order][at] + below) / 2)
