"""Tracing procedures: each call and what it returns, on the error port, indented by how deep it is.

A traced name is bound, in the session's own namespace, to a procedure that shows what happens around the original. A
tail call of a traced procedure by another replaces its caller's line of return, as it replaces the caller, so that
tracing a loop takes no stack. A name that is defined anew stays traced.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chorus.interpreter.compiler.syntax import Row
from chorus.interpreter.diagnostics import message_of, name_hint
from chorus.interpreter.namespace import Namespace
from chorus.runtime.calling import making_calls
from chorus.runtime.context import Context
from chorus.runtime.continuations import Chain, Frame, link, resumable
from chorus.runtime.errors import ChorusError, EvalError, UnboundName
from chorus.runtime.ports import TextOutput
from chorus.runtime.primitive import primitive, wrong_type
from chorus.runtime.primitives.ports import given
from chorus.runtime.printer import brief
from chorus.runtime.values import MultipleValues, Symbol, is_procedure, list_items, make_list

DEEPEST = 30  # levels that are indented; deeper ones say how deep they are
WIDTH = 200  # letters of a value that are shown


class Tracer:
    """What one session traces. DEPTH: traced calls under way."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.depth = 0
        self.traced: dict[
            str, tuple[Any, bool]
        ] = {}  # name → the original, whether the session had defined it

    def show(self, depth: int, text: str) -> None:
        margin = "  " * depth if depth <= DEEPEST else f"{'  ' * DEEPEST}[{depth}] "
        line = f"{margin}{text}\n"
        self.ctx.charge(len(line) >> 3, len(line))
        given(self.ctx, None, "current-error-port", TextOutput, "trace").write(line)

    def show_call(self, depth: int, name: str, args: tuple[Any, ...]) -> None:
        self.show(depth, "(" + " ".join([name, *(brief(arg, WIDTH) for arg in args)]) + ")")

    def returned(self, depth: int, value: Any) -> Any:
        self.depth = depth
        values = value.items if value.__class__ is MultipleValues else (value,)
        self.show(depth, "=> " + " ".join(brief(each, WIDTH) for each in values))
        return value

    def left(self, depth: int, problem: BaseException) -> None:
        """The call at DEPTH is over, by an error or because control went elsewhere."""
        self.depth = depth
        if isinstance(problem, Exception):
            error = problem if isinstance(problem, ChorusError) else self.ctx.session.translate(problem)
            self.show(depth, f"=> error: {message_of(error)}")

    # — names —

    def trace(self, space: Namespace, name: str) -> None:
        space.foundation.tails.make_all_pending()
        self.traced[name] = (_procedure(space, name), space.owns(name))
        space.define(name, traced(self, name, self.traced[name][0]))
        space.redefined[name] = self._redefined

    def _redefined(self, space: Namespace, name: str) -> None:
        """NAME was given another value: trace that, if it is a procedure."""
        value = space.get(name)
        if getattr(value, "original", None) is not None:
            return
        self.traced.pop(name, None)
        space.redefined.pop(name, None)
        if is_procedure(value):
            self.trace(space, name)

    def untrace(self, space: Namespace, name: str) -> None:
        original, own = self.traced.pop(name)
        space.redefined.pop(name, None)
        if getattr(space.get(name), "original", None) is not original:
            return  # `set!` has replaced it already
        if own:
            space.define(name, original)
        else:
            space.broken(name)
            space.remove(name)


def _procedure(space: Namespace, name: str) -> Any:
    value = space.get(name, _UNBOUND)
    if value is _UNBOUND:
        hint = name_hint(name, space.names())
        raise UnboundName(f"trace: nothing is called {name}", hint=hint, irritants=(name,))
    if value.__class__ is Row:
        raise EvalError(
            f"trace: {name} is a form, not a procedure",
            code="type",
            hint=f"(macroexpand-1 '({name} …)) shows what it becomes",
        )
    load = getattr(value, "load", None)
    value = value if load is None else load()
    if not is_procedure(value):
        raise wrong_type("trace", name, "a procedure", value)
    return value


_UNBOUND: Any = object()


def _traced_frame(variables: dict[str, Any], chain: Chain) -> Chain:
    tracer, depth = variables["tracer"], variables["depth"]

    def throw(problem: Exception) -> Any:
        tracer.left(depth, problem)
        raise problem

    return link(Frame(lambda value: tracer.returned(depth, value), throw), chain)


def traced(tracer: Tracer, name: str, original: Any) -> Callable[..., Any]:
    """ORIGINAL, shown under NAME."""

    @resumable(_traced_frame)
    def shown(*args: Any) -> Any:
        depth = tracer.depth
        tracer.show_call(depth, name, args)
        tracer.depth = depth + 1
        try:
            result = original(*args)
            while result.__class__ is tuple:
                procedure, arguments, site = result  # noqa: RUF059 — read from this frame when the call fails
                inner = getattr(procedure, "original", None)
                if inner is not None:
                    tracer.show_call(depth, procedure.__name__, arguments)
                    tracer.depth, procedure = depth + 1, inner
                result = procedure(*arguments)
        except BaseException as problem:
            tracer.left(depth, problem)
            raise
        return tracer.returned(depth, result)

    making_calls(shown.__code__)
    shown.__name__ = name
    shown.original = original
    return shown


def _tracer(ctx: Context) -> Tracer:
    if ctx.tracer is None:
        ctx.tracer = Tracer(ctx)
    return ctx.tracer


def _names(names: Any) -> list[str]:
    found = list_items(names)
    if found is None or not all(isinstance(each, Symbol) for each in found):
        raise EvalError("only names can be traced", code="syntax", hint="(trace f g)")
    return [each.name for each in found]


@primitive("%trace", effects="output")
def trace(ctx: Context, names: Any) -> Any:
    """Trace NAMES, a list of symbols; the names that are traced now.

    > (begin (define (twice x) (* 2 x)) (%trace '(twice)))
    => (twice)
    """
    tracer, space = _tracer(ctx), ctx.session.space
    for name in _names(names):
        if getattr(space.get(name), "original", None) is None:
            tracer.trace(space, name)
    return make_list(map(Symbol, tracer.traced))


@primitive("%untrace", effects="pure")
def untrace(ctx: Context, names: Any) -> Any:
    """Trace NAMES, a list of symbols, no longer, or nothing if there are none; the names that are still traced.

    > (begin (define (twice x) (* 2 x)) (%trace '(twice)) (%untrace '()))
    => ()
    """
    tracer, space = _tracer(ctx), ctx.session.space
    for name in _names(names) or list(tracer.traced):
        if name not in tracer.traced:
            raise EvalError(f"untrace: {name} is not traced", code="unbound")
        tracer.untrace(space, name)
    return make_list(map(Symbol, tracer.traced))
