"""Words and runs of characters of texts as weighted columns: the half of the features that names things exactly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

BUCKETS = 1 << 22  # an n-gram is known by its hash, so a saved head holds none of anybody's words
LEAST = 2  # texts that share an n-gram
SEEN = 3_000  # characters of a text that are looked at


class Block(NamedTuple):
    """One kind of n-gram: what scikit-learn calls its analyzer, the lengths, and the weight of its columns."""

    analyzer: str
    shortest: int
    longest: int
    weight: float


BLOCKS = {"words": Block("word", 1, 3, 0.7), "characters": Block("char_wb", 2, 5, 0.7)}
TOKEN = r"(?u)\w+(?:['’]\w+)?|[^\w\s]{1,3}"  # punctuation says much about tone


def count(texts: Sequence[str], block: Block) -> sparse.csr_matrix:
    """How often each hashed n-gram of BLOCK stands in each of TEXTS: csr f64[n, BUCKETS]."""
    from sklearn.feature_extraction.text import HashingVectorizer

    made = HashingVectorizer(
        n_features=BUCKETS,
        norm=None,
        alternate_sign=False,
        analyzer=block.analyzer,
        ngram_range=(block.shortest, block.longest),
        token_pattern=TOKEN if block.analyzer == "word" else None,
    )
    return sparse.csr_matrix(made.transform([text[:SEEN] for text in texts]))


def learn(counts: sparse.csr_matrix) -> tuple[np.ndarray, np.ndarray]:
    """The columns i64[V] that at least LEAST rows share, and their rarity f32[V]: ln((n+1)/(df+1)) + 1.

    Rows of one text alone keep every column they have: some feature is better than none.
    """
    rows = counts.shape[0]
    columns, having = np.unique(counts.indices, return_counts=True)  # of millions of buckets few are met
    enough = having >= min(LEAST, max(rows, 1))
    return columns[enough].astype(np.int64), (np.log((rows + 1) / (having[enough] + 1)) + 1).astype(
        np.float32
    )


def weigh(counts: sparse.csr_matrix, kept: np.ndarray, rarity: np.ndarray, weight: float) -> Any:
    """(1 + ln tf)·rarity over the KEPT columns, each row of length WEIGHT or all 0: csr f64[n, V]."""
    n, v = counts.shape[0], len(kept)
    place = np.searchsorted(kept, counts.indices)
    known = np.append(kept, -1)[place] == counts.indices
    place, row = place[known], np.repeat(np.arange(n), np.diff(counts.indptr))[known]
    value = (1 + np.log(counts.data[known])) * rarity[place]
    length = np.sqrt(np.bincount(row, value**2, minlength=n))
    value *= weight / np.maximum(length, 1e-12)[row]
    return sparse.csr_matrix((value, (row, place)), shape=(n, v))
