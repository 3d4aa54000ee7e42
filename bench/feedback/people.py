"""Simulated people before the table of answers: what each arm is worth to them, and the ratings they give."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from answers import Answers

from chorus.runtime.synthetic.developers import Developer

FACT = "fact"


class Person:
    """A developer who asks the questions of a table."""

    def __init__(self, developer: Developer, table: Answers) -> None:
        self.developer, self.table = developer, table
        self.name = developer.name
        self.kinds = [one["kind"] if one["kind"] == "opinion" else FACT for one in table.questions]

        self._met: dict[tuple[int, int], float] = {}

    @cached_property
    def worth(self) -> np.ndarray:
        """f64[questions, arms]: the honest rating to be expected, before any change of mind."""
        return self.worth_at(0)

    def worth_at(self, at: int) -> np.ndarray:
        """The same at the interaction AT."""
        made = []
        for kind, row, which in zip(self.kinds, self.table.shown, self.table.which, strict=True):
            worth = np.array([self.developer.worth(shown, kind, at) for shown in row])
            made.append(worth[which])
        return np.array(made)

    @cached_property
    def value(self) -> np.ndarray:
        """f64[arms]: the worth of an arm whatever is asked."""
        return self.worth.mean(axis=0)

    def rate(self, question: int, arm: int, at: int = 0) -> float:
        """A rating as [0, 1]."""
        one, shown, kind = self.developer, self.table.see(question, arm), self.kinds[question]
        if one.manner != "honest" or at >= one.drifts:
            return (one.rate(shown, kind, at, self.table.choices(arm)) - 1) / 4
        place = (question, arm)
        if place not in self._met:
            self._met[place] = one.content(shown, kind)
        return (one.grade(self._met[place]) - 1) / 4


def people(developers: Sequence[Developer], table: Answers) -> list[Person]:
    return [Person(one, table) for one in developers]


def values(group: Sequence[Person]) -> np.ndarray:
    """f64[people, arms]."""
    return np.array([one.value for one in group])
