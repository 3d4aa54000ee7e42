"""Definitions copied into another namespace, the same code with other globals; `Session.freeze` makes such copies."""

from __future__ import annotations

import types
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from chorus.interpreter.namespace import Namespace
from chorus.runtime.calling import meta_of_code

if TYPE_CHECKING:
    from chorus.interpreter.session import Session


def rebased(value: Any, old: dict[str, Any], new: dict[str, Any], memo: dict[int, Any]) -> Any:
    """VALUE, or, if it is a procedure whose globals are OLD, that procedure with NEW instead.

    Procedures in its closure are copied likewise, with cells of their own; other values are shared.
    """
    if (
        value.__class__ is not types.FunctionType
        or value.__globals__ is not old
        or meta_of_code(value.__code__) is None
    ):
        return value
    if id(value) in memo:
        return memo[id(value)]
    cells = tuple(_cell(cell, memo) for cell in value.__closure__ or ())
    made = types.FunctionType(value.__code__, new, value.__name__, value.__defaults__, cells or None)
    memo[id(value)] = made
    for before, after in zip(value.__closure__ or (), cells, strict=True):
        if id(after) not in memo:
            memo[id(after)] = after
            with suppress(ValueError):  # an empty cell
                after.cell_contents = rebased(before.cell_contents, old, new, memo)
    return made


def _cell(cell: Any, memo: dict[int, Any]) -> Any:
    if id(cell) not in memo:
        memo[id(cell)] = types.CellType()
    return memo[id(cell)]


class Base:
    """A frozen set of definitions. Sessions that start from it share its values, and never its bindings."""

    def __init__(self, space: Namespace) -> None:
        self._bindings = {
            key: value for key, value in space.dict.items() if key not in ("__builtins__", "$:namespace")
        }
        self._own = space.dict

    def copy_into(self, space: Namespace) -> None:
        memo: dict[int, Any] = {}
        for key, value in self._bindings.items():
            space.dict[key] = rebased(value, self._own, space.dict, memo)

    def session(self, **options: Any) -> Session:
        """A session that starts from these definitions; OPTIONS as Session takes them."""
        from chorus.interpreter.session import Session

        return Session(base=self, **options)
