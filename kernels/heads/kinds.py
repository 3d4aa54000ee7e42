"""The table of heads: how each is fitted to features, and the margin it gives each label.

Every kind takes one column of truth a label, so several labels of one text and one label of many are the same to it.
To add a kind: two functions and a row.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from chorus.kernels.heads.features import Arrays, Texts, dense
from chorus.kernels.heads.features import rows as features

HIDDEN = 256
EPOCHS = 25
RATE = 3e-3  # of learning, falling to 0
DECAY = 0.05
SCALE = 10.0  # of unit vectors: a network that sees coordinates of .05 learns nothing for a long while
SHARE = 4.0  # of linear margins, which lie about ±1, beside the network's, which are log-odds


class Kind(NamedTuple):
    """FIT(texts, how they become rows, truth bool[n, K], seed, strength) gives arrays; MARGINS(texts, rows, arrays)
    f64[n, K]. STRENGTHS, of how far examples may bend the head, are tried in turn; the best may differ much."""

    fit: Callable[[Texts, Arrays, np.ndarray, int, float], Arrays]
    margins: Callable[[Texts, Arrays, Arrays], np.ndarray]
    strengths: tuple[float, ...]
    tuned_as: str  # the kind by which the strength is chosen: itself, or the part of it that has one
    about: str


def fit_linear(texts: Texts, made: Arrays, truth: np.ndarray, seed: int, strength: float) -> Arrays:
    """One-versus-rest squared hinge, L2, on words and vectors.   [Fan et al., LIBLINEAR, JMLR 2008]"""
    from sklearn.svm import LinearSVC

    x = features(texts, made)
    weights = np.zeros((truth.shape[1], x.shape[1]), np.float32)
    bias = np.zeros(truth.shape[1], np.float32)
    for label, wanted in enumerate(truth.T):
        if wanted.all() or not wanted.any():  # in this fold nobody, or everybody, has it
            bias[label] = 1 if wanted.all() else -1
            continue
        with warnings.catch_warnings():  # that it stopped before the tolerance shows in the held-out figures
            warnings.simplefilter("ignore")
            svm = LinearSVC(C=strength, tol=1e-2, max_iter=300, random_state=seed).fit(x, wanted)
        weights[label], bias[label] = svm.coef_[0], svm.intercept_[0]
    return {"weights": weights, "bias": bias}


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


def fit_mlp(texts: Texts, made: Arrays, truth: np.ndarray, seed: int, strength: float) -> Arrays:
    """One hidden layer of HIDDEN units on vectors alone, dropout, AdamW; where each text has one label, softmax."""
    import torch
    from torch import nn

    x = torch.from_numpy(SCALE * dense(texts).astype(np.float32))
    y = torch.from_numpy(truth.astype(np.float32))
    one = bool((truth.sum(1) == 1).all())
    loss_of = nn.functional.cross_entropy if one else nn.functional.binary_cross_entropy_with_logits
    with torch.random.fork_rng(devices=[]):  # whoever else draws of torch is not disturbed
        torch.manual_seed(seed)
        net = nn.Sequential(
            nn.Linear(x.shape[1], HIDDEN), nn.GELU(), nn.Dropout(0.3), nn.Linear(HIDDEN, y.shape[1])
        )
        optimiser = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
        for epoch in range(EPOCHS):
            for group in optimiser.param_groups:
                group["lr"] = RATE * (1 - epoch / EPOCHS)
            for part in torch.randperm(len(x)).split(64):
                loss = loss_of(net(x[part]), y[part])
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
    names = ("weights1", "bias1", "weights2", "bias2")
    return {name: p.detach().numpy().copy() for name, p in zip(names, net.parameters(), strict=True)}


def mlp_margins(texts: Texts, made: Arrays, arrays: Arrays) -> np.ndarray:
    from scipy.special import erf

    a = SCALE * dense(texts).astype(np.float64) @ arrays["weights1"].T + arrays["bias1"]  # [n, HIDDEN]
    hidden = a * (1 + erf(a / np.sqrt(2))) / 2
    return np.asarray(hidden @ arrays["weights2"].T + arrays["bias2"])


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
    "mlp": Kind(fit_mlp, mlp_margins, (1.0,), "mlp", "vectors; one hidden layer"),
    "fused": Kind(
        fit_fused, fused_margins, (0.05, 0.3, 1.0), "linear", "linear and mlp together: better and slower"
    ),
}
