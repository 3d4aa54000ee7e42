"""Plans and expressions as S-expressions: what `explain` shows, in the words they were written in."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from chorus.runtime.plan import nodes, searches, shapes
from chorus.runtime.plan.expressions import Column, Expression, Literal, Several, Value
from chorus.runtime.plan.nodes import Plan
from chorus.runtime.values import Keyword, Symbol, make_list


def explanation(plan: Plan, predictions: list[Any] | None = None, ready: Plan | None = None) -> Any:
    """(explain (plan FORM) (optimised FORM) (rules (name times) …) (columns (name type) …) (sql TEXT) (parameters
    VALUE …) (predicted (FORM rows) …)); READY is what PLAN becomes once its searches have been made.
    """
    from chorus.runtime.plan.optimise import SHARE, optimise
    from chorus.runtime.plan.plans import repeated
    from chorus.runtime.plan.sql import compile_plan

    query = compile_plan(ready or plan, pretty=True)
    settled, among = searches.settled(plan)
    made, fired = optimise(settled)
    shared = len(repeated(made))
    rules = ({searches.AMONG: among} if among else {}) | fired | ({SHARE: shared} if shared else {})
    columns = [_list(Symbol(field.name), Symbol(field.type)) for field in plan.schema.visible]
    return _list(
        Symbol("explain"),
        _list(Symbol("plan"), form_of(plan)),
        _list(Symbol("optimised"), form_of(made)),
        _list(Symbol("rules"), *(_list(Symbol(name), times) for name, times in rules.items())),
        _list(Symbol("columns"), *columns),
        _list(Symbol("sql"), query.sql),
        _list(Symbol("parameters"), *(_value(value) for value in query.parameters)),
        _list(Symbol("predicted"), *(predictions or [])),
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
    raise NotImplementedError(type(plan).__name__)  # of a kind of plan that nobody has registered below


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
    made = form_of(plan.table)
    if plan.columns or plan.having is None:
        made = _list(Symbol("aggregate"), made, *_named(plan.columns))
    return made if plan.having is None else _list(Symbol("having"), made, expression_form(plan.having))


@form_of.register
def _(plan: nodes.OrderBy) -> Any:
    return _list(Symbol("order-by"), form_of(plan.table), *_orders(plan.orders))


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
    if plan.nearest is not None:
        pairs.append(_list(*(Symbol(plan.nearest[at]) for at in (1, 0, 2))))
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


@form_of.register
def _(plan: shapes.Given) -> Any:
    return _list(Symbol("rows"))


@form_of.register
def _(plan: searches.Search) -> Any:
    wanted = plan.wanted
    what: Any = wanted.text if wanted.head != "near" else Symbol("vector")
    among = [] if isinstance(plan.table, nodes.Scan) else [Keyword("in"), form_of(plan.table)]
    mode = [Keyword("mode"), _list(Symbol("quote"), Symbol(plan.mode))] if plan.mode != "both" else []
    return _list(Symbol(wanted.head), what, *among, Keyword("limit"), plan.limit, *mode)


@form_of.register
def _(plan: shapes.Window) -> Any:
    options: list[Any] = []
    if plan.partition:
        by = [_list(Symbol(f"k{at}"), expression_form(one)) for at, one in enumerate(plan.partition)]
        options += [Keyword("by"), _list(*by)]
    if plan.frame.width is not None:
        on = expression_form(plan.orders[0][0])
        width = _list(plan.frame.width // 1_000_000, Symbol("second"))
        head, options = "rolling", [Keyword("on"), on, Keyword("width"), width, *options]
    else:
        head = "window"
        options += [Keyword("order-by"), _list(*_orders(plan.orders))] if plan.orders else []
        options += _rows(plan.frame) if plan.orders else []
    return _list(Symbol(head), form_of(plan.table), *options, *_named(plan.columns))


def _rows(frame: shapes.Frame) -> list[Any]:
    if frame == shapes.Frame(None, 0):
        return []
    rows: Any = Symbol("all") if frame.before is None else _list(frame.before, frame.after)
    return [Keyword("rows"), rows]


@form_of.register
def _(plan: shapes.Pivot) -> Any:
    by = [Keyword("by"), _list(*_clauses(plan.keys))] if plan.keys else []
    among = _list(Symbol("list"), *(_literal(value) for value, _ in plan.among))
    taken = [Keyword("take"), expression_form(plan.value), Keyword("among"), among]
    return _list(Symbol("pivot"), form_of(plan.table), *by, Keyword("on"), expression_form(plan.on), *taken)


@form_of.register
def _(plan: shapes.Unpivot) -> Any:
    names = [Keyword("name"), Symbol(plan.name), Keyword("value"), Symbol(plan.value)]
    columns = _list(*map(Symbol, plan.columns))
    return _list(Symbol("unpivot"), form_of(plan.table), Keyword("columns"), columns, *names)


@form_of.register
def _(plan: shapes.Explode) -> Any:
    clause = _list(Symbol(plan.name), expression_form(plan.source))
    return _list(Symbol("explode"), form_of(plan.table), clause)


def _named(columns: nodes.Named) -> list[Any]:
    return [_list(Symbol(name), expression_form(made)) for name, made in columns]


def _orders(orders: tuple[tuple[Expression, bool], ...]) -> list[Any]:
    return [
        _list(Symbol("desc"), expression_form(by)) if descending else expression_form(by)
        for by, descending in orders
    ]


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
