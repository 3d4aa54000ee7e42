"""Procedures and the ways through them: apply, values, continuations, winding, parameters, promises.

These know the calling convention (`runtime.calling`); all other procedures that take procedures are Lisp.
"""

from __future__ import annotations

from collections.abc import Callable
from sys import getrefcount
from typing import Any

from chorus.runtime.calling import call, making_calls, meta_of, named, returns_pending, spread, unwind
from chorus.runtime.continuations import (
    CAPTURING,
    MOST_NESTED,
    Capture,
    Chain,
    Escape,
    Frame,
    Wind,
    call_as_value,
    link,
    live_continuation,
    resumable,
    stackless,
    then,
    transparent,
)
from chorus.runtime.errors import ArityError
from chorus.runtime.primitive import primitive, wrong_type
from chorus.runtime.values import UNSPECIFIED, MultipleValues, is_procedure, list_items


@primitive("apply", effects="pure", checked=False)
@returns_pending
def apply(procedure: Any, *args: Any) -> Any:
    """Call PROCEDURE with ARGS, the last of which is a list of further arguments.

    > (apply + 1 2 '(3 4))
    => 10
    """
    if len(args) == 1:
        return (procedure, spread(procedure, args[0]), None)
    if not is_procedure(procedure):
        raise wrong_type("apply", "procedure", "a procedure", procedure)
    if not args:
        raise ArityError("apply got no list of arguments", hint="usage: (apply procedure argument … list)")
    last = args[-1]
    items = last if isinstance(last, list) else list_items(last)
    if items is None:
        raise wrong_type("apply", "its last argument", "a list that ends in ()", last)
    return (procedure, (*args[:-1], *items), None)


def _settled_apply(procedure: Any, *args: Any) -> Any:
    """`apply` where its value is waited for."""
    if len(args) == 1:
        result = procedure(*spread(procedure, args[0]))
    else:
        _, arguments, _ = apply(procedure, *args)
        result = procedure(*arguments)
    return unwind(result) if result.__class__ is tuple else result


apply.settled = transparent(_settled_apply)
apply.spreads = True


def _values_frame(variables: dict[str, Any], chain: Chain) -> Chain:
    consumer = variables["consumer"]
    return link(Frame(lambda result: _consume(consumer, result)), chain)


def _values_stacklessly(ctx: Any) -> Callable[..., Any]:
    def call_with_values(producer: Any, consumer: Any) -> Any:
        return (then, (producer, (), None, _consumed, (consumer,)), None)

    return call_with_values


def _consumed(result: Any, variables: Any) -> Any:
    return _consume(variables[0], result)


@primitive("call-with-values", effects="pure", checked=False)
@returns_pending
@stackless(_values_stacklessly)
@resumable(_values_frame)
def call_with_values(producer: Any, consumer: Any) -> Any:
    """Call CONSUMER with the values that PRODUCER returns.

    > (call-with-values (lambda () (values 1 2 3)) list)
    => (1 2 3)
    """
    return _consume(consumer, unwind(producer()))


def _consume(consumer: Any, result: Any) -> Any:
    items = tuple(result.items) if result.__class__ is MultipleValues else (result,)
    return (consumer, items, None)


def _call_cc_stacklessly(ctx: Any) -> Any:
    return CAPTURING


def _call_cc_frame(variables: dict[str, Any], chain: Chain) -> Chain:
    variables["made"].frames = chain
    return chain


@primitive("call-with-current-continuation", effects="pure", checked=False, aliases=("call/cc", "call/ec"))
@stackless(_call_cc_stacklessly)
@resumable(_call_cc_frame)
def call_cc(ctx: Any, procedure: Any) -> Any:
    """Call PROCEDURE with a continuation: a procedure that ends this call with what it is given, also when the call
    has already ended.

    > (+ 1 (call/cc (lambda (exit) (exit 10) 20)))
    => 11
    > (let ((k #f) (n 0)) (call/cc (lambda (c) (set! k c))) (set! n (+ n 1)) (if (< n 3) (k #f)) n)
    => 3
    """
    made = live_continuation(ctx)
    if made.nested > MOST_NESTED:
        raise call_as_value(procedure, made)
    arguments: Any = (made,)
    try:
        value = procedure(made)
        while value.__class__ is tuple:
            procedure, arguments, site = value  # noqa: RUF059 — read from this frame when the call fails
            if procedure is made and len(arguments) == 1 and ctx.winds is made.setting.winds:
                value = arguments[0]  # in tail position it is what this call returns anyway
            else:
                value = procedure(*arguments)
    except Escape as escape:
        if escape.target is not made:
            raise
        value = escape.value
        escape.target = escape.__traceback__ = None  # which refer to it too
        ctx.handlers = made.setting.handlers
    ctx.live = made.outer
    procedure = arguments = None
    if getrefcount(made) > 2:  # somebody kept it
        ctx.live = made
        raise Capture(lambda: value)
    return value


