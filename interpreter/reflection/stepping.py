"""What stdlib/evaluators/step.sexp puts around forms: the frames that wait for their values, and stop."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from chorus.interpreter.reflection.staging import where
from chorus.runtime.calling import returns_pending, unwind
from chorus.runtime.context import Context
from chorus.runtime.continuations import Capture, Chain, Frame, link, resumable, rewind, transparent
from chorus.runtime.primitive import primitive
from chorus.runtime.values import SourcePair

if TYPE_CHECKING:
    from chorus.interpreter.stepping import Activation, Form, Stepper


@primitive("%written-at", effects="pure", checked=False)
def written_at(form: Any, other: Any) -> Any:
    """The pair FORM, as if it stood where OTHER was written.

    > (%written-at (list 1 2) '(f x))
    => (1 2)
    """
    made = SourcePair(form.car, form.cdr, other.span, form.car_span)
    if len(ORIGINALS) >= MOST_ORIGINALS:
        ORIGINALS.clear()
    ORIGINALS[id(made)] = made, original(other)
    return made


@primitive("%original", effects="pure", checked=False)
def original(form: Any) -> Any:
    """The form that FORM, which `%written-at` has just made, stands for; any other is its own.

    > (let ((use '(when a b))) (eq? use (%original (%written-at (list 'if 'a 'b) use))))
    => #t
    """
    made, found = ORIGINALS.get(id(form), (None, None))
    return found if made is form else form


MOST_ORIGINALS = 1_000
ORIGINALS: dict[int, tuple[Any, Any]] = {}  # id of what a macro made → that, and what it was made of


@primitive("%step-cell", effects="pure", checked=False)
def step_cell(ctx: Context, form: Any, at: Any) -> Any:
    """FORM, written AT, as what the stepper knows of it.

    > (begin (%step-cell '(f x) #f) 'made)
    => made
    """
    from chorus.interpreter.stepping import Cell

    if ctx.stepper is not None and ctx.stepper.mode == "through" and ctx.stepper.current is None:
        ctx.stepper = None  # what is evaluated next is to be stepped through
    return Cell(ctx, form, where(at))


def stepper_of(ctx: Context) -> Stepper:
    if ctx.stepper is None:
        from chorus.interpreter.stepping import Stepper

        ctx.stepper = Stepper(ctx)
    return ctx.stepper


# What a stepper shows is no output of the program: it goes to whoever steps. Cells know the session, so that a form
# costs no more host calls than it must.
@primitive("%step-run", effects="mutate", checked=False)
@transparent
def step_run(cell: Any, env: Any, thunk: Any) -> Any:
    """What THUNK gives, the value of the form in CELL, unless the stepper is told otherwise. ENV makes the environment.

    > (procedure? %step-run)
    => #t
    """
    stepper = cell.ctx.stepper or stepper_of(cell.ctx)
    mode = stepper.mode
    if mode == "on":
        return _awaited(cell.ctx, stepper.activation(stepper, (cell, env, thunk), False))
    return unwind(thunk() if mode == "through" else _begun(stepper, (cell, env, thunk), False))


@primitive("%step-tail", effects="mutate", checked=False)
@returns_pending
@transparent
def step_tail(cell: Any, env: Any, thunk: Any) -> Any:
    """The same of a form in tail position: unless it is looked at, nothing waits for its value here but what waited for
    that of the procedure.

    > (procedure? %step-tail)
    => #t
    """
    stepper = cell.ctx.stepper or stepper_of(cell.ctx)
    if stepper.mode == "through":
        return (thunk, (), None)
    around = stepper.current
    is_tail = stepper.is_tail_of(around, sys._getframe(), _awaited.__code__)
    if around is None or not is_tail or (stepper.mode != "on" and stepper.wants(cell)):
        return _begun(stepper, (cell, env, thunk), is_tail)
    around.latest = (cell, env, thunk)
    return (thunk, (), None)


@transparent
def _begun(stepper: Stepper, form: Form, tail: bool) -> Any:
    """The value of FORM, or what is taken for it."""
    mine = stepper.activation(stepper, form, tail)
    if stepper.mode != "on" and stepper.wants(form[0]):
        found = stepper.stop(mine)
        if found is not stepper.go:
            return stepper.returned(mine, found)
    return _awaited(stepper.ctx, mine)


def _awaited_frame(variables: dict[str, Any], chain: Chain) -> Chain:
    mine = variables["mine"]
    return link(Frame(partial(_resumed, mine), partial(_thrown, mine)), chain)


@resumable(_awaited_frame)
def _awaited(ctx: Context, mine: Activation) -> Any:
    """The value of MINE's form."""
    stepper = mine.stepper
    stepper.current = mine
    try:
        value = unwind(mine.form[2]())
    except Exception as problem:
        if ctx.live is not mine.live:
            raise Capture(partial(_thrown, mine, problem), problem) from None
        return _thrown(mine, problem)
    except BaseException:
        stepper.left(mine)
        raise
    if stepper.mode == "on":
        stepper.current = mine.outer
        return value
    return stepper.returned(mine, value)


def _resumed(mine: Activation, value: Any) -> Any:
    return mine.stepper.returned(mine, value)


def _thrown(mine: Activation, problem: Exception) -> Any:
    """What becomes of PROBLEM: it goes on, or a value is taken for it, or the form is evaluated again."""
    from chorus.interpreter.step_commands import GO

    stepper = mine.stepper
    if not stepper.takes(problem):
        stepper.left(mine)
        raise problem
    stepper.current = mine
    try:
        found = stepper.failed(mine, problem)
    except BaseException:
        stepper.left(mine)
        raise
    ctx = stepper.ctx
    ctx.handlers = mine.handlers
    rewind(ctx, mine.winds)
    return (_awaited, (ctx, mine), None) if found is GO else stepper.returned(mine, found)


def _step_frame(variables: dict[str, Any], chain: Chain) -> Chain:
    ctx, before = variables["ctx"], variables["before"]

    def go_on(value: Any) -> Any:
        ctx.stepper = before
        return value

    return link(Frame(go_on), chain)


@primitive("%stepping", effects="output", checked=False)
@resumable(_step_frame)
def step(ctx: Context, thunk: Any, commands: Any = False) -> Any:
    """What THUNK gives, stepped through by COMMANDS, a list, or if that is #f by whoever is asked.

    > (%stepping (lambda () 5))
    => 5
    """
    from chorus.interpreter.stepping import Stepper, list_of

    before = ctx.stepper or Stepper(
        ctx, mode="through"
    )  # what is kept of this and called later does not stop
    ctx.stepper = Stepper(ctx, list_of(commands))
    try:
        return unwind(thunk())
    finally:
        ctx.stepper = before
