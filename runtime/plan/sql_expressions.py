"""Expressions → SQLGlot's tree. Values of the program become bound parameters, never text.

A missing value is #f: a condition is true or not, never unknown, and neither is a column of conditions.
`truth(…, exact=False)` may give SQL's unknown for false, which is enough in WHERE; `exact=True` never does,
which `not` and columns need.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from sqlglot import exp

from chorus.runtime.errors import EvalError
from chorus.runtime.plan.expressions import Call, Column, Expression, Literal, Several, Value, is_always
from chorus.runtime.plan.types import BOOLEAN, INSTANT, INTEGER, MISSING, NUMBERS, REAL, STRING, common_type

if TYPE_CHECKING:
    from sqlglot.exp import Expr as Sql
else:
    Sql = Any

MAX_PARTS: Final = 50_000
FEW: Final = 8  # values of a list that are bound one by one
BLANKS: Final = " \t\n\r"
SQL_TYPES: Final = {
    STRING: "VARCHAR",
    INTEGER: "BIGINT",
    REAL: "DOUBLE",
    BOOLEAN: "BOOLEAN",
    INSTANT: "TIMESTAMP",
}


class Parameters:
    """The values bound to one query, in the order of their numbers."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self.parts = 0

    def bind(self, value: Any, type: str, many: bool = False) -> Sql:
        """A reference to VALUE, numbered from 1, cast to its type so that the engine need not guess."""
        self.values.append([_plain(item) for item in value] if many else _plain(value))
        number = exp.Parameter(this=exp.Literal.number(len(self.values)))
        return exp.Cast(
            this=number, to=exp.DataType.build(SQL_TYPES[type] + ("[]" if many else ""), dialect="duckdb")
        )

    def count(self) -> None:
        self.parts += 1
        if self.parts > MAX_PARTS:
            raise EvalError("the query is too large", code="table-size")


def _plain(value: Value) -> Any:
    """Instants go as UTC without a zone, as they are stored."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).replace(tzinfo=None)
    return value


class Translator:
    """Translates expressions whose columns are DEFINED as SQL."""

    def __init__(self, defined: Mapping[str, Sql], parameters: Parameters) -> None:
        self.defined = defined
        self.parameters = parameters

    def value(self, expression: Expression, type: str | None = None) -> Sql:
        """EXPRESSION's value, as TYPE where its own may be another (an integer among reals, #f)."""
        self.parameters.count()
        if isinstance(expression, Column):
            return self.defined[expression.name].copy()
        if isinstance(expression, Literal):
            return self.literal(expression, type)
        assert isinstance(expression, Call)
        if expression.type == BOOLEAN and expression.operator in TRUTHS:
            return self.truth(expression, exact=True)
        return VALUES[expression.operator](self, expression)

    def literal(self, literal: Literal, type: str | None = None) -> Sql:
        if literal.value is None:
            kind = literal.type if literal.type != MISSING else type
            if kind in (None, MISSING):
                return exp.Null()
            return exp.false() if kind == BOOLEAN else _cast(exp.Null(), kind or "")
        if literal.type == BOOLEAN:
            return exp.true()
        return self.parameters.bind(literal.value, literal.type)

    def values(self, call: Call) -> list[Sql]:
        return [self.value(argument) for argument in call.arguments]

    def truth(self, expression: Expression, exact: bool) -> Sql:
        """Whether EXPRESSION is neither #f nor missing."""
        self.parameters.count()
        if isinstance(expression, Literal):
            return exp.false() if expression.value is None else exp.true()
        if expression.type == MISSING:
            return exp.false()
        if expression.type != BOOLEAN and not (isinstance(expression, Call) and expression.operator == "or"):
            return exp.Not(this=exp.Is(this=paren(self.value(expression)), expression=exp.Null()))
        if isinstance(expression, Call) and expression.operator in TRUTHS:
            return TRUTHS[expression.operator](self, expression, exact)
        return self.value(expression)


def paren(sql: Sql) -> Sql:
    """SQL, in parentheses where it is an operation: the tree says nothing of precedence."""
    return (
        exp.Paren(this=sql)
        if isinstance(sql, (exp.Binary, exp.Unary, exp.Connector, exp.Between, exp.In))
        else sql
    )


def known(condition: Sql) -> Sql:
    """CONDITION with unknown taken as false."""
    return exp.Coalesce(this=condition, expressions=[exp.false()])


