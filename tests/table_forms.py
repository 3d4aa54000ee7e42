"""Two small tables with awkward values, and well-typed forms over their columns, drawn by hypothesis."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

from hypothesis import strategies as st

from chorus.runtime.plan import nodes, operators
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
        match self.pick(*range(8 + 1)):
            case 8:
                by = self.of(self.pick(STRING, INTEGER, REAL, INSTANT), 1)
                return lisp(self.pick("arg-min", "arg-max"), self.any(1), by)
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
