"""What a person writes after `window`, `rolling`, `pivot`, `unpivot` and `explode` → plan nodes, each part checked."""

from __future__ import annotations

import datetime as dt
import unicodedata
from typing import Any, Final

from chorus.runtime.errors import EvalError, Span, WrongType
from chorus.runtime.plan import nodes, operators, shapes
from chorus.runtime.plan.algebra import columns_of, each, orders_of, unique
from chorus.runtime.plan.build import Builder, Free
from chorus.runtime.plan.expressions import Call, Column, Expression, Value, literal, walk
from chorus.runtime.plan.forms import cell, items_of, name_of, span_of, spans_of
from chorus.runtime.plan.nodes import Plan
from chorus.runtime.plan.types import INSTANT, Schema, common_type
from chorus.runtime.values import NIL, Keyword, SourcePair, Symbol

MOST_COLUMNS: Final = 200  # that a pivot makes
LONGEST: Final = 200  # characters of a column's name
IN_ORDER: Final = ("row-number", "rank", "dense-rank", "ntile", "lag", "lead", "first", "last")


class Options:
    """`:name form` pairs among the forms after a table, and the REST: the clauses."""

    def __init__(self, what: str, forms: Any, known: tuple[str, ...]) -> None:
        self.what = what
        self.given: dict[str, tuple[Any, Span | None]] = {}
        self.rest: list[tuple[Any, Span | None]] = []
        line = iter(each(forms))
        for form, span in line:
            if not isinstance(form, Keyword):
                self.rest.append((form, span))
                continue
            value = next(line, None)
            if form.name not in known or value is None or isinstance(value[0], Keyword):
                hint = f"it takes {' '.join(f':{name}' for name in known)}, each with a value after it"
                raise EvalError(
                    f"{what}: :{form.name} is not expected here", code="table-clause", span=span, hint=hint
                )
            self.given[form.name] = value

    def form(self, name: str) -> Any:
        return self.given.get(name, (None, None))[0]

    def span(self, name: str) -> Span | None:
        form, span = self.given.get(name, (None, None))
        return span or span_of(form)

    def listed(self, name: str) -> Any:
        """The clauses of an option: `(a b)`, or a name alone for a list of one."""
        form, span = self.given.get(name, (NIL, None))
        if name_of(form) is None:
            return form
        return SourcePair(form, NIL, span, span)

    def wanted(self, name: str, hint: str) -> Any:
        if name not in self.given:
            raise EvalError(f"{self.what}: :{name} is missing", code="table-clause", hint=hint)
        return self.given[name][0]


def window(plan: Plan, forms: Any, free: Free) -> Plan:
    """PLAN with columns over the rows around each row: `:by (key …) :order-by (expression …) :rows n`."""
    options = Options("window", forms, ("by", "order-by", "rows"))
    partition = tuple(made for _, made in columns_of(plan.schema, options.listed("by"), free))
    orders = orders_of(plan.schema, options.listed("order-by"), free)
    made = _windowed(plan.schema, options, free)
    frame = _rows(options, bool(orders))
    if not orders:
        for (name, expression), (_, span) in zip(made, options.rest, strict=True):
            _needs_order(name, expression, span)
    return shapes.Window(plan, made, partition, orders, frame) if made else plan


def rolling(plan: Plan, forms: Any, free: Free) -> Plan:
    """PLAN with aggregates over the time before each row: `:on column :width (count unit) :by (key …)`."""
    options = Options("rolling", forms, ("on", "width", "by"))
    hint = "(rolling table :on timestamp :width (7 day) (n (count)))"
    on = Builder(plan.schema, free).expression(options.wanted("on", hint), options.span("on"))
    if on.type != INSTANT:
        raise WrongType("rolling: :on is no instant", code="table-type", span=options.span("on"), hint=hint)
    width = _width(options.wanted("width", hint), options.span("width"), free, hint)
    partition = tuple(made for _, made in columns_of(plan.schema, options.listed("by"), free))
    made = _windowed(plan.schema, options, free)
    for (name, expression), (_, span) in zip(made, options.rest, strict=True):
        _no_order(name, expression, span)
    return shapes.Window(plan, made, partition, ((on, False),), shapes.Frame(width=width)) if made else plan


