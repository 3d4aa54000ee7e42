"""What operators mean to Spark: the closed table of those that run there, each with the meaning that it has here.

An operator that stands in none of the tables is refused before anything is sent: JSON (Spark reads what is no JSON, and
spells numbers anew), `upper` (ß becomes two letters there), a sample (another hash would draw other rows).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from sqlglot import exp

from chorus.runtime.errors import EvalError
from chorus.runtime.plan.expressions import Call, Literal, Several
from chorus.runtime.plan.operators import FIXED_UNITS, OPERATORS
from chorus.runtime.plan.spark_patterns import java_pattern, java_replacement
from chorus.runtime.plan.sql_conditions import FEW, TRUTHS, is_missing
from chorus.runtime.plan.sql_expressions import Translator
from chorus.runtime.plan.sql_terms import (
    SQL_TYPES,
    Sql,
    all_of,
    cast,
    chain,
    constant,
    data_type,
    function,
    known,
    number,
    paren,
    real,
)
from chorus.runtime.plan.sql_texts import BLANKS, given
from chorus.runtime.plan.sql_times import ORIGIN, name_given
from chorus.runtime.plan.sql_values import VALUES, is_there
from chorus.runtime.plan.types import BOOLEAN, INSTANT, INTEGER, MISSING, REAL, STRING, common_type

Meaning = Callable[..., Sql]
WHOLE: Final = 2**53  # from here on reals have no fractions


class Means(Mapping[str, Meaning]):
    """A table of operators. One that is not in it is refused by its name."""

    def __init__(self, table: dict[str, Meaning]) -> None:
        self.table = table

    def __getitem__(self, name: str) -> Meaning:
        if name not in self.table:
            raise lacking(name)
        return self.table[name]

    def __contains__(self, name: object) -> bool:
        return name in self.table

    def __iter__(self) -> Iterator[str]:
        return iter(self.table)

    def __len__(self) -> int:
        return len(self.table)


def lacking(name: str) -> EvalError:
    return EvalError(
        f"`{name}` does not run on Spark with the meaning that it has here",
        code="table-engine",
        hint="compute it here: take `on-spark` around the part of the table that comes before",
    )


def _only(aggregate: Sql, test: Sql) -> Sql:
    """AGGREGATE of the rows for which TEST holds; of MIN_BY and MAX_BY the place is what is missing else."""
    parts = aggregate.expressions if isinstance(aggregate, exp.Anonymous) else [aggregate.this]
    chosen = parts[1] if getattr(aggregate, "name", "") in ("MIN_BY", "MAX_BY") else parts[0]
    value = number(1) if isinstance(chosen, exp.Star) else chosen.copy()
    chosen.replace(exp.Case(ifs=[exp.If(this=test, true=value)]))
    return aggregate


# Texts.


def _trimmed(where: str | None) -> Meaning:
    return lambda t, call: exp.Trim(
        this=t.value(call.arguments[0]), expression=t.parameters.bind(BLANKS, STRING), position=where
    )


def _lower(t: Translator, call: Call) -> Sql:
    """Letter by letter: Spark makes two letters of İ, and another Σ at a word's end."""
    text = t.value(call.arguments[0])
    for letter, lower in (("İ", "i"), ("Σ", "σ")):
        text = function("REPLACE", text, constant(letter), constant(lower))
    return exp.Lower(this=text)


def _index_of(t: Translator, call: Call) -> Sql:
    found = exp.Nullif(this=function("INSTR", *t.values(call)), expression=number(0))
    return cast(exp.Sub(this=found, expression=number(1)), INTEGER)


def _parts(t: Translator, call: Call) -> Sql:
    """Spark splits at patterns."""
    separator = str(given(call.arguments[1]))
    if not separator or "\\E" in separator:
        raise lacking(call.operator)
    return function("SPLIT", t.value(call.arguments[0]), t.parameters.bind(f"\\Q{separator}\\E", STRING))


def _part(t: Translator, call: Call) -> Sql:
    return function("GET", _parts(t, call), number(int(given(call.arguments[2]))))


def _pattern(t: Translator, call: Call, empty: bool = True) -> Sql:
    return t.parameters.bind(java_pattern(str(given(call.arguments[1])), empty), STRING)


def _matching(t: Translator, call: Call, exact: bool) -> Sql:
    made = function("RLIKE", t.value(call.arguments[0]), _pattern(t, call))
    return known(made) if exact else made


def _extract(t: Translator, call: Call) -> Sql:
    text, _, *group = call.arguments
    found = function(
        "REGEXP_EXTRACT", t.value(text), _pattern(t, call), number(int(given(group[0])) if group else 0)
    )
    test = function("RLIKE", t.value(text), _pattern(t, call))
    return exp.Case(ifs=[exp.If(this=test, true=found)])


def _replace_all(t: Translator, call: Call) -> Sql:
    stands_in = t.parameters.bind(java_replacement(str(given(call.arguments[2]))), STRING)
    return function("REGEXP_REPLACE", t.value(call.arguments[0]), _pattern(t, call, empty=False), stands_in)


