"""Operators on patterns, pieces of text and JSON → SQLGlot's tree; the lists that generators give."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from sqlglot import exp

from chorus.runtime.plan.expressions import Call, Expression, Literal
from chorus.runtime.plan.sql_terms import Sql, cast, constant, data_type, function, number
from chorus.runtime.plan.types import STRING

if TYPE_CHECKING:
    from chorus.runtime.plan.sql_expressions import Translator

BLANKS: Final = " \t\n\r"
WORD: Final = r"\S+"
JSON_TYPES: Final = {
    "OBJECT": "object",
    "ARRAY": "array",
    "VARCHAR": "string",
    "BOOLEAN": "boolean",
    "NULL": "null",
}


def given(argument: Expression) -> str | int:
    """A value that the program gave, never a column's."""
    assert isinstance(argument, Literal) and isinstance(argument.value, (str, int))
    return argument.value


def _pointer(t: Translator, steps: tuple[Expression, ...]) -> list[Sql]:
    """The steps as a JSON pointer (RFC 6901), bound; nothing for none."""
    if not steps:
        return []
    spelled = (str(given(step)).replace("~", "~0").replace("/", "~1") for step in steps)
    return [t.parameters.bind("".join("/" + step for step in spelled), STRING)]


def _where_json(text: Sql, found: Sql) -> Sql:
    """FOUND, unless TEXT is no JSON."""
    return exp.Case(ifs=[exp.If(this=function("JSON_VALID", text), true=found)])


def _json_get(t: Translator, call: Call) -> Sql:
    text, *steps = call.arguments
    source = t.value(text)
    return _where_json(source, function("JSON_EXTRACT_STRING", source.copy(), *_pointer(t, tuple(steps))))


def _json_kind(t: Translator, call: Call) -> Sql:
    """DuckDB's name of the type there."""
    text, *steps = call.arguments
    source = t.value(text)
    return _where_json(source, function("JSON_TYPE", source.copy(), *_pointer(t, tuple(steps))))


def _json_type(t: Translator, call: Call) -> Sql:
    kind = _json_kind(t, call)
    named = [exp.If(this=constant(theirs), true=constant(ours)) for theirs, ours in JSON_TYPES.items()]
    missing = exp.If(this=exp.Is(this=kind.copy(), expression=exp.Null()), true=exp.Null())
    return exp.Case(ifs=[missing], default=exp.Case(this=kind, ifs=named, default=constant("number")))


def json_has(t: Translator, call: Call) -> Sql:
    return exp.Not(this=exp.Is(this=_json_kind(t, call), expression=exp.Null()))


def _where_kind(t: Translator, call: Call, kind: str, made: Sql) -> Sql:
    """MADE, where the JSON there is of that KIND."""
    return exp.Case(ifs=[exp.If(this=exp.EQ(this=_json_kind(t, call), expression=constant(kind)), true=made)])


def _json_length(t: Translator, call: Call) -> Sql:
    text, *steps = call.arguments
    length = cast(function("JSON_ARRAY_LENGTH", t.value(text), *_pointer(t, tuple(steps))), "integer")
    return _where_kind(t, call, "ARRAY", length)


def _trimmed(name: str) -> Callable[[Translator, Call], Sql]:
    return lambda t, call: function(name, t.value(call.arguments[0]), t.parameters.bind(BLANKS, STRING))


def _index_of(t: Translator, call: Call) -> Sql:
    found = exp.Nullif(this=function("INSTR", *t.values(call)), expression=number(0))
    return cast(exp.Sub(this=found, expression=number(1)), "integer")


def _part(t: Translator, call: Call) -> Sql:
    text, separator, at = call.arguments
    return function(
        "LIST_EXTRACT",
        function("STRING_SPLIT", t.value(text), t.value(separator)),
        number(int(given(at)) + 1),
    )


def _word_count(t: Translator, call: Call) -> Sql:
    return cast(function("LEN", _found(t, call.arguments[0], constant(WORD))), "integer")


def _found(t: Translator, text: Expression, pattern: Sql) -> Sql:
    return function("REGEXP_EXTRACT_ALL", t.value(text), pattern)


def _extract(t: Translator, call: Call) -> Sql:
    text, pattern, *group = call.arguments
    source, wanted = t.value(text), t.value(pattern)
    found = function("REGEXP_EXTRACT", source, wanted, number(int(given(group[0])) if group else 0))
    test = function("REGEXP_MATCHES", source.copy(), wanted.copy())
    return exp.Case(ifs=[exp.If(this=test, true=found)])


TEXTS: Final[dict[str, Callable[[Translator, Call], Sql]]] = {
    "trim-left": _trimmed("LTRIM"),
    "trim-right": _trimmed("RTRIM"),
    "index-of": _index_of,
    "part": _part,
    "word-count": _word_count,
    "extract": _extract,
    "replace-all": lambda t, call: function("REGEXP_REPLACE", *t.values(call), constant("g")),
    "text": lambda t, call: cast(t.value(call.arguments[0]), STRING),
    "json-get": _json_get,
    "json-length": _json_length,
    "json-type": _json_type,
}


def _json_items(t: Translator, call: Call) -> Sql:
    text, *steps = call.arguments
    whole = t.value(text)
    array = function("JSON_EXTRACT", whole, *_pointer(t, tuple(steps))) if steps else whole
    found = function("JSON_EXTRACT_STRING", array, constant("$[*]"))  # of no text it is no list
    return _where_kind(t, call, "ARRAY", exp.Cast(this=found, to=data_type("VARCHAR[]")))


def _json_keys(t: Translator, call: Call) -> Sql:
    text, *steps = call.arguments
    return _where_kind(t, call, "OBJECT", function("JSON_KEYS", t.value(text), *_pointer(t, tuple(steps))))


# Each gives a list of texts, or nothing.
GENERATORS: Final[dict[str, Callable[[Translator, Call], Sql]]] = {
    "json-items": _json_items,
    "json-keys": _json_keys,
    "parts": lambda t, call: function("STRING_SPLIT", *t.values(call)),
    "words": lambda t, call: _found(t, call.arguments[0], constant(WORD)),
    "matches": lambda t, call: _found(t, call.arguments[0], t.value(call.arguments[1])),
}
