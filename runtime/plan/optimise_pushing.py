"""Conditions go below the steps that do not change what they ask: one function for each kind of step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import singledispatch

from chorus.runtime.plan import nodes, shapes
from chorus.runtime.plan.expressions import Call, Column, Expression, columns_of, conjunction, walk
from chorus.runtime.plan.nodes import Plan
from chorus.runtime.plan.types import BOOLEAN

Put = Callable[[list[Expression]], Plan]  # the step again, its table with these conditions on it


def split(condition: Expression) -> list[Expression]:
    """The conditions of which CONDITION says that all hold."""
    if isinstance(condition, Call) and condition.operator == "and":
        return [part for argument in condition.arguments for part in split(argument)]
    return [condition]


def joint(plan: Plan, conditions: list[Expression]) -> Plan:
    """The rows of PLAN for which all CONDITIONS hold."""
    return nodes.Where(plan, conjunction(conditions)) if conditions else plan


def asks_null(condition: Expression) -> bool:
    """Whether it matters to CONDITION if a condition is false or without a value."""
    return any(
        isinstance(part, Call) and part.operator == "null?" and part.arguments[0].type == BOOLEAN
        for part in walk(condition)
    )


def renamed(expression: Expression, names: Mapping[str, Column]) -> Expression:
    """EXPRESSION over other columns."""
    if isinstance(expression, Column):
        return names.get(expression.name, expression)
    if isinstance(expression, Call):
        return replace(expression, arguments=tuple(renamed(one, names) for one in expression.arguments))
    return expression


def pushed(plan: nodes.Where) -> Plan | None:
    """PLAN with those of its conditions below the step under it that can go there; None if none can."""
    parts = split(plan.condition)
    movable = [part for part in parts if not asks_null(part) and columns_of(part)]
    found = below(plan.table, movable) if movable else None
    if found is None:
        return None
    made, moved = found
    return joint(made, [part for part in parts if part not in moved])


Found = tuple[Plan, list[Expression]] | None


@singledispatch
def below(step: Plan, parts: list[Expression]) -> Found:
    """STEP with those of PARTS that may under it, and which these are."""
    return None


def _moved(step: Plan, parts: list[Expression], names: Mapping[str, Column], field: str = "table") -> Found:
    """Parts over NAMES alone, which are called so under STEP, go there."""
    chosen = [part for part in parts if columns_of(part) <= names.keys()]
    if not chosen:
        return None
    inner = joint(getattr(step, field), [renamed(part, names) for part in chosen])
    return replace(step, **{field: inner}), chosen


def _kept(plan: Plan, without: set[str]) -> dict[str, Column]:
    return {f.name: Column(f.name, f.type) for f in plan.schema if f.name not in without}


def _plain(columns: nodes.Named) -> dict[str, Column]:
    return {name: made for name, made in columns if isinstance(made, Column)}


@below.register
def _(step: nodes.OrderBy, parts: list[Expression]) -> Found:
    return _moved(step, parts, _kept(step.table, set()))


@below.register
def _(step: nodes.Distinct, parts: list[Expression]) -> Found:
    return _moved(step, parts, _kept(step, set()))


@below.register
def _(step: nodes.Select, parts: list[Expression]) -> Found:
    return _moved(step, parts, _plain(step.columns))


@below.register
def _(step: nodes.WithColumns, parts: list[Expression]) -> Found:
    return _moved(step, parts, _kept(step.table, {name for name, _ in step.columns}) | _plain(step.columns))


@below.register
def _(step: nodes.Rename, parts: list[Expression]) -> Found:
    old = {new: name for name, new in step.names}
    return _moved(step, parts, {f.name: Column(old.get(f.name, f.name), f.type) for f in step.schema})


@below.register
def _(step: nodes.Aggregate, parts: list[Expression]) -> Found:
    if not isinstance(step.table, nodes.GroupBy) or not step.keys:
        return None
    found = _moved(step.table, parts, _plain(step.keys))
    return None if found is None else (replace(step, table=found[0]), found[1])


@below.register
def _(step: shapes.Pivot, parts: list[Expression]) -> Found:
    return _moved(step, parts, _plain(step.keys))


@below.register
def _(step: shapes.Window, parts: list[Expression]) -> Found:
    new = {name for name, _ in step.columns}
    names = {one.name: one for one in step.partition if isinstance(one, Column) and one.name not in new}
    return _moved(step, parts, names)


@below.register
def _(step: shapes.Unpivot, parts: list[Expression]) -> Found:
    return _moved(step, parts, _kept(step.table, {*step.columns, step.name, step.value}))


@below.register
def _(step: shapes.Explode, parts: list[Expression]) -> Found:
    return _moved(step, parts, _kept(step.table, {step.name, step.place}))


@below.register
def _(step: nodes.Join, parts: list[Expression]) -> Found:
    mine = {f.name: Column(f.name, f.type) for f in step.left.schema}
    if step.widens:
        mine = {f.name: mine[f.name] for f in step.left.schema.visible}
    found = _moved(step, parts, mine, "left")
    if found is not None or step.kind != "inner":
        return found
    types = step.right.schema.types
    return _moved(step, parts, {new: Column(old, types[old]) for old, new in step.taken}, "right")


@below.register
def _(step: nodes.Union, parts: list[Expression]) -> Found:
    alike = [
        part
        for part in parts
        if all(t.schema.types[n] == step.schema.types[n] for t in step.tables for n in columns_of(part))
    ]
    if not alike:
        return None
    return replace(step, tables=tuple(joint(table, alike) for table in step.tables)), alike
