"""The debugger behind `step`: where evaluation stops, what it is told to do there, what it shows.

A `Stepper` is asked at the beginning of each form that was written, and when a form fails. What it is told comes from a
list of commands, from a callback of the host's (`Session.on_step`: the prompt's is one), or, a line each, from standard
input; when there are no more, evaluation goes on to its end.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any, NamedTuple

from chorus.interpreter.compiler.syntax import Scope
from chorus.interpreter.diagnostics import message_of, report
from chorus.interpreter.frames.texts import head
from chorus.interpreter.reader import read_spanned
from chorus.interpreter.reflection.environments import evaluator_in
from chorus.interpreter.stage.scopes import UNBOUND, Variable
from chorus.interpreter.step_commands import COMMANDS, HABITS, ONWARDS, PASS, RESTARTS, WIDTH, WITH_WORDS
from chorus.interpreter.traces import span_at
from chorus.interpreter.under_way import WAITING, Activation, Cell, Form, passes
from chorus.runtime.calling import call, meta_of_code
from chorus.runtime.continuations import place
from chorus.runtime.errors import ChorusError, EvalError, UnboundName
from chorus.runtime.ports import TextInput, TextOutput
from chorus.runtime.primitives.ports import given
from chorus.runtime.printer import brief, write
from chorus.runtime.values import UNSPECIFIED, MultipleValues, MutableString, Symbol, list_items

DEEPEST = 20  # levels that are indented
UNKNOWN: Any = object()


class Stop(NamedTuple):
    """What the host's callback is told: KIND is "form" or "error"; VARIABLES are those in sight, by name."""

    kind: str
    text: str
    place: str
    variables: dict[str, Any]
    error: ChorusError | None


def use(ctx: Any, stepper: Stepper | None) -> None:
    """Have STEPPER, or if that is None one still to be made, asked from here on."""
    ctx.stepper = stepper
    ctx.looking[0] = stepper is None or stepper.looks


