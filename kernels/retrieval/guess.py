"""The cheap judge of a cascade: what vectors and words say of each row, and what can be learnt from some labels."""

from __future__ import annotations

import numpy as np

FOLDS = 5
RIDGE = 1.0
FEW = 5  # labels of either kind below which nothing is learnt


def standard(columns: np.ndarray) -> np.ndarray:
    """Each column of f[n,c] with mean 0 and deviation 1."""
    if not len(columns):
        return columns
    spread = columns.std(0)
    return (columns - columns.mean(0)) / np.where(spread > 1e-9, spread, 1.0)


def first_guess(signals: np.ndarray) -> np.ndarray:
    """f[n] from SIGNALS f[n,c] (cosine, words …): the sum, each on its own scale."""
    return standard(signals).sum(1)


def learned(features: np.ndarray, rows: np.ndarray, labels: np.ndarray, prior: np.ndarray) -> np.ndarray:
    """Scores f[n] of all rows: ridge regression of LABELS bool[m] of ROWS i[m] on FEATURES f[n,d] and PRIOR f[n], or
    PRIOR itself where that orders the labelled rows better (area under the curve, in folds).
    """
    if min(labels.sum(), (~labels).sum()) < FEW:
        return prior
    given = np.column_stack([features, 3 * standard(prior[:, None])])  # the prior is shrunk less
    order = np.argsort(rows, kind="stable")
    held = np.empty(len(rows))
    for fold in range(FOLDS):
        out = order[fold::FOLDS]
        kept = np.setdiff1d(order, out)
        if labels[kept].any() and not labels[kept].all():
            held[out] = given[rows[out]] @ weights(given[rows[kept]], labels[kept])
        else:
            held[out] = 0.0
    if area(held, labels) <= area(prior[rows], labels):
        return prior
    return given @ weights(given[rows], labels)


def crossed(
    features: np.ndarray, rows: np.ndarray, labels: np.ndarray, prior: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """As `learned`, but no row's own label, if it has one, has a part in its score: all rows are in folds, and each is
    scored by what the labels of the other folds teach.
    """
    if min(labels.sum(), (~labels).sum()) < FEW:
        return prior
    given = np.column_stack([features, 3 * standard(prior[:, None])])
    fold = rng.permutation(len(prior)) % FOLDS
    scores = np.empty(len(prior))
    for at in range(FOLDS):
        kept = fold[rows] != at
        if not labels[kept].any() or labels[kept].all():
            return prior
        here = fold == at
        scores[here] = given[here] @ weights(given[rows[kept]], labels[kept])
    return prior if area(scores[rows], labels) <= area(prior[rows], labels) else scores


def weights(x: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Ridge weights f[d] that tell LABELS bool[m] from X f[m,d], both kinds counting alike."""
    each = np.where(labels, 0.5 / labels.sum(), 0.5 / (~labels).sum()) * len(labels)
    centre = (each[:, None] * x).sum(0) / each.sum()
    y = np.where(labels, 1.0, -1.0)
    x = x - centre
    return np.linalg.solve(x.T @ (each[:, None] * x) + RIDGE * np.eye(x.shape[1]), x.T @ (each * y))


def area(scores: np.ndarray, labels: np.ndarray) -> float:
    """The share of pairs of a positive and a negative that SCORES order rightly, ties counting half."""
    from scipy.stats import rankdata

    ranks, positives = rankdata(scores), int(labels.sum())
    return float(
        (ranks[labels].sum() - positives * (positives + 1) / 2) / (positives * (len(labels) - positives))
    )
