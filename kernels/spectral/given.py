"""What primitives are given, as arrays; what cannot be one is refused in words, and so is what a kernel refuses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from chorus.runtime.errors import EvalError
from chorus.runtime.values import HashTable, Keyword, make_list


def numbers(value: Any, caller: str, dimensions: int = 1) -> np.ndarray:
    """VALUE, a tensor, or a list of numbers (of lists of them, for 2 DIMENSIONS), as f64."""
    try:
        rows = value if isinstance(value, np.ndarray) else list(value)
        made: Any = np.asarray(rows if dimensions == 1 else [list(row) for row in rows], np.float64)
    except (TypeError, ValueError):
        made = np.zeros(0)
    if made.ndim != dimensions or not made.size or not np.isfinite(made).all():
        what = "a list of finite numbers" if dimensions == 1 else "lists of as many finite numbers each"
        raise EvalError(f"{caller} takes {what}, or a tensor of them", code="type")
    return made


def placed(device: str) -> str:
    """The device of that name; `auto` is CUDA or the processor, as Apple's GPU has no doubles; one that is not here is
    the language's error.
    """
    if device == "auto":
        import torch

        device = "cuda" if torch.cuda.is_available() else "cpu"
    from chorus.kernels.persona.primitives import device_of

    return device_of(device)


@contextmanager
def refusing(caller: str) -> Iterator[None]:
    """A kernel's ValueError as the language's error."""
    try:
        yield
    except ValueError as error:
        raise EvalError(f"{caller}: {error}", code="range") from None


def listed(values: Any) -> Any:
    """An array as lists of numbers of 6 digits."""
    if isinstance(values, np.ndarray) and values.ndim > 1:
        return make_list(listed(row) for row in values)
    return make_list(float(f"{value:.6g}") + 0.0 for value in values.tolist())


def table(**entries: Any) -> HashTable:
    """A hash table under keywords; numbers of 4 digits."""
    short = lambda value: float(f"{value:.4g}") if isinstance(value, float) else value
    return HashTable((Keyword(name.replace("_", "-")), short(value)) for name, value in entries.items())
