"""The calling convention of compiled procedures: a tuple is a call still to be made, everything else is a
value.

A procedure is a Python callable. What it returns may be a *pending call*, the tuple `(procedure, arguments,
site)`: a tail call that its caller has to make, so that the stack does not grow. Nobody but a trampoline
may keep one, so whoever calls a Lisp procedure from Python does it through `call`.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any, NamedTuple, Self

from chorus.runtime.accepts import wrong_type
from chorus.runtime.errors import Span
from chorus.runtime.values import NIL, is_procedure, list_items


class Written(NamedTuple):
    """A call at SITE that the procedure NAME, defined at SPAN, is written out for."""

    site: Span
    name: str
    span: Span


class Heat:
    """How often frames of a procedure have become values; once that was often, the FAMILY that its stackless versions
    are of (`interpreter.compiler.twins`).
    """

    __slots__ = ("count", "family")

    def __init__(self) -> None:
        self.count = 0
        self.family: Any = None


class Meta(str):
    """What is known of a compiled procedure; stands as the first constant of its code.

    Python takes a string there for the `__doc__` of the functions made from the code, where it is found at once.
    DIRECT: it never returns a pending call. CLOSED: as long as the global of this name is true, no code of the program
    runs within but its own; "" if that cannot be said.
    """

    __slots__ = (
        "__weakref__", "closed", "direct", "doc", "done", "failing", "heat", "name", "number", "source", "span",
        "usage", "ways", "written",
    )  # fmt: skip
    __hash__ = object.__hash__
    __eq__ = object.__eq__
    __ne__ = object.__ne__

    def __new__(cls, name: str, *known: Any) -> Self:
        return str.__new__(cls, name)

    def __bool__(self) -> bool:
        return True  # also without a name

    def __init__(
        self, name: str, usage: str, doc: str | None, direct: bool, span: Span | None, closed: str = ""
    ) -> None:
        self.name = name
        self.usage = usage
        self.doc = doc
        self.direct = direct
        self.span = span
        self.closed = closed
        self.source: Any = None  # what it was compiled from, and which of the procedures there it is
        self.number = 0
        self.written: tuple[Written, ...] = ()  # calls of other procedures that are written out in its unit
        self.done: dict[int, bool] = {}  # instructions that only return what they get (`interpreter.traces`)
        self.failing: dict[int, Any] = {}  # instructions of its code that erred (`interpreter.host_errors`)
        self.ways: dict[Any, Any] = {}  # into the middle of its code, for continuations
        self.heat = Heat()

    def copy(self, kind: type[Meta] | None = None) -> Meta:
        """The same for code made from the same source: of KIND, if that is another."""
        made = (kind or Meta)(self.name, self.usage, self.doc, self.direct, self.span, self.closed)
        made.heat, made.written = self.heat, self.written
        return made


class Stackless(Meta):
    """The Meta of code that makes no call of the program's itself, but returns each as a pending one: with `then`, if
    something is left to do.
    """

    __slots__ = ()


def meta_of(procedure: Any) -> Meta | None:
    """The Meta of a compiled procedure; None for any other value."""
    if procedure.__class__ is types.FunctionType:
        return meta_of_code(procedure.__code__)
    return None


def is_closed(procedure: Any) -> bool:
    """Whether calling PROCEDURE, which is compiled, runs no code of the program but its own: it can neither take a
    continuation nor give anything another value, so host code may stand around the call.
    """
    meta = meta_of(procedure)
    return meta is not None and meta.closed != "" and procedure.__globals__.get(meta.closed) is True


def meta_of_code(code: types.CodeType) -> Meta | None:
    constants = code.co_consts
    return constants[0] if constants and isinstance(constants[0], Meta) else None


def unwind(result: Any) -> Any:
    """Make pending calls until there is a value."""
    while result.__class__ is tuple:
        procedure, arguments, site = result  # noqa: RUF059 — SITE is read from this frame when the call fails
        result = procedure(*arguments)
    return result


# Where code stands whose frames name the PROCEDURE, ARGUMENTS and SITE of the call they make.
MAKING_CALLS: set[tuple[str, int]] = set()


def making_calls(code: types.CodeType) -> None:
    """Declare that the frames of CODE do so."""
    MAKING_CALLS.add((code.co_filename, code.co_firstlineno))


def makes_calls(code: types.CodeType) -> bool:
    """Whether CODE is one of these, maybe under another name (`named`)."""
    return (code.co_filename, code.co_firstlineno) in MAKING_CALLS


making_calls(unwind.__code__)


# Code whose frames stand for a form at top level that was not compiled: MACHINE runs it, SITE is where it is. A list,
# as code that holds a vector has no hash.
STEPPING: list[types.CodeType] = []


def returns_pending(function: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a host function whose result may be a pending call."""
    marked: Any = getattr(function, "__func__", function)
    marked.pending = True
    return function


