"""Conversations taken apart: features against their definition, planted conversations found, chance where none are."""

from __future__ import annotations

import random

import numpy as np
import pytest
from thread_helpers import as_sets, planted, shuffled

from chorus.kernels.threads import reference
from chorus.kernels.threads.channels import AFTER, BEFORE, Channel, linked
from chorus.kernels.threads.keeping import packed, shipped, unpacked
from chorus.kernels.threads.log import Log, Message
from chorus.kernels.threads.measures import agreement, clusters
from chorus.kernels.threads.model import _chances_on, chances, link, threads, windows
from chorus.kernels.threads.pairs import FEATURES, WINDOW, Pairs
from chorus.kernels.threads.training import fit


def talk(*lines: str) -> Log:
    """A log of `author: text` lines, a minute apart."""
    pairs = [line.split(" | ") for line in lines]
    return Log([Message(author, 60.0 * at, text) for at, (author, text) in enumerate(pairs)])


@pytest.mark.parametrize("seed", range(3))
def test_features_are_what_the_reference_says(seed: int) -> None:
    log, _ = planted(seed, 80)
    noted = [
        Message("room", m.at, m.text, system=True) if at % 9 == 5 else m for at, m in enumerate(log.messages)
    ]
    log = Log(noted)
    rows = np.array([at for at in range(len(log)) if not log.system[at]])
    made, there = Pairs(log).features(rows)
    for q in random.Random(seed).sample(range(len(rows)), 25):
        for back in range(1, min(WINDOW, rows[q] + 1)):
            j = int(rows[q]) - back
            if log.system[j]:
                continue
            for name, value in reference.pair(log, int(rows[q]), j).items():
                found = made[q, back, FEATURES.index("pair-" + name)]
                assert found == pytest.approx(float(value), abs=1e-4), (name, rows[q], j)
    assert (there.sum(1) == np.minimum(rows + 1, WINDOW)).all()


def test_names_are_found_as_people_write_them() -> None:
    log = talk(
        "Iron Jane | hello", "|jo| | IRON JANE: try again", "max | jo, no", "max | jo:like this?", "jo2 | what for max",
        "for | see http://max:80/", "max | @for yes", "max | is it for me",
    )  # fmt: skip
    named, first = log.addressed
    who = lambda at: {log.people[u] for u in np.flatnonzero(named[at])}
    assert [who(at) for at in range(8)] == [
        set(), {"Iron Jane"}, {"|jo|"}, {"|jo|"}, {"max"}, set(), {"for"}, set(),
    ]  # fmt: skip
    assert [log.people[u] if u >= 0 else None for u in first] == [
        None, "Iron Jane", "|jo|", "|jo|", None, None, "for", None,
    ]  # fmt: skip


def test_known_recipients_count_as_named() -> None:
    log = Log(
        [Message("1", 0.0, "anyone?"), Message("2", 1.0, "yes", to=("1", "9")), Message("2", 2.0, "hm")]
    )
    assert log.addressed[0].tolist() == [[False, False], [True, False], [False, False]]


