"""Values and aggregates → SQLGlot's tree: one function (translator, call) for each operator."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from sqlglot import exp

from chorus.runtime.plan.expressions import Call, Column, Literal
from chorus.runtime.plan.sql_terms import (
    Sql,
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
from chorus.runtime.plan.sql_texts import TEXTS
from chorus.runtime.plan.sql_times import TIMES
from chorus.runtime.plan.types import BOOLEAN, INTEGER, NUMBERS, REAL, STRING

if TYPE_CHECKING:
    from chorus.runtime.plan.sql_expressions import Translator

BLANKS: Final = " \t\n\r"


def _if(t: Translator, call: Call) -> Sql:
    test, then, otherwise = call.arguments
    return exp.Case(
        ifs=[exp.If(this=t.truth(test, False), true=t.value(then, call.type))],
        default=t.value(otherwise, call.type),
    )


def _or(t: Translator, call: Call) -> Sql:
    first, *rest = t.values(call)
    return exp.Coalesce(this=first, expressions=rest) if rest else first


def _operands(t: Translator, call: Call) -> list[Sql]:
    """Arguments of arithmetic, as wide as their type: the store has narrower integers."""
    made = []
    for argument in call.arguments:
        sql = t.value(argument)
        narrow = isinstance(argument, Column) or argument.type != call.type
        made.append(cast(sql, call.type) if narrow and call.type in NUMBERS else paren(sql))
    return made


def _arithmetic(kind: type[exp.Binary]) -> Callable[[Translator, Call], Sql]:
    def compute(t: Translator, call: Call) -> Sql:
        first, *rest = _operands(t, call)
        if not rest:
            return exp.Neg(this=paren(first))
        for other in rest:
            first = kind(this=paren(first), expression=other)
        return first

    return compute


def _divide(t: Translator, call: Call) -> Sql:
    first, *rest = (real(t.value(argument)) for argument in call.arguments)
    for other in rest:
        divisor = exp.Nullif(this=other, expression=number(0))
        first = exp.Div(this=paren(first), expression=divisor, typed=False, safe=True)
    return first


def _whole_division(t: Translator, call: Call) -> Sql:
    first, second = (cast(t.value(argument), INTEGER) for argument in call.arguments)
    return exp.IntDiv(this=first, expression=exp.Nullif(this=second, expression=number(0)))


def _remainder(first: Sql, second: Sql) -> Sql:
    return exp.Mod(this=first, expression=exp.Nullif(this=second, expression=number(0)))


def _modulo(t: Translator, call: Call) -> Sql:
    first, second = (cast(t.value(argument), INTEGER) for argument in call.arguments)
    left = exp.Add(this=paren(_remainder(first, second)), expression=second.copy())
    return _remainder(paren(left), second.copy())


def _whole(name: str) -> Callable[[Translator, Call], Sql]:
    """Rounding; integers are whole already."""

    def compute(t: Translator, call: Call) -> Sql:
        value = t.value(call.arguments[0])
        if call.type != REAL:
            return value
        return function(name, real(value), *([number(0)] if name == "ROUND_EVEN" else []))

    return compute


def _defined_where(kind: type[exp.Func], test: type[exp.Binary]) -> Callable[[Translator, Call], Sql]:
    """A function that is missing where the mathematics has no value."""

    def compute(t: Translator, call: Call) -> Sql:
        value = real(t.value(call.arguments[0]))
        return exp.Case(
            ifs=[exp.If(this=test(this=value, expression=number(0)), true=kind(this=value.copy()))]
        )

    return compute


def _append(t: Translator, call: Call) -> Sql:
    parts = t.values(call)
    return chain(exp.DPipe, parts, constant(""))


def _substring(t: Translator, call: Call) -> Sql:
    text, start, end = call.arguments
    assert isinstance(start, Literal) and isinstance(end, Literal)
    first, last = int(start.value or 0), int(end.value or 0)  # type: ignore[arg-type]
    return exp.Substring(this=t.value(text), start=number(first + 1), length=number(max(0, last - first)))


# Aggregates.


def _counted(t: Translator, call: Call) -> Sql:
    only = t.truth(call.arguments[0], exact=False) if call.arguments else None
    return t.over_rows(exp.Count(this=exp.Star()), only)


def _numeric(t: Translator, call: Call) -> Sql:
    argument = call.arguments[0]
    if argument.type != BOOLEAN:
        return t.value(argument, REAL)
    return exp.Case(ifs=[exp.If(this=t.truth(argument, False), true=number(1))], default=number(0))


def _sum(t: Translator, call: Call) -> Sql:
    return exp.Coalesce(
        this=cast(t.over_rows(exp.Sum(this=_numeric(t, call))), call.type), expressions=[number(0)]
    )


def _quantile(t: Translator, call: Call) -> Sql:
    at = call.arguments[1] if len(call.arguments) > 1 else Literal(0.5, REAL)
    assert isinstance(at, Literal)
    value = real(t.value(call.arguments[0], REAL))
    portion = repr(float(at.value))  # type: ignore[arg-type]
    return t.over_rows(function("QUANTILE_CONT", value, exp.Literal.number(portion)))


def _at_extreme(name: str) -> Callable[[Translator, Call], Sql]:
    """The value beside the least or greatest; comparing values as well makes one choice among equals, a missing
    value being the last.
    """

    def compute(t: Translator, call: Call) -> Sql:
        value, by = t.values(call)
        # The engine takes what is missing for the greatest.
        last = [is_there(value)] if name == "ARG_MAX_NULL" else []
        place = function("ROW", by, *last, value.copy())
        made = t.over_rows(function(name, value, place), is_there(by))
        return known(made) if call.type == BOOLEAN else made

    return compute


def is_there(value: Sql) -> Sql:
    return exp.Not(this=exp.Is(this=paren(value.copy()), expression=exp.Null()))


AGGREGATES: Final[dict[str, Callable[[Translator, Call], Sql]]] = {
    "count": _counted,
    "count-distinct": lambda t, call: t.over_rows(exp.Count(this=exp.Distinct(expressions=t.values(call)))),
    "sum": _sum,
    "mean": lambda t, call: t.over_rows(exp.Avg(this=real(_numeric(t, call)))),
    "min": lambda t, call: t.over_rows(exp.Min(this=t.value(call.arguments[0]))),
    "max": lambda t, call: t.over_rows(exp.Max(this=t.value(call.arguments[0]))),
    "median": _quantile,
    "quantile": _quantile,
    "stddev": lambda t, call: t.over_rows(exp.StddevSamp(this=real(t.value(call.arguments[0], REAL)))),
    "arg-min": _at_extreme("ARG_MIN_NULL"),
    "arg-max": _at_extreme("ARG_MAX_NULL"),
}

# Windows.


def _windowed(name: str, over: str = "ordered") -> Callable[[Translator, Call], Sql]:
    """A function of the row's place; beyond the partition there is no value, and a condition is false."""

    def compute(t: Translator, call: Call) -> Sql:
        places = [number(int(a.value)) for a in call.arguments[1:] if isinstance(a, Literal)]  # type: ignore[arg-type]
        made = t.over_window(function(name, t.value(call.arguments[0]), *places), over)
        return known(made) if call.type == BOOLEAN else made

    return compute


