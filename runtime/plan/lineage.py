"""Which rows of the tables under a plan its rows come of: a plan for each table, run only when somebody asks.

The plan is made anew with the source rows' keys carried along (`Carried`). Where a step makes one row of several, or
chooses among rows, a superset is carried; never fewer. So what is left out of the result may be deleted from the source
and the plan's rows stay as they are: as a whole, or the one row that is asked about.

where, select, join        rows that do not pass, or have no partner, are left out
group-by, aggregate        all rows of the groups; a `having`, which others could come to fulfil, leaves none out
limit, offset              the rows taken and those skipped; over groups: all
window, sample             all rows, as each is seen among the others
anti joins                 of the right table the rows that have a partner: they keep one out
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import singledispatch
from typing import Any, NamedTuple

from chorus.runtime.plan import nodes, shapes
from chorus.runtime.plan.expressions import Call, Column, Expression, Literal, Value, columns_of
from chorus.runtime.plan.nodes import Plan
from chorus.runtime.plan.types import BOOLEAN, INTEGER, Field, Schema

MARK = "from--"  # the prefix of the columns that carry a source row's key
HERE = f"{MARK}here--"  # true where there is a source row
ROW = "row"  # the key of rows that the program holds: their number, from 0


class Carried(NamedTuple):
    """PLAN: the columns that still are functions of one source row, and the MARKS. EXACT: each row of the original is
    one row here, in the same order. SHUT: what a later step leaves out has taken part nevertheless.
    """

    plan: Plan
    marks: tuple[str, ...]
    exact: bool = True
    shut: bool = False

    @property
    def known(self) -> set[str]:
        return set(self.plan.schema.types) - set(self.marks)

    def knows(self, *made: Expression) -> bool:
        return all(columns_of(each) <= self.known for each in made)

    def only(self, columns: Iterable[tuple[str, Expression]], **changes: Any) -> Carried:
        """With COLUMNS, those that can be computed, before the marks."""
        kept = [(name, made) for name, made in columns if self.knows(made)]
        return self._replace(plan=nodes.Select(self.plan, (*kept, *_named(self.plan, self.marks))), **changes)

    def bare(self) -> Carried:
        """Every row of it, whatever becomes of them."""
        return self.only((), exact=False, shut=True)


Paths = list[Carried]


def lineage(plan: Plan, row: dict[str, Value] | None = None) -> dict[Plan, Plan]:
    """Each table that PLAN reads → a plan of the keys of its rows that PLAN's rows, or only the one ROW, come of."""
    from chorus.runtime.plan.plans import leaves

    return {
        leaf: _keys([_within(path, row) for path in paths(plan, leaf)])
        for leaf in dict.fromkeys(reversed(leaves(plan)))
    }


def _within(path: Carried, row: dict[str, Value] | None) -> Carried:
    """PATH for the one ROW of the result, as far as its columns tell the rows apart."""
    if row is None or (path.shut and not path.exact):
        return path
    types = path.plan.schema.types
    for name in sorted(path.known & row.keys()):
        wanted = Literal(row[name], types[name])
        same = Call("=", (Column(name, types[name]), wanted), BOOLEAN)
        path = path._replace(plan=nodes.Where(path.plan, same))
    return path


def _keys(found: Paths) -> Plan:
    made: list[Plan] = []
    for path in found:
        there = nodes.Where(path.plan, Column(HERE, BOOLEAN))
        marks = [mark for mark in path.marks if mark != HERE]
        columns = [(mark.removeprefix(MARK), made) for mark, made in _named(there, marks)]
        made.append(nodes.Select(there, tuple(columns)))
    return nodes.Distinct(made[0] if len(made) == 1 else nodes.Union(tuple(made)))


def _named(plan: Plan, names: Iterable[str]) -> list[tuple[str, Expression]]:
    types = plan.schema.types
    return [(name, Column(name, types[name])) for name in names]


def _marked(leaf: Plan) -> Carried:
    """LEAF with marks: the key of a stored table, all columns if it has none, numbers of the program's own rows."""
    plan, key = leaf, leaf.key or tuple(leaf.schema.names)
    if isinstance(leaf, shapes.Given):
        plan, key = _numbered(leaf), (ROW,)
    marks = [(MARK + name, made) for name, made in _named(plan, key)]
    made = nodes.WithColumns(plan, (*marks, (HERE, Literal(True, BOOLEAN))))
    return Carried(made, (*(name for name, _ in marks), HERE))


def _numbered(leaf: shapes.Given) -> Plan:
    import pyarrow as pa

    name = MARK + ROW
    data = leaf.data.append_column(name, pa.array(range(leaf.data.num_rows), pa.int64()))
    held = shapes.Given(f"{leaf.name}:{ROW}", Schema((*leaf.columns.fields, Field(name, INTEGER))), data)
    return nodes.Rename(held, ((name, ROW),)) if ROW not in leaf.schema else held


def paths(plan: Plan, leaf: Plan) -> Paths:
    """The ways on which rows of LEAF come into PLAN."""
    return [_marked(leaf)] if plan == leaf else _paths(plan, leaf)


