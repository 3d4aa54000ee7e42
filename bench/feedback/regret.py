"""What unseen developers lose in their first hundred interactions with a team's learner, against simpler ways.

python bench/feedback/regret.py [SEED …]     one line a way and a team; seeds of 900 and more are for tuning
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from answers import Answers, answers
from edits import Field
from figures import mean_bounds
from learners import LEVELS, Fixed, Learner, Way, climbed
from people import people
from teams import BEFORE, NEW, VETERANS, Team, newcomers, standing, warmed

from chorus.runtime.synthetic.developers import population

SEEDS = range(5, 13)  # 1 to 4 were looked at while the learner was made
BASELINES = ("pooled", "per-developer")
CLIMBS = ("holdout", "minibatch")
Goal = tuple[str, float, str, bool]
Results = dict[str, list[np.ndarray]]  # way → a team's newcomers' regret f64[newcomers, interactions]


def team(seed: int, table: Answers) -> Team:
    group = people(population(VETERANS + NEW, seed, table.personas), table)
    return Team(seed, group[:VETERANS], group[VETERANS:])


def ways(seed: int, table: Answers) -> dict[str, Callable[[], Way]]:
    """Way → what makes it. Those that climb spend as many ratings as the veterans give."""

    def climber(how: str) -> Way:
        before = Field(team(seed, table).veterans, seed)
        return Fixed(table, climbed(before, table, VETERANS * BEFORE, how, seed))

    made: dict[str, Callable[[], Way]] = {
        name: lambda name=name: Learner(table, name, seed) for name in LEVELS
    }
    made |= {how: lambda how=how: climber(how) for how in CLIMBS}
    return made | {"none": lambda: Fixed(table)}


def one(seed: int, table: Answers, which: Sequence[str] = ()) -> Iterator[tuple[str, np.ndarray, float]]:
    """(way, newcomers' regret, what newcomers have in the end) of the team of SEED."""
    for name, make in ways(seed, table).items():
        if which and name not in which:
            continue
        group, way = team(seed, table), make()
        if isinstance(way, Learner):
            warmed(group, way)
        lost = newcomers(group, way)
        yield name, lost, standing(way, group.newcomers)
        way.close()


def pieces() -> list[int]:
    return list(SEEDS)


def piece(name: str) -> dict[str, list[list[float]]]:
    """Way → regret of each newcomer in each interaction, of the team of the seed NAME."""
    made = {}
    for way, lost, _ in one(int(name), answers()):
        made[way] = lost.tolist()
        print(f"  team {name}, {way}: {lost.sum(axis=1).mean():.2f}", flush=True)
    return made


def goals(done: Mapping[str, dict[str, list[list[float]]]]) -> Iterator[Goal]:
    found: Results = {}
    for name in sorted(done, key=int):
        for way, lost in done[name].items():
            found.setdefault(way, []).append(np.array(lost))
    sums = {name: np.concatenate([lost.sum(axis=1) for lost in runs]) for name, runs in found.items()}
    seeds = " ".join(sorted(done, key=int))
    print(f"{len(done)} teams (seeds {seeds}), {len(sums['team'])} unseen developers: regret of "
          f"{INTERACTIONS_SHOWN}, with 95 % intervals; against team, pair by pair")  # fmt: skip
    for name, values in sums.items():
        quarters = np.concatenate(found[name]).reshape(len(values), 4, -1).sum(axis=2).mean(axis=0)
        mean, low, high = mean_bounds(values)
        more, least, most = mean_bounds(values - sums["team"])
        print(f"  {name:14} {mean:6.2f} [{low:.2f}, {high:.2f}]  by quarters {' '.join(f'{q:5.2f}' for q in quarters)}"
              f"  more than team {more:+.2f} [{least:+.2f}, {most:+.2f}]")  # fmt: skip
    worst = max(sums["team"].mean() - sums[name].mean() for name in BASELINES)
    whole = len(done) == len(SEEDS)
    if not whole:
        print(f"  too few: the goal is told of {len(SEEDS)} teams")
    yield "regret-100", worst, "<0-against-each-of-pooled,per-developer", worst < 0 and whole


INTERACTIONS_SHOWN = "100 interactions (points of the whole scale, summed)"

if __name__ == "__main__":
    table = answers()
    for number in [int(word) for word in sys.argv[1:] if word.isdigit()] or [900]:
        for name, lost, left in one(number, table, [word for word in sys.argv[1:] if not word.isdigit()]):
            quarters = lost.reshape(len(lost), 4, -1).sum(axis=2).mean(axis=0)
            print(f"{number} {name:14} regret {lost.sum(axis=1).mean():6.2f}, by quarters "
                  f"{' '.join(f'{q:5.2f}' for q in quarters)}, worth in the end {left:.3f}", flush=True)  # fmt: skip
