"""The words and sentences that inquiries compare with their questions, given vectors ahead of any."""

from __future__ import annotations

from collections import Counter
from typing import Any

from chorus.kernels.answer.convert import table
from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import primitive
from chorus.runtime.values import HashTable

MOST = 200_000  # parts with vectors, of some 1.5 kB each
WORDS = 0.25  # share of them that may be words


@primitive("embed-parts!", effects="read-store write-store compute")
def embed_parts(ctx: Any, *, limit: int = MOST) -> HashTable:
    """Give vectors to the words of all messages and to the sentences of those that have several, so that inquiries need
    not make them: at most LIMIT parts, the commonest first.

    Answers are the same with and without, sooner with; messages that come later have their parts embedded when they
    are asked about, or by the next call. The value tells how many :parts there are, how many were :embedded now, and
    how many that no message has any more were :dropped.

    > (hash-ref (embed-parts! :limit 0) :parts)
    => 0
    """
    if limit < 0:
        raise EvalError(f"embed-parts!: the limit should not be negative, not {limit}", code="range")
    words, sentences = _parts(ctx)
    dropped = ctx.indexes.parts.keep([*words, *sentences]) if ctx.folder is not None else 0
    common = [word for word, _ in words.most_common(int(limit * WORDS))]
    chosen = common + [text for text, _ in sentences.most_common(limit - len(common))]
    made = ctx.indexes.parts.add(chosen) if chosen else 0
    return table(parts=len(chosen), embedded=made, dropped=dropped)


def _parts(ctx: Any) -> tuple[Counter[str], Counter[str]]:
    """How often each word and each sentence that could need a vector stands in the messages."""
    from chorus.kernels.answer.evidence import comparable, split

    words: Counter[str] = Counter()
    sentences: Counter[str] = Counter()
    for text in ctx.indexes.parts.said():
        words.update(comparable(text))
        spans = split(text)
        if len(spans) > 1:
            sentences.update(text[start:end] for start, end in spans)
    return words, sentences