def _found(t: Translator, call: Call) -> Sql:
    return function(
        "REGEXP_EXTRACT_ALL", t.value(call.arguments[0]), _pattern(t, call, empty=False), number(0)
    )


def _words(t: Translator, call: Call) -> Sql:
    word = t.parameters.bind(java_pattern(r"\S+"), STRING)
    return function("REGEXP_EXTRACT_ALL", t.value(call.arguments[0]), word, number(0))


# Numbers.


def _whole(name: str) -> Meaning:
    """Spark's FLOOR and CEIL give integers, which not every real has room in."""

    def compute(t: Translator, call: Call) -> Sql:
        value = t.value(call.arguments[0])
        if call.type != REAL:
            return value
        if name == "RINT":
            return function(name, real(value))
        small = exp.LT(this=exp.Abs(this=real(value)), expression=number(WHOLE))
        made = real(function(name, real(value.copy())))
        return exp.Case(ifs=[exp.If(this=small, true=made)], default=real(value.copy()))

    return compute


def _whole_division(t: Translator, call: Call) -> Sql:
    first, second = (cast(t.value(argument), INTEGER) for argument in call.arguments)
    return exp.IntDiv(this=first, expression=exp.Nullif(this=second, expression=number(0)))


def _quantile(t: Translator, call: Call) -> Sql:
    at = call.arguments[1] if len(call.arguments) > 1 else Literal(0.5, REAL)
    assert isinstance(at, Literal)
    value = real(t.value(call.arguments[0], REAL))
    portion = exp.Literal.number(f"{float(at.value)!r}D")  # type: ignore[arg-type]
    return t.over_rows(function("PERCENTILE", value, portion))


def _at_extreme(name: str) -> Meaning:
    """As here, where what is missing is the last choice among equals: to Spark it is the least."""

    def compute(t: Translator, call: Call) -> Sql:
        value, by = t.values(call)
        there = is_there(value)
        last = there if name == "MAX_BY" else exp.Not(this=paren(there))
        place = function("STRUCT", by, last, value.copy())
        made = t.over_rows(function(name, value, place), is_there(by))
        return known(made) if call.type == BOOLEAN else made

    return compute


def _different(t: Translator, call: Call) -> Sql:
    """Windows count no different values; they gather them."""
    if t.window is None:
        return VALUES["count-distinct"](t, call)
    return cast(function("SIZE", t.over_rows(function("COLLECT_SET", *t.values(call)))), INTEGER)


def _member(t: Translator, call: Call, exact: bool) -> Sql:
    wanted, several = call.arguments
    assert isinstance(several, Several)
    many = len(several.values) > FEW and several.type != BOOLEAN
    if not many or common_type((wanted.type, several.type)) in (None, MISSING) or wanted.type == MISSING:
        return TRUTHS["member"](t, call, exact)
    values = t.parameters.bind(several.values, several.type, many=True)
    found = [is_missing(t, wanted)] if several.missing else []
    kind = REAL if REAL in (wanted.type, several.type) else several.type
    found.append(
        function(
            "ARRAY_CONTAINS",
            exp.Cast(this=values, to=data_type(SQL_TYPES[kind] + "[]")),
            cast(t.value(wanted), kind),
        )
    )
    made = chain(exp.Or, found, exp.false())
    return known(made) if exact else made


# Time.


def _micros(instant: Sql) -> Sql:
    return function("UNIX_MICROS", exp.Cast(this=instant, to=exp.DataType.build("TIMESTAMPTZ")))


def _instant(micros: Sql) -> Sql:
    return cast(function("TIMESTAMP_MICROS", micros), INSTANT)


def _between_zones(start: Sql, end: Sql, shown: Sql) -> Sql:
    return function("CONVERT_TIMEZONE", start, end, shown)


def _shown(t: Translator, call: Call, at: int = 1) -> Sql:
    instant, zone = t.value(call.arguments[0]), name_given(call, at)
    if zone == "UTC":
        return instant
    return _between_zones(constant("UTC"), t.parameters.bind(zone, STRING), instant)


def _date_part(part: str) -> Meaning:
    def compute(t: Translator, call: Call) -> Sql:
        made = exp.Extract(this=exp.Var(this=part), expression=_shown(t, call))
        return cast(exp.Floor(this=made) if part == "SECOND" else made, INTEGER)

    return compute


def _iso_week(t: Translator, call: Call) -> Sql:
    year, week = (
        exp.Extract(this=exp.Var(this=part), expression=_shown(t, call)) for part in ("YEAROFWEEK", "WEEK")
    )
    padded = function("LPAD", cast(week, STRING), number(2), constant("0"))
    return chain(exp.DPipe, [cast(year, STRING), constant("-W"), padded], constant(""))


def _bucket(t: Translator, call: Call) -> Sql:
    unit, zone = name_given(call, 1), name_given(call, 2)
    if zone == "UTC" or unit == "second":
        return _truncated(t.value(call.arguments[0]), unit)
    shown = _shown(t, call, 2)
    began = _truncated(shown, unit)
    if unit in ("minute", "hour"):  # clocks may show them twice
        since = exp.Sub(this=_micros(shown.copy()), expression=_micros(began))
        return _instant(exp.Sub(this=_micros(t.value(call.arguments[0])), expression=paren(since)))
    return _between_zones(t.parameters.bind(zone, STRING), constant("UTC"), began)


