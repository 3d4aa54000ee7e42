"""Filters on graphs: as their spectra define them, the same for any order of nodes, sign and basis of eigenvectors."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from chorus.kernels.spectral import reference
from chorus.kernels.spectral.graph import (
    cheb_conv,
    cheb_filter,
    eig_attention,
    gcn,
    interpolated,
    laplacian,
    propagation,
)

N = 24


def graph(seed: int = 0, loops: bool = False) -> tuple[torch.Tensor, torch.Tensor]:
    """Both directions of random edges with weights; the last node has none."""
    rng = np.random.default_rng(seed)
    low, high = np.triu_indices(N - 1, 1)
    kept = rng.random(len(low)) < 0.2
    pairs = np.stack([low[kept], high[kept]])
    weight = rng.uniform(0.5, 2, pairs.shape[1])
    ei, w = np.concatenate([pairs, pairs[::-1]], 1), np.concatenate([weight, weight])
    if loops:
        ei, w = np.concatenate([ei, [[3, 5], [3, 5]]], 1), np.concatenate([w, [0.7, 1.4]])
    return torch.from_numpy(ei), torch.from_numpy(w)


def drawn(*shape: int, seed: int = 1) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("loops", [False, True])
def test_matrices_are_those_of_the_reference(loops: bool) -> None:
    ei, w = graph(loops=loops)
    host = ei.numpy(), w.numpy(), N
    np.testing.assert_allclose(laplacian(ei, w, N).to_dense(), reference.laplacian(*host), atol=1e-14)
    np.testing.assert_allclose(propagation(ei, w, N).to_dense(), reference.propagation(*host), atol=1e-14)


@pytest.mark.parametrize(("k", "lmax"), [(1, 2.0), (2, 2.0), (5, 2.0), (5, 1.9)])
def test_chebyshev_filters_act_on_the_spectrum(k: int, lmax: float) -> None:
    ei, w = graph()
    x, theta = drawn(N, 3), drawn(k, 3, 4, seed=2)
    dense = reference.laplacian(ei.numpy(), w.numpy(), N)
    lmax = lmax if lmax == 2 else float(np.linalg.eigvalsh(dense).max()) + 0.01
    slow = reference.cheb_conv(x.numpy(), dense, theta.numpy(), lmax)
    np.testing.assert_allclose(cheb_conv(x, laplacian(ei, w, N), theta, lmax), slow, atol=1e-12)


def test_a_layer_of_gcn_is_the_product() -> None:
    ei, w = graph(loops=True)
    p = propagation(ei, w, N)
    for theta in (drawn(3, 2), drawn(3, 8)):
        np.testing.assert_allclose(gcn(drawn(N, 3), p, theta), p.to_dense() @ drawn(N, 3) @ theta, atol=1e-13)


def test_values_at_the_nodes_are_taken_there() -> None:
    values = drawn(5)
    at = torch.cos((torch.arange(5).double() + 0.5) * torch.pi / 5)
    waves = torch.cos(torch.outer(torch.arccos(at), torch.arange(5).double()))
    np.testing.assert_allclose(waves @ interpolated(values), values, atol=1e-14)


def test_a_low_pass_finds_planted_communities_and_a_high_pass_does_not() -> None:
    """Noisy labels of two communities, smoothed over the graph; its complement is the control."""
    rng = np.random.default_rng(0)
    n = 300
    side = np.repeat([1.0, -1.0], n // 2)
    tied = rng.random((n, n)) < np.where(np.outer(side, side) > 0, 0.08, 0.01)
    ei = torch.from_numpy(np.stack(np.nonzero(np.triu(tied, 1) | np.triu(tied, 1).T)))
    L = laplacian(ei, torch.ones(ei.shape[1], dtype=torch.float64), n)
    noisy = torch.from_numpy(side + 2 * rng.standard_normal(n))[:, None]
    right = lambda made: float((np.sign(made[:, 0].numpy()) == side).mean())
    low = torch.tensor([0.0, 0.0, 0.0, 0.5, 1.0], dtype=torch.float64)
    assert right(noisy) < 0.75
    assert right(cheb_filter(noisy, L, low)) > 0.95
    assert right(cheb_filter(noisy, L, low.flip(0))) < 0.7


def test_attention_knows_neither_signs_nor_bases() -> None:
    """A cycle's eigenvalues come in pairs, so each pair's eigenvectors may be turned at will."""
    n, rng = 12, np.random.default_rng(0)
    ring = torch.stack([torch.arange(n), (torch.arange(n) + 1) % n])
    both = torch.cat([ring, ring.flip(0)], 1)
    lam, u = torch.linalg.eigh(laplacian(both, torch.ones(2 * n, dtype=torch.float64), n).to_dense())
    lam, u = lam[:5], u[:, :5]
    turn = torch.eye(5, dtype=torch.float64)
    for start in (1, 3):
        turn[start : start + 2, start : start + 2] = torch.from_numpy(
            np.linalg.qr(rng.standard_normal((2, 2)))[0]
        )
    turn[0, 0] = -1
    x = drawn(n, 3)
    made = eig_attention(u, lam, x)
    assert torch.allclose(made, eig_attention(u @ turn, lam, x), atol=1e-10)
    spaces = [u[:, :1], u[:, 1:3], u[:, 3:5]]
    slow = reference.eig_attention([(s @ s.T).numpy() for s in spaces], lam[[0, 1, 3]].tolist(), x.numpy())
    np.testing.assert_allclose(made, slow, atol=1e-10)
    naive = lambda vectors: (
        torch.softmax(vectors[:, :2] @ torch.ones(2, 1).double(), 0).T @ x
    )  # reads coordinates
    assert not torch.allclose(naive(u), naive(u @ turn), atol=1e-3)  # the control


def test_nodes_in_another_order_give_the_same_in_that_order() -> None:
    ei, w = graph()
    order = torch.from_numpy(np.random.default_rng(3).permutation(N))
    place = torch.argsort(order)
    x, theta = drawn(N, 3), drawn(5, 3, 2)
    made = cheb_conv(x, laplacian(ei, w, N), theta)
    moved = cheb_conv(x[order], laplacian(place[ei], w, N), theta)
    assert torch.allclose(moved, made[order], atol=1e-12)
