"""Compiled procedures copied into another namespace: the same code, other globals."""

from __future__ import annotations

import types
from typing import Any

from chorus.runtime.calling import meta_of_code


def rebased(value: Any, old: dict[str, Any], new: dict[str, Any], memo: dict[int, Any]) -> Any:
    """VALUE, or, if it is a procedure whose globals are OLD, that procedure with NEW instead.

    Procedures in its closure are copied likewise, with cells of their own; other values are shared.
    """
    if value.__class__ is not types.FunctionType or value.__globals__ is not old or meta_of_code(value.__code__) is None:
        return value
    if id(value) in memo:
        return memo[id(value)]
    cells = tuple(_cell(cell, memo) for cell in value.__closure__ or ())
    made = types.FunctionType(value.__code__, new, value.__name__, value.__defaults__, cells or None)
    memo[id(value)] = made
    for before, after in zip(value.__closure__ or (), cells, strict=True):
        if id(after) not in memo:
            memo[id(after)] = after
            try:
                after.cell_contents = rebased(before.cell_contents, old, new, memo)
            except ValueError:
                pass  # empty
    return made


def _cell(cell: Any, memo: dict[int, Any]) -> Any:
    if id(cell) not in memo:
        memo[id(cell)] = types.CellType()
    return memo[id(cell)]