def all_of(conditions: list[Sql]) -> Sql:
    return _chain(exp.And, conditions, exp.true())


def _chain(kind: type[exp.Expression], parts: list[Sql], empty: Sql) -> Sql:
    """A balanced tree: a long chain must not nest deep."""
    if not parts:
        return empty
    if len(parts) == 1:
        return parts[0]
    half = len(parts) // 2
    return kind(
        this=paren(_chain(kind, parts[:half], empty)), expression=paren(_chain(kind, parts[half:], empty))
    )


def _cast(sql: Sql, type: str) -> Sql:
    return exp.Cast(this=sql, to=exp.DataType.build(SQL_TYPES[type], dialect="duckdb"))


def _real(sql: Sql) -> Sql:
    return _cast(sql, REAL)


def _function(name: str, *arguments: Sql) -> Sql:
    return exp.Anonymous(this=name, expressions=list(arguments))


def _number(value: int) -> Sql:
    return exp.Literal.number(value) if value >= 0 else exp.Neg(this=exp.Literal.number(-value))


def _constant(text: str) -> Sql:
    """A text of this file, never of a program."""
    return exp.Literal.string(text)


# Conditions: (translator, call, exact) → SQL.


def _equal(t: Translator, call: Call, exact: bool) -> Sql:
    pairs = list(zip(call.arguments, call.arguments[1:], strict=False))
    return all_of([_equal_pair(t, left, right, exact) for left, right in pairs])


def _equal_pair(t: Translator, left: Expression, right: Expression, exact: bool) -> Sql:
    if {left.type, right.type} <= {BOOLEAN, MISSING}:
        return exp.EQ(this=paren(t.truth(left, True)), expression=paren(t.truth(right, True)))
    if MISSING in (left.type, right.type) or common_type((left.type, right.type)) is None:
        if is_always(left) or is_always(right):
            return exp.false()
        return all_of([_is_missing(t, side) for side in (left, right) if side.type != MISSING])
    sides = {"this": paren(t.value(left)), "expression": paren(t.value(right))}
    if is_always(left) or is_always(right):
        return known(exp.EQ(**sides)) if exact else exp.EQ(**sides)
    return exp.NullSafeEQ(**sides)


def _comparison(kind: type[exp.Binary]) -> Callable[[Translator, Call, bool], Sql]:
    def compare(t: Translator, call: Call, exact: bool) -> Sql:
        pairs = zip(call.arguments, call.arguments[1:], strict=False)
        made = all_of([kind(this=paren(t.value(a)), expression=paren(t.value(b))) for a, b in pairs])
        return known(made) if exact else made

    return compare


def _member(t: Translator, call: Call, exact: bool) -> Sql:
    wanted, several = call.arguments
    assert isinstance(several, Several)
    found: list[Sql] = []
    if several.missing or (several.type == BOOLEAN and wanted.type == MISSING):
        found.append(_is_missing(t, wanted))
    if (
        several.values
        and common_type((wanted.type, several.type)) not in (None, MISSING)
        and wanted.type != MISSING
    ):
        found.append(_among(t, wanted, several))
    made = _chain(exp.Or, found, exp.false())
    return known(made) if exact and found else made


def _is_missing(t: Translator, expression: Expression) -> Sql:
    if expression.type == MISSING:
        return exp.true()
    if expression.type == BOOLEAN:
        return exp.Not(this=paren(t.truth(expression, True)))
    return exp.Is(this=paren(t.value(expression)), expression=exp.Null())


def _among(t: Translator, wanted: Expression, several: Several) -> Sql:
    if several.type == BOOLEAN:
        return t.truth(wanted, True)  # #t is the only value that is not missing
    value = paren(t.value(wanted))
    if len(several.values) <= FEW:
        return exp.In(this=value, expressions=[t.parameters.bind(v, several.type) for v in several.values])
    many = t.parameters.bind(several.values, several.type, many=True)
    return exp.In(
        this=value, query=exp.Subquery(this=exp.Select(expressions=[exp.Unnest(expressions=[many])]))
    )


def _text_test(kind: Callable[..., Sql]) -> Callable[[Translator, Call, bool], Sql]:
    def test(t: Translator, call: Call, exact: bool) -> Sql:
        made = kind(*t.values(call))
        return known(made) if exact else made

    return test


