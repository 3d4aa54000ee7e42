"""Plans on the engine against the slow evaluator: generated tables and forms, the same rows in one order."""

from __future__ import annotations

import datetime as dt
import math
from itertools import zip_longest
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from chorus.runtime.errors import ChorusError
from chorus.runtime.plan import (
    algebra,
    algebra_shapes,
    nodes,
    operators,
    reference,
    reference_shapes,
    reference_texts,
)
from chorus.runtime.plan.optimise import optimise
from chorus.runtime.plan.reference_operators import AGGREGATES, LENIENT, STRICT, same
from chorus.runtime.plan.sql import compile_count, compile_plan
from chorus.runtime.plan.sql_conditions import TRUTHS
from chorus.runtime.plan.sql_terms import SQL_TYPES
from chorus.runtime.plan.sql_texts import GENERATORS
from chorus.runtime.plan.sql_values import VALUES
from chorus.runtime.plan.types import BOOLEAN, INSTANT, INTEGER, REAL, STRING, Field, Schema
from chorus.runtime.values import Keyword, Symbol, make_list

TEXTS = [
    "",
    "a",
    "A",
    "ab",
    "ba",
    "é",
    "日本",
    "😀a",
    "a b",
    "%",
    "_",
    "'",
    '"',
    "a\x00b",
    "\n",
    "x'; DROP TABLE t;--",
    "-1",
    "a,b,,a",
    '["a", null, 3, {"k": "v"}]',
    '{"k": "v", "n": 5, "a/b": {"c": [1, 2]}, "~": null, "t": true, "r": 2.5}',
]
ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/New_York",
]
DAYS = [
    "2023-12-31T23:59:59",
    "2024-01-01T00:00:00",
    "2024-12-30T12:30:00",
    "2021-01-03T05:00:00",
    "1969-07-20T20:17:40",
    "2024-03-31T00:59:59.999999",  # before and after clocks went forward in Europe
    "2024-03-31T01:00:00",
    "2024-10-27T00:30:00",  # the two hours that its clocks showed twice
    "2024-10-27T01:30:00",
    "2017-10-15T03:30:00",  # a day that began at one in São Paulo
    "2018-02-18T02:30:00",  # a midnight that came twice there
    "2024-02-29T10:10:10.5",
]
INSTANTS = [dt.datetime.fromisoformat(day).replace(tzinfo=dt.UTC) for day in DAYS]
REALS = [0.0, 1.0, -1.5, 2.5, 0.1, 1e6, math.nan]
VALUES_OF = {
    STRING: st.sampled_from(TEXTS),
    INTEGER: st.integers(-7, 7),
    REAL: st.sampled_from(REALS),
    BOOLEAN: st.booleans(),
    INSTANT: st.sampled_from(INSTANTS),
}
LEFT = Schema(
    (
        Field("id", INTEGER),
        Field("s", STRING),
        Field("t", STRING),
        Field("i", INTEGER),
        Field("j", INTEGER),
        Field("r", REAL),
        Field("b", BOOLEAN),
        Field("d", INSTANT),
        Field("h", STRING, hidden=True),
    )
)
RIGHT = Schema((Field("s", STRING), Field("i", INTEGER), Field("r", REAL), Field("note", STRING)))
SCANS = {"l": nodes.Scan("l", LEFT, ("id",)), "r": nodes.Scan("r", RIGHT)}


def rows_for(schema: Schema) -> st.SearchStrategy[list[dict[str, Any]]]:
    cells = {f.name: st.none() | VALUES_OF[f.type] for f in schema if f.name != "id"}
    return st.lists(st.fixed_dictionaries(cells), max_size=7).map(
        lambda rows: [({"id": at} if "id" in schema else {}) | row for at, row in enumerate(rows)]
    )


def lisp(head: str, *arguments: Any) -> Any:
    """The form (HEAD ARGUMENT …)."""
    return make_list([Symbol(head), *arguments])


def clauses(*items: Any) -> Any:
    """A list of clauses, in which a plain string is a column's name."""
    return make_list(Symbol(item) if isinstance(item, str) else item for item in items)


