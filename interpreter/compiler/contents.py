"""Hash tables that a procedure makes and keeps to itself: what it puts into each, so that what it reads from one is
known to be of the same kinds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chorus.interpreter.compiler.nodes import Call, Let, Local, Node, Ref
from chorus.interpreter.compiler.walk import within

MADE_EMPTY = frozenset(("make-hash-table", "make-equal-hash-table"))
# what primitives do with a table that is their first operand: the place of the value that they put in or may give
USES = {
    **{(name, 3): 2 for name in ("hash-table-set!", "hash-set!", "hash-table-ref/default", "hash-ref")},
    **{(name, 1): 0 for name in ("hash-table-size", "hash-count")},
    **{(name, 2): 0 for name in ("hash-table-contains?", "hash-table-exists?", "hash-has-key?", "hash-contains?")},
}  # fmt: skip
LOOKUPS = frozenset(("hash-table-ref/default", "hash-ref"))


class Contents:
    """Of the tables made in BODY. HELD: for each a variable that stands for whatever it holds; GIVEN: what that is
    given. NAMES: the primitives that this rests on. PRIMITIVES: those that calls are of, by the call.
    """

    def __init__(self, body: Node, primitives: dict[Call, str]) -> None:
        self.held: dict[Local, Local] = {}
        self.given: dict[Local, list[Node]] = {}
        self.names: set[str] = set()
        nodes = list(_all(body))
        for var in _made(nodes, primitives):
            uses = [each for each in nodes if isinstance(each, Ref) and each.var is var]
            calls = [each for each in nodes if isinstance(each, Call) and _uses(each, var, primitives)]
            if len(uses) == len(calls):
                self._keep(var, calls, primitives)

    def _keep(self, var: Local, calls: list[Call], primitives: dict[Call, str]) -> None:
        self.held[var] = held = Local(var.name, 0)
        places = [(call, USES[primitives[call], len(call.args)]) for call in calls]
        self.given[held] = [call.args[at] for call, at in places if at]
        self.names.update(primitives[call] for call in calls)

    def read_by(self, call: Call, name: str) -> Local | None:
        """What stands for the contents that CALL, of the primitive NAME, reads."""
        first = call.args[0] if name in LOOKUPS and len(call.args) == 3 else None
        return self.held.get(first.var) if isinstance(first, Ref) else None


def _all(body: Node) -> Iterator[Node]:
    """BODY and what is below it, also what calls that are written out are given."""
    for node in within(body):
        yield node
        if isinstance(node, Call) and node.integrated is not None:
            for arg in node.args:
                yield from _all(arg)


def _made(nodes: Iterable[Node], primitives: dict[Call, str]) -> list[Local]:
    return [
        var
        for node in nodes
        if isinstance(node, Let)
        for var, init in zip(node.vars, node.inits, strict=True)
        if isinstance(init, Call)
        and primitives.get(init) in MADE_EMPTY
        and not (init.args or var.assigned or var.captured or var.boxed)
    ]


def _uses(call: Call, var: Local, primitives: dict[Call, str]) -> bool:
    """Whether CALL does with the table VAR what is known, once."""
    first = call.args[0] if call.args else None
    return isinstance(first, Ref) and first.var is var and (primitives.get(call, ""), len(call.args)) in USES
