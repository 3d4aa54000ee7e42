"""Behaviour that outlasts the day: planted groups are found, people without groups are not divided, units are days'."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from chorus.kernels.persona.behaviour import FEATURES, message_features
from chorus.kernels.persona.community import Community, Discovery, NoStructure
from chorus.kernels.persona.discover import discover
from chorus.kernels.persona.held import across_days
from chorus.kernels.persona.scores import adjusted_rand
from chorus.kernels.persona.space import Halves
from chorus.kernels.persona.steady import day_whitener, steadiest

DIMS = 12


def behaving(seed: int, apart: float, authors: int = 240, k: int = 3) -> tuple[Community, np.ndarray]:
    """Authors whose days vary by 1 in each of DIMS features and whose messages vary by 1; K groups APART from one
    another in units of how people differ within them."""
    rng = np.random.default_rng(seed)
    truth = np.arange(authors) % k
    person = 0.5 * (apart * rng.standard_normal((k, DIMS))[truth] + rng.standard_normal((authors, DIMS)))
    days = 6
    author = np.repeat(np.arange(authors), days * 6)
    day = np.tile(np.repeat(np.arange(days), 6), authors)
    mood = rng.standard_normal((authors, days, DIMS))
    values = person[author] + mood[author, day] + rng.standard_normal((len(author), DIMS))
    order = np.argsort(day, kind="stable")
    made = Community(
        author=author[order],
        day=day[order],
        channel=np.zeros(len(author), np.int64),
        behaviour=values[order].astype(np.float32),
        vectors=np.zeros((0, 0), np.float32),
        rows=np.zeros(0, np.int64),
        authors=authors,
    )
    return made, truth


def test_groups_that_behave_differently_are_found_by_behaviour_alone():
    made, truth = behaving(0, apart=2.0, authors=100)
    found = discover(made)
    assert isinstance(found, Discovery)
    assert found.k == 3
    assert adjusted_rand(found.labels, truth) > 0.8


@pytest.mark.parametrize("seed", [0, *(pytest.param(s, marks=pytest.mark.slow) for s in range(1, 20))])
def test_people_who_differ_by_degrees_are_not_divided(seed):
    assert isinstance(discover(behaving(seed, apart=0.0, authors=100)[0]), NoStructure)


def test_people_told_apart_hold_across_days_and_nobody_does_by_chance():
    made, _ = behaving(2, apart=2.0)
    score, authors = across_days(made, 3, 5)
    assert score > 0.7 and authors == 240
    drawn = np.lexsort((np.random.default_rng(0).random(len(made.day)), made.day))
    chance = across_days(replace(made, author=made.author[drawn]), 3, 5)[0]
    assert abs(chance) < 0.08


def test_too_few_people_are_not_compared():
    with pytest.raises(ValueError, match="too few"):
        across_days(behaving(0, 1.0, authors=9)[0], 3, 5)


def test_a_day_is_the_unit():
    """Features that a day shares among its messages must not look better told than they are."""
    rng = np.random.default_rng(4)
    noise = rng.standard_normal((2, 400, 3)) * [1.0, 3.0, 5.0]
    person = rng.standard_normal((400, 3))
    halves = Halves(person + noise[0], person + noise[1], np.full(400, 50), np.full(400, 50))
    units = day_whitener(halves, ridge=0.0)
    gap = units(halves.first) - units(halves.second)
    np.testing.assert_allclose(gap.T @ gap / len(gap) / 2, np.eye(3), atol=0.12)


def test_the_steadiest_direction_is_the_one_that_repeats_itself():
    rng = np.random.default_rng(5)
    loud, steady = 5 * rng.standard_normal((2, 300)), rng.standard_normal(300)
    halves = Halves(
        np.c_[loud[0], steady + 0.3 * rng.standard_normal(300)],
        np.c_[loud[1], steady + 0.3 * rng.standard_normal(300)],
        np.full(300, 9),
        np.full(300, 9),
    )
    units, directions = steadiest(halves, 1)
    along = units(halves.first) @ directions[:, 0]
    assert abs(np.corrcoef(along, steady)[0, 1]) > 0.9


@pytest.mark.parametrize(
    ("feature", "careful", "casual"),
    [
        ("starts-small", "It works now.", "it works now."),
        ("starts-small", "bob: It works", "bob: it works"),  # whom it is addressed to is no habit of writing
        ("small-i", "well, I think so", "well, i think so"),
        ("bare-apostrophes", "that doesn't help", "that doesnt help"),
        ("chat-spelling", "thank you", "thx"),
        ("ellipsis", "so be it", "so be it..."),
        ("doubled-marks", "really?", "really??"),
        ("spaced-marks", "really?", "really ?"),
        ("sentences-capitalised", "yes. it does", "yes. It does"),
    ],
)
def test_habits_of_writing_are_told_from_one_text(feature, careful, casual):
    zeros = np.zeros(4)
    count = zeros.astype(np.int64)
    texts = [careful, casual, careful, casual]
    table = message_features(texts, count, count, zeros, count, count - 1, zeros, zeros)
    column = table[:, FEATURES.index(feature)]
    assert column[1] > column[0]
    same = message_features([careful] * 4, count, count, zeros, count, count - 1, zeros, zeros)
    assert not same[:, FEATURES.index(feature)].any()
