"""Plan nodes that see a row among others or turn rows into columns and back; tables that the program itself holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from chorus.runtime.plan.expressions import Call, Expression, Value
from chorus.runtime.plan.nodes import Named, Plan, Unary
from chorus.runtime.plan.types import INTEGER, STRING, Field, Schema, common_type


@dataclass(frozen=True)
class Given(Plan):
    """Rows that the program holds, as an Arrow table; NAME is theirs alone."""

    name: str
    columns: Schema
    data: Any = field(compare=False, repr=False)

    @cached_property
    def schema(self) -> Schema:
        return self.columns

    @cached_property
    def key(self) -> tuple[str, ...] | None:
        return None

    @cached_property
    def ordered(self) -> bool:
        return True


@dataclass(frozen=True)
class Frame:
    """Which rows of its partition a row is seen among: so many BEFORE and AFTER it (None: all there are), or those
    of the WIDTH (in microseconds) of time that ends with it.
    """

    before: int | None = None
    after: int | None = None
    width: int | None = None


@dataclass(frozen=True)
class Window(Unary):
    """The table's columns and COLUMNS, computed over each row's frame among the rows of equal PARTITION, in the
    order of ORDERS, ties by the key.
    """

    columns: Named
    partition: tuple[Expression, ...]
    orders: tuple[tuple[Expression, bool], ...]
    frame: Frame

    @cached_property
    def schema(self) -> Schema:
        new = {name: Field(name, made.type) for name, made in self.columns}
        kept = tuple(new.get(f.name, f) for f in self.table.schema.fields)
        return Schema((*kept, *(made for name, made in new.items() if name not in self.table.schema)))

    @cached_property
    def key(self) -> tuple[str, ...] | None:
        key = self.table.key
        return None if key is None or {name for name, _ in self.columns} & set(key) else key

    @cached_property
    def ordered(self) -> bool:
        return False

    @property
    def ties(self) -> tuple[str, ...]:
        """Columns by which rows that ORDERS leaves equal are told apart."""
        key = self.table.key
        return key if key is not None else tuple(self.table.schema.types)


@dataclass(frozen=True)
class Pivot(Unary):
    """One row for each combination of KEYS; for each of AMONG, (value, name), a column of VALUE over the group's
    rows in which ON is that value.
    """

    keys: Named
    on: Expression
    among: tuple[tuple[Value, str], ...]
    value: Expression

    @cached_property
    def schema(self) -> Schema:
        keys = (Field(name, made.type) for name, made in self.keys)
        return Schema((*keys, *(Field(name, self.value.type) for _, name in self.among)))

    @cached_property
    def key(self) -> tuple[str, ...] | None:
        return tuple(name for name, _ in self.keys)

    @cached_property
    def ordered(self) -> bool:
        return not self.keys


@dataclass(frozen=True)
class Unpivot(Unary):
    """Each row once for each of COLUMNS, whose name is in the column NAME and whose value in the column VALUE."""

    columns: tuple[str, ...]
    name: str
    value: str

    @property
    def kept(self) -> tuple[Field, ...]:
        return tuple(f for f in self.table.schema if f.name not in self.columns)

    @cached_property
    def type(self) -> str | None:
        return common_type(self.table.schema.field(name).type for name in self.columns)

    @cached_property
    def schema(self) -> Schema:
        return Schema((*self.kept, Field(self.name, STRING), Field(self.value, self.type or STRING)))

    @cached_property
    def key(self) -> tuple[str, ...] | None:
        key = self.table.key
        return None if key is None or set(key) & set(self.columns) else (*key, self.name)


@dataclass(frozen=True)
class Explode(Unary):
    """Each row once for each value of SOURCE, in the column NAME; the hidden column PLACE counts them from 0."""

    name: str
    source: Call

    @property
    def place(self) -> str:
        return f"{self.name}-place"

    @cached_property
    def schema(self) -> Schema:
        new = (Field(self.name, STRING), Field(self.place, INTEGER, hidden=True))
        return Schema((*(f for f in self.table.schema if f.name != self.name), *new))

    @cached_property
    def key(self) -> tuple[str, ...] | None:
        key = self.table.key
        return None if key is None or self.name in key else (*key, self.place)