TRUTHS: Final[dict[str, Callable[[Translator, Call, bool], Sql]]] = {
    "=": _equal,
    "<": _comparison(exp.LT),
    ">": _comparison(exp.GT),
    "<=": _comparison(exp.LTE),
    ">=": _comparison(exp.GTE),
    "and": lambda t, call, exact: _chain(exp.And, [t.truth(a, exact) for a in call.arguments], exp.true()),
    "or": lambda t, call, exact: _chain(exp.Or, [t.truth(a, exact) for a in call.arguments], exp.false()),
    "not": lambda t, call, exact: exp.Not(this=paren(t.truth(call.arguments[0], True))),
    "missing?": lambda t, call, exact: _is_missing(t, call.arguments[0]),
    "member": _member,
    "contains?": _text_test(lambda a, b: exp.Contains(this=a, expression=b)),
    "starts-with?": _text_test(lambda a, b: exp.StartsWith(this=a, expression=b)),
    "ends-with?": _text_test(lambda a, b: exp.EndsWith(this=a, expression=b)),
    "matches?": _text_test(lambda a, b: exp.RegexpLike(this=a, expression=b)),
}


# Values: (translator, call) → SQL.


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
        made.append(_cast(sql, call.type) if narrow and call.type in NUMBERS else paren(sql))
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
    first, *rest = (_real(t.value(argument)) for argument in call.arguments)
    for other in rest:
        divisor = exp.Nullif(this=other, expression=_number(0))
        first = exp.Div(this=paren(first), expression=divisor, typed=False, safe=True)
    return first


def _whole_division(t: Translator, call: Call) -> Sql:
    first, second = (_cast(t.value(argument), INTEGER) for argument in call.arguments)
    return exp.IntDiv(this=first, expression=exp.Nullif(this=second, expression=_number(0)))


def _remainder(first: Sql, second: Sql) -> Sql:
    return exp.Mod(this=first, expression=exp.Nullif(this=second, expression=_number(0)))


def _modulo(t: Translator, call: Call) -> Sql:
    first, second = (_cast(t.value(argument), INTEGER) for argument in call.arguments)
    left = exp.Add(this=paren(_remainder(first, second)), expression=second.copy())
    return _remainder(paren(left), second.copy())


def _whole(name: str) -> Callable[[Translator, Call], Sql]:
    """Rounding; integers are whole already."""

    def compute(t: Translator, call: Call) -> Sql:
        value = t.value(call.arguments[0])
        if call.type != REAL:
            return value
        return _function(name, _real(value), *([_number(0)] if name == "ROUND_EVEN" else []))

    return compute


def _defined_where(kind: type[exp.Func], test: type[exp.Binary]) -> Callable[[Translator, Call], Sql]:
    """A function that is missing where the mathematics has no value."""

    def compute(t: Translator, call: Call) -> Sql:
        value = _real(t.value(call.arguments[0]))
        return exp.Case(
            ifs=[exp.If(this=test(this=value, expression=_number(0)), true=kind(this=value.copy()))]
        )

    return compute


def _append(t: Translator, call: Call) -> Sql:
    parts = t.values(call)
    return _chain(exp.DPipe, parts, _constant(""))


def _substring(t: Translator, call: Call) -> Sql:
    text, start, end = call.arguments
    assert isinstance(start, Literal) and isinstance(end, Literal)
    first, last = int(start.value or 0), int(end.value or 0)  # type: ignore[arg-type]
    return exp.Substring(this=t.value(text), start=_number(first + 1), length=_number(max(0, last - first)))


def _json_get(t: Translator, call: Call) -> Sql:
    """By JSON pointer (RFC 6901); a text that is no JSON has no members."""
    text, key = call.arguments
    assert isinstance(key, Literal)
    pointer = t.parameters.bind("/" + str(key.value).replace("~", "~0").replace("/", "~1"), STRING)
    source = t.value(text)
    found = _function("JSON_EXTRACT_STRING", source.copy(), pointer)
    return exp.Case(ifs=[exp.If(this=_function("JSON_VALID", source), true=found)])


def _date_part(part: str) -> Callable[[Translator, Call], Sql]:
    return lambda t, call: exp.Extract(this=exp.Var(this=part), expression=t.value(call.arguments[0]))


