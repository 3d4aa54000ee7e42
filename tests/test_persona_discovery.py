"""Planted personas are found, as many as there are; where there are none, none are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from persona_helpers import block_model, community, exchanged, gaussian, planted

from chorus.kernels.persona.community import Community, Discovery, NoStructure
from chorus.kernels.persona.degrees import between_middles, neighbours
from chorus.kernels.persona.discover import discover
from chorus.kernels.persona.evidence import Stand
from chorus.kernels.persona.graph import graph_communities
from chorus.kernels.persona.kmeans import lloyd
from chorus.kernels.persona.scores import adjusted_rand, normalised_information
from chorus.kernels.persona.space import group_means

AUTHORS = 80


@pytest.fixture(scope="module")
def clear() -> tuple[Community, np.ndarray]:
    return planted(0.8, seed=0, authors=AUTHORS)


@pytest.fixture(scope="module")
def found(clear) -> Discovery:
    made = discover(clear[0])
    assert isinstance(made, Discovery)
    return made


def test_planted_personas_are_found_and_counted(clear, found):
    assert found.k == 4
    assert adjusted_rand(found.labels, clear[1]) > 0.85
    assert found.evidence["stability"] > found.evidence["null-stability"] + 0.2
    assert found.evidence["bootstrap"] > 0.8
    assert found.evidence["across"] == "days"


def test_half_the_messages_on_the_days_topics_still_leave_the_personas():
    made, truth = planted(0.5, seed=0, authors=120, own=4)
    found = discover(made)
    assert isinstance(found, Discovery)
    assert adjusted_rand(found.labels, truth) >= 0.5


def test_every_author_has_a_membership_and_the_sure_are_more_often_right(clear, found):
    assert found.membership.shape == (AUTHORS, found.k)
    np.testing.assert_allclose(found.membership.sum(1), 1)
    assert ((found.confidence >= 1 / found.k) & (found.confidence <= 1)).all()


def test_what_was_planted_clearly_is_told_from_people_by_degrees():
    made, _ = planted(0.8, seed=3, authors=120, k=2, own=4)
    found = discover(made)
    assert isinstance(found, Discovery)
    assert found.evidence["distinct"] and "caveat" not in found.evidence
    assert found.evidence["degrees-excess"] > found.evidence["degrees-bar"]


@pytest.mark.parametrize("seed", [2, 4])
def test_people_on_a_ring_are_no_kinds(seed):
    """One trait that goes round: cut anywhere, its arcs are as stable as groups are."""
    rng = np.random.default_rng(seed)
    angle = 2 * np.pi * rng.random(120)
    made, _ = planted(0.0, seed, authors=120)
    axes = np.linalg.qr(rng.standard_normal((made.vectors.shape[1], 2)))[0]
    places = np.stack([np.cos(angle), np.sin(angle)], 1)[made.author] @ axes.T
    found = discover(community(made.author, made.day, made.vectors + 0.5 * places, 120))
    assert not found.evidence.get("distinct", False)
    if isinstance(found, Discovery):
        assert "by degrees" in found.evidence["caveat"]
    else:
        assert found.evidence["structure"] is False


@pytest.mark.parametrize(
    ("middles", "pairs"),
    [
        ([[0.0], [1.0], [3.0]], {(0, 1), (1, 2)}),
        (
            [[np.cos(a), np.sin(a)] for a in np.arange(5) * 2 * np.pi / 5],
            {(0, 1), (1, 2), (2, 3), (3, 4), (0, 4)},
        ),
        ([[0, 0], [2, 0], [1, 1.8]], {(0, 1), (0, 2), (1, 2)}),
        ([[5.0, 5.0], [5.0, 5.0]], {(0, 1)}),
    ],
)
def test_neighbours_have_no_other_between_them(middles, pairs):
    near = neighbours(np.array(middles, float))
    assert {(i, j) for i, j in np.argwhere(near).tolist() if i < j} == pairs
    assert (near == near.T).all()


@pytest.mark.parametrize("k", [2, 4])
def test_people_by_degrees_have_the_covariance_that_is_asked_for(k):
    rng = np.random.default_rng(k)
    points = rng.standard_normal((150, 3)) + 4 * np.eye(4, 3)[np.arange(150) % k]
    place = Stand(points, np.full(points.shape, 0.1), points.var(0))
    wanted = np.cov(points.T)
    crowd = between_middles(place, k, wanted)(20_000, np.random.default_rng(0))
    np.testing.assert_allclose(np.cov(crowd.T), wanted, atol=0.1 * np.trace(wanted))


@pytest.mark.slow
def test_discovery_repeats_itself(clear, found):
    again = discover(clear[0])
    assert isinstance(again, Discovery)
    np.testing.assert_array_equal(found.labels, again.labels)
    np.testing.assert_array_equal(found.membership, again.membership)


def test_a_given_number_is_obeyed(clear):
    made = discover(clear[0], 2)
    assert isinstance(made, Discovery)
    assert made.k == 2
    assert set(made.labels.tolist()) == {0, 1}


def test_more_personas_than_the_authors_fall_into_are_refused():
    made, _ = planted(0.8, seed=0, authors=40)
    alike = replace(made, vectors=np.ones_like(made.vectors) / np.sqrt(made.vectors.shape[1]))
    assert isinstance(discover(alike), NoStructure)
    with pytest.raises(ValueError, match="fall into"):
        discover(alike, 3)


def test_a_given_number_is_obeyed_without_structure_and_the_evidence_says_so(clear):
    made = discover(exchanged(clear[0], 1), 3)
    assert isinstance(made, Discovery)
    assert made.k == 3
    assert made.evidence["structure"] is False and made.evidence["distinct"] is False
    assert "asked for" in made.evidence["caveat"]


@pytest.mark.parametrize("seed", range(10))
def test_authors_exchanged_within_days_have_no_structure(seed):
    made, _ = planted(0.5, seed, authors=120, own=4)
    assert isinstance(discover(exchanged(made, seed)), NoStructure)


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_authors_who_differ_by_degrees_have_no_structure(seed):
    made, _ = planted(0.8, seed, authors=AUTHORS)  # as many, and as clear, as are found when they are planted
    assert isinstance(discover(gaussian(made, seed)), NoStructure)


@pytest.mark.slow
def test_no_structure_in_95_of_100_nulls():
    wrong = 0
    for seed in range(50):
        made, _ = planted(0.5, seed, authors=120, own=4)
        wrong += isinstance(discover(exchanged(made, seed)), Discovery)
        wrong += isinstance(discover(gaussian(made, seed)), Discovery)
    assert wrong <= 5


@pytest.mark.slow
@pytest.mark.parametrize("k", [3, 4, 5, 6])
def test_the_number_of_personas_is_the_planted_one(k):
    made, truth = planted(0.8, seed=k, authors=60 * k, k=k, own=4)
    found = discover(made)
    assert isinstance(found, Discovery)
    assert found.k == k
    assert normalised_information(found.labels, truth) > 0.8


@pytest.mark.slow
def test_little_said_is_assigned_with_less_confidence():
    """Authors whose messages are cut to two take no part, but get a place, and less of one."""
    made, truth = planted(0.8, seed=1, authors=160)
    rank = np.zeros(len(made.author), int)
    for person in range(160):
        own = made.author == person
        rank[own] = np.arange(own.sum())
    keep = (made.author < 120) | (rank < 2)
    cut = replace(
        made,
        author=made.author[keep],
        day=made.day[keep],
        channel=made.channel[keep],
        behaviour=made.behaviour[keep],
        vectors=made.vectors[keep],
        rows=np.arange(keep.sum()),
    )
    found = discover(cut, 4)
    assert isinstance(found, Discovery)
    assert not found.core[120:].any()
    assert found.confidence[120:].mean() < found.confidence[:120].mean() - 0.05
    assert (found.labels[120:] == _translate(found.labels, truth)[truth[120:]]).mean() > 0.5


def _translate(labels: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """For each planted persona the label that most of its first 120 authors have."""
    return np.array([np.bincount(labels[:120][truth[:120] == t]).argmax() for t in range(4)])


@pytest.mark.slow
def test_an_advert_account_takes_no_part(clear):
    made = clear[0]
    said = made.vectors.copy()
    advert = made.author == 7
    said[advert] = said[advert][0]
    found = discover(replace(made, vectors=said))
    assert isinstance(found, Discovery)
    assert found.evidence["repeating"] == 1
    assert not found.core[7]
    assert found.k == 4


def test_few_authors_are_no_ground_for_anything():
    made, _ = planted(0.8, seed=0, authors=8)
    found = discover(made)
    assert isinstance(found, NoStructure)
    assert "8 authors" in found.reason
    with pytest.raises(ValueError):
        discover(made, 9)


def test_one_message_each_is_compared_across_authors():
    rng = np.random.default_rng(0)
    truth = np.arange(90) % 3
    centres = rng.standard_normal((3, 32)) / np.sqrt(32) * 2
    vectors = centres[truth] + rng.standard_normal((90, 32)) / np.sqrt(32)
    nothing = np.zeros((90, 0), np.float32)
    day = np.sort(rng.integers(0, 30, 90))
    said = lambda v: Community(
        np.arange(90), day, np.zeros(90, int), nothing, v.astype("f4"), np.arange(90), 90
    )
    found = discover(said(vectors))
    assert isinstance(found, Discovery)
    assert found.evidence["across"] == "authors"
    assert adjusted_rand(found.labels, truth) > 0.8
    assert isinstance(discover(said(rng.standard_normal((90, 32)))), NoStructure)


@pytest.mark.slow
def test_it_beats_k_means_on_authors_means():
    """On topics that differ from day to day the mean of what an author said is mostly the days."""
    made, truth = planted(0.4, seed=3, authors=160, own=3)
    means, _ = group_means(made.vectors, made.author)
    plain = adjusted_rand(lloyd(means, 4)[1], truth)
    found = discover(made, 4)
    assert isinstance(found, Discovery)
    assert adjusted_rand(found.labels, truth) >= plain - 0.05


@pytest.mark.parametrize(("strength", "least"), [(14.4, 0.98), (4.9, 0.7)])
def test_blocks_are_found_where_theory_says_so(strength, least):
    graph, truth = block_model(strength, seed=1)
    found = graph_communities(graph)
    assert not isinstance(found, NoStructure)
    labels, evidence = found
    assert evidence["k"] == 4
    assert normalised_information(labels, truth) >= least


@pytest.mark.parametrize("seed", range(4))
def test_blocks_below_the_threshold_are_not_claimed(seed):
    assert isinstance(graph_communities(block_model(0.58, seed)[0]), NoStructure)
