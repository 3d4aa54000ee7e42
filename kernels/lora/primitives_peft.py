"""Adapters in PEFT's files, as primitives: exported to a folder, imported from one without the model at hand."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from chorus.kernels.lora.primitives import _told
from chorus.runtime.errors import EvalError, StoreError
from chorus.runtime.learnt import DIGITS, MARKS
from chorus.runtime.primitive import primitive
from chorus.runtime.values import HashTable

MARKS_TEXT = re.compile(rf"(?:[0-9a-f]{{{DIGITS}}})*")
NUMBER = re.compile(r"(?<=\.)\d+(?=\.)")  # of a layer in its path
SAID = "chorus-marks"  # the metadata's entry with the marks of the messages that an adapter learnt on


@primitive("%adapter-export", effects="write-file")
def adapter_export(adapter: Any, folder: str, model: Any, *, marks: str = "") -> str:
    """ADAPTER as PEFT keeps adapters, in FOLDER, with the MARKS of the messages that it learnt on; see
    `adapter-export`.

    > (procedure? %adapter-export)
    => #t
    """
    from chorus.kernels.lora.peft import export_peft
    from chorus.kernels.lora.values import kernel_of

    whole = kernel_of(adapter, "adapter-export")
    if not folder:
        raise StoreError(
            "adapter-export: no folder is named", code="input", hint='(adapter-export a "folder")'
        )
    odd = [layer for layer in whole.layers if "" in layer.split(".")]
    if odd:
        raise EvalError(
            f"adapter-export: PEFT names layers by their paths in a model, and {odd[0]!r} is none",
            code="range",
        )
    home = Path(folder).expanduser()  # as adapter-import has it
    try:
        export_peft(
            whole, home, model=None if model is False else str(model), said={SAID: marks} if marks else None
        )
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or problem
        raise StoreError(f"adapter-export: {folder} cannot be written: {reason}", code="disk") from None
    return folder


@primitive("%adapter-import", effects="read-file")
def adapter_import(ctx: Any, folder: str, name: Any, base: Any, *, trusted: Any = False) -> HashTable:
    """What `%as-adapter` takes, from a FOLDER of PEFT's, with the marks that its file holds unless it is TRUSTED; see
    `adapter-import`.

    > (guard (e (#t (error-object-message e))) (%adapter-import "/no/such" #f #f))
    => "adapter-import: /no/such holds no adapter_model.safetensors"
    """
    from chorus.kernels.lora.peft import TENSORS, import_peft, said_in

    if not folder:
        raise StoreError("adapter-import: no folder is named", code="input", hint='(adapter-import "folder")')
    path = Path(folder).expanduser() / TENSORS
    if not path.is_file() and not path.parent.is_dir():
        raise StoreError(
            f"adapter-import: {folder} holds no {TENSORS}",
            code="input",
            hint="give the folder that PEFT's save_pretrained wrote, with adapter_config.json beside it",
        )
    model = _skeleton(path) if path.is_file() else None
    made = import_peft(
        path.parent,
        model,  # type: ignore[arg-type]
        name=None if name is False else str(getattr(name, "name", name)),
        base="" if base is False else str(base),
    )
    ctx.charge(1, 4 * made.size)
    marks = "" if trusted is not False else said_in(path.parent).get(SAID, "")
    if not MARKS_TEXT.fullmatch(marks):
        raise StoreError(
            f"adapter-import: {path}: what it says of the messages that it learnt on is damaged",
            code="input",
            hint=":trusted #t takes it without: who does vouches for what it learnt on",
        )
    return _told(made, **({MARKS: marks} if marks else {}))


def _skeleton(path: Any) -> Any:
    """A model of just the layers that the file at PATH has factors of: enough to hold it against its settings."""
    from safetensors import SafetensorError, safe_open
    from torch import nn

    from chorus.kernels.lora.peft import ENDS, PREFIX

    root, sizes = nn.Module(), {}
    try:
        with safe_open(path, "pt") as file:
            shapes = {key: file.get_slice(key).get_shape() for key in file.keys()}  # noqa: SIM118 — it is no dict
    except (SafetensorError, OSError) as problem:
        raise StoreError(f"adapter-import: {path}: {problem}", code="input") from None
    if not any(len(shape) == 2 for shape in shapes.values()):
        raise StoreError(
            f"adapter-import: {path} holds no factors of layers, which are matrices in pairs", code="input"
        )
    for key, shape in shapes.items():
        layer, other = key.removesuffix(ENDS[0]), key.removesuffix(ENDS[0]) + ENDS[1]
        if (
            key.startswith(PREFIX)
            and key.endswith(ENDS[0])
            and len(shape) == 2
            and len(shapes.get(other, ())) == 2
        ):
            sizes[layer.removeprefix(PREFIX)] = shape[1], shapes[other][0]
    _refuse_odd(path, sizes)
    for layer in sorted(sizes):  # what lies within another comes after it
        inputs, outputs = sizes[layer]
        try:
            _put(root, layer.split("."), nn.Linear(inputs, outputs, False, "meta"))
        except KeyError:
            raise StoreError(
                f"adapter-import: {path}: no model can have a layer called {layer!r}", code="input"
            ) from None
    return root


def _refuse_odd(path: Any, sizes: dict[str, tuple[int, int]]) -> None:
    """An error if a layer has no numbers, or other SIZES than all its like, those whose paths differ by numbers alone:
    without the model at hand that is all that tells of a factor which was cut.
    """
    alike: dict[str, dict[tuple[int, int], list[str]]] = {}
    for layer, size in sizes.items():
        alike.setdefault(NUMBER.sub("#", layer), {}).setdefault(size, []).append(layer)
    for kind in alike.values():
        common = max(kind, key=lambda size: len(kind[size]))
        for size, layers in kind.items():
            if 0 in size or (size != common and len(layers) == 1):
                wanted = (
                    f", where others like it go from {common[0]} to {common[1]}" if size != common else ""
                )
                raise StoreError(
                    f"adapter-import: {path}: {layers[0]} goes from {size[0]} numbers to {size[1]}{wanted}",
                    code="input",
                    hint="its factors were cut, or belong to different models: export it again",
                )


def _put(module: Any, path: list[str], layer: Any) -> None:
    from torch import nn

    for name in path[:-1]:
        if name not in dict(module.named_children()):
            module.add_module(name, nn.Module())
        module = getattr(module, name)
    module.add_module(path[-1], layer)
