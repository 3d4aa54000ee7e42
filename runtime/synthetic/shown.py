"""What a person sees of an answer: counted from its record and its text alone, whatever made it so.

Nothing here knows of settings, and the learner never sees a `Shown`: people judge what they read, learners what they
chose.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

ASKED = re.compile(r"\bto “[^”]*”: “", re.IGNORECASE)  # what a quotation answers, told before it
WORD = re.compile(r"[a-zà-ÿ']+", re.IGNORECASE)
ROUGH = re.compile(
    r"\b(lol|lmao|tbh|imo|ngl|fr|u|ur|pls|gonna|wanna|rn|idk|bruh|gg|dude|kinda|smh)\b|[^\w\s,.;:'’“”\"?!()-]|!!|\?\?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Shown:
    """One answer as it strikes its reader. Shares are of its quotations."""

    refused: bool = False
    due: bool = True  # whether the community's messages hold an answer
    quotes: float = 0.0
    words: float = 0.0  # a quotation, on the mean
    authors: float = 0.0
    other: float = 0.0  # share on the smaller side
    age: float = 0.0  # mean days since, at the community's last message
    falling: float = 0.0  # order in time: 1 newest first, −1 oldest first, 0 neither
    asked: float = 0.0  # share told after what they answer
    rough: float = 0.0  # share with slang, shouting, emoji
    alike: float = 0.0  # greatest share of words that two have in common
    borne: float = 0.0  # share that says what was planted about the matter
    circles: Mapping[str, float] = field(default_factory=dict)  # persona → share said by its people


@dataclass(frozen=True)
class Truth:
    """What is needed of a community's planted truth: who is of which persona, and its last day."""

    persona: Mapping[str, str | None]  # message → persona of its author
    end: dt.datetime


def see(answer: Mapping[str, Any], text: str, question: Mapping[str, Any], truth: Truth) -> Shown:
    """ANSWER (its JSON) and its TEXT as people see it, to a labelled QUESTION."""
    due = bool(question["answerable"])
    cited: Sequence[Mapping[str, Any]] = answer["citations"]
    if answer["refusal"] or not cited:
        return Shown(refused=True, due=due)
    count = len(cited)
    days = [(truth.end - dt.datetime.fromisoformat(c["timestamp"])).total_seconds() / 86400 for c in cited]
    planted = {*question["for"], *question["against"]}
    spoken = [set(WORD.findall(c["span"].lower())) for c in cited]
    sides = [c["side"] for c in cited if c["side"]]
    whose = [truth.persona.get(c["message-id"]) for c in cited]
    return Shown(
        due=due,
        quotes=count,
        words=sum(len(c["span"].split()) for c in cited) / count,
        authors=len({c["author"] for c in cited}),
        other=min(sides.count("for"), sides.count("against")) / count,
        age=sum(days) / count,
        falling=_order(days),
        asked=min(1.0, len(ASKED.findall(text)) / count),
        rough=sum(bool(ROUGH.search(c["span"])) for c in cited) / count,
        alike=max((len(a & b) / max(len(a | b), 1) for a, b in combinations(spoken, 2)), default=0.0),
        borne=sum(c["message-id"] in planted for c in cited) / count,
        circles={key: whose.count(key) / count for key in set(whose) if key},
    )


def _order(days: Sequence[float]) -> float:
    """Kendall's tau of place and age."""
    pairs = list(combinations(days, 2))
    return sum((a < b) - (a > b) for a, b in pairs) / len(pairs) if pairs else 0.0
