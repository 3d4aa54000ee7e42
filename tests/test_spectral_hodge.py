"""Flows on graphs: planted parts are found again, holes are counted, and random flows show nothing."""

from __future__ import annotations

import numpy as np
import pytest

from chorus.kernels.spectral import reference
from chorus.kernels.spectral.hodge import decompose
from chorus.kernels.spectral.homology import betti1
from chorus.kernels.spectral.simplices import boundaries, canonical, triangles


def ring(around: int, radii: int, hub: bool) -> tuple[np.ndarray, int]:
    """The edges of a triangulated annulus of RADII circles of AROUND nodes; with HUB a disc."""
    at = lambda r, i: r * around + i % around
    pairs = []
    for r in range(radii):
        pairs += [(at(r, i), at(r, i + 1)) for i in range(around)]
        if r:
            pairs += [(at(r - 1, i), at(r, i)) for i in range(around)]
            pairs += [(at(r - 1, i), at(r, i + 1)) for i in range(around)]
    n = radii * around
    if hub:
        pairs += [(n, i) for i in range(around)]
        n += 1
    edges, _ = canonical(np.array(pairs).T, np.ones(len(pairs)), n)
    return edges, n


def random_edges(n: int, m: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return canonical(rng.integers(n, size=(2, m)), np.ones(m), n)[0]


@pytest.mark.parametrize(("hub", "holes"), [(False, 1), (True, 0)])
def test_an_annulus_has_a_hole_and_a_disc_none(hub: bool, holes: int) -> None:
    edges, n = ring(9, 4, hub)
    b1, b2 = boundaries(edges, n)
    assert abs(b1 @ b2).max() == 0
    assert betti1(edges, n, triangles(edges, n)[1]) == holes == reference.betti1(b1.toarray(), b2.toarray())
    rest = decompose(np.random.default_rng(0).standard_normal(edges.shape[1]), b1, b2).harmonic
    assert (np.linalg.norm(rest) > 1e-3) == bool(holes)  # in a disc no flow is harmonic


@pytest.mark.parametrize("seed", range(4))
def test_the_fast_is_the_slow(seed: int) -> None:
    edges = random_edges(20, 70, seed)
    b1, b2 = boundaries(edges, 20)
    slow1, slow2 = reference.boundaries(edges, 20)
    np.testing.assert_array_equal(b1.toarray(), slow1)
    np.testing.assert_array_equal(b2.toarray(), slow2)
    assert betti1(edges, 20, triangles(edges, 20)[1]) == reference.betti1(slow1, slow2)
    flow = np.random.default_rng(seed).standard_normal(edges.shape[1])
    for ours, theirs in zip(
        decompose(flow, b1, b2)[:3], reference.decompose(flow, slow1, slow2), strict=True
    ):
        np.testing.assert_allclose(ours, theirs, atol=1e-9)


def test_planted_parts_are_recovered() -> None:
    edges, n = ring(40, 12, hub=False)
    b1, b2 = boundaries(edges, n)
    rng = np.random.default_rng(1)
    gradient = b1.T @ rng.standard_normal(n)
    curl = b2 @ rng.standard_normal(b2.shape[1])
    harmonic = 100 * decompose(rng.standard_normal(edges.shape[1]), b1, b2).harmonic
    found = decompose(gradient + curl + harmonic, b1, b2)
    for planted, part in zip((gradient, curl, harmonic), found[:3], strict=True):
        assert np.linalg.norm(part - planted) <= 1e-9 * np.linalg.norm(planted)


def test_without_triangles_there_is_no_curl() -> None:
    edges, n = ring(9, 4, hub=True)
    b1, b2 = boundaries(edges, n)
    flow = b2 @ np.random.default_rng(0).standard_normal(b2.shape[1])
    with_b2, without = decompose(flow, b1, b2), decompose(flow, b1, b2[:, :0])
    assert np.linalg.norm(with_b2.curl - flow) < 1e-9
    assert not without.curl.any() and np.linalg.norm(without.harmonic - flow) < 1e-9


@pytest.mark.parametrize("seed", range(3))
def test_turning_an_edge_round_turns_its_flow_round(seed: int) -> None:
    edges = random_edges(25, 90, seed)
    b1, b2 = boundaries(edges, 25)
    flow = np.random.default_rng(seed).standard_normal(edges.shape[1])
    turn = np.where(np.random.default_rng(9).random(edges.shape[1]) < 0.5, -1.0, 1.0)
    plain = decompose(flow, b1, b2)
    turned = decompose(turn * flow, b1.multiply(turn[None, :]).tocsr(), b2.multiply(turn[:, None]).tocsr())
    for a, b in zip(plain[:3], turned[:3], strict=True):
        np.testing.assert_allclose(turn * a, b, atol=1e-9)
    np.testing.assert_allclose(plain.potential, turned.potential, atol=1e-8)


def test_a_random_flow_has_of_each_part_what_its_dimension_gives() -> None:
    """The negative control: nobody drives where directions are drawn by lot."""
    edges = random_edges(60, 500, 0)
    b1, b2 = boundaries(edges, 60)
    m = edges.shape[1]
    expected = np.array([59, 0, betti1(edges, 60, triangles(edges, 60)[1])]) / m
    expected[1] = 1 - expected.sum()
    rng = np.random.default_rng(2)
    shares = [decompose(rng.standard_normal(m), b1, b2, tol=1e-6).shares() for _ in range(40)]
    np.testing.assert_allclose(np.mean(shares, axis=0), expected, atol=0.02)


def test_loops_and_both_directions_are_one_edge() -> None:
    edges, net = canonical(np.array([[0, 1, 2, 2], [1, 0, 2, 1]]), np.array([3.0, 1.0, 7.0, 2.0]), 3)
    assert edges.tolist() == [[0, 1], [1, 2]] and net.tolist() == [2.0, -2.0]


def test_a_projective_plane_has_no_real_hole() -> None:
    """Its one loop is torsion: counted modulo two there would be a hole."""
    faces = np.array([(0, 1, 2), (0, 2, 3), (0, 3, 4), (0, 4, 5), (0, 1, 5),
                      (1, 2, 4), (2, 3, 5), (1, 3, 4), (2, 4, 5), (1, 3, 5)])  # fmt: skip
    edges = np.array([(a, b) for a in range(6) for b in range(a + 1, 6)]).T
    code = (edges[0] * 6 + edges[1]).tolist()
    sides = np.array(
        [[code.index(a * 6 + b), code.index(b * 6 + c), code.index(a * 6 + c)] for a, b, c in faces]
    )
    assert betti1(edges, 6, sides) == 0
