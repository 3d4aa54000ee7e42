"""Several values taken apart: what `%receive` compiles to, and the host's part in it."""

from __future__ import annotations

from typing import Any

from chorus.interpreter.compiler.expand import Expander
from chorus.interpreter.compiler.forms import parts, row
from chorus.interpreter.compiler.nodes import Call, Const, Let, Local, Node, Ref, Seq
from chorus.interpreter.compiler.syntax import Env, Scope, bad_syntax
from chorus.runtime.errors import ArityError, Span
from chorus.runtime.values import MultipleValues, make_list


def take_values(value: Any, count: int) -> list[Any]:
    """The COUNT values that VALUE stands for."""
    items = value.items if value.__class__ is MultipleValues else [value]
    if len(items) != count:
        raise ArityError(f"{_values(len(items))} came where {_values(count)} {_are(count)} expected")
    return items


def several(items: tuple[Any, ...]) -> MultipleValues:
    """ITEMS as a procedure hands them to others."""
    return MultipleValues(list(items))


def take_more(value: Any, least: int) -> list[Any]:
    """The first LEAST of the values that VALUE stands for, and the list of the rest."""
    items = value.items if value.__class__ is MultipleValues else [value]
    if len(items) < least:
        raise ArityError(f"{_values(len(items))} came where at least {_values(least)} {_are(least)} expected")
    return [*items[:least], make_list(items[least:])]


def item_at(items: list[Any], index: int) -> Any:
    return items[index]


def _values(count: int) -> str:
    return f"{count or 'no'} value{'' if count == 1 else 's'}"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


@row("%receive", "(receive names expression body …)")
def expand_receive(x: Expander, form: Any, env: Env, span: Span | None) -> Node:
    """Bind NAMES, a parameter list, to the values of EXPRESSION."""
    names, *_ = parts(form, 3, None, span)
    value = x.item(form.cdr.cdr, env, span)
    scope = Scope(env)
    params = x._params(names, scope, span)
    if params.optional or params.keywords:
        raise bad_syntax("values are received by plain names", span)
    vars = params.all()
    taker, count = (take_more if params.rest else take_values), len(params.required)
    body = x.body(form.cdr.cdr.cdr, scope, span)
    taking = Call(Const(taker, span), [value, Const(count, span)], span)
    if not vars:
        return Seq([taking, body], span)
    taken = Local("held", x.next_serial())
    picked: list[Node] = [
        Call(Const(item_at, span), [Ref(taken, span), Const(at, span)], span) for at in range(len(vars))
    ]
    return Let([taken], [taking], Let(vars, picked, body, span), span)
