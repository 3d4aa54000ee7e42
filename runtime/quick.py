"""Procedures that pass arguments of the expected classes straight on to a host function.

Checking and converting arguments in general takes longer than most primitives do. What is made here only looks at
classes; it is written out for each shape of parameter list, since a loop over arguments would cost as much again.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from chorus.runtime.values import Singleton

EXTRA = 2  # arguments for a rest parameter that are looked at one by one
MISSING = Singleton("#<missing>")
Taken = tuple[
    frozenset[type], Callable[[Any], Any]
]  # classes, and what converts their values; to None if it cannot
NOT_TAKEN: Taken = (frozenset(), id)
MANY = 30  # arguments for a rest parameter that are converted here
Classes = frozenset[type] | None  # of values that are passed on as they are; None: of all


class Shape(NamedTuple):
    """What the text of such a procedure depends on. ANY: for each parameter, whether values of all classes go."""

    required: int
    any: tuple[bool, ...]
    rest: bool
    lead: bool


def quickly(
    call: Callable[..., Any],
    function: Callable[..., Any],
    required: int,
    classes: list[Classes],
    rest: bool,
    lead: tuple[Any, ...],
    taken: list[Taken | None],
) -> Callable[..., Any]:
    """CALL; at once FUNCTION, with LEAD first, where all arguments are of the CLASSES of their parameters. REST: the
    last of these is for all that are left. TAKEN: what else parameters take often.
    """
    shape = Shape(required, tuple(each is None for each in classes), rest, bool(lead))
    if not any(taken):
        return _maker(shape)(call, function, MISSING, *lead, *classes)
    plans = [(as_is, *(other or NOT_TAKEN)) for as_is, other in zip(classes, taken, strict=True)]
    plans += plans[-1:] * MANY * rest

    def converted(*args: Any) -> Any:
        if len(args) > len(plans):
            return call(*args)
        plain = [*lead]
        for each, (as_is, others, convert) in zip(args, plans, strict=False):
            if as_is is not None and each.__class__ not in as_is:
                each = convert(each) if each.__class__ in others else None
                if each is None:
                    return call(*args)
            plain.append(each)
        return function(*plain)

    return _maker(shape)(converted, function, MISSING, *lead, *classes)


@cache
def _maker(shape: Shape) -> Callable[..., Any]:
    names: dict[str, Any] = {}
    exec(_text(shape), names)  # of digits and the words below only
    return names["make"]


def _text(shape: Shape) -> str:
    count = len(shape.any) - shape.rest
    given = [f"a{at}" for at in range(count + EXTRA * shape.rest)]
    parameters = given[: shape.required] + [f"{name}=missing" for name in given[shape.required :]]
    classes = [f"c{at}" for at in range(len(shape.any))]
    lines = [
        f"def make({', '.join(['call', 'function', 'missing', *(['lead'] if shape.lead else []), *classes])}):",
        f"    def quick({', '.join(parameters + ['*rest'] * shape.rest)}):",
    ]
    for at in range(shape.required, len(given)):
        lines += [f"        if a{at} is missing:", "            " + _passed_on(shape, given[:at])]
    if shape.rest:
        lines += ["        if rest:", "            " + _passed_on(shape, given, more=True)]
    return "\n".join([*lines, "        " + _passed_on(shape, given), "    return quick"])


def _passed_on(shape: Shape, given: list[str], more: bool = False) -> str:
    """The return of what FUNCTION makes of the arguments GIVEN, and of those in `rest` if there are MORE."""
    last = len(shape.any) - 1
    tests = [
        f"{name}.__class__ in c{min(at, last)}"
        for at, name in enumerate(given)
        if not shape.any[min(at, last)]
    ]
    if more and not shape.any[last]:
        tests.append(f"all(map(c{last}.__contains__, map(type, rest)))")
    arguments = [*given, *(["*rest"] if more else [])]
    done = f"function({', '.join(['lead'] * shape.lead + arguments)})"
    return (
        f"return {done} if {' and '.join(tests)} else call({', '.join(arguments)})"
        if tests
        else f"return {done}"
    )
