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

    @cached_property
    def worth(self) -> np.ndarray:
        """f64[questions, arms]: the honest rating to be expected, before any change of mind."""
        return self._worth(0)

    @cached_property
    def worth_later(self) -> np.ndarray:
        """The same when a change of mind is over."""
        return self._worth(10**6)

    def _worth(self, at: int) -> np.ndarray:
        made = np.empty((len(self.table.questions), len(self.table.arms)))
        for question, row in enumerate(self.table.shown):
            known: dict[str, float] = {}
            for arm, shown in enumerate(row):
                key = repr(shown)
                if key not in known:
                    known[key] = self.developer.worth(shown, self.kinds[question], at)
                made[question, arm] = known[key]
        return made

    @cached_property
    def value(self) -> np.ndarray:
        """f64[arms]: the worth of an arm whatever is asked."""
        return self.worth.mean(axis=0)

    def rate(self, question: int, arm: int, at: int = 0) -> float:
        """A rating as [0, 1]."""
        shown = self.table.shown[question][arm]
        return (self.developer.rate(shown, self.kinds[question], at, self.table.choices(arm)) - 1) / 4


def people(developers: Sequence[Developer], table: Answers) -> list[Person]:
    return [Person(one, table) for one in developers]


def values(group: Sequence[Person]) -> np.ndarray:
    """f64[people, arms]."""
    return np.array([one.value for one in group])
