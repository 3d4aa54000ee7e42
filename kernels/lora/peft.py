"""Adapters as PEFT keeps them: `adapter_model.safetensors` and `adapter_config.json` in a folder.

What another program wrote is taken only if all of it is understood: each setting is known to change nothing, is
followed, or is refused by name; the tensors are exactly those that the settings call for. Pickles are never opened.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from chorus.kernels.lora.adapter import Adapter, Delta, fingerprint
from chorus.kernels.lora.layers import Layer, Targets, is_wanted, layers_of
from chorus.runtime.durable import locked, sync_folder
from chorus.runtime.errors import StoreError

TENSORS, SETTINGS = "adapter_model.safetensors", "adapter_config.json"
PICKLED = ("adapter_model.bin", "adapter_model.pt", "pytorch_model.bin")
PREFIX, ENDS = "base_model.model.", (".lora_A.weight", ".lora_B.weight")

FOLLOWED = {
    "peft_type",
    "r",
    "lora_alpha",
    "target_modules",
    "exclude_modules",
    "use_rslora",
    "rank_pattern",
    "alpha_pattern",
    "init_lora_weights",
    "bias",
}
# Of training, of other programs, or of how weights lie: an adapter that was trained does the same with any of these.
HARMLESS = {
    "auto_mapping",
    "base_model_name_or_path",
    "corda_config",
    "ensure_weight_tying",
    "eva_config",
    "fan_in_fan_out",
    "inference_mode",
    "loftq_config",
    "lora_dropout",
    "lora_ga_config",
    "megatron_core",
    "peft_version",
    "qalora_group_size",
    "revision",
    "runtime_config",
    "task_type",
    "velora_config",
}
# Beginnings that leave the base model's weights alone. The others (pissa, olora, loftq, corda …) change them first, so
# that the factors belong to a model that is not here.
BEGINNINGS = (True, False, None, "gaussian", "eva", "orthogonal")


def export_peft(
    adapter: Adapter,
    folder: str | Path,
    target_modules: Iterable[str] | None = None,
    model: str | None = None,
    said: Mapping[str, str] | None = None,
) -> Path:
    """ADAPTER written to FOLDER for PEFT, and FOLDER. TARGET_MODULES: the layers by PEFT's names, where shorter ones
    than their paths will do; MODEL: where PEFT finds the base model; SAID: what the file's metadata say besides, which
    other programs pass over.
    """
    from safetensors.torch import save

    home = Path(folder)
    home.mkdir(parents=True, exist_ok=True)
    tensors = {
        PREFIX + path + end: part.detach().cpu().contiguous()
        for path, delta in adapter.layers.items()
        for end, part in zip(ENDS, delta, strict=True)
    }
    told = json.dumps(_settings(adapter, target_modules, model), indent=2, sort_keys=True)
    _write(home, save(tensors, metadata={**(said or {}), "format": "pt"}), told.encode())
    return home


def import_peft(
    folder: str | Path, model: nn.Module, name: str | None = None, base: str | None = None
) -> Adapter:
    """The adapter that PEFT keeps in FOLDER, for MODEL; named as the folder is. BASE: MODEL's fingerprint, if known."""
    home = Path(folder)
    try:
        settings = _read_settings(home)
        layers = _targeted(model, settings)
        tensors = _read_tensors(home, {path + end for path in layers for end in ENDS})
        scales = {path: _checked(path, layer, tensors, settings) for path, layer in layers.items()}
    except (OSError, ValueError, TypeError, re.error) as problem:
        raise StoreError(f"{home}: {problem}", code="input") from None
    rank = max(tensors[path + ENDS[0]].shape[0] for path in layers)
    common = max(scales.values(), key=abs) or 1.0  # all of them 0: an adapter that changes nothing
    deltas = {}
    for path in layers:
        a, b = (tensors[path + end] for end in ENDS)
        deltas[path] = Delta(a, b).scaled(
            scales[path] / common
        )  # exactly as they are where all scales are one
    return Adapter(
        deltas,
        common * rank,
        fingerprint(model) if base is None else base,
        home.name if name is None else name,
    )


