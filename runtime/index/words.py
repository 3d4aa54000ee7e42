"""Search by words over all messages: BM25 postings, cached in the workspace, brought up to date by what
changed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from chorus.runtime.index import artefact
from chorus.runtime.index.artefact import Section, pack_strings, unpack_strings
from chorus.runtime.index.documents import SAID, Documents, spoken
from chorus.runtime.index.nearest import leading
from chorus.runtime.index.postings import Postings
from chorus.runtime.index.tokens import query_words, words

if TYPE_CHECKING:
    from chorus.runtime.context import Context

LAYOUT = 1  # to be raised whenever words or the file's layout change
PIECE = 50_000  # messages whose text is held at a time


class Words:
    """The word index of a session's workspace."""

    def __init__(self, ctx: Context, folder: Path) -> None:
        self.ctx = ctx
        self.path = folder / "words.safetensors"
        self.key: dict[str, Any] = {}
        self.documents = Documents.none()
        self.postings = Postings.empty()

    def search(self, text: str, k: int, allowed: Collection[str] | None = None) -> list[tuple[str, float]]:
        """(message id, BM25 score > 0) of the K messages that best match TEXT, best first, ties by time.

        ALLOWED restricts the choice to those ids.
        """
        self.refresh()
        scores = self.postings.scores(query_words(text))
        among = self.documents.rows_of(allowed)
        found = np.flatnonzero(scores > 0) if among is None else among[scores[among] > 0]
        lead = found[leading(scores[found], k)]
        best = lead[np.lexsort((self.documents.order[lead], -scores[lead]))][:k]
        return [(self.documents.ids[at], float(scores[at])) for at in best]

    def scores_of(self, text: str, ids: list[str]) -> dict[str, float]:
        """Message id → its BM25 score for TEXT, for those of IDS that share a word with it."""
        self.refresh()
        scores = self.postings.scores(query_words(text))
        places = ((message, self.documents.positions.get(message)) for message in ids)
        return {message: float(scores[at]) for message, at in places if at is not None and scores[at] > 0}

    def holding(self, part: str) -> int:
        """How many messages have a word, as indexed, that PART is a part of."""
        self.refresh()
        return self.postings.holding(part)

    def refresh(self) -> None:
        """Load or build what the store's present messages need; nothing when they have not changed."""
        key = {"kind": "words", "layout": LAYOUT, "corpus": self.ctx.reader.corpus_version()}
        if self.key == key:
            return
        if not self.key:
            self._load()
        if self.key != key:
            self._update(key)

    def _load(self) -> None:
        found = artefact.read(self.path, self.ctx.check)
        if found is None or (found.key.get("kind"), found.key.get("layout")) != ("words", LAYOUT):
            return
        a = found.arrays
        self.documents = Documents.from_arrays(a)
        listed = unpack_strings(a["word-text"], a["word-ends"])
        self.postings = Postings(listed, a["starts"], a["documents"], a["counts"], a["lengths"])
        self.key = found.key

    def _update(self, key: dict[str, Any]) -> None:
        now = spoken(self.ctx.reader)
        kept, added = self.documents.change_to(now)
        self.postings = self.postings.updated(kept, self._split(now, added))
        self.documents = self.documents.followed_by(kept, now, added)
        self.key = key
        packed = pack_strings(self.postings.words)
        arrays = {"word-text": packed["text"], "word-ends": packed["ends"], "starts": self.postings.starts}
        arrays |= {
            "documents": self.postings.documents,
            "counts": self.postings.counts,
            "lengths": self.postings.lengths,
        }
        sections = {name: Section.of(array) for name, array in arrays.items()}
        if len(self.documents):  # who only looks into an empty folder leaves it empty
            artefact.write(self.path, key, sections | self.documents.sections(), self.ctx.check)

    def _split(self, now: Documents, added: np.ndarray) -> Iterator[list[str]]:
        """The words of the rows ADDED of NOW, in that order."""
        self.ctx.charge(len(added))
        texts = self._texts([now.ids[at] for at in added])
        for at, text in enumerate(self.ctx.progress(texts, "indexing words", len(added))):
            if at % 1000 == 0:
                self.ctx.check()
            yield words(text)

    def _texts(self, ids: list[str]) -> Iterator[str]:
        query = f"""SELECT said FROM (SELECT unnest(?) AS id, unnest(range(?)) AS place) AS wanted
                    JOIN {SAID} AS messages USING (id) ORDER BY place"""
        for start in range(0, len(ids), PIECE):
            piece = ids[start : start + PIECE]
            yield from self.ctx.reader.read(query, [piece, len(piece)]).column("said").to_pylist()
