"""A cascade over a table's rows under way: what is to be put to the model, what it said, and what came of it."""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from chorus.runtime.errors import EvalError
from chorus.runtime.index.postings import Postings
from chorus.runtime.index.tokens import query_words, words

if TYPE_CHECKING:
    from chorus.runtime.context import Context
    from chorus.runtime.table import Table

HASHED = 512  # numbers that tell which words a text has
MOST_HASHED = 100_000  # rows beyond which that would take too much memory
MOST_PAIRS = 1_000_000
Item = tuple[str, ...]  # what the model is shown: a text, or two


@dataclass
class Judging:
    """ITEMS[ROW_ITEMS[r]] is what row r shows. MEMORY holds verdicts of the same model on the same question."""

    rows: Any  # Arrow, without the answer's columns
    items: list[Item]
    row_items: np.ndarray
    signals: np.ndarray
    features: np.ndarray
    target: dict[str, Any]
    memory: dict[Item, float]
    classes: tuple[str, ...] = ()
    steps: Any = None  # the cascade: given by the kernel
    calls: int = 0
    remembered: int = 0
    outcome: Any = None
    _asked: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    _new: list[Item] = field(default_factory=list)
    _begun: bool = False

    def words(self) -> list[set[str]]:
        """The words of each row's text."""
        return [set(query_words(self.items[at][0])) for at in self.row_items]

    def next(self) -> list[Item]:
        """Items to be put to the model, each once; none when the cascade has ended."""
        while self.outcome is None:
            if not self._new:
                self._advance()
            if self._new:
                return self._new
        return []

    def tell(self, verdicts: list[float]) -> None:
        """The model's VERDICTS on what `next` gave."""
        self.memory.update(zip(self._new, verdicts, strict=True))
        self.calls += len(self._new)
        self._new = []

    def _advance(self) -> None:
        try:
            if not self._begun:
                self._begun, self._asked = True, next(self.steps)
            else:
                said = [self.memory[self.items[at]] for at in self.row_items[self._asked]]
                self._asked = self.steps.send(np.array(said, dtype=np.float64))
        except StopIteration as ended:
            self.outcome = ended.value
            return
        shown = [self.items[at] for at in dict.fromkeys(self.row_items[self._asked].tolist())]
        self._new = [item for item in shown if item not in self.memory]
        self.remembered += len(shown) - len(self._new)

    def report(self) -> dict[str, Any]:
        """Work asked for against work done."""
        assert self.outcome is not None
        rows = len(self.row_items)
        return {
            "asked": rows,
            "calls": self.calls,
            "avoided": rows - self.calls,
            "remembered": self.remembered,
            **self.outcome.claims,
        }


def over_rows(
    ctx: Context,
    kind: str,
    table: Table,
    column: str,
    question: str,
    target: dict[str, Any],
    more: dict[str, Any],
) -> Judging:
    """The cascade KIND (filter, top-k, classify) over TABLE's texts in COLUMN."""
    rows = table.arrow()
    texts, vectors = texts_and_vectors(ctx, rows, column)
    memory, classes = more["memory"], tuple(more.get("classes", ()))
    items, row_items = _distinct([(text,) for text in texts])
    if kind == "classify":
        named = ctx.embedder.encode(list(classes), ctx.check)
        signals = vectors @ named.T
    else:
        signals = np.column_stack([vectors @ ctx.embedder.encode([question])[0], _words(texts, question)])
    features = vectors if kind == "top-k" or len(texts) > MOST_HASHED else _with_words(vectors, texts)
    return Judging(rows, items, row_items, signals, features, target, memory, classes)


