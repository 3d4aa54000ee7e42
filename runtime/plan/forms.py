"""Forms as the algebra reads them: names, elements, spans, and values of the program as cells."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any, Final

from chorus.runtime.errors import Span, WrongType
from chorus.runtime.instants import in_utc
from chorus.runtime.plan.expressions import Value
from chorus.runtime.values import Char, Keyword, MutableString, Pair, Symbol, make_list


def name_of(form: Any) -> str | None:
    """A symbol's name; an identifier that a macro renamed counts as the symbol it stands for."""
    if form.__class__ is not Symbol:
        form = getattr(form, "symbol", None)
    return form.name if form.__class__ is Symbol else None


def form(*parts: Any) -> Any:
    """The list of PARTS, texts as names: a clause as a person would type it."""
    return make_list([Symbol(part) if isinstance(part, str) else part for part in parts])


def items_of(form: Any) -> list[Any]:
    return list(form) if isinstance(form, Pair) else []


def spans_of(form: Any) -> list[Span | None]:
    """Where each element of a list form stands, if that is known."""
    spans = []
    while isinstance(form, Pair):
        spans.append(form.car_span or getattr(form.car, "span", None))
        form = form.cdr
    return spans


def span_of(form: Any, default: Span | None = None) -> Span | None:
    return getattr(form, "span", None) or default


HELD: Final = "numbers, strings, names, booleans and instants can"
COMPARED: Final = "; a list can after (member column list)"


def cell(value: Any, span: Span | None = None, use: str = "be compared with a column") -> Value:
    """A value of the program as the value of a cell; WrongType for what no column can hold, which is not for USE."""
    kind = value.__class__
    if kind in (str, int, float, bool):
        return None if value is False else value
    if kind is Symbol or kind is Keyword:
        return value.name
    if kind is MutableString:
        return str(value)
    if kind is Char:
        return value.value
    if kind is Fraction:
        return float(value)
    if isinstance(value, dt.datetime):
        return in_utc(value)
    if value is None:
        return None
    from chorus.runtime.printer import brief

    raise WrongType(
        f"{brief(value)} cannot {use}",
        code="table-value",
        span=span,
        hint=HELD + COMPARED * use.startswith("be compared"),
    )
