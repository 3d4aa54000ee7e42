"""What a person writes after `where`, `select`, `group-by` … → plan nodes, each clause checked at its span.

A clause that makes a column is its name, or `(name expression)`. FREE gives the program's own values (see
build.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import zip_longest
from typing import Any, Final, NamedTuple

from chorus.runtime.errors import EvalError, Span, WrongType
from chorus.runtime.plan import nodes, operators
from chorus.runtime.plan.build import Builder, Free
from chorus.runtime.plan.expressions import Expression, conjunction
from chorus.runtime.plan.forms import items_of, name_of, span_of, spans_of
from chorus.runtime.plan.nodes import Plan
from chorus.runtime.plan.types import INTEGER, STRING, Field, Schema, common_type
from chorus.runtime.values import NIL, Keyword, Pair, Symbol, make_list

JOINS: Final = ("inner", "left", "semi", "anti", "asof")
COMPARED: Final = ("<", ">", "<=", ">=")
MANY: Final = 100  # tables in one union


class Clause(NamedTuple):
    """`(name expression)`, or a column's name alone."""

    name: str
    form: Any
    span: Span | None


def where(plan: Plan, conditions: Any, free: Free) -> Plan:
    """The rows for which all CONDITIONS hold."""
    made = [Builder(plan.schema, free).expression(form, span) for form, span in each(conditions)]
    if not made:
        return plan
    return nodes.Where(plan, conjunction(made))


def select(plan: Plan, clauses: Any, free: Free) -> Plan:
    """Exactly the columns of CLAUSES."""
    made = columns_of(plan.schema, clauses, free)
    if not made:
        raise EvalError(
            "select: which columns?", code="table-clause", span=span_of(clauses), hint=_have(plan.schema)
        )
    return nodes.Select(plan, made)


def with_columns(plan: Plan, clauses: Any, free: Free) -> Plan:
    """The table with the columns of CLAUSES added or replaced."""
    made = columns_of(plan.schema, clauses, free)
    return nodes.WithColumns(plan, made) if made else plan


def rename(plan: Plan, clauses: Any) -> Plan:
    """The table with columns called differently: each clause is (new old)."""
    pairs: list[tuple[str, str]] = []
    for form, span in each(clauses):
        names = [name_of(item) for item in items_of(form)]
        if len(names) != 2 or names[0] is None or names[1] is None:
            raise EvalError("rename takes clauses (new old)", code="table-clause", span=span)
        pairs.append((plan.schema.field(names[1], spans_of(form)[1] or span).name, names[0]))
    return nodes.Rename(plan, tuple(pairs)) if pairs else plan


def group_by(plan: Plan, clauses: Any, free: Free) -> Plan:
    """One row for each different combination of the CLAUSES' values; `aggregate` adds columns to it."""
    made = columns_of(plan.schema, clauses, free)
    if not made:
        raise EvalError("group-by: by which columns?", code="table-clause", hint=_have(plan.schema))
    return nodes.GroupBy(plan, made)


def aggregate(plan: Plan, clauses: Any, free: Free) -> Plan:
    """Columns computed over the rows of each group, or of the whole table."""
    groups = nodes.groups_of(plan)
    schema = nodes.seen_by_totals(plan)
    names = {name for name, _ in groups.keys} if groups is not None else set()
    made = []
    for clause in clauses_of(clauses, "aggregate", schema, bare=False):
        builder = Builder(schema, free, names, aggregates=True)
        made.append((clause.name, builder.expression(clause.form, clause.span)))
    if not made and groups is None:
        raise EvalError("aggregate: what of the rows?", code="table-clause", hint="as in (n (count))")
    having = plan.having if isinstance(plan, nodes.Aggregate) and groups is not None else None
    return nodes.Aggregate(groups or plan, unique(made), having)


def having(plan: Plan, conditions: Any, free: Free) -> Plan:
    """The groups for which all CONDITIONS hold, which may hold aggregates and, once there are any, their names."""
    aggregated = plan if isinstance(plan, nodes.Aggregate) else None
    if aggregated is None and not isinstance(plan, nodes.GroupBy):
        raise EvalError(
            "having: the table has no groups",
            code="table-clause",
            span=span_of(conditions),
            hint="(having (group-by table column) (> (count) 1)); of rows `where` tells",
        )
    keys = plan.keys if isinstance(plan, (nodes.GroupBy, nodes.Aggregate)) else ()
    outputs = dict(aggregated.columns) if aggregated is not None else {}
    schema = nodes.seen_by_having(plan)
    made = []
    for form, span in each(conditions):
        builder = Builder(schema, free, {name for name, _ in keys}, aggregates=True, outputs=outputs)
        made.append(builder.expression(form, span))
    if not made:
        return plan
    if aggregated is None:
        return nodes.Aggregate(plan, (), conjunction(made))
    if aggregated.having is not None:
        made.insert(0, aggregated.having)
    return nodes.Aggregate(aggregated.table, aggregated.columns, conjunction(made))


