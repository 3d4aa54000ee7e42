"""Continuations: what call/cc gives, the signals by which control leaves its stack, and winding.

A continuation is used in one of two ways. While the call/cc that made it is on the Python stack and innermost, calling
it raises `Escape`: an exception caught by that call/cc, nothing more. Otherwise the frames under way are turned into
values, which a driver (`interpreter.continuations`) runs one by one: when a call/cc returns although its continuation
is still referred to (`Capture`), and when a continuation is called whose frames have become values (`Throw`).
"""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType, FunctionType
from typing import Any

from chorus.runtime.calling import call, direct, unwind
from chorus.runtime.errors import EvalError, LimitSignal
from chorus.runtime.values import MultipleValues

# What is still to be done, innermost first: (a function, what it is called with after the value that it goes on with,
# the rest of the chain, its length). The last link is BOTTOM.
Chain = Any


class Signal(BaseException):
    """Control on its way; no program catches it."""

    __slots__ = ()


class Escape(Signal):
    """To the call/cc of TARGET, which is on the stack, or to the guard that TARGET stands for."""

    __slots__ = ("target", "value")

    def __init__(self, target: Any, value: Any) -> None:
        self.target = target
        self.value = value


class Throw(Signal):
    """To TARGET, whose frames are, or are becoming, values."""

    def __init__(self, target: Continuation, value: Any) -> None:
        self.target = target
        self.value = value


class Capture(Signal):
    """The stack becomes values, then ACTION goes on where this was raised; PROBLEM has come from further in."""

    def __init__(self, action: Callable[[], Any], problem: BaseException | None = None) -> None:
        self.action = action
        self.problem = problem


