"""What is tried for whom: the tree's own learner in a session, and the simple ways to learn beside it."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from answers import Answers
from edits import Edit, Field
from people import Person

from chorus import Capabilities, Session


@dataclass
class Turn:
    """One rated turn: PROBABILITIES of what was chosen, setting by setting."""

    person: Person
    question: int
    arm: int
    probabilities: Sequence[float]
    rating: float


class Way(Protocol):
    """A way to learn: which arm each of some people is given, and what their ratings teach."""

    def choose(
        self, people: Sequence[Person], questions: Sequence[int]
    ) -> list[tuple[int, Sequence[float]]]: ...
    def take(self, turns: Sequence[Turn]) -> None: ...
    def close(self) -> None: ...


class Fixed:
    """The same arm for all: no learning, or what somebody else has learned."""

    def __init__(self, table: Answers, arm: int = 0) -> None:
        self.arm, self.sure = arm, [1.0] * len(table.names)

    def choose(self, people: Sequence[Person], questions: Sequence[int]) -> list[tuple[int, Sequence[float]]]:
        return [(self.arm, self.sure)] * len(people)

    def take(self, turns: Sequence[Turn]) -> None:
        pass

    def close(self) -> None:
        pass


# Turns go in as lists of texts and numbers, and become the rows that `rated-turns` gives.
BRIDGE = """
(define sim-turns '())
(define (sim-value text) (call-with-port (open-input-string text) read))
(define (sim-take! rows)
  (for-each
    (lambda (row)
      (let* ((names explored-settings) (number (+ 1 (length sim-turns))))
        (set! sim-turns
              (cons {:turn number :at number :developer (list-ref row 0) :kind (string->symbol (list-ref row 1))
                     :persona "everyone" :choices (map cons names (map sim-value (list-ref row 2)))
                     :propensities (map cons names (list-ref row 3)) :rating (list-ref row 4) :weight 1.0
                     :refused (list-ref row 5) :form (list-ref row 6) :proposal #f}
                    sim-turns))))
    rows)
  (learn :from (reverse sim-turns))
  #t)
(define (sim-context who kind)
  {:kind (string->symbol kind) :persona "everyone" :developer who :turn (+ 1 (length sim-turns))})
(define (sim-choose developers kinds seeds)
  (map (lambda (who kind seed)
         (random-seed! seed)
         (map (lambda (each) (list (symbol->string (car each)) (format "~s" (cadr each)) (caddr each)))
              (decide-settings (sim-context who kind))))
       developers kinds seeds))
(define (sim-chances who kind)
  (map (lambda (row)
         (list (symbol->string (car row)) (map (lambda (value) (format "~s" value)) (cadr row)) (caddr row)))
       (chances-in (sim-context who kind))))
"""
KINDS = {"opinion": "attitude", "fact": "fact"}  # as the tree calls them
LEVELS = {  # of the tree's learner
    "team": {"L2": "on", "L3": "on"},
    "per-developer": {"L2": "on", "L3": "off"},
    "pooled": {"L2": "off", "L3": "off"},
}


class Learner:
    """The learner of the tree with some of its LEVELS, in a session of its own without a workspace.

    What is tried for somebody is drawn from dice of their own, so the same turn of the same person draws alike
    whoever else is in the team: differences between ways, and between teams, are paired.
    """

    def __init__(self, table: Answers, levels: str, seed: int) -> None:
        self.table, self.seed, self.asked = table, seed, Counter[str]()
        self.session = Session(allow=Capabilities.all())
        self.session.eval(BRIDGE)
        self.session.eval(f"(define-values () (values)) (set! explored-settings '({' '.join(table.names)}))")
        self.session.eval(f"(explore! #t) (random-seed! {seed})")
        for level, state in LEVELS[levels].items():
            self.session.eval(f"(level! '{level} '{state})")
        self.session.eval("(learn :from '())")

    def choose(self, people: Sequence[Person], questions: Sequence[int]) -> list[tuple[int, Sequence[float]]]:
        kinds = [KINDS[one.kinds[question]] for one, question in zip(people, questions, strict=True)]
        names = [one.name for one in people]
        made = self.session.eval(
            "(sim-choose names kinds seeds)", names=names, kinds=kinds, seeds=self._seeds(names)
        )
        return [
            (self.table.arm({name: value for name, value, _ in each}), [float(p) for *_, p in each])
            for each in made
        ]

    def _seeds(self, names: Sequence[str]) -> list[int]:
        """Of the dice for the next turn of each of NAMES."""
        self.asked.update(names)
        return [
            random.Random(f"dice {self.seed} {name} {self.asked[name]}").getrandbits(31) for name in names
        ]

    def expected(self, person: Person) -> float:
        """What PERSON is given now is worth to them, over all that might be drawn."""
        rows = self.session.eval("(sim-chances who kind)", who=person.name, kind=KINDS[person.kinds[0]])
        chances = {name: dict(zip(values, map(float, each), strict=True)) for name, values, each in rows}
        drawn = [
            math.prod(chances[name][value] for name, value in zip(self.table.names, arm, strict=True))
            for arm in self.table.arms
        ]
        return float(np.array(drawn) @ person.value)

    def take(self, turns: Sequence[Turn]) -> None:
        rows = [
            [one.person.name, KINDS[one.person.kinds[one.question]], list(self.table.arms[one.arm]),
             list(one.probabilities), one.rating, self.table.see(one.question, one.arm).refused,
             self.table.questions[one.question]["question"]]
            for one in turns
        ]  # fmt: skip
        self.session.eval("(sim-take! rows)", rows=rows)

    def close(self) -> None:
        self.session.close()


def climbed(field: Field, table: Answers, ratings: int, how: str, seed: int) -> int:
    """The arm that edits of one setting lead to, each taken if HOW (holdout or minibatch) accepts, until RATINGS are
    spent; a holdout's ratings of what is in force are kept.
    """
    dice = random.Random(f"climb {seed}")
    price = {"holdout": len(field.holdout), "minibatch": 6}[how]
    accepts = {"holdout": field.holdout_accepts, "minibatch": field.minibatch_accepts}[how]
    arm = 0
    for _ in range(ratings // price):
        at = dice.randrange(len(table.names))
        value = dice.choice([each for each in table.values[at] if each != table.arms[arm][at]])
        new = table.arm(table.choices(arm) | {table.names[at]: value})
        if accepts(Edit(arm, new, 0.0)):
            arm = new
    return arm
