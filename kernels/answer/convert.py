"""What the primitives of this room share: the session's remembering encoder, and hash tables to kernels' values."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from chorus.runtime.primitive import wrong_type
from chorus.runtime.values import HashTable, Keyword, Symbol, make_list

MOST_KEPT = 20_000  # vectors of short texts that a session keeps


def encoder_of(ctx: Any) -> Callable[[list[str]], np.ndarray]:
    """The session's encoder, which remembers what it encoded: one function object a session and model."""
    kept = ctx.__dict__.setdefault("answer-senses", {})
    embedder = ctx.embedder
    if kept.get("embedder") is embedder:
        return kept["encode"]
    known: dict[str, np.ndarray] = {}

    def encode(texts: list[str]) -> np.ndarray:
        new = [text for text in dict.fromkeys(texts) if text not in known]
        if new:
            if len(known) + len(new) > MOST_KEPT:
                known.clear()
                new = list(dict.fromkeys(texts))
            made = ctx.indexes.parts.known(new) if ctx.folder is not None else {}
            rest = [text for text in new if text not in made]
            known.update(made)
            known.update(zip(rest, embedder.encode(rest, ctx.check) if rest else (), strict=True))
        return np.stack([known[text] for text in texts])

    kept.clear()
    kept.update(embedder=embedder, encode=encode)
    return encode


def sense_of(ctx: Any) -> Any:
    from chorus.kernels.answer.evidence import WordSense

    encode = encoder_of(ctx)
    kept = ctx.__dict__["answer-senses"]
    if "words" not in kept:
        kept["words"] = WordSense(encode)
    return kept["words"]


def strings(items: list[Any], caller: str) -> list[str]:
    for item in items:
        if not isinstance(item, str):
            raise wrong_type(caller, "texts", "a list of strings", item)
    return items


def table(**fields: Any) -> HashTable:
    return HashTable.keyed({_key(name): False if value is None else value for name, value in fields.items()})


@cache
def _key(name: str) -> Keyword:
    return Keyword(name.replace("_", "-"))


def plain(table: HashTable) -> dict[str, Any]:
    """A hash table with keyword or symbol keys as a dict of names."""
    named = (Keyword, Symbol)
    return {key.name if key.__class__ in named else str(key): value for key, value in table.items()}


def numbers(table: HashTable, caller: str) -> dict[str, float]:
    given = plain(table)
    for value in given.values():
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise wrong_type(caller, "weights", "a hash table of numbers", value)
    return given


def reading_of(table: HashTable) -> Any:
    from chorus.kernels.answer.question import Reading

    given = plain(table)
    expects = given["expects"]
    return Reading(
        text=given["text"],
        kind=given["kind"].name,
        expects=expects.name if expects else None,
        words=tuple(given["words"]),
        terms=tuple(given["terms"]),
        must=tuple(given["must"]),
        direction=given["direction"],
        focus=tuple(given.get("focus") or ()),
        related={row[0]: tuple(row[1:]) for row in map(list, given["related"])},
    )


def shown(e: Any, reading: Any) -> HashTable:
    return table(
        message_id=e.message.id,
        author=e.message.author,
        name=e.message.name,
        timestamp=e.message.timestamp,
        text=e.message.text,
        span=e.text,
        start=e.start,
        vector=e.vector,
        dense=round(e.dense, 4),
        coverage=round(e.coverage, 4),
        own_dense=round(e.own[0], 4),
        own_coverage=round(e.own[1], 4),
        weakest=round(min(e.matches, default=1.0), 4),
        widest=round(max(e.matches, default=1.0), 4),
        own_matches=make_list([round(m, 4) for m in e.own_matches]),
        own_weakest=round(min(e.own_matches, default=1.0), 4),
        pleads=round(e.pleads, 4),
        missing=make_list([w for w, m in zip(reading.words, e.matches, strict=True) if m < 0.5]),
        named=e.named,
        typed=e.holds_type,
        asks=e.asks,
        channel=e.message.channel,
        context=e.message.context or None,
        context_id=e.message.context_id,
        link=e.message.link,
        relevance=round(e.relevance, 4),
        features=table(**e.features),
        asked=round(e.asked, 4),
        score=round(e.score, 4),
    )


_SCORED = (
    "message_id author text vector start span dense weakest coverage named typed asks asked relevance score"
).split()


def scored(items: list[Any]) -> list[Any]:
    """Evidence as the kernels know it, out of the hash tables of `%evidence`; `origin` is the table."""
    from chorus.kernels.answer.evidence import Candidate, Evidence

    made = []
    for item in items:
        row = {name: item.get(_key(name)) for name in _SCORED}
        message = Candidate(row["message_id"], row["author"], row["text"], row["vector"])
        made.append(
            Evidence(
                message,
                row["start"],
                row["start"] + len(row["span"]),
                row["vector"],
                dense=row["dense"],
                matches=(row["weakest"],),
                coverage=row["coverage"],
                named=row["named"],
                holds_type=row["typed"],
                asks=row["asks"],
                asked=row["asked"],
                relevance=row["relevance"],
                score=row["score"],
                origin=item,
            )
        )
    return made
