"""The persona kernels agree with their slow definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.sparse import csr_matrix

from chorus.kernels.persona import reference
from chorus.kernels.persona.cluster import mixtures
from chorus.kernels.persona.kmeans import descend, lloyd, lloyd_each
from chorus.kernels.persona.knn import affinity, knn_graph
from chorus.kernels.persona.membership import Mixture, fit
from chorus.kernels.persona.scores import adjusted_rand, normalised_information, silhouette
from chorus.kernels.persona.space import (
    Halves,
    Observations,
    group_means,
    shared_directions,
    split_halves,
    whitener,
    without_context,
)
from chorus.kernels.persona.spectral import njw, spectral_embed
from chorus.kernels.persona.topics import ctfidf

LABELS = st.lists(st.integers(0, 4), min_size=2, max_size=25)


def cloud(seed: int, n: int = 40, d: int = 5) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((n, d))


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@pytest.mark.parametrize("tile", [7, 40, 1000])
def test_neighbours_are_exact_whatever_the_tile(metric, tile):
    x = cloud(1)
    index, distance = knn_graph(x, 6, metric, tile)
    true_index, true_distance = reference.knn_graph(x, 6, metric)
    np.testing.assert_array_equal(index, true_index)
    np.testing.assert_allclose(distance, true_distance, atol=1e-4)


def test_neighbours_of_equal_points_are_taken_in_order():
    index, distance = knn_graph(np.zeros((5, 2)), 2)
    np.testing.assert_array_equal(index, [[1, 2], [0, 2], [0, 1], [0, 1], [0, 1]])
    assert not distance.any()


@pytest.mark.parametrize(("k", "metric"), [(0, "cosine"), (5, "cosine"), (2, "manhattan")])
def test_neighbours_refuse_what_they_cannot_do(k, metric):
    with pytest.raises(ValueError):
        knn_graph(np.zeros((5, 2)), k, metric)


def test_affinity_is_its_definition():
    index, distance = knn_graph(cloud(2), 5)
    np.testing.assert_allclose(
        affinity(index, distance).toarray(), reference.affinity(index, distance), rtol=1e-5
    )


@pytest.mark.parametrize("n", [60, 900])  # the dense way and Lanczos
def test_spectral_embedding_is_that_of_the_dense_solver(n):
    graph = affinity(*knn_graph(cloud(3, n), 8))
    vectors, values = spectral_embed(graph, 4)
    true_vectors, true_values = reference.spectral_embed(graph.toarray(), 4)
    np.testing.assert_allclose(values, true_values, atol=2e-4)
    overlap = np.linalg.svd(vectors[:, :3].T @ true_vectors[:, :4])[1]  # the subspace: vectors may turn in it
    assert overlap.min() > 0.98


def test_two_rings_are_told_apart_where_k_means_fails():
    angle = np.linspace(0, 2 * np.pi, 100, endpoint=False)
    ring = np.c_[np.cos(angle), np.sin(angle)]
    points, truth = np.r_[ring, 4 * ring], np.repeat([0, 1], 100)
    vectors, _ = spectral_embed(affinity(*knn_graph(points, 6)), 2)
    assert adjusted_rand(njw(vectors, 2), truth) == 1
    assert adjusted_rand(lloyd(points, 2)[1], truth) < 0.2


def test_a_weakly_tied_pair_does_not_leave_one_cluster_with_everything():
    """Unregularised, the leading eigenvectors are those of the few nodes that hang by a thread."""
    rng = np.random.default_rng(0)
    points = np.r_[
        rng.normal(0, 1, (100, 2)), rng.normal(6, 1, (100, 2)), [[60, 60], [60.5, 60], [-60, 60], [-60.5, 60]]
    ]
    vectors, _ = spectral_embed(affinity(*knn_graph(points, 10)), 2)
    assert np.bincount(njw(vectors, 2)).max() < 0.6 * len(points)


def test_descent_is_lloyds():
    """Runs side by side, of different numbers of clusters, are each what they are alone."""
    x = cloud(4, 60, 3)
    starts = np.stack([x[:4], x[10:14], np.r_[x[20:22], x[:2]]])[:, None]  # of the last, two take part
    centres, labels, inertia = descend(x[None], starts, np.array([4, 4, 2]), 5)
    for at, k in enumerate((4, 4, 2)):
        true_centres, true_labels = reference.descend(x, starts[at, 0, :k], 5)
        np.testing.assert_allclose(centres[at, 0, :k], true_centres)
        np.testing.assert_array_equal(labels[at, 0], true_labels)
        own = np.sum((x - centres[at, 0][labels[at, 0]]) ** 2, axis=1)
        assert inertia[at, 0] == pytest.approx(own.mean())


def test_k_means_of_sets_of_points_are_those_of_each():
    sets = np.stack([cloud(6, 50, 2), 3 * cloud(7, 50, 2)])
    centres, labels, gaps = lloyd_each(sets, [3, 5], seed=1)
    for at, k in enumerate((3, 5)):
        own = ((sets[at][:, None] - centres[at, None, :k]) ** 2).sum(2)
        np.testing.assert_array_equal(labels[at], own.argmin(1))
        assert gaps[at] == pytest.approx(own.min(1).mean())
        assert gaps[at] <= 1.1 * lloyd(sets[at], k, seed=2)[2]


def test_k_means_is_deterministic_and_leaves_no_cluster_empty():
    x = np.repeat(cloud(5, 6, 2), 10, axis=0)
    first, again = lloyd(x, 6, seed=3), lloyd(x, 6, seed=3)
    np.testing.assert_array_equal(first[1], again[1])
    assert len(set(first[1].tolist())) == 6
    assert first[2] == pytest.approx(0, abs=1e-12)


@given(LABELS, st.randoms(use_true_random=False))
def test_agreement_is_its_definition(a, rng):
    b = [rng.randrange(4) for _ in a]
    assert adjusted_rand(np.array(a), np.array(b)) == pytest.approx(reference.adjusted_rand(a, b))
    assert normalised_information(np.array(a), np.array(b)) == pytest.approx(
        reference.normalised_information(a, b), abs=1e-9
    )
    assert adjusted_rand(np.array(a), np.array(a)) == 1


@given(
    st.lists(st.integers(0, 2), min_size=4, max_size=20).filter(lambda x: len(set(x)) > 1), st.integers(0, 99)
)
def test_silhouette_is_its_definition(labels, seed):
    points = cloud(seed, len(labels), 2)
    assert silhouette(points, np.array(labels)) == pytest.approx(
        reference.silhouette(points, labels), abs=1e-6
    )


def test_silhouette_of_one_cluster_is_nothing():
    assert silhouette(cloud(1), np.zeros(40, int)) == 0


@given(hnp.arrays(np.int64, 30, elements=st.integers(0, 6)))
def test_group_means_are_their_definition(group):
    values = cloud(7, 30, 3).astype(np.float32)
    means, count = group_means(values, group, 8)
    np.testing.assert_allclose(means, reference.group_means(values, group, 8), atol=1e-6)
    np.testing.assert_array_equal(count, np.bincount(group, minlength=8))


def test_whitening_makes_a_messages_spread_about_its_author_a_unit():
    rng = np.random.default_rng(0)
    author = np.repeat(np.arange(50), 40)
    half = np.tile([0, 1], 1000).astype(np.int8)
    values = (
        rng.standard_normal((50, 6))[author] + rng.standard_normal((2000, 6)) * [1, 2, 3, 4, 5, 6]
    ).astype(np.float32)
    seen = Observations(values, author, half, np.zeros(2000, np.int64), 50)
    scaled = whitener(seen, ridge=0.0)(values)
    group = author + 50 * half.astype(int)
    np.testing.assert_allclose(reference.within_covariance(scaled, group), np.eye(6), atol=1e-4)


def test_shared_directions_diagonalise_the_covariance_between_halves():
    rng = np.random.default_rng(1)
    person = rng.standard_normal((60, 1)) * [[3, 0, 0, 0]]
    n = rng.integers(5, 9, (2, 60))
    halves = Halves(person + rng.standard_normal((60, 4)), person + rng.standard_normal((60, 4)), n[0], n[1])
    values, vectors = shared_directions(halves)
    weight = np.sqrt(n[0] * n[1])
    far = np.linalg.norm(halves.first, axis=1) * np.linalg.norm(halves.second, axis=1) * weight
    cross = reference.cross_covariance(
        halves.first, halves.second, weight * np.minimum(1, 4 * np.median(far) / far)
    )
    np.testing.assert_allclose(vectors @ np.diag(values) @ vectors.T, cross, atol=1e-9)
    assert abs(vectors[0, 0]) > 0.95


@given(st.integers(0, 10_000))
@settings(max_examples=30)
def test_no_authors_day_lies_in_both_halves(seed):
    rng = np.random.default_rng(seed)
    author, day = rng.integers(0, 6, 80), rng.integers(0, 5, 80)
    half = split_halves(author, day)
    for person in range(6):
        for today in range(5):
            assert len(set(half[(author == person) & (day == today)].tolist())) <= 1
        if len(set(day[author == person].tolist())) > 1:
            assert set(half[author == person].tolist()) == {0, 1}


def test_a_days_topic_is_taken_off_and_the_channels_own_stays():
    rng = np.random.default_rng(2)
    place = np.repeat([0, 1], 1000)
    context = np.arange(2000) // 100
    topic = rng.standard_normal((20, 4)) * 2
    values = (
        topic[context]
        + np.array([[5.0, 0, 0, 0], [-5, 0, 0, 0]])[place]
        + 0.1 * rng.standard_normal((2000, 4))
    ).astype("f4")
    clean = without_context(values, context, place)
    means, _ = group_means(clean, context)
    assert np.abs(means[:10] - means[:10].mean(0)).max() < 0.6
    assert (means[:10].mean(0) - means[10:].mean(0))[0] > 6


def test_membership_is_bayes_rule():
    rng = np.random.default_rng(3)
    mixture = Mixture(rng.standard_normal((3, 2)), np.array([0.5, 0.2]), np.array([0.2, 0.3, 0.5]))
    points, noise = rng.standard_normal((20, 2)), rng.uniform(0.1, 2, (20, 2))
    expected = reference.posterior(mixture.means, mixture.spread, mixture.weights, points, noise)
    np.testing.assert_allclose(mixture.posterior(points, noise), expected, atol=1e-12)


def test_who_said_nothing_is_as_likely_as_the_clusters_are_large():
    mixture = Mixture(np.array([[-3.0], [3.0]]), np.array([1.0]), np.array([0.25, 0.75]))
    np.testing.assert_allclose(
        mixture.posterior(np.array([[3.0]]), np.array([[1e9]])), [[0.25, 0.75]], atol=1e-3
    )


def test_fitting_is_expectation_maximisation():
    """One step of a fit among others is the definition's."""
    rng = np.random.default_rng(8)
    points, noise = (
        rng.standard_normal((30, 2)) + np.repeat([[0], [3]], 15, axis=0),
        rng.uniform(0.1, 1, (30, 2)),
    )
    starts, number = rng.integers(0, 2, (2, 30)), np.array([2, 3])
    starts[1] = np.arange(30) % 3
    spread = max(float((points.var(0) - noise.mean(0)).mean()), 0.25 * float(points.var(0).mean()))
    fits = fit(points, noise, starts, number, iterations=1)
    for at, k in enumerate(number.tolist()):
        first = reference.expect(points, noise, np.eye(k)[starts[at]], spread)
        share = reference.posterior(first[0], np.full(2, first[1]), first[2], points, noise)
        means, width, weights = reference.expect(points, noise, share, first[1])
        np.testing.assert_allclose(fits[at].means, means)
        np.testing.assert_allclose(fits[at].spread, width)
        np.testing.assert_allclose(fits[at].weights, weights)


