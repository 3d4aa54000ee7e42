"""Many adapters in a batch: every row by its own, as one after another would do it."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from lora_helpers import drawn

from chorus.kernels.lora import gpu, ops, reference
from chorus.kernels.lora.adapter import Adapter, Delta
from chorus.kernels.lora.pack import pack, pack_layer
from chorus.kernels.lora.plan import plan
from chorus.runtime.errors import EvalError

D, O = 11, 7  # noqa: E741


def some(ranks: list[int], seed: int = 0, dtype: torch.dtype = torch.float64) -> list[Delta | None]:
    return [
        Delta(drawn(r, D, seed=seed + 2 * at), drawn(O, r, seed=seed + 2 * at + 1)).to(dtype) if r else None
        for at, r in enumerate(ranks)
    ]


@given(ids=st.lists(st.integers(-1, 4), max_size=30), more=st.integers(0, 3))
def test_a_plan_sorts_stably_and_back(ids: list[int], more: int) -> None:
    count = max([*ids, -1]) + 1 + more
    made = plan(ids, count)
    given_ = torch.tensor(ids, dtype=torch.int64)
    assert torch.equal(given_[made.order], given_.sort(stable=True).values)
    assert torch.equal(made.order[made.inverse], torch.arange(len(ids)))
    assert len(made.starts) == count + 1 and made.starts[-1] == len(ids)
    for at, first, last in made.segments:
        rows = made.order[first:last]
        assert set(given_[rows].tolist()) == {at} and rows.tolist() == sorted(rows.tolist())
    assert sum(last - first for _, first, last in made.segments) == sum(one >= 0 for one in ids)


def test_a_plan_refuses_adapters_that_are_not_there() -> None:
    for ids in ([0, 3], [-2], [[0], [1]]):
        with pytest.raises(EvalError, match="from 0 to"):
            plan(torch.tensor(ids), 3)


@given(
    ids=st.lists(st.integers(-1, 3), min_size=1, max_size=12),
    ranks=st.lists(st.integers(0, 5), min_size=4, max_size=4).filter(any),
    each=st.integers(1, 8),
    seed=st.integers(0, 99),
)
def test_each_row_goes_by_its_own_adapter(ids: list[int], ranks: list[int], each: int, seed: int) -> None:
    deltas, scales = some(ranks, seed), [0.5, -2.0, 1.0, 3.0]
    x, y = (
        drawn(len(ids), each, D, seed=seed + 40).double(),
        drawn(len(ids), each, O, seed=seed + 41).double(),
    )
    true = reference.apply(x, y, deltas, scales, ids)
    made = ops.apply(x, y.clone(), pack_layer(deltas, scales), plan(ids, 4))
    assert torch.allclose(made, true, atol=1e-12)
    base = torch.tensor(ids) < 0
    assert torch.equal(made[base], y[base])  # bit for bit
    way = ops._rows_to_weights(x, y.clone(), pack_layer(deltas, scales), plan(ids, 4), False)
    assert torch.allclose(way, true, atol=1e-12)


@pytest.mark.parametrize("shape", [(9,), (9, 4), (9, 2, 3)])
def test_rows_may_be_tokens_texts_or_more(shape: tuple[int, ...]) -> None:
    deltas, ids = some([2, 3]), [0, 1, -1, 1, 0, 0, -1, 1, 1]
    x, y = drawn(*shape, D, seed=5).double(), drawn(*shape, O, seed=6).double()
    made = ops.apply(x, y.clone(), pack_layer(deltas, [1, 2]), plan(ids))
    assert torch.allclose(made, reference.apply(x, y, deltas, [1, 2], ids), atol=1e-12)


@pytest.mark.parametrize("each", [1, 16])
def test_gradients_are_those_of_the_definition(each: int) -> None:
    ids = [1, -1, 0, 1, 2]
    deltas = some([2, 3, 0])
    known = [delta for delta in deltas if delta is not None]
    leaves = [part.requires_grad_() for delta in known for part in delta]
    x, y = drawn(5, each, D).double().requires_grad_(), drawn(5, each, O).double()
    weight = drawn(5, each, O, seed=9).double()

    def slopes(made: torch.Tensor) -> list[torch.Tensor]:
        return list(torch.autograd.grad((made * weight).sum(), [x, *leaves]))

    ours = slopes(ops.apply(x, y, pack_layer(deltas, [1.5, -1, 1]), plan(ids, 3)))
    for mine, true in zip(ours, slopes(reference.apply(x, y, deltas, [1.5, -1, 1], ids)), strict=True):
        assert torch.allclose(mine, true, atol=1e-12)
    assert torch.equal(y, drawn(5, each, O).double())  # what learns is not written over


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32])
@pytest.mark.parametrize("each", [1, 16])
def test_short_numbers_lose_no_more_than_their_own_rounding(dtype: torch.dtype, each: int) -> None:
    deltas, ids, scales = some([4, 4], dtype=dtype), [0, 1, 1, 0], [1 / 3, 2.0]
    x, y = drawn(4, each, D, dtype=dtype), drawn(4, each, O, seed=1, dtype=dtype)
    true = reference.apply(x, y, deltas, scales, ids)
    made = ops.apply(x, y.clone(), pack_layer(deltas, scales), plan(ids))
    assert made.dtype == dtype
    assert float((made.double() - true).norm() / true.norm()) < 4 * torch.finfo(dtype).eps


def test_factors_longer_than_the_output_are_used_in_full() -> None:
    """Float32 factors that learn beside a model of bfloat16."""
    delta = some([3], dtype=torch.float32)[0]
    assert delta is not None
    x, y = drawn(2, 5, D, dtype=torch.bfloat16), torch.zeros(2, 5, O, dtype=torch.bfloat16)
    true = reference.apply(x, y, [delta], [1], [0, 0])
    assert torch.equal(ops.apply_one(x, y, delta), true.to(torch.bfloat16))
    assert torch.equal(ops.apply(x, y, pack_layer([delta], [1]), plan([0, 0])), true.to(torch.bfloat16))


def test_packs_are_by_layer_and_padded_by_nothing() -> None:
    one = Adapter({"up": some([2])[0], "down": some([3])[0]}, 4.0)  # type: ignore[dict-item]
    two = Adapter({"up": some([5], seed=9)[0]}, 5.0)  # type: ignore[dict-item]
    packs = pack([one, two])
    assert packs["up"].ranks == (2, 5) and packs["down"].ranks == (3, 0)
    assert packs["up"].A.shape == (2, 5, D) and float(packs["up"].A[0, 2:].abs().max()) == 0
    assert packs["up"].scale.tolist() == pytest.approx([4 / 3, 1])
    for at, whole in enumerate((one, two)):
        assert torch.allclose(
            reference.change(packs["up"].delta(at)), reference.change(whole.layers["up"], whole.scale)
        )
    with pytest.raises(EvalError, match="different sizes"):
        pack_layer([Delta(drawn(2, 3), drawn(4, 2)), Delta(drawn(2, 5), drawn(4, 2))], [1, 1])


@given(ids=st.lists(st.integers(-1, 5), min_size=1, max_size=300), each=st.integers(1, 40))
def test_tiles_hold_every_token_once_and_one_adapter_each(ids: list[int], each: int) -> None:
    made = plan(ids, 6)
    cut = gpu.tiles(made.starts, each, "cpu")
    seen: list[int] = []
    for adapter, first, last in zip(*(column.tolist() for column in cut[:3]), strict=True):
        assert 0 < last - first <= cut.block
        assert {ids[row] for row in made.order[torch.arange(first, last) // each].tolist()} == {adapter}
        seen += range(first, last)
    assert seen == list(range(made.starts[0] * each, len(ids) * each))
