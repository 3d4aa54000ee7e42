"""Adapters as values: their identity is that of their numbers, and what is no adapter is refused."""

from __future__ import annotations

import pytest
import torch
from lora_helpers import Small, adapter, gpt2
from torch import nn

from chorus.kernels.lora.adapter import Adapter, Delta, fingerprint, one_base
from chorus.kernels.lora.layers import layers_of
from chorus.runtime.errors import EvalError


def test_what_is_stored_makes_the_same_adapter() -> None:
    one = adapter(Small(), "ada")
    again = Adapter.of({name: part.numpy() for name, part in one.tensors().items()}, one.about())
    assert again.digest() == one.digest() and again.about() == one.about()
    assert list(one.tensors()) == ["up.A", "up.B", "down.A", "down.B"]


def test_the_digest_tells_numbers_shapes_scale_and_base_apart_but_not_names_or_order() -> None:
    one = adapter(Small())
    assert one.renamed("bob").digest() == one.digest()
    turned = dict(reversed(one.layers.items()))
    assert Adapter(turned, one.alpha).digest() == one.digest()
    (a, b), down = one.layers["up"], one.layers["down"]
    bit = a.clone()
    bit[0, 0] = torch.nextafter(bit[0, 0], torch.tensor(9.0))
    others = [
        Adapter({"up": Delta(bit, b), "down": down}, 6.0),
        Adapter({"up": Delta(a.reshape(3, 12)[:2], b[:, :2]), "down": down}, 6.0),
        Adapter(one.layers, 5.0),
        Adapter(one.layers, 6.0, "some model"),
        Adapter({"down": Delta(a, b), "up": down}, 6.0),
        one.to(torch.float64),
    ]
    assert len({one.digest(), *(other.digest() for other in others)}) == 7


@pytest.mark.parametrize(
    ("a", "b"), [((3, 4), (5, 2)), ((3,), (5, 3)), ((0, 4), (5, 0)), ((3, 4, 1), (5, 3))]
)
def test_factors_that_do_not_fit_are_no_adapter(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    with pytest.raises(EvalError, match="no factors of one change"):
        Adapter({"up": Delta(torch.zeros(a), torch.zeros(b))}, 1.0)


def test_half_a_layer_is_no_adapter() -> None:
    tensors = adapter(Small()).tensors()
    del tensors["up.B"]
    with pytest.raises(EvalError, match=r"up\.B"):
        Adapter.of(tensors, {"alpha": 1})
    with pytest.raises(EvalError, match="one layer at least"):
        Adapter({}, 1.0)


def test_a_fingerprint_is_of_weights_and_configuration_wherever_they_lie() -> None:
    model, same, other = gpt2(0), gpt2(0), gpt2(1)
    assert fingerprint(model) == fingerprint(same) != fingerprint(other)
    same.requires_grad_(False)
    assert fingerprint(model) == fingerprint(same)
    same.config.n_head = 8
    assert fingerprint(model) != fingerprint(same)
    with torch.no_grad():
        model.transformer.h[0].mlp.c_fc.weight[0, 0] += 1e-6  # type: ignore[union-attr,index]
    assert fingerprint(model) != fingerprint(gpt2(0))


def test_adapters_of_different_models_do_not_mix() -> None:
    one = adapter(Small())
    ours, theirs = Adapter(one.layers, 1.0, "a" * 64), Adapter(one.layers, 1.0, "b" * 64)
    assert one_base([one, ours]) == "a" * 64
    with pytest.raises(EvalError, match="different models"):
        one_base([ours, theirs])


def test_layers_are_found_as_peft_finds_them() -> None:
    model = gpt2()
    attention = [f"transformer.h.{at}.attn.c_attn" for at in range(2)]
    assert list(layers_of(model, ["c_attn"])) == attention
    assert list(layers_of(model, r".*\.attn\.c_attn")) == attention
    assert list(layers_of(model, r"attn\.c_attn|c_attn.*|.*h\.1\.attn\.c_attn")) == attention[1:]
    assert not any("lm_head" in path for path in layers_of(model))
    assert layers_of(model, ["lm_head"])["lm_head"].tied
    layer = layers_of(model)["transformer.h.0.attn.c_attn"]
    assert layer.transposed and (layer.d, layer.o, tuple(layer.weight.shape)) == (32, 96, (96, 32))
    with pytest.raises(EvalError) as problem:
        layers_of(model, ["q_proj"])
    assert "c_attn" in (problem.value.hint or "")


def test_a_layer_that_is_never_called_is_refused() -> None:
    model = nn.Sequential(nn.MultiheadAttention(8, 2), nn.Linear(8, 8))
    assert list(layers_of(model)) == ["1"]
    with pytest.raises(EvalError, match="without calling"):
        layers_of(model, ["out_proj"])


def test_changes_are_b_times_a_times_the_scale() -> None:
    one = adapter(Small())
    delta = one.delta("up")
    assert delta is not None and one.scale == 2 and one.rank == 3
    assert torch.allclose(delta.B @ delta.A, 2 * one.layers["up"].B @ one.layers["up"].A)
    assert one.delta("sideways") is None
    assert one.size == sum(part.numel() for part in one.tensors().values())