def over_pairs(
    ctx: Context,
    left: Table,
    right: Table,
    columns: tuple[str, str],
    target: dict[str, Any],
    memory: dict[Item, float],
) -> Judging:
    """The cascade over all pairs of a row of LEFT and one of RIGHT."""
    here, there = left.arrow(), right.arrow()
    pairs = here.num_rows * there.num_rows
    if pairs > MOST_PAIRS:
        raise EvalError(
            f"sem-join: {pairs:,} pairs are more than {MOST_PAIRS:,}",
            code="table-size",
            hint="narrow the tables with `where` or `search` first",
        )
    (mine, a), (theirs, b) = (
        texts_and_vectors(ctx, rows, name) for rows, name in zip((here, there), columns, strict=True)
    )
    shared = np.array([_words(theirs, text) for text in mine]).reshape(len(mine), len(theirs))
    signals = np.column_stack([(a @ b.T).ravel(), shared.ravel()])
    items, row_items = _distinct([(x, y) for x in mine for y in theirs])
    i, j = np.divmod(np.arange(pairs), max(1, there.num_rows))
    rows = here.take(i)
    for name in there.column_names:
        taken = f"{name}-right" if name in rows.column_names else name
        rows = rows.append_column(taken, there.column(name).take(j))
    return Judging(rows, items, row_items, signals, signals, target, memory)


def texts_and_vectors(ctx: Context, rows: Any, column: str) -> tuple[list[str], np.ndarray]:
    """The texts of COLUMN of ROWS, and their unit rows f32[n,d]."""
    texts = [text or "" for text in _texts(rows, column)]
    return texts, _vectors(ctx, rows, column, texts)


def _texts(rows: Any, column: str) -> list[str | None]:
    if column not in rows.column_names:
        raise EvalError(
            f"the table has no column {column}",
            code="unknown-column",
            hint=f"it has {' '.join(rows.column_names)}",
        )
    values = rows.column(column).to_pylist()
    if any(value is not None and not isinstance(value, str) for value in values):
        raise EvalError(f"the column {column} holds no texts", code="table-type")
    return values


def _vectors(ctx: Context, rows: Any, column: str, texts: list[str]) -> np.ndarray:
    """Unit rows f32[n,d]: the store's where the texts are messages that have them, else made now."""
    if column == "content" and "id" in rows.column_names and ctx.folder is not None:
        ids = rows.column("id").to_pylist()
        there, found = ctx.indexes.vectors.of(ids)
        if ids and len(there) == len(ids):
            return found
    return ctx.embedder.encode(texts, ctx.check)


def _words(texts: list[str], question: str) -> np.ndarray:
    """BM25 f32[n] of TEXTS for the words of QUESTION."""
    postings = Postings.empty().updated(np.zeros(0, np.int64), map(words, texts))
    return postings.scores(query_words(question))


def _with_words(vectors: np.ndarray, texts: list[str]) -> np.ndarray:
    """VECTORS f32[n,d] and beside them what words TEXTS have, hashed, rare ones counting more: f32[n,d+HASHED].

    Weinberger et al. 2009. Half as long as a vector: on 9,800 messages of the synthetic community 1,200 labels then
    teach an area under the curve of .966, of vectors alone .955, of words alone .90.
    """
    split = [set(words(text)) for text in texts]
    known: dict[str, int] = {}
    for said in split:
        for word in said:
            known[word] = known.get(word, 0) + 1
    made = np.zeros((len(texts), HASHED), dtype=np.float32)
    for row, said in zip(made, split, strict=True):
        for word in said:
            code = zlib.crc32(word.encode("utf-8", "surrogatepass"))
            row[code % HASHED] += (1 if code >> 20 & 1 else -1) * math.log(len(texts) / known[word])
    lengths = np.linalg.norm(made, axis=1, keepdims=True)
    return np.column_stack([vectors, made / np.where(lengths > 0, 2 * lengths, 1)])


def _distinct(items: list[Item]) -> tuple[list[Item], np.ndarray]:
    places: dict[Item, int] = {}
    at = [places.setdefault(item, len(places)) for item in items]
    return list(places), np.array(at, dtype=np.int64)
