"""The core's rows: quote, if, lambda, define, set!, begin, letrec, and what binds syntax. The rest is Lisp
(stdlib/core.sexp).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chorus.interpreter.compiler.expand import Expander, parse_define
from chorus.interpreter.compiler.nodes import (
    Bind,
    Const,
    Define,
    If,
    Init,
    Local,
    Node,
    Seq,
    SetGlobal,
    SetLocal,
)
from chorus.interpreter.compiler.syntax import (
    Alias,
    Env,
    Row,
    Scope,
    bad_syntax,
    copy_cell,
    declared_name,
    is_identifier,
    lookup,
    spelling,
    strip,
)
from chorus.interpreter.namespace import Namespace
from chorus.runtime.errors import Span
from chorus.runtime.values import NIL, UNSPECIFIED, Pair, list_items

CORE: dict[str, Row] = {}
AS_IT_STANDS = ("lambda", "quote", "named-lambda", "case-lambda")
NOWHERE: Any = None  # the environment of an alias that is bound where it stands


def row(name: str, usage: str) -> Callable[[Any], Any]:
    """Declare the decorated function as the expansion of core form NAME; its docstring documents the form."""

    def declare(expand: Callable[..., Node]) -> Callable[..., Node]:
        CORE[name] = Row(name, expand, doc=expand.__doc__ or "", usage=usage)
        return expand

    return declare


def parts(form: Any, least: int, most: int | None, span: Span | None) -> list[Any]:
    """The forms after the head, LEAST to MOST of them."""
    cells = list_items(form.cdr)
    if cells is None:
        raise bad_syntax("a form must not end in a dotted tail", span)
    if len(cells) < least or (most is not None and len(cells) > most):
        name = spelling(form.car) if is_identifier(form.car) else "form"
        found = CORE.get(name)
        raise bad_syntax(
            f"{name}: not written as it should be", span, f"usage: {found.usage}" if found else None
        )
    return cells


def listed(bindings: Any, form: Any, span: Span | None) -> list[Any]:
    """The elements of BINDINGS, which should be a list, of FORM."""
    items = list_items(bindings)
    if items is None:
        found = CORE[spelling(form.car)]
        raise bad_syntax(f"{found.name}: its bindings are no list", span, f"usage: {found.usage}")
    return items


@row("quote", "(quote datum)")
def expand_quote(x: Expander, form: Any, env: Env, span: Span | None) -> Node:
    """DATUM itself, not evaluated; also written 'datum."""
    return Const(strip(parts(form, 1, 1, span)[0]), span)


@row("if", "(if test then [else])")
def expand_if(x: Expander, form: Any, env: Env, span: Span | None) -> Node:
    """THEN unless TEST is #f, else ELSE. Only #f is false."""
    given = parts(form, 2, 3, span)
    test, yes = x.item(form.cdr, env, span), x.item(form.cdr.cdr, env, span)
    no = x.item(form.cdr.cdr.cdr, env, span) if len(given) == 3 else Const(UNSPECIFIED, span)
    if isinstance(test, Const):
        return no if test.value is False else yes
    return If(test, yes, no, span)


@row("lambda", "(lambda (parameter …) [doc] body …)")
def expand_lambda(x: Expander, form: Any, env: Env, span: Span | None) -> Node:
    """A procedure. Parameters: name, [name default] optional, :key [name default] by keyword, . name for
    the rest.
    """
    parts(form, 2, None, span)
    return x.procedure(form.cdr.car, form.cdr.cdr, env, span)


@row("define", "(define name value) or (define (name parameter …) [doc] body …)")
def expand_define(x: Expander, form: Any, env: Env, span: Span | None) -> Node:
    """Bind NAME to VALUE, or to a procedure."""
    if isinstance(env, Scope):
        raise bad_syntax(
            "define stands where a value is expected", span, "definitions stand directly in a body"
        )
    identifier, value = parse_define(form, span)
    name = top_level_name(x.space, identifier)
    node = x.define_value(value, env, span, name)
    return Define(name, node, span)


