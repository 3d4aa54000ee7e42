"""An adapter as a value: low-rank changes of named layers of one model, with an identity that its numbers give it.

W' = W + (α/r)·B·A with A [r,d], B [o,r].   [Hu et al. 2022, arXiv:2106.09685]
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from chorus.runtime.errors import EvalError

ENDS = (".A", ".B")  # what a stored tensor's name adds to that of its layer


class Delta(NamedTuple):
    """The change B·A of one layer."""

    A: Tensor  # [r,d]
    B: Tensor  # [o,r]

    @property
    def rank(self) -> int:
        return self.A.shape[0]

    def scaled(self, factor: float) -> Delta:
        """FACTOR times the change; the factor is put into B."""
        return self if factor == 1 else Delta(self.A, self.B * factor)

    def to(self, *place: Any) -> Delta:
        return Delta(self.A.to(*place), self.B.to(*place))


@dataclass(frozen=True, eq=False)
class Adapter:
    """Changes of LAYERS, all times α/r, of the model whose fingerprint is BASE (empty: of any that has such layers)."""

    layers: Mapping[str, Delta]
    alpha: float
    base: str = ""
    name: str = ""

    def __post_init__(self) -> None:
        if not self.layers:
            raise EvalError("an adapter changes one layer at least")
        for layer, (a, b) in self.layers.items():
            if a.dim() != 2 or b.dim() != 2 or a.shape[0] != b.shape[1] or not a.shape[0]:
                shapes = f"A {list(a.shape)}, B {list(b.shape)}"
                raise EvalError(
                    f"{layer}: {shapes} are no factors of one change", hint="A is [r,d], B is [o,r]"
                )

    @property
    def rank(self) -> int:
        """r, the largest where layers differ."""
        return max(delta.rank for delta in self.layers.values())

    @property
    def scale(self) -> float:
        """α/r, the same for all layers."""
        return self.alpha / self.rank

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return sum(a.numel() + b.numel() for a, b in self.layers.values())

    def delta(self, layer: str) -> Delta | None:
        """The change of LAYER, with α/r in it."""
        delta = self.layers.get(layer)
        return None if delta is None else delta.scaled(self.scale)

    def digest(self) -> str:
        """SHA-256 of all that it does: α, base, each layer's name, shapes and numbers. Its own name is no part."""
        hashed = hashlib.sha256(json.dumps([float(self.alpha), self.base]).encode())
        for name, tensor in sorted(self.tensors().items()):
            hashed.update(json.dumps([name, str(tensor.dtype), list(tensor.shape)]).encode())
            hashed.update(octets(tensor))
        return hashed.hexdigest()

    def tensors(self) -> dict[str, Tensor]:
        """Its numbers by name, as they are stored."""
        return {
            layer + end: part.detach()
            for layer, delta in self.layers.items()
            for end, part in zip(ENDS, delta, strict=True)
        }

    def about(self) -> dict[str, Any]:
        """What is stored beside its numbers."""
        return {"alpha": float(self.alpha), "base": self.base, "name": self.name}

    @classmethod
    def of(cls, tensors: Mapping[str, Any], about: Mapping[str, Any]) -> Adapter:
        """What `tensors` (or arrays of the same names) and `about` were told of."""
        names = {name.removesuffix(end) for end in ENDS for name in tensors if name.endswith(end)}
        wanted = {name + end for name in names for end in ENDS}
        if wanted != set(tensors):
            odd = ", ".join(sorted(wanted ^ set(tensors))[:3])
            raise EvalError(f"the factors of an adapter come in pairs LAYER.A and LAYER.B: {odd}")
        layers = {
            name: Delta(*(torch.as_tensor(tensors[name + end]) for end in ENDS)) for name in sorted(names)
        }
        return cls(layers, float(about["alpha"]), str(about.get("base", "")), str(about.get("name", "")))

    def renamed(self, name: str) -> Adapter:
        return replace(self, name=name)

    def to(self, *place: Any) -> Adapter:
        """The same on another device or in another kind of number."""
        return replace(self, layers={layer: delta.to(*place) for layer, delta in self.layers.items()})

    def frozen(self) -> Adapter:
        """A copy that learns no more: what was trained, as a value."""
        return replace(
            self,
            layers={
                layer: Delta(a.detach().clone(), b.detach().clone()) for layer, (a, b) in self.layers.items()
            },
        )

    def parameters(self) -> list[Tensor]:
        """All factors, A before B: what an optimizer is given."""
        return [part for delta in self.layers.values() for part in delta]


def octets(tensor: Tensor) -> bytes:
    """The bytes of TENSOR, whatever its kind of number and its device."""
    flat = tensor.detach().cpu().contiguous().reshape(-1)
    return flat.view(torch.uint8).numpy().tobytes()


def fingerprint(model: nn.Module) -> str:
    """SHA-256 of MODEL's configuration, and of the name, shape and numbers of each of its weights.

    Where the weights lie, and whether they learn, makes no difference.
    """
    config = getattr(model, "config", None)
    told: dict[str, Any] = {} if config is None else getattr(config, "to_dict", dict)()
    passing = {"_name_or_path", "transformers_version", "torch_dtype", "dtype", "use_cache"}
    kept = {key: value for key, value in told.items() if key not in passing}
    hashed = hashlib.sha256(json.dumps(kept, sort_keys=True, default=str).encode())
    for name, tensor in sorted(model.state_dict().items()):
        hashed.update(json.dumps([name, str(tensor.dtype), list(tensor.shape)]).encode())
        hashed.update(octets(tensor))
    return hashed.hexdigest()


def one_base(adapters: Iterable[Adapter]) -> str:
    """The base that ADAPTERS share; those of different models do not belong together."""
    bases = {adapter.base for adapter in adapters} - {""}
    if len(bases) > 1:
        raise EvalError(
            "these adapters belong to different models: " + ", ".join(sorted(base[:12] for base in bases)),
            code="adapter",
            hint="(hash-ref (adapter-about a) :base) tells whose an adapter is",
        )
    return next(iter(bases), "")
