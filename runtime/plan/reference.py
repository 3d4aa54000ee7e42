"""The slow evaluator over lists of rows that says what plans mean; engines are tested against it.

A row is a dict of Python values under columns' names, None where a value is missing. No engine, no SQL, no
care for speed: each node and each operator in the plainest words.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable, Iterable, Mapping
from functools import singledispatch
from itertools import pairwise
from typing import Any, Final

from chorus.runtime.plan import nodes
from chorus.runtime.plan.expressions import Call, Column, Expression, Literal, Several
from chorus.runtime.plan.types import BOOLEAN, REAL

Row = dict[str, Any]
Data = Mapping[str, list[Row]]


def evaluate(plan: nodes.Plan, data: Data) -> list[tuple[Any, ...]]:
    """The rows of PLAN's visible columns, in its pinned order, over the stored tables DATA."""
    return [tuple(row[name] for name in plan.schema.names) for row in pinned(plan, rows_of(plan, data))]


def pinned(plan: nodes.Plan, rows: list[Row]) -> list[Row]:
    """ROWS in the order that PLAN promises."""
    return (
        rows if plan.ordered else sorted(rows, key=lambda row: tuple(rank(row[name]) for name in ties(plan)))
    )


def ties(plan: nodes.Plan) -> list[str]:
    return plan.schema.names if plan.key is None else list(plan.key)


# Values: their order, their truth, their equality.


def rank(value: Any, descending: bool = False) -> tuple[Any, ...]:
    """A key that sorts values: NaN above all numbers, missing last either way."""
    if value is None:
        return (1,)
    if isinstance(value, (bool, int, float)):
        parts: tuple[Any, ...] = (1, 0) if value != value else (0, value)
        return (0, *(-part for part in parts)) if descending else (0, *parts)
    return (0, Reversed(value)) if descending else (0, value)


class Reversed:
    """A value that sorts the other way round."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __lt__(self, other: Reversed) -> bool:
        return other.value < self.value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reversed) and self.value == other.value

    def __hash__(self) -> int:
        return hash(self.value)


def truth(value: Any) -> bool:
    return value is not None and value is not False


def same(left: Any, right: Any) -> bool:
    """`=`: missing and #f are one; 1 equals 1.0 and never #t; NaN equals NaN; types do not mix."""
    left, right = (None if side is False else side for side in (left, right))
    if left is None or right is None or isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return rank(left) == rank(right)
    return type(left) is type(right) and left == right


# Nodes.


@singledispatch
def rows_of(plan: nodes.Plan, data: Data) -> list[Row]:
    raise NotImplementedError(type(plan).__name__)


@rows_of.register
def _(plan: nodes.Scan, data: Data) -> list[Row]:
    return [settled(plan, row) for row in data[plan.name]]


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
    return {name: value(made, row) for name, made in columns}


@rows_of.register
def _(plan: nodes.Rename, data: Data) -> list[Row]:
    new = dict(plan.names)
    return [{new.get(name, name): part for name, part in row.items()} for row in rows_of(plan.table, data)]


@rows_of.register
def _(plan: nodes.GroupBy, data: Data) -> list[Row]:
    return [computed(plan.keys, rows[0]) for rows in groups(plan.keys, rows_of(plan.table, data))]


@rows_of.register
def _(plan: nodes.Aggregate, data: Data) -> list[Row]:
    extended = [row | computed(plan.keys, row) for row in rows_of(plan.rows_of, data)]
    if not plan.keys:
        return [{name: over(made, extended) for name, made in plan.columns}]
    names = tuple((name, Column(name, made.type)) for name, made in plan.keys)
    return [
        computed(names, rows[0]) | {name: over(made, rows) for name, made in plan.columns}
        for rows in groups(names, extended)
    ]


def groups(keys: nodes.Named, rows: list[Row]) -> list[list[Row]]:
    found: dict[Any, list[Row]] = {}
    for row in rows:
        found.setdefault(tuple(rank(part) for part in computed(keys, row).values()), []).append(row)
    return list(found.values())


@rows_of.register
def _(plan: nodes.OrderBy, data: Data) -> list[Row]:
    def place(row: Row) -> tuple[Any, ...]:
        chosen = [rank(value(by, row), descending) for by, descending in plan.orders]
        return (*chosen, *(rank(row[name]) for name in ties(plan)))

    return sorted(rows_of(plan.table, data), key=place)


@rows_of.register
def _(plan: nodes.Slice, data: Data) -> list[Row]:
    rows = pinned(plan.table, rows_of(plan.table, data))
    return rows[plan.start : None if plan.count is None else plan.start + plan.count]


@rows_of.register
def _(plan: nodes.Distinct, data: Data) -> list[Row]:
    names = plan.schema.names
    found: dict[Any, Row] = {}
    for row in rows_of(plan.table, data):
        found.setdefault(tuple(rank(row[name]) for name in names), {name: row[name] for name in names})
    return list(found.values())


