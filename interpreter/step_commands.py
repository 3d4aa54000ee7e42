"""What can be told to `step` where it stops: the commands, each with what it does to the stepper."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chorus.interpreter.diagnostics import report
from chorus.interpreter.frames.texts import head
from chorus.interpreter.namespace import Namespace
from chorus.interpreter.written import definition_of
from chorus.runtime.calling import meta_of
from chorus.runtime.errors import LimitSignal, Span
from chorus.runtime.printer import brief
from chorus.runtime.values import NIL, Pair, list_items

if TYPE_CHECKING:
    from chorus.interpreter.stepping import Stepper
    from chorus.interpreter.under_way import Activation, Cell

WIDTH = 100  # letters of a value that are shown
GO: Any = object()  # evaluation goes on
PASS: Any = object()  # the error does
HELP = """in (or an empty line)   go on to the next form, wherever it is
over   evaluate this form, and stop after it
out    go on until the form around this one has its value
here PLACE   go on to a LINE, a LINE:COLUMN, the next call of a NAME or the beginning of the procedure
continue   go on to the end
use FORM   take the value of FORM for that of this form
locals, where   the variables in sight; the forms under way
abort  give up the whole evaluation
Anything else is a form: evaluated here, it can see and set! the variables; definitions are the session's."""

# — commands: what each does with the stepper, the form under way, an environment, its words —

Command = Callable[["Stepper", "Activation", Any, str], Any]


def _into(stepper: Stepper, *_: Any) -> Any:
    stepper.mode = "in"
    return GO


def _retry(stepper: Stepper, ends: Activation, env: Any, rest: str) -> Any:
    if not stepper.failing:
        stepper.say(ends.depth, "retry is for a form that has failed")
        return None
    stepper.mode = "in"
    return GO


def _over(stepper: Stepper, ends: Activation, env: Any, rest: str) -> Any:
    stepper.mode, stepper.target = "until", ends
    return GO


def _out(stepper: Stepper, ends: Activation, env: Any, rest: str) -> Any:
    stepper.mode, stepper.target = ("on", None) if ends.outer is None else ("until", ends.outer)
    return GO


def _here(stepper: Stepper, ends: Activation, env: Any, rest: str) -> Any:
    if not rest:
        stepper.say(ends.depth, "here wants a line, a line:column or a name")
        return None
    begins = beginning(stepper.ctx.session.space, rest)

    def is_there(each: Cell) -> bool:
        at = each.at
        there = at is not None and (at == begins or rest in (str(at.line), f"{at.line}:{at.column}", str(at)))
        return there or rest == each.head

    stepper.mode, stepper.target = "here", is_there
    return GO


def beginning(space: Namespace, name: str) -> Span | None:
    """Where the first form of the body stands of the procedure called NAME."""
    meta = meta_of(space.get(name))
    form = definition_of(meta) if meta is not None else False
    if not (isinstance(form, Pair) and isinstance(form.cdr, Pair)):
        return None
    procedure = form.cdr if isinstance(form.cdr.car, Pair) else procedure_in(form.cdr.cdr)
    body = [each for each in list_items(procedure.cdr) or [] if isinstance(each, Pair)]
    return next((each.span for each in body if not head(each).startswith("define")), None)


def procedure_in(values: Any) -> Any:
    """Of the lambda that VALUES, the rest of a definition, begins with, its parameters and body; else nothing."""
    value: Any = values.car if isinstance(values, Pair) else None
    return value.cdr if head(value) == "lambda" and isinstance(value.cdr, Pair) else Pair(False, NIL)


def _on(stepper: Stepper, ends: Activation, env: Any, rest: str) -> Any:
    failed, stepper.mode = stepper.failing, "on"
    return PASS if failed else GO


def _use(stepper: Stepper, ends: Activation, env: Any, rest: str) -> Any:
    if not rest:
        stepper.say(ends.depth, "use wants a form, whose value is taken")
        return None
    try:
        return stepper.value(rest, env)
    except Exception as problem:
        stepper.say(ends.depth, report(stepper.ctx.session.translate(problem)))
        return None


def _pass(stepper: Stepper, ends: Activation, env: Any, rest: str) -> Any:
    if not stepper.failing:
        stepper.say(ends.depth, "pass is for an error")
        return None
    return PASS


def _abort(stepper: Stepper, *_: Any) -> Any:
    stepper.mode = "through"
    raise LimitSignal("cancel", reason="aborted")


def _locals(stepper: Stepper, ends: Activation, env: Any, rest: str) -> Any:
    found = stepper.variables(env)
    for name, value in found.items():
        stepper.say(ends.depth, f"{name} = {brief(value, WIDTH)}")
    if not found:
        stepper.say(ends.depth, "there are no local variables here")


def _where(stepper: Stepper, ends: Activation, env: Any, rest: str) -> Any:
    here: Activation | None = ends
    while here is not None:
        each = here.form[0]
        stepper.say(ends.depth, f"{each.at}   {each.text}")
        here = here.outer


def _help(stepper: Stepper, *_: Any) -> Any:
    for line in HELP.split("\n"):
        stepper.say(0, line)


COMMANDS: dict[str, Command] = {
    "": _into, "in": _into, "over": _over, "out": _out, "here": _here, "continue": _on, "use": _use, "abort": _abort,
    "locals": _locals, "where": _where, "help": _help, "?": _help, "retry": _retry, "pass": _pass,
}  # fmt: skip
RESTARTS: dict[str, Command] = {"1": _retry, "2": _use, "3": _pass, "4": _abort}
WITH_WORDS = ("use", "2", "here")
HABITS = {  # what other debuggers call them
    "n": "over", "next": "over", "s": "in", "step": "in", "into": "in", "finish": "out", "return": "out", "q": "abort",
    "c": "continue", "cont": "continue", "go": "continue", "quit": "abort", "bt": "where", "backtrace": "where",
    "w": "where", "stack": "where", "vars": "locals", "args": "locals", "b": "here", "break": "here", "until": "here",
    "h": "help",
}  # fmt: skip
ONWARDS = (_into, _over, _out, _here)  # what cannot be done with a form that has failed
