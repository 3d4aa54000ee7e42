"""What is known of a procedure from outside it, and of a node at a glance."""

from __future__ import annotations

from typing import Any, NamedTuple

from chorus.interpreter.compiler.nodes import Const, Local, Node, Ref


class Closed(NamedTuple):
    """What is known of a global procedure that calls nothing but primitives and procedures like it.

    SPAN: where it was defined. ENTRY: kinds of arguments with which it returns RESULT; with others, GENERAL. NAMES: the
    globals that this relies on. OWN: the global that holds its code of its own for such arguments, if it has one, which
    then GIVES as many values as they are.
    """

    span: Any
    entry: tuple[int, ...]
    result: int
    general: int
    names: frozenset[str]
    own: str = ""
    gives: int = 0

    def kind(self, given: list[int]) -> int:
        if 0 in given:
            return 0
        return self.result if self.fits(given) else self.general

    def fits(self, given: list[int]) -> bool:
        return all(not kind & ~assumed for kind, assumed in zip(given, self.entry, strict=True))


def source_of(node: Node) -> Local | None:
    """The variable that NODE reads, or that the variable it reads was given as it is."""
    while isinstance(node, Ref):
        var = node.var
        if var.assigned or not isinstance(var.value, Ref):
            return var
        node = var.value
    return None


def written(node: Node) -> Any:
    """The value that NODE is written as; None if it has to be computed."""
    return node.value if isinstance(node, Const) else None
