"""The core's rows that bind syntax: define-syntax, let-syntax and the two kinds of transformer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any

from chorus.interpreter.compiler.constants import CURRENT_SPACE
from chorus.interpreter.compiler.expand import Expander
from chorus.interpreter.compiler.forms import CORE, listed, parts, row
from chorus.interpreter.compiler.nodes import (
    Call,
    Const,
    Define,
    Node,
)
from chorus.interpreter.compiler.rules import Rules
from chorus.interpreter.compiler.syntax import (
    Alias,
    Env,
    Row,
    Scope,
    bad_syntax,
    declared_name,
    is_identifier,
    lookup,
    macro_row,
    namespace_of,
    same_binding,
    spelling,
)
from chorus.interpreter.namespace import Namespace
from chorus.runtime.calling import call
from chorus.runtime.errors import ArityError, Span, WrongType
from chorus.runtime.primitive import split_doc
from chorus.runtime.values import Pair, Symbol

DEFINE = Symbol("define")


@row("define-syntax", "(define-syntax name [doc] transformer)")
def expand_define_syntax(x: Expander, form: Any, env: Env, span: Span | None) -> Node:
    """Make NAME a form that TRANSFORMER rewrites: (syntax-rules …) or (er-macro-transformer procedure)."""
    if isinstance(env, Scope):
        raise bad_syntax("define-syntax stands where a value is expected", span)
    name, doc, spec = macro_parts(form, x.space, span)
    kind = transformer_kind(spec, env)
    if kind == "syntax-rules":
        made: Node = _make_row(rules_row, name, Const(spec, span), doc, span)
    elif kind == "er-macro-transformer":
        made = _make_row(procedure_row, name, x.item(spec.cdr, env, span), doc, span)
    else:
        made = Const(transformer_of(x, spec, env, span, name), span)
    return Define(name, made, span)


def macro_parts(form: Any, space: Namespace, span: Span | None) -> tuple[str, str, Any]:
    """The name, doc and transformer of FORM, a `define-syntax` at the top level of SPACE."""
    identifier, *docs, spec = parts(form, 2, 3, span)
    if not is_identifier(identifier) or not all(doc.__class__ is str for doc in docs):
        raise bad_syntax("define-syntax: (define-syntax name [doc] transformer) is expected", span)
    return declared_name(space, identifier), docs[0] if docs else "", spec


def _make_row(maker: Callable[..., Row], name: str, spec: Node, doc: str, span: Span | None) -> Node:
    """The call that makes the row when the unit runs; so it can be kept compiled like any other."""
    place = [Const(CURRENT_SPACE, span), Const(name, span), spec, Const(doc, span), Const(span, span)]
    return Call(Const(maker, span), list(place), span)


def transformer_kind(spec: Any, env: Env) -> str:
    if isinstance(spec, Pair) and is_identifier(spec.car):
        found, _ = lookup(spec.car, env)
        if isinstance(found, Row) and found.name in ("syntax-rules", "er-macro-transformer"):
            return found.name
    return ""


def transformer_of(x: Expander, spec: Any, env: Env, span: Span | None, name: str) -> Row:
    """The row that a transformer written inside ENV makes, now."""
    kind = transformer_kind(spec, env)
    if kind == "syntax-rules":
        return rules_row(env, name, spec)
    if kind == "er-macro-transformer":
        return procedure_row(env, name, x.run(x.item(spec.cdr, namespace_of(env), span)))
    return the_row(lookup(spec, env)[0] if is_identifier(spec) else None, name, span)


def the_row(found: Any, name: str, span: Span | None) -> Row:
    """FOUND, what the transformer of NAME means; an error of syntax if that is no row."""
    if isinstance(found, Row):
        return found
    hint = (
        "a transformer is (syntax-rules (literal …) (pattern template) …) or (er-macro-transformer procedure)"
    )
    raise bad_syntax(f"{name}: this is no transformer", span, hint)


def rules_row(env: Env, name: str, spec: Any, doc: str = "", source: Span | None = None) -> Row:
    """The row of a syntax-rules macro; its text is parsed now, but the stdlib's when it is first used."""
    made = [] if namespace_of(env).base is None else [Rules(spec, env)]

    def macro(form: Any, use: Env) -> Any:
        if not made:
            made.append(Rules(spec, env))
        return made[0](form, use)

    found = macro_row(name, macro)
    found.source, found.home, found.doc = source or spec.span, env, doc
    found.again = lambda home, copy: rules_row(home, name, spec, doc, found.source)
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

        compare.use = use  # type: ignore[attr-defined]  # for primitives that expand parts of FORM
        try:
            return call(procedure, form, rename, compare)
        except (
            WrongType,
            ArityError,
            AttributeError,
        ) as fault:  # the last: car of what is no pair, written out
            if namespace_of(env).base is not None:
                raise  # the program's own macro: its author wants to know
            examples = split_doc(doc)[1]
            hint = f"for example: {examples[0][0]}" if examples else getattr(fault, "hint", None)
            raise bad_syntax(f"{name}: this form is not one it knows", form.span, hint) from None

    found = macro_row(name, macro)
    found.source, found.home, found.doc = source, env, doc
    found.again = lambda home, copy: procedure_row(home, name, copy(procedure), doc, source)
    return found


