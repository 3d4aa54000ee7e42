"""An inverted file of words with BM25 scores, that grows by what is new.

Robertson & Zaragoza, "The Probabilistic Relevance Framework", 2009, eq. 3.15, with Lucene's idf, which is
never negative. Counts are kept, not scores: adding messages changes every idf and the mean length, and counts
stay right.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

K1 = 1.5  # how soon more of a word stops adding
B = 0.75  # how much long texts are held back


@dataclass
class Postings:
    """WORDS[w] occurs in documents DOCUMENTS[STARTS[w]:STARTS[w+1]], COUNTS times each; LENGTHS are
    documents' words.
    """

    words: list[str]
    starts: np.ndarray  # i64[words + 1]
    documents: np.ndarray  # i32[postings], ascending within a word
    counts: np.ndarray  # u16[postings]
    lengths: np.ndarray  # i32[documents]
    _numbers: dict[str, int] | None = field(default=None, repr=False)
    _line: tuple[str, np.ndarray] | None = field(
        default=None, repr=False
    )  # the words in one text, and their ends

    @classmethod
    def empty(cls) -> Postings:
        return cls(
            [], np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.uint16), np.zeros(0, np.int32)
        )

    @property
    def numbers(self) -> dict[str, int]:
        """Word → its number."""
        if self._numbers is None:
            self._numbers = {word: at for at, word in enumerate(self.words)}
        return self._numbers

    def scores(self, query: Iterable[str]) -> np.ndarray:
        """BM25 f32[documents] of the words QUERY: the sum over words of idf · c/(c + K1·(1 − B +
        B·length/mean)).
        """
        return self.group_scores(query, None, self.lengths)

    def group_scores(
        self, query: Iterable[str], groups: np.ndarray | None, lengths: np.ndarray
    ) -> np.ndarray:
        """BM25 f32[len(LENGTHS)] of groups of documents, each read as one text of as many words as LENGTHS says.

        GROUPS i64[documents] are the groups' numbers; None where each document is one. A group without words is none.
        """
        total = np.zeros(len(lengths), dtype=np.float32)
        there = int(np.count_nonzero(lengths)) if groups is not None else len(lengths)
        mean = float(lengths.sum()) / there if there else 0.0
        for word in query:
            at = self.numbers.get(word)
            if at is None:
                continue
            span = slice(int(self.starts[at]), int(self.starts[at + 1]))
            found, counts = (
                self.documents[span],
                self.counts[span].astype(np.float32),
            )  # [postings of the word]
            if groups is not None:
                found, counts = _summed(groups[found], counts)
            idf = np.log1p((there - len(found) + 0.5) / (len(found) + 0.5))
            held = K1 * (1 - B + B * lengths[found] / mean)
            total[found] += (idf * counts / (counts + held)).astype(np.float32)
        return total

    def holding(self, part: str) -> int:
        """How many documents have a word that PART, which has no line end, is a part of."""
        if self._line is None:
            ends = np.cumsum([len(word) + 1 for word in self.words], dtype=np.int64)
            self._line = "\n".join(self.words), ends
        line, ends = self._line
        found, at = [], line.find(part)
        while at >= 0:
            found.append(at)
            at = line.find(part, at + 1)
        here = np.unique(np.searchsorted(ends, np.array(found, dtype=np.int64), side="right"))
        holds = np.zeros(len(self.lengths), dtype=bool)
        for word in here:
            holds[self.documents[self.starts[word] : self.starts[word + 1]]] = True
        return int(holds.sum())

    def updated(self, kept: np.ndarray, added: Iterable[list[str]]) -> Postings:
        """New postings of the documents KEPT (ascending positions), renumbered in order, followed by those of
        ADDED.
        """
        numbers = dict(self.numbers)
        flat, lengths = array("i"), array("i")
        for document in added:
            flat.extend([numbers.setdefault(word, len(numbers)) for word in document])
            lengths.append(len(document))
        old_words, old_documents, old_counts = self._kept(kept)
        new_words, new_documents, new_counts = _counted(np.array(flat, np.int64), np.array(lengths, np.int32))
        word_of = np.concatenate([old_words, new_words])  # per posting
        order = np.argsort(word_of, kind="stable")  # documents stay ascending: the old come first
        made = Postings(
            list(numbers),
            np.searchsorted(word_of[order], np.arange(len(numbers) + 1)).astype(np.int64),
            np.concatenate([old_documents, new_documents + len(kept)]).astype(np.int32)[order],
            np.concatenate([old_counts, new_counts])[order],
            np.concatenate([self.lengths[kept], np.array(lengths, np.int32)]).astype(np.int32),
            numbers,
        )
        return made if len(kept) == len(self.lengths) else made._said()

    def _said(self) -> Postings:
        """The same without words that stand in no document: what only a message that was erased said is gone."""
        used = np.flatnonzero(np.diff(self.starts))
        starts = np.append(self.starts[used], self.starts[-1])
        words = [self.words[at] for at in used.tolist()]
        return Postings(words, starts, self.documents, self.counts, self.lengths)

    def _kept(self, kept: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Word, document (renumbered) and count of the postings of the documents KEPT."""
        renumbered = np.full(len(self.lengths), -1, dtype=np.int64)
        renumbered[kept] = np.arange(len(kept))
        documents = renumbered[self.documents]
        words = np.repeat(np.arange(len(self.words)), np.diff(self.starts))
        there = documents >= 0
        return words[there], documents[there], self.counts[there]


def _summed(groups: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each of GROUPS once, ascending, and the sum of its COUNTS."""
    order = np.argsort(groups, kind="stable")
    ordered = groups[order]
    firsts = np.flatnonzero(np.diff(ordered, prepend=-1))
    sums = np.add.reduceat(counts[order], firsts) if len(firsts) else counts
    return ordered[firsts], sums


def _counted(flat: np.ndarray, lengths: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Word, document and count of each distinct pair; FLAT are word numbers, LENGTHS of them per document."""
    documents = np.repeat(np.arange(len(lengths)), lengths)
    pairs, counts = np.unique(flat * max(len(lengths), 1) + documents, return_counts=True)
    words, documents = np.divmod(pairs, max(len(lengths), 1))
    return words, documents, np.minimum(counts, np.iinfo(np.uint16).max).astype(np.uint16)
