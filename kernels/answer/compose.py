"""Checks that an answer is grounded: each sentence against the messages it cites."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from chorus.kernels.answer.question import NAME, NUMBER
from chorus.kernels.answer.sentences import sentence_spans
from chorus.kernels.answer.tone import Encode
from chorus.kernels.answer.words import content_stems

_LABEL = re.compile(r"\s*\[[\d,\s]*\]")


class Citation(NamedTuple):
    """SPAN is claimed to stand in the message ID."""

    id: str
    span: str


def check_citations(
    sentences: Sequence[tuple[str, Sequence[int]]],
    citations: Sequence[Citation],
    messages: Mapping[str, str],
    verbatim: bool = True,
) -> list[str]:
    """What is wrong with an answer; empty when every sentence is grounded.

    SENTENCES are (text, numbers of its citations, from 0); MESSAGES maps ids to whole texts. A sentence needs
    a citation; a citation needs a message that contains its span, character by character; VERBATIM asks that
    the sentence quotes it.
    """
    faults = []
    for number, (text, cited) in enumerate(sentences, 1):
        if not cited:
            faults.append(f"sentence {number} cites nothing")
        for at in cited:
            if not 0 <= at < len(citations):
                faults.append(f"sentence {number} cites number {at + 1}, which there is not")
            elif verbatim and citations[at].span not in text:
                faults.append(f"sentence {number} does not quote its citation {at + 1}")
    for number, (id_, span) in enumerate(citations, 1):
        if id_ not in messages:
            faults.append(f"citation {number}: there is no message {id_}")
        elif not span or span not in messages[id_]:
            faults.append(f"citation {number}: its span does not stand in message {id_}")
    return faults


def align(
    draft: str, spans: Sequence[str], encode: Encode, nearest: float = 0.6, covered: float = 0.6
) -> list[tuple[str, int]]:
    """The sentences of a generated DRAFT that a span bears out, each with that span's number; the others are
    dropped.

    A sentence is borne out by the span of greatest cosine when that is NEAREST or more, the share COVERED of
    its content words stands there, and so does every number and name it contains.
    """
    cut = [draft[a:b] for a, b in sentence_spans(draft)]
    texts = [text for text in (_LABEL.sub("", s).strip() for s in cut) if len(text) > 2]
    if not texts or not spans:
        return []
    likeness = encode(texts) @ encode(list(spans)).T  # [sentences, spans]
    kept = []
    for text, row in zip(texts, likeness, strict=True):
        at = int(np.argmax(row))
        if row[at] >= nearest and _borne_out(text, spans[at], covered):
            kept.append((text, at))
    return kept


def _borne_out(text: str, span: str, covered: float) -> bool:
    words, there = content_stems(text), set(content_stems(span))
    low = span.lower()
    particulars = [m.group().lower() for pattern in (NAME, NUMBER) for m in pattern.finditer(text)]
    if not words or any(p not in low for p in particulars):
        return False
    return sum(w in there for w in words) / len(words) >= covered
