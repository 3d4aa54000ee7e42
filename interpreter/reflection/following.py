"""Following calls into the text of what is called: what stands for a procedure where an evaluator has named it, and the
procedure as that evaluator makes it of its definition.
"""

from __future__ import annotations

from time import perf_counter
from typing import Any

from chorus.interpreter.compiler.nodes import Global
from chorus.interpreter.continuations import CURRENT
from chorus.interpreter.evaluator import Evaluator
from chorus.interpreter.namespace import Namespace
from chorus.interpreter.reflection.evaluators import derived
from chorus.interpreter.reflection.reaching import ATOMS, MAKER, loaded
from chorus.interpreter.stage.code import Code
from chorus.interpreter.stage.front import EvaluatorSpace, add_text
from chorus.interpreter.stage.scopes import Toplevel
from chorus.interpreter.stage.stages import Lift
from chorus.interpreter.written import definition_of, remember_value
from chorus.runtime.calling import call, meta_of
from chorus.runtime.context import Context
from chorus.runtime.frames.bindings import Key, innermost
from chorus.runtime.primitive import primitive
from chorus.runtime.values import (
    UNSPECIFIED,
    Pair,
    Symbol,
    list_items,
)


@primitive("%evaluator-ref", effects="pure")
def evaluator_ref(ctx: Context, evaluator: Any, name: Symbol) -> Any:
    """What NAME means in the text of the derived EVALUATOR, or of several: a name or a list of names.

    > (procedure? (%evaluator-ref 'trace 'trace-report))
    => #t
    """
    names = [evaluator] if isinstance(evaluator, Symbol) else list_items(evaluator) or [evaluator]
    return derived(ctx.session.space.foundation, names, None).dict[name.name]


SEEN, INSTEAD, TIMES, _, GLOBAL = range(5)  # of a place, a vector, beside the MAKER


@primitive("%stand-on", effects="mutate", checked=False)
def stand_on(evaluator: EvaluatorSpace, name: Symbol) -> Any:
    """Have the text of the derived evaluator NAME in EVALUATOR, an environment, too.

    > (procedure? %stand-on)
    => #t
    """
    add_text(evaluator, name.name)
    return UNSPECIFIED


@primitive("%stand-in", effects="mutate", checked=False)
def stand_in(place: list[Any], value: Any) -> Any:
    """What stands at PLACE for the VALUE of a global: #(value stand-in times maker global). What was found for the last
    value is kept; else the maker, a procedure of a value and a global, is asked.

    > (let ((place (vector #f #f 0 (lambda (value global) (list value global)) 'n))) (%stand-in place "a"))
    => "a"
    > (let ((place (vector #f #f 0 (lambda (value global) (list value global)) 'n))) (%stand-in place (list 1)))
    => ((1) n)
    """
    place[TIMES] += 1
    if value is place[SEEN]:
        return place[INSTEAD]
    if value.__class__ in ATOMS:
        return value
    began = perf_counter()
    made = place[INSTEAD] = call(place[MAKER], value, place[GLOBAL])
    place[SEEN] = value
    took = perf_counter() - began
    for clock in CURRENT.home.clocks:
        clock.last += took
    return made


@primitive("%global-of", effects="pure", checked=False)
def global_of(code: Any) -> Any:
    """The global whose value CODE fetches; #f for any other code, and for values.

    > (%global-of car)
    => #f
    """
    node = code.node if code.__class__ is Code else None
    return Toplevel(node.space, node.name) if isinstance(node, Global) else False


@primitive("%evaluated-by", effects="pure", checked=False)
def evaluated_by(evaluator: Any, procedure: Any) -> Any:
    """PROCEDURE as the EVALUATOR (its environment) makes it of the definition; #f if there is none to be had, as of
    host primitives and of closures with variables of their own.

    > (%evaluated-by (evaluator-environment) car)
    => #f
    """
    procedure = loaded(procedure)
    meta = meta_of(procedure)
    if meta is None or not isinstance(evaluator, EvaluatorSpace):
        return False
    home = procedure.__globals__.get("$:namespace")
    if home is None or loaded(home.get(meta.name)) is not procedure:
        return False
    form = definition_of(meta) or _kept_definition(home, meta.name, procedure)
    return _compiled(evaluator, home, form) if _defines_procedure(form, meta.name) else False


def _kept_definition(home: Namespace, name: str, procedure: Any) -> Any:
    """The form of a PROCEDURE that was rewritten, or kept by an earlier session."""
    context = home.foundation.context
    keeper = context.session.versions if context else None
    if keeper is None or keeper.space is not home:
        return False
    held = innermost(keeper.state, "own", name)
    given = held and keeper.live.get((held.last, Key(held.frame, "own", name)))
    return given.form if given and loaded(given.value) is procedure else False


def _defines_procedure(form: Any, name: str) -> bool:
    """Whether FORM is (define (NAME …) …), or gives NAME a lambda."""
    if not (isinstance(form, Pair) and form.car is Symbol("define") and isinstance(form.cdr, Pair)):
        return False
    target, body = form.cdr.car, form.cdr.cdr
    if isinstance(target, Pair):
        return target.car is Symbol(name)
    value = body.car if isinstance(body, Pair) else None
    return target is Symbol(name) and isinstance(value, Pair) and value.car is Symbol("lambda")


def _compiled(evaluator: EvaluatorSpace, home: Namespace, form: Any) -> Any:
    """The value that FORM gives its name in HOME, by the text of EVALUATOR."""
    host = Evaluator(home, home.foundation.metered)
    host.steps = False
    file = form.span.file if form.span else "<followed>"
    lift = Lift(home, file, host.check, lambda node: host._now(node, file), integrating=False)
    node = lift.unit(lambda: call(evaluator.dict["ev-definition"], lift, form, home, form.span), form.span)
    made = call(host.code(node, file).run, home)
    remember_value(made, form)
    return made
