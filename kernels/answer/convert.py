"""What the primitives of this room share: the session's remembering encoder, and hash tables to kernels' values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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

    encode.constant = embedder.constant  # type: ignore[attr-defined]
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


_FIGURES = (
    "dense coverage own_dense own_coverage weakest widest own_weakest pleads idle relevance asked score"
).split()


def shown(ranked: Sequence[Any], reading: Any) -> Any:
    """The list of RANKED evidence as hash tables, their figures to four places."""
    figures = np.round(
        [_figures(e) for e in ranked], 4
    ).tolist()  # all at once: one by one takes as long as the rest
    return make_list(
        _shown(e, reading, dict(zip(_FIGURES, row, strict=True)))
        for e, row in zip(ranked, figures, strict=True)
    )


def _figures(e: Any) -> tuple[float, ...]:
    """What _FIGURES names."""
    matches, own = e.matches or (1.0,), e.own_matches or (1.0,)
    told = (e.dense, e.coverage, *e.own, min(matches), max(matches), min(own))
    return (*told, e.pleads, e.idle, e.relevance, e.asked, e.score)


def _shown(e: Any, reading: Any, figures: dict[str, float]) -> HashTable:
    message = e.message
    return table(
        message_id=message.id,
        author=message.author,
        name=message.name,
        timestamp=message.timestamp,
        text=message.text,
        span=e.text,
        start=e.start,
        vector=e.vector,
        own_matches=make_list([round(m, 4) for m in e.own_matches]),
        missing=make_list([w for w, m in zip(reading.words, e.matches, strict=True) if m < 0.5]),
        named=e.named,
        typed=e.holds_type,
        asks=e.asks,
        channel=message.channel,
        context=message.context or None,
        context_id=message.context_id,
        link=message.link,
        features=HashTable.keyed({_key(name): value for name, value in e.features.items()}),
        **figures,
    )


_SCORED = (
    "message_id author text vector start span dense weakest coverage named typed asks asked relevance score"
).split()


def heard(items: list[Any]) -> tuple[list[str], list[np.ndarray]]:
    """Of each of ITEMS, hash tables of `%evidence`, its author and its vector."""
    author, vector = _key("author"), _key("vector")
    return [item.values[author] for item in items], [item.values[vector] for item in items]


def scored(items: list[Any]) -> list[Any]:
    """Evidence as the kernels know it, out of the hash tables of `%evidence`; `origin` is the table."""
    from chorus.kernels.answer.evidence import Candidate, Evidence

    made = []
    keys = [_key(name) for name in _SCORED]
    for item in items:
        row = dict(zip(_SCORED, map(item.values.get, keys), strict=True))
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
