"""Pieces of SQLGlot's tree that all translations use: types, bound parameters, casts, chains."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from sqlglot import exp

from chorus.runtime.errors import EvalError
from chorus.runtime.plan.expressions import Value
from chorus.runtime.plan.types import BOOLEAN, INSTANT, INTEGER, REAL, STRING

if TYPE_CHECKING:
    from sqlglot.exp import Expr as Sql
else:
    Sql = Any

MAX_PARTS: Final = 50_000
SQL_TYPES: Final = {
    STRING: "VARCHAR",
    INTEGER: "BIGINT",
    REAL: "DOUBLE",
    BOOLEAN: "BOOLEAN",
    INSTANT: "TIMESTAMP",
}


@cache
def _parsed(name: str) -> Sql:
    return exp.DataType.build(name, dialect="duckdb")


def data_type(name: str) -> Sql:
    """The engine's type NAME; parsing the name would take a millisecond each time."""
    return _parsed(name).copy()


class Parameters:
    """The values bound to one query, in the order of their numbers."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self.parts = 0

    def bind(self, value: Any, type: str, many: bool = False) -> Sql:
        """A reference to VALUE, numbered from 1, cast to its type so that the engine need not guess."""
        self.values.append([_plain(item) for item in value] if many else _plain(value))
        number = exp.Parameter(this=exp.Literal.number(len(self.values)))
        return exp.Cast(this=number, to=data_type(SQL_TYPES[type] + ("[]" if many else "")))

    def count(self) -> None:
        self.parts += 1
        if self.parts > MAX_PARTS:
            raise EvalError("the query is too large", code="table-size")


def _plain(value: Value) -> Any:
    """Instants go as UTC without a zone, as they are stored."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).replace(tzinfo=None)
    return value


class Over:
    """The OVER clause of a window's functions: PARTITION, ORDERS (with which TIES make a total order), frame SPEC."""

    def __init__(self, partition: list[Sql], orders: list[Sql], ties: list[Sql], spec: Sql | None) -> None:
        self.partition = partition
        self.orders = orders
        self.ties = ties
        self.spec = spec

    def framed(self, function: Sql) -> Sql:
        """FUNCTION of the rows of the frame."""
        if self.spec is None:
            return self._made(function, [], None)
        return self._made(function, [*self.orders, *self.ties], self.spec)

    def ordered(self, function: Sql) -> Sql:
        """FUNCTION of the row's place in the total order."""
        return self._made(function, [*self.orders, *self.ties], None)

    def peers(self, function: Sql) -> Sql:
        """FUNCTION of the row's place, in which rows that the orders leave equal are so."""
        return self._made(function, self.orders, None)

    def _made(self, function: Sql, orders: list[Sql], spec: Sql | None) -> Sql:
        order = exp.Order(expressions=[one.copy() for one in orders]) if orders else None
        partition = [one.copy() for one in self.partition]
        return exp.Window(this=function, partition_by=partition, order=order, spec=spec and spec.copy())


def paren(sql: Sql) -> Sql:
    """SQL, in parentheses where it is an operation: the tree says nothing of precedence."""
    return (
        exp.Paren(this=sql)
        if isinstance(sql, (exp.Binary, exp.Unary, exp.Connector, exp.Between, exp.In))
        else sql
    )


def known(condition: Sql) -> Sql:
    """CONDITION with unknown taken as false."""
    return exp.Coalesce(this=condition, expressions=[exp.false()])


def unsettled(sql: Sql) -> Sql | None:
    """The column that SQL settles with `known`; None where it is anything else."""
    if (
        isinstance(sql, exp.Coalesce)
        and sql.expressions == [exp.false()]
        and isinstance(sql.this, exp.Column)
    ):
        return sql.this
    return None


def all_of(conditions: list[Sql]) -> Sql:
    return chain(exp.And, conditions, exp.true())


def chain(kind: type[exp.Expression], parts: list[Sql], empty: Sql) -> Sql:
    """A balanced tree: a long chain must not nest deep."""
    if not parts:
        return empty
    if len(parts) == 1:
        return parts[0]
    half = len(parts) // 2
    return kind(
        this=paren(chain(kind, parts[:half], empty)), expression=paren(chain(kind, parts[half:], empty))
    )


def cast(sql: Sql, type: str) -> Sql:
    return exp.Cast(this=sql, to=data_type(SQL_TYPES[type]))


def real(sql: Sql) -> Sql:
    return cast(sql, REAL)


def function(name: str, *arguments: Sql) -> Sql:
    return exp.Anonymous(this=name, expressions=list(arguments))


def number(value: int) -> Sql:
    return exp.Literal.number(value) if value >= 0 else exp.Neg(this=exp.Literal.number(-value))


def constant(text: str) -> Sql:
    """A text of this file, never of a program."""
    return exp.Literal.string(text)
