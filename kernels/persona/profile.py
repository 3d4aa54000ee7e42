"""What a found persona is like: its words, what it is concerned with, its telling messages, when it is
there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chorus.kernels.persona.topics import count_terms, ctfidf, labels, top_terms

TERMS = 12
CANDIDATES = 40
PULL = 0.1  # what a term is worth whose meaning points elsewhere, as a cosine
CONCERNS = 5
SHOWN = 8  # representative messages
READABLE = (30, 280)  # characters of a message that is shown
SAME = 0.9  # cosine above which two messages say the same
SURE = 0.6  # membership from which an author speaks for a persona


def profiles(
    texts: Sequence[str],
    author: np.ndarray,
    seconds: np.ndarray,
    vectors: np.ndarray,
    rows: np.ndarray,
    membership: np.ndarray,
    names: frozenset[str] = frozenset(),
    encode: Callable[[list[str]], np.ndarray] | None = None,
) -> list[dict[str, Any]]:
    """For each of the k personas of MEMBERSHIP f64[authors,k]: label, terms, concerns, representative rows of
    TEXTS, size, share, confidence and activity.

    TEXTS are messages of AUTHOR i64[m] at SECONDS f64[m]; VECTORS f32[v,d] are those of ROWS i64[v]; NAMES
    of people never become terms.
    """
    k = membership.shape[1]
    best, sure = membership.argmax(1), membership.max(1)
    wrote = np.bincount(author, minlength=len(membership)) > 0
    counts, vocabulary = count_terms(texts, author, len(membership), names=names)
    weights = ctfidf(counts, best, k)
    if encode is None:
        ranked = top_terms(weights, vocabulary, TERMS)
    else:
        candidates = top_terms(weights, vocabulary, CANDIDATES)
        ranked = by_meaning(candidates, directions(vectors, best[author[rows]], k), encode)
    made = []
    for persona, label in enumerate(labels(ranked)):
        members = (best == persona) & wrote
        own = members[author]
        made.append(
            {
                "label": label,
                "terms": [term for term, _ in ranked[persona]],
                "concerns": _concerns(counts, vocabulary, ranked[persona], members, wrote),
                "representative": representative(texts, author, vectors, rows, best, sure, persona),
                "size": int(members.sum()),
                "share": float(members.sum() / max(wrote.sum(), 1)),
                "confidence": float(sure[members].mean()) if members.any() else 0.0,
                "activity": _activity(seconds[own]),
            }
        )
    return made


def directions(vectors: np.ndarray, labels: np.ndarray, k: int) -> np.ndarray:
    """Unit directions f64[k,d]: what the mean of each class's VECTORS f32[v,d] has and that of all others has not."""
    made = np.zeros((k, vectors.shape[1]))
    for at in range(k):
        own = labels == at
        if own.any():
            made[at] = vectors[own].mean(0) - (vectors[~own].mean(0) if (~own).any() else 0)
    return made / np.maximum(np.linalg.norm(made, axis=1, keepdims=True), 1e-12)


def by_meaning(
    ranked: list[list[tuple[str, float]]], toward: np.ndarray, encode: Callable[[list[str]], np.ndarray]
) -> list[list[tuple[str, float]]]:
    """Each class's first TERMS terms, ordered by weight and by how far they point TOWARD f[k,d] its meaning: a word
    that is merely frequent there ("decided") gives way to one that says something ("leaderboard")."""
    names = sorted({term for row in ranked for term, _ in row})
    if not names:
        return [[] for _ in ranked]
    meaning = dict(zip(names, encode(names), strict=True))
    worth = lambda at, term, weight: np.sqrt(weight) * (PULL + max(float(meaning[term] @ toward[at]), 0))
    made = []
    for at, row in enumerate(ranked):
        order = sorted(range(len(row)), key=[-worth(at, *entry) for entry in row].__getitem__)
        made.append([row[place] for place in order[:TERMS]])
    return made


def _concerns(
    counts: Any,
    vocabulary: list[str],
    ranked: list[tuple[str, float]],
    members: np.ndarray,
    everyone: np.ndarray,
) -> list[dict[str, Any]]:
    """The leading terms with the share of members who use them, and how many times that of all others it
    is."""
    column = {term: at for at, term in enumerate(vocabulary)}
    others = everyone & ~members
    made = []
    for term, _ in ranked[:CONCERNS]:
        used = np.asarray(counts[:, [column[term]]].todense()).ravel() > 0
        inside = float(used[members].mean()) if members.any() else 0.0
        outside = (float(used[others].sum()) + 0.5) / (others.sum() + 1)
        made.append({"term": term, "share": inside, "times": inside / outside})
    return made


def representative(
    texts: Sequence[str],
    author: np.ndarray,
    vectors: np.ndarray,
    rows: np.ndarray,
    best: np.ndarray,
    sure: np.ndarray,
    persona: int,
) -> list[int]:
    """Rows of TEXTS that show the persona: of readable length, by different authors, nearest to what its
    members' mean vector has and the mean of all others has not."""
    own = best[author[rows]] == persona
    if not own.any():
        return []
    score = vectors @ directions(vectors, own.astype(np.int64), 2)[1]  # [v]
    readable = np.array([READABLE[0] <= len(texts[row]) <= READABLE[1] for row in rows])
    certain = sure[author[rows]] >= min(SURE, float(np.median(sure[best == persona])))
    taken: list[int] = []
    for fitting in (own & readable & certain, own & readable, own):
        for at in np.flatnonzero(fitting)[np.argsort(-score[fitting], kind="stable")]:
            new_author = all(author[rows[at]] != author[rows[other]] for other in taken)
            if (
                len(taken) < SHOWN
                and new_author
                and all(vectors[at] @ vectors[other] < SAME for other in taken)
            ):
                taken.append(int(at))
    return [int(rows[at]) for at in taken]


def _activity(seconds: np.ndarray) -> dict[str, Any]:
    """Messages, share of them by hour of the day (UTC), and first and last, in seconds since 1970."""
    hours = np.bincount(((seconds % 86400) // 3600).astype(int), minlength=24)
    return {
        "messages": len(seconds),
        "hours": (hours / max(len(seconds), 1)).round(4).tolist(),
        "first-seen": float(seconds.min()) if len(seconds) else None,
        "last-seen": float(seconds.max()) if len(seconds) else None,
    }
