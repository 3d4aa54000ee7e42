"""Whether a name still means the primitive that the language came with."""

from __future__ import annotations

from chorus.interpreter.compiler.nodes import Global
from chorus.interpreter.namespace import Namespace


def pristine_key(name: str) -> str:
    """The global that holds the primitive NAME as it came, for guards."""
    return "$:p:" + name


def is_pristine(fn: Global) -> bool:
    space: Namespace = fn.space
    bottom = space
    while bottom.base is not None:
        bottom = bottom.base
    came = bottom.dict.get(pristine_key(fn.name))
    return came is not None and space.get(fn.name) is came