def said_in(folder: str | Path) -> dict[str, str]:
    """What the metadata of the file of tensors in FOLDER say."""
    from safetensors import SafetensorError, safe_open

    path = Path(folder) / TENSORS
    try:
        with safe_open(path, "pt") as file:
            return dict(file.metadata() or {})
    except (SafetensorError, OSError) as problem:
        raise StoreError(f"{path}: {problem}", code="input") from None


def _settings(adapter: Adapter, targets: Iterable[str] | None, model: str | None) -> dict[str, Any]:
    """What PEFT is told. A layer of another rank than most has its own α, so that all have one scale."""
    ranks = {path: delta.rank for path, delta in adapter.layers.items()}
    odd = {path: rank for path, rank in ranks.items() if rank != adapter.rank}
    return {
        "peft_type": "LORA",
        "task_type": None,
        "base_model_name_or_path": model,
        "inference_mode": True,
        "r": adapter.rank,
        "lora_alpha": _plain(adapter.alpha),
        "rank_pattern": {_pattern(path): rank for path, rank in odd.items()},
        "alpha_pattern": {_pattern(path): _plain(adapter.scale * rank) for path, rank in odd.items()},
        "target_modules": sorted(adapter.layers if targets is None else targets),
        "lora_dropout": 0.0,
        "bias": "none",
        "fan_in_fan_out": False,  # PEFT sees by itself which layers are transposed
        "use_rslora": False,
        "use_dora": False,
        "modules_to_save": None,
    }


def _pattern(path: str) -> str:
    """PEFT takes the keys of its patterns for regular expressions of a path's end; "^" makes it the whole."""
    return "^" + re.escape(path)


def _plain(number: float) -> float | int:
    return int(number) if float(number).is_integer() else number


def _write(home: Path, tensors: bytes, settings: bytes) -> None:
    """Both files, written aside before anything that was there goes. Tensors never stand beside settings of others,
    which may give them another scale: who is killed between leaves tensors alone, which nobody takes for an adapter,
    and who exports to the same folder meanwhile waits.
    """
    descriptor = os.open(home, os.O_RDONLY)
    try:
        with locked(descriptor):
            _write_alone(home, tensors, settings)
    finally:
        os.close(descriptor)


def _write_alone(home: Path, tensors: bytes, settings: bytes) -> None:
    asides = {home / f"{name}.new": home / name for name in (TENSORS, SETTINGS)}
    try:
        for aside, data in zip(asides, (tensors, settings), strict=True):
            with open(aside, "wb") as out:
                out.write(data)
                out.flush()
                os.fsync(out.fileno())
        (home / SETTINGS).unlink(missing_ok=True)
        sync_folder(home)
        for aside, path in asides.items():
            aside.replace(path)
        sync_folder(home)
    except OSError:
        for aside in filter(Path.is_file, asides):
            aside.unlink()
        raise


def _read_settings(home: Path) -> dict[str, Any]:
    if not (home / TENSORS).exists() and any((home / name).exists() for name in PICKLED):
        raise StoreError(
            f"{home} holds pickled weights, which can run code and are not opened",
            code="input",
            hint="save them again with safe_serialization=True",
        )
    for name in (TENSORS, SETTINGS):
        if not (home / name).is_file():
            raise StoreError(
                f"{home} holds no {name}",
                code="input",
                hint=f"{TENSORS} and {SETTINGS} lie beside each other where PEFT's save_pretrained wrote them",
            )
    settings = json.loads((home / SETTINGS).read_text(encoding="utf-8"))
    if not isinstance(settings, dict) or settings.get("peft_type") != "LORA":
        raise StoreError(f"{home / SETTINGS} tells of no LoRA adapter", code="input")
    unknown = sorted(
        name for name, value in settings.items() if name not in FOLLOWED | HARMLESS and not _is_off(value)
    )
    for name, wrong in (
        ("bias", settings.get("bias", "none") != "none"),
        ("init_lora_weights", settings.get("init_lora_weights", True) not in BEGINNINGS),
    ):
        unknown += [name] if wrong else []
    for name in ("rank_pattern", "alpha_pattern"):
        if not isinstance(settings.get(name) or {}, dict):
            raise StoreError(f"{home / SETTINGS}: {name} is no table of patterns", code="input")
    if unknown:
        raise StoreError(
            f"{home / SETTINGS}: an adapter with {', '.join(unknown)} does something that is not done here",
            code="input",
            hint="merge it into its model with PEFT, or train it without",
        )
    return settings