def expand_let_syntax(x: Expander, form: Any, env: Env, span: Span | None) -> Node:
    """Forms bound for the body only."""
    bindings, *_ = parts(form, 2, None, span)
    scope = Scope(env)
    recursive = spelling(form.car) == "letrec-syntax"
    for binding in listed(bindings, form, span):
        cells = list(binding) if isinstance(binding, Pair) else []
        if len(cells) != 2 or not is_identifier(cells[0]):
            raise bad_syntax("let-syntax: a binding is (name transformer)", span)
        inside = scope if recursive else env
        scope.bind(cells[0], transformer_of(x, cells[1], inside, span, spelling(cells[0])))
    return x.body(form.cdr.cdr, scope, span)


for _name in ("let-syntax", "letrec-syntax"):
    CORE[_name] = Row(
        _name,
        expand_let_syntax,
        doc="Forms bound for the body only.",
        usage=f"({_name} ((name transformer) …) body …)",
    )


def _only_as_transformer(x: Expander, form: Any, env: Env, span: Span | None) -> Node:
    raise bad_syntax(
        f"{spelling(form.car)} stands only as the transformer of define-syntax or let-syntax", span
    )


CORE["syntax-rules"] = Row(
    "syntax-rules",
    _only_as_transformer,
    doc="Patterns and templates; hygienic.",
    usage="(syntax-rules (literal …) (pattern template) …)",
)
CORE["er-macro-transformer"] = Row(
    "er-macro-transformer",
    _only_as_transformer,
    doc="A macro written as a procedure of (form rename compare), which returns a form.",
    usage="(er-macro-transformer (lambda (form rename compare) …))",
)


def redefined_forms(forms: Iterable[Any], space: Namespace) -> set[str]:
    """Names that come with the language as forms, and that one of the top-level FORMS defines as variables. They are
    variables for the whole text: a procedure may call one that is defined after it.
    """
    found = set()
    for form in forms:
        if isinstance(form, Pair) and form.car is DEFINE and isinstance(form.cdr, Pair):
            target = form.cdr.car
            name = getattr(target.car if isinstance(target, Pair) else target, "name", "")
            if name not in CORE and not space.owns(name) and isinstance(space.get(name), Row):
                found.add(name)
    return found


def install_core(space: Namespace) -> None:
    """Bind the core rows in SPACE, the foundation of a session."""
    for module in ("blocks", "program_forms", "several"):  # these declare rows too
        import_module("chorus.interpreter.compiler." + module)
    for name, found in CORE.items():
        space.define(name, found)