@rows_of.register
def _(plan: nodes.Join, data: Data) -> list[Row]:
    left, right = rows_of(plan.left, data), rows_of(plan.right, data)
    made: list[Row] = []
    for row in left:
        partners = [other for other in right if all(_matches(row[a], other[b]) for a, b in plan.on)]
        if not plan.widens:
            made += [row] if bool(partners) == (plan.kind == "semi") else []
            continue
        kept = {name: row[name] for name in plan.left.schema.names}
        if not partners and plan.kind == "left":
            made.append(settled(plan, kept | {new: None for _, new in plan.taken}))
        made += [kept | {new: other[old] for old, new in plan.taken} for other in partners]
    return made


def _matches(left: Any, right: Any) -> bool:
    """As in SQL: what is missing matches nothing; false is a value here."""
    return left is not None and right is not None and rank(left) == rank(right)


@rows_of.register
def _(plan: nodes.Union, data: Data) -> list[Row]:
    names = plan.schema.names
    rows = (row for table in plan.tables for row in rows_of(table, data))
    return [settled(plan, {name: row[name] for name in names}) for row in rows]


# Expressions.


def value(expression: Expression, row: Row) -> Any:
    """EXPRESSION's value in ROW."""
    if isinstance(expression, Column):
        return row[expression.name]
    if isinstance(expression, Literal):
        return False if expression.value is None and expression.type == BOOLEAN else expression.value
    if isinstance(expression, Several):
        return (*expression.values, *([None] if expression.missing else []))
    given = [value(argument, row) for argument in expression.arguments]
    return apply(expression, given)


def apply(call: Call, given: list[Any]) -> Any:
    strict = STRICT.get(call.operator)
    if strict is not None:
        if any(argument is None for argument in given):
            return False if call.type == BOOLEAN else None
        return strict(*given)
    return LENIENT[call.operator](call, given)


def over(expression: Expression, rows: list[Row]) -> Any:
    """EXPRESSION's value for a group of ROWS."""
    if isinstance(expression, Call) and expression.operator in AGGREGATES:
        argument = expression.arguments[0] if expression.arguments else Literal(True, BOOLEAN)
        values = [value(argument, row) for row in rows]
        return AGGREGATES[expression.operator](expression, values)
    if isinstance(expression, Call):
        return apply(expression, [over(argument, rows) for argument in expression.arguments])
    return value(expression, rows[0] if rows else {})


def _chain(test: Callable[[Any, Any], bool]) -> Callable[..., bool]:
    return lambda *given: all(test(left, right) for left, right in pairwise(given))


def _if(call: Call, given: list[Any]) -> Any:
    chosen = given[1] if truth(given[0]) else given[2]
    return truth(chosen) if call.type == BOOLEAN else chosen


def _or(call: Call, given: list[Any]) -> Any:
    if call.type == BOOLEAN:
        return any(map(truth, given))
    return next((argument for argument in given if argument is not None), None)


def _divide(*given: Any) -> float | None:
    result: float | None = float(given[0])
    for divisor in given[1:]:
        result = None if result is None or divisor == 0 else _ieee(result, float(divisor))
    return result


def _ieee(a: float, b: float) -> float:
    try:
        return a / b
    except OverflowError:
        return math.inf


def _quotient(a: int, b: int) -> int | None:
    return None if b == 0 else abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def _remainder(a: int, b: int) -> int | None:
    return None if b == 0 else int(math.fmod(a, b))


def _whole(rounding: Callable[[float], int]) -> Callable[[Any], Any]:
    def compute(number: Any) -> Any:
        if isinstance(number, int) or not math.isfinite(number):
            return number
        return float(rounding(number))

    return compute


def _exp(number: float) -> float:
    try:
        return math.exp(number)
    except OverflowError:
        return math.inf


def _number(text: str) -> float | None:
    try:
        return float(text) if text.isascii() else None
    except ValueError:
        return None


def _each_char(change: Callable[[str], str]) -> Callable[[str], str]:
    """Simple case mapping: characters never become several, as in Unicode's default for databases."""
    return lambda text: "".join(made if len(made := change(char)) == 1 else char for char in text)


def _search(text: str, pattern: str) -> bool:
    import re2

    return re2.search(pattern, text) is not None


def _json_get(text: str, key: str) -> str | None:
    try:
        holder = json.loads(text)
    except ValueError:
        return None
    if isinstance(holder, list) and key.isdigit():
        found = holder[int(key)] if int(key) < len(holder) else None
    else:
        found = holder.get(key) if isinstance(holder, dict) else None
    if found is None or isinstance(found, str):
        return found
    return json.dumps(found, separators=(",", ":"), ensure_ascii=False)


