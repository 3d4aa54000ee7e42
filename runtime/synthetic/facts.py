"""Planted answers: concrete things that some know and others ask; and questions that nothing answers."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from importlib.resources import files

from chorus.runtime.synthetic.phrase import Node, World, expand, parse

# Facts and wordings by what the names of their files end in: those of development, each set kept for evaluation until
# something was chosen on it, and sets of development written later. On NEWEST_KEPT nothing was chosen.
KEPT_SETS = ("", "-reserved", "-reserved-2", "-reserved-3", "-4", "-5")
NEWEST_KEPT = KEPT_SETS.index("-reserved-3")


@dataclass
class Fact:
    """One thing that can be asked. ASK: its plain question; NEAR: same words, no answer anywhere."""

    key: str
    questions: list[Node] = field(default_factory=list)
    answers: list[Node] = field(default_factory=list)
    mentions: list[Node] = field(default_factory=list)
    ask: str = ""
    near: str = ""
    answer: str = ""
    bound: dict[str, str] = field(default_factory=dict)


def load_facts(reserved: int = 0) -> tuple[list[Fact], list[str]]:
    """The facts of `phrases/facts.txt`, and the questions on subjects that the community never touches; where RESERVED,
    those of that one of KEPT_SETS.
    """
    facts: list[Fact] = []
    untouched: list[str] = []
    for line in phrase_lines("facts", reserved):
        if line.startswith("== "):
            facts.append(Fact(line[3:].strip()))
        elif line.strip() and not line.startswith("#"):
            kind, _, text = line.partition(": ")
            _take(facts[-1] if facts else Fact(""), untouched, kind, text)
    return facts, untouched


def phrase_lines(name: str, reserved: int) -> list[str]:
    """The lines of the phrase file NAME, or, where RESERVED, of that one of KEPT_SETS beside it."""
    file = files(__package__).joinpath("phrases", f"{name}{KEPT_SETS[reserved]}.txt")
    return file.read_text(encoding="utf-8").splitlines()


def _take(fact: Fact, untouched: list[str], kind: str, text: str) -> None:
    match kind:
        case "q":
            fact.questions.append(parse(text))
        case "a":
            fact.answers.append(parse(text))
        case "m":
            fact.mentions.append(parse(text))
        case "ask" | "near" | "answer":
            setattr(fact, kind, text)
        case "untouched":
            untouched.append(text)
        case _:
            raise ValueError(f"facts.txt: {kind!r} is none of q a m ask near answer untouched")


def choose_facts(
    rng: random.Random, world: World, messages: int, reserved: int = 0
) -> tuple[list[Fact], list[str]]:
    """As many facts as a community of this size can bear, each with its own places and names fixed."""
    facts, untouched = load_facts(reserved)
    chosen = rng.sample(facts, min(len(facts), max(4, messages // 150)))
    for fact in chosen:
        for name in ("ask", "answer", "near"):
            setattr(fact, name, expand(parse(getattr(fact, name)), world, rng, fact.bound))
    return chosen, untouched