class Stepper:
    """The stepping of one evaluation. MODE: in, stop at the next form; here, at one that TARGET finds; until, once the
    activation TARGET has its value; on, at errors only; through, not at all.
    """

    def __init__(self, ctx: Any, commands: Any = None, mode: str = "in") -> None:
        self.ctx = ctx
        self.target: Any = None
        self.mode = mode
        self.latest: Form | None = None  # in tail position, begun last within what is awaited
        self.marked: dict[int, tuple[Any, Activation]] = {}  # by id: frames, and what is known of them
        self.commands: Iterator[str] | None = None if commands is None else map(spelled, commands)
        self.last: Any = None  # the error that was shown last
        self.failing = False  # it is an error that is asked about
        self.returning: Any = UNKNOWN  # the value that was shown last, if no form was since

    @property
    def mode(self) -> str:
        return self._mode

    @mode.setter
    def mode(self, mode: str) -> None:
        self._mode = mode
        self.looks = mode in ("in", "here")
        if self.ctx.stepper is self:
            self.ctx.looking[0] = self.looks

    # — what is under way —

    def around(self, frame: Any) -> tuple[Activation | None, bool]:
        """The innermost form that FRAME is under way for, and whether all between only returns its value."""
        direct = True
        while frame is not None:
            found = self.at(frame)
            if found is not None:
                return found, direct
            direct = direct and passes(frame.f_code, frame.f_lasti)
            frame = frame.f_back
        return None, False

    def at(self, frame: Any) -> Activation | None:
        """What FRAME waits for, if it waits for the value of a form: most do so without having been looked at."""
        there = place(frame.f_code)
        if there not in WAITING:
            return None
        variables = frame.f_locals
        if "mine" in variables or "live" not in variables:
            return variables.get("mine")
        known = self.marked.get(id(frame))
        if known is None:
            form, force = (variables["cell"], variables["part"]), SimpleNamespace(**variables)
            known = frame, Activation(self, form, self.around(frame.f_back)[0], False, force)
            self.marked[id(frame)] = known
        return known[1]

    def done(self, frame: Any, value: Any) -> Any:
        """FRAME, which waited, has its VALUE."""
        known = self.marked.pop(id(frame), None)
        return value if known is None else self.returned(known[1], value)

    # — what happens —

    def wants(self, cell: Cell) -> bool:
        if self.mode == "in":
            return True
        target, found = cell.looked
        if target is not self.target:
            found = self.mode == "here" and self.target(cell)
            cell.looked = self.target, found
        return found

    def stop(self, ends: Activation, error: Any = None) -> Any:
        """Ask what is to become of the form of ENDS: GO, or a value."""
        cell, part = ends.form
        env = partial(part, True)
        ends.shown = True
        self.returning = UNKNOWN
        if error is None:
            self.say(ends.depth, f"{cell.at}   {cell.text}")
        self.failing = error is not None
        while True:
            words = self.ask(cell, env, error).strip()
            name, _, rest = words.partition(" ")
            if name.startswith(".") and name[1:] in COMMANDS:  # as at the prompt, where commands begin so
                name = name[1:]
            command = COMMANDS.get(name) or (RESTARTS.get(name) if self.failing else None)
            if command is None or (rest and name not in WITH_WORDS):
                self.show_value(ends.depth, words, env)
                continue
            if error is not None and command in ONWARDS:
                self.say(ends.depth, "this form has failed: retry, use FORM, pass it on or abort")
                continue
            found = command(self, ends, env, rest.strip())
            if found is not None:
                return found

    def returned(self, mine: Activation, value: Any) -> Any:
        """Show VALUE, unless it has just been shown as that of a form in tail position."""
        if self.mode == "on":
            return value
        if self.mode == "until" and self.target is mine:
            self.mode = "in"
        elif not (mine.shown and self.mode == "in"):
            return value
        if value is not self.returning:
            values = value.items if value.__class__ is MultipleValues else (value,)
            self.say(mine.depth, "=> " + " ".join(brief(each, WIDTH) for each in values))
        self.returning = value
        return value

    def left(self, mine: Activation) -> None:
        """Control went elsewhere."""
        if self.mode == "until" and self.target is mine:
            self.mode = "in"

    def takes(self, problem: Exception) -> bool:
        """Whether a person is asked what to do about PROBLEM: one that nobody in the program may deal with, or any
        while each form is looked at."""
        if (
            self.mode == "through"
            or isinstance(problem, (RecursionError, MemoryError))
            or problem is self.last
        ):
            return False
        return self.ctx.handlers is None or self.mode == "in"

    def failing_form(self, form: Form, before: Form | None, problem: Exception) -> Form:
        """What failed of FORM: itself, or the form in tail position that was begun last since the one BEFORE, if its
        value would have been FORM's.
        """
        latest, self.latest = self.latest, before
        if latest is None or latest is before:
            return form
        trace = problem.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
            code = trace.tb_frame.f_code
            if code is latest[1].__code__:
                break
            if not passes(code, trace.tb_lasti):
                return form
        return latest

    def in_operand(self, form: Form, problem: Exception) -> bool:
        """Whether it was within an operand that FORM, evaluated at once, failed."""
        cell, part = form
        site, trace = None, problem.__traceback__
        while trace is not None and cell.at_once:
            code = trace.tb_frame.f_code
            if code is part.__code__:
                site = span_at(code, trace.tb_lasti)
            elif site is not None and meta_of_code(code) is not None:
                return False
            trace = trace.tb_next
        return site is not None and site != cell.at

    def failed(self, mine: Activation, problem: Exception) -> Any:
        """Ask what to do about PROBLEM: a value, GO to evaluate the form again, or it goes on."""
        cell = mine.form[0]
        error = self.last = self.ctx.session.translate(problem)
        self.say(mine.depth, f"error[{error.code}] {message_of(error)}")
        self.say(mine.depth, f"at {error.span or cell.at}, evaluating {cell.text}")
        self.say(mine.depth, "1 retry   2 use FORM for its value   3 pass it on   4 abort")
        found = self.stop(mine, error)
        if found is PASS:
            raise error.with_traceback(problem.__traceback__)
        return found

    # — asking —

    def ask(self, cell: Cell, env: Any, error: ChorusError | None) -> str:
        session = self.ctx.session
        if self.commands is not None:
            found = next(self.commands, None)
        elif session.on_step is not None:
            kind = "form" if error is None else "error"
            found = session.on_step(Stop(kind, cell.text, str(cell.at), self.variables(env), error))
        else:
            found = self._line()
            if found is None:
                self.say(0, "step: standard input has no more commands, so evaluation goes on")
        if found is None:
            self.mode, found = "through", "continue" if error is None else "pass"
        return str(found)

    def _line(self) -> str | None:
        port = given(self.ctx, None, "current-input-port", TextInput, "step")
        if sys.stdin.isatty():
            import select

            print("step> ", end="", file=sys.stderr, flush=True)
            while not port.ready() and not select.select([sys.stdin], [], [], 0.1)[0]:
                self.ctx.check()  # Ctrl-C is not felt within a read
        line: str | None = port.take_line()
        return line

    def say(self, depth: int, text: str) -> None:
        margin = "  " * min(depth, DEEPEST)
        given(self.ctx, None, "current-error-port", TextOutput, "step").write(f"{margin}{text}\n")

    # — looking —

    def apart(self, job: Callable[[], Any]) -> Any:
        """What JOB gives, in which nothing stops."""
        ctx, mode, latest = self.ctx, self.mode, self.latest
        self.mode = "through"
        try:
            return call(job)
        finally:
            self.latest = latest
            use(ctx, self)
            self.mode = mode

    def value(self, text: str, env: Any) -> Any:
        """The value of the forms in TEXT, evaluated in the environment that ENV makes."""

        def job() -> Any:
            value: Any = UNSPECIFIED
            environment = call(env)
            for form, span in read_spanned(text, "<step>"):
                place = (
                    None if head(form).startswith("define") else environment
                )  # definitions are the session's
                evaluator = evaluator_in(self.ctx, place, "step")
                value = self.ctx.session.recorder.evaluate(evaluator, form, span, "<step>")
            return value

        return self.apart(job)

    def show_value(self, depth: int, text: str, env: Any) -> None:
        try:
            value = self.value(text, env)
        except Exception as problem:
            meant = (
                HABITS.get(text.partition(" ")[0]) if isinstance(problem, (NameError, UnboundName)) else None
            )
            other = f"{text} is no command and no name; is it {meant} that you mean? help tells the commands"
            self.say(depth, other if meant else report(self.ctx.session.translate(problem)))
            return
        if value is not UNSPECIFIED:
            self.say(depth, brief(value, 4 * WIDTH))

    def variables(self, env: Any) -> dict[str, Any]:
        """What is in sight, innermost first: name → value. What macros inserted is left out."""
        found: dict[str, Any] = {}
        here = self.apart(env)
        while isinstance(here, Scope):
            for identifier, meaning in here.bindings.items():
                if identifier.__class__ is Symbol and isinstance(meaning, Variable):
                    found.setdefault(identifier.name, meaning.value)
            here = here.parent
        return {name: value for name, value in found.items() if value is not UNBOUND}


def spelled(command: Any) -> str:
    """A COMMAND of a list: text as it is, any form written out."""
    return str(command) if isinstance(command, (str, MutableString)) else write(command)


def list_of(commands: Any) -> list[Any] | None:
    if commands is False:
        return None
    found = list_items(commands)
    if found is None:
        raise EvalError(
            "step: the commands are a list", code="type", hint="(step (f 1) :commands '(in over))"
        )
    return found
