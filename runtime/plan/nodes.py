"""The plan's nodes: immutable, each a table with a schema, a key that orders it, and the tables it is over.

`ordered` and `key` make results deterministic. The first says that the engine keeps the node's rows in a
pinned order (that of the store, or of an order-by). Where it does not, and to break ties, rows are ordered by
`key`: names of columns that together differ in every row; None where none are known, then all visible columns
serve.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from chorus.runtime.errors import EvalError
from chorus.runtime.plan.expressions import Column, Expression
from chorus.runtime.plan.types import Field, Schema, common_type

MAX_STEPS: Final = 300  # nodes on one path
Named = tuple[tuple[str, Expression], ...]


@dataclass(frozen=True)
class Plan:
    """Base of all nodes."""

    @property
    def inputs(self) -> tuple[Plan, ...]:
        return ()

    @cached_property
    def steps(self) -> int:
        return 1 + max((plan.steps for plan in self.inputs), default=0)

    @cached_property
    def schema(self) -> Schema:
        raise NotImplementedError  # each kind of plan has columns of its own

    @cached_property
    def key(self) -> tuple[str, ...] | None:
        return self.inputs[0].key

    @cached_property
    def ordered(self) -> bool:
        return self.inputs[0].ordered

    def __post_init__(self) -> None:
        if self.steps > MAX_STEPS:
            raise EvalError(f"a table made in more than {MAX_STEPS} steps", code="table-size")
        _ = self.schema  # a wrong one is refused where the node is made


@dataclass(frozen=True)
class Unary(Plan):
    """A node over one table."""

    table: Plan

    @property
    def inputs(self) -> tuple[Plan, ...]:
        return (self.table,)

    @cached_property
    def schema(self) -> Schema:
        return self.table.schema


@dataclass(frozen=True)
class Scan(Plan):
    """A table of the store."""

    name: str
    columns: Schema
    identity: tuple[str, ...] | None = None

    @cached_property
    def schema(self) -> Schema:
        return self.columns

    @cached_property
    def key(self) -> tuple[str, ...] | None:
        return self.identity

    @cached_property
    def ordered(self) -> bool:
        return True


@dataclass(frozen=True)
class Where(Unary):
    """The rows for which CONDITION is neither false nor missing."""

    condition: Expression


@dataclass(frozen=True)
class Select(Unary):
    """Exactly these columns."""

    columns: Named

    @cached_property
    def schema(self) -> Schema:
        return Schema(tuple(Field(name, made.type) for name, made in self.columns))

    @cached_property
    def key(self) -> tuple[str, ...] | None:
        if self.table.key is None:
            return None
        kept = {made.name: name for name, made in reversed(self.columns) if isinstance(made, Column)}
        return tuple(kept[name] for name in self.table.key) if set(self.table.key) <= kept.keys() else None


@dataclass(frozen=True)
class WithColumns(Unary):
    """The table's columns and these, which replace columns of the same name."""

    columns: Named

    @cached_property
    def schema(self) -> Schema:
        new = {name: Field(name, made.type) for name, made in self.columns}
        old = self.table.schema.fields
        kept = tuple(new.get(field.name, field) for field in old)
        return Schema((*kept, *(made for name, made in new.items() if name not in self.table.schema)))

    @cached_property
    def key(self) -> tuple[str, ...] | None:
        key = self.table.key
        return None if key is None or {name for name, _ in self.columns} & set(key) else key


@dataclass(frozen=True)
class Rename(Unary):
    """The same columns, some called differently: (old, new)."""

    names: tuple[tuple[str, str], ...]

    @cached_property
    def schema(self) -> Schema:
        new = dict(self.names)
        renamed = (Field(new[f.name], f.type) if f.name in new else f for f in self.table.schema.fields)
        return Schema(tuple(renamed))

    @cached_property
    def key(self) -> tuple[str, ...] | None:
        new = dict(self.names)
        return None if self.table.key is None else tuple(new.get(name, name) for name in self.table.key)


@dataclass(frozen=True)
class GroupBy(Unary):
    """One row for each different combination of the KEYS' values."""

    keys: Named

    @cached_property
    def schema(self) -> Schema:
        return Schema(tuple(Field(name, made.type) for name, made in self.keys))

    @cached_property
    def key(self) -> tuple[str, ...] | None:
        return tuple(name for name, _ in self.keys)

    @cached_property
    def ordered(self) -> bool:
        return False


@dataclass(frozen=True)
class Aggregate(Unary):
    """Over a GroupBy: its groups, each with these columns; over any other table: one row. HAVING: which groups."""

    columns: Named
    having: Expression | None = None

    @property
    def keys(self) -> Named:
        return self.table.keys if isinstance(self.table, GroupBy) else ()

    @property
    def rows_of(self) -> Plan:
        """The table whose rows are aggregated."""
        return self.table.table if isinstance(self.table, GroupBy) else self.table

    @cached_property
    def schema(self) -> Schema:
        return Schema(tuple(Field(name, made.type) for name, made in (*self.keys, *self.columns)))

    @cached_property
    def key(self) -> tuple[str, ...] | None:
        return tuple(name for name, _ in self.keys)

    @cached_property
    def ordered(self) -> bool:
        return not self.keys


