"""Planted edits of which it is known what they are worth, and what decides about them: the gate, and what others do.

An edit is a pair of arms, old and new. What it is worth is exact: the mean over people and questions of what the new
arm is worth to them, less the old one's. Some edits change nothing that can be seen.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from people import Person

MOST_PAIRS = 800
GAIN = (0.095, 0.105)  # a planted gain: ten points
NO_GAIN = (-0.05, 0.0)
ROUNDING = 1e-9
HOLDOUT, MINIBATCH = 100, 3


@dataclass(frozen=True)
class Edit:
    old: int
    new: int
    worth: float  # true gain

    @property
    def good(self) -> bool:
        return self.worth > 0


@dataclass
class Pair:
    """A fresh paired difference and who gave it to which question."""

    difference: float
    person: Person
    question: int


class Field:
    """People who are shown both sides of edits."""

    def __init__(self, people: Sequence[Person], seed: int) -> None:
        self.people, self.dice = people, random.Random(f"field {seed}")
        self.worth = np.mean([one.worth.mean(axis=0) for one in people], axis=0)
        kinds = np.array(people[0].kinds)
        self.by_kind = [
            np.mean([one.worth[kinds == kind].mean(axis=0) for one in people], axis=0)
            for kind in sorted(set(kinds))
        ]
        self.questions = len(kinds)
        self.holdout = [self._context() for _ in range(HOLDOUT)]

    def _context(self) -> tuple[Person, int]:
        return self.dice.choice(self.people), self.dice.randrange(self.questions)

    def plant(self, count: int, low: float, high: float) -> list[Edit]:
        """COUNT edits whose true gain lies from LOW to HIGH; a gain harms no kind of question."""
        gains = self.worth[None, :] - self.worth[:, None]  # [old, new]
        fit = (gains >= low) & (gains <= high) & ~np.eye(len(gains), dtype=bool)
        if low > 0:
            for worth in self.by_kind:
                fit &= worth[None, :] >= worth[:, None] - ROUNDING
        fits = np.argwhere(fit)
        if not len(fits):
            raise ValueError(f"no edit of these people gains from {low} to {high}")
        drawn = (fits[self.dice.randrange(len(fits))] for _ in range(count))
        return [Edit(int(old), int(new), float(gains[old, new])) for old, new in drawn]

    def plant_nothing(self, count: int) -> list[Edit]:
        """COUNT edits after which every answer is what it was."""
        arms = [self.dice.randrange(len(self.worth)) for _ in range(count)]
        return [Edit(arm, arm, 0.0) for arm in arms]

    def pairs(self, edit: Edit, count: int = MOST_PAIRS) -> Iterator[Pair]:
        """COUNT fresh differences, each of somebody drawn by lot."""
        for _ in range(count):
            person, question = self._context()
            yield Pair(person.rate(question, edit.new) - person.rate(question, edit.old), person, question)

    def epoch(self, good: int, without: int) -> list[Edit]:
        """GOOD planted gains among WITHOUT others, half of which nobody can see, in any order."""
        made = self.plant(good, *GAIN) + self.plant_nothing(without // 2)
        made += self.plant(without - without // 2, *NO_GAIN)
        self.dice.shuffle(made)
        return made

    # — what others do —

    def holdout_accepts(self, edit: Edit) -> bool:
        """Greedy: the mean on a holdout that all edits share went up at all."""
        new = sum(person.rate(question, edit.new) for person, question in self.holdout)
        old = sum(person.rate(question, edit.old) for person, question in self.holdout)
        return new > old

    def minibatch_accepts(self, edit: Edit) -> bool:
        """Strictly better on three fresh cases."""
        return sum(pair.difference for pair in self.pairs(edit, MINIBATCH)) > 0
