"""Vectors of words and of sentences of messages, made ahead: an inquiry that met them first would have to make them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from chorus.runtime.index import artefact
from chorus.runtime.index.artefact import Section
from chorus.runtime.index.conversations import mark
from chorus.runtime.index.documents import SAID

if TYPE_CHECKING:
    from chorus.runtime.context import Context

LAYOUT = 1
PIECE = 4096  # texts encoded between two looks at the clock


class Parts:
    """A file of vectors by text, for the session's model; mapped, so that only what is asked for takes memory."""

    def __init__(self, ctx: Context, folder: Path) -> None:
        self.ctx = ctx
        self.path = folder / "parts.safetensors"
        self.model = ""
        self._forget()

    def known(self, texts: list[str]) -> dict[str, np.ndarray]:
        """Text → its vector f32[d], for those of TEXTS that have one here."""
        self._load()
        if not len(self.marks):
            return {}
        wanted = np.array([mark(text) for text in texts], dtype=np.uint64)
        at = np.minimum(np.searchsorted(self.marks, wanted), len(self.marks) - 1)
        there = self.marks[at] == wanted
        return {text: self.rows[row] for text, row, found in zip(texts, at, there, strict=True) if found}

    def said(self) -> Iterator[str]:
        """What all messages say."""
        for batch in self.ctx.reader.batches(f"SELECT said FROM {SAID}"):
            self.ctx.check()
            self.ctx.charge(steps=batch.num_rows, bytes=batch.nbytes)
            yield from batch.column(0).to_pylist()

    def add(self, texts: Iterable[str]) -> int:
        """Give vectors to those of TEXTS that have none; how many those were."""
        listed = list(dict.fromkeys(texts))
        had = self.known(listed)
        new = [text for text in listed if text not in had]
        if not new:
            return 0
        starts = self.ctx.progress(range(0, len(new), PIECE), "embedding parts", -(-len(new) // PIECE))
        made = [self.ctx.embedder.encode(new[at : at + PIECE], self.ctx.check) for at in starts]
        marks = np.concatenate([self.marks, np.array([mark(text) for text in new], dtype=np.uint64)])
        old = [self.rows] if len(self.rows) else []
        rows, order = np.concatenate([*old, *made]), np.argsort(marks)
        sections = {"marks": Section.of(marks[order]), "rows": Section.of(rows[order])}
        artefact.write(self.path, self._key(), sections, self.ctx.check)
        self.model = ""  # what is in hand is not that file
        return len(new)

    def keep(self, texts: Iterable[str]) -> int:
        """Drop the vectors of all but TEXTS; how many those were."""
        self._load()
        wanted = np.fromiter((mark(text) for text in texts), np.uint64)
        there = np.isin(self.marks, wanted)
        gone = int((~there).sum())
        if gone:
            sections = {"marks": Section.of(self.marks[there]), "rows": Section.of(self.rows[there])}
            artefact.write(self.path, self._key(), sections, self.ctx.check)
            self.model = ""
        return gone

    def _load(self) -> None:
        model = self.ctx.embedder.model
        if self.model == model:
            return
        self._forget()
        found = artefact.read(self.path, self.ctx.check)
        if found is not None and found.key == self._key():
            self.marks, self.rows = found.arrays["marks"], found.arrays["rows"]
        self.model = model

    def _forget(self) -> None:
        self.marks = np.zeros(0, np.uint64)
        self.rows = np.zeros((0, 0), np.float32)

    def _key(self) -> dict[str, Any]:
        return {"kind": "parts", "layout": LAYOUT, "model": self.ctx.embedder.model}
