"""Other values for names, for one evaluation: what `what-if` asks of the session's versions."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Any

from chorus.interpreter.compiler.syntax import Row, home_of
from chorus.interpreter.diagnostics import name_hint
from chorus.interpreter.reflection.versions import keeper_of
from chorus.interpreter.written import remember_value
from chorus.runtime.context import Context
from chorus.runtime.errors import EvalError, UnboundName
from chorus.runtime.frames.bindings import Binding, bind
from chorus.runtime.frames.treediff import difference
from chorus.runtime.primitive import Items, primitive
from chorus.runtime.printer import write
from chorus.runtime.values import UNSPECIFIED, Symbol, make_list


@primitive("%assume", effects="mutate")
def assume(ctx: Context, names: Items, values: Items, forms: Items) -> Any:
    """Let NAMES have other VALUES, which FORMS gave, for all code, until (%leave-environment).

    > (define rate 2)
    > (define (price x) (* x rate))
    > (begin (%assume '(rate) '(3) '(3)) (let ((then (price 10))) (%leave-environment) (list then (price 10))))
    => (30 20)
    """
    space = ctx.session.space
    places, changes = {}, []
    for name, value, form in zip(names, values, forms, strict=True):
        if not isinstance(name, Symbol):
            raise EvalError(
                f"what-if: {write(name)} is no name", code="syntax", hint="(what-if ((name value)) form)"
            )
        home = home_of(space, name.name)
        if home is None:
            raise UnboundName(
                f"what-if: nothing is called {name.name}",
                hint=name_hint(name.name, space.names()),
                irritants=(name,),
            )
        if home.get(name.name).__class__ is Row:
            raise EvalError(f"what-if: {name.name} is a form, not a value", code="syntax")
        remember_value(value, form)  # the evaluator of what-if has evaluated it at the top level
        own = home is space
        places["own" if own else "everywhere", name.name] = value
        kind = "define" if own else "set!"
        changes.append(bind("context", Binding(kind, name.name, f"({kind} {write(name)} {write(form)})")))
    keeper_of(ctx).assume(places, changes)
    return UNSPECIFIED


@primitive("%keep-aside", effects="mutate", checked=False)
def keep_aside(meaning: Any) -> Any:
    """What the global MEANING is bound to from here on is taken back by (%leave-environment).

    > (define n 1)
    > (begin (%assume '() '() '()) (%keep-aside (%global 'n (interaction-environment))) (set! n 2))
    > (begin (%leave-environment) n)
    => 1
    """
    session = meaning.space.foundation.context.session
    home = home_of(meaning.space, meaning.name) or session.space
    session.versions.keep_aside(("own" if home is session.space else "everywhere", meaning.name))
    return UNSPECIFIED


@primitive("value-diff", effects="pure")
def value_diff(old: Any, new: Any) -> Any:
    """What makes OLD into NEW, in the manner of `environment-diff`: where a part differs stands (:was a), (:now b), or
    both.

    > (value-diff '(1 2 3) '(1 5 3 4))
    => (1 (:was 2 :now 5) 3 (:now 4))
    """
    return difference(old, new)


@primitive("%text-diff", effects="pure")
def text_diff(old: str, new: str) -> Any:
    """The lines of OLD and NEW that differ, in order, with - and + before them.

    > (%text-diff "a\\nb" "a\\nc")
    => ("- b" "+ c")
    """
    before, now = old.split("\n"), new.split("\n")
    lines: list[str] = []
    for kind, i, j, m, n in SequenceMatcher(None, before, now, autojunk=False).get_opcodes():
        if kind != "equal":
            lines += [f"- {line}" for line in before[i:j]] + [f"+ {line}" for line in now[m:n]]
    return make_list(lines)
