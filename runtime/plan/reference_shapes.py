"""The slow evaluator's part for windows, pivots, generators and nearest partners: see reference.py."""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable
from typing import Any, Final

from chorus.runtime.plan import nodes, shapes
from chorus.runtime.plan.expressions import Call, Expression
from chorus.runtime.plan.reference import (
    Data,
    Row,
    apply,
    decided,
    groups,
    over,
    rows_of,
    settled,
    tie,
    value,
)
from chorus.runtime.plan.reference_operators import AGGREGATES, rank, same
from chorus.runtime.plan.reference_texts import GENERATORS
from chorus.runtime.plan.types import BOOLEAN

Place = tuple[Any, ...]


@rows_of.register
def _(plan: shapes.Given, data: Data) -> list[Row]:
    return [
        {name: v.replace(tzinfo=dt.UTC) if isinstance(v, dt.datetime) else v for name, v in row.items()}
        for row in plan.data.to_pylist()
    ]


# Windows.


@rows_of.register
def _(plan: shapes.Window, data: Data) -> list[Row]:
    rows = rows_of(plan.table, data)
    keys = tuple((str(at), one) for at, one in enumerate(plan.partition))
    made: dict[int, Row] = {}
    for part in groups(keys, rows):
        line = sorted(part, key=lambda row: (order_of(plan, row), tie_of(plan, row)))
        for at, row in enumerate(line):
            frame = frame_of(plan, line, at)
            made[id(row)] = row | {name: windowed(plan, e, line, at, frame) for name, e in plan.columns}
    return [made[id(row)] for row in rows]


def order_of(plan: shapes.Window, row: Row) -> Place:
    return tuple(rank(value(by, row), descending) for by, descending in plan.orders)


def tie_of(plan: shapes.Window, row: Row) -> Place:
    known = settled(plan.table, row)
    return tuple(rank(known[name]) for name in plan.ties)


def frame_of(plan: shapes.Window, line: list[Row], at: int) -> list[Row]:
    frame = plan.frame
    if frame.width is None:
        start = 0 if frame.before is None else max(0, at - frame.before)
        return line[start : None if frame.after is None else at + frame.after + 1]
    by = plan.orders[0][0]
    now = value(by, line[at])
    if now is None:
        return [row for row in line if value(by, row) is None]
    after = now - dt.timedelta(microseconds=frame.width)
    return [row for row in line if (then := value(by, row)) is not None and after < then <= now]


def windowed(plan: shapes.Window, made: Expression, line: list[Row], at: int, frame: list[Row]) -> Any:
    """MADE in the row AT of the partition LINE."""
    if not isinstance(made, Call):
        return value(made, line[at])
    if made.operator in AGGREGATES:
        return over(made, frame)
    if made.operator in WINDOWS:
        found = WINDOWS[made.operator](plan, made, line, at, frame)
        return False if found is None and made.type == BOOLEAN else found
    if made.operator == "null?":
        return value(made, line[at])
    return apply(made, [windowed(plan, part, line, at, frame) for part in made.arguments])


def _rank(plan: shapes.Window, line: list[Row], at: int, dense: bool) -> int:
    before = [order_of(plan, row) for row in line if order_of(plan, row) < order_of(plan, line[at])]
    return 1 + len(set(before) if dense else before)


def _ntile(plan: shapes.Window, made: Call, line: list[Row], at: int, frame: list[Row]) -> int:
    count = int(made.arguments[0].value)  # type: ignore[union-attr, arg-type]
    size, more = divmod(len(line), count)
    return 1 + (at // (size + 1) if at < more * (size + 1) else more + (at - more * (size + 1)) // size)


def _beside(sign: int) -> Callable[..., Any]:
    def compute(plan: shapes.Window, made: Call, line: list[Row], at: int, frame: list[Row]) -> Any:
        steps = made.arguments[1].value if len(made.arguments) > 1 else 1  # type: ignore[union-attr]
        there = at + sign * int(steps)  # type: ignore[arg-type]
        return value(made.arguments[0], line[there]) if 0 <= there < len(line) else None

    return compute


WINDOWS: Final[dict[str, Callable[..., Any]]] = {
    "row-number": lambda plan, made, line, at, frame: at + 1,
    "rank": lambda plan, made, line, at, frame: _rank(plan, line, at, dense=False),
    "dense-rank": lambda plan, made, line, at, frame: _rank(plan, line, at, dense=True),
    "ntile": _ntile,
    "lag": _beside(-1),
    "lead": _beside(1),
    "first": lambda plan, made, line, at, frame: value(made.arguments[0], frame[0]),
    "last": lambda plan, made, line, at, frame: value(made.arguments[0], frame[-1]),
}


# Rows into columns and back.


@rows_of.register
def _(plan: shapes.Pivot, data: Data) -> list[Row]:
    rows = rows_of(plan.table, data)
    parts = groups(plan.keys, rows) if plan.keys else [rows]
    made = []
    for part in parts:
        row = decided(plan.keys, part[0]) if plan.keys else {}
        for wanted, name in plan.among:
            row[name] = over(plan.value, [one for one in part if same(value(plan.on, one), wanted)])
        made.append(row)
    return made


@rows_of.register
def _(plan: shapes.Unpivot, data: Data) -> list[Row]:
    kept = [field.name for field in plan.kept]
    return [
        {n: row[n] for n in kept} | {plan.name: name, plan.value: settled(plan.table, row)[name]}
        for row in rows_of(plan.table, data)
        for name in plan.columns
    ]


@rows_of.register
def _(plan: shapes.Explode, data: Data) -> list[Row]:
    made = []
    for row in rows_of(plan.table, data):
        given = [value(argument, row) for argument in plan.source.arguments]
        found = [] if given[0] is None else GENERATORS[plan.source.operator](*given)
        made += [row | {plan.name: one, plan.place: at} for at, one in enumerate(found)]
    return made


# Joins.

COMPARE: Final = {"<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge}


def nearest(plan: nodes.Join, mine: Row, partners: list[Row]) -> list[Row]:
    """Of PARTNERS the one nearest to the row MINE on its side, ties by the key; none is left where none is there."""
    assert plan.nearest is not None
    here, comparison, there = plan.nearest
    found = [
        row
        for row in partners
        if mine[here] is not None
        and row[there] is not None
        and COMPARE[comparison](rank(mine[here]), rank(row[there]))
    ]
    latest = comparison[0] == ">"
    found.sort(key=lambda row: (rank(row[there], descending=latest), tie(plan.right, row)))
    return found[:1]
