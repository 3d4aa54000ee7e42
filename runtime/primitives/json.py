"""JSON from and to values."""

from __future__ import annotations

import json
from typing import Any

from chorus.runtime.context import Context
from chorus.runtime.errors import EvalError
from chorus.runtime.jsonout import json_text
from chorus.runtime.limits import charge
from chorus.runtime.numerals import conversion_cost, parse_integer
from chorus.runtime.primitive import primitive
from chorus.runtime.primitives.output import put
from chorus.runtime.primitives.ports import InputPort, OutputPort
from chorus.runtime.primitives.ports_reading import text_port
from chorus.runtime.values import EOF, HashTable, Keyword, make_list

DEEPEST = 900  # levels that the host's parser takes without harm


@primitive("json->value", effects="pure", aliases=("string->json",))
def json_to_value(text: str, *, keywords: bool = True) -> Any:
    """The value of a JSON text: objects are tables, arrays lists, null is #f.

    Keys are keywords, or strings with :keywords #f.

    > (json->value "{\\"a\\": [1, 2.5, \\"x\\", null, true]}")
    => {:a (1 2.5 "x" #f #t)}
    > (json->value "{\\"a b\\": 1}" :keywords #f)
    => {"a b" 1}
    """
    charge(len(text) >> 3, len(text) << 2)
    check_depth(text)

    def table(items: list[tuple[str, Any]]) -> HashTable:
        return HashTable((Keyword(key) if keywords else key, lisp(value)) for key, value in items)

    try:
        return lisp(json.loads(text, object_pairs_hook=table, parse_int=whole, parse_constant=no_constant))
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise EvalError(
            f"json->value: {error.msg.lower()} at {place}", code="json", irritants=(text,)
        ) from None


def whole(digits: str) -> int:
    charge(conversion_cost(len(digits)))
    return parse_integer(digits, 10)


def no_constant(name: str) -> None:
    raise EvalError(f"json->value: {name} is no JSON", code="json")


def check_depth(text: str) -> None:
    """Refuse what is nested too deep. Only a text with many brackets is looked at closely."""
    if text.count("[") + text.count("{") <= DEEPEST:
        return
    import re

    depth = 0
    for found in re.finditer(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[{]|[\]}]', text, re.S):
        token = found.group()
        depth += token in "[{"
        depth -= token in "]}"
        if depth > DEEPEST:
            raise EvalError(f"json->value: nested deeper than {DEEPEST} levels", code="json")


def lisp(value: Any) -> Any:
    """Arrays as lists, null as #f; tables and atoms are right already."""
    if value is None:
        return False
    return make_list(map(lisp, value)) if isinstance(value, list) else value


@primitive("read-json", effects="mutate")
def read_json(ctx: Context, port: InputPort | None = None, *, keywords: bool = True) -> Any:
    """The value of all that is left in PORT, standard input if none is given, as JSON; the end-of-file object if that
    is nothing.

    > (read-json (open-input-string "[1, {\\"a\\": null}]"))
    => (1 {:a #f})
    """
    source = text_port(ctx, port, "read-json")
    while source.more():
        pass
    text = source.take(len(source.text))
    return json_to_value(text, keywords=keywords) if text.strip() else EOF


@primitive("write-json", effects="output")
def write_json(ctx: Context, value: Any, port: OutputPort | None = None, *, indent: int | None = None) -> Any:
    """Show VALUE as JSON, on PORT, with INDENT spaces a level or on one line.

    > (let ((p (open-output-string))) (write-json {:a 1} p) (get-output-string p))
    => "{\\"a\\": 1}"
    """
    return put(ctx, iter(json_text(value, indent)), "write-json", port)


@primitive("value->json", effects="pure", aliases=("json->string",))
def value_to_json(value: Any, *, indent: int | None = None) -> str:
    """VALUE as JSON text: on one line, or with INDENT spaces a level.

    > (value->json {:a-b (list 1 1/2 'sym "s" #t) :c '()})
    => "{\\"a-b\\": [1, \\"1/2\\", \\"sym\\", \\"s\\", true], \\"c\\": []}"
    """
    return json_text(value, indent)
