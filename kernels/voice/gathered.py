"""What was gathered of a workspace, as voices learn from it; and the training of a voice for each persona."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from chorus.kernels.voice.lines import LONGEST, Line, Row, Words, rows_of
from chorus.kernels.voice.personas import (
    BASE,
    RANK,
    Confusion,
    confusion,
    costs_by,
    is_held_out,
    train_voice,
)
from chorus.kernels.voice.training import ADAPTER, steps_of
from chorus.runtime.errors import EvalError
from chorus.runtime.values import HashTable, Keyword

if TYPE_CHECKING:
    from chorus.kernels.voice.contrast import Pair

People = tuple[str, str, list[str]]  # a persona's key, name and authors


@dataclass(frozen=True)
class Gathered:
    """Messages side by side: texts, authors, what they answer, their threads and marks."""

    texts: list[str]
    authors: list[str]
    contexts: list[str]
    context_authors: list[str]
    threads: list[str]
    marks: np.ndarray  # i64[n]
    context_marks: np.ndarray  # i64[n], 0 where nothing is answered

    @classmethod
    def of(cls, heard: HashTable) -> Gathered:
        """From the table that `%voice-heard` gives."""
        texts, authors, *rest = (
            [str(each) for each in heard.get(Keyword(name), ())]
            for name in ("texts", "authors", "contexts", "context-authors", "threads")
        )
        contexts, whose, threads = (each or [""] * len(texts) for each in rest)
        marks = (heard.get(Keyword(name), None) for name in ("marks", "context-marks"))
        none = np.zeros(len(texts), np.int64)
        return cls(
            texts, authors, contexts, whose, threads, *(none if m is None else np.asarray(m) for m in marks)
        )

    def __len__(self) -> int:
        return len(self.texts)

    def where(self, wanted: Callable[[str], bool]) -> list[int]:
        """Places of the messages whose author is WANTED."""
        return [at for at, author in enumerate(self.authors) if wanted(author)]

    def marks_of(self, places: Sequence[int]) -> np.ndarray:
        """The marks of the messages at PLACES, and of what they answer: that is only read, but may leave a trace."""
        at = np.array(places, np.int64)
        return np.setdiff1d([*self.marks[at], *self.context_marks[at]], [0]).astype(np.int64)

    def rows(self, words: Words, seed: int, longest: int = LONGEST) -> list[Row]:
        """All messages as rows; what a held-out author said is no context of others' messages."""
        lines = [
            Line(text, author, "" if is_held_out(whose, seed) and not is_held_out(author, seed) else context)
            for text, author, context, whose in zip(
                self.texts, self.authors, self.contexts, self.context_authors, strict=True
            )
        ]
        return rows_of(lines, words, min(longest, LONGEST))

    def pairs(self) -> tuple[list[Pair], list[int]]:
        """The replies with what they answer, and their places."""
        from chorus.kernels.voice.contrast import Pair

        places = [at for at, context in enumerate(self.contexts) if context]
        return [Pair(self.contexts[at], self.texts[at], self.threads[at]) for at in places], places


def voices_of(
    ctx: Any,
    opened: HashTable,
    heard: HashTable,
    people: Sequence[People],
    seed: int,
    least: int,
    rank: int | None = None,
    passes: int | None = None,
) -> tuple[list[Any], dict[str, Any], np.ndarray]:
    """(the voices of PEOPLE as parts, what is said of them, the marks of what they learnt on)."""
    from chorus.kernels.voice.at_hand import at_hand

    base, served = at_hand(ctx, opened)
    plan = replace(ADAPTER, seed=seed, passes=passes or ADAPTER.passes)
    said = Gathered.of(heard)
    ctx.charge(plan.passes * sum(map(len, said.texts)), 4000 * len(said))
    rows = said.rows(base.words, seed, base.longest)
    persona = {author: key for key, _, authors in people for author in authors}
    mine: dict[str, list[int]] = {key: [] for key, _, _ in people}
    for at in said.where(lambda author: author in persona and not is_held_out(author, seed)):
        mine[persona[said.authors[at]]].append(at)
    voiced = [(key, name) for key, name, _ in people if len(mine[key]) >= least]
    if len(voiced) < 2:
        raise EvalError(
            f"train-voices!: {len(voiced)} of the personas have {least} messages or more; two are needed",
            code="too-little",
            hint="ingest more messages",
        )
    held = said.where(lambda author: author in persona and is_held_out(author, seed))
    held = [at for at in held if persona[said.authors[at]] in dict(voiced)]
    with ctx.working("training voices") as bar:
        bar.total = sum(steps_of([rows[at] for at in mine[key]], plan) for key, _ in voiced)
        adapters = [
            train_voice(served, name, [rows[at] for at in mine[key]], rank or RANK, plan, bar.advance)
            for key, name in voiced
        ]
        nats = costs_by(served, adapters, [rows[at] for at in held], ctx.check)
    found = confusion(
        nats,
        [rows[at] for at in held],
        [persona[said.authors[at]] for at in held],
        [said.authors[at] for at in held],
        [key for key, _ in voiced],
        seed,
    )
    parts = [
        (
            key,
            {name: part.numpy() for name, part in adapter.tensors().items()},
            adapter.about() | {"kind": "voice"},
        )
        for (key, _), adapter in zip(voiced, adapters, strict=True)
    ]
    left = [name for key, name, _ in people if key not in dict(voiced)]
    about = reported(found, dict(voiced)) | {
        "left-out": left,
        "learnt-on": {name: len(mine[key]) for key, name in voiced},
        "rank": rank or RANK,
        "passes": plan.passes,
        "seed": seed,
    }
    return parts, about, said.marks_of([at for key, _ in voiced for at in mine[key]])


def reported(found: Confusion, names: dict[str, str]) -> dict[str, Any]:
    """The confusion FOUND as plain data, personas by their NAMES."""
    called = names | {BASE: BASE}
    share = found.own_best
    right = [own.right for own in found.own.values()]
    rows = [
        {
            "persona": names[key],
            "best": called[own.best],
            "messages": own.messages,
            "authors": own.authors,
            "lead": own.lead,
            "by-message": own.by_message,
            "sure": own.sure,
            "right": own.right,
        }
        for key, own in found.own.items()
    ]
    hits = sum(key == own.best for key, own in found.own.items())
    return {
        "reading": f"{hits} of {len(found.own)} personas are foretold best by their own voice "
        f"({100 * share.value:.0f} %, 95 % between {100 * share.low:.0f} and {100 * share.high:.0f}), "
        f"{sum(own.sure for own in found.own.values())} of them by more than luck",
        "own-best": share,
        "message-accuracy": float(np.mean(right)) if right else 0.0,
        "chance": 1 / max(len(found.names), 1),
        "personas": rows,
        "columns": [BASE, *(names[key] for key in found.names)],
        "perplexity": [[names[key], *cells] for key, cells in found.cells.items()],
    }
