"""What the primitives of this room are given, checked: numbers, rows, sizes, tables made for each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import Items
from chorus.runtime.values import HashTable, Keyword, make_list

if TYPE_CHECKING:
    from chorus.kernels.bandit.drifting import Prior
    from chorus.kernels.bandit.hierarchy import Team

MOST_CHOICES = 64


def floats(values: Any, name: str) -> np.ndarray:
    made = np.asarray(values, dtype=float)
    if not np.isfinite(made).all():
        raise EvalError(f"{name}: numbers should be finite")
    return made


def weights_of(weights: Any, n: int) -> np.ndarray:
    made = np.ones(n) if weights is None else floats(weights, "weights")
    if len(made) != n or (made <= 0).any():
        raise EvalError("weights: one above 0 for each rating")
    return made


def sizes_of(sizes: Items) -> tuple[int, ...]:
    made = tuple(int(k) for k in sizes)
    if any(not 1 <= k <= MOST_CHOICES for k in made):
        raise EvalError(f"a setting has 1 to {MOST_CHOICES} choices")
    return made


def field(table: HashTable, name: str) -> Any:
    """The field NAME of a TABLE that a primitive of this room made."""
    found = table.get(Keyword(name))
    if found is None:
        raise EvalError(f"a hash table with :{name} is wanted here")
    return found


def numbers(values: np.ndarray) -> Any:
    return make_list(values.tolist())


def rows_of(x: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
    rows, values = floats(x, "columns"), floats(y, "ratings")
    if rows.ndim != 2 or len(rows) != len(values):
        raise EvalError("a row of columns for each rating")
    return rows, values


def groups_of(groups: Items) -> np.ndarray:
    """i64[n]: the number of the group of each rating."""
    return np.array([int(g) for g in groups], dtype=int)


def numbered(choices: Any, sizes: tuple[int, ...]) -> np.ndarray:
    if isinstance(choices, np.ndarray):
        made = choices.astype(int).reshape(len(choices), len(sizes))
    else:
        made = _listed(choices, sizes)
    if (made < -1).any() or (made >= np.array(sizes, dtype=int)).any():
        raise EvalError("a choice is a number from 0 on, below how many there are, or #f")
    return made


def _listed(choices: Items, sizes: tuple[int, ...]) -> np.ndarray:
    rows = [[-1 if c is False else int(c) for c in row] for row in choices]
    return np.array(rows, dtype=int).reshape(len(rows), len(sizes))


def team_of(table: HashTable) -> Team:
    """What `fit-team` made, again."""
    from dataclasses import fields

    from chorus.kernels.bandit.hierarchy import Team

    return Team(**{each.name: field(table, each.name) for each in fields(Team)})


def prior_of(table: HashTable) -> Prior:
    """What `team-prior` and `open-prior` make, again."""
    from chorus.kernels.bandit.drifting import Prior

    mean, variance = (floats(field(table, name), name) for name in ("mean", "variance"))
    return Prior(mean, variance, float(field(table, "noise")))


def rate_of(rate: float) -> float:
    if not 0 < rate <= 1:
        raise EvalError("a rate lies above 0 and is at most 1", irritants=(rate,))
    return rate
