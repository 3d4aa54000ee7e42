"""The core's rows: quote, if, lambda, define, set!, begin, letrec, and what binds syntax. The rest is Lisp (stdlib/core.sexp)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chorus.interpreter.compiler.constants import CURRENT_SPACE
from chorus.interpreter.compiler.expand import Expander, parse_define
from chorus.interpreter.compiler.nodes import (
    Bind,
    Call,
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
from chorus.interpreter.compiler.rules import Rules
from chorus.interpreter.compiler.syntax import (
    Alias,
    Env,
    Row,
    Scope,
    bad_syntax,
    is_identifier,
    lookup,
    macro_row,
    namespace_of,
    same_binding,
    spelling,
    strip,
)
from chorus.interpreter.namespace import Namespace
from chorus.runtime.calling import call
from chorus.runtime.errors import Span
from chorus.runtime.values import UNSPECIFIED, Pair

CORE: dict[str, Row] = {}


def row(name: str, usage: str) -> Callable[[Any], Any]:
    """Declare the decorated function as the expansion of core form NAME; its docstring documents the form."""

    def declare(expand: Callable[..., Node]) -> Callable[..., Node]:
        CORE[name] = Row(name, expand, doc=expand.__doc__ or "", usage=usage)
        return expand

    return declare


def parts(form: Any, least: int, most: int | None, span: Span | None) -> list[Any]:
    """The forms after the head, LEAST to MOST of them."""
    cells = list(form.cdr)
    if len(cells) < least or (most is not None and len(cells) > most):
        name = spelling(form.car) if is_identifier(form.car) else "form"
        found = CORE.get(name)
        raise bad_syntax(f"{name}: not written as it should be", span, f"usage: {found.usage}" if found else None)
    return cells


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
    if test.__class__ is Const:
        return no if test.value is False else yes  # type: ignore[attr-defined]
    return If(test, yes, no, span)


@row("lambda", "(lambda (parameter …) [doc] body …)")
def expand_lambda(x: Expander, form: Any, env: Env, span: Span | None) -> Node:
    """A procedure. Parameters: name, [name default] optional, :key [name default] by keyword, . name for the rest."""
    parts(form, 2, None, span)
    return x.procedure(form.cdr.car, form.cdr.cdr, env, span)


@row("define", "(define name value) or (define (name parameter …) [doc] body …)")
def expand_define(x: Expander, form: Any, env: Env, span: Span | None) -> Node:
    """Bind NAME to VALUE, or to a procedure."""
    if env.__class__ is Scope:
        raise bad_syntax("define stands where a value is expected", span, "definitions stand directly in a body")
    identifier, value = parse_define(form, span)
    name = top_level_name(x, identifier)
    node = x.define_value(value, env, span, name)
    return Define(name, node, span)


def top_level_name(x: Expander, identifier: Any) -> str:
    """The global that a definition of IDENTIFIER makes; from now on it is no form."""
    name = spelling(identifier)
    if identifier.__class__ is Alias:
        x.space.aliases[identifier] = name
    x.space.shadow_row(name)
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
    if found.__class__ is Row:
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


@row("letrec", "(letrec ((name value) …) body …)")
def expand_letrec(x: Expander, form: Any, env: Env, span: Span | None) -> Node:
    """Bind NAMEs whose VALUEs may refer to each other, then run the body."""
    bindings, *_ = parts(form, 2, None, span)
    scope = Scope(env)
    made: list[tuple[Local, Any]] = []
    for binding in bindings:
        cells = list(binding) if isinstance(binding, Pair) else []
        if len(cells) != 2 or not is_identifier(cells[0]) or cells[0] in scope.bindings:
            raise bad_syntax("letrec: a binding is (name value), each name once", span)
        var = scope.bindings[cells[0]] = x.local(cells[0])
        var.late = True
        made.append((var, binding))
    nodes: list[Node] = []
    for var, binding in made:
        item = binding.cdr
        value = lambda x, env, place, item=item: x.item(item, env, place)
        nodes.append(Init(var, x.define_value(value, scope, span, var.name), span))
    nodes.append(x.body(form.cdr.cdr, scope, span))
    return Bind([var for var, _ in made], Seq(nodes, span), span)


CORE["letrec*"] = Row("letrec*", expand_letrec, doc=expand_letrec.__doc__ or "", usage="(letrec* ((name value) …) body …)")


# — syntax —


@row("define-syntax", "(define-syntax name [doc] transformer)")
def expand_define_syntax(x: Expander, form: Any, env: Env, span: Span | None) -> Node:
    """Make NAME a form that TRANSFORMER rewrites: (syntax-rules …) or (er-macro-transformer procedure)."""
    if env.__class__ is Scope:
        raise bad_syntax("define-syntax stands where a value is expected", span)
    identifier, *docs, spec = parts(form, 2, 3, span)
    if not is_identifier(identifier) or not all(doc.__class__ is str for doc in docs):
        raise bad_syntax("define-syntax: (define-syntax name [doc] transformer) is expected", span)
    doc = docs[0] if docs else ""
    name = spelling(identifier)
    if identifier.__class__ is Alias:
        x.space.aliases[identifier] = name
    kind = _transformer_kind(spec, env)
    if kind == "syntax-rules":
        made: Node = _make_row(rules_row, name, Const(spec, span), doc, span)
    elif kind == "er-macro-transformer":
        made = _make_row(procedure_row, name, x.item(spec.cdr, env, span), doc, span)
    else:
        made = Const(transformer_of(x, spec, env, span, name), span)
    return Define(name, made, span)


def _make_row(maker: Callable[..., Row], name: str, spec: Node, doc: str, span: Span | None) -> Node:
    """The call that makes the row when the unit runs; so it can be kept compiled like any other."""
    place = [Const(CURRENT_SPACE, span), Const(name, span), spec, Const(doc, span), Const(span, span)]
    return Call(Const(maker, span), list(place), span)


def _transformer_kind(spec: Any, env: Env) -> str:
    if isinstance(spec, Pair) and is_identifier(spec.car):
        found, _ = lookup(spec.car, env)
        if found.__class__ is Row and found.name in ("syntax-rules", "er-macro-transformer"):
            return found.name
    return ""


def transformer_of(x: Expander, spec: Any, env: Env, span: Span | None, name: str) -> Row:
    """The row that a transformer written inside ENV makes, now."""
    kind = _transformer_kind(spec, env)
    if kind == "syntax-rules":
        return rules_row(env, name, spec)
    if kind == "er-macro-transformer":
        return procedure_row(env, name, x.run(x.item(spec.cdr, namespace_of(env), span)))
    found = lookup(spec, env)[0] if is_identifier(spec) else None
    if found.__class__ is Row:
        return found
    hint = "a transformer is (syntax-rules (literal …) (pattern template) …) or (er-macro-transformer procedure)"
    raise bad_syntax(f"{name}: this is no transformer", span, hint)


def rules_row(env: Env, name: str, spec: Any, doc: str = "", source: Span | None = None) -> Row:
    """The row of a syntax-rules macro; its text is parsed when it is first used."""
    made: list[Rules] = []

    def macro(form: Any, use: Env) -> Any:
        if not made:
            made.append(Rules(spec, env))
        return made[0](form, use)

    found = macro_row(name, macro)
    found.source, found.home, found.doc = source or spec.span, env, doc
    return found


def procedure_row(env: Env, name: str, procedure: Any, doc: str = "", source: Span | None = None) -> Row:
    """The row of a macro whose PROCEDURE gets (form rename compare)."""

    def macro(form: Any, use: Env) -> Any:
        aliases: dict[Any, Alias] = {}

        def rename(symbol: Any) -> Alias:
            if symbol not in aliases:
                aliases[symbol] = Alias(symbol, env)
            return aliases[symbol]

        def compare(a: Any, b: Any) -> bool:
            return is_identifier(a) and is_identifier(b) and same_binding(a, use, b, use)

        return call(procedure, form, rename, compare)

    found = macro_row(name, macro)
    found.source, found.home, found.doc = source, env, doc
    return found


def expand_let_syntax(x: Expander, form: Any, env: Env, span: Span | None) -> Node:
    """Forms bound for the body only."""
    bindings, *_ = parts(form, 2, None, span)
    scope = Scope(env)
    recursive = spelling(form.car) == "letrec-syntax"
    for binding in bindings:
        cells = list(binding) if isinstance(binding, Pair) else []
        if len(cells) != 2 or not is_identifier(cells[0]):
            raise bad_syntax("let-syntax: a binding is (name transformer)", span)
        scope.bindings[cells[0]] = transformer_of(x, cells[1], scope if recursive else env, span, spelling(cells[0]))
    return x.body(form.cdr.cdr, scope, span)


for _name in ("let-syntax", "letrec-syntax"):
    CORE[_name] = Row(_name, expand_let_syntax, doc="Forms bound for the body only.", usage=f"({_name} ((name transformer) …) body …)")


def _only_as_transformer(x: Expander, form: Any, env: Env, span: Span | None) -> Node:
    raise bad_syntax(f"{spelling(form.car)} stands only as the transformer of define-syntax or let-syntax", span)


CORE["syntax-rules"] = Row(
    "syntax-rules", _only_as_transformer, doc="Patterns and templates; hygienic.", usage="(syntax-rules (literal …) (pattern template) …)"
)
CORE["er-macro-transformer"] = Row(
    "er-macro-transformer",
    _only_as_transformer,
    doc="A macro written as a procedure of (form rename compare), which returns a form.",
    usage="(er-macro-transformer (lambda (form rename compare) …))",
)
LAMBDA = CORE["lambda"]


def install_core(space: Namespace) -> None:
    """Bind the core rows in SPACE, the foundation of a session."""
    for name, found in CORE.items():
        space.define(name, found)


