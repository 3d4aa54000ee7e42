"""Messages as directions of words: what an embedding blurs (names of things, jargon) and authors are
known by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from chorus.kernels.persona.words import terms

DIMS = 128
LEAST = 3  # authors who use a term


def lexical_vectors(
    texts: Sequence[str], owners: np.ndarray, *, dims: int = DIMS, seed: int = 0
) -> np.ndarray:
    """Latent semantic vectors f32[n,≤DIMS] of TEXTS: tf-idf of words and pairs, rows of length one,
    truncated SVD.

    The idf counts authors (OWNERS i64[n]), not messages. A text without any shared term is a zero row; no
    columns at all where too few terms are shared.   [Deerwester et al., JASIS 1990]
    """
    from scipy.sparse.linalg import svds

    table = _weighted(texts, owners)
    rank = min(dims, min(table.shape) - 1)
    if rank < 2:
        return np.zeros((len(texts), 0), np.float32)
    start = np.random.default_rng(seed).standard_normal(min(table.shape)).astype(np.float32)
    left, size, _ = svds(table, k=rank, v0=start, tol=1e-3)
    return (left * size)[:, ::-1].astype(np.float32)


def _weighted(texts: Sequence[str], owners: np.ndarray) -> Any:
    """Terms in texts, csr f32[n,V]: (1 + log tf)·log(authors / authors who use it), rows of length one."""
    from scipy.sparse import csr_matrix

    bags = [Counter(terms(text)) for text in texts]
    users: dict[str, set[int]] = {}
    for owner, bag in zip(owners.tolist(), bags, strict=True):
        for term in bag:
            users.setdefault(term, set()).add(owner)
    authors = max(len(set(owners.tolist())), 1)
    kept = sorted(term for term, who in users.items() if LEAST <= len(who) <= authors / 2)
    column = {term: at for at, term in enumerate(kept)}
    rarity = [np.log(authors / len(users[term])) for term in kept]
    rows, columns, values = [], [], []
    for row, bag in enumerate(bags):
        entries = [(column[t], (1 + np.log(c)) * rarity[column[t]]) for t, c in bag.items() if t in column]
        length = np.sqrt(sum(value**2 for _, value in entries))
        rows += [row] * len(entries)
        columns += [at for at, _ in entries]
        values += [value / length for _, value in entries]
    return csr_matrix((np.array(values, np.float32), (rows, columns)), shape=(len(texts), len(kept)))
