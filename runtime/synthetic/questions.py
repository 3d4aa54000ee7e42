"""Questions with known answers, and as many without one, made by rule from what a community was planted with.

Nothing here knows how Chorus answers; the words are those of `phrases/questions.txt`, or,
in a community kept for evaluation, those of its set (KEPT_SETS). A row is what
`evaluate-answers` reads: the question, who is asked, in which span of time, whether an answer is there, and the
ids of the messages that say it (`for`) or its opposite (`against`).
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from chorus.runtime.synthetic.clock import DAY, utc
from chorus.runtime.synthetic.facts import Fact, phrase_lines
from chorus.runtime.synthetic.phrase import expand, parse

if TYPE_CHECKING:
    from chorus.runtime.synthetic.community import Community

ASKED_OF_ALL = 2  # wordings of a fact that everyone is asked
LEAST_SAID, LEAST_AUTHORS, LEAST_STANCE = 4, 3, 0.4  # what makes a persona's stance a planted answer
MARGIN = 3 * DAY  # that a span of time keeps from what it is to hold, or to leave out
WAYS = {"more": 1, "less": -1}


class Told(NamedTuple):
    """A message that says something that was planted."""

    id: str
    at: float
    author: str
    persona: str
    subject: str
    stance: float  # 0: an answer to the fact that SUBJECT names
    intent: str


@dataclass
class Wording:
    """The lines under one heading of `questions.txt`, by their marks; lines without one are `plain`."""

    lines: dict[str, list[str]] = field(default_factory=dict)

    def __getitem__(self, mark: str) -> list[str]:
        return self.lines.get(mark, [])


MARKS = ("ask", "not", "presumes", "more", "less")
Row = dict[str, Any]


def load_wordings(reserved: int = 0) -> dict[str, Wording]:
    """Heading → its lines."""
    made: dict[str, Wording] = {}
    for line in phrase_lines("questions", reserved):
        if line.startswith("== "):
            current = made.setdefault(line[3:].strip(), Wording())
        elif line.strip() and not line.startswith("#"):
            mark, colon, rest = line.partition(": ")
            kind, said = (mark, rest) if colon and mark in MARKS else ("plain", line)
            current.lines.setdefault(kind, []).append(said)
    return made


def write_questions(path: Path, community: Community, told: Sequence[Told]) -> int:
    """Write the labelled questions as JSON Lines; how many. Half of them have no answer."""
    rng = random.Random(community.seed + 2)
    made = Asker(community, told, rng)
    with_answer, without = list(made.answerable()), list(made.unanswerable())
    count = min(len(with_answer), len(without))
    rows = [*_spread(rng, with_answer, count), *_spread(rng, without, count)]
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for number, row in enumerate(rows, 1):
            file.write(json.dumps({"id": f"q{number}"} | row, ensure_ascii=False) + "\n")
    return len(rows)


def _spread(rng: random.Random, rows: list[Row], count: int) -> list[Row]:
    """COUNT of ROWS, drawn by kind in turn, so that no kind of question is lost."""
    kinds: dict[str, list[Row]] = {}
    for row in rows:
        kinds.setdefault(row["kind"], []).append(row)
    for group in kinds.values():
        rng.shuffle(group)
    turns = [row for at in range(len(rows)) for group in kinds.values() for row in group[at : at + 1]]
    return turns[:count]


class Asker:
    """Makes the rows of one community."""

    def __init__(self, community: Community, told: Sequence[Told], rng: random.Random) -> None:
        self.community, self.rng = community, rng
        self.wordings = load_wordings(community.reserved)
        self.answers: dict[str, list[Told]] = {}
        self.opinions: dict[tuple[str, str], list[Told]] = {}
        for one in told:
            if one.stance:
                self.opinions.setdefault((one.persona, one.subject), []).append(one)
            else:
                self.answers.setdefault(one.subject, []).append(one)
        self.members = {key: [a.id for a in group] for key, group in community.players.items()}
        self.facts = [fact for fact in community.facts if fact.key in self.answers]

    def answerable(self) -> Iterator[Row]:
        """Questions that some message answers."""
        for fact in self.facts:
            ids = self._ids(fact)
            asks = self._said(fact, "ask")
            for text in [fact.ask, *asks][: ASKED_OF_ALL + 1]:
                yield self._row(text, "fact", ids)
            yield self._row(self.rng.choice(asks), "fact-in-time", ids, **self._span_with(fact))
            persona = self.rng.choice(sorted({one.persona for one in self.answers[fact.key]}))
            own = [one.id for one in self.answers[fact.key] if one.persona == persona]
            yield self._row(self.rng.choice([fact.ask, *asks]), "fact-of-persona", own, persona=persona)
        yield from self._opinion_rows()

    def _opinion_rows(self) -> Iterator[Row]:
        for persona in self.community.personas:
            for subject, stance in persona.stance.items():
                said = self.opinions.get((persona.key, subject), [])
                side = [one for one in said if one.stance * stance > 0]
                if len({one.author for one in side}) < LEAST_AUTHORS or len(side) < LEAST_SAID:
                    continue
                for mark in WAYS if abs(stance) >= LEAST_STANCE else ():
                    text = self.rng.choice(self.wordings[f"opinion {subject}"][mark])
                    way = WAYS[mark]
                    yield self._row(
                        text, "opinion", [one.id for one in said if one.stance * way > 0], persona=persona.key,
                        against=[one.id for one in said if one.stance * way < 0], expected=way * stance,
                    )  # fmt: skip

    def unanswerable(self) -> Iterator[Row]:
        """Questions that no message answers, most of them near one that some message does."""
        for fact in self.facts:
            yield self._row(fact.near, "near-miss")
            for text in self._said(fact, "not"):
                yield self._row(text, "near-miss")
            for text in self._said(fact, "presumes"):
                yield self._row(text, "false-presupposition")
            asks = [fact.ask, *self._said(fact, "ask")]
            apart = [key for key in self.members if not self._knows(key, fact)]
            if apart:
                yield self._row(self.rng.choice(asks), "wrong-persona", persona=self.rng.choice(apart))
            span = self._span_without(fact)
            if span:
                yield self._row(self.rng.choice(asks), "wrong-time", **span)
        for thing in self.wordings["never"]["plain"]:
            text = self.rng.choice(self.wordings["never-asked"]["plain"]).replace("{thing}", thing)
            yield self._row(text, "never-spoken-of", persona=self.rng.choice([None, *self.members]))
        for text in self.community.untouched:
            yield self._row(text, "never-spoken-of")
        for text in self.wordings["crossed"]["plain"]:
            yield self._row(text, "wrong-feature", persona=self.rng.choice([None, *self.members]))

    # -- parts of a row -------------------------------------------------------------------------------------

    def _row(
        self, question: str, kind: str, ids: Sequence[str] = (), *, persona: str | None = None,
        against: Sequence[str] = (), **more: Any,
    ) -> Row:  # fmt: skip
        row: Row = {
            "question": question,
            "kind": kind,
            "answerable": bool(ids or against),
            "persona": persona or "everyone",
        }
        if persona:
            row["authors"] = self.members[persona]
        return row | more | {"for": list(ids), "against": list(against)}

    def _said(self, fact: Fact, mark: str) -> list[str]:
        lines = self.wordings[fact.key][mark]
        return [expand(parse(line), self.community.world, self.rng, fact.bound) for line in lines]

    def _ids(self, fact: Fact) -> list[str]:
        return [one.id for one in self.answers[fact.key]]

    def _knows(self, persona: str, fact: Fact) -> bool:
        return any(one.persona == persona for one in self.answers[fact.key])

    def _span_with(self, fact: Fact) -> dict[str, str]:
        """A span that holds every answer to FACT."""
        times = [one.at for one in self.answers[fact.key]]
        return {"since": utc(min(times) - MARGIN), "until": utc(max(times) + MARGIN)}

    def _span_without(self, fact: Fact) -> dict[str, str] | None:
        """The longest span that holds no answer to FACT; None where that is short."""
        timeline = self.community.timeline
        times = sorted(one.at for one in self.answers[fact.key])
        edges = [timeline.start, *times, timeline.end]
        first, last = max(pairwise(edges), key=lambda pair: pair[1] - pair[0])
        if last - first < 4 * MARGIN:
            return None
        return {"since": utc(first + MARGIN), "until": utc(last - MARGIN)}
