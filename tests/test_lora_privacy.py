"""Privacy modes: the stated ε is the mechanism's, releases add up, and attackers do no better than is promised."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from chorus.kernels.lora.measures import auc
from chorus.kernels.lora.privacy import Spent, delta_of, epsilon_of, most_auc, release, sigma_of, tracing
from chorus.runtime.errors import EvalError

EPSILONS, DELTAS = st.floats(0.02, 20), st.floats(1e-9, 0.1)


@settings(max_examples=60, deadline=None)
@given(EPSILONS, DELTAS)
def test_noise_is_the_least_that_keeps_the_promise(epsilon: float, delta: float) -> None:
    sigma = sigma_of(epsilon, delta)
    assert delta_of(epsilon, sigma) <= delta * (1 + 1e-9)
    if sigma > 1e-3:
        assert delta_of(epsilon, 0.999 * sigma) > delta
        assert epsilon_of(sigma, delta) == pytest.approx(epsilon, rel=1e-6)
    if epsilon <= 1:
        assert sigma <= math.sqrt(2 * math.log(1.25 / delta)) / epsilon  # the classical bound


@pytest.mark.parametrize(("epsilon", "sigma"), [(0.5, 1.0), (1.0, 2.0), (3.0, 0.7)])
def test_delta_is_the_integral_of_the_excess(epsilon: float, sigma: float) -> None:
    at = np.linspace(-40, 40, 400_001)
    excess = norm.pdf(at, 1, sigma) - math.exp(epsilon) * norm.pdf(at, 0, sigma)
    assert delta_of(epsilon, sigma) == pytest.approx(np.maximum(excess, 0).sum() * (at[1] - at[0]), rel=1e-4)


def test_releases_add_up_as_one_with_less_noise() -> None:
    spent = Spent()
    assert spent.epsilon(1e-5) == 0
    for _ in range(9):
        spent.note(6.0)
    assert spent.epsilon(1e-5) == pytest.approx(epsilon_of(2.0, 1e-5))
    release(np.ones((3, 2)), "team", epsilon=1.0, spent=spent)
    assert spent.epsilon(1e-5) > epsilon_of(2.0, 1e-5)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.1, 5))
def test_nobody_moves_the_sum_by_more_than_the_clip(seed: int, clip: float) -> None:
    rng = np.random.default_rng(seed)
    rows = 10 ** rng.uniform(-3, 3, (6, 1)) * rng.standard_normal((6, 5))
    without = rows.copy()
    without[2] = 0
    sums = [
        6 * release(part, "team", clip=clip, rng=np.random.default_rng(0)).update for part in (rows, without)
    ]
    assert np.linalg.norm(sums[0] - sums[1]) <= clip * (1 + 1e-9)


def test_attackers_do_no_better_than_promised_and_well_without_noise() -> None:
    rng, people, size = np.random.default_rng(0), 10, 100
    found = {}
    for epsilon in (math.inf, 4.0):
        scores, truth = [], []
        for _ in range(60):
            rows = rng.standard_normal((2 * people, size)) / math.sqrt(size)
            mode = "public" if math.isinf(epsilon) else "team"
            made = release(rows[:people], mode, clip=1.0, epsilon=epsilon, rng=rng)
            scores += tracing(made.update, rows, np.zeros((1, size))).tolist()
            truth += [True] * people + [False] * people
        found[epsilon] = auc(scores, truth)
    assert found[math.inf] > 0.95
    assert 0.5 < found[4.0] <= most_auc(sigma_of(4.0, 1e-5)) + 0.03


def test_modes() -> None:
    rows = np.arange(6.0).reshape(3, 2)
    public = release(rows, "public")
    assert np.array_equal(public.update, rows.mean(0)) and math.isinf(public.epsilon)
    team = release(rows, "team", clip=1.0, epsilon=2.0, delta=1e-6)
    assert team.epsilon == 2.0 and team.delta == 1e-6 and team.share == pytest.approx(2 / 3)
    assert not np.array_equal(team.update, release(rows, "team", clip=1.0, epsilon=2.0, delta=1e-6).update)
    for wrong in (
        lambda: release(rows, "private"),
        lambda: release(rows, "secret"),
        lambda: release(rows, "team", epsilon=0),
        lambda: release(rows, "team", delta=1),
        lambda: release(rows, "team", clip=0),
        lambda: release(np.full((2, 2), np.nan), "public"),
    ):
        with pytest.raises(EvalError):
            wrong()
