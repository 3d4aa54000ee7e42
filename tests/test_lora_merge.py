"""Changes merged: exactly side by side, best of a rank by SVD, and never by averaging factors."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from lora_helpers import Small, adapter, drawn

from chorus.kernels.lora import reference
from chorus.kernels.lora.adapter import Adapter, Delta
from chorus.kernels.lora.levels import FAST, LEVELS, SLOW
from chorus.kernels.lora.merge import combine, fold, side_by_side, stack, truncated
from chorus.runtime.errors import EvalError

sizes = st.integers(1, 12)


def delta(d: int, o: int, r: int, seed: int) -> Delta:
    return Delta(drawn(r, d, seed=2 * seed), drawn(o, r, seed=2 * seed + 1)).to(torch.float64)


def whole(one: Adapter, path: str) -> torch.Tensor:
    return reference.change(one.layers[path], one.scale) if path in one.layers else torch.zeros(())


@given(d=sizes, o=sizes, ranks=st.lists(st.integers(1, 6), min_size=1, max_size=4), seed=st.integers(0, 99))
def test_side_by_side_and_folded_they_are_the_sum(d: int, o: int, ranks: list[int], seed: int) -> None:
    deltas = [delta(d, o, r, seed + at) for at, r in enumerate(ranks)]
    weight = drawn(o, d, seed=seed + 50).double()
    true = reference.fold(weight, deltas)
    assert torch.allclose(fold(weight, deltas), true, atol=1e-12)
    one = side_by_side(deltas)
    assert one.rank == sum(ranks)
    assert torch.allclose(weight + reference.change(one), true, atol=1e-12)


@given(d=sizes, o=sizes, r=st.integers(2, 8), rank=st.integers(1, 7), seed=st.integers(0, 99))
def test_what_is_truncated_is_as_near_as_the_whole_matrix_svd_comes(
    d: int, o: int, r: int, rank: int, seed: int
) -> None:
    given_, (made, error) = delta(d, o, r, seed), truncated(delta(d, o, r, seed), rank)
    true = reference.change(given_)
    _, least = reference.nearest(true, rank)
    assert made.rank <= max(rank, 1) and error == pytest.approx(least, abs=1e-9)
    off = float((reference.change(made) - true).norm() / true.norm())
    assert off == pytest.approx(least, abs=1e-9)


def test_a_sum_of_two_directions_is_found_again() -> None:
    """Four agents of rank 4 that share two directions: rank 2 holds all that they do."""
    shared = delta(40, 30, 2, 7)
    agents = []
    for at in range(4):
        mix = drawn(4, 2, seed=30 + at).double()  # each writes the two directions in factors of its own
        agents.append(Adapter({"up": Delta(mix @ shared.A, shared.B @ torch.linalg.pinv(mix))}, 4.0))
    both, errors = combine(agents, rank=2)
    assert errors["up"] < 1e-12 and both.layers["up"].rank == 2
    assert torch.allclose(whole(both, "up"), 4 * reference.change(shared), atol=1e-10)
    _, worse = combine(agents, rank=1)
    assert worse["up"] > 0.1


def test_weights_scales_and_layers_that_some_lack_are_in_the_sum() -> None:
    model = Small()
    one, two = adapter(model, "a", 3, 6.0, 1), adapter(model, "b", 5, 2.5, 2)
    two = Adapter({"up": two.layers["up"]}, two.alpha, "", "b")
    both, errors = combine([one, two], weights=[0.25, -2.0])
    assert set(errors.values()) == {0.0} and both.name == "a+b"
    assert both.layers["up"].rank == 8 and both.layers["down"].rank == 3
    for path in ("up", "down"):
        true = 0.25 * whole(one, path) - 2 * whole(two, path)
        assert torch.allclose(whole(both, path), true, atol=1e-6)
    assert torch.allclose(whole(stack(one, two), "up"), whole(one, "up") + whole(two, "up"), atol=1e-6)


def test_averaged_factors_are_another_matrix() -> None:
    """The measured trap: eight agents, and eight ways to write one change. Merged by SVD the one is found again."""
    agents = [delta(64, 64, 8, at) for at in range(8)]
    turns = [torch.linalg.qr(drawn(8, 8, seed=60 + at).double())[0] for at in range(8)]
    same = [Delta(turn.T @ agents[0].A, agents[0].B @ turn) for turn in turns]
    for deltas, least in ((agents, 0.9), (same, 0.7)):
        mean = sum(reference.change(one) for one in deltas) / 8
        wrong = reference.change(reference.average_factors(deltas))
        assert float((wrong - mean).norm() / mean.norm()) > least
        merged, errors = combine([Adapter({"up": one}, 8.0) for one in deltas], [1 / 8] * 8, rank=8)
        right = float((whole(merged, "up") - mean).norm() / mean.norm())
        assert right == pytest.approx(errors["up"], abs=1e-9) and right < least
    assert errors["up"] < 1e-9


def test_folding_rounds_once() -> None:
    weight = drawn(32, 32).bfloat16()
    many = [delta(32, 32, 2, at).scaled(1e-3).to(torch.float32) for at in range(16)]
    true = reference.fold(weight, many)
    assert torch.equal(fold(weight, many), true.to(torch.bfloat16))
    stepwise = weight
    for one in many:
        stepwise = fold(stepwise, [one])
    assert (stepwise - true).abs().mean() > 1.5 * (fold(weight, many) - true).abs().mean()


def test_nothing_and_too_little_are_refused() -> None:
    one = adapter(Small())
    for wrong in (lambda: combine([]), lambda: combine([one], [1.0, 2.0]), lambda: combine([one], rank=0)):
        with pytest.raises(EvalError, match="combine"):
            wrong()


def test_a_change_of_nothing_has_no_error() -> None:
    none = Delta(torch.zeros(4, 6), torch.zeros(5, 4))
    made, error = truncated(none, 2)
    assert error == 0 and float(reference.change(made).abs().max()) == 0


def test_slow_levels_come_before_fast_ones() -> None:
    assert SLOW + FAST == LEVELS == ("foundation", "domain", "swarm", "agent", "context")
