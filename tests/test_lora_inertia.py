"""Inertia and entropy: steps that shrink by what was learned, ranks that are held to a budget."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from chorus.kernels.lora import entropy, inertia
from chorus.kernels.lora import reference_dynamics as reference
from chorus.kernels.lora.adapter import Delta


def of(sigma: list[float], o: int = 9, d: int = 7) -> Delta:
    """A change with singular values SIGMA."""
    random = np.random.default_rng(0)
    u, v = (np.linalg.qr(random.standard_normal((n, len(sigma))))[0] for n in (o, d))
    return Delta(torch.from_numpy(v.T.copy()), torch.from_numpy(u * sigma))


def test_without_forgetting_it_is_adagrad() -> None:
    random = torch.Generator().manual_seed(0)
    value = torch.randn(5, generator=random, dtype=torch.float64)
    theirs = value.clone().requires_grad_()
    optimizer = torch.optim.Adagrad([theirs], lr=0.3, eps=0)
    inert = torch.zeros(5, dtype=torch.float64)
    for _ in range(20):
        g = torch.randn(5, generator=random, dtype=torch.float64)
        theirs.grad = g
        optimizer.step()
        value, inert = inertia.moved(value, inert, g, 0.3)
    torch.testing.assert_close(value, theirs.detach(), rtol=1e-6, atol=1e-6)


@given(st.floats(0.1, 100))
def test_the_size_of_gradients_does_not_matter(size: float) -> None:
    small, big = np.zeros(3), np.zeros(3)
    of_small, of_big = np.zeros(3), np.zeros(3)
    for g in np.random.default_rng(1).standard_normal((10, 3)) + 2:
        small, of_small = inertia.moved(small, of_small, g, 0.1, 0.9)
        big, of_big = inertia.moved(big, of_big, size * g, 0.1, 0.9)
    np.testing.assert_allclose(small, big, rtol=1e-4)


def test_steps_shrink_without_forgetting_and_not_with_it() -> None:
    for rho, shrinks in ((1.0, True), (0.9, False)):
        value, inert, steps = np.zeros(1), np.zeros(1), []
        for _ in range(400):
            after, inert = inertia.moved(value, inert, np.ones(1), 1.0, rho)
            steps.append(float(value[0] - after[0]))
            value = after
        assert (steps[-1] < steps[20] / 3) is shrinks


@given(st.lists(st.floats(0.01, 10), min_size=1, max_size=6))
def test_the_effective_rank_is_that_of_the_whole_change(sigma: list[float]) -> None:
    change = of(sigma)
    found = entropy.effective_rank(entropy.spectrum(change)[1])
    assert found == pytest.approx(reference.effective_rank((change.B @ change.A).numpy()), rel=1e-6)
    assert 1 - 1e-9 <= found <= len(sigma) + 1e-9


def test_equal_directions_count_in_full_and_nothing_counts_nothing() -> None:
    assert entropy.effective_rank(entropy.spectrum(of([2.0] * 4))[1]) == pytest.approx(4)
    assert entropy.effective_rank(torch.zeros(3)) == 0.0


@given(st.lists(st.floats(0.01, 10), min_size=1, max_size=6), st.floats(1, 6))
def test_a_change_is_brought_within_its_budget_and_no_further(sigma: list[float], budget: float) -> None:
    change = of(sigma)
    lowered, by = entropy.within(change, budget)
    found = entropy.spectrum(lowered)[1]
    assert entropy.effective_rank(found) <= max(budget, 1.0) + 1e-6
    if by == 0.0:
        assert lowered is change
    else:
        assert float(found[0]) <= max(sigma) + 1e-9 and float(found[0]) > 0


def test_the_budget_makes_haste_only_below_it() -> None:
    assert entropy.haste(4.0, 4.0) == entropy.haste(9.0, 4.0) == 1.0
    assert 1.0 < entropy.haste(2.0, 4.0) < entropy.haste(0.0, 4.0) == entropy.FASTEST
