"""Operators on instants → SQLGlot's tree. Instants are stored in UTC without a zone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from sqlglot import exp

from chorus.runtime.plan.expressions import Call, Literal
from chorus.runtime.plan.operators import FIXED_UNITS
from chorus.runtime.plan.sql_terms import Sql, cast, constant, data_type, function, number, paren, real
from chorus.runtime.plan.types import INSTANT, INTEGER, STRING

if TYPE_CHECKING:
    from chorus.runtime.plan.sql_expressions import Translator

ORIGIN: Final = 946_857_600_000_000  # Monday 2000-01-03, in microseconds since 1970
SHIFTS: Final = {
    "second": "TO_SECONDS",
    "minute": "TO_MINUTES",
    "hour": "TO_HOURS",
    "day": "TO_DAYS",
    "week": "TO_WEEKS",
    "month": "TO_MONTHS",
    "quarter": "TO_MONTHS",
    "year": "TO_YEARS",
}


def _local(t: Translator, instant: Sql, zone: str) -> Sql:
    """What clocks in ZONE show."""
    name = t.parameters.bind(zone, STRING)
    return function("TIMEZONE", name, function("TIMEZONE", constant("UTC"), instant))


def name_given(call: Call, at: int, default: str = "UTC") -> str:
    """The name that the program gave as the argument AT."""
    if at >= len(call.arguments):
        return default
    argument = call.arguments[at]
    assert isinstance(argument, Literal)
    return str(argument.value)


def _shown(t: Translator, call: Call) -> Sql:
    instant, zone = t.value(call.arguments[0]), name_given(call, 1)
    return instant if zone == "UTC" else _local(t, instant, zone)


def _date_part(part: str) -> Callable[[Translator, Call], Sql]:
    return lambda t, call: exp.Extract(this=exp.Var(this=part), expression=_shown(t, call))


def _date_text(pattern: str) -> Callable[[Translator, Call], Sql]:
    return lambda t, call: function("STRFTIME", _shown(t, call), constant(pattern))


def _truncated(instant: Sql, unit: str) -> Sql:
    return cast(function("DATE_TRUNC", constant(unit), instant), INSTANT)


def _bucket(t: Translator, call: Call) -> Sql:
    instant, unit, zone = t.value(call.arguments[0]), name_given(call, 1), name_given(call, 2)
    if zone == "UTC" or unit == "second":
        return _truncated(instant, unit)
    shown = _local(t, instant, zone)
    began = _truncated(shown, unit)
    if unit in ("minute", "hour"):  # clocks may show them twice
        since = exp.Sub(this=shown.copy(), expression=began)
        return exp.Sub(this=instant.copy(), expression=paren(since))
    there = function("TIMEZONE", t.parameters.bind(zone, STRING), began)
    return function("TIMEZONE", constant("UTC"), there)


def _bin(t: Translator, call: Call) -> Sql:
    width = int(name_given(call, 1)) * FIXED_UNITS[name_given(call, 2)] * 1_000_000
    micros = function("EPOCH_US", t.value(call.arguments[0]))
    since = exp.Sub(this=micros.copy(), expression=number(ORIGIN))
    within = exp.Mod(this=paren(since), expression=number(width))
    positive = exp.Mod(
        this=paren(exp.Add(this=paren(within), expression=number(width))), expression=number(width)
    )
    return function("MAKE_TIMESTAMP", exp.Sub(this=micros, expression=paren(positive)))


def _shift(t: Translator, call: Call) -> Sql:
    unit = name_given(call, 2)
    count: Sql = cast(t.value(call.arguments[1]), INTEGER)
    if unit == "quarter":
        count = exp.Mul(this=paren(count), expression=number(3))
    if unit not in ("second", "minute", "hour"):
        count = exp.Cast(this=count, to=data_type("INTEGER"))
    return cast(
        exp.Add(this=paren(t.value(call.arguments[0])), expression=function(SHIFTS[unit], count)), INSTANT
    )


def _elapsed(t: Translator, call: Call) -> Sql:
    start, end = (function("EPOCH_US", t.value(argument)) for argument in call.arguments[:2])
    micros = real(exp.Sub(this=end, expression=start))
    return exp.Div(
        this=micros,
        expression=real(number(FIXED_UNITS[name_given(call, 2)] * 1_000_000)),
        typed=False,
        safe=True,
    )


TIMES: Final[dict[str, Callable[[Translator, Call], Sql]]] = {
    "year": _date_part("YEAR"),
    "quarter": _date_part("QUARTER"),
    "month": _date_part("MONTH"),
    "day": _date_part("DAY"),
    "yearday": _date_part("DOY"),
    "hour": _date_part("HOUR"),
    "minute": _date_part("MINUTE"),
    "second": _date_part("SECOND"),
    "weekday": _date_part("ISODOW"),
    "week": _date_part("WEEK"),
    "iso-year": _date_part("ISOYEAR"),
    "iso-week": _date_text("%G-W%V"),
    "iso-date": _date_text("%Y-%m-%d"),
    "epoch": lambda t, call: function("EPOCH", t.value(call.arguments[0])),
    "bucket": _bucket,
    "bin": _bin,
    "shift": _shift,
    "elapsed": _elapsed,
}