def _windowed(schema: Schema, options: Options, free: Free) -> nodes.Named:
    made = []
    for form, span in options.rest:
        parts = items_of(form)
        name = name_of(parts[0]) if len(parts) == 2 else None
        if name is None:
            hint = "as in (n (count)) or (before (lag content))"
            raise EvalError(
                f"{options.what}: a column is given as (name expression)",
                code="table-clause",
                span=span,
                hint=hint,
            )
        builder = Builder(schema, free, windows=True)
        made.append((name, builder.expression(parts[1], spans_of(form)[1] or span)))
    return unique(made)


def _ordering(expression: Expression) -> str | None:
    """An operator in EXPRESSION that has a meaning only among rows in an order."""
    calls = (part.operator for part in walk(expression) if isinstance(part, Call))
    return next((name for name in calls if name in IN_ORDER), None)


def _needs_order(name: str, expression: Expression, span: Span | None) -> None:
    found = _ordering(expression)
    if found is not None:
        raise EvalError(
            f"{name}: {found} needs an order", code="table-clause", span=span, hint=":order-by (timestamp)"
        )


def _no_order(name: str, expression: Expression, span: Span | None) -> None:
    found = _ordering(expression)
    if found is not None:
        hint = "rows of one instant have no order among them; (window table :order-by …) does this"
        raise EvalError(
            f"{name}: {found} cannot stand in rolling", code="table-aggregate", span=span, hint=hint
        )


def _rows(options: Options, is_ordered: bool) -> shapes.Frame:
    """The frame that :rows names: `all`, n rows that end with this one, or (before after)."""
    form, span = options.given.get("rows", (None, None))
    if form is None:
        return shapes.Frame(None, 0) if is_ordered else shapes.Frame()
    if name_of(form) == "all":
        return shapes.Frame()
    numbers = [form] if form.__class__ is int else items_of(form)
    sound = len(numbers) <= 2 and all(n.__class__ is int and 0 <= n < 2**31 for n in numbers)
    if not numbers or not sound or (form.__class__ is int and form < 1):
        hint = ":rows 7 (this row and six before), :rows (3 3), :rows all"
        raise EvalError("window: these are no rows around a row", code="table-value", span=span, hint=hint)
    if not is_ordered:
        raise EvalError(
            "window: :rows needs an order", code="table-clause", span=span, hint=":order-by (timestamp)"
        )
    return shapes.Frame(numbers[0] - 1, 0) if len(numbers) == 1 else shapes.Frame(numbers[0], numbers[1])


def _width(form: Any, span: Span | None, free: Free, hint: str) -> int:
    parts = items_of(form)
    count = parts[0] if parts else None
    if name_of(count) is not None:
        count = Builder(Schema(()), free).value(count, span) if count in free else count
    unit = parts[1] if len(parts) == 2 else None
    name = (unit.name if isinstance(unit, (Symbol, Keyword)) else str(unit)).rstrip("s")
    if count.__class__ is not int or not 0 < count < 10**6 or name not in operators.FIXED_UNITS:
        units = " ".join(operators.FIXED_UNITS)
        raise EvalError(
            f"rolling: a width is (count unit), its unit one of {units}",
            code="table-value",
            span=span,
            hint=hint,
        )
    return int(count) * operators.FIXED_UNITS[name] * 1_000_000


# Rows into columns and back.


