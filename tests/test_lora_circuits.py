"""What a change serves, what it does to other domains, and which layers to split: planted truth and its controls."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from chorus.kernels.lora import circuits, split, transfer
from chorus.kernels.lora import reference_dynamics as reference
from chorus.kernels.lora.adapter import Delta

N, D, OUT = 400, 12, 6


def planted(idle: float = 0.0) -> tuple[Delta, torch.Tensor, np.ndarray, torch.Tensor]:
    """A change of three directions: the first serves class 0, the second class 1, the third nobody (IDLE strong).

    Inputs carry their class along one axis; what is wanted is the exact change of the first two.
    """
    random = np.random.default_rng(0)
    y = random.integers(3, size=N)
    x = 0.1 * random.standard_normal((N, D))
    x[np.arange(N), y] += 2.0  # class c along axis c
    a, b = np.zeros((3, D)), np.zeros((OUT, 3))
    a[0, 0], a[1, 1], a[2, 5] = 1, 1, 1
    b[0, 0], b[1, 1], b[2, 2] = 3.0, 2.0, idle
    wanted = x @ (b[:, :2] @ a[:2]).T
    return Delta(torch.from_numpy(a), torch.from_numpy(b)), torch.from_numpy(x), y, torch.from_numpy(wanted)


def found(delta: Delta, x: torch.Tensor, y: np.ndarray, wanted: torch.Tensor) -> list[circuits.Circuit]:
    def losses(change: Delta | None) -> np.ndarray:
        got = (
            torch.zeros(len(x), OUT, dtype=torch.float64) if change is None else (x @ change.A.T) @ change.B.T
        )
        return ((got - wanted) ** 2).sum(1).numpy()

    return circuits.circuits(delta, x, y, losses)


def test_directions_are_labelled_by_what_they_serve() -> None:
    made = found(*planted())
    assert [(c.label, c.confirmed) for c in made] == [(0, True), (1, True)]
    assert all(c.rise > 5 * max(c.others, 0.01) for c in made) and all(c.auc > 0.95 for c in made)


def test_a_direction_that_serves_nobody_stays_unconfirmed_however_strong() -> None:
    made = found(*planted(idle=9.0))
    assert made[0].strength == pytest.approx(9.0) and not made[0].confirmed
    assert [c.label for c in made if c.confirmed] == [0, 1]


def test_labels_drawn_at_random_are_not_confirmed() -> None:
    delta, x, y, wanted = planted()
    wrong = sum(
        c.confirmed
        for seed in range(10)
        for c in found(delta, x, np.random.default_rng(seed).permutation(y), wanted)
    )
    assert wrong <= 3  # of 20, at q = .05


def test_without_a_direction_the_others_are_as_they_were() -> None:
    delta, *_ = planted(idle=1.0)
    rest = circuits.without(delta, 0)
    assert rest is not None
    np.testing.assert_allclose((rest.B @ rest.A).numpy(), (delta.B[:, 1:] @ delta.A[1:]).numpy(), atol=1e-12)
    assert circuits.without(Delta(torch.ones(1, 3), torch.ones(2, 1)), 0) is None


def test_discoveries_are_benjamini_and_hochbergs() -> None:
    from scipy.stats import false_discovery_control

    for seed in range(5):
        p = np.random.default_rng(seed).random(20) ** 3
        np.testing.assert_array_equal(circuits.benjamini_hochberg(p, 0.1), false_discovery_control(p) <= 0.1)


def test_measures_of_a_stream() -> None:
    nan = np.nan
    r = np.array([[0.9, nan, nan], [0.6, 0.8, nan], [0.7, 0.5, 1.0]])
    told = transfer.measures(r)
    assert told.accuracy == pytest.approx((0.7 + 0.5 + 1.0) / 3)
    assert told.forgetting == pytest.approx((0.2 + 0.3) / 2)
    assert told.backward == pytest.approx((-0.2 - 0.3) / 2) and np.isnan(told.forward)
    ahead = np.array([[0.9, 0.3], [0.6, 0.8]])
    assert transfer.measures(ahead, np.array([0.1, 0.1])).forward == pytest.approx(0.2)
    assert transfer.measures(np.array([[0.5]])).forgetting == 0.0


def test_gains_are_of_what_an_own_adapter_gains() -> None:
    plain = [np.array([2.0, 4.0]), np.array([1.0, 1.0])]
    under = [[np.array([1.0, 3.0]), np.array([1.5, 1.5])], [np.array([2.0, 3.0]), np.array([0.5, 0.5])]]
    np.testing.assert_allclose(transfer.gains(plain, under), [[1.0, -1.0], [0.5, 1.0]])


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    random = np.random.default_rng(0)
    hit = [transfer.interval(random.standard_normal(40) + 1.0) for _ in range(100)]
    assert sum(low <= 1.0 <= high for _, low, high in hit) >= 87


def gradients(conflict: bool, seed: int, noise: float = 1.0) -> np.ndarray:
    """f64[rounds, agents, 2, p] of agents that want the same, or each something of its own."""
    random = np.random.default_rng(seed)
    own = random.standard_normal((1, 4, 1, 50)) if conflict else random.standard_normal((1, 1, 1, 50))
    return own + noise * random.standard_normal((12, 4, 2, 50))


def test_the_layer_in_conflict_is_split_and_no_other() -> None:
    found = split.split(
        {"torn": gradients(True, 1), "shared": gradients(False, 2), "noise": gradients(True, 3, 1e6)}
    )
    assert {name: told[-1] for name, told in found.items()} == {"torn": True, "shared": False, "noise": False}


def test_agreement_is_the_mean_over_pairs() -> None:
    g = gradients(True, 4)[0]
    np.testing.assert_allclose(split.agreement(g), reference.agreement(g), atol=1e-12)