@dataclass(frozen=True)
class OrderBy(Unary):
    """Sorted by each of ORDERS, (expression, whether descending); missing values last, ties by the key."""

    orders: tuple[tuple[Expression, bool], ...]

    @cached_property
    def ordered(self) -> bool:
        return True


@dataclass(frozen=True)
class Slice(Unary):
    """At most COUNT rows (None: all) after the first START."""

    count: int | None = None
    start: int = 0

    @cached_property
    def ordered(self) -> bool:
        return True


@dataclass(frozen=True)
class Sample(Unary):
    """COUNT rows chosen by a hash of their contents and SEED: the same ones each time."""

    count: int
    seed: int = 0

    @cached_property
    def ordered(self) -> bool:
        return False


@dataclass(frozen=True)
class Distinct(Unary):
    """Each different row of visible columns once."""

    @cached_property
    def schema(self) -> Schema:
        return Schema(self.table.schema.visible)

    @cached_property
    def key(self) -> tuple[str, ...] | None:
        inner = self.table.key
        return (
            inner if inner is not None and set(inner) <= set(self.schema.names) else tuple(self.schema.names)
        )

    @cached_property
    def ordered(self) -> bool:
        return False


@dataclass(frozen=True)
class Join(Plan):
    """Rows of LEFT and RIGHT whose ON pairs (left's column, right's) are equal; missing equals nothing.

    KIND inner and left give left's visible columns and right's (but for those of ON), TAKEN as (right's name,
    new name); semi and anti give left's rows that have, or lack, a partner. asof gives each row of the left once,
    with the partner that comes nearest by NEAREST, (left's column, comparison, right's column).
    """

    left: Plan
    right: Plan
    on: tuple[tuple[str, str], ...]
    kind: str = "inner"
    taken: tuple[tuple[str, str], ...] = field(default=())
    nearest: tuple[str, str, str] | None = None

    @property
    def inputs(self) -> tuple[Plan, ...]:
        return (self.left, self.right)

    @property
    def widens(self) -> bool:
        return self.kind in ("inner", "left", "asof")

    @cached_property
    def schema(self) -> Schema:
        if not self.widens:
            return self.left.schema
        added = (Field(new, self.right.schema.types[old]) for old, new in self.taken)
        return Schema((*self.left.schema.visible, *added))

    @cached_property
    def key(self) -> tuple[str, ...] | None:
        left, right = self.left.key, self.right.key
        if not self.widens or left is None:
            return left
        partners = {old: here for here, old in self.on}
        if self.kind == "asof" or (right is not None and set(right) <= partners.keys()):
            found = left  # each row of the left has one partner at most
        else:
            names = dict(self.taken) | partners
            if right is None or not set(right) <= names.keys():
                return None
            found = tuple(dict.fromkeys((*left, *(names[name] for name in right))))
        return found if set(found) <= set(self.schema.names) else None

    @cached_property
    def ordered(self) -> bool:
        return False


@dataclass(frozen=True)
class Union(Plan):
    """The rows of all TABLES, one table after another, with the columns of the first."""

    tables: tuple[Plan, ...]

    @property
    def inputs(self) -> tuple[Plan, ...]:
        return self.tables

    @cached_property
    def schema(self) -> Schema:
        first = self.tables[0].schema
        return Schema(tuple(Field(f.name, self.column_type(f.name)) for f in first.visible))

    def column_type(self, name: str) -> str:
        types = [plan.schema.field(name).type for plan in self.tables]
        common = common_type(types)
        if common is None:
            shown = " and ".join(dict.fromkeys(types))
            raise EvalError(f"union: the column {name} is {shown}", code="table-type")
        return common

    @cached_property
    def key(self) -> tuple[str, ...] | None:
        return None

    @cached_property
    def ordered(self) -> bool:
        return False


def groups_of(plan: Plan) -> GroupBy | None:
    """The groups that PLAN is nothing but, all of them or those that a `having` kept."""
    if isinstance(plan, Aggregate) and not plan.columns and plan.having is not None:
        plan = plan.table
    return plan if isinstance(plan, GroupBy) else None


def seen_by_totals(plan: Plan) -> Schema:
    """The columns that an aggregate over PLAN sees: those of the rows, and the groups' keys, which win."""
    groups = groups_of(plan)
    if groups is None:
        return plan.schema
    return _rows_under(groups.table, groups.schema)


def seen_by_having(plan: Plan) -> Schema:
    """The same, for a condition on groups: of those that are aggregated already their columns too."""
    return _rows_under(plan.rows_of, plan.schema) if isinstance(plan, Aggregate) else seen_by_totals(plan)


def _rows_under(rows: Plan, groups: Schema) -> Schema:
    return Schema((*(field for field in rows.schema if field.name not in groups), *groups))
