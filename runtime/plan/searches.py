"""The plan's node for a search, and what a condition on a search means: that only rows for which it holds are searched.

`(where (search "lag") (= channel-id c))` is the best of channel c, not those of the best that happen to be in it. So
conditions on the searched table's own columns go into the search before anything else is done to a plan, through
steps that keep each row as it is; conditions on scores stay outside. What stands between a condition and a search
otherwise (a limit, a join, groups …) keeps them apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

from chorus.runtime.plan import nodes
from chorus.runtime.plan.expressions import Column, Expression, columns_of
from chorus.runtime.plan.nodes import Plan
from chorus.runtime.plan.optimise_pushing import asks_null, below, joint, split
from chorus.runtime.plan.plans import with_inputs
from chorus.runtime.plan.shapes import Given
from chorus.runtime.plan.types import INTEGER, REAL, STRING, Field, Schema

ID: Final = "id"  # the column by which messages are known
SCORES: Final = (
    Field("rank", INTEGER),  # 1: the best
    Field("score", REAL),  # what the rank goes by
    Field("cosine", REAL),  # of the vectors; missing where a message has none
    Field("bm25", REAL),  # of the words
    Field("matched-by", STRING),  # dense, words or both
)
AMONG: Final = "search-among"
KEEPING: Final = (nodes.Where, nodes.Select, nodes.WithColumns, nodes.Rename, nodes.OrderBy)


@dataclass(frozen=True)
class Wanted:
    """What is searched for: a text, a message, or a vector (float32 bytes)."""

    head: str  # search | similar-to | near
    text: str = ""
    vector: bytes = b""


@dataclass(frozen=True)
class Search(nodes.Unary):
    """The LIMIT of the table's messages that answer best to WANTED, best first, with SCORES.

    MODE: both (rankings by meaning and by words, fused), dense or words. The table has a column ID of message ids.
    """

    wanted: Wanted
    limit: int
    mode: str = "both"

    @cached_property
    def schema(self) -> Schema:
        return Schema((*self.searched, *SCORES))

    @property
    def searched(self) -> tuple[Field, ...]:
        """The table's columns that are seen: scores of a search within a search are the outer's."""
        names = {field.name for field in SCORES}
        return tuple(field for field in self.table.schema.visible if field.name not in names)

    @cached_property
    def ordered(self) -> bool:
        return True

    @cached_property
    def key(self) -> tuple[str, ...] | None:
        key = self.table.key
        return key if key is not None and set(key) <= {field.name for field in self.searched} else None


@dataclass(frozen=True)
class Found(Given):
    """What the search BY found, in SECONDS: each message once, with SCORES."""

    by: Search | None = None
    seconds: float = field(default=0.0, compare=False)

    @cached_property
    def key(self) -> tuple[str, ...] | None:
        return (ID,)


def searches(plan: Plan) -> bool:
    """Whether there is a search in PLAN."""
    return isinstance(plan, Search) or any(searches(one) for one in plan.inputs)


def settled(plan: Plan) -> tuple[Plan, int]:
    """PLAN with its conditions on searches within them, and in how many places there were any."""
    if not searches(plan):
        return plan, 0
    inputs = [settled(one) for one in plan.inputs]
    count = sum(found for _, found in inputs)
    made = with_inputs(plan, [one for one, _ in inputs]) if count else plan
    if not isinstance(made, nodes.Where) or not _leads_to_search(made.table):
        return made, count
    put, more = _put_in(made)
    return put, count + more


def _leads_to_search(plan: Plan) -> bool:
    while isinstance(plan, KEEPING):
        plan = plan.table
    return isinstance(plan, Search)


def _put_in(plan: nodes.Where) -> tuple[Plan, int]:
    """PLAN, conditions over a search, with those in the search that can go there."""
    table = plan.table
    if isinstance(table, nodes.Where):
        both = [*split(table.condition), *split(plan.condition)]
        return _put_in(nodes.Where(table.table, _all(both)))
    parts = split(plan.condition)
    movable = [part for part in parts if not asks_null(part)]
    if isinstance(table, Search):
        names = {field.name for field in table.searched}
        moved = [part for part in movable if columns_of(part) <= names]
        made: Plan = replace(table, table=joint(table.table, moved))
        return (joint(made, [p for p in parts if p not in moved]), 1) if moved else (plan, 0)
    pushed = below(table, [part for part in movable if columns_of(part)])
    if pushed is None:
        return plan, 0
    step, moved = pushed
    inner, count = settled(step.inputs[0])
    return joint(with_inputs(step, [inner]), [part for part in parts if part not in moved]), count


def _all(parts: list[Expression]) -> Expression:
    made = joint(nodes.Scan("", Schema(())), parts)
    assert isinstance(made, nodes.Where)
    return made.condition


Run = Callable[[Search], Found]


def lowered(plan: Plan, run: Run) -> Plan:
    """PLAN, settled, with the tables of what RUN finds (ID and SCORES) in the place of its searches."""
    if not searches(plan):
        return plan
    made = with_inputs(plan, [lowered(one, run) for one in plan.inputs])
    return _joined(made, run(made)) if isinstance(made, Search) else made


def _joined(search: Search, found: Found) -> Plan:
    """The rows of the searched table that were FOUND, in the order of their ranks."""
    kept = tuple((field.name, Column(field.name, field.type)) for field in search.searched)
    table = nodes.Select(search.table, kept)
    taken = tuple((field.name, field.name) for field in SCORES)
    joined = nodes.Join(table, found, ((ID, ID),), "inner", taken)
    return nodes.OrderBy(joined, ((Column(SCORES[0].name, INTEGER), False),))


def answered(plan: Plan) -> Found | None:
    """What was found, if PLAN is what stands, once it has been run, in the place of a search."""
    joined = plan.table if isinstance(plan, nodes.OrderBy) else None
    return joined.right if isinstance(joined, nodes.Join) and isinstance(joined.right, Found) else None


def found(name: str, columns: dict[str, list[Any]], by: Search | None = None, seconds: float = 0.0) -> Found:
    """The table NAME of what the search BY found in SECONDS."""
    import pyarrow as pa

    types: dict[str, Any] = {STRING: pa.string(), INTEGER: pa.int64(), REAL: pa.float64()}
    fields = (Field(ID, STRING), *SCORES)
    shape = pa.schema([pa.field(field.name, types[field.type]) for field in fields])
    return Found(name, Schema(fields), pa.table(columns, schema=shape), by, seconds)
