"""The slow evaluator over lists of rows that says what plans mean; engines are tested against it.

A row is a dict of Python values under columns' names, None where a value is missing. No engine, no SQL, no
care for speed: each node and each operator in the plainest words.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import singledispatch
from typing import Any

from chorus.runtime.plan import nodes
from chorus.runtime.plan.expressions import Call, Column, Expression, Literal, Several
from chorus.runtime.plan.reference_operators import AGGREGATES, LENIENT, STRICT, rank, truth
from chorus.runtime.plan.types import BOOLEAN

Row = dict[str, Any]
Data = Mapping[str, list[Row]]


def evaluate(plan: nodes.Plan, data: Data) -> list[tuple[Any, ...]]:
    """The rows of PLAN's visible columns, in its pinned order, over the stored tables DATA."""
    import chorus.runtime.plan.reference_shapes  # noqa: F401 (what it registers)

    return [tuple(row[name] for name in plan.schema.names) for row in pinned(plan, rows_of(plan, data))]


def pinned(plan: nodes.Plan, rows: list[Row]) -> list[Row]:
    """ROWS in the order that PLAN promises."""
    return rows if plan.ordered else sorted(rows, key=lambda row: tie(plan, row))


def tie(plan: nodes.Plan, row: Row) -> tuple[Any, ...]:
    """ROW's place among those that nothing else orders."""
    decided = settled(plan, row)
    return tuple(rank(decided[name]) for name in ties(plan))


def ties(plan: nodes.Plan) -> list[str]:
    return plan.schema.names if plan.key is None else list(plan.key)


# Nodes.


@singledispatch
def rows_of(plan: nodes.Plan, data: Data) -> list[Row]:
    raise NotImplementedError(type(plan).__name__)


@rows_of.register
def _(plan: nodes.Scan, data: Data) -> list[Row]:
    return list(data[plan.name])


def settled(plan: nodes.Plan, row: Row) -> Row:
    """ROW of PLAN's columns; a condition that is missing is false."""
    return {f.name: False if f.type == BOOLEAN and row[f.name] is None else row[f.name] for f in plan.schema}


@rows_of.register
def _(plan: nodes.Where, data: Data) -> list[Row]:
    return [row for row in rows_of(plan.table, data) if truth(value(plan.condition, row))]


@rows_of.register
def _(plan: nodes.Select, data: Data) -> list[Row]:
    return [computed(plan.columns, row) for row in rows_of(plan.table, data)]


@rows_of.register
def _(plan: nodes.WithColumns, data: Data) -> list[Row]:
    return [row | computed(plan.columns, row) for row in rows_of(plan.table, data)]


def computed(columns: nodes.Named, row: Row) -> Row:
    """Columns as they are may lack a value, conditions too."""
    return {name: row[made.name] if isinstance(made, Column) else value(made, row) for name, made in columns}


def decided(columns: nodes.Named, row: Row) -> Row:
    """As computed, conditions true or false."""
    return {name: value(made, row) for name, made in columns}


@rows_of.register
def _(plan: nodes.Rename, data: Data) -> list[Row]:
    new = dict(plan.names)
    return [{new.get(name, name): part for name, part in row.items()} for row in rows_of(plan.table, data)]


@rows_of.register
def _(plan: nodes.GroupBy, data: Data) -> list[Row]:
    return [decided(plan.keys, rows[0]) for rows in groups(plan.keys, rows_of(plan.table, data))]


@rows_of.register
def _(plan: nodes.Aggregate, data: Data) -> list[Row]:
    extended = [row | decided(plan.keys, row) for row in rows_of(plan.rows_of, data)]
    names = tuple((name, Column(name, made.type)) for name, made in plan.keys)
    parts = groups(names, extended) if plan.keys else [extended]
    return [
        (decided(names, rows[0]) if plan.keys else {})
        | {name: over(made, rows) for name, made in plan.columns}
        for rows in parts
        if plan.having is None or truth(over(plan.having, rows))
    ]


