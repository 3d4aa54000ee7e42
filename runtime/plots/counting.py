"""Counts where nothing else was asked for: histograms of numbers, bars of names, how many in each stretch of time.

The engine counts, so a table of any size will do.
"""

from __future__ import annotations

import datetime as dt
import math
from typing import Any, Final, NamedTuple

from chorus.runtime.errors import EvalError
from chorus.runtime.plan import algebra
from chorus.runtime.plan.forms import form
from chorus.runtime.plan.types import REAL
from chorus.runtime.plots.plot import NOMINAL, QUANTITATIVE, TEMPORAL, Channel
from chorus.runtime.plots.scales import TIME_STEPS, nice_step
from chorus.runtime.table import Table
from chorus.runtime.values import Keyword, Symbol, make_list

BINS: Final = 20  # about so many
MOST_BINS: Final = 1_000
MOST_PAIRS: Final = 5_000
BARS: Final = 30  # names shown; the rest is said
STRETCHES: Final = 150  # of time, at most, unless a unit was told
MOST_STRETCHES: Final = 20_000
COUNT: Final = "count"


class Counted(NamedTuple):
    mark: str
    channels: dict[str, Channel]
    columns: dict[str, list[Any]]
    notes: list[str]


def _counts(table: Table, x: Any, roles: dict[str, str]) -> tuple[list[str], list[tuple[Any, ...]]]:
    """How many rows have each value of X (a clause) and of colour and panel: names, and rows with the count last."""
    others = list(
        dict.fromkeys(
            roles[role] for role in ("color", "facet") if role in roles and roles[role] != roles["x"]
        )
    )
    keys = make_list([x, *map(Symbol, others)])
    groups = algebra.aggregate(
        algebra.group_by(table.plan, keys, {}), make_list([form(COUNT, form(COUNT))]), {}
    )
    ordered = algebra.order_by(groups, make_list(map(Symbol, groups.schema.names)), {})
    data = table.over(ordered).arrow()
    return others, list(zip(*(column.to_pylist() for column in data.columns), strict=True))


def _others(roles: dict[str, str], table: Table) -> dict[str, Channel]:
    from chorus.runtime.plots.gathering import KINDS

    return {
        role: Channel(roles[role], KINDS[table.plan.schema.field(roles[role]).type], roles[role])
        for role in ("color", "facet")
        if role in roles
    }


def _extent(table: Table, name: str) -> tuple[Any, Any]:
    both = make_list([form("least-of-all", form("min", name)), form("greatest-of-all", form("max", name))])
    data = table.over(algebra.aggregate(table.plan, both, {})).arrow()
    return data.column(0)[0].as_py(), data.column(1)[0].as_py()


def histogram(table: Table, roles: dict[str, str], options: Any) -> Counted:
    """How many numbers fall in each of some 20 stretches of equal width."""
    name = roles["x"]
    low, high = _extent(table, name)
    bins = BINS if options.bins is None else options.bins
    if not 1 <= bins <= MOST_BINS:
        raise EvalError(f"plot: :bins should be from 1 to {MOST_BINS}, not {bins}", code="range")
    whole = table.plan.schema.field(name).type != REAL
    width = (high / bins - low / bins) if options.bins else nice_step((high / bins - low / bins) or 1.0)
    width = max(1, math.ceil(width)) if whole else width or 1.0
    start = low if options.bins else math.floor(low / width) * width
    clause = form("bin", form("floor", form("/", form("-", name, start), width)))
    others, rows = _counts(table, clause, roles)
    if options.bins:  # what is greatest is in the last one
        rows = _merged([(min(row[0], bins - 1), *row[1:]) for row in rows])
    begin, end = name, f"{name} to"
    places = [int(row[0]) for row in rows]
    columns: dict[str, list[Any]] = {
        begin: [start + width * at for at in places],
        end: [start + width * (at + 1) for at in places],
        **{other: [row[1 + at] for row in rows] for at, other in enumerate(others)},
        COUNT: [row[-1] for row in rows],
    }
    channels = {
        "x": Channel(begin, QUANTITATIVE, name),
        "x2": Channel(end, QUANTITATIVE, name),
        "y": Channel(COUNT, QUANTITATIVE, COUNT),
        **_others(roles, table),
    }
    return Counted("bar", channels, columns, [])


