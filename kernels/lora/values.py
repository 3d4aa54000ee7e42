"""The language's adapters as the kernels': a sum has all its parts side by side."""

from __future__ import annotations

from typing import Any

from chorus.kernels.lora.adapter import Adapter
from chorus.kernels.lora.merge import stack
from chorus.runtime.accepts import wrong_type
from chorus.runtime.adapters import value


def kernel_of(given: Any, caller: str) -> Adapter:
    """The kernel's adapter of GIVEN, which CALLER was given."""
    if not isinstance(given, value.Adapter):
        raise wrong_type(caller, "adapter", "an adapter", given)
    return stack(*(Adapter.of(each.tensors, each.about) for each in given.contents))