def groups(keys: nodes.Named, rows: list[Row]) -> list[list[Row]]:
    found: dict[Any, list[Row]] = {}
    for row in rows:
        found.setdefault(tuple(rank(part) for part in decided(keys, row).values()), []).append(row)
    return list(found.values())


@rows_of.register
def _(plan: nodes.OrderBy, data: Data) -> list[Row]:
    def place(row: Row) -> tuple[Any, ...]:
        chosen = [rank(value(by, row), descending) for by, descending in plan.orders]
        return (*chosen, *tie(plan, row))

    return sorted(rows_of(plan.table, data), key=place)


@rows_of.register
def _(plan: nodes.Slice, data: Data) -> list[Row]:
    rows = pinned(plan.table, rows_of(plan.table, data))
    return rows[plan.start : None if plan.count is None else plan.start + plan.count]


@rows_of.register
def _(plan: nodes.Distinct, data: Data) -> list[Row]:
    names = plan.schema.names
    found: dict[Any, Row] = {}
    for row in (settled(plan, one) for one in rows_of(plan.table, data)):
        found.setdefault(tuple(rank(row[name]) for name in names), {name: row[name] for name in names})
    return list(found.values())


@rows_of.register
def _(plan: nodes.Join, data: Data) -> list[Row]:
    left, right = rows_of(plan.left, data), rows_of(plan.right, data)
    made: list[Row] = []
    for row in left:
        mine = settled(plan.left, row)
        partners = [
            other
            for other in right
            if all(_matches(mine[a], settled(plan.right, other)[b]) for a, b in plan.on)
        ]
        if plan.nearest is not None:
            from chorus.runtime.plan.reference_shapes import nearest

            partners = nearest(plan, mine, partners)
        if not plan.widens:
            made += [row] if bool(partners) == (plan.kind == "semi") else []
            continue
        kept = {name: row[name] for name in plan.left.schema.names}
        if not partners and plan.kind in ("left", "asof"):
            made.append(kept | {new: None for _, new in plan.taken})
        made += [kept | {new: other[old] for old, new in plan.taken} for other in partners]
    return made


def _matches(left: Any, right: Any) -> bool:
    """As in SQL: what is missing matches nothing; false is a value here."""
    return left is not None and right is not None and rank(left) == rank(right)


@rows_of.register
def _(plan: nodes.Union, data: Data) -> list[Row]:
    names = plan.schema.names
    rows = (row for table in plan.tables for row in rows_of(table, data))
    return [{name: row[name] for name in names} for row in rows]


# Expressions.


def value(expression: Expression, row: Row) -> Any:
    """EXPRESSION's value in ROW."""
    if isinstance(expression, Column):
        found = row[expression.name]
        return False if found is None and expression.type == BOOLEAN else found
    if isinstance(expression, Literal):
        return False if expression.value is None and expression.type == BOOLEAN else expression.value
    if isinstance(expression, Several):
        return (*expression.values, *([None] if expression.missing else []))
    if expression.operator == "null?" and isinstance(expression.arguments[0], Column):
        return row[expression.arguments[0].name] is None
    given = [value(argument, row) for argument in expression.arguments]
    return apply(expression, given)


def apply(call: Call, given: list[Any]) -> Any:
    strict = STRICT.get(call.operator)
    if strict is not None:
        if any(argument is None for argument in given):
            return False if call.type == BOOLEAN else None
        return strict(*given)
    return LENIENT[call.operator](call, given)


def value_of(call: Call, row: Row) -> Any:
    """What the aggregate CALL takes of ROW."""
    if call.operator in ("arg-min", "arg-max"):
        return tuple(value(argument, row) for argument in call.arguments)
    return value(call.arguments[0], row) if call.arguments else True


def over(expression: Expression, rows: list[Row]) -> Any:
    """EXPRESSION's value for a group of ROWS."""
    if isinstance(expression, Call) and expression.operator in AGGREGATES:
        values = [value_of(expression, row) for row in rows]
        return AGGREGATES[expression.operator](expression, values)
    if isinstance(expression, Call):
        return apply(expression, [over(argument, rows) for argument in expression.arguments])
    return value(expression, rows[0] if rows else {})
