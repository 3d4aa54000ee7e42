"""What types alone do not tell: arguments that the program must give, forms rewritten into operators."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from chorus.runtime.errors import EvalError, Span, WrongType
from chorus.runtime.plan.expressions import Expression, Literal, Several, literal
from chorus.runtime.plan.forms import cell, items_of, name_of, span_of
from chorus.runtime.plan.operators import FIXED_UNITS, UNITS
from chorus.runtime.plan.types import INTEGER, REAL, STRING, common_type, near
from chorus.runtime.values import NIL, Keyword, Pair, Symbol, hash_key, make_list

if TYPE_CHECKING:
    from chorus.runtime.plan.build import Builder


def _program_value(builder: Builder, form: Any, span: Span | None) -> Any:
    """The value of FORM, which may not depend on a row."""
    name = name_of(form)
    if isinstance(form, Pair) and name_of(form.car) == "quote":
        return items_of(form)[1] if isinstance(form.cdr, Pair) else NIL
    if name is not None or isinstance(form, Pair):
        is_own = name is not None and name not in builder.schema and name not in builder.locals
        if is_own and hash_key(form) in builder.free:
            return builder.value(form, span)
        expression = builder.expression(form, span)
        if isinstance(expression, Literal):
            return expression.value
        raise EvalError("this cannot differ from row to row", code="table-constant", span=span)
    return form


def _unit(builder: Builder, form: Any, span: Span | None) -> Literal:
    name = None if builder.is_about_locals(form) else name_of(form)
    if name not in UNITS:
        name = name.rstrip("s") if name is not None and name.rstrip("s") in UNITS else name
    if name not in UNITS:
        value = form if isinstance(form, (Keyword, str)) else _program_value(builder, form, span)
        name = value.name if isinstance(value, (Symbol, Keyword)) else value
    if name not in UNITS:
        hint = f"one of {' '.join(UNITS)}"
        raise EvalError(f"{name} is no unit of time to bucket by", code="table-value", span=span, hint=hint)
    return Literal(name, STRING)


def _values(builder: Builder, form: Any, span: Span | None) -> Expression:
    """The list after `member`: `(list …)`, a quoted list, or a variable's value."""
    held = builder.held(form, span)
    found = _program_value(builder, form, span) if held is None else held.value
    if found is not NIL and not isinstance(found, (Pair, list)):
        hint = 'as in (member author \'("ann" "bob"))'
        raise WrongType("member: a list is wanted here", code="table-type", span=span, hint=hint)
    cells = [cell(item, span) for item in found]
    there = [literal(value) for value in cells if value is not None]
    kind = common_type(item.type for item in there)
    if kind is None:
        raise WrongType("member: the list mixes types", code="table-type", span=span)
    return Several(tuple(dict.fromkeys(item.value for item in there)), kind, len(there) < len(cells))


def _text(builder: Builder, form: Any, span: Span | None) -> Literal:
    made = literal(cell(_program_value(builder, form, span), span))
    if made.type != STRING:
        raise WrongType("a string is wanted here", code="table-type", span=span)
    return made


def _pattern(builder: Builder, form: Any, span: Span | None) -> Expression:
    import re2

    pattern = str(_text(builder, form, span).value)
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(pattern, options)
    except re2.error as error:
        told = error.args[0].decode("utf-8", "replace") if isinstance(error.args[0], bytes) else str(error)
        raise EvalError(
            f"this is no regular expression: {told}",
            code="table-pattern",
            span=span,
            hint="the syntax is that of RE2",
        ) from error
    return Literal(pattern, STRING)


def _index(builder: Builder, form: Any, span: Span | None) -> Expression:
    return _whole(builder, form, span, 0)


def _count(builder: Builder, form: Any, span: Span | None) -> Expression:
    return _whole(builder, form, span, 1)


def _whole(builder: Builder, form: Any, span: Span | None, least: int) -> Expression:
    value = _program_value(builder, form, span)
    if value.__class__ is not int or not least <= value < 2**31:
        raise WrongType(f"a whole number from {least} up is wanted here", code="table-type", span=span)
    return Literal(value, INTEGER)


def _portion(builder: Builder, form: Any, span: Span | None) -> Expression:
    value = cell(_program_value(builder, form, span), span)
    if value.__class__ not in (int, float) or not 0 <= value <= 1:
        raise WrongType("a number from 0 to 1 is wanted here", code="table-type", span=span)
    return Literal(float(value), REAL)


def _fixed_unit(builder: Builder, form: Any, span: Span | None) -> Expression:
    made = _unit(builder, form, span)
    if made.value not in list(FIXED_UNITS):
        hint = f"one of {' '.join(FIXED_UNITS)}"
        raise EvalError(f"a {made.value} has no fixed length", code="table-value", span=span, hint=hint)
    return made