def order_by(plan: Plan, clauses: Any, free: Free) -> Plan:
    """The rows sorted by expressions, each `(desc expression)` for the greatest first; missing values last."""
    orders = orders_of(plan.schema, clauses, free)
    if not orders:
        raise EvalError(
            "order-by: by which columns?", code="table-clause", span=span_of(clauses), hint=_have(plan.schema)
        )
    return nodes.OrderBy(plan, orders)


def orders_of(schema: Schema, clauses: Any, free: Free) -> tuple[tuple[Expression, bool], ...]:
    """What CLAUSES sort by: (expression, whether descending)."""
    orders = []
    for form, span in each(clauses):
        head = name_of(form.car) if isinstance(form, Pair) else None
        parts = items_of(form)
        directed = head in ("desc", "asc") and len(parts) == 2
        inner, at = (parts[1], spans_of(form)[1] or span) if directed else (form, span)
        orders.append((Builder(schema, free).expression(inner, at), directed and head == "desc"))
    return tuple(orders)


def distinct(plan: Plan, clauses: Any, free: Free) -> Plan:
    """Each different row once; of the columns of CLAUSES, where there are any."""
    return nodes.Distinct(select(plan, clauses, free) if isinstance(clauses, Pair) else plan)


def limit(plan: Plan, count: int) -> Plan:
    return nodes.Slice(plan, at_least_0(count, "limit"))


def offset(plan: Plan, count: int) -> Plan:
    return nodes.Slice(plan, None, at_least_0(count, "offset"))


def sample(plan: Plan, count: int, seed: int = 0) -> Plan:
    return nodes.Sample(plan, at_least_0(count, "sample"), seed % 2**31)


def join_options(options: Any) -> tuple[Any, Any, Any]:
    """The forms after :on, :kind and :suffix, which come after the two tables of a join."""
    given: dict[str, Any] = {"on": False, "kind": Symbol("inner"), "suffix": "-right"}
    line = each(options)
    for (key, at), (value, _) in zip_longest(line[::2], line[1::2], fillvalue=(NIL, None)):
        if not isinstance(key, Keyword) or key.name not in given or value is NIL:
            hint = '(join left right :on (= left-column right-column) :kind left :suffix "-right")'
            raise EvalError("a join takes :on, :kind and :suffix", code="table-join", span=at, hint=hint)
        given[key.name] = value
    return given["on"], given["kind"], given["suffix"]


def join(left: Plan, right: Plan, on: Any, kind: str = "inner", suffix: str = "-right") -> Plan:
    """LEFT with RIGHT where ON holds: a column's name that both have, `(= left right)`, or `(and …)`
    of those.
    """
    if kind not in JOINS:
        raise EvalError(
            f"there is no join of kind {kind}", code="table-join", hint=f"one of {' '.join(JOINS)}"
        )
    nearest = None
    if kind == "asof":
        on, nearest = _split(on, left.schema, right.schema)
    pairs = () if on is None else tuple(_matches(on, span_of(on), left.schema, right.schema))
    if kind in ("semi", "anti"):
        return nodes.Join(left, right, pairs, kind)
    matched = {name for _, name in pairs}
    theirs = [field.name for field in right.schema.visible if field.name not in matched]
    mine = {name.casefold() for name in left.schema.names}
    taken = tuple((name, name + suffix if name.casefold() in mine else name) for name in theirs)
    return nodes.Join(left, right, pairs, kind, taken, nearest)


def _split(on: Any, left: Schema, right: Schema) -> tuple[Any, tuple[str, str, str]]:
    """The equations of an asof join (None: none), and its one comparison."""
    head = name_of(on.car) if isinstance(on, Pair) else None
    parts = items_of(on)[1:] if head == "and" else [on]
    found = [p for p in parts if isinstance(p, Pair) and name_of(p.car) in COMPARED and len(items_of(p)) == 3]
    if len(found) != 1:
        raise EvalError(
            "an asof join compares one column of each table",
            code="table-join",
            span=span_of(on),
            hint=":on (and (= author-id author-id) (>= timestamp at)), the left table's column first",
        )
    comparison, (form, *_) = str(name_of(found[0].car)), found
    (mine, theirs), spans = (name_of(part) for part in items_of(form)[1:]), spans_of(form)
    if mine is None or theirs is None:
        raise EvalError("an asof join compares columns", code="table-join", span=span_of(form))
    _match(mine, theirs, spans[1], spans[2], left, right)
    if left.types[mine] not in ("integer", "real", "instant"):
        raise WrongType(
            f"{mine} is {left.types[mine]}", code="table-type", span=spans[1], hint="an instant, or a number"
        )
    rest = [part for part in parts if part is not form]
    equations = None if not rest else rest[0] if len(rest) == 1 else make_list([Symbol("and"), *rest])
    return equations, (mine, comparison, theirs)


