"""Teams that ask and rate, round after round: regret of those who come last, and what a few who mean harm cost."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from learners import Turn, Way
from people import Person

VETERANS, NEW = 10, 4  # people of a team who were there before, and who come then
BEFORE, INTERACTIONS = 50, 100  # turns of each


@dataclass
class Team:
    """People who were there, and people who come; the questions each asks are the same under any way of learning."""

    seed: int
    veterans: list[Person]
    newcomers: list[Person]
    regret: dict[str, np.ndarray] = field(
        default_factory=dict
    )  # f64[interactions], the sum over newcomers' means

    def questions(self, who: int, count: int) -> list[int]:
        dice = random.Random(f"questions {self.seed} {who}")
        return [dice.randrange(len(self.veterans[0].kinds)) for _ in range(count)]


def phase(way: Way, people: Sequence[Person], asked: Sequence[Sequence[int]], start: int = 0) -> np.ndarray:
    """Rounds in which each of PEOPLE asks what is ASKED next: i64[people, rounds], the arms that were chosen."""
    arms = np.empty((len(people), len(asked[0])), np.int64)
    for at in range(arms.shape[1]):
        questions = [each[at] for each in asked]
        chosen = way.choose(people, questions)
        arms[:, at] = [arm for arm, _ in chosen]
        way.take(
            [
                Turn(person, question, arm, p, person.rate(question, arm, start + at))
                for person, question, (arm, p) in zip(people, questions, chosen, strict=True)
            ]
        )
    return arms


def warmed(team: Team, way: Way, turns: int = BEFORE) -> np.ndarray:
    """The veterans' turns."""
    return phase(way, team.veterans, [team.questions(i, turns) for i in range(len(team.veterans))])


def newcomers(team: Team, way: Way, turns: int = INTERACTIONS) -> np.ndarray:
    """f64[newcomers, turns]: what each turn lost against the one arm that is best for that person."""
    first = len(team.veterans)
    asked = [team.questions(first + i, turns) for i in range(len(team.newcomers))]
    arms = phase(way, team.newcomers, asked)
    lost = []
    for person, questions, chosen in zip(team.newcomers, asked, arms, strict=True):
        best = int(person.value.argmax())
        lost.append(
            [person.worth[q, best] - person.worth[q, arm] for q, arm in zip(questions, chosen, strict=True)]
        )
    return np.array(lost)


def standing(way: Way, people: Sequence[Person], draws: int = 20) -> float:
    """What the arms that are given to PEOPLE now are worth to them, on the mean of DRAWS."""
    worth = []
    for _ in range(draws):
        chosen = way.choose(people, [0] * len(people))
        worth += [person.value[arm] for person, (arm, _) in zip(people, chosen, strict=True)]
    return float(np.mean(worth))
