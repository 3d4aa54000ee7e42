"""PEFT's files: what is written, PEFT reads; what PEFT wrote is read; what is not understood is refused by name."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from lora_helpers import adapter, gpt2
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from chorus.kernels.lora.adapter import Adapter
from chorus.kernels.lora.chain import attach
from chorus.kernels.lora.merge import combine
from chorus.kernels.lora.peft import SETTINGS, TENSORS, export_peft, import_peft
from chorus.kernels.lora.primitives_peft import _skeleton
from chorus.runtime.errors import ChorusError, StoreError

IDS = torch.arange(24).reshape(3, 8)


def said(model: nn.Module, one: Adapter) -> Tensor:
    served = attach(model, r".*\.(c_attn|c_proj|c_fc)|lm_head")
    with served.using(one), torch.no_grad():
        made = model(IDS).logits
    served.detach()
    return made


@pytest.fixture(scope="module")
def model() -> nn.Module:
    return gpt2()


def test_what_is_written_is_read_again_bit_for_bit(model: nn.Module, tmp_path: Path) -> None:
    one = adapter(model, "ada")
    again = import_peft(export_peft(one, tmp_path / "ada"), model)
    assert {name: part.tolist() for name, part in again.tensors().items()} == {
        name: part.tolist() for name, part in one.tensors().items()
    }
    assert (again.alpha, again.name) == (one.alpha, "ada") and again.base
    assert sorted(load_file(tmp_path / "ada" / TENSORS))[0] == (
        "base_model.model.transformer.h.0.attn.c_attn.lora_A.weight"
    )


def test_layers_of_different_ranks_keep_their_scale(model: nn.Module, tmp_path: Path) -> None:
    one, other = adapter(model, rank=2, seed=1), adapter(model, rank=5, alpha=3.0, seed=2)
    some = Adapter({path: d for path, d in other.layers.items() if "c_attn" in path}, 3.0)
    mixed, _ = combine([one, some])
    again = import_peft(export_peft(mixed, tmp_path), model)
    assert torch.allclose(said(model, again), said(model, mixed), atol=1e-6)
    assert len(json.loads((tmp_path / SETTINGS).read_text())["rank_pattern"]) == 6


def test_a_scale_of_nothing_changes_nothing(model: nn.Module, tmp_path: Path) -> None:
    one = adapter(model)
    with torch.no_grad():
        plain = model(IDS).logits
    for settings in ({"lora_alpha": 0}, {"alpha_pattern": {"h.0.attn.c_attn": 0}}):
        export_peft(one, tmp_path)
        broken(tmp_path, lambda found, _, to=settings: found.update(to))
        again = import_peft(tmp_path, model)
        assert torch.equal(said(model, again), plain) == ("lora_alpha" in settings)
        assert again.delta("transformer.h.0.attn.c_attn").B.abs().sum() == 0


CUT: dict[str, Callable[[Tensor], Tensor]] = {
    "goes from 31 numbers to 128, where others like it go from 32": lambda factor: factor[:, :-1].clone(),
    "goes from 33 numbers": lambda factor: torch.cat([factor, factor[:, :1]], 1),
    "goes from 0 numbers": lambda factor: factor[:, :0].clone(),
}


@pytest.mark.parametrize("message", CUT)
def test_a_factor_that_was_cut_is_told_without_the_model(
    message: str, model: nn.Module, tmp_path: Path
) -> None:
    export_peft(adapter(model), tmp_path)
    broken(tmp_path, lambda _, tensors: tensors.update({KEY: CUT[message](tensors[KEY])}))
    with pytest.raises(StoreError, match=message) as problem:
        _skeleton(tmp_path / TENSORS)
    assert problem.value.hint


def test_kinds_of_blocks_may_differ(tmp_path: Path) -> None:
    """Sizes that several layers share, as those of blocks that look at all of a text, are nobody's damage."""
    sizes = {f"model.layers.{at}.q_proj": 8 if at % 3 else 16 for at in range(6)}
    part = {
        f"base_model.model.{path}{end}": torch.ones(shape)
        for path, outputs in sizes.items()
        for end, shape in ((".lora_A.weight", (2, 8)), (".lora_B.weight", (outputs, 2)))
    }
    save_file(part, tmp_path / TENSORS)
    found = dict(_skeleton(tmp_path / TENSORS).named_modules())
    assert {path: found[path].out_features for path in sizes} == sizes


