"""Well-typed plans over the two tables of table_forms, grown step by step, drawn by hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st
from table_forms import SCANS, VALUES_OF, Forms, clauses, lisp

from chorus.runtime.plan import algebra, algebra_shapes, nodes
from chorus.runtime.plan.types import INSTANT, INTEGER, REAL, STRING
from chorus.runtime.values import Keyword, Symbol, make_list

STEPS = (
    "where",
    "select",
    "with",
    "rename",
    "group",
    "totals",
    "order",
    "limit",
    "offset",
    "distinct",
    "join",
    "union",
    "having",
    "asof",
    "window",
    "rolling",
    "pivot",
    "unpivot",
    "explode",
)


def grown(data: st.DataObject, plan: nodes.Plan, step: str) -> nodes.Plan:
    """PLAN with one more step, drawn."""
    forms = Forms(data, plan.schema)
    names = plan.schema.names
    some = data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True))
    match step:
        case "where":
            return algebra.where(
                plan, make_list(forms.any(2) for _ in range(data.draw(st.integers(1, 2)))), {}
            )
        case "select":
            return algebra.select(
                plan, clauses(*some, lisp("n1", forms.any(2))) if "n1" not in some else clauses(*some), {}
            )
        case "with":
            made = [lisp(name, forms.any(2)) for name in dict.fromkeys((some[0], "n2"))]
            return algebra.with_columns(plan, clauses(*made), {})
        case "rename":
            return algebra.rename(plan, clauses(lisp("n3", Symbol(some[0])))) if "n3" not in names else plan
        case "group" | "totals":
            keys = [] if step == "totals" else some
            extra = [] if step == "totals" or "k" in keys else [lisp("k", forms.any(1))]
            made = algebra.group_by(plan, clauses(*keys, *extra), {}) if keys else plan
            numeric = [key for key in keys if plan.schema.types[key] in (INTEGER, REAL)]
            new = [lisp(name, forms.aggregate(numeric)) for name in ("a1", "a2") if name not in keys]
            return algebra.aggregate(made, clauses(*new), {})
        case "order":
            by = [forms.any(1) for _ in range(data.draw(st.integers(1, 2)))]
            orders = [lisp("desc", one) if forms.pick(True, False) else one for one in by]
            return algebra.order_by(plan, make_list(orders), {})
        case "limit":
            return algebra.limit(plan, data.draw(st.integers(0, 5)))
        case "offset":
            return algebra.offset(plan, data.draw(st.integers(0, 3)))
        case "distinct":
            return algebra.distinct(plan, clauses(*some) if forms.pick(True, False) else make_list([]), {})
        case "join":
            return joined(data, plan, forms)
        case "having":
            return kept_groups(data, plan, forms, some)
        case "asof":
            return nearest(data, plan, forms)
        case "window" | "rolling":
            return windowed(data, plan, forms, some, step)
        case "pivot":
            on = forms.any(1)
            taken = forms.aggregate([])
            options = [Keyword("on"), on, Keyword("take"), taken]
            by = [Keyword("by"), clauses(*some)] if forms.pick(True, False) else []
            among = data.draw(
                st.lists(VALUES_OF[forms.pick(*VALUES_OF)] | st.just(False), max_size=3, unique=True)
            )
            return algebra_shapes.pivot(plan, make_list([*by, *options]), {}, among)
        case "unpivot":
            kinds = {plan.schema.types[name] for name in some}
            chosen = some if len(kinds) == 1 else some[:1]
            options = [
                Keyword("columns"),
                clauses(*chosen),
                Keyword("name"),
                Symbol("m"),
                Keyword("value"),
                Symbol("v"),
            ]
            return algebra_shapes.unpivot(plan, make_list(options))
        case "explode":
            return algebra_shapes.explode(
                plan, clauses(lisp(forms.pick("x", some[0]), forms.generator())), {}
            )
    other = data.draw(st.sampled_from([plan, algebra.limit(plan, 2)]))
    return algebra.union([plan, other])


def kept_groups(data: st.DataObject, plan: nodes.Plan, forms: Forms, some: list[str]) -> nodes.Plan:
    """Groups of which a condition tells, before or after they are aggregated."""
    numeric = [name for name in some if plan.schema.types[name] in (INTEGER, REAL)]
    groups = algebra.group_by(plan, clauses(*some), {})
    tests = make_list([lisp(">", lisp("count"), data.draw(st.integers(0, 2))), forms.aggregate(numeric)])
    if forms.pick(True, False):
        return algebra.aggregate(algebra.having(groups, tests, {}), clauses(lisp("a3", lisp("count"))), {})
    totals = algebra.aggregate(groups, clauses(lisp("a3", forms.aggregate(numeric))), {})
    return algebra.having(
        totals, clauses(lisp("or", lisp("missing?", Symbol("a3")), lisp("count", forms.any(1)))), {}
    )


def nearest(data: st.DataObject, plan: nodes.Plan, forms: Forms) -> nodes.Plan:
    """An asof join, of equal texts or of all rows."""
    right = forms.pick(SCANS["r"], algebra.select(SCANS["l"], clauses("i", "r", "s", "d"), {}), SCANS["l"])
    pairs = [
        (mine.name, theirs.name)
        for mine in plan.schema.visible
        for theirs in right.schema.visible
        if {mine.type, theirs.type} in ({INTEGER}, {REAL}, {INSTANT}, {INTEGER, REAL})
    ]
    if not pairs:
        return plan
    a, b = forms.pick(*pairs)
    on = [lisp(forms.pick("<", "<=", ">", ">="), Symbol(a), Symbol(b))]
    texts = forms.columns.get(STRING, [])
    if texts and forms.pick(True, False):
        on.append(lisp("=", Symbol(forms.pick(*texts)), Symbol("s")))
    return algebra.join(plan, right, lisp("and", *on), "asof", "-near")


def windowed(data: st.DataObject, plan: nodes.Plan, forms: Forms, some: list[str], step: str) -> nodes.Plan:
    by = [Keyword("by"), clauses(*some[:1])] if forms.pick(True, False) else []
    if step == "rolling":
        width = make_list(forms.pick([1, Symbol("day")], [30, Symbol("week")], [5, Symbol("second")]))
        options = [Keyword("on"), forms.of(INSTANT, 1), Keyword("width"), width]
        columns = [lisp("w1", forms.aggregate([]))]
        return algebra_shapes.rolling(plan, make_list([*by, *options, *columns]), {})
    order = forms.pick([], [forms.any(1)], [lisp("desc", forms.any(1)), forms.any(1)])
    options = [Keyword("order-by"), make_list(order)] if order else []
    if order and forms.pick(True, False):
        options += [Keyword("rows"), forms.pick(1, 2, make_list([1, 1]), make_list([0, 2]), Symbol("all"))]
    columns = [lisp(name, forms.window(bool(order))) for name in ("w1", some[-1])]
    return algebra_shapes.window(plan, make_list([*by, *options, *columns]), {})


def joined(data: st.DataObject, plan: nodes.Plan, forms: Forms) -> nodes.Plan:
    right = (
        SCANS["r"]
        if forms.pick(True, False)
        else algebra.limit(algebra.where(SCANS["r"], clauses("s"), {}), 4)
    )
    pairs = [
        (mine.name, theirs.name)
        for mine in plan.schema.visible
        for theirs in right.schema.visible
        if mine.type == theirs.type or {mine.type, theirs.type} == {INTEGER, REAL}
    ]
    if not pairs:
        return plan
    chosen = data.draw(
        st.lists(st.sampled_from(pairs), min_size=1, max_size=2, unique_by=(lambda p: p[0], lambda p: p[1]))
    )
    on = lisp("and", *(lisp("=", Symbol(a), Symbol(b)) for a, b in chosen))
    return algebra.join(
        plan,
        right,
        on,
        forms.pick("inner", "left", "semi", "anti"),
        data.draw(st.sampled_from(["-right", "-2"])),
    )