def test_fitting_believes_those_who_wrote_much():
    """Noisy authors on the wrong side must not pull the means."""
    rng = np.random.default_rng(4)
    truth = np.repeat([0, 1], 100)
    noise = np.where(np.arange(200) % 2, 0.01, 9.0)[:, None]
    points = np.array([-2.0, 2.0])[truth][:, None] + np.sqrt(noise) * rng.standard_normal((200, 1))
    made = fit(points, noise, (points[:, 0] > 0).astype(int)[None], np.array([2]))[0]
    np.testing.assert_allclose(np.sort(made.means[:, 0]), [-2, 2], atol=0.2)


def test_a_cloud_without_parts_is_still_cut_into_as_many_as_asked():
    """Noise far larger than the spread must not leave all authors to the largest cluster."""
    rng = np.random.default_rng(5)
    points, noise = rng.standard_normal((300, 2)), np.full((300, 2), 4.0)
    for k in (2, 3, 5):
        made = mixtures(points, noise, np.array([0.2, 0.1]), [k])[k]
        assert np.bincount(made.posterior(points, noise).argmax(1), minlength=k).min() >= 3


@given(hnp.arrays(np.int64, (12, 5), elements=st.integers(0, 3)).filter(lambda c: c.sum(1).all()))
def test_class_tf_idf_is_its_definition(counts):
    labels = np.arange(12) % 3
    expected = reference.ctfidf(counts, labels, 3)
    np.testing.assert_allclose(ctfidf(csr_matrix(counts), labels), expected, atol=1e-12)
