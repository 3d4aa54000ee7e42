"""Raising and handling: error, raise, guard's host half, with-exception-handler.

`ctx.handlers` is the chain of handlers, innermost first, as (handler, outer); GUARD stands in it for a guard, which
catches by unwinding. Errors that primitives throw unwind to the next guard or with-exception-handler, which then calls
its handler; what `raise` and `error` raise meets its handler before anything unwinds.
"""

from __future__ import annotations

from typing import Any

from chorus.runtime.calling import returns_pending, unwind
from chorus.runtime.errors import ChorusError, EvalError, LimitSignal, Raised
from chorus.runtime.primitive import primitive
from chorus.runtime.values import is_procedure

GUARD: Any = object()


def condition_of(ctx: Any, problem: Exception) -> Any:
    """What a handler is given for PROBLEM: the raised value, or a typed error. No handler sees a limit."""
    if isinstance(problem, RecursionError):
        raise LimitSignal("depth", ctx.limits.depth, ctx.limits.depth) from None
    if isinstance(problem, MemoryError):
        raise LimitSignal("bytes", 0, 0) from None
    translated = ctx.session.translate(problem) if ctx.session is not None else problem
    return translated.payload if isinstance(translated, Raised) else translated


def thrown(value: Any) -> ChorusError:
    """The Python exception that carries VALUE; an error carries itself."""
    return value if isinstance(value, ChorusError) else Raised(value)


@primitive("%guard", effects="pure", checked=False)
@returns_pending
def guard(ctx: Any, thunk: Any, handler: Any) -> Any:
    """Call THUNK; on an error call HANDLER with it, after unwinding.

    > (%guard (lambda () (raise 'oops)) (lambda (e) (list 'caught e)))
    => (caught oops)
    """
    outer = ctx.handlers
    ctx.handlers = (GUARD, outer)
    try:
        return unwind(thunk())
    except Exception as problem:
        condition = condition_of(ctx, problem)
    finally:
        ctx.handlers = outer
    return (handler, (condition,), None)


@primitive("with-exception-handler", effects="pure", checked=False)
def with_exception_handler(ctx: Any, handler: Any, thunk: Any) -> Any:
    """Call THUNK; what is raised in it goes to HANDLER first, without unwinding.

    > (with-exception-handler (lambda (e) 10) (lambda () (+ 1 (raise-continuable 'oops))))
    => 11
    """
    if not is_procedure(handler):
        raise EvalError("with-exception-handler: the handler should be a procedure", code="type")
    outer = ctx.handlers
    mine = ctx.handlers = (handler, outer)
    try:
        return unwind(thunk())
    except Exception as problem:
        ctx.handlers = outer
        if _passed(problem, mine):
            raise
        condition = condition_of(ctx, problem)
        unwind(handler(condition))
        raise _returned(condition, outer) from None
    finally:
        ctx.handlers = outer


def _passed(problem: Exception, mine: Any) -> bool:
    """Whether PROBLEM was raised past the handler MINE: it goes to those around it only."""
    chain = getattr(problem, "goes_on_at", False)
    if chain is False:
        return False
    while chain is not None:
        if chain is mine:
            return False
        chain = chain[1]
    return True


def _returned(condition: Any, outer: Any) -> ChorusError:
    """What is raised when a handler returns from a `raise`."""
    if isinstance(condition, ChorusError):
        error = condition  # the program's own error tells more than that nobody dealt with it
    else:
        error = Raised(condition, "an exception handler returned, but `raise` cannot go on")
    error.goes_on_at = outer  # type: ignore[attr-defined]
    return error


def _raise(ctx: Any, value: Any) -> Any:
    chain = ctx.handlers
    if chain is None or chain[0] is GUARD:
        raise thrown(value)
    handler, outer = chain
    ctx.handlers = outer
    try:
        unwind(handler(value))
    finally:
        ctx.handlers = chain
    raise _returned(value, outer)


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
    chain = ctx.handlers
    if chain is None or chain[0] is GUARD:
        raise thrown(value)
    ctx.handlers = chain[1]
    try:
        return unwind(chain[0](value))
    finally:
        ctx.handlers = chain


@primitive("error", effects="pure", checked=False)
def error(ctx: Any, message: Any, *irritants: Any) -> Any:
    """Raise an error with MESSAGE and the values IRRITANTS it is about.

    > (guard (e (#t (error-object-irritants e))) (error "no such door:" 7))
    => (7)
    """
    from chorus.runtime.printer import write

    text = str(message) if isinstance(message, str) or message.__class__.__name__ == "MutableString" else write(message)
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