class Done(Signal):
    """The end of the chain has been reached with VALUE."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


def _done(value: Any, _: Any) -> Any:
    raise Done(value)


BOTTOM: Chain = (_done, None, None, 0)


class Mark:
    """What stands in the `__doc__` of procedures whose work drivers do themselves."""

    __slots__ = ()


CAPTURING, ENTERING = Mark(), Mark()


class Setting:
    """What continuations made one after another mostly have in common: the DRIVER of whose job they are part, the one
    whose job ends when they do, BASE, and the winds and handlers to go on with.
    """

    __slots__ = ("base", "driver", "handlers", "winds")

    def __init__(self, driver: Any, base: Any, winds: Wind | None, handlers: Any) -> None:
        self.driver = driver
        self.base = base
        self.winds = winds
        self.handlers = handlers


class Continuation:
    """A procedure that goes on where the call/cc that made it returns. FRAMES: None as long as that is on the stack;
    OUTER: the one that was then the innermost there; NESTED: how many of the same driver's are there with it.
    """

    __slots__ = ("frames", "nested", "outer", "setting")
    __name__ = "continuation"
    __doc__ = ENTERING  # type: ignore[assignment]
    frames: Chain
    nested: int
    outer: Continuation | None
    setting: Setting

    def __call__(self, *results: Any) -> Any:
        ctx, winds = self.setting.driver.ctx, self.setting.winds
        value = results[0] if len(results) == 1 else MultipleValues(list(results))
        if ctx.winds is not winds:
            rewind(ctx, winds)
        if self.frames is None and ctx.live is self:
            raise Escape(self, value)
        raise Throw(self, value)


def captured(setting: Setting, frames: Chain) -> Continuation:
    """One that goes on with FRAMES; what makes many does this itself."""
    made = Continuation()
    made.setting = setting
    made.frames = frames
    return made


def live_continuation(ctx: Any) -> Continuation:
    """One whose call/cc is on the stack."""
    made = Continuation()
    made.setting = ctx.driver.current()
    made.frames = None
    made.outer = outer = ctx.live
    made.nested = 1 if outer is ctx.driver.live else outer.nested + 1
    ctx.live = made
    return made


MOST_NESTED = 200  # calls of call/cc on the stack


def call_as_value(procedure: Any, made: Continuation) -> Capture:
    """What to raise in the call/cc of MADE, which stands within MOST_NESTED others, to call PROCEDURE in the end: where
    each stands in tail position, nothing is left of the frames once they are values, and the stack stays bounded.
    """
    return Capture(lambda: (procedure, (made,), None))


def capturing(ctx: Any) -> Callable[..., Continuation | None]:
    """What code that only drivers call makes the continuation of its own call with, after doing REST with VARIABLES if
    there is any. None unless the procedure that it is given is call/cc.
    """

    known: Any = None

    def capture(procedure: Any, rest: Any = None, variables: Any = None) -> Continuation | None:
        nonlocal known
        if procedure is not known:
            if procedure.__doc__ is not CAPTURING:
                return None
            known = procedure
        driver = ctx.driver
        made = Continuation()
        if rest is None:
            made.frames = driver.chain
        else:
            made.frames = driver.chain = link_of(rest, variables, driver.chain, ctx)
        setting = driver.setting
        if setting is None or setting.winds is not ctx.winds or setting.handlers is not ctx.handlers:
            setting = driver.current()
        made.setting = setting
        return made

    return capture


def link_of(rest: Any, variables: Any, chain: Chain, ctx: Any) -> Chain:
    """CHAIN with REST before it, unless that is deeper than is allowed."""
    length = chain[3] + 1
    if length > ctx.limits.depth:
        raise LimitSignal("depth", length, ctx.limits.depth)
    return (rest, variables, chain, length)


class Wind:
    """A dynamic-wind that is under way; OUTER: those around it; HANDLERS: those in force around it."""

    __slots__ = ("after", "before", "handlers", "outer")

    def __init__(self, before: Any, after: Any, outer: Wind | None, handlers: Any) -> None:
        self.before = before
        self.after = after
        self.outer = outer
        self.handlers = handlers


def rewind(ctx: Any, target: Wind | None, handled: bool = True) -> None:
    """Leave the winds that TARGET is not within, and enter those of TARGET that are not entered. HANDLED: what is
    raised on leaving one goes to the handlers around that; else nobody is left who could take it.
    """
    if ctx.winds is target:
        return
    handlers = ctx.handlers
    path: list[Wind] = []  # of TARGET, innermost first
    while target is not None:
        path.append(target)
        target = target.outer
    while ctx.winds is not None and ctx.winds not in path:
        leaving, ctx.winds = ctx.winds, ctx.winds.outer
        if handled and leaving.__class__ is Wind:
            ctx.handlers = leaving.handlers
        call(leaving.after)
    ctx.handlers = handlers
    entered = len(path) if ctx.winds is None else path.index(ctx.winds)
    for wind in reversed(path[:entered]):
        call(wind.before)
        ctx.winds = wind


# — frames of host procedures —


def link(frame: Any, chain: Chain) -> Chain:
    """CHAIN with FRAME, an object that has `resume` and `throw`, before it."""
    return (frame.resume, (), chain, chain[3] + 1)


MAKERS: dict[tuple[str, int], Callable[[dict[str, Any], Chain], Chain]] = {}


def resumable(maker: Callable[[dict[str, Any], Chain], Chain]) -> Callable[[Any], Any]:
    """Declare how the frame of the decorated host procedure becomes a value: MAKER gets its variables and the chain
    it returns into, and gives the chain that what it called returns into.

    Known by where the code stands, which copies of it under another name keep.
    """

    def declare(function: Any) -> Any:
        MAKERS[place(function.__code__)] = maker
        return function

    return declare


def place(code: Any) -> tuple[str, int]:
    return code.co_filename, code.co_firstlineno


def passes_on(variables: dict[str, Any], chain: Chain) -> Chain:
    """The maker of a frame that returns what it is given."""
    return chain


def transparent(function: Any) -> Any:
    """Declare that FUNCTION, once it has made its call, only returns what it is given."""
    return resumable(passes_on)(function)


def transparent_within(function: Any) -> Any:
    """Declare the same of the functions that FUNCTION makes."""
    for constant in function.__code__.co_consts:
        if constant.__class__ is CodeType:
            MAKERS[place(constant)] = passes_on
    return function


transparent(unwind)
transparent_within(direct)


# — stackless calls —


def _then_frame(variables: dict[str, Any], chain: Chain) -> Chain:
    return (variables["rest"], variables["variables"], chain, chain[3] + 1)


@resumable(_then_frame)
def then(procedure: Any, arguments: tuple[Any, ...], site: Any, rest: Any, variables: tuple[Any, ...]) -> Any:
    """Call PROCEDURE with ARGUMENTS at SITE, then REST with the value and VARIABLES: what code returns that leaves
    calls to its caller. A driver makes a link of its chain of that; here it is done on the stack.
    """
    return (rest, (unwind((procedure, arguments, site)), variables), None)


STACKLESS: dict[tuple[str, int], Callable[[Any], Callable[..., Any]]] = {}


def stackless(maker: Callable[[Any], Callable[..., Any]]) -> Callable[[Any], Any]:
    """Declare that a driver calls not the decorated host procedure but what MAKER makes of a context: a procedure
    that returns the calls it has to make.
    """

    def declare(function: Any) -> Any:
        STACKLESS[place(function.__code__)] = maker
        return function

    return declare


def stackless_version(function: Any, context: Any) -> Callable[..., Any] | None:
    """What drivers call in the place of the host procedure FUNCTION; None: itself."""
    maker = STACKLESS.get(place(function.__code__)) if function.__class__ is FunctionType else None
    return None if maker is None else maker(context)


class Frame:
    """A frame of a host procedure, as a value: it goes on with what the call returned, or with its error."""

    def __init__(self, go_on: Callable[[Any], Any], throw: Callable[[Exception], Any] | None = None) -> None:
        self.go_on = go_on
        self.throw = throw

    def resume(self, value: Any, _: Any = ()) -> Any:
        return self.go_on(value)


class Barrier:
    """A frame of NAME, host code that cannot be entered again."""

    throw = None

    def __init__(self, name: str) -> None:
        self.name = name

    def resume(self, value: Any, _: Any = ()) -> Any:
        raise EvalError(
            f"this continuation goes on in {self.name}, which cannot be entered again",
            code="continuation",
            hint="re-entering works between procedures of the language, not through host code that called one",
        )