def _ntile(t: Translator, call: Call) -> Sql:
    (parts,) = call.arguments
    assert isinstance(parts, Literal)
    return t.over_window(function("NTILE", number(int(parts.value or 1))), "ordered")  # type: ignore[arg-type]


WINDOWS: Final[dict[str, Callable[[Translator, Call], Sql]]] = {
    "row-number": lambda t, call: t.over_window(function("ROW_NUMBER"), "ordered"),
    "rank": lambda t, call: t.over_window(function("RANK"), "peers"),
    "dense-rank": lambda t, call: t.over_window(function("DENSE_RANK"), "peers"),
    "ntile": _ntile,
    "lag": _windowed("LAG"),
    "lead": _windowed("LEAD"),
    "first": _windowed("FIRST_VALUE", "framed"),
    "last": _windowed("LAST_VALUE", "framed"),
}

VALUES: Final[dict[str, Callable[[Translator, Call], Sql]]] = {
    "if": _if,
    "or": _or,
    "+": _arithmetic(exp.Add),
    "-": _arithmetic(exp.Sub),
    "*": _arithmetic(exp.Mul),
    "/": _divide,
    "quotient": _whole_division,
    "remainder": lambda t, call: _remainder(*(cast(t.value(a), INTEGER) for a in call.arguments)),
    "modulo": _modulo,
    "abs": lambda t, call: exp.Abs(this=_operands(t, call)[0]),
    "round": _whole("ROUND_EVEN"),
    "floor": _whole("FLOOR"),
    "ceiling": _whole("CEIL"),
    "sqrt": _defined_where(exp.Sqrt, exp.GTE),
    "log": _defined_where(exp.Ln, exp.GT),
    "exp": lambda t, call: exp.Exp(this=real(t.value(call.arguments[0]))),
    "least": lambda t, call: function("LEAST", *t.values(call)),
    "greatest": lambda t, call: function("GREATEST", *t.values(call)),
    "number": lambda t, call: exp.TryCast(this=t.value(call.arguments[0]), to=data_type("DOUBLE")),
    "lower": lambda t, call: exp.Lower(this=t.value(call.arguments[0])),
    "upper": lambda t, call: exp.Upper(this=t.value(call.arguments[0])),
    "trim": lambda t, call: exp.Trim(
        this=t.value(call.arguments[0]), expression=t.parameters.bind(BLANKS, STRING)
    ),
    "length": lambda t, call: exp.Length(this=t.value(call.arguments[0])),
    "string-append": _append,
    "substring": _substring,
    "replace": lambda t, call: function("REPLACE", *t.values(call)),
    **TEXTS,
    **TIMES,
    **AGGREGATES,
    **WINDOWS,
}
