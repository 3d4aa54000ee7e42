"""Raising and handling: error, raise, guard's host half, with-exception-handler.

`ctx.handlers` is the chain of handlers, innermost first. What `raise` and `error` raise meets its handler before
anything unwinds: a guard's clauses are asked, with its handlers and winds in force, and only when one of them answers
does control go there; otherwise the handlers around the guard are next, still where the raise was. Errors that
primitives throw unwind to the next guard or with-exception-handler, which then asks or calls its own.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from chorus.runtime.calling import returns_pending, unwind
from chorus.runtime.continuations import (
    Capture,
    Chain,
    Escape,
    Frame,
    link,
    resumable,
    rewind,
    stackless,
    then,
    transparent,
)
from chorus.runtime.errors import ChorusError, EvalError, LimitSignal, Raised, Span
from chorus.runtime.primitive import primitive
from chorus.runtime.values import MutableString, Symbol, is_procedure

TEXTS = (str, MutableString)


class Handler:
    """A link of the chain: a PROCEDURE and those around it, OUTER."""

    __slots__ = ("outer", "procedure")

    def __init__(self, procedure: Any, outer: Any) -> None:
        self.procedure = procedure
        self.outer = outer


def typed(ctx: Any, problem: Exception) -> Any:
    """PROBLEM as a typed error, its place known. No handler sees a limit."""
    if isinstance(problem, RecursionError):
        raise LimitSignal("depth", ctx.limits.depth, ctx.limits.depth) from None
    if isinstance(problem, MemoryError):
        raise LimitSignal("bytes", 0, 0) from None
    return ctx.session.translate(problem) if ctx.session is not None else problem


def condition_of(error: Any) -> Any:
    """What a handler is given for ERROR: the raised value, or the error itself."""
    return error.payload if isinstance(error, Raised) else error


def thrown(value: Any) -> ChorusError:
    """The Python exception that carries VALUE; an error carries itself."""
    return value if isinstance(value, ChorusError) else Raised(value)


class Guarding:
    """A guard under way, a link of the chain itself: what it goes back to, and its CLAUSES."""

    __slots__ = ("clauses", "ctx", "live", "outer", "winds")

    def __init__(self, ctx: Any, clauses: Any) -> None:
        self.ctx = ctx
        self.clauses = clauses
        self.outer = ctx.handlers
        self.winds = ctx.winds
        self.live = ctx.live

    def resume(self, value: Any, _: Any = ()) -> Any:
        self.ctx.handlers = self.outer
        return value

    def asked(self, problem: Exception) -> Callable[[], Any]:
        """What asks the clauses about PROBLEM, which a primitive threw. The guard stays in force meanwhile: leaving
        winds for that may raise something else.
        """
        ctx = self.ctx
        if ctx.handlers is not self and not _is_within(self, ctx.handlers):
            ctx.handlers = self.outer
            raise problem
        return partial(_choose, self, typed(ctx, problem).with_traceback(None))

    def throw(self, problem: Exception) -> Any:
        """What becomes of PROBLEM where the guard's frame is a value."""
        return (then, (self.asked(problem), (), None, self.resume, ()), None)

    def take(self, chosen: Any) -> Any:
        """The pending call of the clause CHOSEN."""
        self.ctx.handlers = self.outer
        return (chosen, (), None)


def _is_within(link: Any, handlers: Any) -> bool:
    """Whether LINK is one of HANDLERS: if not, it is its own handler that an error comes from."""
    while handlers is not None and handlers is not link:
        handlers = handlers.outer
    return handlers is not None


def _guard_frame(variables: dict[str, Any], chain: Chain) -> Chain:
    return link(variables["mine"], chain)


def _guard_stacklessly(ctx: Any) -> Callable[..., Any]:
    def guard(thunk: Any, clauses: Any) -> Any:
        mine = ctx.handlers = Guarding(ctx, clauses)
        return (then, (thunk, (), None, mine.resume, ()), None)

    return guard


def _settled_guard(ctx: Any, thunk: Any, clauses: Any) -> Any:
    """`%guard` where its value is waited for."""
    result = guard(ctx, thunk, clauses)
    return unwind(result) if result.__class__ is tuple else result


@primitive("%guard", effects="pure", checked=False)
@returns_pending
@stackless(_guard_stacklessly)
@resumable(_guard_frame)
def guard(ctx: Any, thunk: Any, clauses: Any) -> Any:
    """Call THUNK; what is raised in it is given to CLAUSES, which return a thunk for what to do, or #f.

    > (%guard (lambda () (raise 'oops)) (lambda (e) (lambda () (list 'caught e))))
    => (caught oops)
    """
    mine = ctx.handlers = Guarding(ctx, clauses)
    while True:
        try:
            value = thunk()
            if value.__class__ is tuple:
                value = unwind(value)
        except Escape as escape:
            if escape.target is not mine:
                raise
            if ctx.live is not mine.live:  # continuations were passed that may be kept
                raise Capture(partial(mine.take, escape.value), escape) from None
            return mine.take(escape.value)
        except Exception as problem:
            if ctx.live is not mine.live:
                raise Capture(partial(mine.throw, problem), problem) from None
            thunk = mine.asked(problem)
            continue
        ctx.handlers = mine.outer
        return value


