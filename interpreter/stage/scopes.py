"""What identifiers mean to the evaluator beside rows: globals, and the variables of procedures that are interpreted."""

from __future__ import annotations

from typing import Any

from chorus.interpreter.compiler.syntax import Env, Scope
from chorus.interpreter.namespace import Namespace
from chorus.runtime.values import Singleton

UNBOUND = Singleton("#<unbound>")  # the value of a variable that has none yet


class Toplevel:
    """The global NAME of the namespace SPACE."""

    __slots__ = ("name", "space")

    def __init__(self, space: Namespace, name: str) -> None:
        self.space = space
        self.name = name


class Variable:
    """A variable of a procedure that is interpreted."""

    __slots__ = ("name", "value")

    def __init__(self, name: str, value: Any = UNBOUND) -> None:
        self.name = name
        self.value = value


class Frame(Scope):
    """A scope of a running procedure. It may live long and there may be many: it shares no table with others."""

    __slots__ = ()

    def __init__(self, parent: Env) -> None:
        self.bindings = {}
        self.parent = parent
        self.space = parent.space if isinstance(parent, Scope) else parent

    def __lisp__(self) -> str:
        return "#<environment>"

    def __reduce__(self) -> Any:
        raise TypeError("an environment cannot be copied by value")

    def bind(self, identifier: Any, meaning: Any) -> None:
        self.bindings[identifier] = meaning

    def find(self, identifier: Any) -> Any:
        here: Any = self
        while here.__class__ is Frame:
            found = here.bindings.get(identifier)
            if found is not None:
                return found
            here = here.parent
        return here.find(identifier) if isinstance(here, Scope) else None
