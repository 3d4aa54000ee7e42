"""A model that serves adapters: each row by its own, exchanged while others are served, and itself again afterwards."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import torch
from lora_helpers import Small, adapter, drawn, gpt2
from torch import Tensor, nn

from chorus.kernels.lora.adapter import Adapter, Delta, fingerprint
from chorus.kernels.lora.chain import Served, attach
from chorus.kernels.lora.merge import stack
from chorus.runtime.errors import EvalError

X = drawn(6, 4, 12, seed=3)


@pytest.fixture
def served() -> Iterator[Served]:
    made = attach(Small())
    yield made
    made.detach()


def changed(model: nn.Module, *adapters: Adapter) -> Tensor:
    """What MODEL would say with ADAPTERS added to its very weights."""
    copy = Small()
    copy.load_state_dict(model.state_dict())
    with torch.no_grad():
        for one in adapters:
            for path in one.layers:
                delta = one.delta(path)
                assert delta is not None
                copy.get_submodule(path).weight += delta.B @ delta.A  # type: ignore[operator]
    return copy(X).detach()


def test_every_row_is_as_if_the_weights_were_its_own(served: Served) -> None:
    three = [adapter(served.model, name, rank, seed=rank) for name, rank in (("a", 2), ("b", 5), ("c", 3))]
    served.load(three)
    true = [changed(served.model, one) for one in three] + [served.model(X)]
    for who in ([2, 0, -1, 1, 1, 0], ["c", "a", None, "b", "b", "a"], torch.tensor([2, 0, -1, 1, 1, 0])):
        with served.using(who):
            made = served.model(X)
        for row, at in enumerate([2, 0, 3, 1, 1, 0]):
            assert torch.allclose(made[row], true[at][row], atol=1e-5)
        assert torch.equal(made[2], true[3][2])
    for at, name in enumerate("abc"):
        for who in (at, name, three[at]):
            with served.using(who):
                assert torch.allclose(served.model(X), true[at], atol=1e-5)
    assert torch.equal(served.model(X), true[3])


def test_transposed_layers_are_served_too() -> None:
    model = gpt2()
    ids = torch.arange(24).reshape(3, 8)
    bare = model(ids).logits.detach()
    served = attach(model)
    one, two = adapter(model, "a", seed=1), adapter(model, "b", 2, seed=2)
    served.load([one, two])
    with served.using([1, -1, 0]):
        mixed = model(ids).logits
    for row, level in ((0, two), (2, one)):
        served.fold([level])
        assert torch.allclose(model(ids).logits[row], mixed[row], atol=1e-4)
        assert not torch.allclose(bare[row], mixed[row], atol=1e-2)
    served.detach()
    assert torch.equal(model(ids).logits, bare)


def test_what_was_folded_comes_out_bit_for_bit(served: Served) -> None:
    before = fingerprint(served.model)
    slow = [adapter(served.model, seed=at) for at in (1, 2, 3)]
    fast = [adapter(served.model, rank=2, seed=at) for at in (4, 5)]
    true = changed(served.model, *slow, *fast)
    served.fold(slow)
    assert fingerprint(served.model) != before == served.base
    with served.using(stack(*fast)):
        assert torch.allclose(served.model(X), true, atol=1e-4)
    served.fold(slow[:1])  # in the place of the three, not on top
    served.unfold()
    assert torch.allclose(changed(served.model, *slow, *fast), true) and fingerprint(served.model) == before


def test_a_shared_weight_is_not_folded_into() -> None:
    served = attach(gpt2(), ["lm_head"])
    with pytest.raises(EvalError, match="shares its weight"):
        served.fold([Adapter({"lm_head": Delta(torch.zeros(1, 32), torch.zeros(50, 1))}, 1.0)])


def test_nothing_of_the_model_is_wrapped_or_copied_and_all_is_given_back() -> None:
    model = Small()
    names, places = list(model.state_dict()), [weight.data_ptr() for weight in model.parameters()]
    model.down.bias.requires_grad_(False)
    served = attach(model)
    assert list(model.state_dict()) == names and [w.data_ptr() for w in model.parameters()] == places
    assert not any(weight.requires_grad for weight in model.parameters())
    served.detach()
    assert [w.requires_grad for w in model.parameters()] == [True, True, True, False]
    with served.using(adapter(model)):
        assert torch.equal(model(X), Small()(X))


def test_a_new_adapter_changes_nothing_until_it_learns_and_then_alone(served: Served) -> None:
    """Planted: a change of rank 2 that the adapter is shown only by its outputs."""
    truth = adapter(served.model, rank=2, alpha=2.0, seed=8)
    wanted = changed(served.model, truth)
    new = served.trainable("ada", rank=4, alpha=8, seed=1)
    before = fingerprint(served.model)
    with served.using(new):
        assert torch.equal(served.model(X), served.model(X)) and new.base == served.base == before
        assert torch.allclose(served.model(X), changed(served.model))
    optimizer = torch.optim.Adam(new.parameters(), lr=0.03)
    losses = []
    for _ in range(120):
        with served.using(new):
            loss = (served.model(X) - wanted).square().mean()
            optimizer.zero_grad()
            loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < losses[0] / 30
    assert fingerprint(served.model) == before
    kept = new.frozen()
    assert not any(part.requires_grad for part in kept.parameters()) and kept.digest() == new.digest()


def test_one_context_may_hold_all_steps(served: Served) -> None:
    """α other than r: what is scaled is the product, so no step computes with factors of an earlier one."""
    apart, within = (served.trainable("a", rank=4, alpha=9, seed=1) for _ in range(2))

    def step(one: Adapter) -> None:
        (served.model(X) - 1).square().mean().backward()
        with torch.no_grad():
            for part in one.parameters():
                part -= 0.1 * part.grad  # type: ignore[operator]
                part.grad = None

    for _ in range(3):
        with served.using(apart):
            step(apart)
    with served.using(within):
        for _ in range(3):
            step(within)
    assert apart.digest() == within.digest() != served.trainable("a", rank=4, alpha=9, seed=1).digest()


def test_several_learn_in_one_batch_each_from_its_own_rows(served: Served) -> None:
    one, two = served.trainable("a", 2, seed=1), served.trainable("b", 3, seed=2)
    with served.using([one, two, None, one, two, two]):
        served.model(X)[[0, 2, 3]].sum().backward()
    assert float(one.layers["down"].B.grad.abs().max()) > 0  # type: ignore[union-attr]
    assert float(two.layers["down"].B.grad.abs().max()) == 0  # type: ignore[union-attr]


def test_a_loaded_adapter_does_not_go_on_learning(served: Served) -> None:
    new = served.trainable("a", 2)
    served.load([new])
    with torch.no_grad():
        new.layers["down"].B.add_(1)
    with served.using(0):
        assert torch.allclose(served.model(X), changed(served.model))


def test_an_exchange_is_seen_by_who_comes_after_only(served: Served) -> None:
    old, other = adapter(served.model, "x", 2, seed=2), adapter(served.model, "y", 3, seed=3)
    new = adapter(served.model, "z", 2, seed=4)
    served.load([old, other])
    true = {one.name: changed(served.model, one) for one in (old, other, new)}
    with served.using([0] * 6):
        served.swap("x", new)
        assert torch.allclose(served.model(X), true["x"], atol=1e-5)
        with served.using([0] * 6):
            assert torch.allclose(served.model(X), true["z"], atol=1e-5)
            served.swap(0, old)  # no row is free now: both snapshots are in use
        assert torch.allclose(served.model(X), true["x"], atol=1e-5)
    assert [one.name for one in served.adapters] == ["x", "y"]
    bigger = adapter(served.model, "w", 9, seed=9)
    served.swap(1, bigger)  # of a rank that the packs have no room for
    with served.using([0, 1, 1, 0, -1, 1]):
        made = served.model(X)
    assert torch.allclose(made[1], changed(served.model, bigger)[1], atol=1e-5)
    assert torch.allclose(made[0], true["x"][0], atol=1e-5)


def test_one_of_high_rank_makes_no_other_batch_dearer(served: Served) -> None:
    """Factors are padded to the highest rank loaded; a batch reaches as far as its own adapters do."""
    low = [served.trainable(f"low{at}", 2, seed=at).frozen() for at in range(3)]
    served.load([*low, served.trainable("high", 6, seed=9).frozen()])
    for rows, rank in (([0, 2, -1], 2), ([0, 3, -1], 6)):
        with served.using(rows):
            packs = served._here.active.packs
            assert {packed.A.shape[1] for packed in packs.values()} == {rank}
            assert all(packed.A.shape[1] == packed.B.shape[2] for packed in packs.values())
    with served.using([-1, -1, -1]):
        assert not served._here.active.packs


def test_an_exchange_copies_one_row(served: Served) -> None:
    served.load([adapter(served.model, str(at), seed=at) for at in range(5)])
    before = served._slots.now.packs["up"].A.data_ptr()
    for at in range(20):
        served.swap(at % 5, adapter(served.model, str(at), seed=50 + at))
    assert served._slots.now.packs["up"].A.data_ptr() == before
    for at in range(5):
        with served.using([at] * 6):
            assert torch.allclose(served.model(X), changed(served.model, served.adapters[at]), atol=1e-5)


def test_threads_are_served_side_by_side_while_adapters_are_exchanged(served: Served) -> None:
    """Four readers, one writer: each answer is that of one adapter or another in whole, never of half of each."""
    kinds = [adapter(served.model, "k", seed=at) for at in range(4)]
    true = [changed(served.model, one) for one in kinds]
    served.load([kinds[0], kinds[1]])
    wrong: list[float] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            with served.using([0] * 6), torch.no_grad():
                made = [served.model(X), served.model(X)]
            if not torch.equal(*made):
                wrong.append(-1)
            wrong.extend([1.0] * (min(float((made[0] - one).abs().max()) for one in true) > 1e-4))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for at in range(60):
        served.swap(0, kinds[at % 4])
    done.set()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_what_does_not_belong_is_refused_before_anything_is_served(served: Served) -> None:
    good = adapter(served.model)
    wrong = {
        "which is not served": Adapter({"sideways": good.layers["up"]}, 1.0),
        "goes from 12 to 20": Adapter({"up": good.layers["down"]}, 1.0),
        "different models": Adapter(good.layers, 1.0, "f" * 64),
    }
    served.load([good])
    for message, one in wrong.items():
        for attempt in (
            lambda one=one: served.load([one]),
            lambda one=one: served.swap(0, one),
            lambda one=one: served.fold([one]),
            lambda one=one: served.using(one).__enter__(),
        ):
            with pytest.raises(EvalError, match=message):
                attempt()
    assert served.adapters[0].digest() == good.digest()
    for who in (1, -2, "nobody", [0, 7]):
        with pytest.raises(EvalError, match="no adapter"):
            served.using(who).__enter__()
    with pytest.raises(EvalError, match="not by both"):
        served.using([good, 0]).__enter__()
    with served.using([0, 0]), pytest.raises(EvalError, match="6 rows"):
        served.model(X)


def test_another_kind_of_number_is_that_of_the_model() -> None:
    model = Small().to(torch.float64)
    served = attach(model)
    served.load([adapter(model)])
    with served.using([0, -1, 0, -1, 0, 0]):
        assert served.model(X.double()).dtype == torch.float64


@pytest.mark.parametrize("who", [[0.5] * 6, [True] * 6, torch.tensor([0.5] * 6), ["a", 0.0, -1, -1, -1, -1]])
def test_what_names_no_adapter_is_refused(served: Served, who: object) -> None:
    served.load([adapter(served.model, "a", 2, seed=1)] * 2)
    with pytest.raises(EvalError, match="no adapter"), served.using(who):  # type: ignore[arg-type]
        pass


@pytest.mark.parametrize("hurt", ["A", "alpha"])
def test_an_adapter_of_no_numbers_is_not_loaded(served: Served, hurt: str) -> None:
    sound = adapter(served.model, "a", 2, seed=1)
    layers = {path: Delta(delta.A * float("nan"), delta.B) for path, delta in sound.layers.items()}
    bad = Adapter(layers, 1.0) if hurt == "A" else Adapter(dict(sound.layers), float("inf"))
    served.load([sound])
    for way in (lambda: served.load([sound, bad]), lambda: served.swap(0, bad)):
        with pytest.raises(EvalError, match="not finite"):
            way()
    assert len(served.adapters) == 1


def test_ranks_and_patterns_that_are_none_are_refused(served: Served) -> None:
    for rank in (0, -1, 1.5, True):
        with pytest.raises(EvalError, match="rank"):
            served.trainable("a", rank=rank)  # type: ignore[arg-type]
    with pytest.raises(EvalError, match="regular expression"):
        attach(Small(), "(")
