"""Procedures and the ways through them: apply, values, continuations, winding, parameters, promises.

These know the calling convention (`runtime.calling`); all other procedures that take procedures are Lisp.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chorus.runtime.calling import call, meta_of, returns_pending, unwind
from chorus.runtime.errors import ArityError, EvalError, LimitSignal
from chorus.runtime.primitive import primitive, wrong_type
from chorus.runtime.values import MultipleValues, is_procedure, list_items


@primitive("apply", effects="pure", checked=False)
@returns_pending
def apply(procedure: Any, *args: Any) -> Any:
    """Call PROCEDURE with ARGS, the last of which is a list of further arguments.

    > (apply + 1 2 '(3 4))
    => 10
    """
    if not is_procedure(procedure):
        raise wrong_type("apply", "procedure", "a procedure", procedure)
    if not args:
        raise ArityError("apply got no list of arguments", hint="usage: (apply procedure argument … list)")
    last = args[-1]
    items = last if isinstance(last, list) else list_items(last)
    if items is None:
        raise wrong_type("apply", "its last argument", "a list that ends in ()", last)
    return (procedure, (*args[:-1], *items), None)


@primitive("call-with-values", effects="pure", checked=False)
@returns_pending
def call_with_values(producer: Any, consumer: Any) -> Any:
    """Call CONSUMER with the values that PRODUCER returns.

    > (call-with-values (lambda () (values 1 2 3)) list)
    => (1 2 3)
    """
    result = unwind(producer())
    items = tuple(result.items) if result.__class__ is MultipleValues else (result,)
    return (consumer, items, None)


class Escape(BaseException):
    """A continuation was called: what it was called with, on the way to where it was made."""

    def __init__(self, target: Any, value: Any) -> None:
        super().__init__()
        self.target = target
        self.value = value


@primitive("call-with-current-continuation", effects="pure", checked=False, aliases=("call/cc", "call/ec"))
def call_cc(procedure: Any) -> Any:
    """Call PROCEDURE with an exit: a procedure that ends this call with the value it is given.

    > (+ 1 (call/cc (lambda (exit) (exit 10) 20)))
    => 11
    """
    alive = True

    def continuation(*results: Any) -> Any:
        if not alive:
            raise EvalError(
                "this continuation's call has already returned",
                code="continuation",
                hint="a continuation can be used to leave its call, not to enter it again",
            )
        raise Escape(continuation, results[0] if len(results) == 1 else MultipleValues(list(results)))

    try:
        return unwind(procedure(continuation))
    except Escape as escape:
        if escape.target is not continuation:
            raise
        return escape.value
    finally:
        alive = False


@primitive("dynamic-wind", effects="pure", checked=False)
def dynamic_wind(before: Any, during: Any, after: Any) -> Any:
    """Call BEFORE, DURING and AFTER in turn; AFTER also when DURING is left by an error or an exit.

    > (dynamic-wind (lambda () 1) (lambda () 2) (lambda () 3))
    => 2
    """
    call(before)
    try:
        result = unwind(during())
    except LimitSignal:
        raise  # a program out of budget gets no further step
    except BaseException:
        call(after)
        raise
    call(after)
    return result


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
    return parameter


@primitive("%with-parameters", effects="pure", checked=False)
def with_parameters(parameters: Any, given: Any, thunk: Any) -> Any:
    """Call THUNK while the PARAMETERS have the values GIVEN.

    > (let ((p (make-parameter 1))) (%with-parameters (list p) (list 5) (lambda () (p))))
    => 5
    """
    cells = []
    for parameter, value in zip(parameters, given, strict=True):
        cell = getattr(parameter, "cell", None)
        if cell is None:
            raise wrong_type("parameterize", "parameter", "a parameter object", parameter)
        cells.append((cell, value if cell.convert is None else call(cell.convert, value)))
    before = [cell.value for cell, _ in cells]
    for cell, value in cells:
        cell.value = value
    try:
        return unwind(thunk())
    finally:
        for (cell, _), value in zip(cells, before, strict=True):
            cell.value = value


class Promise:
    """A value computed when first forced."""

    __slots__ = ("done", "value")

    def __init__(self, done: bool, value: Any) -> None:
        self.done = done
        self.value = value  # the value, or the thunk that makes it


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


@primitive("force", effects="pure", checked=False)
def force(promise: Any) -> Any:
    """The value of PROMISE, computed now if it never was; any other value is its own.

    > (let ((p (delay (+ 1 2)))) (list (force p) (force p)))
    => (3 3)
    """
    if promise.__class__ is not Promise:
        return promise
    while not promise.done:
        result = unwind(promise.value())
        if promise.done:
            break  # forced by its own computation
        if result.__class__ is Promise:
            promise.done, promise.value = result.done, result.value
        else:
            promise.done, promise.value = True, result
    return promise.value


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
