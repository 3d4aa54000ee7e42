"""Local variables that a program binds by `let` or `define` and never uses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chorus.interpreter.compiler.nodes import Init, Let, Local, Node, Ref
from chorus.interpreter.diagnostics import SOURCES
from chorus.runtime.errors import Span

BINDER = re.compile(r"[(\[](?:let\*?|letrec\*?|define)[\s(\[]")
DELIMITED = r"[^\s()\[\]{}\"';`,|]"  # the name does not go on with such a letter


class Unused:
    """Looks at the nodes of one unit. Variables that macros bind on their own account are not the program's: a name
    counts if the text of its binding form has it just once.
    """

    def __init__(self) -> None:
        self.bound: dict[Local, Span | None] = {}
        self.used: set[Local] = set()

    def see(self, node: Node) -> None:
        if isinstance(node, Ref):
            self.used.add(node.var)
        elif isinstance(node, Let):
            self.bound |= dict.fromkeys(node.vars, node.span)
        elif isinstance(node, Init):
            self.bound[node.var] = node.span

    def found(self) -> Iterator[tuple[str, Span]]:
        """(name, place) of each variable that is bound and not used."""
        for var, span in self.bound.items():
            if var not in self.used and span is not None and var.name[:1] not in ("_", "%"):
                place = _only_place(var.name, span)
                if place is not None:
                    yield var.name, place


def _only_place(name: str, span: Span) -> Span | None:
    """Where NAME stands in the binding form at SPAN; None if it is no such form, or has the name more than once."""
    text = SOURCES.text(span)
    if text is None or not BINDER.match(text):
        return None
    places = [
        found.start() for found in re.finditer(f"(?<!{DELIMITED}){re.escape(name)}(?!{DELIMITED})", text)
    ]
    if len(places) != 1:
        return None
    line = span.line + text.count("\n", 0, places[0])
    start = places[0] - text.rfind("\n", 0, places[0]) - 1
    column = start + (span.column if line == span.line else 1)
    return Span(span.file, line, column, line, column + len(name))
