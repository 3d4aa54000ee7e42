"""The evaluator as a thing that programs reach: its levels, its environment, special forms of a program's own."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from chorus.interpreter.compiler.syntax import bad_syntax, is_identifier, lookup, namespace_of, strip
from chorus.interpreter.diagnostics import SOURCES, name_hint, suggest
from chorus.interpreter.namespace import Namespace
from chorus.interpreter.reader import read_one
from chorus.interpreter.reflection.environments import space_of
from chorus.interpreter.reflection.staging import stage_of, where
from chorus.interpreter.stage.front import NAMES, EvaluatorSpace, derived_names, front_of, row_of, tower_of
from chorus.interpreter.stage.scopes import Frame, Variable
from chorus.interpreter.stage.stages import value_of
from chorus.runtime.calling import returns_pending
from chorus.runtime.context import Context
from chorus.runtime.errors import ChorusError, EvalError, Span, UnboundName
from chorus.runtime.primitive import Procedure, primitive
from chorus.runtime.printer import brief, write
from chorus.runtime.values import UNSPECIFIED, Keyword, Symbol, list_items

FOLLOW = Keyword("follow")
FORMS = {
    "provenance": "why",
    "what-if": "what-if",
    "dry-run": "dry-run",
    "step": "step",
}  # that give what was noted
WIDTH = 100  # letters of a form that are told


def text_at(form: Any, at: Span | None) -> str:
    """FORM as its author wrote it AT some place, if the text there is still that: names of texts are used again."""
    shown = brief(strip(form), 10_000)
    text = " ".join((SOURCES.text(at) or "").split()) if at is not None else ""
    if text:
        with suppress(ChorusError):
            shown = text if brief(read_one(text, ""), 10_000) == shown else shown
    return shown if len(shown) <= WIDTH else shown[: WIDTH - 1] + "…"


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


@primitive("%evaluator", effects="pure", checked=False)
def evaluator(names: Any, env: Any, at: Any) -> Any:
    """The evaluator that the form (with-evaluator NAMES …) asks for.

    > (procedure? (%evaluator 'coverage (interaction-environment) #f))
    => #t
    """
    given = [strip(each) for each in ([names] if is_identifier(names) else list_items(names) or [names])]
    if (
        given[:1] == [Symbol("quote")] and len(given) == 2
    ):  # 'profile: a name is not quoted here, but what is meant is plain
        given = list_items(given[1]) or [given[1]]
    given = [part for each in given for part in (apart(each) if isinstance(each, Symbol) else [each])]
    if FOLLOW in given:
        given = [*(each for each in given if each is not FOLLOW), Symbol("follow")]
    return derived(namespace_of(env).foundation, given, where(at)).dict["ev"]


def apart(name: Symbol) -> list[Symbol]:
    """The evaluators that NAME stands for: profile+trace, as the command line has it, is two."""
    return [Symbol(part) for part in name.name.split("+")]


def derived(foundation: Namespace, names: list[Any], at: Span | None) -> EvaluatorSpace:
    for name in names:
        if not isinstance(name, Symbol) or name.name not in derived_names():
            raise no_evaluator(name, at)
    return tower_of(foundation).by_name(tuple(name.name for name in names))


def no_evaluator(name: Any, at: Span | None) -> EvalError:
    known = derived_names()
    meant = suggest(name.name, known) if isinstance(name, Symbol) else None
    if isinstance(name, str):
        hint = f"its name is written without quotes: (with-evaluator {name} …)"
    elif isinstance(name, Symbol) and name.name.partition("-")[0] in NAMES:
        hint = "for a level of the tower there is (with-level n form), for a whole program chorus --evaluator"
    else:
        hint = f"did you mean {meant}?" if meant else f"there are {', '.join(known)}"
    return EvalError(f"there is no evaluator {write(name)}", code="evaluator", hint=hint, span=at)


@primitive("evaluator-report", effects="pure")
@returns_pending
def evaluator_report(ctx: Context, name: Symbol) -> Any:
    """What the evaluator NAME has noted in this session: a list of hash tables.

    > (with-evaluator trace (+ 1 (* 2 3)))
    => 7
    > (map (lambda (call) (hash-ref call :arguments)) (evaluator-report 'trace))
    => ((2 3) (1 6))
    """
    tower = tower_of(ctx.session.space.foundation)
    if len(apart(name)) > 1:
        raise EvalError(
            f"each evaluator of {name.name} has a report of its own",
            code="evaluator",
            hint=" and ".join(f"(evaluator-report '{each.name})" for each in apart(name)),
        )
    spaces = [space for space in tower.derived.values() if name.name in space.texts]
    space = spaces[-1] if spaces else derived(tower.foundation, [name], None)
    report = space.dict.get(f"{name.name}-report")
    if report is None:
        form = FORMS.get(name.name)
        hint = f"what it found is the value of ({form} …)" if form else "it is there for others to stand on"
        raise EvalError(f"the evaluator {name.name} gives no report", code="evaluator", hint=hint)
    return (report, (), None)


@primitive("%written-text", effects="pure", checked=False)
def written_text(form: Any, at: Any) -> str:
    """FORM in the words in which it was written AT some place, on one line; cut where it is long.

    > (%written-text '(f "x") #f)
    => "(f \\"x\\")"
    """
    return text_at(form, where(at))


@primitive("%place-text", effects="pure", checked=False)
def place_text(at: Any) -> Any:
    """Where a form was written, as text; #f if that is not known.

    > (%place-text #f)
    => #f
    """
    return str(at) if at.__class__ is Span else False


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


@primitive("restore-evaluator!", effects="rewrite")
def restore_evaluator(ctx: Context) -> Any:
    """Evaluate as the session did when it was opened: whatever was changed in the evaluator is gone. The form
    (restore-evaluator!) itself is evaluated by the host, so it works when the evaluator no longer does.

    > (eval '(define (ev l x env at) (car 5)) (evaluator-environment))
    > (restore-evaluator!)
    > (+ 1 2)
    => 3
    """
    foundation = ctx.session.space.foundation
    tower_of(foundation).restore()
    foundation.front = front_of(ctx.session.evaluator, foundation)
    return UNSPECIFIED


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