@singledispatch
def _paths(plan: Plan, leaf: Plan) -> Paths:
    """A step that is not known here may see each row among all others."""
    return [path.bare() for below in plan.inputs for path in paths(below, leaf)]


def over(kind: type[Any]) -> Callable[[Callable[[Any, Carried], Carried]], None]:
    """What the decorated function says of a node of KIND over one table."""

    def register(function: Callable[[Any, Carried], Carried]) -> None:
        _paths.register(kind, lambda plan, leaf: [function(plan, path) for path in paths(plan.table, leaf)])

    return register


@over(nodes.Where)
def _(plan: nodes.Where, path: Carried) -> Carried:
    if path.shut or not path.knows(plan.condition):
        return path._replace(exact=False)
    return path._replace(plan=nodes.Where(path.plan, plan.condition))


@over(nodes.Select)
def _(plan: nodes.Select, path: Carried) -> Carried:
    return path.only(plan.columns)


@over(nodes.WithColumns)
def _(plan: nodes.WithColumns, path: Carried) -> Carried:
    made = dict(plan.columns)
    kept = _named(path.plan, (name for name in path.plan.schema.types if name in path.known - made.keys()))
    return path.only((*kept, *plan.columns))


@over(nodes.Rename)
def _(plan: nodes.Rename, path: Carried) -> Carried:
    known = tuple((old, new) for old, new in plan.names if old in path.known)
    return path._replace(plan=nodes.Rename(path.plan, known)) if known else path


@over(nodes.OrderBy)
def _(plan: nodes.OrderBy, path: Carried) -> Carried:
    if not path.exact or not path.knows(*(by for by, _ in plan.orders)):
        return path._replace(exact=False)
    return path._replace(plan=nodes.OrderBy(path.plan, plan.orders))


@over(nodes.Slice)
def _(plan: nodes.Slice, path: Carried) -> Carried:
    if not path.exact:
        return path._replace(shut=True)
    last = None if plan.count is None else plan.start + plan.count  # those skipped count as well
    return path._replace(plan=nodes.Slice(path.plan, last), exact=not plan.start, shut=True)


@over(nodes.Distinct)
def _(plan: nodes.Distinct, path: Carried) -> Carried:
    return path.only(_named(path.plan, (n for n in plan.schema.names if n in path.known)), exact=False)


@over(nodes.GroupBy)
def _(plan: nodes.GroupBy, path: Carried) -> Carried:
    return path.only(plan.keys, exact=False)


@over(nodes.Aggregate)
def _(plan: nodes.Aggregate, path: Carried) -> Carried:
    if path.shut or not isinstance(plan.table, nodes.GroupBy):
        return path.bare() if nodes.groups_of(plan.table) is None else path._replace(exact=False)
    return path


@over(shapes.Pivot)
def _(plan: shapes.Pivot, path: Carried) -> Carried:
    return path.only(plan.keys, exact=False)


@over(shapes.Explode)
def _(plan: shapes.Explode, path: Carried) -> Carried:
    if path.shut or not path.knows(plan.source):
        return path.bare()
    return path._replace(plan=replace(plan, table=path.plan), exact=False)


@over(shapes.Unpivot)
def _(plan: shapes.Unpivot, path: Carried) -> Carried:
    if path.shut or not set(plan.columns) <= path.known:
        return path.bare()
    return path._replace(plan=replace(plan, table=path.plan), exact=False)


@_paths.register
def _(plan: nodes.Union, leaf: Plan) -> Paths:
    return [path._replace(exact=False) for part in plan.tables for path in paths(part, leaf)]


@_paths.register
def _(plan: nodes.Join, leaf: Plan) -> Paths:
    return [
        *(_from_left(plan, path) for path in paths(plan.left, leaf)),
        *(_from_right(plan, path) for path in paths(plan.right, leaf)),
    ]


def _from_left(plan: nodes.Join, path: Carried) -> Carried:
    needed = {here for here, _ in plan.on} | ({plan.nearest[0]} if plan.nearest else set())
    if path.shut or not needed <= path.known:
        return path.bare()
    joined = path._replace(plan=replace(plan, left=path.plan))
    if not plan.widens:
        return joined
    return joined.only(_named(joined.plan, (n for n in plan.schema.names if n in joined.known)))


def _from_right(plan: nodes.Join, path: Carried) -> Carried:
    needed = {there for _, there in plan.on} | ({plan.nearest[2]} if plan.nearest else set())
    picks = plan.kind == "asof"
    if path.shut or not needed <= path.known or (picks and not path.exact):
        return path.bare()
    taken = [(old, new) for old, new in plan.taken if old in path.known]
    marks = [(mark, mark) for mark in path.marks]
    made = nodes.Join(
        plan.left, path.plan, plan.on, "asof" if picks else "inner", (*taken, *marks), plan.nearest
    )
    joined = path._replace(plan=made, exact=path.exact and plan.kind == "inner")
    return joined.only(_named(made, (n for n in plan.schema.names if n in joined.known)))
