"""The pieces that queries are put together of: a SELECT under construction, columns, identifiers, sort keys."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from sqlglot import exp

from chorus.runtime.plan.sql_terms import Sql, known, unsettled
from chorus.runtime.plan.types import BOOLEAN, Schema


class Order(NamedTuple):
    """One sort key."""

    by: Sql
    descending: bool = False


@dataclass(frozen=True)
class Block:
    """A SELECT under construction over SOURCE (and JOINED); DEFINED holds what each column of the plan is.

    ORDERS: how the rows must come out; empty: as the engine finds them.
    """

    source: Sql
    defined: dict[str, Sql]
    joined: Sql | None = None
    where: tuple[Sql, ...] = ()
    groups: tuple[Sql, ...] | None = None
    having: Sql | None = None
    orders: tuple[Order, ...] = ()
    count: int | None = None
    start: int = 0
    distinct: bool = False

    @property
    def sliced(self) -> bool:
        return self.count is not None or self.start > 0

    @property
    def closed(self) -> bool:
        """Whether a further condition or grouping would change what the clauses mean."""
        return self.sliced or self.distinct or self.groups is not None

    def copy_of(self, name: str) -> Sql:
        return self.defined[name].copy()


def identifier(name: str) -> exp.Identifier:
    return exp.Identifier(this=name, quoted=True)


def column(table: str, name: str) -> exp.Column:
    """Always qualified: an unqualified name could be taken for one of the SELECT's own results."""
    return exp.Column(this=identifier(name), table=identifier(table))


def columns(table: str, schema: Schema) -> dict[str, Sql]:
    return {field.name: settled(column(table, field.name), field.type) for field in schema}


def settled(sql: Sql, type: str) -> Sql:
    """A column as the engine has it: conditions are true or false, where SQL also has unknown."""
    return known(sql) if type == BOOLEAN and isinstance(sql, exp.Column) else sql


def is_plain(sql: Sql) -> bool:
    """Whether SQL is a column, which may be written twice."""
    return isinstance(sql, exp.Column) or unsettled(sql) is not None


def replace_order(block: Block) -> Block:
    """BLOCK without its order, unless which rows there are depends on it."""
    return block if block.sliced else replace(block, orders=())


def ordered(order: Order) -> Sql:
    return exp.Ordered(this=order.by.copy(), desc=order.descending, nulls_first=False)
