"""Fusion of rankings as a primitive."""

from __future__ import annotations

from typing import Any

from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import ACCEPTS, REJECT, Items, primitive, wrong_type
from chorus.runtime.values import hash_key, make_list


@primitive("fuse-ranks", effects="pure")
def fuse_ranks(rankings: Items, *, k: float = 60.0, weights: Items | None = None) -> Any:
    """One ranking out of RANKINGS, each a list with the best first: a list of (item score), best first.

    Reciprocal rank fusion: an item scores the sum of weight / (K + its rank) over the rankings that name it,
    so scores of different scales need no calibration. WEIGHTS has one number for each ranking (default 1).
    [Cormack, Clarke & Büttcher 2009, eq. 1]

    > (map car (fuse-ranks '((a b c) (b d))))
    => (b a d c)
    > (fuse-ranks '((a)) :k 1)
    => ((a 0.5))
    """
    from chorus.runtime.index.fusion import rrf

    lists = [_ranking(ranking) for ranking in rankings]
    if weights is not None and len(weights) != len(lists):
        raise EvalError(f"fuse-ranks: {len(weights)} weights for {len(lists)} rankings")
    if not k >= 0:
        raise EvalError("fuse-ranks: k should not be negative")
    values = {hash_key(item): item for ranking in lists for item in ranking}
    keyed = [[hash_key(item) for item in ranking] for ranking in lists]
    ranked = rrf(keyed, k, None if weights is None else [_number(w) for w in weights])
    return make_list(make_list([values[key], score]) for key, score in ranked)


def _ranking(value: Any) -> list[Any]:
    items = ACCEPTS[Items].convert(value)
    if items is REJECT:
        raise wrong_type("fuse-ranks", "rankings", "a list of lists", value)
    return items


def _number(value: Any) -> float:
    number = ACCEPTS[float].convert(value)
    if number is REJECT:
        raise wrong_type("fuse-ranks", "weights", "a list of numbers", value)
    return number
