"""The debugger behind `step`: where evaluation stops, what it is told to do there, what it shows.

A `Stepper` is asked at the beginning of each form that was written, and when a form fails. What it is told comes from a
list of commands, from a callback of the host's (`Session.on_step`: the prompt's is one), or, a line each, from standard
input; when there are no more, evaluation goes on to its end.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any, NamedTuple

from chorus.interpreter.compiler.syntax import Scope, strip
from chorus.interpreter.diagnostics import message_of, report
from chorus.interpreter.frames.texts import head
from chorus.interpreter.reader import read_spanned
from chorus.interpreter.reflection.environments import evaluator_in
from chorus.interpreter.reflection.evaluators import text_at
from chorus.interpreter.stage.scopes import UNBOUND, Variable
from chorus.interpreter.step_commands import COMMANDS, GO, HABITS, ONWARDS, PASS, RESTARTS, WIDTH, WITH_WORDS
from chorus.interpreter.tails import only_returns
from chorus.runtime.calling import call, meta_of_code
from chorus.runtime.continuations import MAKERS, passes_on, place
from chorus.runtime.errors import ChorusError, EvalError, Span, UnboundName
from chorus.runtime.ports import TextInput, TextOutput
from chorus.runtime.primitives.ports import given
from chorus.runtime.printer import brief, write
from chorus.runtime.values import UNSPECIFIED, MultipleValues, MutableString, Pair, Symbol, list_items

FARTHEST = 300  # frames that are looked at
DEEPEST = 20  # levels that are indented
UNKNOWN: Any = object()


class Cell:
    """A FORM as it was written, AT a place, in the session of CTX."""

    __slots__ = ("at", "ctx", "form", "shown")

    def __init__(self, ctx: Any, form: Any, at: Span | None) -> None:
        self.ctx = ctx
        self.form = form
        self.at = at
        self.shown = ""

    @property
    def text(self) -> str:
        if not self.shown:
            self.shown = text_at(self.form, self.at)
        return self.shown

    @property
    def head(self) -> str:
        """The name that the form begins with."""
        first = self.form.car if isinstance(self.form, Pair) else None
        return str(getattr(strip(first), "name", ""))


class Stop(NamedTuple):
    """What the host's callback is told: KIND is "form" or "error"; VARIABLES are those in sight, by name."""

    kind: str
    text: str
    place: str
    variables: dict[str, Any]
    error: ChorusError | None


Form = tuple[Cell, Any, Any]


class Activation:
    """A form under way whose value is awaited. FORM: its cell, what makes its environment, what evaluates it; LATEST:
    the same of the form in tail position that was begun last.
    """

    __slots__ = ("depth", "form", "handlers", "latest", "live", "outer", "shown", "stepper", "winds")

    def __init__(self, stepper: Stepper, form: Form, tail: bool) -> None:
        ctx = stepper.ctx
        self.stepper = stepper
        self.form = self.latest = form
        self.outer: Activation | None = stepper.current
        self.depth: int = 0 if self.outer is None else self.outer.depth + (self.outer.shown and not tail)
        self.shown: bool = False
        self.handlers, self.winds, self.live = ctx.handlers, ctx.winds, ctx.live


class Stepper:
    """The stepping of one evaluation. MODE: in, stop at the next form; here, at one that TARGET finds; until, once the
    activation TARGET has its value; on, at errors only; through, not at all.
    """

    def __init__(self, ctx: Any, commands: Any = None, mode: str = "in") -> None:
        self.ctx = ctx
        self.activation, self.go, self.is_tail_of = (
            Activation,
            GO,
            is_tail_of,
        )  # for who must not load this file
        self.mode = mode
        self.target: Any = None
        self.current: Activation | None = None
        self.commands: Iterator[str] | None = None if commands is None else map(spelled, commands)
        self.last: Any = None  # the error that was shown last
        self.failing = False  # it is an error that is asked about
        self.returning: Any = UNKNOWN  # the value that was shown last, if no form was since

    # — what happens —

    def wants(self, cell: Cell) -> bool:
        return self.mode == "in" or (self.mode == "here" and self.target(cell))

    def stop(self, ends: Activation, error: Any = None) -> Any:
        """Ask what is to become of the form of ENDS: GO, or a value."""
        cell, env, _ = ends.form
        ends.shown = True
        self.returning = UNKNOWN
        if error is None:
            self.say(ends.depth, f"{cell.at}   {cell.text}")
        self.failing = error is not None
        while True:
            words = self.ask(cell, env, error).strip()
            name, _, rest = words.partition(" ")
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
        self.current = mine.outer
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
        self.current = mine.outer
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

    def failed(self, mine: Activation, problem: Exception) -> Any:
        """Ask what to do about PROBLEM: a value, GO to evaluate the form again, or it goes on."""
        mine.form = mine.latest
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
        ctx, mode, current = self.ctx, self.mode, self.current
        self.mode = "through"
        try:
            return call(job)
        finally:
            self.mode, self.current = mode, current
            ctx.stepper = self

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
                value = self.ctx.session.noting(evaluator, form, span, "<step>")
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


def is_tail_of(mine: Activation | None, frame: Any, waits: CodeType) -> bool:
    """Whether what FRAME calls gives MINE its value, which a frame with the code WAITS waits for: whether all that is
    under way since then only returns it.
    """
    for _ in range(FARTHEST):
        if frame is None or mine is None:
            break
        code = frame.f_code
        if code is waits:
            return frame.f_locals.get("mine") is mine
        known, returns = RETURNING.get((id(code), frame.f_lasti), (None, False))
        if known is not code:
            returns = passes(code, frame.f_lasti)
            if len(RETURNING) >= MOST_RETURNING:
                RETURNING.clear()
            RETURNING[id(code), frame.f_lasti] = code, returns
        if not returns:
            break
        frame = frame.f_back
    return False


MOST_RETURNING = 10_000
RETURNING: dict[
    tuple[int, int], tuple[CodeType, bool]
] = {}  # id of code, instruction → that code, what `passes` says


def passes(code: CodeType, lasti: int) -> bool:
    """Whether a frame of CODE only returns what the call at LASTI gives it."""
    if meta_of_code(code) is None:
        return MAKERS.get(place(code)) is passes_on and code.co_name != "_go_on"
    return bool(only_returns(code, lasti))


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
