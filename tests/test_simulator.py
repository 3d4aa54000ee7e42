"""Simulated developers: tastes can be found by who knows where to look, noise is as said, no taste leaves no trace."""

from __future__ import annotations

import random
import statistics
from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import pytest

from chorus.runtime.synthetic.developers import (
    MALICIOUS,
    SCHOOLS,
    Developer,
    drifting,
    indifferent_ones,
    malicious,
    population,
)  # fmt: skip
from chorus.runtime.synthetic.shown import Shown

GRID = [
    Shown(
        quotes=quotes, words=words, authors=authors, other=other, falling=falling, asked=asked, age=100, borne=0.8,
        circles={"newcomers": 0.5},
    )
    for quotes, words, (authors, other), (falling, asked) in product(
        (1, 2, 4, 6), (9, 25), ((1, 0.0), (5, 0.3)), ((0.0, 0.0), (0.8, 0.0), (0.0, 0.6))
    )
]  # fmt: skip


def best(values: Sequence[float]) -> int:
    return max(range(len(values)), key=values.__getitem__)


def mean_rating(one: Developer, shown: Shown, times: int) -> float:
    return statistics.mean(one.rate(shown, "opinion") for _ in range(times))


def test_the_same_seed_gives_the_same_people_and_ratings() -> None:
    runs = [[[one.rate(s, "opinion") for s in GRID] for one in population(5, seed)] for seed in (3, 3, 4)]
    assert runs[0] == runs[1] != runs[2]


def test_an_oracle_that_tabulates_finds_what_each_prefers() -> None:
    lost = []
    for one in population(12, 11):
        told = [mean_rating(one, shown, 40) for shown in GRID]
        worth = [one.worth(shown, "opinion") for shown in GRID]
        assert statistics.correlation(told, worth) > 0.95
        lost.append(max(worth) - worth[best(told)])
    assert statistics.mean(lost) < 0.02


def test_preferences_matter_and_differ() -> None:
    """One choice for all costs much more than what an oracle loses, and a choice at random more still."""
    people = population(40, 12, mixture=(1, 1, 1, 1))
    worths = [[one.worth(shown, "opinion") for shown in GRID] for one in people]
    for_all = best([statistics.mean(column) for column in zip(*worths, strict=True)])
    own = statistics.mean(map(max, worths))
    assert own - statistics.mean(row[for_all] for row in worths) > 0.1
    assert own - statistics.mean(statistics.mean(row) for row in worths) > 0.25


def test_worth_is_the_mean_of_ratings() -> None:
    for one in population(4, 13):
        for shown in GRID[::7]:
            seen = (mean_rating(one, shown, 3000) - 1) / 4
            assert seen == pytest.approx(one.worth(shown, "opinion"), abs=0.025)


def test_noise_is_as_strong_as_said() -> None:
    """Content recovered from the share of ratings beyond each threshold varies by the noise."""
    for noise in (0.05, 0.15, 0.3):
        one = replace(population(1, 14, noise=noise)[0], dice=random.Random(5))
        shown = next(s for s in GRID if 0.25 < one.content(s, "opinion") < 0.75)
        ratings = [one.rate(shown, "opinion") for _ in range(4000)]
        normal = statistics.NormalDist()
        points = [
            (cut, normal.inv_cdf(share))
            for at, cut in enumerate(one.thresholds, 1)
            if 0.02 < (share := sum(r <= at for r in ratings) / len(ratings)) < 0.98
        ]
        if len(points) > 1:
            slope = statistics.linear_regression(*zip(*points, strict=True)).slope
            assert 1 / slope == pytest.approx(noise, rel=0.1)


def test_of_people_without_preferences_nothing_can_be_found() -> None:
    """What an oracle prefers on half of their ratings is no better than chance on the other half."""
    gains = []
    for one in indifferent_ones(population(60, 15)):
        halves = [[mean_rating(one, shown, 4) for shown in GRID] for _ in range(2)]
        gains.append(halves[1][best(halves[0])] - statistics.mean(halves[1]))
        assert {one.worth(shown, "opinion") for shown in GRID} == {0.5}
    spread = statistics.stdev(gains) / len(gains) ** 0.5
    assert abs(statistics.mean(gains)) < 3 * spread


def test_content_satisfices_and_is_no_sum_of_aspects() -> None:
    one = Developer("ann", "weighers", SCHOOLS["weighers"])
    good = Shown(quotes=5, authors=5, other=0.3, falling=-0.5, borne=1.0)
    assert one.content(good, "opinion") == one.content(replace(good, quotes=6, authors=6), "opinion") == 1.0
    few, onesided = replace(good, quotes=1), replace(good, other=0.0)
    lost = [1 - one.content(s, "opinion") for s in (few, onesided, replace(few, other=0.0))]
    assert lost[2] < 0.8 * (lost[0] + lost[1])  # who is put off already is put off little more


def test_refusals_please_only_where_nothing_is_known() -> None:
    one = population(1, 16)[0]
    assert one.worth(Shown(refused=True, due=False), "fact") > one.worth(Shown(refused=True), "fact") + 0.3
    assert one.worth(Shown(quotes=2, due=False, borne=0), "fact") < 0.3


@pytest.mark.parametrize("over", [1, 20])
def test_minds_change_when_they_are_said_to(over: int) -> None:
    one = drifting(Developer("ann", "skimmers", SCHOOLS["skimmers"]), 17, 50, over)
    before, after = ([one.content(s, "opinion", at) for s in GRID] for at in (49, 200))
    assert before == [one.content(s, "opinion", 0) for s in GRID] and best(before) != best(after)
    halfway = [one.content(s, "opinion", 50 + over // 2) for s in GRID]
    assert (halfway == after) == (over == 1)


def test_who_means_harm_does_it() -> None:
    one = population(1, 18, noise=1e-9)[0]
    worth = [one.worth(s, "opinion") for s in GRID]
    by = {manner: malicious(one, manner, {"answer-length": 6}) for manner in MALICIOUS}
    assert {by["low"].rate(s, "opinion") for s in GRID} == {1}
    assert [by["inverted"].rate(s, "opinion") for s in GRID] == [5 - round(4 * value) for value in worth]
    assert [by["colluding"].rate(GRID[0], "opinion", 0, {"answer-length": n}) for n in (4, 6)] == [1, 5]
    with pytest.raises(ValueError, match="malicious manners"):
        malicious(one, "kind")
