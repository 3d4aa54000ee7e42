"""What stdlib/evaluators/step.sexp puts around forms: the frames that wait for their values, and stop."""

from __future__ import annotations

import sys
from functools import partial
from operator import getitem
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from chorus.interpreter.reflection.staging import where
from chorus.interpreter.stage.originals import original
from chorus.runtime.calling import returns_pending, unwind
from chorus.runtime.context import Context
from chorus.runtime.continuations import Capture, Chain, Frame, link, place, resumable, rewind, transparent
from chorus.runtime.primitive import primitive

if TYPE_CHECKING:
    from chorus.interpreter.stepping import Stepper
    from chorus.interpreter.under_way import Activation, Form


@primitive("%original", effects="pure", checked=False)
def original_(form: Any) -> Any:
    """The form as it was written that FORM, which a macro has just made, stands for; any other is its own.

    > (%original '(when a b))
    => (when a b)
    """
    return original(form)


@primitive("%step-cell", effects="pure", checked=False)
def step_cell(ctx: Context, form: Any, at: Any, at_once: Any) -> Any:
    """FORM, written AT, as what the stepper knows of it; AT_ONCE: its operands only compute.

    > (begin (%step-cell '(f x) #f #f) 'made)
    => made
    """
    from chorus.interpreter.stepping import use
    from chorus.interpreter.under_way import WAITING, Cell

    if not WAITING:
        WAITING.update(place(each.__code__) for each in (step_run, _awaited))

    before = ctx.stepper
    if before is not None and before.mode == "through" and before.around(sys._getframe())[0] is None:
        use(ctx, None)  # what is evaluated next is to be stepped through
    return Cell(ctx, form, where(at), at_once is not False)


@primitive("%step-looking", effects="pure")
def step_looking(ctx: Context) -> Any:
    """A procedure that tells whether forms are asked about.

    > ((%step-looking))
    => #t
    """
    return partial(getitem, ctx.looking, 0)


def stepper_of(ctx: Context) -> Stepper:
    if ctx.stepper is None:
        from chorus.interpreter.stepping import Stepper, use

        use(ctx, Stepper(ctx))
    return ctx.stepper


def _run_frame(variables: dict[str, Any], chain: Chain) -> Chain:
    """The frame of `step_run`, as if the form had been looked at."""
    if "live" not in variables:
        return chain
    from chorus.interpreter.under_way import Activation

    form, stepper = (variables["cell"], variables["part"]), variables["stepper"]
    mine = Activation(stepper, form, None, False, SimpleNamespace(**variables))
    return link(Frame(partial(_resumed, mine), partial(_thrown, mine)), chain)


# What a stepper shows is no output of the program: it goes to whoever steps. Cells know the session, so that a form
# costs no more host calls than it must; and nothing is made of a form that nobody looks at, unless it fails.
@primitive("%step-run", effects="mutate", checked=False)
@resumable(_run_frame)
def step_run(cell: Any, part: Any) -> Any:
    """What the form in CELL gives, unless the stepper is told otherwise. PART makes its environment if it is given #t,
    and else evaluates the form; if it is #f, without operands that only compute being asked about.

    > (procedure? %step-run)
    => #t
    """
    ctx = cell.ctx
    if ctx.looking[0] and stepper_of(ctx).wants(cell):
        stepper = ctx.stepper
        return unwind(_begun(stepper, (cell, part), *stepper.around(sys._getframe().f_back)))
    stepper = ctx.stepper
    # what is in force is for whoever looks at this frame: `Stepper.at`, `_run_frame`
    handlers, winds, live, latest = ctx.handlers, ctx.winds, ctx.live, stepper.latest  # noqa: F841
    try:
        value = part(False)
        if value.__class__ is tuple:
            value = unwind(value)
    except Exception as problem:
        form = stepper.failing_form((cell, part), latest, problem)
        if not stepper.takes(problem):
            stepper.marked.pop(id(sys._getframe()), None)
            raise
        mine = stepper.at(sys._getframe())
        mine.form = form
        stepper.marked.pop(id(sys._getframe()))
        if stepper.in_operand(form, problem):  # again, for that to be asked about
            return unwind(_awaited(ctx, mine))
        if ctx.live is not live:
            raise Capture(partial(_thrown, mine, problem), problem) from None
        return unwind(_thrown(mine, problem))
    except BaseException:
        known = stepper.marked.pop(id(sys._getframe()), None)
        if known is not None:
            stepper.left(known[1])
        raise
    stepper.latest = latest
    return stepper.done(sys._getframe(), value) if stepper.marked else value


@primitive("%step-tail", effects="mutate", checked=False)
@returns_pending
@transparent
def step_tail(cell: Any, part: Any) -> Any:
    """The same of a form in tail position: unless it is looked at, nothing waits for its value here but what waited for
    that of the procedure.

    > (procedure? %step-tail)
    => #t
    """
    stepper = cell.ctx.stepper or stepper_of(cell.ctx)
    if stepper.looks and stepper.wants(cell):
        return _begun(stepper, (cell, part), *stepper.around(sys._getframe()))
    stepper.latest = (cell, part)
    return (part, (False,), None)


@transparent
def _begun(stepper: Stepper, form: Form, outer: Activation | None, tail: bool) -> Any:
    """The value of FORM, or what is taken for it, after it was asked about."""
    from chorus.interpreter.step_commands import GO
    from chorus.interpreter.under_way import Activation

    mine = Activation(stepper, form, outer, tail, stepper.ctx)
    found = stepper.stop(mine)
    return _awaited(stepper.ctx, mine) if found is GO else stepper.returned(mine, found)


def _awaited_frame(variables: dict[str, Any], chain: Chain) -> Chain:
    mine = variables["mine"]
    return link(Frame(partial(_resumed, mine), partial(_thrown, mine)), chain)


@resumable(_awaited_frame)
def _awaited(ctx: Context, mine: Activation) -> Any:
    """The value of MINE's form."""
    stepper = mine.stepper
    before = stepper.latest
    try:
        value = unwind(mine.form[1](mine.form[0].look))
    except Exception as problem:
        form, mine.form = mine.form, stepper.failing_form(mine.form, before, problem)
        if mine.form is not form and stepper.in_operand(mine.form, problem) and stepper.takes(problem):
            return (_awaited, (ctx, mine), None)
        if ctx.live is not mine.live:
            raise Capture(partial(_thrown, mine, problem), problem) from None
        return _thrown(mine, problem)
    except BaseException:
        stepper.left(mine)
        raise
    stepper.latest = before
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
        from chorus.interpreter.stepping import use

        use(ctx, before)
        return value

    return link(Frame(go_on), chain)


@primitive("%stepping", effects="output", checked=False)
@resumable(_step_frame)
def step(ctx: Context, thunk: Any, commands: Any = False) -> Any:
    """What THUNK gives, stepped through by COMMANDS, a list, or if that is #f by whoever is asked.

    > (%stepping (lambda () 5))
    => 5
    """
    from chorus.interpreter.stepping import Stepper, list_of, use

    before = ctx.stepper or Stepper(
        ctx, mode="through"
    )  # what is kept of this and called later does not stop
    use(ctx, Stepper(ctx, list_of(commands)))
    try:
        return unwind(thunk())
    finally:
        use(ctx, before)