def _bucket(t: Translator, call: Call) -> Sql:
    instant, unit = call.arguments
    assert isinstance(unit, Literal)  # one of operators.UNITS
    return _cast(_function("DATE_TRUNC", _constant(str(unit.value)), t.value(instant)), INSTANT)


# Aggregates.


def _counted(t: Translator, call: Call) -> Sql:
    if not call.arguments:
        return exp.Count(this=exp.Star())
    return exp.Filter(
        this=exp.Count(this=exp.Star()), expression=exp.Where(this=t.truth(call.arguments[0], exact=False))
    )


def _numeric(t: Translator, call: Call) -> Sql:
    argument = call.arguments[0]
    if argument.type != BOOLEAN:
        return t.value(argument, REAL)
    return exp.Case(ifs=[exp.If(this=t.truth(argument, False), true=_number(1))], default=_number(0))


def _sum(t: Translator, call: Call) -> Sql:
    return exp.Coalesce(this=_cast(exp.Sum(this=_numeric(t, call)), call.type), expressions=[_number(0)])


def _quantile(t: Translator, call: Call) -> Sql:
    at = call.arguments[1] if len(call.arguments) > 1 else Literal(0.5, REAL)
    assert isinstance(at, Literal)
    value = _real(t.value(call.arguments[0], REAL))
    portion = repr(float(at.value))  # type: ignore[arg-type]
    return _function("QUANTILE_CONT", value, exp.Literal.number(portion))


AGGREGATES: Final[dict[str, Callable[[Translator, Call], Sql]]] = {
    "count": _counted,
    "count-distinct": lambda t, call: exp.Count(this=exp.Distinct(expressions=t.values(call))),
    "sum": _sum,
    "mean": lambda t, call: exp.Avg(this=_real(_numeric(t, call))),
    "min": lambda t, call: exp.Min(this=t.value(call.arguments[0])),
    "max": lambda t, call: exp.Max(this=t.value(call.arguments[0])),
    "median": _quantile,
    "quantile": _quantile,
    "stddev": lambda t, call: exp.StddevSamp(this=_real(t.value(call.arguments[0], REAL))),
}

VALUES: Final[dict[str, Callable[[Translator, Call], Sql]]] = {
    "if": _if,
    "or": _or,
    "+": _arithmetic(exp.Add),
    "-": _arithmetic(exp.Sub),
    "*": _arithmetic(exp.Mul),
    "/": _divide,
    "quotient": _whole_division,
    "remainder": lambda t, call: _remainder(*(_cast(t.value(a), INTEGER) for a in call.arguments)),
    "modulo": _modulo,
    "abs": lambda t, call: exp.Abs(this=_operands(t, call)[0]),
    "round": _whole("ROUND_EVEN"),
    "floor": _whole("FLOOR"),
    "ceiling": _whole("CEIL"),
    "sqrt": _defined_where(exp.Sqrt, exp.GTE),
    "log": _defined_where(exp.Ln, exp.GT),
    "exp": lambda t, call: exp.Exp(this=_real(t.value(call.arguments[0]))),
    "least": lambda t, call: _function("LEAST", *t.values(call)),
    "greatest": lambda t, call: _function("GREATEST", *t.values(call)),
    "number": lambda t, call: exp.TryCast(this=t.value(call.arguments[0]), to=exp.DataType.build("DOUBLE")),
    "lower": lambda t, call: exp.Lower(this=t.value(call.arguments[0])),
    "upper": lambda t, call: exp.Upper(this=t.value(call.arguments[0])),
    "trim": lambda t, call: exp.Trim(
        this=t.value(call.arguments[0]), expression=t.parameters.bind(BLANKS, STRING)
    ),
    "length": lambda t, call: exp.Length(this=t.value(call.arguments[0])),
    "string-append": _append,
    "substring": _substring,
    "replace": lambda t, call: _function("REPLACE", *t.values(call)),
    "json-get": _json_get,
    "year": _date_part("YEAR"),
    "month": _date_part("MONTH"),
    "day": _date_part("DAY"),
    "hour": _date_part("HOUR"),
    "minute": _date_part("MINUTE"),
    "weekday": _date_part("ISODOW"),
    "week": _date_part("WEEK"),
    "iso-year": _date_part("ISOYEAR"),
    "epoch": lambda t, call: _function("EPOCH", t.value(call.arguments[0])),
    "bucket": _bucket,
    **AGGREGATES,
}