def broken(folder: Path, change: Callable[[dict[str, Any], dict[str, Tensor]], None]) -> None:
    settings, tensors = json.loads((folder / SETTINGS).read_text()), load_file(folder / TENSORS)
    change(settings, tensors)
    (folder / SETTINGS).write_text(json.dumps(settings))
    save_file(tensors, folder / TENSORS)


KEY = "base_model.model.transformer.h.1.mlp.c_fc.lora_A.weight"
WRONG: dict[str, Callable[[dict[str, Any], dict[str, Tensor]], Any]] = {
    "lacks": lambda _, tensors: tensors.pop(KEY),
    "has unexpectedly": lambda _, tensors: tensors.update(
        {"base_model.model.lm_head.weight": torch.zeros(2)}
    ),
    "unexpectedly transformer": lambda _, tensors: tensors.update({KEY[17:]: torch.zeros(3, 32)}),
    r"lora_A.weight is torch.float32 \[3, 31\]": lambda _, t: t.update({KEY: torch.zeros(3, 31)}),
    "is torch.int64": lambda _, tensors: tensors.update({KEY: torch.zeros(3, 32, dtype=torch.int64)}),
    "wanted": lambda settings, _: settings.update(r=4),
    "use_dora": lambda settings, _: settings.update(use_dora=True),
    "bias": lambda settings, _: settings.update(bias="lora_only"),
    "lora_bias": lambda settings, _: settings.update(lora_bias=True),
    "modules_to_save": lambda settings, _: settings.update(modules_to_save=["lm_head"]),
    "init_lora_weights": lambda settings, _: settings.update(init_lora_weights="pissa"),
    "layers_to_transform": lambda settings, _: settings.update(layers_to_transform=[0]),
    "alora_invocation_tokens": lambda settings, _: settings.update(alora_invocation_tokens=[1]),
    "of_next_year": lambda settings, _: settings.update(of_next_year={"twice": True}),
    "no LoRA adapter": lambda settings, _: settings.update(peft_type="IA3"),
    "no target_modules": lambda settings, _: settings.update(target_modules=None),
    "no linear layer": lambda settings, _: settings.update(target_modules=["q_proj"]),
    "a pattern or names": lambda settings, _: settings.update(target_modules={"c_attn": 1}),
    "rank 0": lambda settings, _: settings.update(r=0),
    "rank 'x'": lambda settings, _: settings.update(r="x"),
    "α = inf is no number": lambda settings, _: settings.update(lora_alpha=float("inf")),
    "α = .much. is no number": lambda settings, _: settings.update(lora_alpha="much"),
}


@pytest.mark.parametrize("message", WRONG)
def test_what_is_not_understood_is_refused_by_name(message: str, model: nn.Module, tmp_path: Path) -> None:
    export_peft(adapter(model), tmp_path)
    broken(tmp_path, WRONG[message])
    with pytest.raises(ChorusError, match=message) as problem:
        import_peft(tmp_path, model)
    assert isinstance(problem.value, StoreError) or message == "no linear layer"


def test_a_pickle_is_never_opened(model: nn.Module, tmp_path: Path) -> None:
    export_peft(adapter(model), tmp_path)
    torch.save(load_file(tmp_path / TENSORS), tmp_path / "adapter_model.bin")
    (tmp_path / TENSORS).unlink()
    with pytest.raises(StoreError, match="pickled"):
        import_peft(tmp_path, model)


@pytest.mark.parametrize(("name", "cut"), [(TENSORS, 100), (TENSORS, 3), (SETTINGS, 40), (SETTINGS, 0)])
def test_a_torn_file_is_told(name: str, cut: int, model: nn.Module, tmp_path: Path) -> None:
    export_peft(adapter(model), tmp_path)
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:cut])
    with pytest.raises(StoreError):
        import_peft(tmp_path, model)
    with pytest.raises(StoreError):
        import_peft(tmp_path / "nowhere", model)


def test_a_failed_write_leaves_what_was_there(model: nn.Module, tmp_path: Path) -> None:
    export_peft(adapter(model, seed=1), tmp_path)
    before = (tmp_path / TENSORS).read_bytes()
    (tmp_path / (TENSORS + ".new")).mkdir()
    with pytest.raises(OSError):
        export_peft(adapter(model, seed=2), tmp_path)
    assert (tmp_path / TENSORS).read_bytes() == before