def _truncated(instant: Sql, unit: str) -> Sql:
    return cast(function("DATE_TRUNC", constant(unit), instant), INSTANT)


def _bin(t: Translator, call: Call) -> Sql:
    width = int(given(call.arguments[1])) * FIXED_UNITS[name_given(call, 2)] * 1_000_000
    since = exp.Sub(this=_micros(t.value(call.arguments[0])), expression=number(ORIGIN))
    within = function("PMOD", since, cast(number(width), INTEGER))
    return _instant(exp.Sub(this=_micros(t.value(call.arguments[0])), expression=within))


def _shift(t: Translator, call: Call) -> Sql:
    unit = name_given(call, 2)
    count: Sql = cast(t.value(call.arguments[1]), INTEGER)
    if unit in FIXED_UNITS:
        more = exp.Mul(this=paren(count), expression=number(FIXED_UNITS[unit] * 1_000_000))
        return _instant(exp.Add(this=_micros(t.value(call.arguments[0])), expression=more))
    months = exp.Mul(this=paren(count), expression=number({"month": 1, "quarter": 3, "year": 12}[unit]))
    count = exp.Cast(this=months, to=data_type("INTEGER"))
    return cast(function("TIMESTAMPADD", exp.Var(this="MONTH"), count, t.value(call.arguments[0])), INSTANT)


def _elapsed(t: Translator, call: Call) -> Sql:
    start, end = (_micros(t.value(argument)) for argument in call.arguments[:2])
    micros = real(exp.Sub(this=end, expression=start))
    width = real(number(FIXED_UNITS[name_given(call, 2)] * 1_000_000))
    return exp.Div(this=micros, expression=width, typed=False, safe=True)


PARTS: Final = {
    "year": "YEAR",
    "quarter": "QUARTER",
    "month": "MONTH",
    "day": "DAY",
    "yearday": "DOY",
    "hour": "HOUR",
    "minute": "MINUTE",
    "second": "SECOND",
    "weekday": "DAYOFWEEK_ISO",
    "week": "WEEK",
    "iso-year": "YEAROFWEEK",
}

# Operators that are the same words, or the same tree, to both engines.
ALIKE: Final = (
    "if or + - * / remainder modulo abs sqrt log exp least greatest trim length string-append substring replace text "
    "count sum mean min max stddev row-number rank dense-rank ntile lag lead first last"
).split()
ALIKE_TRUTHS: Final = ("= < > <= >= and or not missing? null? contains? starts-with? ends-with?").split()

SPARK_VALUES: Final = Means(
    {name: VALUES[name] for name in ALIKE}
    | {
        "quotient": _whole_division,
        "round": _whole("RINT"),
        "floor": _whole("FLOOR"),
        "ceiling": _whole("CEIL"),
        "lower": _lower,
        "trim-left": _trimmed("LEADING"),
        "trim-right": _trimmed("TRAILING"),
        "index-of": _index_of,
        "part": _part,
        "word-count": lambda t, call: cast(function("ARRAY_SIZE", _words(t, call)), INTEGER),
        "extract": _extract,
        "replace-all": _replace_all,
        "iso-week": _iso_week,
        "iso-date": lambda t, call: function("DATE_FORMAT", _shown(t, call), constant("yyyy-MM-dd")),
        "epoch": lambda t, call: exp.Div(
            this=real(_micros(t.value(call.arguments[0]))),
            expression=real(number(1_000_000)),
            typed=False,
            safe=True,
        ),
        "bucket": _bucket,
        "bin": _bin,
        "shift": _shift,
        "elapsed": _elapsed,
        "median": _quantile,
        "quantile": _quantile,
        "count-distinct": _different,
        "arg-min": _at_extreme("MIN_BY"),
        "arg-max": _at_extreme("MAX_BY"),
    }
    | {name: _date_part(part) for name, part in PARTS.items()}
)
SPARK_TRUTHS: Final = Means(
    {name: TRUTHS[name] for name in ALIKE_TRUTHS} | {"member": _member, "matches?": _matching}
)
SPARK_LISTS: Final = Means({"parts": _parts, "words": _words, "matches": _found})


class SparkTranslator(Translator):
    """Translates expressions for Spark."""

    of_values = SPARK_VALUES
    of_truths = SPARK_TRUTHS
    of_lists = SPARK_LISTS

    def over_rows(self, aggregate: Sql, condition: Sql | None = None) -> Sql:
        """Spark's windows take no FILTER: rows for which the condition fails have no value there."""
        tests = [test.copy() for test in (self.only, condition) if test is not None]
        if not tests or self.window is None:
            return super().over_rows(aggregate, condition)
        return self.window.framed(_only(aggregate, all_of(tests)))


def lacked() -> dict[str, Any]:
    """Operators that Spark lacks, by name."""
    there = SPARK_VALUES.table.keys() | SPARK_TRUTHS.table.keys() | SPARK_LISTS.table.keys()
    return {name: operator for name, operator in OPERATORS.items() if name not in there}
