"""The layers of a model that adapters can change: its linear ones, and where their weight lies.

They are found by path, as PEFT finds them: by a regular expression that matches the whole path, or by names that it
ends with. Nothing is wrapped and no weight copied: what adds the change is a hook, so a model's names, weights and file
stay as they were.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from torch import Tensor, nn

from chorus.runtime.errors import EvalError

Targets = str | Iterable[str] | None


class Layer(NamedTuple):
    """A linear layer from d to o numbers; a TRANSPOSED one keeps its weight as [d,o] (transformers' Conv1D)."""

    path: str
    module: Any
    transposed: bool
    tied: bool  # its weight is another module's, too

    @property
    def d(self) -> int:
        return self.module.weight.shape[0 if self.transposed else 1]

    @property
    def o(self) -> int:
        return self.module.weight.shape[1 if self.transposed else 0]

    @property
    def weight(self) -> Tensor:
        """W [o,d], a view."""
        return self.module.weight.T if self.transposed else self.module.weight


def layers_of(model: nn.Module, targets: Targets = None) -> dict[str, Layer]:
    """The linear layers of MODEL that TARGETS names: without any, all that can be served but
    the head that scores tokens."""
    if isinstance(targets, str):
        try:
            re.compile(targets)
        except re.error as problem:
            raise EvalError(f"{targets!r} is no regular expression: {problem}", code="range") from None
    found = [
        (path, module)
        for path, module in model.named_modules()
        if is_linear(module) and is_wanted(path, targets)
    ]
    if targets is None:
        head = output_head(model)
        found = [(path, module) for path, module in found if module is not head and not _is_bypassed(module)]
    if not found:
        raise EvalError("no linear layer of the model is meant", irritants=(targets,), hint=_hint(model))
    for path, module in found:
        if _is_bypassed(module):
            raise EvalError(
                f"{path}: nn.MultiheadAttention reads this weight without calling the layer; no adapter can serve it"
            )
    owners = Counter(id(p) for module in model.modules() for p in module.parameters(recurse=False))
    return {
        path: Layer(path, module, is_conv1d(module), owners[id(module.weight)] > 1) for path, module in found
    }


def is_conv1d(module: nn.Module) -> bool:
    """Whether MODULE is the linear layer of transformers' GPT-2, told without importing transformers."""
    return type(module).__name__ == "Conv1D" and type(module).__module__.startswith("transformers.")


def is_linear(module: nn.Module) -> bool:
    return isinstance(module, nn.Linear) or is_conv1d(module)


def output_head(model: nn.Module) -> nn.Module | None:
    """The layer that scores the tokens of a vocabulary, where MODEL has one."""
    asked = getattr(model, "get_output_embeddings", None)
    return None if asked is None else asked()


def is_wanted(path: str, targets: Targets) -> bool:
    if targets is None:
        return True
    if isinstance(targets, str):
        return re.fullmatch(targets, path) is not None
    return any(path == name or path.endswith("." + name) for name in targets)


def _is_bypassed(module: nn.Module) -> bool:
    """Whether MODULE's owner multiplies by its weight without calling it, so that no change would arrive."""
    return type(module) is nn.modules.linear.NonDynamicallyQuantizableLinear


def _hint(model: nn.Module) -> str:
    ends = sorted({path.rpartition(".")[2] for path, module in model.named_modules() if is_linear(module)})
    return "its linear layers are named " + ", ".join(ends[:12]) if ends else "it has no linear layer"
