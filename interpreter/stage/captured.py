"""`(the-environment)` in compiled code: an environment by which `eval` reaches the variables of running procedures.

Compiled variables have no names when the program runs. So the form is compiled to a procedure that reads each variable
in sight and one that sets it: all of them count as assigned, and are kept in boxes. Code that does not use the form
pays nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chorus.interpreter.compiler.constants import CURRENT_SPACE
from chorus.interpreter.compiler.nodes import Call, Const, Lambda, Local, Node, Params, Ref, SetLocal
from chorus.interpreter.compiler.syntax import Env, Scope
from chorus.interpreter.namespace import Namespace
from chorus.interpreter.stage.scopes import UNBOUND, Frame, Variable
from chorus.runtime.calling import call
from chorus.runtime.errors import Span


class Captured(Variable):
    """A variable of compiled code, through the procedures that READ and WRITE it."""

    __slots__ = ("read", "write")

    def __init__(self, name: str, read: Any, write: Any) -> None:
        self.name = name
        self.read = read
        self.write = write

    @property
    def value(self) -> Any:
        try:
            return call(self.read)
        except (NameError, IndexError):  # as the host tells of a variable without a value
            return UNBOUND

    @value.setter
    def value(self, value: Any) -> None:
        call(self.write, value)


def environment_node(env: Env, local: Callable[[str], Local], at: Span | None) -> Node:
    """The node whose value is the environment that ENV is when it runs."""
    found: dict[Any, Any] = {}
    here = env
    while isinstance(here, Scope):
        for identifier, meaning in here.bindings.items():
            found.setdefault(identifier, meaning)
        here = here.parent
    if not found:
        return Const(CURRENT_SPACE, at)
    names = tuple(found)
    others = {name: meaning for name, meaning in found.items() if not isinstance(meaning, Local)}
    parts: list[Node] = []
    for meaning in found.values():
        if isinstance(meaning, Local):
            meaning.assigned = True
            parts += [_reader(meaning, at), _writer(meaning, local("value"), at)]
    place: list[Node] = [Const(CURRENT_SPACE, at), Const(_Names(names, others), at)]
    return Call(Const(make_environment, at), [*place, *parts], at)


class _Names:
    """The identifiers of an environment, and what those mean that are no variables."""

    def __init__(self, names: tuple[Any, ...], others: dict[Any, Any]) -> None:
        self.names = names
        self.others = others


def _reader(var: Local, at: Span | None) -> Node:
    return Lambda(Params(), Ref(var, at), None, None, at)


def _writer(var: Local, value: Local, at: Span | None) -> Node:
    params = Params()
    params.required.append(value)
    return Lambda(params, SetLocal(var, Ref(value, at), at), None, None, at)


def make_environment(space: Namespace, known: _Names, *procedures: Any) -> Frame:
    made = Frame(space)
    rest = iter(procedures)
    for identifier in known.names:
        if identifier in known.others:
            made.bind(identifier, known.others[identifier])
        else:
            name = getattr(identifier, "symbol", identifier).name
            made.bind(identifier, Captured(name, next(rest), next(rest)))
    return made
