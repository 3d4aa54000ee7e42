"""Whether groups are told apart by one habit of writing alone: capitals or none are a habit, not a kind of people."""

from __future__ import annotations

import numpy as np

from chorus.kernels.persona.behaviour import FEATURES
from chorus.kernels.persona.space import group_means

TELLS = 0.5  # share of a feature's variance between people that lies between groups, from which it tells them apart
FAMILIES = {"starts-small": "capitals", "small-i": "capitals", "sentences-capitalised": "capitals"}


def one_habit(behaviour: np.ndarray, author: np.ndarray, core: np.ndarray, labels: np.ndarray) -> str | None:
    """The one habit in which the CORE authors bool[n] of groups LABELS i64[n] differ, if all that tells them apart in
    their messages' BEHAVIOUR f32[m,b] is one; else None.

    Whether someone uses capitals is as steady as anything can be and has two values, so a crowd of one kind falls in
    two by it. Further features that mean the same (FAMILIES) are the same habit.
    """
    if behaviour.shape[1] != len(FEATURES):
        return None
    means, _ = group_means(behaviour, author, len(core))
    telling = [
        name
        for name, share in zip(FEATURES, between(means[core], labels[core]), strict=True)
        if share > TELLS
    ]
    habits = {FAMILIES.get(name, name) for name in telling}
    return habits.pop() if len(habits) == 1 else None


def between(values: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The share f64[b] of the variance of each column of VALUES f64[n,b] that lies between the groups LABELS i64[n]."""
    groups = np.unique(labels)
    whole = ((values - values.mean(0)) ** 2).sum(0)
    within = sum(((values[labels == g] - values[labels == g].mean(0)) ** 2).sum(0) for g in groups)
    return np.where(whole > 1e-12, 1 - within / np.maximum(whole, 1e-12), 0.0)
