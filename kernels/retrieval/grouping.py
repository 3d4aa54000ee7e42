"""Groups of rows of like meaning, and the words that tell each from the others."""

from __future__ import annotations

from collections import Counter

import numpy as np

from chorus.kernels.persona.kmeans import lloyd
from chorus.kernels.retrieval.cascade import Outcome

WORDS = 2  # in a name
RESTARTS = 4
ADDED = 0.5  # to every count, so that a rare word does not stand for a group


def outcome(vectors: np.ndarray, texts: list[set[str]], k: int) -> tuple[tuple[str, ...], Outcome]:
    """The names of the groups, and each row's as a cascade would give it."""
    names = grouped(vectors, texts, k)
    classes = tuple(dict.fromkeys(names))
    places = np.array([classes.index(name) for name in names], dtype=np.int64)
    return classes, Outcome(np.arange(len(names)), places, np.zeros(len(names), dtype=bool))


def grouped(vectors: np.ndarray, texts: list[set[str]], k: int) -> list[str]:
    """For each row of VECTORS f32[n,d] and TEXTS, the words of each, the name of its group, of K at most."""
    k = min(k, len(np.unique(vectors, axis=0)))
    if k < 2:
        return ["all"] * len(texts)
    labels = lloyd(vectors, k, restarts=RESTARTS)[1]
    names = named(labels, texts, k)
    return [names[label] for label in labels]


def named(labels: np.ndarray, texts: list[set[str]], k: int) -> list[str]:
    """A name for each of K groups: its words most over-represented, all different."""
    inside = [Counter[str]() for _ in range(k)]
    for label, text in zip(labels.tolist(), texts, strict=True):
        inside[label].update(text)
    everywhere: Counter[str] = sum(inside, Counter())
    taken: set[str] = set()
    names = []
    for at, words in enumerate(inside):
        size = max(1, int((labels == at).sum()))
        share = {
            w: c / size * np.log(len(texts) * (c + ADDED) / (size * (everywhere[w] + ADDED)))
            for w, c in words.items()
        }
        best = sorted((w for w in share if share[w] > 0), key=lambda w: (-share[w], w))
        name = "-".join(best[:WORDS]) or f"group-{at + 1}"
        names.append(name if name not in taken else f"{name}-{at + 1}")
        taken.add(names[-1])
    return names
