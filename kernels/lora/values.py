"""The language's adapters as the kernels': a sum has all its parts side by side."""

from __future__ import annotations

from typing import Any

from chorus.kernels.lora.adapter import Adapter
from chorus.kernels.lora.merge import stack
from chorus.runtime.primitive import wrong_type


def is_value(given: Any) -> bool:
    """Whether GIVEN is an adapter of the language, told by the call that gives it back: kernels know no store."""
    return hasattr(given, "__kept__") and given.__kept__()[0] == "adapter"


def kernel_of(given: Any, caller: str) -> Adapter:
    """The kernel's adapter of GIVEN, which CALLER was given."""
    if not is_value(given):
        raise wrong_type(caller, "adapter", "an adapter", given)
    return stack(*(Adapter.of(each.tensors, each.about) for each in given.contents))