guard.settled = transparent(_settled_guard)


def _choose_frame(variables: dict[str, Any], chain: Chain) -> Chain:
    return link(Frame(partial(_chosen, variables["mine"], variables["error"])), chain)


@resumable(_choose_frame)
def _choose(mine: Guarding, error: Any) -> Any:
    """Ask the clauses of a guard that ERROR has unwound to."""
    mine.ctx.handlers = mine.outer
    rewind(mine.ctx, mine.winds)
    return _chosen(mine, error, unwind(mine.clauses(condition_of(error))))


def _chosen(mine: Guarding, error: Any, chosen: Any) -> Any:
    if chosen is not False:
        raise Escape(mine, chosen)
    return _offer_on(mine.ctx, error)


def _offer_on_frame(variables: dict[str, Any], chain: Chain) -> Chain:
    return link(Frame(partial(_gave_back, variables["error"])), chain)


@resumable(_offer_on_frame)
def _offer_on(ctx: Any, error: Any) -> Any:
    """ERROR for the handlers around."""
    _offer(ctx, condition_of(error), error)
    return _gave_back(error, None)


class Handling:
    """A with-exception-handler under way: its link MINE of the handlers."""

    __slots__ = ("ctx", "live", "mine")

    def __init__(self, ctx: Any, mine: Handler) -> None:
        self.ctx, self.mine, self.live = ctx, mine, ctx.live

    def resume(self, value: Any, _: Any = ()) -> Any:
        self.ctx.handlers = self.mine.outer
        return value

    def throw(self, problem: Exception) -> Any:
        """Call the handler, unless PROBLEM comes from itself: then it is for those around it."""
        ctx, mine = self.ctx, self.mine
        own = not _is_within(mine, ctx.handlers)
        ctx.handlers = mine.outer
        if own:
            raise problem
        return _handle(mine, typed(ctx, problem))


def _handle_frame(variables: dict[str, Any], chain: Chain) -> Chain:
    return link(Frame(partial(_gave_back, variables["error"])), chain)


@resumable(_handle_frame)
def _handle(mine: Handler, error: Any) -> Any:
    unwind(mine.procedure(condition_of(error)))
    return _gave_back(error, None)


def _gave_back(error: Any, ignored: Any) -> Any:
    raise _returned(condition_of(error), error.span) from None


def _handler_stacklessly(ctx: Any) -> Callable[..., Any]:
    def with_exception_handler(handler: Any, thunk: Any) -> Any:
        mine = _handling(ctx, handler)
        return (then, (thunk, (), None, mine.resume, ()), None)

    return with_exception_handler


def _handling(ctx: Any, handler: Any) -> Handling:
    """Put HANDLER into force."""
    if not is_procedure(handler):
        raise EvalError("with-exception-handler: the handler should be a procedure", code="type")
    ctx.handlers = Handler(handler, ctx.handlers)
    return Handling(ctx, ctx.handlers)


@primitive("with-exception-handler", effects="pure", checked=False)
@stackless(_handler_stacklessly)
@resumable(_guard_frame)
def with_exception_handler(ctx: Any, handler: Any, thunk: Any) -> Any:
    """Call THUNK; what is raised in it goes to HANDLER first, without unwinding.

    > (with-exception-handler (lambda (e) 10) (lambda () (+ 1 (raise-continuable 'oops))))
    => 11
    """
    mine = _handling(ctx, handler)
    try:
        value = thunk()
        if value.__class__ is tuple:
            value = unwind(value)
    except Exception as problem:
        if ctx.live is not mine.live:
            raise Capture(partial(mine.throw, problem), problem) from None
        return mine.throw(problem)
    ctx.handlers = mine.mine.outer
    return value


def _offer_frame(variables: dict[str, Any], chain: Chain) -> Chain:
    ctx, mine = variables["ctx"], variables["mine"]

    def resume(value: Any) -> Any:
        ctx.handlers = mine
        return value

    return link(Frame(resume), chain)


@resumable(_offer_frame)
def _offer(ctx: Any, value: Any, carrier: ChorusError | None = None) -> Any:
    """What the nearest handler returns for VALUE, called with those around it in force. CARRIER: the error that is
    thrown if there is none.
    """
    mine = ctx.handlers
    if mine is None:
        raise carrier or thrown(value)
    if carrier is None and isinstance(value, ChorusError) and not value.is_placed and ctx.session is not None:
        ctx.session.locate(value)
    if mine.__class__ is Guarding:
        return _ask(ctx, mine, value, carrier)
    ctx.handlers = mine.outer
    result = mine.procedure(value)
    if result.__class__ is tuple:
        result = unwind(result)
    ctx.handlers = mine
    return result


