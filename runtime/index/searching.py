"""Searches of a plan, run: the rows that may be found are asked of the store, then ranked by vectors and words."""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from chorus.runtime.index.fusion import rrf
from chorus.runtime.plan import nodes, searches
from chorus.runtime.plan.expressions import Column
from chorus.runtime.plan.searches import ID, Found, Search
from chorus.runtime.plan.types import STRING
from chorus.runtime.table import Table

if TYPE_CHECKING:
    from chorus.runtime.context import Context

NUMBERS: Final = itertools.count(1)


def run(search: Search, ctx: Context) -> Found:
    """What SEARCH finds, best first: ids and scores."""
    began = time.perf_counter()
    among = _among(search.table, ctx)
    found = _ranked(search, among, ctx)
    columns = _columns(search, [message for message, _, _ in found], found, ctx)
    return searches.found(f":found{next(NUMBERS)}", columns, search, time.perf_counter() - began)


def _among(table: nodes.Plan, ctx: Context) -> Any:
    """The ids of the messages that are searched, as an Arrow array; None for all of them."""
    if isinstance(table, nodes.Scan):
        return None
    only = nodes.Select(table, ((ID, Column(ID, STRING)),))
    return Table(only, ctx).arrow().column(0).combine_chunks()


def _ranked(search: Search, among: Any, ctx: Context) -> list[tuple[str, float, str]]:
    """(id, score, matched-by) of the messages found, best first."""
    text = search.wanted.text
    if search.wanted.head != "search":
        return [(message, score, "dense") for message, score in _nearest(search, among, ctx)]
    depth = max(60, 4 * search.limit)  # deeper than what is asked for: one halfway down both can win
    dense = _dense(search, depth, among, ctx) if search.mode != "words" else []
    words = ctx.indexes.words.search(text, depth, among) if search.mode != "dense" else []
    ways = dict.fromkeys((m for m, _ in words), "words") | dict.fromkeys((m for m, _ in dense), "dense")
    ways |= dict.fromkeys(dict(words).keys() & dict(dense).keys(), "both")
    if search.mode == "both":
        fused: list[Any] = rrf([[m for m, _ in dense], [m for m, _ in words]])
    else:
        fused = words or dense
    return [(message, score, ways[message]) for message, score in fused[: search.limit]]


def _dense(search: Search, depth: int, among: Any, ctx: Context) -> list[tuple[str, float]]:
    if not search.wanted.text.strip() or not ctx.indexes.coverage()[0]:
        return []
    query = ctx.embedder.encode([search.wanted.text], ctx.check)[0]
    return ctx.indexes.vectors.search(query, depth, among)


def _nearest(search: Search, among: Any, ctx: Context) -> list[tuple[str, float]]:
    """The messages nearest to a vector, or to a message, itself left out."""
    if search.wanted.head == "near":
        query = np.frombuffer(search.wanted.vector, dtype=np.float32)
        return ctx.indexes.vectors.search(query, search.limit, among)
    known = query_of(search.wanted.text, ctx)
    if known is None:
        return []
    found = ctx.indexes.vectors.search(known, search.limit + 1, among)
    return [pair for pair in found if pair[0] != search.wanted.text][: search.limit]


def query_of(message: str, ctx: Context) -> np.ndarray | None:
    """The vector of a MESSAGE, by its id; None where there is no such message, or no vector to compare it with."""
    from chorus.runtime.index.windows import described

    said = described(ctx.reader, [message]).get(message)
    if said is None or not said["content"].strip() or not ctx.indexes.coverage()[0]:
        return None
    there, rows = ctx.indexes.vectors.of([message])
    return rows[0] if there else ctx.embedder.encode([said["content"]], ctx.check)[0]


def _columns(search: Search, ids: list[str], found: list[Any], ctx: Context) -> dict[str, Any]:
    """The columns of what was found; both scores where both can be had, whichever found the message."""
    cosines: dict[str, float] = {}
    words: dict[str, float] = {}
    if search.wanted.head != "search":
        cosines = {message: score for message, score, _ in found}
    else:
        words = ctx.indexes.words.scores_of(search.wanted.text, ids)
        if search.mode != "words" and ids:
            query = ctx.embedder.encode([search.wanted.text], ctx.check)[0]
            cosines = ctx.indexes.vectors.cosines_of(query, ids)
    return {
        ID: ids,
        "rank": list(range(1, len(ids) + 1)),
        "score": [float(score) for _, score, _ in found],
        "cosine": [cosines.get(message) for message in ids],
        "bm25": [words.get(message) for message in ids],
        "matched-by": [way for _, _, way in found],
    }


def lowered(plan: nodes.Plan, ctx: Context) -> nodes.Plan:
    """PLAN with what its searches find, as of now, in their place; a search that stands in it twice is run once."""
    done: dict[Search, Found] = {}

    def once(search: Search) -> Found:
        if search not in done:
            done[search] = run(search, ctx)
        return done[search]

    return searches.lowered(searches.settled(plan)[0], once)
