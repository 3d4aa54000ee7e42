"""What primitives are given, as arrays; what cannot be one is refused in words, and so is what a kernel refuses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from numbers import Real
from typing import Any

import numpy as np

from chorus.runtime.devices import choose_device
from chorus.runtime.errors import EvalError
from chorus.runtime.values import HashTable, Keyword, MutableString, Pair, list_items, make_list

LARGEST = 1e150  # beyond it squares are infinite, and what is made of them no number
LONGEST = 100_000  # values of a series of days
POINTS = 1_000_000  # of a signal that is made longer; more is a slip


def numbers(value: Any, caller: str, dimensions: int = 1) -> np.ndarray:
    """VALUE, a tensor, or a list of numbers (of lists of them, for 2 DIMENSIONS), as f64."""
    what = "a list of finite numbers" if dimensions == 1 else "lists of as many finite numbers each"
    try:
        rows = _entries(value)
        if not isinstance(rows, np.ndarray) and dimensions > 1:
            rows = [_entries(row) for row in rows]
        for row in [rows] if dimensions == 1 else rows:
            only_numbers(row)
        made: Any = np.asarray(rows, np.float64)
    except NoNumber as problem:
        raise EvalError(
            f"{caller} takes {what}, or a tensor of them", code="type", hint=str(problem)
        ) from None
    except (TypeError, ValueError):
        made = np.zeros(0)
    if made.ndim != dimensions or not made.size or not np.isfinite(made).all():
        raise EvalError(f"{caller} takes {what}, or a tensor of them", code="type")
    if np.abs(made).max() > LARGEST:
        raise EvalError(
            f"{caller}: {np.abs(made).max():.3g} is too large a number to reckon with",
            code="range",
            hint="measure in a larger unit",
        )
    return made


def series(value: Any, caller: str) -> np.ndarray:
    """VALUE, a tensor or a list of numbers, #f or NaN where one is missing, as f64 with NaN there."""
    try:
        rows = _entries(value)
        plain = isinstance(rows, np.ndarray)
        if plain and rows.ndim != 1:
            raise NoNumber(f"the tensor has {rows.ndim} dimensions")
        only_numbers(rows if plain else [each for each in rows if each is not False])
        row = np.asarray(
            rows if plain else [np.nan if each is False else float(each) for each in rows], float
        )
    except (NoNumber, TypeError) as problem:
        hint = str(problem) if isinstance(problem, NoNumber) else f"{_shown(value)} is none"
        wanted = f"{caller}: a series is of numbers, #f where one is missing"
        raise EvalError(wanted, code="type", hint=hint) from None
    except OverflowError:
        row = np.array([np.inf])
    if len(row) and not (np.abs(row) <= LARGEST)[~np.isnan(row)].all():
        raise EvalError(f"{caller}: a number is too large to reckon with", code="range")
    if len(row) > LONGEST:
        raise EvalError(f"{caller}: a series has at most {LONGEST:,} values, not {len(row):,}", code="range")
    return row


class NoNumber(ValueError):
    """What stands where a number should, in words."""


def _entries(value: Any) -> Any:
    """VALUE as an array or a list; texts and lists with a dot are neither."""
    if isinstance(value, np.ndarray):
        return value
    if isinstance(value, (str, bytes, bytearray, MutableString)):
        raise NoNumber(f"{_shown(value)} is none")
    items = list_items(value) if isinstance(value, Pair) else list(value)
    if items is None:
        raise NoNumber("a list that ends with a dot is none")
    return items


def only_numbers(row: Any) -> None:
    """NoNumber unless all entries of ROW are real numbers: #t and #f are none, nor are digits in a text."""
    if isinstance(row, np.ndarray):
        if row.dtype.kind not in "iuf":
            raise NoNumber(f"the tensor is of {row.dtype}")
        return
    plain = {kind: issubclass(kind, Real) and kind is not bool for kind in {each.__class__ for each in row}}
    if not all(plain.values()):
        wrong = next(each for each in row if not plain[each.__class__])
        raise NoNumber(
            f"{_shown(wrong)} is no number"
            + ("; leave out or fill what is missing" if wrong is False else "")
        )


def _shown(value: Any) -> str:
    """VALUE in a few letters."""
    if value.__class__ is bool:
        return "#t" if value else "#f"
    return f"{str(value)!r}"[:40] if isinstance(value, (str, MutableString)) else str(value)[:40]


def sized(size: int, caller: str) -> int:
    """SIZE, if a signal can have as many points."""
    if not 1 <= size <= POINTS:
        raise EvalError(f"{caller}: a signal has 1 to {POINTS:,} points, not {size:,}", code="range")
    return size


def placed(device: str) -> str:
    """The device of that name; `auto` is CUDA or the processor, as Apple's GPU has no doubles; one that is not here is
    the language's error.
    """
    if device == "auto":
        import torch

        device = "cuda" if torch.cuda.is_available() else "cpu"
    return choose_device(device)


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
