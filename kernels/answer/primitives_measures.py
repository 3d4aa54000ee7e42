"""Primitives on numbers of messages: feelings, differences, small tensors."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from chorus.kernels.answer.convert import (
    table,
)
from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import Items, primitive
from chorus.runtime.values import HashTable, Symbol, make_list

Tensor = Any


@primitive("tensor-ref", effects="pure")
def tensor_ref(tensor: Annotated[Tensor, "…"], *positions: int) -> float:
    """The number at POSITIONS of TENSOR, counted from 0, to 6 significant digits.

    > (tensor-ref #(1.5 2.5) 1)
    => 2.5
    """
    try:
        return float(f"{float(np.asarray(tensor)[positions]):.6g}")
    except (IndexError, TypeError, ValueError):
        raise EvalError(f"tensor-ref: there is no number at {list(positions)}") from None


@primitive("tensor->list", effects="pure")
def tensor_to_list(tensor: Annotated[Tensor, "n"]) -> Any:
    """The numbers of a TENSOR of one dimension, to 6 significant digits.

    > (tensor->list #(1.0 2.5))
    => (1.0 2.5)
    """
    row = np.asarray(tensor, dtype=float)
    if row.ndim != 1:
        raise EvalError("tensor->list takes a tensor of one dimension", irritants=(tensor,))
    return make_list(float(f"{value:.6g}") for value in row)


@primitive("%stack", effects="pure")
def stack(rows: Items) -> Annotated[Tensor, "n d"]:
    """The tensor whose rows are the vectors ROWS.

    > (tensor-ref (%stack '(#(1 2) #(3 4))) 1 0)
    => 3.0
    """
    if not rows:
        raise EvalError("no rows to stack")
    return np.stack([np.asarray(row, dtype=np.float32) for row in rows])


@primitive("%scaled", effects="pure")
def scaled(tensor: Annotated[Tensor, "…"], factor: float) -> Annotated[Tensor, "…"]:
    """TENSOR times FACTOR.

    > (tensor-ref (%scaled #(1.0 2.0) -1) 1)
    => -2.0
    """
    return np.asarray(tensor, dtype=float) * factor


@primitive("%quantile", effects="pure")
def quantile(tensor: Annotated[Tensor, "n"], share: float) -> float | bool:
    """The value below which SHARE of TENSOR lies, #f of an empty one.

    > (%quantile #(1.0 2.0 3.0) 0.5)
    => 2.0
    """
    row = np.asarray(tensor, dtype=float)
    return float(f"{np.quantile(row, min(max(share, 0.0), 1.0)):.6g}") if len(row) else False


@primitive("%mean-between", effects="pure")
def mean_between(tensor: Annotated[Tensor, "n"], start: int, stop: int) -> float | bool:
    """The mean of TENSOR from position START to before STOP, without NaN; #f where nothing is left.

    > (%mean-between #(1.0 2.0 4.0) 1 9)
    => 3.0
    """
    row = np.asarray(tensor, dtype=float)[max(start, 0) : max(stop, 0)]
    seen = row[np.isfinite(row)]
    return float(f"{seen.mean():.6g}") if len(seen) else False


@primitive("%feeling", effects="compute")
def feeling(
    values: Annotated[Tensor, "n"], authors: Items, *, level: float = 0.95, weights: Items | None = None
) -> HashTable:
    """The mean of VALUES over AUTHORS, each author counted once: :mean :n :authors :interval :level :positive
    :negative.

    > (hash-ref (%feeling #(1.0 0.0 -1.0) '("ann" "ann" "bob")) :mean)
    => -0.25
    """
    from chorus.kernels.answer.feeling import feeling

    if not 0 < level < 1:
        raise EvalError("the level of an interval lies between 0 and 1", irritants=(level,))
    made = feeling([float(v) for v in values], [str(a) for a in authors], level, weights)
    return table(
        mean=round(made.mean, 4),
        n=made.n,
        authors=made.authors,
        interval=make_list([round(made.low, 4), round(made.high, 4)]),
        level=made.level,
        positive=made.positive,
        negative=made.negative,
    )


@primitive("%difference", effects="compute")
def difference(
    ours: Annotated[Tensor, "n"],
    our_authors: Items,
    theirs: Annotated[Tensor, "m"],
    their_authors: Items,
    *,
    level: float = 0.95,
) -> HashTable:
    """How far the mean of OURS lies above that of THEIRS, over authors: :estimate :interval :p :n, or #f for
    them.

    Welch's t on the authors' means, so that nobody is heard more often than once. [Welch 1947]

    > (hash-ref (%difference #(1.0) '("ann") #(0.0) '("bob")) :estimate)
    => #f
    """
    from chorus.kernels.answer.feeling import difference

    made = difference([float(v) for v in ours], our_authors, [float(v) for v in theirs], their_authors, level)
    if made is None:
        return table(
            metric=Symbol("satisfaction"), estimate=None, interval=None, p=None, n=len(ours) + len(theirs)
        )
    return table(
        metric=Symbol("satisfaction"),
        estimate=round(made.mean, 4),
        interval=make_list([round(made.low, 4), round(made.high, 4)]),
        p=round(made.p, 5),
        n=len(ours) + len(theirs),
    )