def _ask_frame(variables: dict[str, Any], chain: Chain) -> Chain:
    ctx, mine, winds = variables["ctx"], variables["mine"], variables["winds"]
    return link(
        Frame(lambda chosen: _answered(ctx, mine, winds, chosen, variables["value"], variables["carrier"])),
        chain,
    )


@resumable(_ask_frame)
def _ask(ctx: Any, mine: Guarding, value: Any, carrier: ChorusError | None) -> Any:
    """Go to the guard MINE if one of its clauses takes VALUE, else offer it to those around the guard."""
    winds = ctx.winds
    ctx.handlers = mine.outer
    if winds is not mine.winds:
        rewind(ctx, mine.winds)
    chosen = mine.clauses(value)
    if chosen.__class__ is tuple:
        chosen = unwind(chosen)
    return _answered(ctx, mine, winds, chosen, value, carrier)


@resumable(_offer_frame)
def _answered(
    ctx: Any, mine: Guarding, winds: Any, chosen: Any, value: Any, carrier: ChorusError | None
) -> Any:
    if chosen is not False:
        raise Escape(mine, chosen)
    rewind(ctx, winds)
    ctx.handlers = mine.outer
    result = _offer(ctx, value, carrier)
    ctx.handlers = mine
    return result


def _returned(condition: Any, place: Span | None = None) -> ChorusError:
    """What is raised when a handler returns from a `raise`, at PLACE if that is known."""
    if isinstance(condition, ChorusError):
        return condition  # the program's own error tells more than that nobody dealt with it
    message = "an exception handler returned, but `raise` cannot go on"
    return EvalError(message, code="raised", irritants=(condition,), span=place)


def _raise_frame(variables: dict[str, Any], chain: Chain) -> Chain:
    return link(Frame(lambda ignored: _not_continuable(variables["ctx"], variables["value"])), chain)


def _not_continuable(ctx: Any, value: Any) -> Any:
    """The handler has returned: an error for the handlers around it."""
    ctx.handlers = ctx.handlers.outer
    raise _returned(value)


@primitive("raise", effects="pure", checked=False)
@resumable(_raise_frame)
def raise_(ctx: Any, value: Any) -> Any:
    """Raise VALUE, any value at all: the nearest handler gets it.

    > (guard (e ((symbol? e) (list 'caught e))) (raise 'oops))
    => (caught oops)
    """
    mine = ctx.handlers
    if mine.__class__ is Guarding and not isinstance(value, ChorusError):
        _ask(ctx, mine, value, None)
    else:
        _offer(ctx, value)
    return _not_continuable(ctx, value)


def _raise_stacklessly(ctx: Any) -> Callable[..., Any]:
    def raise_continuable(value: Any) -> Any:
        mine = ctx.handlers
        if mine.__class__ is not Handler or isinstance(value, ChorusError):
            return _offer(ctx, value)
        ctx.handlers = mine.outer
        return (then, (mine.procedure, (value,), None, _in_force_again, (ctx, mine)), None)

    return raise_continuable


def _in_force_again(value: Any, variables: tuple[Any, Handler]) -> Any:
    ctx, mine = variables
    ctx.handlers = mine
    return value


@primitive("raise-continuable", effects="pure", checked=False)
@stackless(_raise_stacklessly)
@transparent
def raise_continuable(ctx: Any, value: Any) -> Any:
    """Raise VALUE; what a handler of with-exception-handler returns is returned here.

    > (with-exception-handler (lambda (e) 42) (lambda () (raise-continuable 'oops)))
    => 42
    """
    return _offer(ctx, value)


@primitive("error", effects="pure", checked=False)
@transparent
def error(ctx: Any, message: Any, *irritants: Any) -> Any:
    """Raise an error with MESSAGE and the values IRRITANTS it is about. MESSAGE is a string; other values are kept as
    they are, and a name before a string is shown as where that went wrong.

    > (guard (e (#t (error-object-irritants e))) (error "no such door:" 7))
    => (7)
    """
    if isinstance(message, TEXTS):
        return raise_(ctx, EvalError(str(message), code="error", irritants=irritants))
    from chorus.runtime.printer import write

    made = EvalError(write(message), code="error", irritants=irritants)
    made.given = message
    made.located = message.__class__ is Symbol and bool(irritants) and isinstance(irritants[0], TEXTS)
    return raise_(ctx, made)


@primitive("%error", effects="pure", checked=False)
@transparent
def coded_error(ctx: Any, code: Any, message: Any, hint: Any, *irritants: Any) -> Any:
    """Raise an error with a CODE of its own and a HINT, or #f; for the stdlib.

    > (guard (e (#t (error-object-code e))) (%error 'no-door "no such door" "try the window"))
    => no-door
    """
    made = EvalError(str(message), code=str(getattr(code, "name", code)), irritants=irritants)
    made.hint = hint if isinstance(hint, str) else None
    return raise_(ctx, made)