def _merged(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    made: dict[tuple[Any, ...], int] = {}
    for row in rows:
        made[row[:-1]] = made.get(row[:-1], 0) + row[-1]
    return [(*key, count) for key, count in made.items()]


def bars(table: Table, roles: dict[str, str], options: Any) -> Counted:
    """How often each name comes, the most frequent first."""
    name = roles["x"]
    others, rows = _counts(table, Symbol(name), roles)
    totals: dict[Any, int] = {}
    for row in rows:
        totals[row[0]] = totals.get(row[0], 0) + row[-1]
    shown = sorted(totals, key=lambda each: (-totals[each], str(each)))[: options.most or BARS]
    place = {each: at for at, each in enumerate(shown)}
    kept = sorted((row for row in rows if row[0] in place), key=lambda row: place[row[0]])
    notes = []
    if len(shown) < len(totals):
        notes.append(f"the {len(shown)} most frequent of {len(totals):,} {name}")
    columns: dict[str, list[Any]] = {
        name: [row[0] for row in kept],
        **{other: [row[1 + at] for row in kept] for at, other in enumerate(others)},
        COUNT: [row[-1] for row in kept],
    }
    channels = {
        "x": Channel(COUNT, QUANTITATIVE, COUNT),
        "y": Channel(name, NOMINAL, name),
        **_others(roles, table),
    }
    return Counted("bar", channels, columns, notes)


def pairs(table: Table, roles: dict[str, str], options: Any) -> Counted:
    """How often each pair of names comes, as a colour."""
    x, y = roles["x"], roles["y"]
    beside = {"x": x, "color": y, **({"facet": roles["facet"]} if "facet" in roles else {})}
    others, rows = _counts(table, Symbol(x), beside)
    most = options.most or MOST_PAIRS
    notes = [f"{most:,} of {len(rows):,} pairs"] if len(rows) > most else []
    columns: dict[str, list[Any]] = {
        name: [row[at] for row in rows[:most]] for at, name in enumerate((x, *others, COUNT))
    }
    channels = {
        "x": Channel(x, NOMINAL, x),
        "y": Channel(y, NOMINAL, y),
        "color": Channel(COUNT, QUANTITATIVE, COUNT),
        **{role: channel for role, channel in _others(roles, table).items() if role == "facet"},
    }
    return Counted("rect", channels, columns, notes)


# — over time —


def over_time(table: Table, roles: dict[str, str], options: Any) -> Counted:
    """How many rows fall in each hour, day, week, month or year; also where there are none."""
    name = roles["x"]
    low, high = _extent(table, name)
    unit = options.unit or _unit(low, high)
    clause = form(name, form("bucket", name, Keyword(unit)))
    others, rows = _counts(table, clause, roles)
    rows = [(_aware(row[0]), *row[1:]) for row in rows]
    filled = _without_gaps(rows, unit)
    columns: dict[str, list[Any]] = {
        name: [row[0] for row in filled],
        **{other: [row[1 + at] for row in filled] for at, other in enumerate(others)},
        COUNT: [row[-1] for row in filled],
    }
    channels = {
        "x": Channel(name, TEMPORAL, name),
        "y": Channel(COUNT, QUANTITATIVE, f"{COUNT} a {unit}"),
        **_others(roles, table),
    }
    return Counted("line" if len({row[0] for row in filled}) > 1 else "bar", channels, columns, [])


def _aware(value: dt.datetime) -> dt.datetime:
    return value.replace(tzinfo=dt.UTC)


def _unit(low: dt.datetime, high: dt.datetime) -> str:
    """The shortest unit that does not cut the span into too many."""
    seconds = (high - low).total_seconds()
    return next((unit for unit, step in TIME_STEPS.items() if seconds / step <= STRETCHES), "year")


def next_bucket(at: dt.datetime, unit: str) -> dt.datetime:
    """When the stretch after the one that begins AT begins."""
    months = {"month": 1, "quarter": 3, "year": 12}.get(unit)
    if months is None:
        return at + dt.timedelta(seconds=TIME_STEPS[unit])
    month = at.month - 1 + months
    return at.replace(year=at.year + month // 12, month=month % 12 + 1)


def _without_gaps(rows: list[tuple[Any, ...]], unit: str) -> list[tuple[Any, ...]]:
    """ROWS, and a count of 0 wherever a series has none between the first stretch of all and the last."""
    first, last = min(row[0] for row in rows), max(row[0] for row in rows)
    steps = [first]
    while steps[-1] < last and len(steps) <= MOST_STRETCHES:
        steps.append(next_bucket(steps[-1], unit))
    series = list(dict.fromkeys(row[1:-1] for row in rows))
    if len(steps) * len(series) > MOST_STRETCHES:
        raise EvalError(
            f"plot: the table spans more than {MOST_STRETCHES:,} stretches of a {unit}",
            code="plot-size",
            hint="give a longer :unit",
        )
    known = {row[:-1]: row[-1] for row in rows}
    return [(at, *one, known.get((at, *one), 0)) for one in series for at in steps]