def pivot(plan: Plan, forms: Any, free: Free, among: list[Any] | None = None) -> Plan:
    """`:by (key …) :on expression :take aggregate`; AMONG: the values of :on that become columns."""
    options = Options("pivot", forms, ("by", "on", "take", "among"))
    hint = "(pivot table :by (author-id) :on status :take (count))"
    on = Builder(plan.schema, free).expression(options.wanted("on", hint), options.span("on"))
    taken = options.wanted("take", hint)
    keys = columns_of(plan.schema, options.listed("by"), free)
    value = Builder(plan.schema, free, set(), aggregates=True).expression(taken, options.span("take"))
    values = [cell(one, options.span("among")) for one in (among or [])]
    if len(values) > MOST_COLUMNS:
        hint = ":among (value …) says which; or group-by, which makes rows"
        raise EvalError(
            f"pivot: {len(values)} columns are too many",
            code="table-size",
            span=options.span("on"),
            hint=hint,
        )
    if not values and not keys:
        hint = ":among (value …) says which columns there are"
        raise EvalError("pivot: there are no values to make columns of", code="table-value", hint=hint)
    for one in values:
        if common_type((literal(one).type, on.type)) is None:
            raise WrongType(
                f"pivot: {one!r} is no value of :on", code="table-type", span=options.span("among")
            )
    named = tuple(dict.fromkeys((one, column_name(one)) for one in values))
    return shapes.Pivot(plan, keys, on, named, value)


def pivot_values(plan: Plan, forms: Any, free: Free) -> Plan:
    """The different values of a pivot's :on, one more than may become columns at most."""
    options = Options("pivot", forms, ("by", "on", "take", "among"))
    on = Builder(plan.schema, free).expression(options.wanted("on", ":on status"), options.span("on"))
    different = nodes.Distinct(nodes.Select(plan, (("value", on),)))
    ranked = nodes.OrderBy(different, ((Column("value", on.type), False),))
    return nodes.Slice(ranked, MOST_COLUMNS + 1)


def column_name(value: Value) -> str:
    """What the column for VALUE of a pivot is called."""
    if value is None or value is False:
        return "none"
    if value is True:
        return "true"
    if isinstance(value, dt.datetime):
        from chorus.runtime.instants import instant_text

        return instant_text(value)
    shown = "".join(
        c if unicodedata.category(c) not in ("Cc", "Cs") else f"\\x{ord(c):02x}" for c in str(value)
    )
    return shown[:LONGEST] or "empty"


def unpivot(plan: Plan, forms: Any) -> Plan:
    """`:columns (a b …)`, `:name` and `:value`: what the two new columns are called."""
    options = Options("unpivot", forms, ("columns", "name", "value"))
    hint = "(unpivot table :columns (a b) :name metric :value amount)"
    options.wanted("columns", hint)
    form = options.listed("columns")
    names = [name_of(part) for part in items_of(form)]
    if not names or None in names or len(set(names)) < len(names) or options.rest:
        raise EvalError(
            "unpivot: which columns?", code="table-clause", span=options.span("columns"), hint=hint
        )
    spans = spans_of(form)
    fields = [
        plan.schema.field(str(n), at or options.span("columns")) for n, at in zip(names, spans, strict=True)
    ]
    types = dict.fromkeys(field.type for field in fields)
    if common_type(types) is None:
        raise WrongType(
            f"unpivot: the columns are {' and '.join(types)}",
            code="table-type",
            span=options.span("columns"),
            hint="one column holds values of one type; (text n) makes a number a text",
        )
    called = [name_of(options.form(one)) if one in options.given else one for one in ("name", "value")]
    if None in called:
        raise EvalError("unpivot: :name and :value are names of columns", code="table-clause", hint=hint)
    return shapes.Unpivot(plan, tuple(field.name for field in fields), str(called[0]), str(called[1]))


def explode(plan: Plan, forms: Any, free: Free) -> Plan:
    """One clause (name generator): PLAN's rows, each once for each value."""
    clauses = each(forms)
    form, span = clauses[0] if len(clauses) == 1 else (None, span_of(forms))
    parts = items_of(form)
    name = name_of(parts[0]) if len(parts) == 2 else None
    if name is None:
        raise EvalError(
            "explode takes one clause (name generator)",
            code="table-clause",
            span=span,
            hint="(explode table (word (words content)))",
        )
    builder = Builder(plan.schema, free)
    return shapes.Explode(plan, name, builder.generator(parts[1], spans_of(form)[1] or span))