def _bucket(instant: dt.datetime, unit: str) -> dt.datetime:
    day = instant.replace(hour=0, minute=0, second=0, microsecond=0)
    starts = {
        "minute": lambda: instant.replace(second=0, microsecond=0),
        "hour": lambda: instant.replace(minute=0, second=0, microsecond=0),
        "day": lambda: day,
        "week": lambda: day - dt.timedelta(days=day.weekday()),
        "month": lambda: day.replace(day=1),
        "quarter": lambda: day.replace(day=1, month=(day.month - 1) // 3 * 3 + 1),
        "year": lambda: day.replace(day=1, month=1),
    }
    return starts[unit]()


# Give nothing (a condition: false) where an argument is missing.
STRICT: Final[dict[str, Callable[..., Any]]] = {
    "<": _chain(lambda a, b: rank(a) < rank(b)),
    ">": _chain(lambda a, b: rank(a) > rank(b)),
    "<=": _chain(lambda a, b: rank(a) <= rank(b)),
    ">=": _chain(lambda a, b: rank(a) >= rank(b)),
    "+": lambda *given: sum(given),
    "-": lambda first, *rest: first - sum(rest) if rest else -first,
    "*": lambda *given: math.prod(given),
    "/": _divide,
    "quotient": _quotient,
    "remainder": _remainder,
    "modulo": lambda a, b: None if b == 0 else a % b,
    "abs": abs,
    "round": _whole(round),
    "floor": _whole(math.floor),
    "ceiling": _whole(math.ceil),
    "sqrt": lambda number: None if number < 0 else math.sqrt(number),
    "log": lambda number: None if number <= 0 else math.log(number),
    "exp": _exp,
    "number": _number,
    "contains?": lambda text, part: part in text,
    "starts-with?": str.startswith,
    "ends-with?": str.endswith,
    "matches?": _search,
    "lower": _each_char(str.lower),
    "upper": _each_char(str.upper),
    "trim": lambda text: text.strip(" \t\n\r"),
    "length": len,
    "string-append": lambda *given: "".join(given),
    "substring": lambda text, start, end: text[start:end],
    "replace": lambda text, old, new: text.replace(old, new) if old else text,
    "json-get": _json_get,
    "year": lambda instant: instant.year,
    "month": lambda instant: instant.month,
    "day": lambda instant: instant.day,
    "hour": lambda instant: instant.hour,
    "minute": lambda instant: instant.minute,
    "weekday": lambda instant: instant.isoweekday(),
    "week": lambda instant: instant.isocalendar().week,
    "iso-year": lambda instant: instant.isocalendar().year,
    "epoch": lambda instant: instant.timestamp(),
    "bucket": _bucket,
}

# Know what to do with what is missing: (call, arguments) → value.
LENIENT: Final[dict[str, Callable[[Call, list[Any]], Any]]] = {
    "=": lambda call, given: _chain(same)(*given),
    "and": lambda call, given: all(map(truth, given)),
    "or": _or,
    "not": lambda call, given: not truth(given[0]),
    "if": _if,
    "missing?": lambda call, given: not truth(given[0]),
    "member": lambda call, given: any(same(given[0], one) for one in given[1]),
    "least": lambda call, given: min(_there(given), key=rank, default=None),
    "greatest": lambda call, given: max(_there(given), key=rank, default=None),
}


def _there(values: Iterable[Any]) -> list[Any]:
    return [one for one in values if one is not None]


def _numbers(call: Call, values: list[Any]) -> list[Any]:
    """What is averaged or summed: numbers that are there, conditions as 1 and 0."""
    if call.arguments[0].type == BOOLEAN:
        return [int(truth(one)) for one in values]
    return _there(values)


def _quantile(call: Call, values: list[Any]) -> float | None:
    at = call.arguments[1].value if len(call.arguments) > 1 else 0.5  # type: ignore[union-attr]
    line = sorted((float(one) for one in _there(values)), key=rank)
    if not line:
        return None
    place = (len(line) - 1) * float(at)  # type: ignore[arg-type]
    low, high = line[math.floor(place)], line[math.ceil(place)]
    return low if place == math.floor(place) else low + (high - low) * (place - math.floor(place))


def _stddev(call: Call, values: list[Any]) -> float | None:
    there = [float(one) for one in _there(values)]
    if len(there) < 2:
        return None
    mean = math.fsum(there) / len(there)
    return math.sqrt(math.fsum((one - mean) ** 2 for one in there) / (len(there) - 1))


def _sum(call: Call, values: list[Any]) -> Any:
    return (math.fsum if call.type == REAL else sum)(_numbers(call, values))


def _mean(call: Call, values: list[Any]) -> float | None:
    numbers = _numbers(call, values)
    return math.fsum(numbers) / len(numbers) if numbers else None


# (call, the argument's value in each row) → value.
AGGREGATES: Final[dict[str, Callable[[Call, list[Any]], Any]]] = {
    "count": lambda call, values: sum(map(truth, values)),
    "count-distinct": lambda call, values: len({rank(one) for one in _there(values)}),
    "sum": _sum,
    "mean": _mean,
    "min": lambda call, values: min(_there(values), key=rank, default=None),
    "max": lambda call, values: max(_there(values), key=rank, default=None),
    "median": _quantile,
    "quantile": _quantile,
    "stddev": _stddev,
}
