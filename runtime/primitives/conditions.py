"""Raising and handling: error, raise, guard's host half, with-exception-handler.

`ctx.handlers` is the chain of handlers, innermost first. A guard stands in it too, as what catches by
unwinding. Errors that primitives throw unwind to the next guard or with-exception-handler, which then calls
its handler; what `raise` and `error` raise meets its handler before anything unwinds.
"""

from __future__ import annotations

from typing import Any

from chorus.runtime.calling import returns_pending, unwind
from chorus.runtime.errors import ChorusError, EvalError, LimitSignal, Raised, Span
from chorus.runtime.primitive import primitive
from chorus.runtime.values import is_procedure


class Handler:
    """A link of the chain. PROCEDURE is None for a guard. BUSY: it was called and has not returned."""

    __slots__ = ("busy", "outer", "procedure")

    def __init__(self, procedure: Any, outer: Handler | None) -> None:
        self.procedure = procedure
        self.outer = outer
        self.busy = False


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


@primitive("%guard", effects="pure", checked=False)
@returns_pending
def guard(ctx: Any, thunk: Any, handler: Any) -> Any:
    """Call THUNK; on an error call HANDLER, after unwinding, with it and a thunk that raises it again as it was.

    > (%guard (lambda () (raise 'oops)) (lambda (e again) (list 'caught e)))
    => (caught oops)
    """
    outer = ctx.handlers
    ctx.handlers = Handler(None, outer)
    try:
        return unwind(thunk())
    except Exception as problem:
        error = typed(ctx, problem).with_traceback(None)
    finally:
        ctx.handlers = outer
    condition = condition_of(error)

    def again() -> Any:
        return _offer(ctx, condition, error)

    return (handler, (condition, again), None)


@primitive("with-exception-handler", effects="pure", checked=False)
def with_exception_handler(ctx: Any, handler: Any, thunk: Any) -> Any:
    """Call THUNK; what is raised in it goes to HANDLER first, without unwinding.

    > (with-exception-handler (lambda (e) 10) (lambda () (+ 1 (raise-continuable 'oops))))
    => 11
    """
    if not is_procedure(handler):
        raise EvalError("with-exception-handler: the handler should be a procedure", code="type")
    outer = ctx.handlers
    mine = ctx.handlers = Handler(handler, outer)
    try:
        return unwind(thunk())
    except Exception as problem:
        if mine.busy:
            raise  # it comes from the handler itself: for those around it
        ctx.handlers = outer
        error = typed(ctx, problem)
        condition = condition_of(error)
        unwind(handler(condition))
        raise _returned(condition, error.span) from None
    finally:
        ctx.handlers = outer


def _offer(ctx: Any, value: Any, carrier: ChorusError | None = None) -> Any:
    """What the nearest handler returns for VALUE, called with those around it in force.

    A guard is thrown to: CARRIER, which knows where VALUE was raised first, or what `thrown` makes.
    """
    mine = ctx.handlers
    if mine is None or mine.procedure is None:
        raise carrier or thrown(value)
    ctx.handlers = mine.outer
    mine.busy = True
    try:
        result = unwind(mine.procedure(value))
    finally:
        ctx.handlers = mine
    mine.busy = False
    return result


def _returned(condition: Any, place: Span | None = None) -> ChorusError:
    """What is raised when a handler returns from a `raise`, at PLACE if that is known."""
    if isinstance(condition, ChorusError):
        return condition  # the program's own error tells more than that nobody dealt with it
    return Raised(condition, "an exception handler returned, but `raise` cannot go on", span=place)


def _raise(ctx: Any, value: Any) -> Any:
    mine = ctx.handlers
    _offer(ctx, value)
    mine.busy = True
    raise _returned(value)


@primitive("raise", effects="pure", checked=False)
def raise_(ctx: Any, value: Any) -> Any:
    """Raise VALUE, any value at all: the nearest handler gets it.

    > (guard (e ((symbol? e) (list 'caught e))) (raise 'oops))
    => (caught oops)
    """
    return _raise(ctx, value)


@primitive("raise-continuable", effects="pure", checked=False)
def raise_continuable(ctx: Any, value: Any) -> Any:
    """Raise VALUE; what a handler of with-exception-handler returns is returned here.

    > (with-exception-handler (lambda (e) 42) (lambda () (raise-continuable 'oops)))
    => 42
    """
    return _offer(ctx, value)


@primitive("error", effects="pure", checked=False)
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
def coded_error(ctx: Any, code: Any, message: Any, hint: Any, *irritants: Any) -> Any:
    """Raise an error with a CODE of its own and a HINT, or #f; for the stdlib.

    > (guard (e (#t (error-object-code e))) (%error 'no-door "no such door" "try the window"))
    => no-door
    """
    made = EvalError(str(message), code=str(getattr(code, "name", code)), irritants=irritants)
    made.hint = hint if isinstance(hint, str) else None
    return _raise(ctx, made)
