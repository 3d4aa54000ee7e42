"""What a fifth of a team who do not mean well cost the others: the same team with and without them.

    python bench/feedback/poisoning.py [SEED …]

The honest ask the same questions, draw from the same dice and rate with the same noise in both; what they are given in
the end is reckoned over all that might be drawn. So what is left of chance is what the team's own differs by.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from answers import Answers, answers
from figures import mean_bounds
from learners import Learner
from people import Person, people, values
from teams import Team, warmed

from chorus.runtime.synthetic.developers import MALICIOUS, malicious, population

HONEST, BAD, NEW = 12, 3, 5
TURNS = 40  # of each
# Up to 28 were looked at while the learner was made, 900 and more tune. Of 8 the mean is uncertain by four points.
SEEDS = range(29, 61)
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
    made = 100 * float(np.mean([way.expected(person) for person in honest]))
    way.close()
    return made


def pieces() -> list[int]:
    return list(SEEDS)


def piece(name: str) -> dict[str, float]:
    """Manner → what the honest of the team of the seed NAME have in the end."""
    made = {manner: outcome(int(name), answers(), manner) for manner in ("honest", *MALICIOUS)}
    told = ", ".join(f"{manner} {made['honest'] - made[manner]:+.2f}" for manner in MALICIOUS)
    print(f"  seed {name}: {made['honest']:.2f} points with all honest; lost: {told}", flush=True)
    return made


def goals(done: Mapping[str, Mapping[str, float]], seeds: Sequence[int] = SEEDS) -> Iterator[Goal]:
    means = {}
    for manner in MALICIOUS:
        means[manner], low, high = mean_bounds([one["honest"] - one[manner] for one in done.values()])
        print(
            f"  {BAD} of {HONEST + BAD} {manner}: {means[manner]:+.2f} points lost [{low:+.2f}, {high:+.2f}]"
        )
    worst = max(means.values())
    whole = len(done) == len(seeds)
    if not whole:
        print(f"  too few: the goal is told of {len(seeds)} teams")
    yield "poisoning", worst, f"≤{MOST:g}-points", whole and worst <= MOST


if __name__ == "__main__":
    asked = [int(word) for word in sys.argv[1:]] or list(SEEDS)
    for made in goals({str(seed): piece(str(seed)) for seed in asked}, asked):
        print(made)
