"""What a head sees of a text: its n-grams beside its vector, in one sparse row.

Vectors know what words mean and forget which they were; n-grams the reverse. On short requests in 77 intents the two
together are right where each alone is wrong (see `bench/kernels/heads.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy import sparse

from chorus.kernels.answer.sentences import sentence_spans
from chorus.kernels.heads.ngrams import BLOCKS, count, learn, weigh

Encode = Callable[[list[str]], np.ndarray]  # texts -> f32[n, d], unit rows
Arrays = dict[str, np.ndarray]
BEGINNING, END = 200, 100  # characters of a text that is embedded as a whole, if it is longer than both
SENTENCES = 40  # of a text; what lies behind is seen by the n-grams
LONG = 3  # sentences in the median text from which vectors are pooled over sentences
POOLED = (1.0, 0.5, 0.5)  # weights of mean, maximum and minimum
VECTOR = 1.5  # the length of a vector's part of a row, where an n-gram block has .7


class Texts:
    """Texts with what costs time to know of them: n-gram counts, vectors pooled over sentences, means of states."""

    def __init__(
        self,
        counts: dict[str, Any],
        vectors: np.ndarray | None,
        long: bool,
        middle: np.ndarray | None = None,
        device: str = "cpu",
    ) -> None:
        self.device = device  # where networks on them are trained and applied
        self.counts = counts
        self.vectors = vectors  # f32[n, d]; of long texts f32[n, 3d]: sentences' mean, maximum, minimum
        self.long = long
        self.middle = middle  # f32[n, d]: mean states within the encoder, for heads that look there

    def __len__(self) -> int:
        return int(next(iter(self.counts.values())).shape[0])

    def take(self, rows: np.ndarray) -> Texts:
        """Those at ROWS."""
        counts = {name: made[rows] for name, made in self.counts.items()}
        vectors = None if self.vectors is None else self.vectors[rows]
        middle = None if self.middle is None else self.middle[rows]
        return Texts(counts, vectors, self.long, middle, self.device)


def read(
    texts: Sequence[str],
    encode: Encode | None,
    long: bool | None = None,
    middle: Encode | None = None,
    device: str = "cpu",
) -> Texts:
    """Count TEXTS and, with ENCODE, embed them: whole, or, if they are LONG, by sentence; None: as their median is.
    MIDDLE gives the mean states within the encoder, for heads that look there. Networks on them run on DEVICE.

    Of a short text the whole says more than its sentences do; of a long one the model sees only the beginning.
    """
    pieces = [cut(text) for text in texts]
    lengths = np.array([len(each) for each in pieces], np.int64)
    if long is None:
        long = bool(len(lengths)) and float(np.median(lengths)) >= LONG
    vectors = None
    if encode is not None and long:
        vectors = pool(encode([piece for each in pieces for piece in each]), lengths)
    elif encode is not None:
        vectors = encode([ends(text) for text in texts])
    within = None if middle is None else middle([ends(text) for text in texts])
    return Texts({name: count(texts, block) for name, block in BLOCKS.items()}, vectors, long, within, device)


def ends(text: str) -> str:
    """TEXT, of a longer one its beginning and its end, where a verdict is: the model reads no more than 256 tokens,
    from the beginning on, and takes time for all of them."""
    return text if len(text) <= BEGINNING + END else f"{text[:BEGINNING]} … {text[-END:]}"


def cut(text: str) -> list[str]:
    """TEXT's sentences, the first SENTENCES of them; of an empty text one empty sentence."""
    return [text[a:b] for a, b in sentence_spans(text)[:SENTENCES]] or [""]


def pool(rows: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Unit mean, maximum and minimum f32[n, 3d] over each text's sentences, LENGTHS i64[n] of ROWS f32[s, d]."""
    if not len(lengths):
        return np.zeros((0, 3 * rows.shape[1]), np.float32)
    starts = np.cumsum(lengths) - lengths
    total = np.add.reduceat(rows, starts, axis=0)
    mean = total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12)
    extremes = [edge.reduceat(rows, starts, axis=0) for edge in (np.maximum, np.minimum)]
    return np.concatenate([mean, *extremes], axis=1).astype(np.float32)


def fit(texts: Texts) -> Arrays:
    """What turns texts like TEXTS into rows: the kept columns and their rarity, and whether texts are long."""
    arrays: Arrays = {"long": np.array([texts.long], np.int64)}
    for name in BLOCKS:
        arrays[f"{name}.kept"], arrays[f"{name}.rarity"] = learn(texts.counts[name])
    return arrays


def rows(texts: Texts, arrays: Arrays) -> Any:
    """The features csr f64[n, V + d] of TEXTS as ARRAYS have it."""
    parts: list[Any] = [
        weigh(texts.counts[name], arrays[f"{name}.kept"], arrays[f"{name}.rarity"], block.weight)
        for name, block in BLOCKS.items()
    ]
    if texts.vectors is not None:
        parts.append(sparse.csr_matrix(VECTOR * dense(texts).astype(np.float64)))
    return sparse.hstack(parts).tocsr()


def dense(texts: Texts) -> np.ndarray:
    """The vectors f32[n, d]; of long texts f32[n, 3d] with the extremes at half weight."""
    if texts.vectors is None:
        return np.zeros((len(texts), 0), np.float32)
    if not texts.long:
        return texts.vectors
    return texts.vectors * np.repeat(np.array(POOLED, np.float32), texts.vectors.shape[1] // 3)
