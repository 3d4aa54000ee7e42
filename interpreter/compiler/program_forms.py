"""The rows by which a program takes in text and names: import, define-library, include, cond-expand; syntax-error."""

from __future__ import annotations

from typing import Any

from chorus.interpreter.compiler.expand import Expander
from chorus.interpreter.compiler.forms import CORE, parts, row
from chorus.interpreter.compiler.nodes import Const, Node
from chorus.interpreter.compiler.syntax import (
    Alias,
    Env,
    Scope,
    bad_syntax,
    macro_row,
    namespace_of,
    spelling,
    strip,
)
from chorus.runtime.errors import Span
from chorus.runtime.values import NIL, UNSPECIFIED, Pair, Symbol, make_list


@row("import", "(import import-set …)")
def expand_import(x: Expander, form: Any, env: Env, span: Span | None) -> Node:
    """Bind the names that libraries export. An import set is the name of a library, as in (import (scheme base)), or
    one of (only set name …), (except set name …), (prefix set prefix), (rename set (name new-name) …).
    """
    from chorus.interpreter.libraries import bring

    if isinstance(env, Scope):
        raise bad_syntax("import stands at the top level of a program, not in a body", span)
    bring(namespace_of(env), [strip(each) for each in parts(form, 0, None, span)], span)
    return Const(UNSPECIFIED, span)


@row("define-library", "(define-library (name …) declaration …)")
def expand_define_library(x: Expander, form: Any, env: Env, span: Span | None) -> Node:
    """A library: (export name …), (import set …), (begin form …), (include path …), (cond-expand …) in any order.
    (export (rename inside outside)) exports under another name.
    """
    from chorus.interpreter.library_forms import define

    if isinstance(env, Scope):
        raise bad_syntax("define-library stands at the top level of a program, not in a body", span)
    define(strip(form), namespace_of(env), span, x.file)
    return Const(UNSPECIFIED, span)


@row("syntax-error", "(syntax-error message form …)")
def expand_syntax_error(x: Expander, form: Any, env: Env, span: Span | None) -> Node:
    """An error of syntax, when the form is compiled: for macros whose patterns find what must not be."""
    from chorus.runtime.printer import write

    message, *irritants = parts(form, 1, None, span)
    said = message if message.__class__ is str else write(strip(message))
    error = bad_syntax(" ".join([said, *(write(strip(each)) for each in irritants)]), span)
    error.irritants, error.given = tuple(strip(each) for each in irritants), said
    raise error


def _begin(forms: Any, env: Env) -> Any:
    return Pair(Alias(Symbol("begin"), namespace_of(env).foundation), forms)


def _cond_expand(form: Any, env: Env) -> Any:
    from chorus.interpreter.library_forms import chosen

    found = chosen(list(form.cdr) if isinstance(form.cdr, Pair) else [], namespace_of(env), form.span)
    return _begin(NIL if found is None else found, env)


def _include(form: Any, env: Env) -> Any:
    from chorus.interpreter.library_forms import included
    from chorus.runtime.errors import CapabilityDenied

    context = namespace_of(env).foundation.context
    if context is not None and "read" not in context.capabilities:
        raise CapabilityDenied("read", spelling(form.car))
    return _begin(make_list(each for each, _ in included(form, form.span)), env)


for _name, _macro, _usage, _doc in (
    (
        "cond-expand",
        _cond_expand,
        "(cond-expand (requirement form …) …)",
        "The forms of the first clause whose requirement holds: a name in (features), (library name), else, or these "
        "under and, or, not.",
    ),
    ("include", _include, "(include path …)", "The forms of the files at PATHs, as if they stood here."),
    ("include-ci", _include, "(include-ci path …)", "As include, names read in lower case."),
):
    CORE[_name] = macro_row(_name, _macro)
    CORE[_name].usage, CORE[_name].doc = _usage, _doc


@row("the-environment", "(the-environment)")
def expand_the_environment(x: Expander, form: Any, env: Env, span: Span | None) -> Node:
    """The environment that the form stands in, for `eval` and `environment-ref`: with the variables of the procedures
    around it. These are kept in boxes for that; other code pays nothing.
    """
    from chorus.interpreter.stage.captured import environment_node

    parts(form, 0, 0, span)
    return environment_node(env, lambda name: x.local(Symbol(name)), span)


@row("with-level", "(with-level n form)")
def expand_with_level(x: Expander, form: Any, env: Env, span: Span | None) -> Node:
    """FORM's value, the code for which the evaluator of level N writes: stdlib/evaluator.sexp, evaluated N - 1 times by
    itself. It is the same code at every level.
    """
    from chorus.interpreter.reflection.evaluators import level_
    from chorus.interpreter.stage.front import code_by

    level, inner = parts(form, 2, 2, span)
    return code_by(level_(level, env, span), x, inner, env, span)


@row("with-evaluator", "(with-evaluator name form)")
def expand_with_evaluator(x: Expander, form: Any, env: Env, span: Span | None) -> Node:
    """FORM's value, evaluated by another evaluator: profile, trace, coverage, step, provenance, what-if or dry-run, or
    by several: (profile trace). What it notes of what is written in FORM, `(evaluator-report 'name)` tells; with
    follow, (trace follow), of the program's procedures as well that FORM reaches by name.
    """
    from chorus.interpreter.reflection.evaluators import evaluator
    from chorus.interpreter.stage.front import code_by

    names, inner = parts(form, 2, 2, span)
    return code_by(evaluator(names, env, span), x, inner, env, span, integrating=False)
