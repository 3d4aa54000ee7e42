"""Clusters of very many points by landmarks and by powers: planted truth, agreement with the definition, and nulls."""

from __future__ import annotations

import numpy as np
import pytest
from persona_helpers import block_model

from chorus.kernels.persona import reference
from chorus.kernels.persona.kmeans import lloyd
from chorus.kernels.persona.knn import affinity, knn_graph
from chorus.kernels.persona.landmark import kmeans_of_many, landmark_cluster, landmark_embed, landmark_weights
from chorus.kernels.persona.power import power_embed
from chorus.kernels.persona.scores import adjusted_rand, normalised_information
from chorus.kernels.persona.spectral import normalised


def rings(n: int = 1500) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    truth = np.arange(n) % 2
    angle = rng.uniform(0, 2 * np.pi, n)
    radius = np.where(truth, 4.0, 1.0) + 0.05 * rng.standard_normal(n)
    return np.c_[radius * np.cos(angle), radius * np.sin(angle)].astype(np.float32), truth


def clouds(n: int = 3000, apart: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    truth = rng.integers(5, size=n)
    return (apart * rng.standard_normal((5, 32))[truth] + rng.standard_normal((n, 32))).astype("f4"), truth


def test_shapes_that_k_means_cannot_tell_apart_are_told_apart():
    points, truth = rings()
    assert adjusted_rand(landmark_cluster(points, 2, landmarks=150), truth) > 0.98
    assert adjusted_rand(lloyd(points, 2)[1], truth) < 0.2


def test_everyone_is_assigned_and_the_seed_decides():
    points, truth = clouds()
    labels = landmark_cluster(points, 5)
    assert set(labels.tolist()) == set(range(5))
    assert normalised_information(labels, truth) > 0.95
    np.testing.assert_array_equal(labels, landmark_cluster(points, 5))


def test_points_of_one_cloud_agree_with_nothing():
    points, truth = clouds(apart=0.0)
    assert adjusted_rand(landmark_cluster(points, 5), truth) < 0.02


def test_landmarks_embed_as_the_graph_that_they_stand_for():
    """The eigenvectors of ZD⁻¹Zᵀ, which is never made, are those of the dense matrix."""
    points, _ = clouds(200)
    z = landmark_weights(points, 40, 5, seed=3).toarray().astype(np.float64)
    np.testing.assert_allclose(z.sum(1), 1, rtol=1e-5)
    assert ((z > 0).sum(1) <= 5).all()
    true_values, true_vectors = np.linalg.eigh(reference.landmark_graph(z))
    vectors, values = landmark_embed(points, 4, landmarks=40, nearest=5, seed=3)
    np.testing.assert_allclose(values, true_values[::-1][:4], atol=1e-5)
    assert values[0] == pytest.approx(1, abs=1e-5)
    for at in range(4):
        assert abs(vectors[:, at] @ true_vectors[:, ::-1][:, at]) == pytest.approx(1, abs=1e-3)


def test_fewer_points_than_landmarks():
    points, truth = clouds(60, apart=3.0)
    assert adjusted_rand(landmark_cluster(points, 5, nearest=12), truth) > 0.9


def test_k_means_of_many_comes_close_to_k_means():
    points, _ = clouds(8000)
    many, few = kmeans_of_many(points, 5), lloyd(points, 5)[1]
    assert adjusted_rand(many, few) > 0.95


def test_powers_find_the_eigenvectors_that_stand_out():
    graph, _ = block_model(14.4, seed=0, n=900)
    s, root = normalised(graph)
    found = power_embed(s, root, 4)
    assert found is not None
    true_values, true_vectors = np.linalg.eigh(s.toarray())
    np.testing.assert_allclose(found[1], true_values[::-1][:4], atol=3e-3)
    overlap = np.linalg.svd(found[0].T @ true_vectors[:, ::-1][:, :4])[1]
    assert overlap.min() > 0.99


def test_powers_say_when_they_do_not_settle():
    """Without blocks the second eigenvector lies in the bulk."""
    graph, _ = block_model(0.3, seed=0, n=900)
    s, root = normalised(graph)
    assert power_embed(s, root, 4, rounds=3) is None


def test_a_graph_on_another_device_is_the_same_graph():
    """The tiles of a device, here the CPU's own, give what the definition gives."""
    points, _ = clouds(300)
    index, distance = knn_graph(points, 6, tile=64, device="cpu:0")
    true_index, true_distance = knn_graph(points, 6)
    np.testing.assert_array_equal(index, true_index)
    np.testing.assert_allclose(distance, true_distance, atol=1e-3)
    assert affinity(index, distance).shape == (300, 300)
