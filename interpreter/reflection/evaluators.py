"""The evaluator as a thing that programs reach: its levels, its environment, special forms of a program's own."""

from __future__ import annotations

from typing import Any

from chorus.interpreter.compiler.syntax import bad_syntax, lookup, namespace_of
from chorus.interpreter.diagnostics import name_hint
from chorus.interpreter.reflection.environments import space_of
from chorus.interpreter.reflection.staging import stage_of, where
from chorus.interpreter.stage.front import EvaluatorSpace, row_of, tower_of
from chorus.interpreter.stage.scopes import Frame, Variable
from chorus.interpreter.stage.stages import value_of
from chorus.runtime.calling import returns_pending
from chorus.runtime.context import Context
from chorus.runtime.errors import EvalError, UnboundName
from chorus.runtime.primitive import Procedure, primitive
from chorus.runtime.values import UNSPECIFIED, Symbol


@primitive("tower", effects="pure")
def tower(ctx: Context, level: int) -> Any:
    """The evaluator of LEVEL: a procedure of a stage, a form, an environment and a place. Level 1 is
    stdlib/evaluator.sexp as the host has compiled it, level n + 1 the same text as level n has compiled it. With
    `identity` as the stage it interprets.

    > ((tower 2) identity '(+ 1 2) (interaction-environment) #f)
    => 3
    """
    return tower_of(ctx.session.space.foundation).level(level).dict["ev"]


@primitive("%level", effects="pure", checked=False)
def level_(number: Any, env: Any, at: Any) -> Any:
    """The evaluator that the form (with-level NUMBER …) asks for.

    > (procedure? (%level 1 (interaction-environment) #f))
    => #t
    """
    if number.__class__ is not int:
        raise bad_syntax("with-level: the level is a number that is written there", where(at))
    try:
        return tower_of(namespace_of(env).foundation).level(number).dict["ev"]
    except EvalError as error:
        error.span = error.span or where(at)
        raise


@primitive("evaluate", effects="pure", checked=False)
@returns_pending
def evaluate(stage: Any, form: Any, env: Any, at: Any = False) -> Any:
    """What the evaluator of the session makes of FORM in ENV, at STAGE: special forms of a program's own hand their
    parts to it.

    > (evaluate identity '(if #f 1 2) (interaction-environment))
    => 2
    """
    return (tower_of(namespace_of(env).foundation).level(1).dict["ev"], (stage, form, env, at), where(at))


@primitive("evaluator-environment", effects="rewrite")
def evaluator_environment(ctx: Context, level: int = 1) -> Any:
    """The environment in which the evaluator of LEVEL is defined. What is redefined in that of level 1 changes what all
    code means that the session evaluates from then on.

    > (eval '(procedure? ev-if) (evaluator-environment))
    => #t
    """
    return tower_of(ctx.session.space.foundation).level(level)


@primitive("special-form-define!", effects="rewrite")
def special_form_define(ctx: Context, name: Symbol, procedure: Procedure, environment: Any = None) -> Any:
    """Make NAME a special form. PROCEDURE gets the stage, the form, the environment and the place, and returns the
    value, or code for it: what `evaluate` and the operations of the stage give. In ENVIRONMENT, the session's own if
    none is given; in the evaluator's own environment it changes what the language has under that name.

    > (special-form-define! 'unless*
        (lambda (l x env at)
          (%if l (evaluate l (cadr x) env at)
            (lambda () (%quote l #f at))
            (lambda () (evaluate l (caddr x) env at))
            at)))
    > (unless* (> 1 2) 'said)
    => said
    """
    space = space_of(ctx, environment, "special-form-define!")
    if isinstance(space, EvaluatorSpace):
        space.dict["special-forms"].set(name, procedure)
        space.change()
    else:
        space.define(name.name, row_of(name.name, procedure))
    return UNSPECIFIED


@primitive("environment-ref", effects="pure")
def environment_ref(ctx: Context, environment: Any, name: Symbol) -> Any:
    """The value of the variable NAME in ENVIRONMENT.

    > (environment-ref (let ((a 5)) (the-environment)) 'a)
    => 5
    """
    space = space_of(ctx, environment, "environment-ref")
    found, target = lookup(name, environment if isinstance(environment, Frame) else space)
    if isinstance(found, Variable):
        return value_of(found)
    if found is not None:
        raise EvalError(f"environment-ref: {name.name} is a form", code="type")
    home, inside = target
    if not home.holds(inside):
        raise UnboundName(
            f"environment-ref: nothing is called {name.name}", hint=name_hint(name.name, home.names())
        )
    value = home.get(inside)
    load = getattr(value, "load", None)
    return value if load is None else load()


@primitive("%environment", effects="pure", checked=False)
def environment_(stage: Any, env: Any, at: Any) -> Any:
    """ENV as a value of the program.

    > (environment? (%environment identity (interaction-environment) #f))
    => #t
    """
    return stage_of(stage).environment(env, where(at))
