"""Retrieval's mathematics as primitives: diversity, the greatest of many scores."""

from __future__ import annotations

from typing import Annotated, Any

from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import primitive, wrong_type
from chorus.runtime.values import make_list

Tensor = Any


@primitive("diverse", effects="compute")
def diverse(
    vectors: Annotated[Tensor, "n d"], relevance: Annotated[Any, "n"], k: int, *, balance: float = 0.7
) -> list[int]:
    """Positions of K rows of VECTORS that are relevant and unlike each other, best first: maximal marginal
    relevance.

    RELEVANCE has a number for each row, on the scale of a cosine. BALANCE 1 heeds relevance alone, 0
    difference alone. [Carbonell & Goldstein 1998]

    > (diverse #(#(1 0) #(1 0) #(0 1)) #(0.9 0.8 0.5) 2)
    => (0 2)
    > (diverse #(#(1 0) #(1 0) #(0 1)) #(0.9 0.8 0.5) 2 :balance 1)
    => (0 1)
    """
    import numpy as np

    from chorus.kernels.retrieval.diversity import mmr

    rows, scores = _tensor(vectors, "diverse", "vectors"), _tensor(relevance, "diverse", "relevance")
    if (
        rows.ndim != 2
        or scores.shape != rows.shape[:1]
        or not np.isfinite(rows).all()
        or not np.isfinite(scores).all()
    ):
        raise EvalError(
            f"diverse: vectors {rows.shape} and relevance {scores.shape} should be finite, n×d and n"
        )
    return make_list(mmr(rows, scores, k, balance))


@primitive("top-k", effects="compute")
def top_k(scores: Annotated[Any, "n"], k: int) -> list[int]:
    """Positions of the K greatest of SCORES, greatest first; equal scores in their order, NaN never.

    > (top-k #(0.1 0.9 0.5 0.9) 3)
    => (1 3 2)
    """
    from chorus.kernels.retrieval.topk import top_k as select

    row = _tensor(scores, "top-k", "scores")
    if row.ndim != 1:
        raise EvalError(f"top-k: scores should be one row, not of shape {row.shape}")
    return make_list(int(at) for at in select(row, k))


def _tensor(value: Any, caller: str, parameter: str) -> Any:
    """VALUE, a tensor or nested vectors or lists of numbers, as a float array."""
    import numpy as np

    from chorus.runtime.values import NIL, Pair

    def plain(part: Any) -> Any:
        return [plain(each) for each in part] if isinstance(part, (Pair, list)) or part is NIL else part

    try:
        return np.asarray(plain(value), dtype=np.float64)
    except (TypeError, ValueError):
        raise wrong_type(caller, parameter, "a tensor or vectors of numbers", value) from None
