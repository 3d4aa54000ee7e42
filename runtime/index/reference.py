"""The definition of nearest: slow, plain, and what the fast search is tested against."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def nearest(
    rows: Sequence[Sequence[float]],
    query: Sequence[float],
    k: int,
    order: Sequence[int],
    among: Iterable[int] | None = None,
) -> list[tuple[int, float]]:
    """(position, dot product) of the K of ROWS with the greatest product with QUERY, best first, ties by
    ORDER.
    """
    allowed = range(len(rows)) if among is None else sorted(set(among))
    scored = [(sum(a * b for a, b in zip(rows[at], query, strict=True)), at) for at in allowed]
    scored.sort(key=lambda pair: (-pair[0], order[pair[1]]))
    return [(at, score) for score, at in scored[: max(k, 0)]]
