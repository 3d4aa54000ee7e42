"""Personas joined step by step: planted nests are found, a crowd of one piece is not said to have two sides."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from persona_helpers import planted

from chorus.kernels.persona import placed
from chorus.kernels.persona.cluster import mixtures
from chorus.kernels.persona.community import Discovery
from chorus.kernels.persona.discover import discover
from chorus.kernels.persona.evidence import Stand
from chorus.kernels.persona.hierarchy import EVEN, Join, as_rows, hierarchy, separation
from chorus.kernels.persona.scores import adjusted_rand

NOISE = 0.5


def stand(points: np.ndarray, rng: np.random.Generator) -> Stand:
    """People who stand at POINTS f64[n,q], heard on two halves of their days."""
    first, second = (points + NOISE * rng.standard_normal(points.shape) for _ in range(2))
    noise = np.full(points.shape, NOISE**2)
    return Stand((first + second) / 2, noise / 2, points.var(0), first, second, noise, noise)


def joins(points: np.ndarray, k: int, seed: int, *, days: bool = True) -> list[Join]:
    place = stand(points, np.random.default_rng(seed))
    mixture = mixtures(place.pooled, place.noise, place.signal, [k], seed=seed)[k]
    if not days:
        place = replace(place, first=None, second=None)
    return hierarchy(
        place, mixture.posterior(place.pooled, place.noise), np.ones(len(points), bool), seed=seed
    )


def nested(seed: int, n: int = 160) -> np.ndarray:
    """Four clouds, two and two of them near one another."""
    corners = np.array([[-9, -3], [-9, 3], [9, -3], [9, 3]])
    return corners[np.arange(n) % 4] + 0.8 * np.random.default_rng(seed).standard_normal((n, 2))


@pytest.mark.parametrize("seed", range(3))
def test_planted_nests_are_joined_last_and_all_hold(seed):
    points = nested(seed)
    made = joins(points, 4, seed)
    assert [len(join.left) + len(join.right) for join in made] == [2, 2, 4]
    assert all(join.holds for join in made)
    assert made[-1].people == 160 and made[0].people + made[1].people == 160
    assert sorted([*made[-1].left, *made[-1].right]) == [0, 1, 2, 3]


@pytest.mark.parametrize("shape", [(1.0, 1.0, 1.0), (4.0, 1.0, 1.0)])
def test_a_crowd_of_one_piece_is_not_said_to_have_sides(shape):
    """Cut into five, round or long: one join in twenty may seem to hold."""
    drawn = (np.random.default_rng(seed).standard_normal((200, 3)) * shape for seed in range(15))
    held = [join.holds for seed, points in enumerate(drawn) for join in joins(points, 5, seed)]
    assert np.mean(held) <= 0.05


def test_sides_that_do_not_last_do_not_hold():
    """Two clouds on all days together, but nobody stays in the same one."""
    rng = np.random.default_rng(0)
    points = np.c_[9.0 * (np.arange(100) % 2), np.zeros(100)] + rng.standard_normal((100, 2))
    place, membership = stand(points, rng), np.eye(2)[np.arange(100) % 2]
    assert hierarchy(place, membership, np.ones(100, bool))[0].holds
    assert place.first is not None
    strange = replace(
        place, first=place.first[rng.permutation(100)], second=place.first[rng.permutation(100)]
    )
    (join,) = hierarchy(strange, membership, np.ones(100, bool))
    assert join.agreement is not None and abs(join.agreement) < 0.1
    assert not join.holds


def test_who_was_heard_once_has_no_agreement():
    for join in joins(nested(0), 4, 0, days=False):
        assert join.agreement is None and join.holds


def test_few_people_are_no_evidence():
    points = np.array([[0.0], [0.1], [9.0], [9.1]])
    (join,) = joins(points, 2, 0)
    assert join.apart is None and not join.holds


def test_an_even_spread_has_its_halves_at_the_bar():
    line = np.linspace(0, 1, 2001)[:, None]
    assert separation(line, line[:, 0] > 0.5) == pytest.approx(EVEN, rel=1e-2)


def test_rows_count_personas_from_one():
    row = as_rows([Join((0,), (2, 3), 7)])[0]
    assert (row["left"], row["right"], row["people"], row["holds"]) == ([1], [3, 4], 7, False)


# ── On a device ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kinds", [("f4", "f4"), ("f8", "f8"), ("f4", "f8")])
def test_products_on_a_device_are_those_of_the_definition(monkeypatch, kinds):
    monkeypatch.setattr(placed, "TILE", 7)
    rng = np.random.default_rng(0)
    a, b, c = rng.standard_normal((20, 5)), rng.standard_normal((5, 3)), rng.standard_normal((20, 4))
    a, b, c = a.astype(kinds[0]), b.astype(kinds[1]), c.astype(kinds[1])
    for made, true in ((placed.product(a, b, "cpu:0"), a @ b), (placed.gram(a, c, "cpu:0"), a.T @ c)):
        assert made.dtype == true.dtype
        np.testing.assert_allclose(made, true, rtol=1e-5, atol=1e-5)


@pytest.mark.slow
def test_discovery_on_a_device_finds_the_same_personas():
    made, truth = planted(0.8, seed=0, authors=80)
    here, there = discover(made, 4), discover(made, 4, device="cpu:0")
    assert isinstance(here, Discovery) and isinstance(there, Discovery)
    assert adjusted_rand(here.labels, there.labels) > 0.95
    assert adjusted_rand(there.labels, truth) > 0.85