def test_a_model_finds_planted_conversations() -> None:
    model = fit([planted(seed) for seed in range(4)], rounds=6)
    log, links = planted(100)
    made = link(model, log)
    found = agreement([as_sets(links)], [{(m.message, m.answered) for m in made}])
    assert found.f > 90 and found.vi > 93 and found.one_to_one > 88
    sure = sorted(made, key=lambda one: -one.score)[: len(made) * 8 // 10]
    right = np.mean([one.answered in links[one.message] for one in sure])
    assert right > found.precision / 100, "a high score should mean more"


def test_where_nothing_tells_a_model_learns_nothing() -> None:
    """The same messages at other moments: beside the threads' shape nothing is left, and links are no better than the
    message before."""
    train = [(shuffled(log, seed), links) for seed, (log, links) in enumerate(map(planted, range(4)))]
    log, links = planted(100)
    made = link(fit(train, rounds=6), shuffled(log, 7))
    found = agreement([as_sets(links)], [{(m.message, m.answered) for m in made}])
    before = agreement([as_sets(links)], [{(at, max(0, at - 1)) for at in links}])
    assert found.f < before.f + 8


def test_the_model_that_comes_along_knows_crossing_conversations() -> None:
    log, links = planted(100)
    made = {(m.message, m.answered) for m in link(shipped(), log)}
    before = {(at, max(0, at - 1)) for at in links}
    assert agreement([as_sets(links)], [made]).f > agreement([as_sets(links)], [before]).f + 30


def test_chances_on_a_device_are_those_of_the_processor() -> None:
    log, _ = planted(100, 60)
    for _, window in windows(shipped(), log, np.arange(len(log))):
        np.testing.assert_allclose(
            _chances_on(shipped(), window, "cpu"), chances(shipped(), window), atol=1e-5
        )


def test_models_are_kept_whole() -> None:
    model = shipped()
    again = unpacked(packed(model))
    assert all((a == b).all() for a, b in zip(model, again, strict=True))
    with pytest.raises(ValueError, match="features"):
        unpacked(packed(model._replace(inner=model.inner[:-1])))


def test_training_is_the_same_for_the_same_seed() -> None:
    logs = [planted(seed, 120) for seed in range(2)]
    first, again, other = fit(logs, 1, rounds=1), fit(logs, 1, rounds=1), fit(logs, 2, rounds=1)
    assert all((a == b).all() for a, b in zip(first, again, strict=True))
    assert not (first.inner == other.inner).all()


def test_pieces_of_a_channel_are_linked_as_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    from chorus.kernels.threads import channels

    log, _ = planted(3, 300)
    channel = Channel(log.messages, {}, {10: 3})
    rows = np.arange(len(log))
    whole = linked(shipped(), channel, rows)
    assert whole[10].answered == 3 and whole[10].score == 1
    monkeypatch.setattr(channels, "PIECE", 90)
    pieces = linked(shipped(), channel, rows)
    assert BEFORE >= WINDOW and AFTER > 0
    same = np.mean([a.answered == b.answered for a, b in zip(whole, pieces, strict=True)])
    assert same > 0.97  # rarity of words and the far future differ a little


def partitions(seed: int) -> tuple[list[set[int]], list[set[int]]]:
    rng = random.Random(seed)
    sides = []
    for most in (rng.randrange(2, 6), rng.randrange(2, 6)):
        groups: dict[int, set[int]] = {}
        for at in range(14):
            groups.setdefault(rng.randrange(most), set()).add(at)
        sides.append(list(groups.values()))
    return sides[0], sides[1]


@pytest.mark.parametrize("seed", range(5))
def test_measures_are_what_the_reference_says(seed: int) -> None:
    marked, made = partitions(seed)
    links = lambda side: {(message, min(group)) for group in side for message in group}
    found = agreement([links(marked)], [links(made)])
    assert found.vi == pytest.approx(reference.vi(marked, made))
    assert found.one_to_one == pytest.approx(reference.one_to_one(marked, made))


def test_measures_by_hand() -> None:
    marked = {(0, 0), (1, 0), (2, 1), (3, 3), (4, 3), (5, 5)}
    made = {(0, 0), (1, 0), (2, 2), (3, 3), (4, 3), (5, 5)}
    found = agreement([marked], [made])
    assert (found.precision, found.recall) == (pytest.approx(500 / 6), pytest.approx(500 / 6))
    assert found.exact == pytest.approx(50)  # of two conversations of more than one message one is right
    assert agreement([marked], [marked]) == (100, 100, 100, 100, 100, 100)


def test_messages_before_the_start_join_others_and_do_not_count() -> None:
    assert sorted(map(sorted, clusters([(5, 1), (6, 1), (7, 7)], 5))) == [[5, 6], [7]]
    assert agreement([{(5, 1), (6, 1)}], [{(5, 5), (6, 5)}], 5).vi == 100


def test_threads_follow_links_that_are_sure_enough() -> None:
    made = link(shipped(), planted(1, 60)[0])
    assert set(threads(made, 2.0).values()) == set(range(60))
    first = threads(made)
    assert all(first[m.message] == first[m.answered] for m in made)
