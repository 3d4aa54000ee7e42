"""Whether a name still means what the language came with: a primitive, or a procedure of the stdlib."""

from __future__ import annotations

from chorus.interpreter.compiler.nodes import Global
from chorus.interpreter.compiler.syntax import Row
from chorus.interpreter.namespace import Namespace, key

RULE = "%integrate:"  # before the name of a procedure: the macro that writes a call of it out


def pristine_key(name: str) -> str:
    """The global that holds the primitive NAME as it came, for guards."""
    return "$:p:" + name


def stdlib_key(name: str) -> str:
    """The global that holds the stdlib's procedure NAME as it came."""
    return "$:l:" + name


def bottom_of(space: Namespace) -> Namespace:
    while space.base is not None:
        space = space.base
    return space


def is_pristine(fn: Global) -> bool:
    """Whether FN is the primitive of that name as it came."""
    came = bottom_of(fn.space).at(pristine_key(fn.name))
    return came is not None and fn.space.get(fn.name) is came


def rule_for(fn: Global) -> Row | None:
    """What writes a call of FN out; None if nothing does, or FN is no longer the stdlib's procedure of that name."""
    foundation = bottom_of(fn.space)
    rule = foundation.at(key(RULE + fn.name))
    if rule is None:
        return None
    came = foundation.at(stdlib_key(fn.name)) or foundation.at(pristine_key(fn.name))
    return rule if fn.space.get(fn.name) is came else None
