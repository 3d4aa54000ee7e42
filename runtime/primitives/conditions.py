"""Raising and handling: error, raise, guard's host half, with-exception-handler.

`ctx.handlers` is the chain of handlers, innermost first. A guard stands in it too, as what catches by
unwinding. Errors that primitives throw unwind to the next guard or with-exception-handler, which then calls
its handler; what `raise` and `error` raise meets its handler before anything unwinds.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from chorus.runtime.calling import returns_pending, unwind
from chorus.runtime.continuations import Capture, Chain, Frame, resumable, transparent
from chorus.runtime.errors import ChorusError, EvalError, LimitSignal, Raised, Span
from chorus.runtime.primitive import primitive
from chorus.runtime.values import is_procedure


class Handler:
    """A link of the chain. PROCEDURE is None for a guard."""

    __slots__ = ("outer", "procedure")

    def __init__(self, procedure: Any, outer: Handler | None) -> None:
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
    """What a guard under way goes back to: HANDLERS, WINDS, the innermost continuation LIVE; HANDLER of errors."""

    __slots__ = ("ctx", "handler", "handlers", "live", "winds")

    def __init__(self, ctx: Any, handler: Any) -> None:
        self.ctx = ctx
        self.handler = handler
        self.handlers, self.winds, self.live = ctx.handlers, ctx.winds, ctx.live

    def resume(self, value: Any) -> Any:
        self.ctx.handlers = self.handlers
        return value

    def throw(self, problem: Exception) -> Any:
        """The pending call of the handler for PROBLEM."""
        ctx = self.ctx
        error = typed(ctx, problem).with_traceback(None)
        ctx.handlers = self.handlers
        condition = condition_of(error)

        def again() -> Any:
            return _offer(ctx, condition, error)

        return (self.handler, (condition, again, self.winds), None)


def _guard_frame(variables: dict[str, Any], chain: Chain) -> Chain:
    return variables["mine"], chain


@primitive("%guard", effects="pure", checked=False)
@returns_pending
@resumable(_guard_frame)
def guard(ctx: Any, thunk: Any, handler: Any) -> Any:
    """Call THUNK; on an error call HANDLER with it, a thunk that raises it again as it was, and the winds that were in
    force.

    > (%guard (lambda () (raise 'oops)) (lambda (e again winds) (list 'caught e)))
    => (caught oops)
    """
    mine = Guarding(ctx, handler)
    ctx.handlers = Handler(None, mine.handlers)
    try:
        value = unwind(thunk())
    except Exception as problem:
        if ctx.live is not mine.live:  # continuations were passed that may be kept
            raise Capture(partial(mine.throw, problem), problem) from None
        return mine.throw(problem)
    return mine.resume(value)


class Handling:
    """A with-exception-handler under way: its link MINE of the handlers."""

    __slots__ = ("ctx", "live", "mine")

    def __init__(self, ctx: Any, mine: Handler) -> None:
        self.ctx, self.mine, self.live = ctx, mine, ctx.live

    def resume(self, value: Any) -> Any:
        self.ctx.handlers = self.mine.outer
        return value

    def throw(self, problem: Exception) -> Any:
        """Call the handler, unless PROBLEM comes from itself: then it is for those around it."""
        ctx, mine = self.ctx, self.mine
        inner = ctx.handlers
        while inner is not None and inner is not mine:
            inner = inner.outer
        ctx.handlers = mine.outer
        if inner is None:
            raise problem
        return _handle(mine, typed(ctx, problem))


def _handle_frame(variables: dict[str, Any], chain: Chain) -> Chain:
    return Frame(partial(_gave_back, variables["error"])), chain


@resumable(_handle_frame)
def _handle(mine: Handler, error: Any) -> Any:
    unwind(mine.procedure(condition_of(error)))
    return _gave_back(error, None)


def _gave_back(error: Any, ignored: Any) -> Any:
    raise _returned(condition_of(error), error.span) from None


@primitive("with-exception-handler", effects="pure", checked=False)
@resumable(_guard_frame)
def with_exception_handler(ctx: Any, handler: Any, thunk: Any) -> Any:
    """Call THUNK; what is raised in it goes to HANDLER first, without unwinding.

    > (with-exception-handler (lambda (e) 10) (lambda () (+ 1 (raise-continuable 'oops))))
    => 11
    """
    if not is_procedure(handler):
        raise EvalError("with-exception-handler: the handler should be a procedure", code="type")
    ctx.handlers = Handler(handler, ctx.handlers)
    mine = Handling(ctx, ctx.handlers)
    try:
        value = unwind(thunk())
    except Exception as problem:
        if ctx.live is not mine.live:
            raise Capture(partial(mine.throw, problem), problem) from None
        return mine.throw(problem)
    return mine.resume(value)


def _offer_frame(variables: dict[str, Any], chain: Chain) -> Chain:
    ctx, mine = variables["ctx"], variables["mine"]

    def resume(value: Any) -> Any:
        ctx.handlers = mine
        return value

    return Frame(resume), chain


@resumable(_offer_frame)
def _offer(ctx: Any, value: Any, carrier: ChorusError | None = None) -> Any:
    """What the nearest handler returns for VALUE, called with those around it in force.

    A guard is thrown to: CARRIER, which knows where VALUE was raised first, or what `thrown` makes.
    """
    mine = ctx.handlers
    if mine is None or mine.procedure is None:
        raise carrier or thrown(value)
    ctx.handlers = mine.outer
    result = unwind(mine.procedure(value))
    ctx.handlers = mine
    return result


def _returned(condition: Any, place: Span | None = None) -> ChorusError:
    """What is raised when a handler returns from a `raise`, at PLACE if that is known."""
    if isinstance(condition, ChorusError):
        return condition  # the program's own error tells more than that nobody dealt with it
    return Raised(condition, "an exception handler returned, but `raise` cannot go on", span=place)


def _raise_frame(variables: dict[str, Any], chain: Chain) -> Chain:
    return Frame(lambda ignored: _not_continuable(variables["ctx"], variables["value"])), chain


@resumable(_raise_frame)
def _raise(ctx: Any, value: Any) -> Any:
    _offer(ctx, value)
    return _not_continuable(ctx, value)


def _not_continuable(ctx: Any, value: Any) -> Any:
    """The handler has returned: an error for the handlers around it."""
    ctx.handlers = ctx.handlers.outer
    raise _returned(value)


@primitive("raise", effects="pure", checked=False)
@transparent
def raise_(ctx: Any, value: Any) -> Any:
    """Raise VALUE, any value at all: the nearest handler gets it.

    > (guard (e ((symbol? e) (list 'caught e))) (raise 'oops))
    => (caught oops)
    """
    return _raise(ctx, value)


@primitive("raise-continuable", effects="pure", checked=False)
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
    """Raise an error with MESSAGE and the values IRRITANTS it is about.

    > (guard (e (#t (error-object-irritants e))) (error "no such door:" 7))
    => (7)
    """
    from chorus.runtime.printer import write

    text = (
        str(message)
        if isinstance(message, str) or message.__class__.__name__ == "MutableString"
        else write(message)
    )
    return _raise(ctx, EvalError(text, code="error", irritants=irritants))


@primitive("%error", effects="pure", checked=False)
@transparent
def coded_error(ctx: Any, code: Any, message: Any, hint: Any, *irritants: Any) -> Any:
    """Raise an error with a CODE of its own and a HINT, or #f; for the stdlib.

    > (guard (e (#t (error-object-code e))) (%error 'no-door "no such door" "try the window"))
    => no-door
    """
    made = EvalError(str(message), code=str(getattr(code, "name", code)), irritants=irritants)
    made.hint = hint if isinstance(hint, str) else None
    return _raise(ctx, made)