def _plainly(procedure: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    return unwind(procedure(*arguments))


enter = _plainly  # how host code calls in: the interpreter puts its driver here


def call(procedure: Callable[..., Any], *arguments: Any) -> Any:
    """Call a Lisp procedure from Python and get its value."""
    return enter(procedure, arguments)


def direct(value: Any) -> Any:
    """The entry of VALUE that never returns a pending call; VALUE itself when it is no such procedure."""
    kind = value.__class__
    if kind is not types.MethodType and kind is not types.FunctionType:
        return value
    settled = getattr(
        value, "settled", None
    )  # of a primitive that has a version that makes its last call itself
    if settled is not None and kind is types.MethodType:
        return types.MethodType(settled, value.__self__)
    if settled is not None:
        name, _, usage = value.__qualname__.partition("\0")
        return named(settled, name, usage)
    meta = meta_of_code(value.__code__) if kind is types.FunctionType else None
    if not getattr(value, "pending", False) if meta is None else meta.direct:
        return value

    def entry(*arguments: Any) -> Any:
        result = value(*arguments)
        return unwind(result) if result.__class__ is tuple else result

    return entry


def spread(procedure: Any, items: Any) -> tuple[Any, ...]:
    """The arguments that `apply` gives PROCEDURE: the elements of ITEMS."""
    if procedure.__class__ is not types.FunctionType and not is_procedure(procedure):
        raise wrong_type("apply", "procedure", "a procedure", procedure)
    if items is NIL:
        return ()
    found = items if isinstance(items, list) else list_items(items)
    if found is None:
        raise wrong_type("apply", "its last argument", "a list that ends in ()", items)
    return tuple(found)


def applied(procedure: Any, arguments: tuple[Any, ...], site: Any) -> Any:
    """The call of PROCEDURE, written at SITE, as a pending one; of `apply` what it calls, which stands there too."""
    while getattr(procedure, "spreads", False):
        try:
            procedure, arguments, _ = procedure(*arguments)
        except Exception:
            break  # it fails again where it is called
    return (procedure, arguments, site)


def named(function: Any, name: str, usage: str) -> Any:
    """FUNCTION, a host function, under the NAME that it is called by: what an error's traceback will tell of it.

    Its qualified name is read as that of a compiled procedure is (`interpreter.compiler.constants.qualified`).
    """
    if function.__class__ is not types.FunctionType:
        return function
    qualified = f"{name}\0{usage}"
    code = function.__code__.replace(co_name=name, co_qualname=qualified)
    made = types.FunctionType(code, function.__globals__, name, function.__defaults__, function.__closure__)
    made.__kwdefaults__ = function.__kwdefaults__
    made.__qualname__ = qualified
    made.__dict__.update(function.__dict__)
    return made


CONTEXT = "context"  # behind the usage in a qualified name: the first argument is none of the program's


def with_context(function: Any, context: Any, name: str, usage: str) -> Callable[..., Any]:
    """FUNCTION, whose first parameter is the CONTEXT, as a procedure NAME of the others: a method of that, which takes
    no frame more to call.
    """
    return types.MethodType(named(function, name, f"{usage}\0{CONTEXT}"), context)


def name_in(code: types.CodeType) -> str:
    """The name that `named` gave the function of CODE; "" for any other code."""
    name, mark, _ = code.co_qualname.partition("\0")
    return name if mark else ""