class Forms:
    """Draws well-typed forms over a schema."""

    def __init__(self, data: st.DataObject, schema: Schema) -> None:
        self.draw = data.draw
        self.columns: dict[str, list[str]] = {}
        for column in schema.visible:
            self.columns.setdefault(column.type, []).append(column.name)

    def pick(self, *options: Any) -> Any:
        return self.draw(st.sampled_from(options))

    def literal(self, kind: str) -> Any:
        return self.draw(VALUES_OF[kind])

    def of(self, kind: str, depth: int = 2) -> Any:
        names = self.columns.get(kind, [])
        choice = self.pick(*range(10))
        if names and (depth == 0 or choice < 4):
            return Symbol(self.pick(*names))
        if depth == 0 or choice < 5:
            return self.literal(kind)
        return getattr(self, kind)(depth - 1)

    def any(self, depth: int) -> Any:
        return self.of(self.pick(STRING, INTEGER, REAL, BOOLEAN, INSTANT), depth)

    def number(self, depth: int) -> Any:
        return self.of(self.pick(INTEGER, REAL), depth)

    def boolean(self, depth: int) -> Any:
        kind = self.pick(STRING, INTEGER, REAL, INSTANT)
        a, b = self.of(kind, depth), self.of(kind, depth)
        match self.pick(*range(9 + 1)):
            case 8:
                return lisp("json-has?", self.json(depth), *self.steps(1))
            case 0:
                return lisp(
                    self.pick("<", ">", "<=", ">="),
                    a,
                    b,
                    *([self.of(kind, depth)] if self.pick(True, False) else []),
                )
            case 1:
                return lisp("=", a, self.pick(b, False, self.any(depth)))
            case 2:
                return lisp(
                    self.pick("and", "or"), *(self.any(depth) for _ in range(self.draw(st.integers(1, 3))))
                )
            case 3:
                return lisp("not", self.any(depth))
            case 4:
                return lisp(self.pick("missing?", "null?"), self.any(depth))
            case 5:
                inside = [self.literal(kind) for _ in range(self.draw(st.integers(0, 10)))]
                return lisp(
                    "member",
                    a,
                    lisp("quote", make_list([*inside, *([False] if self.pick(True, False) else [])])),
                )
            case 6:
                return lisp(
                    self.pick("contains?", "starts-with?", "ends-with?"),
                    self.of(STRING, depth),
                    self.of(STRING, depth),
                )
            case 7:
                return lisp(
                    "matches?", self.of(STRING, depth), self.pick("a", "^a", "[ab]b?$", "(?i)A", "a.b", "日")
                )
        return lisp("if", self.any(depth), self.of(BOOLEAN, depth), self.of(BOOLEAN, depth))

    def string(self, depth: int) -> Any:
        a, b = self.of(STRING, depth), self.of(STRING, depth)
        match self.pick(*range(12)):
            case 8:
                return lisp(self.pick("iso-week", "iso-date"), self.of(INSTANT, depth), *self.zone())
            case 9:
                return lisp("part", a, self.pick(",", "a", " "), self.pick(0, 1, 5))
            case 10:
                pattern = self.pick("[ab]", "(a)(b)?", "^.", "\\d+")
                which = self.pick("[]", "0") if pattern != "(a)(b)?" else self.pick("0", "1", "2")
                return lisp("extract", a, pattern, *([] if which == "[]" else [int(which)]))
            case 11:
                return self.pick(
                    lisp("replace-all", a, self.pick("[ab]", "a+", "é"), self.pick("", "x", "\\0\\0")),
                    lisp("text", self.of(INTEGER, depth)),
                    lisp("json-type", self.json(depth), *self.steps(0)),
                )
            case 0:
                return lisp(self.pick("lower", "upper", "trim", "trim-left", "trim-right"), a)
            case 1:
                return lisp("string-append", a, b)
            case 2:
                return lisp("substring", a, self.pick(0, 1, 3), self.pick(0, 2, 5))
            case 3:
                return lisp("replace", a, b, self.of(STRING, depth))
            case 4:
                return lisp("or", a, b)
            case 5:
                return lisp(self.pick("least", "greatest", "min", "max"), a, b)
            case 6:
                return self.member_of(depth)
        return lisp("if", self.any(depth), a, self.pick(b, False))

    def json(self, depth: int) -> Any:
        return self.pick(*TEXTS[-2:], self.of(STRING, depth))

    def steps(self, least: int) -> list[Any]:
        known = st.sampled_from(["k", "n", 0, 3, "a/b", "~", "c"])
        return self.draw(st.lists(known, min_size=least, max_size=2))

    def zone(self) -> list[str]:
        return self.pick([], [self.pick(*ZONES)])

    def member_of(self, depth: int) -> Any:
        """A member of a JSON object, of a text that is none, or of a text made from columns."""
        key = self.pick("k", "n", "0", "a/b", "~")
        whole = self.pick('{"k": "v", "n": 5, "a/b": {"c": [1]}, "~": null}', '["x", {"k": true}]', "{k", "")
        return lisp("json-get", self.pick(whole, self.of(STRING, depth)), key)

    def integer(self, depth: int) -> Any:
        a, b = self.of(INTEGER, depth), self.of(INTEGER, depth)
        match self.pick(*range(6 + 1)):
            case 4:
                return self.pick(
                    lisp("index-of", self.of(STRING, depth), self.of(STRING, depth)),
                    lisp("word-count", self.of(STRING, depth)),
                )
            case 5:
                return lisp("json-length", self.json(depth), *self.steps(0))
            case 0:
                return lisp(self.pick("+", "-", "*"), a, b)
            case 1:
                return lisp(self.pick("quotient", "remainder", "modulo"), a, b)
            case 2:
                return lisp("length", self.of(STRING, depth))
            case 3:
                part = self.pick(*PARTS)
                return lisp(part, self.of(INSTANT, depth), *self.zone())
        return lisp(self.pick("abs", "-", "round", "floor"), a)

    def real(self, depth: int) -> Any:
        a, b = self.number(depth), self.number(depth)
        match self.pick(*range(5 + 1)):
            case 0:
                return lisp(self.pick("+", "-", "*"), self.of(REAL, depth), b)
            case 1:
                return lisp("/", a, b)
            case 2:
                return lisp(self.pick("abs", "round", "floor", "ceiling"), self.of(REAL, depth))
            case 3:
                return lisp(self.pick("sqrt", "log"), a)
            case 4:
                return lisp("number", self.of(STRING, depth))
        return self.pick(
            lisp(self.pick("least", "greatest"), self.of(REAL, depth), b),
            lisp("exp", lisp("least", a, 3)),
            lisp("epoch", self.of(INSTANT, depth)),
            lisp(
                "elapsed",
                self.of(INSTANT, depth),
                self.of(INSTANT, depth),
                Keyword(self.pick("second", "hour", "week")),
            ),
        )

    def instant(self, depth: int) -> Any:
        a = self.of(INSTANT, depth)
        match self.pick(*range(4)):
            case 0:
                return lisp("bucket", a, Keyword(self.pick(*operators.UNITS)), *self.zone())
            case 1:
                return lisp("bin", a, self.pick(1, 5, 36), Keyword(self.pick(*operators.FIXED_UNITS)))
            case 2:
                count = self.pick(
                    -14, 0, 1, 11, Symbol(self.pick(*self.columns[INTEGER])) if INTEGER in self.columns else 2
                )
                return lisp("shift", a, count, Keyword(self.pick(*operators.UNITS)))
        return lisp("if", self.any(depth), a, self.of(INSTANT, depth))

    def window(self, is_ordered: bool) -> Any:
        if not is_ordered or self.pick(True, False):
            made = self.aggregate([])
            return self.pick(made, lisp("if", self.any(1), made, made))
        value = self.any(1)
        return self.pick(
            lisp(self.pick("row-number", "rank", "dense-rank")),
            lisp("ntile", self.pick(1, 2, 3)),
            lisp(self.pick("lag", "lead"), value),
            lisp(self.pick("lag", "lead"), value, self.pick(0, 2)),
            lisp(self.pick("first", "last"), value),
        )

    def generator(self) -> Any:
        text = self.of(STRING, 1)
        return self.pick(
            lisp("words", text),
            lisp("parts", text, self.pick(",", "a")),
            lisp("matches", text, self.pick("[ab]", "a(b)?", "\\w+")),
            lisp("json-items", self.json(1), *self.steps(0)),
            lisp("json-keys", self.json(1), *self.steps(0)),
        )

    def aggregate(self, keys: list[str]) -> Any:
        match self.pick(*range(7 + 1)):
            case 0:
                return lisp("count")
            case 1:
                return lisp("count", self.any(1))
            case 2:
                return lisp("count-distinct", self.any(1))
            case 3:
                return lisp(self.pick("sum", "mean"), self.pick(self.number(1), self.of(BOOLEAN, 1)))
            case 4:
                return lisp(self.pick("min", "max"), self.of(self.pick(STRING, INTEGER, REAL, INSTANT), 1))
            case 5:
                return lisp(self.pick("median", "stddev"), self.number(1))
            case 6:
                return lisp("quantile", self.number(1), self.pick(0, 0.25, 0.9, 1))
        return lisp("+", lisp("count"), Symbol(self.pick(*keys)) if keys else 1)


