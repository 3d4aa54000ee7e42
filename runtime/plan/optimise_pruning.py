"""Columns that nobody asks for are not computed: one pass from the top of a plan down.

Columns of a table's key always stay, for they say in which order its rows come; where no key is known, that is said by
all visible columns, and whatever orders rows there needs them all.
"""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatch

from chorus.runtime.plan import nodes, shapes
from chorus.runtime.plan.expressions import Expression, columns_of
from chorus.runtime.plan.nodes import Named, Plan
from chorus.runtime.plan.plans import with_inputs

Needed = set[str] | None  # None: all


def pruned(plan: Plan, needed: Needed) -> Plan:
    """PLAN with the columns NEEDED, and perhaps others."""
    if needed is not None:
        needed = needed | set(plan.key or ())
    return slim(plan, needed)


@singledispatch
def slim(plan: Plan, needed: Needed) -> Plan:
    """A step of which nothing can be left out, over tables that are needed whole."""
    return _over(plan, [None] * len(plan.inputs))


def _over(plan: Plan, needed: list[Needed]) -> Plan:
    inputs = [pruned(one, need) for one, need in zip(plan.inputs, needed, strict=True)]
    same = all(new is old for new, old in zip(inputs, plan.inputs, strict=True))
    return plan if same else with_inputs(plan, inputs)


def _used(*expressions: Expression) -> set[str]:
    return set().union(*map(columns_of, expressions))


def _all_used(columns: Named) -> set[str]:
    return _used(*(made for _, made in columns))


def _also(needed: Needed, more: set[str]) -> Needed:
    return None if needed is None else needed | more


@slim.register
def _(plan: nodes.Where, needed: Needed) -> Plan:
    return _over(plan, [_also(needed, columns_of(plan.condition))])


@slim.register
def _(plan: nodes.OrderBy, needed: Needed) -> Plan:
    needed = None if plan.key is None else _also(needed, _used(*(by for by, _ in plan.orders)))
    return _over(plan, [needed])


@slim.register
def _(plan: nodes.Slice, needed: Needed) -> Plan:
    return _over(plan, [None if plan.key is None else needed])


@slim.register
def _(plan: nodes.Sample, needed: Needed) -> Plan:
    return _over(plan, [None if plan.key is None else needed])


@slim.register
def _(plan: nodes.Select, needed: Needed) -> Plan:
    kept = plan.columns
    if needed is not None:
        kept = tuple((name, made) for name, made in kept if name in needed) or kept[:1]
    made = plan if len(kept) == len(plan.columns) else replace(plan, columns=kept)
    return _over(made, [_all_used(kept)])


@slim.register
def _(plan: nodes.WithColumns, needed: Needed) -> Plan:
    old = plan.table.schema
    kept = plan.columns
    if needed is not None:
        kept = tuple((name, made) for name, made in kept if name in needed or name in old)
    if not kept:
        return pruned(plan.table, needed)
    made = plan if len(kept) == len(plan.columns) else replace(plan, columns=kept)
    inner = None if needed is None else {name for name in needed if name in old} | _all_used(kept)
    return _over(made, [_also(inner, {name for name, _ in kept if name in old})])


@slim.register
def _(plan: nodes.Rename, needed: Needed) -> Plan:
    old = {new: name for name, new in plan.names}
    if needed is None:
        return _over(plan, [None])
    return _over(plan, [{old.get(name, name) for name in needed} | {name for name, _ in plan.names}])


@slim.register
def _(plan: nodes.Aggregate, needed: Needed) -> Plan:
    kept = plan.columns
    if needed is not None:
        kept = tuple((name, made) for name, made in kept if name in needed)
    if not kept and not plan.keys:
        kept = plan.columns[:1]
    made = plan if len(kept) == len(plan.columns) else replace(plan, columns=kept)
    used = _all_used(kept) | _all_used(plan.keys)
    used |= set() if plan.having is None else columns_of(plan.having)
    used -= {name for name, _ in plan.keys} - _all_used(plan.keys)
    if not isinstance(plan.table, nodes.GroupBy):
        return _over(made, [used])
    rows = pruned(plan.rows_of, used)
    return made if rows is plan.rows_of else replace(made, table=replace(plan.table, table=rows))


@slim.register
def _(plan: shapes.Window, needed: Needed) -> Plan:
    old = plan.table.schema
    kept = plan.columns
    if needed is not None:
        kept = tuple((name, made) for name, made in kept if name in needed or name in old)
    if not kept:
        return plan  # the window's order may be all that it is for
    made = plan if len(kept) == len(plan.columns) else replace(plan, columns=kept)
    if needed is None or plan.table.key is None:
        return _over(made, [None])
    used = _all_used(kept) | _used(*plan.partition, *(by for by, _ in plan.orders))
    return _over(made, [used | {name for name in needed if name in old} | {n for n, _ in kept if n in old}])


@slim.register
def _(plan: shapes.Pivot, needed: Needed) -> Plan:
    return _over(plan, [_all_used(plan.keys) | _used(plan.on, plan.value)])


@slim.register
def _(plan: shapes.Explode, needed: Needed) -> Plan:
    inner = None if needed is None else needed - {plan.name, plan.place}
    return _over(plan, [_also(inner, columns_of(plan.source))])


@slim.register
def _(plan: shapes.Unpivot, needed: Needed) -> Plan:
    inner = None if needed is None else needed - {plan.name, plan.value}
    return _over(plan, [_also(inner, set(plan.columns))])


@slim.register
def _(plan: nodes.Join, needed: Needed) -> Plan:
    mine = {a for a, _ in plan.on} | ({plan.nearest[0]} if plan.nearest else set())
    theirs = {b for _, b in plan.on} | ({plan.nearest[2]} if plan.nearest else set())
    if not plan.widens:
        return _over(plan, [_also(needed, mine), theirs])
    taken = plan.taken if needed is None else tuple((old, new) for old, new in plan.taken if new in needed)
    made = plan if len(taken) == len(plan.taken) else replace(plan, taken=taken)
    left = None if needed is None else {name for name in needed if name in plan.left.schema} | mine
    exact = plan.nearest is None or plan.right.key is not None
    return _over(made, [left, theirs | {old for old, _ in taken} if exact else None])