making_calls(call_cc.__code__)


@primitive("%call/ec", effects="pure", checked=False)
@stackless(_call_cc_stacklessly)
@resumable(_call_cc_frame)
def call_ec(ctx: Any, procedure: Any) -> Any:
    """`call/cc` for a PROCEDURE that is known to let its continuation go nowhere: whether somebody kept it, which a
    closure that refers to itself does until the collector comes, is not asked.

    > (%call/ec (lambda (exit) (let walk ((l '(1 2))) (if (null? l) 'none (begin (exit (car l)) (walk (cdr l)))))))
    => 1
    """
    made = live_continuation(ctx)
    if made.nested > MOST_NESTED:
        raise call_as_value(procedure, made)
    try:
        value = unwind(procedure(made))
    except Escape as escape:
        if escape.target is not made:
            raise
        value = escape.value
        ctx.handlers = made.setting.handlers
    ctx.live = made.outer
    return value


@primitive("%wind!", effects="pure", checked=False)
def wind(ctx: Any, before: Any, after: Any) -> Any:
    """From here on control that enters calls BEFORE and control that leaves calls AFTER; for dynamic-wind.

    > (let ((seen '())) (%wind! (lambda () 1) (lambda () 2)) (%unwind!) seen)
    => ()
    """
    ctx.winds = Wind(before, after, ctx.winds, ctx.handlers)
    return UNSPECIFIED


@primitive("%unwind!", effects="pure", checked=False)
def unwind_(ctx: Any) -> Any:
    """Take back the innermost %wind!.

    > (let () (%wind! (lambda () 1) (lambda () 2)) (%unwind!) 'done)
    => done
    """
    ctx.winds = ctx.winds.outer
    return UNSPECIFIED


class Parameter:
    """The value of a parameter object; CONVERT is applied to what is given."""

    __slots__ = ("convert", "value")

    def __init__(self, value: Any, convert: Any) -> None:
        self.value = value
        self.convert = convert


@primitive("make-parameter", effects="pure", checked=False)
def make_parameter(value: Any, convert: Any = None) -> Callable[..., Any]:
    """A procedure that returns VALUE, or what `parameterize` gives it for a while. CONVERT is applied to
    each value.

    > (let ((p (make-parameter 1))) (list (p) (parameterize ((p 2)) (p)) (p)))
    => (1 2 1)
    """
    cell = Parameter(value if convert is None else call(convert, value), convert)

    def parameter() -> Any:
        return cell.value

    parameter.cell = cell  # type: ignore[attr-defined]
    made = named(parameter, "a parameter object", "(parameter), or (parameterize ((parameter value)) body …)")
    made.__name__ = "parameter"
    return made


class Binding(Wind):
    """A parameterize of one parameter under way: its CELL, and the VALUE that it has while control is elsewhere."""

    __slots__ = ("cell", "value")

    def __init__(self, cell: Parameter, value: Any, outer: Wind | None) -> None:
        self.cell = cell
        self.value = value
        self.outer = outer

    def swap(self) -> Any:
        cell = self.cell
        cell.value, self.value = self.value, cell.value
        return UNSPECIFIED

    before = after = property(lambda self: self.swap)


@primitive("%bind!", effects="pure", checked=False)
def bind(ctx: Any, parameter: Any, value: Any) -> Any:
    """From here on PARAMETER has VALUE, as long as control does not leave; for parameterize.

    > (let ((p (make-parameter 1))) (%bind! p 2) (let ((value (p))) (%unbind!) (list value (p))))
    => (2 1)
    """
    cell = getattr(parameter, "cell", None)
    if cell is None or cell.convert is not None:
        cell, value = _cell_and_value(parameter, value)
    ctx.winds = Binding(cell, cell.value, ctx.winds)
    cell.value = value
    return UNSPECIFIED


@primitive("%bind-all!", effects="pure", checked=False)
def bind_all(ctx: Any, *given: Any) -> Any:
    """%bind! of several parameters, each before its value: all are converted before any is bound.

    > (let ((p (make-parameter 1)) (q (make-parameter 2)))
        (%bind-all! p 3 q (p)) (let ((all (list (p) (q)))) (%unbind!) (%unbind!) all))
    => (3 1)
    """
    winds = ctx.winds
    for cell, value in list(map(_cell_and_value, given[::2], given[1::2])):
        winds = Binding(cell, cell.value, winds)
        cell.value = value
    ctx.winds = winds
    return UNSPECIFIED


