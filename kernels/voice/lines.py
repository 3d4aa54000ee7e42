"""What a voice learns from: messages as rows of tokens, each after what it answers, and batches of them.

A row is `end what-was-answered end message end`, so any model that knows an end of text reads a reply as the next
document after what it answers. Only the message and its end are learnt: what others said is read, never imitated.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

import numpy as np

LONGEST = 96  # tokens of a row; what lies behind is cut off
CONTEXT = 32  # of these, at most, of what is answered: its last ones


class Words(Protocol):
    """A tokenizer: every text is data to it, whatever marks it may contain."""

    end: int
    size: int

    def encode(self, texts: Sequence[str]) -> list[list[int]]: ...

    def decode(self, ids: Sequence[int]) -> str: ...


class Line(NamedTuple):
    """One message: who wrote it, and what it answers."""

    text: str
    author: str
    context: str = ""


class Row(NamedTuple):
    """Tokens of a line; those from START on are the message's."""

    ids: list[int]
    start: int


def rows_of(lines: Sequence[Line], words: Words, longest: int = LONGEST) -> list[Row]:
    """LINES as rows of at most LONGEST tokens."""
    texts = words.encode([line.text for line in lines])
    contexts = words.encode([line.context for line in lines])
    room = min(CONTEXT, longest // 3)
    return [
        _row(text, context[-room:], words.end, longest) for text, context in zip(texts, contexts, strict=True)
    ]


def _row(text: list[int], context: list[int], end: int, longest: int) -> Row:
    before = [end, *context, end] if context else [end]
    return Row([*before, *text, end][:longest], len(before))


def batches(
    rows: Sequence[Row], budget: int, random: np.random.Generator | None = None
) -> Iterator[list[int]]:
    """Places of ROWS in batches of like length, each padding to at most BUDGET tokens (or holding one row).

    With RANDOM, rows of one length change places and batches come in any order; else the longest come first.
    """
    lengths = np.array([len(row.ids) for row in rows], np.int64)
    among = np.arange(len(rows)) if random is None else random.permutation(len(rows))
    order = among[np.argsort(-lengths[among], kind="stable")]
    made: list[list[int]] = []
    width = 0
    for at in order.tolist():
        if not made or (len(made[-1]) + 1) * width > budget:
            made.append([])
            width = int(lengths[at])
        made[-1].append(at)
    places = range(len(made)) if random is None else random.permutation(len(made)).tolist()
    for place in places:
        yield made[place]


def count_batches(rows: Sequence[Row], budget: int) -> int:
    return sum(1 for _ in batches(rows, budget))