PARTS = "year quarter month day yearday hour minute second weekday week iso-year".split()

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


@pytest.fixture(scope="module")
def engine() -> duckdb.DuckDBPyConnection:
    made = duckdb.connect()
    for name, scan in SCANS.items():
        columns = ", ".join(
            f'"{f.name}" {"INTEGER" if f.name == "j" else SQL_TYPES[f.type]}' for f in scan.columns
        )
        made.execute(f'CREATE TABLE "{name}" ({columns})')
    return made


def fill(engine: duckdb.DuckDBPyConnection, tables: dict[str, list[dict[str, Any]]]) -> None:
    for name, rows in tables.items():
        engine.execute(f'DELETE FROM "{name}"')
        for row in rows:
            cells = [row[field.name] for field in SCANS[name].columns]
            plain = [v.replace(tzinfo=None) if isinstance(v, dt.datetime) else v for v in cells]
            engine.execute(f'INSERT INTO "{name}" VALUES ({", ".join("?" * len(plain))})', plain)


def agree(left: Any, right: Any) -> bool:
    """Equal, but for the last digits of reals and the two spellings of #f."""
    left, right = (None if side is False else side for side in (left, right))
    if isinstance(left, float) and isinstance(right, (int, float)) and left == left:
        return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-9)
    return same(left, right) if left is not None else right is None