def _zone(builder: Builder, form: Any, span: Span | None) -> Expression:
    import zoneinfo

    name = str(_text(builder, form, span).value)
    known = zoneinfo.available_timezones()
    if name not in known or ("/" not in name and name != "UTC"):
        hint = near(name, (zone for zone in known if "/" in zone)) or 'as in "Europe/Berlin"'
        raise EvalError(f"there is no time zone {name}", code="table-value", span=span, hint=hint)
    return Literal(name, STRING)


def _step(builder: Builder, form: Any, span: Span | None) -> Expression:
    value = cell(_program_value(builder, form, span), span)
    if value.__class__ is int and 0 <= value < 2**31:
        return Literal(str(value), STRING)
    if value.__class__ is not str:
        raise WrongType("a member's name or an element's place is wanted here", code="table-type", span=span)
    return literal(value)


OF_PROGRAM: Final[dict[str, Callable[[Builder, Any, Span | None], Expression]]] = {
    "unit": _unit,
    "values": _values,
    "text": _text,
    "pattern": _pattern,
    "index": _index,
    "count": _count,
    "portion": _portion,
    "fixed-unit": _fixed_unit,
    "zone": _zone,
    "step": _step,
}


# What holds between the arguments of a call: (arguments, places).


def _groups(arguments: list[Expression], places: list[Span | None]) -> None:
    """A group that `extract` names is one of the pattern's."""
    if len(arguments) > 2:
        _check_group(arguments[1], int(arguments[2].value), places[2])  # type: ignore[union-attr, arg-type]


def _replacement(arguments: list[Expression], places: list[Span | None]) -> None:
    """A backslash in the text of `replace-all` stands before the number of a group, or a backslash."""
    text = str(arguments[2].value)  # type: ignore[union-attr]
    at = 0
    while (at := text.find("\\", at)) >= 0:
        after = text[at + 1 : at + 2]
        if after != "\\" and not after.isdecimal():
            hint = "\\\\1 is the first group, \\\\\\\\ a backslash"
            raise EvalError("a backslash here names a group", code="table-pattern", span=places[2], hint=hint)
        if after != "\\":
            _check_group(arguments[1], int(after), places[2])
        at += 2


def _check_group(pattern: Expression, group: int, span: Span | None) -> None:
    import re2

    count = re2.compile(str(pattern.value)).groups  # type: ignore[union-attr]
    if group > count:
        raise EvalError(f"the pattern has {count} groups, not {group}", code="table-pattern", span=span)


CHECKS: Final[dict[str, Callable[[list[Expression], list[Span | None]], None]]] = {
    "extract": _groups,
    "replace-all": _replacement,
}


# Forms rewritten into operators.


def _cond(builder: Builder, form: Pair, clauses: list[Any], span: Span | None, depth: int) -> Expression:
    made: Any = False
    for clause in reversed(clauses):
        test, *rest = items_of(clause) or [None]
        if len(rest) != 1:
            raise EvalError(
                "a clause of cond is (test value) here", code="table-form", span=span_of(clause, span)
            )
        made = rest[0] if name_of(test) == "else" else _list("if", test, rest[0], made)
    return builder.expression(made, span, depth + 1)


def _when(builder: Builder, form: Pair, parts: list[Any], span: Span | None, depth: int) -> Expression:
    if len(parts) != 2:
        raise EvalError("when and unless take a test and a value here", code="table-form", span=span)
    test, value = parts
    made = _list("if", test, value, False) if name_of(form.car) == "when" else _list("if", test, False, value)
    return builder.expression(made, span, depth + 1)


def _let(builder: Builder, form: Pair, parts: list[Any], span: Span | None, depth: int) -> Expression:
    if len(parts) != 2 or name_of(parts[0]) is not None:
        raise EvalError("let takes (name value) bindings and one body here", code="table-form", span=span)
    before, made = builder.locals, dict(builder.locals)
    try:
        for binding in items_of(parts[0]):
            name, value = [*items_of(binding), None, None][:2]
            if name_of(name) is None or len(items_of(binding)) != 2:
                raise EvalError("a binding of let is (name value)", code="table-form", span=span)
            made[str(name_of(name))] = builder.meaning(value, span_of(binding, span), depth + 1)
            if name_of(form.car) == "let*":
                builder.locals = dict(made)
        builder.locals = made
        return builder.expression(parts[1], span, depth + 1)
    finally:
        builder.locals = before


def _quote(builder: Builder, form: Pair, parts: list[Any], span: Span | None, depth: int) -> Expression:
    if len(parts) != 1:
        raise EvalError("quote takes one datum", code="table-form", span=span)
    return literal(cell(parts[0], span))


def _no_list(builder: Builder, form: Pair, parts: list[Any], span: Span | None, depth: int) -> Expression:
    raise EvalError(
        "a column holds no lists", code="table-form", span=span, hint="(member column (list …)) is possible"
    )


def _list(head: str, *rest: Any) -> Pair:
    return make_list([Symbol(head), *rest])


DERIVED: Final[dict[str, Callable[..., Expression]]] = {
    "cond": _cond,
    "when": _when,
    "unless": _when,
    "let": _let,
    "let*": _let,
    "quote": _quote,
    "list": _no_list,
}