def top_level_name(space: Namespace, identifier: Any) -> str:
    """The global that a definition of IDENTIFIER in SPACE makes; from now on it is no form."""
    name = declared_name(space, identifier)
    space.shadow_row(name)
    return name


@row("set!", "(set! name value)")
def expand_set(x: Expander, form: Any, env: Env, span: Span | None) -> Node:
    """Give the variable NAME another value."""
    identifier, _ = parts(form, 2, 2, span)
    if not is_identifier(identifier):
        raise bad_syntax("set!: the first part must be a name", span)
    found, target = lookup(identifier, env)
    value = x.item(form.cdr.cdr, env, span)
    if found is None:
        return SetGlobal(target[1], target[0], value, span)
    if isinstance(found, Row):
        raise bad_syntax(f"set!: {spelling(identifier)} is a form, not a variable", span)
    found.assigned = True
    return SetLocal(found, value, span)


@row("begin", "(begin form …)")
def expand_begin(x: Expander, form: Any, env: Env, span: Span | None) -> Node:
    """The FORMs in order; the value of the last."""
    nodes = x.items(form.cdr, env, span)
    if not nodes:
        return Const(UNSPECIFIED, span)
    return nodes[0] if len(nodes) == 1 else Seq(nodes, span)


def recursive_bindings(form: Any, span: Span | None) -> list[Pair]:
    """The bindings of a letrec FORM, checked. Plain `letrec` gives the names their values when it has them all: only
    who enters a continuation again can tell, so that is done where several values are worked out, and none of them
    mentions a name (which `letrec*` allows, and forgiving one does no harm).
    """
    bindings: list[Pair] = []
    seen: set[Any] = set()
    for binding in listed(form.cdr.car, form, span):
        cells = list(binding) if isinstance(binding, Pair) else []
        if len(cells) != 2 or not is_identifier(cells[0]) or cells[0] in seen:
            raise bad_syntax("letrec: a binding is (name value), each name once", span)
        seen.add(cells[0])
        bindings.append(binding)
    active = [binding for binding in bindings if _is_worked_out(binding.cdr.car)]
    if len(active) < 2 or spelling(form.car) != "letrec" or any(_mentions(b.cdr, seen) for b in active):
        return bindings
    kept = {id(binding): Alias(binding.car, NOWHERE) for binding in active}
    first = [copy_cell(b, kept.get(id(b), b.car), b.cdr) for b in bindings]
    return first + [copy_cell(b, b.car, copy_cell(b.cdr, kept[id(b)], NIL)) for b in active]


def _is_worked_out(value: Any) -> bool:
    """Whether more is done for the VALUE of a binding than to take it as it stands."""
    head = value.car if isinstance(value, Pair) else None
    return head is not None and not (is_identifier(head) and spelling(head) in AS_IT_STANDS)


def _mentions(form: Any, names: set[Any]) -> bool:
    work = [form]
    while work:
        here = work.pop()
        if isinstance(here, Pair):
            work += (here.car, here.cdr)
        elif is_identifier(here) and here in names:
            return True
    return False


@row("letrec", "(letrec ((name value) …) body …)")
def expand_letrec(x: Expander, form: Any, env: Env, span: Span | None) -> Node:
    """Bind NAMEs whose VALUEs may refer to each other, then run the body."""
    parts(form, 2, None, span)
    scope = Scope(env)
    made: list[tuple[Local, Any]] = []
    for binding in recursive_bindings(form, span):
        var = x.local(binding.car)
        var.late = True
        scope.bind(binding.car, var)
        made.append((var, binding))
    nodes: list[Node] = []
    for var, binding in made:
        item = binding.cdr
        value = lambda x, env, place, item=item: x.item(item, env, place)
        nodes.append(Init(var, x.define_value(value, scope, span, var.name), span))
    nodes.append(x.body(form.cdr.cdr, scope, span))
    return Bind([var for var, _ in made], Seq(nodes, span), span)


CORE["letrec*"] = Row(
    "letrec*", expand_letrec, doc=expand_letrec.__doc__ or "", usage="(letrec* ((name value) …) body …)"
)


LAMBDA = CORE["lambda"]
