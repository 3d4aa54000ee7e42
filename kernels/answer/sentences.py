"""Cuts a message into sentences that are verbatim parts of it."""

from __future__ import annotations

import re

from chorus.kernels.answer.words import word_table

# Full stops that end no sentence; compared in lower case, without their last stop.
ABBREVIATIONS = word_table(
    """
    e.g i.e vs v mr mrs ms dr st etc approx no nr fig inc ltd jr sr dept est min max sec hr lvl ver ca cf
    """
)
_END = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s|$)|\n+")
_WORD_BEFORE = re.compile(r"[\w.]+$")
_CLAUSE = re.compile(r"[,;:—–]\s+|\s+(?=(?:but|because|although|though|however|and|so)\s)")


def sentence_spans(text: str, longest: int = 280) -> list[tuple[int, int]]:
    """Half-open character ranges of TEXT's sentences, in order, without the white space around them.

    A sentence ends at `. ! ? …` before white space, or at a line's end; not after an abbreviation or a bare
    number ("v. 2", "1. first"). One of more than LONGEST characters is cut again at a clause, else at a
    space, so that a citation stays readable. Concatenated, the ranges cover every character of TEXT that is
    not white space.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for end in _END.finditer(text):
        if end.group()[0] == "." and _is_abbreviation(text, start, end.start()):
            continue
        _add(spans, text, start, end.end(), longest)
        start = end.end()
    _add(spans, text, start, len(text), longest)
    return spans


def _is_abbreviation(text: str, start: int, stop: int) -> bool:
    word = _WORD_BEFORE.search(text, start, stop)
    if word is None:
        return False
    known = word.group().lower()
    return known in ABBREVIATIONS or (known.isdigit() and word.start() == _first(text, start))


def _first(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _add(spans: list[tuple[int, int]], text: str, start: int, end: int, longest: int) -> None:
    start = min(_first(text, start), end)
    while end > start and text[end - 1].isspace():
        end -= 1
    while end - start > longest:
        cut = _cut(text, start, end, longest)
        _add(spans, text, start, cut, longest)
        start = _first(text, cut)
    if end > start:
        spans.append((start, end))


def _cut(text: str, start: int, end: int, longest: int) -> int:
    """The last clause boundary in the first LONGEST characters, else the last space, else exactly there."""
    limit = min(start + longest, end)
    clauses = [m.end() for m in _CLAUSE.finditer(text, start + longest // 4, limit)]
    if clauses:
        return clauses[-1]
    space = text.rfind(" ", start + 1, limit)
    return space if space > start else limit
