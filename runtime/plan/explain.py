"""Plans and expressions as S-expressions: what `explain` shows, in the words they were written in."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from chorus.runtime.plan import nodes
from chorus.runtime.plan.expressions import Column, Expression, Literal, Several, Value
from chorus.runtime.plan.nodes import Plan
from chorus.runtime.values import Keyword, Symbol, make_list


def explanation(plan: Plan) -> Any:
    """(explain (plan FORM) (columns (name type) …) (sql TEXT) (parameters VALUE …))."""
    from chorus.runtime.plan.sql import compile_plan

    query = compile_plan(plan, pretty=True)
    columns = [_list(Symbol(field.name), Symbol(field.type)) for field in plan.schema.visible]
    return _list(
        Symbol("explain"),
        _list(Symbol("plan"), form_of(plan)),
        _list(Symbol("columns"), *columns),
        _list(Symbol("sql"), query.sql),
        _list(Symbol("parameters"), *(_value(value) for value in query.parameters)),
    )


def _list(*items: Any) -> Any:
    return make_list(items)


def _value(value: Any) -> Any:
    """A bound value as the program knows it."""
    import datetime as dt

    if value is None:
        return False
    if isinstance(value, list):
        return make_list(_value(item) for item in value)
    return value.replace(tzinfo=dt.UTC) if isinstance(value, dt.datetime) and value.tzinfo is None else value


@singledispatch
def form_of(plan: Plan) -> Any:
    """The form that makes PLAN."""
    raise NotImplementedError(type(plan).__name__)


@form_of.register
def _(plan: nodes.Scan) -> Any:
    return _list(Symbol(plan.name))


@form_of.register
def _(plan: nodes.Where) -> Any:
    return _list(Symbol("where"), form_of(plan.table), expression_form(plan.condition))


@form_of.register
def _(plan: nodes.Select) -> Any:
    return _list(Symbol("select"), form_of(plan.table), *_clauses(plan.columns))


@form_of.register
def _(plan: nodes.WithColumns) -> Any:
    return _list(Symbol("with-columns"), form_of(plan.table), *_clauses(plan.columns))


@form_of.register
def _(plan: nodes.Rename) -> Any:
    clauses = (_list(Symbol(new), Symbol(old)) for old, new in plan.names)
    return _list(Symbol("rename"), form_of(plan.table), *clauses)


@form_of.register
def _(plan: nodes.GroupBy) -> Any:
    return _list(Symbol("group-by"), form_of(plan.table), *_clauses(plan.keys))


@form_of.register
def _(plan: nodes.Aggregate) -> Any:
    clauses = (_list(Symbol(name), expression_form(made)) for name, made in plan.columns)
    return _list(Symbol("aggregate"), form_of(plan.table), *clauses)


@form_of.register
def _(plan: nodes.OrderBy) -> Any:
    orders = (
        _list(Symbol("desc"), expression_form(by)) if descending else expression_form(by)
        for by, descending in plan.orders
    )
    return _list(Symbol("order-by"), form_of(plan.table), *orders)


@form_of.register
def _(plan: nodes.Slice) -> Any:
    made = form_of(plan.table)
    if plan.start:
        made = _list(Symbol("offset"), made, plan.start)
    return made if plan.count is None else _list(Symbol("limit"), made, plan.count)


@form_of.register
def _(plan: nodes.Sample) -> Any:
    return _list(Symbol("sample"), form_of(plan.table), plan.count, Keyword("seed"), plan.seed)


@form_of.register
def _(plan: nodes.Distinct) -> Any:
    return _list(Symbol("distinct"), form_of(plan.table))


@form_of.register
def _(plan: nodes.Join) -> Any:
    pairs = [_list(Symbol("="), Symbol(a), Symbol(b)) for a, b in plan.on]
    on = pairs[0] if len(pairs) == 1 else _list(Symbol("and"), *pairs)
    return _list(
        Symbol("join"),
        form_of(plan.left),
        form_of(plan.right),
        Keyword("on"),
        on,
        Keyword("kind"),
        Symbol(plan.kind),
    )


@form_of.register
def _(plan: nodes.Union) -> Any:
    return _list(Symbol("union"), *(form_of(table) for table in plan.tables))


def _clauses(columns: nodes.Named) -> list[Any]:
    """A column's name alone where it is only kept, else (name expression)."""
    return [
        Symbol(name)
        if isinstance(made, Column) and made.name == name
        else _list(Symbol(name), expression_form(made))
        for name, made in columns
    ]


def expression_form(expression: Expression) -> Any:
    """The form that means EXPRESSION, values in the place of the program's names."""
    if isinstance(expression, Column):
        return Symbol(expression.name)
    if isinstance(expression, Literal):
        return _literal(expression.value)
    if isinstance(expression, Several):
        missing = [False] if expression.missing else []
        return _list(Symbol("list"), *(_literal(value) for value in expression.values), *missing)
    return _list(Symbol(expression.operator), *(expression_form(part) for part in expression.arguments))


def _literal(value: Value) -> Any:
    return False if value is None else value
