"""The analytic head: the same whatever the order, exact to take out again; and features brought back from a shift."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from chorus.kernels.lora import drift, ridge
from chorus.kernels.lora import reference_dynamics as reference


def data(n: int = 120, d: int = 8, k: int = 3, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    random = torch.Generator().manual_seed(seed)
    y = torch.randint(k, (n,), generator=random)
    centres = torch.randn(k, d, generator=random) * 1.5
    return centres[y] + torch.randn(n, d, generator=random), y


def test_it_is_the_least_squares_of_all_examples_at_once() -> None:
    x, y = data()
    head = ridge.ridge(8, 40, 3)
    for part in torch.arange(len(y)).split(17):
        ridge.update(head, x[part], y[part])
    wanted = reference.ridge(ridge.lift(head, x).double().numpy(), y.numpy(), 3, 0.5)
    np.testing.assert_allclose(ridge.solve(head, 0.5).numpy(), wanted, atol=1e-6)


@settings(max_examples=20)
@given(st.permutations(list(range(6))))
def test_tasks_in_any_order_give_the_same_head(order: list[int]) -> None:
    x, y = data()
    heads = []
    for chosen in (range(6), order):
        head = ridge.ridge(8, 20, 3)
        for task in chosen:
            ridge.update(head, x[task::6], y[task::6])
        heads.append(ridge.solve(head, 1.0))
    torch.testing.assert_close(*heads, rtol=1e-6, atol=1e-8)


def test_what_somebody_contributed_can_be_taken_out_exactly() -> None:
    x, y = data()
    head = ridge.ridge(8, 30, 3)
    ridge.update(head, x[:80], y[:80])
    kept = head.copy()
    ridge.update(head, x[80:], y[80:])
    assert not torch.allclose(head.gram, kept.gram)
    ridge.update(head, x[80:], y[80:], weight=-1)
    torch.testing.assert_close(ridge.solve(head, 1.0), ridge.solve(kept, 1.0), rtol=1e-6, atol=1e-8)
    assert head.seen == 80


def test_new_classes_are_new_columns_that_change_no_other() -> None:
    x, y = data()
    head = ridge.ridge(8, 30, 3)
    ridge.update(head, x, y)
    before = head.cross.clone()
    ridge.update(head, x[:5], torch.full((5,), 6))
    assert head.cross.shape[1] == 7
    torch.testing.assert_close(head.cross[:, :3], before)


def test_the_strength_is_chosen_by_examples_held_out() -> None:
    x, y = data(n=60)
    head = ridge.ridge(8, 200, 3)
    ridge.update(head, x[:40], y[:40])
    strengths = (1e-6, 1.0, 1e9)
    strength, weights = ridge.chosen_strength(head, x[40:], y[40:], strengths)
    truth = torch.nn.functional.one_hot(y[40:], 3)
    error = lambda w: float(((ridge.scores(head, w, x[40:]) - truth) ** 2).mean())
    assert error(weights) == min(error(ridge.solve(head, s)) for s in strengths)
    assert strength == 1.0


def shifted(x: torch.Tensor, rank: int, seed: int = 0) -> torch.Tensor:
    random = torch.Generator().manual_seed(seed)
    u, v = torch.randn(2, x.shape[1], rank, generator=random)
    return x + (x @ v) @ u.T / x.shape[1] ** 0.5


def test_a_shift_of_low_rank_is_undone_from_few_pairs() -> None:
    old, _ = data(n=400, d=24, seed=1)
    new = shifted(old, 2)
    delta, share = drift.compensate(new[:40], old[:40])
    assert delta is not None and share > 0.95
    left = (drift.moved(new[40:], delta) - old[40:]).norm() / (new[40:] - old[40:]).norm()
    assert float(left) < 0.2


def test_where_nothing_shifted_or_only_noise_came_nothing_is_changed() -> None:
    old, _ = data(n=60, d=24, seed=2)
    assert drift.compensate(old, old) == (None, 0.0)
    noise = torch.randn(old.shape, generator=torch.Generator().manual_seed(3))
    delta, share = drift.compensate(old + 0.3 * noise, old)
    assert delta is None or share < 0.2  # shrinking a little is right where noise was added


def test_a_shift_breaks_the_head_and_the_change_before_it_repairs_it() -> None:
    x, y = data(n=600, d=24, seed=4)
    head = ridge.ridge(24, 200, 3)
    ridge.update(head, x[:400], y[:400])
    weights = ridge.solve(head, 1.0)
    right = lambda z: float((ridge.scores(head, weights, z).argmax(1) == y[400:]).float().mean())
    new = shifted(x, 8, seed=6)
    delta, _ = drift.compensate(new[:60], x[:60])
    assert right(drift.moved(new[400:], delta)) > right(x[400:]) - 0.03
    assert right(new[400:]) < right(x[400:]) - 0.1


def test_two_changes_are_chained_exactly() -> None:
    x, _ = data(n=80, d=12, seed=5)
    middle, last = shifted(x, 1, 1), shifted(shifted(x, 1, 1), 2, 2)
    first, then = drift.compensate(last, middle)[0], drift.compensate(middle, x)[0]
    both = drift.chained(first, then)
    torch.testing.assert_close(
        drift.moved(last, both), drift.moved(drift.moved(last, first), then), rtol=1e-4, atol=1e-4
    )
    assert drift.chained(None, then) is then and drift.chained(first, None) is first


def test_from_labels_it_learns_what_the_head_wants() -> None:
    x, y = data(n=300, d=12, seed=7)
    head = ridge.ridge(12, 100, 3)
    ridge.update(head, x, y)
    weights = ridge.solve(head, 1.0)
    new = shifted(x, 3, seed=8)
    truth = torch.nn.functional.one_hot(y, 3)
    error = lambda z: float(((ridge.scores(head, weights, z) - truth) ** 2).mean())
    found = drift.by_labels(head, weights, new, y, steps=60)
    assert error(drift.moved(new, found)) < 0.8 * error(new)
    assert pytest.approx(error(new)) == error(drift.moved(new, None))