def exactly(rows: list[tuple[Any, ...]]) -> list[tuple[str, ...]]:
    """ROWS so that NaN equals NaN, and both spellings of #f are one."""
    return [tuple(repr(None if cell is False else cell) for cell in row) for row in rows]


def check(
    engine: duckdb.DuckDBPyConnection, plan: nodes.Plan, tables: dict[str, list[dict[str, Any]]], raw: bool
) -> None:
    """The engine's rows are the reference's, of the plan as it stands (RAW) or optimised; the reference's of both are
    the same.
    """
    optimised = optimise(plan)[0]
    wanted = reference.evaluate(plan, tables)
    assert exactly(reference.evaluate(optimised, tables)) == exactly(wanted), (plan, optimised)
    query = compile_plan(plan, raw=raw)
    got = engine.execute(query.sql, query.parameters).fetchall()
    got = [tuple(v.replace(tzinfo=dt.UTC) if isinstance(v, dt.datetime) else v for v in row) for row in got]
    same_rows = len(got) == len(wanted) and all(
        all(map(agree, mine, theirs)) for mine, theirs in zip(got, wanted, strict=True)
    )
    told = [f"{query.sql}\n{query.parameters}", *(f"{a}\n  not {b}" for a, b in zip_longest(got, wanted))]
    assert same_rows, "\n".join(told)
    counting = compile_count(plan)
    assert engine.execute(counting.sql, counting.parameters).fetchall() == [(len(wanted),)]


@settings(
    max_examples=250,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
    report_multiple_bugs=False,
)
@given(data=st.data(), left=rows_for(LEFT), right=rows_for(RIGHT))
def test_the_engine_agrees_with_the_reference(
    engine: Any, data: st.DataObject, left: Any, right: Any
) -> None:
    tables = {"l": left, "r": right}
    fill(engine, tables)
    plan: nodes.Plan = SCANS[data.draw(st.sampled_from(["l", "l", "r"]))]
    for step in data.draw(st.lists(st.sampled_from(STEPS), max_size=5)):
        try:
            plan = grown(data, plan, step)
        except ChorusError as error:
            assert error.code in ("table-type", "table-column-twice", "table-aggregate", "table-value"), (
                error.message
            )
    check(engine, plan, tables, raw=data.draw(st.sampled_from([False, False, True])))


def test_every_operator_means_something_to_the_engine_and_to_the_reference() -> None:
    assert operators.OPERATORS.keys() == VALUES.keys() | TRUTHS.keys() | GENERATORS.keys()
    slow = STRICT.keys() | LENIENT.keys() | AGGREGATES.keys()
    assert (
        operators.OPERATORS.keys()
        == slow | reference_shapes.WINDOWS.keys() | reference_texts.GENERATORS.keys()
    )