def _matches(on: Any, span: Span | None, left: Schema, right: Schema) -> Iterable[tuple[str, str]]:
    name = name_of(on)
    if name is not None:
        return [_match(name, name, span, span, left, right)]
    head = name_of(on.car) if isinstance(on, Pair) else None
    parts, spans = items_of(on)[1:], spans_of(on)[1:]
    if head == "and" and parts:
        return [
            pair for part, at in zip(parts, spans, strict=True) for pair in _matches(part, at, left, right)
        ]
    names = [name_of(part) for part in parts]
    if head != "=" or len(names) != 2 or names[0] is None or names[1] is None:
        hint = ":on author-id, or :on (= author-id id), the left table's column first"
        raise EvalError("a join needs columns that are equal", code="table-join", span=span, hint=hint)
    return [_match(names[0], names[1], spans[0] or span, spans[1] or span, left, right)]


def _match(
    mine: str, theirs: str, at: Span | None, there: Span | None, left: Schema, right: Schema
) -> tuple[str, str]:
    types = left.field(mine, at, "the left table").type, right.field(theirs, there, "the right table").type
    if common_type(types) is None:
        numbered = (mine, theirs)[types.index(INTEGER)] if set(types) == {INTEGER, STRING} else None
        raise WrongType(
            f"{mine} is {types[0]} and {theirs} is {types[1]}: never equal",
            code="table-type",
            span=at,
            hint=numbered
            and f"(with-columns table ({numbered} (text {numbered}))) makes texts of the numbers",
        )
    return mine, theirs


def union(plans: list[Plan]) -> Plan:
    """The rows of all PLANS, with the columns of the first; each must have those."""
    if len(plans) > MANY:
        raise EvalError(f"a union of more than {MANY} tables", code="table-size")
    for at, plan in enumerate(plans[1:], 2):
        for name in plans[0].schema.names:
            plan.schema.field(name, whose=f"union: the first table has a column {name}; table {at}")
    return nodes.Union(tuple(plans)) if len(plans) > 1 else plans[0]


# Clauses.


def each(forms: Any) -> list[tuple[Any, Span | None]]:
    return list(zip(items_of(forms), spans_of(forms), strict=True))


def columns_of(schema: Schema, clauses: Any, free: Free) -> nodes.Named:
    return unique(
        [
            (clause.name, Builder(schema, free).expression(clause.form, clause.span))
            for clause in clauses_of(clauses, "a column", schema)
        ]
    )


def clauses_of(clauses: Any, what: str, schema: Schema, bare: bool = True) -> Iterable[Clause]:
    for form, span in each(clauses):
        name = name_of(form)
        if name is not None and bare:
            schema.field(name, span)
            yield Clause(name, form, span)
            continue
        parts = items_of(form)
        name = name_of(parts[0]) if parts else None
        if len(parts) != 2 or name is None:
            raise _bad_clause(what, name, form, span)
        if bare and name_of(parts[1]) is not None and _takes_one(name):
            raise _bad_clause(what, name, form, span)
        yield Clause(name, parts[1], spans_of(form)[1] or span)


def _takes_one(name: str) -> bool:
    row = operators.operator(name, 1)
    return row is not None and row.least <= 1 and not row.aggregate


def _bad_clause(what: str, name: str | None, form: Any, span: Span | None) -> EvalError:
    """A clause that gives no name, most often an expression that was left without one."""
    from chorus.runtime.printer import brief

    shown = brief(form, 40)
    hint = (
        f"name it: (n {shown})"
        if name is not None and operators.is_operator(name)
        else "as in (n (length content))"
    )
    return EvalError(f"{what} is given as (name expression)", code="table-clause", span=span, hint=hint)


def unique(made: list[tuple[str, Expression]]) -> nodes.Named:
    Schema(tuple(Field(name, expression.type) for name, expression in made))  # refuses a name given twice
    return tuple(made)


def at_least_0(count: int, what: str) -> int:
    if not 0 <= count < 2**62:
        raise EvalError(f"{what}: a number of rows is 0 or more", code="table-value")
    return count


def _have(schema: Schema) -> str:
    return f"the table's columns are {' '.join(schema.names)}"