@pytest.mark.parametrize("step", range(5))
def test_who_is_killed_while_writing_leaves_no_mixture(
    step: int, model: nn.Module, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tensors of one adapter beside settings of another would be taken for an adapter of another scale."""

    class Killed(BaseException):
        pass

    def before(method: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **rest: Any) -> Any:
            nonlocal left
            left -= 1
            if left < 0:
                raise Killed
            return method(*args, **rest)

        return counted

    old, new = adapter(model, seed=1, alpha=2.0), adapter(model, seed=2, alpha=200.0)
    export_peft(old, tmp_path)
    left = step
    with monkeypatch.context() as patched:
        for owner, name in ((os, "fsync"), (Path, "unlink"), (Path, "replace")):
            patched.setattr(owner, name, before(getattr(owner, name)))
        with pytest.raises(Killed):
            export_peft(new, tmp_path)
    try:
        found = import_peft(tmp_path, model)
    except StoreError:
        found = None  # it says that it is none
    same = lambda one: (
        found is not None
        and found.alpha == one.alpha
        and all(torch.equal(part, found.tensors()[name]) for name, part in one.tensors().items())
    )
    assert found is None or same(old) or same(new)
    assert step > 2 or same(old)
    export_peft(new, tmp_path)
    assert import_peft(tmp_path, model).alpha == 200.0 and len(list(tmp_path.iterdir())) == 2


def trained_by_peft(folder: Path, **settings: Any) -> Tensor:
    """An adapter of random numbers that PEFT saved in FOLDER, and what its model says with it."""
    peft = pytest.importorskip("peft")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = peft.get_peft_model(gpt2(), peft.LoraConfig(init_lora_weights=False, **settings))
        theirs.save_pretrained(folder)
    with torch.no_grad():
        return theirs.eval()(IDS).logits


@pytest.mark.parametrize(
    "settings",
    [
        {"r": 4, "lora_alpha": 7, "target_modules": ["c_attn", "c_fc"]},
        {"r": 9, "lora_alpha": 4, "target_modules": "all-linear", "use_rslora": True},
        {"r": 4, "target_modules": r".*h\.1\..*c_proj", "lora_dropout": 0.3},
        {"target_modules": ["c_proj", "c_attn"], "exclude_modules": ["mlp.c_proj"]},
        {
            "r": 4,
            "target_modules": ["c_attn", "h.0.mlp.c_fc"],
            "rank_pattern": {"c_fc": 6, r"h\.1\..*attn": 2},
            "alpha_pattern": {"c_fc": 3, "^transformer.h.1.attn.c_attn": 20},
        },
    ],
    ids=["names", "all-linear-rslora", "pattern", "without", "patterns"],
)
def test_what_peft_wrote_does_the_same_here(settings: dict[str, Any], tmp_path: Path) -> None:
    theirs = trained_by_peft(tmp_path, **settings)
    model = gpt2()
    assert torch.allclose(said(model, import_peft(tmp_path, model)), theirs, atol=1e-6)


@pytest.mark.parametrize("more", [{"use_dora": True}, {"bias": "all"}, {"lora_bias": True}])
def test_what_peft_wrote_of_another_kind_is_refused(more: dict[str, Any], tmp_path: Path) -> None:
    trained_by_peft(tmp_path, target_modules=["c_attn"], **more)
    with pytest.raises(StoreError, match=next(iter(more))):
        import_peft(tmp_path, gpt2())


@pytest.mark.parametrize("short", [True, False])
def test_what_is_written_does_the_same_in_peft(short: bool, tmp_path: Path) -> None:
    peft = pytest.importorskip("peft")
    model = gpt2()
    one = adapter(model, alpha=2.5)
    if not short:
        attention = {path: d for path, d in adapter(model, rank=2, seed=5).layers.items() if "attn" in path}
        one, _ = combine([one, Adapter(attention, 1.0)])
    export_peft(one, tmp_path, ["c_attn", "c_proj", "c_fc"] if short else None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = peft.PeftModel.from_pretrained(gpt2(), tmp_path).eval()
    with torch.no_grad():
        assert torch.allclose(theirs(IDS).logits, said(model, one), atol=1e-6)
