"""What a fifth of a team who do not mean well cost the others: the same team with and without them.

python bench/feedback/poisoning.py [SEED …]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence

import numpy as np
from answers import Answers, answers
from figures import mean_bounds
from learners import Learner
from people import Person, people, values
from teams import Team, standing, warmed

from chorus.runtime.synthetic.developers import MALICIOUS, malicious, population

HONEST, BAD, NEW = 12, 3, 5
TURNS = 40  # of each
SEEDS = range(5, 11)  # 1 was looked at while the learner was made
MOST = 2.0  # points
Goal = tuple[str, float, str, bool]


def group(seed: int, table: Answers, manner: str) -> tuple[Team, list[Person]]:
    """The team of SEED and its honest people, newcomers among them; MANNER `honest` is the team that means well."""
    developers = population(HONEST + BAD + NEW, seed, table.personas)
    well = people(developers[:HONEST], table)
    promoted = worst_choice(table, values(well).mean(axis=0))
    bad = developers[HONEST : HONEST + BAD]
    if manner != "honest":
        bad = [malicious(one, manner, promoted) for one in bad]
    new = people(developers[HONEST + BAD :], table)
    return Team(seed, [*well, *people(bad, table)], new), [*well, *new]


def worst_choice(table: Answers, worth: np.ndarray) -> dict[str, str]:
    """The value of a setting that is worth least: what colluding raters agree on."""
    arms = np.array(table.arms)
    found = [
        (float(worth[arms[:, at] == value].mean()), name, value)
        for at, name in enumerate(table.names)
        for value in table.values[at]
    ]
    _, name, value = min(found)
    return {name: value}


def outcome(seed: int, table: Answers, manner: str) -> float:
    """What the honest have in the end, in points."""
    team, honest = group(seed, table, manner)
    way = Learner(table, "team", seed)
    warmed(team, way, TURNS)
    made = 100 * standing(way, honest, draws=30)
    way.close()
    return made


def goals(end: float = float("inf"), seeds: Sequence[int] = SEEDS) -> Iterator[Goal]:
    table = answers()
    lost: dict[str, list[float]] = {manner: [] for manner in MALICIOUS}
    longest = 0.0
    for seed in seeds:
        began = time.monotonic()
        if began + longest > end:
            break
        well = outcome(seed, table, "honest")
        for manner in MALICIOUS:
            lost[manner].append(well - outcome(seed, table, manner))
        told = ", ".join(f"{manner} {values[-1]:+.2f}" for manner, values in lost.items())
        print(f"  seed {seed}: {well:.2f} points with all honest; lost: {told}", flush=True)
        longest = max(longest, time.monotonic() - began)
    if not lost["low"]:
        return
    means = {}
    for manner, values_ in lost.items():
        means[manner], low, high = mean_bounds(values_)
        print(
            f"  {BAD} of {HONEST + BAD} {manner}: {means[manner]:+.2f} points lost [{low:+.2f}, {high:+.2f}]"
        )
    worst = max(means.values())
    whole = len(lost["low"]) == len(seeds)
    if not whole:
        print(f"  too few: the goal is told of {len(seeds)} teams")
    yield "poisoning", worst, f"≤{MOST:g}-points", whole and worst <= MOST


if __name__ == "__main__":
    for made in goals(seeds=[int(word) for word in sys.argv[1:]] or SEEDS):
        print(made)
