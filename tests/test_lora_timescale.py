"""Two timescales: what moves is not lost, the factored form is the whole one, and phases do what a soft gate cannot."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from chorus.kernels.lora import reference_dynamics as reference
from chorus.kernels.lora import timescale
from chorus.kernels.lora.adapter import Delta
from chorus.kernels.lora.timescale import FREE, SCREENED


def delta(rank: int, seed: int, o: int = 12, d: int = 9) -> Delta:
    random = torch.Generator().manual_seed(seed)
    make = lambda *shape: torch.randn(*shape, generator=random, dtype=torch.float64)
    return Delta(make(rank, d), make(o, rank))


def whole(change: Delta) -> np.ndarray:
    return (change.B @ change.A).numpy()


@given(st.integers(1, 4), st.integers(1, 5), st.floats(0, 1), st.integers(1, 8))
def test_consolidation_of_factors_is_that_of_whole_changes(f: int, s: int, share: float, rank: int) -> None:
    fast, slow = delta(f, 1), delta(s, 2)
    left, kept, lost = timescale.consolidate(fast, slow, share, rank)
    wanted_fast, wanted_slow = reference.consolidate(whole(fast), whole(slow), share, rank)
    np.testing.assert_allclose(whole(left), wanted_fast, atol=1e-9)
    np.testing.assert_allclose(whole(kept), wanted_slow, atol=1e-8)
    before = whole(slow) + share * whole(fast)
    assert lost == pytest.approx(np.linalg.norm(before - whole(kept)) / np.linalg.norm(before), abs=1e-6)


def test_what_moves_is_not_lost_while_ranks_fit() -> None:
    fast, slow = delta(2, 3), delta(3, 4)
    left, kept, lost = timescale.consolidate(fast, slow, 0.3, 5)
    assert lost == 0.0
    np.testing.assert_allclose(whole(left) + whole(kept), whole(fast) + whole(slow), atol=1e-12)


@given(st.floats(0, 1), st.floats(1.5, 1e6), st.booleans())
def test_a_step_moves_between_levels_without_changing_their_sum(kappa: float, tau: float, mask: bool) -> None:
    random = np.random.default_rng(0)
    fast, slow, g = random.standard_normal((3, 4, 5))
    after, kept = timescale.step(fast, slow, g, mask, eta=0.1, tau=tau, kappa=kappa)
    np.testing.assert_allclose(after + kept, (1 - 1 / tau) * fast - 0.1 * g + slow, atol=1e-12)
    if not mask:
        np.testing.assert_array_equal(kept, slow)


def test_it_is_an_average_of_what_is_seen() -> None:
    random = np.random.default_rng(1)
    fast, slow, average = np.zeros(3), np.zeros(3), np.zeros(3)
    for _ in range(50):
        g = random.standard_normal(3)
        seen = fast - 0.1 * g + slow
        fast, slow = timescale.step(fast, slow, g, 1.0, eta=0.1, tau=np.inf, kappa=0.2)
        average += 0.2 * (seen - average)
        np.testing.assert_allclose(slow, average, atol=1e-12)


def test_hysteresis_holds_a_phase_between_its_two_thresholds() -> None:
    assert timescale.phase(SCREENED, 5, 10, 3) is SCREENED
    assert timescale.phase(FREE, 5, 10, 3) is FREE
    assert timescale.phase(SCREENED, 10, 10, 3) is FREE
    assert timescale.phase(FREE, 2.9, 10, 3) is SCREENED


def test_a_noisy_signal_flips_a_gate_without_hysteresis_more_often() -> None:
    signal = 6 + 2 * np.random.default_rng(2).standard_normal(500)

    def flips(up: float, down: float) -> int:
        now, count = SCREENED, 0
        for value in signal:
            before, now = now, timescale.phase(now, value, up, down)
            count += before is not now
        return count

    assert flips(10, 3) < flips(6, 6) / 3


def test_the_control_gate_never_closes_and_phases_do() -> None:
    fast, slow = np.ones(4), np.zeros(4)
    for gate, moves in (
        (timescale.phase(SCREENED, 0.0, 10, 3), False),
        (timescale.open_by(0.0, 10, 3, 2), True),
    ):
        kept = timescale.step(fast, slow, 0.0, gate, eta=0.1, tau=50, kappa=0.1)[1]
        assert bool(kept.any()) is moves