def _is_off(value: Any) -> bool:
    """Whether a setting that is not known says nothing. (`megatron.core` and the like are in HARMLESS.)"""
    return value is None or value is False or value in ("", [], {})


def _targeted(model: nn.Module, settings: Mapping[str, Any]) -> dict[str, Layer]:
    """The layers that the settings mean, as PEFT finds them."""
    targets, without = settings.get("target_modules"), settings.get("exclude_modules")
    if targets == "all-linear":
        found = layers_of(model)
    elif not targets:
        raise StoreError("no target_modules: which layers are meant is not told", code="input")
    else:
        found = layers_of(model, _names(targets))
    if without:
        names = _names(without)
        found = {path: layer for path, layer in found.items() if not is_wanted(path, names)}
    return found


def _names(targets: Any) -> Targets:
    if isinstance(targets, str) or (
        isinstance(targets, list) and all(isinstance(name, str) for name in targets)
    ):
        return targets
    raise StoreError("target_modules and exclude_modules are a pattern or names", code="input")


def _read_tensors(home: Path, wanted: set[str]) -> dict[str, Tensor]:
    """The tensors by layer and end, if they are those WANTED and no other."""
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        read = load((home / TENSORS).read_bytes())
    except SafetensorError as problem:
        raise StoreError(f"{home / TENSORS}: {problem}", code="input") from None
    meant = {PREFIX + name for name in wanted}
    for what, names in (("lacks", meant - set(read)), ("has unexpectedly", set(read) - meant)):
        if names:
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            raise StoreError(f"{home / TENSORS} {what} {min(names)}{more}", code="input")
    return {name.removeprefix(PREFIX): tensor for name, tensor in read.items()}


def _checked(path: str, layer: Layer, tensors: Mapping[str, Tensor], settings: Mapping[str, Any]) -> float:
    """The scale of the layer at PATH, whose factors have the shapes that the model and the settings call for."""
    r = _of_pattern(settings.get("rank_pattern"), path, settings.get("r", 8))
    alpha = _of_pattern(settings.get("alpha_pattern"), path, settings.get("lora_alpha", 8))
    if not isinstance(r, int) or r < 1:
        raise StoreError(f"{path}: rank {r!r} is no whole number from 1 on", code="input")
    if isinstance(alpha, bool) or not isinstance(alpha, (int, float)):
        raise StoreError(f"{path}: α = {alpha!r} is no number", code="input")
    scale = float(alpha) / (math.sqrt(r) if settings.get("use_rslora") else r)
    if not math.isfinite(scale):
        raise StoreError(f"{path}: α = {alpha!r} is no number", code="input")
    for end, shape in zip(ENDS, ((r, layer.d), (layer.o, r)), strict=True):
        tensor = tensors[path + end]
        if tuple(tensor.shape) != shape or not tensor.is_floating_point():
            raise StoreError(
                f"{path + end} is {tensor.dtype} {list(tensor.shape)}, where numbers {list(shape)} are wanted",
                code="input",
            )
    return scale


def _of_pattern(patterns: Any, path: str, otherwise: Any) -> Any:
    """What the first of PATTERNS that PATH ends with is for; as PEFT looks them up."""
    for pattern, value in (patterns or {}).items():
        if re.match(rf"(.*\.)?({pattern})$", path):
            return value
    return otherwise
