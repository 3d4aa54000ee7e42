"""From a table to a plot's data: what the types of its columns suggest, rows without a position left out, what is
large counted or sampled by the engine. Whatever is not shown is said in a note.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from chorus.runtime.errors import EvalError
from chorus.runtime.plan import algebra
from chorus.runtime.plan.forms import form
from chorus.runtime.plan.nodes import Scan
from chorus.runtime.plan.types import BOOLEAN, INSTANT, INTEGER, MISSING, REAL, STRING
from chorus.runtime.plots.counting import bars, histogram, over_time, pairs
from chorus.runtime.plots.plot import NOMINAL, QUANTITATIVE, TEMPORAL, Channel, Plot
from chorus.runtime.table import Table
from chorus.runtime.values import Symbol, make_list

KINDS: Final = {
    STRING: NOMINAL, BOOLEAN: NOMINAL, INTEGER: QUANTITATIVE, REAL: QUANTITATIVE, INSTANT: TEMPORAL, MISSING: NOMINAL,
}  # fmt: skip
MOST: Final = 5_000  # rows drawn one by one, unless told otherwise: more are a blot, and too many for a page
MOST_PANELS: Final = 24
FEW: Final = 12  # different whole numbers as a colour are names, more are amounts
GREATEST: Final = 1.7976931348623157e308
ROW: Final = "row"


class Options(NamedTuple):
    """What a person said beside the channels; None: it is up to the plot."""

    title: str | None = None
    width: int | None = None
    height: int | None = None
    bins: int | None = None
    unit: str | None = None
    most: int | None = None


def plot_of(table: Table, roles: dict[str, str], mark: str | None, options: Options) -> Plot:
    """TABLE as a plot; ROLES names the columns of channels."""
    types = {field.name: field.type for field in table.plan.schema}
    table, roles = _positions(table, roles, types)
    kinds = {role: KINDS[table.plan.schema.field(name).type] for role, name in roles.items()}
    _fitting(kinds, roles, mark)
    kinds |= _sides(kinds, roles, mark, table)
    placed, gone = _placed(table, roles)
    notes = [f"left out: {gone:,} without {_and(roles)}"] if gone else []
    is_grid = kinds["x"] == kinds.get("y") == NOMINAL and mark in (None, "rect")
    if "y" not in roles or (is_grid and not {"color", "size", "low"} & {*roles}):
        counted = (pairs if "y" in roles else COUNTED[kinds["x"]])(placed, roles, options)
        notes += counted.notes
        made_mark, channels, columns = mark or counted.mark, counted.channels, counted.columns
    else:
        ordered = _in_order(placed, roles) if is_grid else placed
        columns, told = _columns(ordered, roles, options.most or MOST)
        notes += told
        channels = {role: Channel(name, kinds[role], name) for role, name in roles.items()}
        made_mark = mark or _usual_mark(kinds, channels, columns)
    channels = {role: _as_names(role, channel, columns) for role, channel in channels.items()}
    _few_panels(channels, columns)
    return Plot(
        made_mark, channels, columns, title=options.title or "", notes=tuple(notes), width=options.width,
        height=options.height,
    )  # fmt: skip


COUNTED: Final[dict[str, Callable[..., Any]]] = {QUANTITATIVE: histogram, NOMINAL: bars, TEMPORAL: over_time}


# Choosing.


def _positions(table: Table, roles: dict[str, str], types: dict[str, str]) -> tuple[Table, dict[str, str]]:
    """ROLES with what stands along x: told, or the first column that suits."""
    if "x" in roles:
        return table, roles
    free = [name for name in table.columns if name not in roles.values()]

    def first(*kinds: str) -> str | None:
        return next((name for name in free if types[name] in kinds), None)

    if "y" in roles:
        x = first(INSTANT) or first(STRING)
        if x is None:
            table, x = _numbered(table), ROW
        return table, {"x": x, **roles}
    x = first(INSTANT) or first(STRING, BOOLEAN) or first(INTEGER, REAL)
    if x is None:
        raise EvalError("plot: no column can be drawn: all values are missing", code="plot-empty")
    free.remove(x)
    numbers = [name for name in free if types[name] in (INTEGER, REAL)]
    if isinstance(table.plan, Scan):  # of a stored table rows are counted
        numbers = []
    y = next((name for name in numbers if _is_told(table, name)), None)
    return table, {"x": x, **({"y": y} if y else {}), **roles}


def _is_told(table: Table, name: str) -> bool:
    """Whether the column has a value in any row."""
    there = algebra.where(table.plan, make_list([form("not", form("null?", name))]), {})
    return table.over(algebra.limit(there, 1)).count() > 0


def _numbered(table: Table) -> Table:
    """TABLE with the number of each row."""
    import pyarrow as pa

    from chorus.runtime.table_given import given_table

    data = table.arrow()
    return given_table(data.append_column(ROW, pa.array(range(1, len(data) + 1), pa.int64())), table.context)


def _fitting(kinds: dict[str, str], roles: dict[str, str], mark: str | None) -> None:
    """Refuse channels that do not go together."""
    for role in ("low", "high", "size"):
        if role in kinds and kinds[role] not in (QUANTITATIVE, kinds.get("y")):
            raise EvalError(
                f"plot: :{role} should be a column of numbers, not {roles[role]}", code="plot-type"
            )
    if ("low" in kinds) != ("high" in kinds):
        raise EvalError("plot: an interval has both :low and :high", code="plot-type")
    if ("low" in kinds or "size" in kinds) and "y" not in kinds:
        raise EvalError("plot: :low, :high and :size go with :y", code="plot-type")
    if mark == "boxplot" and ("y" not in kinds or QUANTITATIVE not in (kinds["x"], kinds["y"])):
        raise EvalError(
            "plot: a boxplot has numbers along one side", code="plot-type", hint="give :x a name, :y a number"
        )


def _sides(kinds: dict[str, str], roles: dict[str, str], mark: str | None, table: Table) -> dict[str, str]:
    """Of a grid that was asked for, whole numbers along its sides are names, such as those of weekdays."""
    sides = [role for role in ("x", "y") if role in roles]
    schema = table.plan.schema
    whole = all(schema.field(roles[role]).type == INTEGER or kinds[role] == NOMINAL for role in sides)
    return dict.fromkeys(sides, NOMINAL) if mark == "rect" and len(sides) == 2 and whole else {}


def _in_order(table: Table, roles: dict[str, str]) -> Table:
    return table.over(algebra.order_by(table.plan, make_list([Symbol(roles["x"]), Symbol(roles["y"])]), {}))


def _usual_mark(kinds: dict[str, str], channels: dict[str, Channel], columns: dict[str, list[Any]]) -> str:
    """What the kinds along x and y suggest."""
    x, y = kinds["x"], kinds["y"]
    if x == NOMINAL and y == NOMINAL:
        return "rect"
    if x == TEMPORAL and y == QUANTITATIVE:
        return "line"
    if NOMINAL in (x, y) and QUANTITATIVE in (x, y):
        names = "x" if x == NOMINAL else "y"
        keys = [channels[role].field for role in (names, "color", "facet") if role in channels]
        once = len(set(zip(*(columns[key] for key in keys), strict=True))) == len(columns[keys[0]])
        return ("point" if "low" in kinds else "bar") if once else "boxplot"
    along = columns[channels["x"].field]
    whole = x == QUANTITATIVE and all(isinstance(value, int) for value in along)
    return "line" if whole and len(along) > 2 and len(set(along)) == len(along) else "point"


def _as_names(role: str, channel: Channel, columns: dict[str, list[Any]]) -> Channel:
    """A few whole numbers as a colour or a panel are names, such as those of personas."""
    if role == "facet":
        return channel._replace(kind=NOMINAL)
    if role == "color" and channel.kind == QUANTITATIVE:
        different = set(columns[channel.field])
        if len(different) <= FEW and all(isinstance(value, int) for value in different if value is not None):
            return channel._replace(kind=NOMINAL)
    return channel


def _few_panels(channels: dict[str, Channel], columns: dict[str, list[Any]]) -> None:
    if "facet" in channels:
        panels = len(set(columns[channels["facet"].field]))
        if panels > MOST_PANELS:
            raise EvalError(
                f"plot: {panels} different values of {channels['facet'].title} would be as many panels",
                code="plot-size",
                hint=f"{MOST_PANELS} at most; filter with where, or use :color",
            )


# Reading.


def _placed(table: Table, roles: dict[str, str]) -> tuple[Table, int]:
    """The rows of TABLE that have a place on every axis, and how many have not."""
    conditions = []
    for name in dict.fromkeys(roles[role] for role in ("x", "y", "low", "high") if role in roles):
        kind = table.plan.schema.field(name).type
        number = kind in (INTEGER, REAL)
        conditions.append(
            form("<=", form("abs", name), GREATEST) if number else form("not", form("null?", name))
        )
    kept = table.over(algebra.where(table.plan, make_list(conditions), {}))
    rows, left = table.count(), kept.count()
    if not left:
        why = f"no row has {_and(roles)}" if rows else "the table has no rows"
        raise EvalError(f"plot: there is nothing to draw: {why}", code="plot-empty")
    return kept, rows - left


def _and(roles: dict[str, str]) -> str:
    return " and ".join(dict.fromkeys(roles[role] for role in ("x", "y", "low", "high") if role in roles))


def _columns(table: Table, roles: dict[str, str], most: int) -> tuple[dict[str, list[Any]], list[str]]:
    """The columns of the channels, MOST rows of them."""
    names = list(dict.fromkeys(roles.values()))
    chosen = algebra.select(table.plan, make_list(map(Symbol, names)), {})
    rows, notes = table.count(), []
    if rows > most:
        chosen = algebra.sample(chosen, most)
        notes.append(f"{most:,} of {rows:,} rows, a sample")
    data = table.over(chosen).arrow()
    return {name: cells(data.column(name)) for name in names}, notes


def cells(column: Any) -> list[Any]:
    """An Arrow column's values as a plot holds them."""
    import math

    values = column.to_pylist()
    plain: dict[type, Callable[[Any], Any]] = {
        float: lambda value: value if math.isfinite(value) else None,
        dt.datetime: lambda value: value.replace(tzinfo=dt.UTC),
    }
    return [plain[v.__class__](v) if v.__class__ in plain else v for v in values]
