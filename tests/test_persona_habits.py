"""One habit of writing makes no personas; several ways of acting do."""

from __future__ import annotations

import numpy as np
import pytest

from chorus.kernels.persona.behaviour import FEATURES, message_features
from chorus.kernels.persona.community import Community, Discovery, NoStructure
from chorus.kernels.persona.discover import discover
from chorus.kernels.persona.habits import between, one_habit

WORDS = (
    "the boss patch server lobby castle quest ladder guild potion hammer island forest market dragon".split()
)
DAYS, EACH = 6, 5


def writing(people: int, group: np.ndarray, several: bool) -> Community:
    """People of one vocabulary, who write without capitals where GROUP is 1; and, if they differ in SEVERAL ways, ask,
    shout and write at length, too."""
    rng = np.random.default_rng(0)
    author, day, texts = [], [], []
    long, excited = rng.normal(2, 1, people), rng.normal(0.3, 0.1, people)  # everyone has ways of their own
    for today in range(DAYS):
        for person in rng.permutation(people):
            for _ in range(rng.integers(1, EACH)):
                other = bool(group[person]) and several
                said = " ".join(
                    rng.choice(WORDS, rng.integers(3, 8) + (9 if other else round(abs(long[person]))))
                )
                said += (
                    "?"
                    if rng.random() < (0.9 if other else 0.1)
                    else "!"
                    if rng.random() < excited[person]
                    else ""
                )
                texts.append(said if group[person] ^ (rng.random() < 0.12) else said.capitalize())
                author.append(person)
                day.append(today)
    m, nothing = len(texts), np.zeros(len(texts), np.int64)
    ids, days = np.array(author), np.array(day)
    seconds = days * 86_400.0 + np.arange(m) % 80_000
    form = message_features(texts, ids, days, seconds, nothing, nothing - 1, nothing, nothing)
    return Community(
        author=ids, day=days, channel=nothing, behaviour=form, vectors=np.zeros((0, 0), np.float32),
        rows=np.zeros(0, np.int64), authors=people,
    )  # fmt: skip


@pytest.mark.parametrize("several", [False, True])
def test_capitals_alone_make_no_kind_of_people_and_several_ways_do(several: bool) -> None:
    group = np.arange(60) % 2
    found = discover(writing(60, group, several))
    if several:
        assert isinstance(found, Discovery)
        assert max((found.labels == group).mean(), (found.labels != group).mean()) > 0.9
    else:
        assert isinstance(found, NoStructure)
        assert found.evidence["habit"] == "capitals" and "capitals" in found.reason


def test_a_given_number_is_obeyed_all_the_same() -> None:
    assert isinstance(discover(writing(60, np.arange(60) % 2, False), 2), Discovery)


def test_the_share_between_groups_is_its_definition() -> None:
    values = np.random.default_rng(1).standard_normal((30, 3))
    labels = np.arange(30) % 3
    middle = np.array([values[labels == g].mean(0) for g in range(3)])[labels]
    wanted = ((middle - values.mean(0)) ** 2).sum(0) / ((values - values.mean(0)) ** 2).sum(0)
    np.testing.assert_allclose(between(values, labels), wanted)
    assert between(np.ones((4, 1)), np.array([0, 0, 1, 1])) == [0.0]


def test_features_of_one_family_are_one_habit_and_strangers_are_two() -> None:
    labels, author = np.repeat([0, 1], 10), np.arange(20)
    made = np.random.default_rng(2).standard_normal((20, len(FEATURES)))
    core = np.ones(20, bool)
    assert one_habit(made, author, core, labels) is None
    for name in ("starts-small", "small-i"):
        made[:, FEATURES.index(name)] = labels
    assert one_habit(made, author, core, labels) == "capitals"
    made[:, FEATURES.index("questions")] = labels
    assert one_habit(made, author, core, labels) is None