@primitive("%unbind!", effects="pure", checked=False)
def unbind(ctx: Any) -> Any:
    """Take back the innermost %bind!.

    > (let ((p (make-parameter 1))) (%bind! p 2) (%unbind!) (p))
    => 1
    """
    made = ctx.winds
    made.swap()
    ctx.winds = made.outer
    return UNSPECIFIED


def _cell_and_value(parameter: Any, value: Any) -> tuple[Parameter, Any]:
    """PARAMETER's own part, and VALUE as it converts it."""
    cell = getattr(parameter, "cell", None)
    if cell is None:
        load = getattr(parameter, "load", None)  # one that has not been used so far
        cell = None if load is None else getattr(load(), "cell", None)
    if cell is None:
        raise wrong_type("parameterize", "parameter", "a parameter object", parameter)
    return cell, value if cell.convert is None else call(cell.convert, value)


class Promise:
    """A value computed when first forced."""

    __slots__ = ("done", "value")

    def __init__(self, done: bool | None, value: Any) -> None:
        self.done = done  # None: another promise has taken over the computation
        self.value = value  # the value, the thunk that makes it, or the promise that has taken it over


def _standing_for(promise: Promise) -> Promise:
    """The promise that has PROMISE's computation, itself if none has taken it over."""
    while promise.done is None:
        promise = promise.value
    return promise


@primitive("%make-promise", effects="pure", checked=False)
def make_promise_(thunk: Any) -> Promise:
    """A promise of what THUNK returns: a value, or, for delay-force, another promise.

    > (force (%make-promise (lambda () (make-promise 3))))
    => 3
    """
    return Promise(False, thunk)


@primitive("make-promise", effects="pure", checked=False)
def make_promise(value: Any) -> Promise:
    """A promise that has VALUE; a promise itself is returned as it is.

    > (force (make-promise 3))
    => 3
    """
    return value if value.__class__ is Promise else Promise(True, value)


@primitive("promise?", effects="pure", checked=False)
def is_promise(value: Any) -> bool:
    """Whether VALUE was made by `delay`, `delay-force` or `make-promise`.

    > (promise? (delay 1))
    => #t
    """
    return value.__class__ is Promise


def _force_frame(variables: dict[str, Any], chain: Chain) -> Chain:
    promise = variables["promise"]

    def resume(value: Any) -> Any:
        _settle(promise, value)
        return force(promise)

    return link(Frame(resume), chain)


def _force_stacklessly(ctx: Any) -> Callable[..., Any]:
    def forced(promise: Any) -> Any:
        if promise.__class__ is not Promise:
            return promise
        promise = _standing_for(promise)
        if promise.done:
            return promise.value
        return (then, (promise.value, (), None, _forced, (promise,)), None)

    def _forced(result: Any, variables: Any) -> Any:
        _settle(variables[0], result)
        return forced(variables[0])

    return forced


@primitive("force", effects="pure", checked=False)
@stackless(_force_stacklessly)
@resumable(_force_frame)
def force(promise: Any) -> Any:
    """The value of PROMISE, computed now if it never was; any other value is its own.

    > (let ((p (delay (+ 1 2)))) (list (force p) (force p)))
    => (3 3)
    """
    if promise.__class__ is not Promise:
        return promise
    promise = _standing_for(promise)
    while not promise.done:
        _settle(promise, unwind(promise.value()))
        promise = _standing_for(promise)
    return promise.value


def _settle(promise: Promise, result: Any) -> None:
    """PROMISE's computation gave RESULT, unless it was forced by its own computation before that. A promise that
    `delay-force` leads to hands its computation over: what is computed for one is computed for both, and a chain
    of them keeps nothing."""
    here = _standing_for(promise)
    if here.done:
        return
    if result.__class__ is not Promise:
        here.done, here.value = True, result
        return
    there = _standing_for(result)
    if there is not here:
        here.done, here.value = there.done, there.value
        if not there.done:
            there.done, there.value = None, here


@primitive("procedure-name", effects="pure", checked=False)
def procedure_name(procedure: Any) -> Any:
    """The name under which PROCEDURE was defined, "" if none.

    > (begin (define (twice x) (* 2 x)) (procedure-name twice))
    => "twice"
    """
    if not is_procedure(procedure):
        raise wrong_type("procedure-name", "procedure", "a procedure", procedure)
    meta = meta_of(procedure)
    return meta.name if meta else getattr(procedure, "__name__", "")
