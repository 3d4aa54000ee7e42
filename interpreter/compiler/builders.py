"""Lists that a loop conses up and reverses at its end: a region makes them from their heads, each pair once.

A loop variable that begins as (), to which rounds only cons, and which is only ever reversed, when the loop is left,
is never seen as the list that it is. It holds the last pair instead, and another variable the one before the first.
Where what it is reversed for is a vector, a string or the arguments of a procedure, it holds a list of the host's.
That is done only where no code of the program runs within the loop: a continuation would keep a list that goes on
changing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

from chorus.interpreter.compiler.nodes import Bind, Call, Const, If, Let, Local, Loop, Node, Ref, Seq
from chorus.interpreter.compiler.walk import within
from chorus.runtime.values import NIL

if TYPE_CHECKING:
    from chorus.interpreter.compiler.regions import Region


SPREADING = {
    "apply": 2,
    "list->vector": 1,
    "list->string": 1,
}  # how many arguments; the last is taken apart at once


class Builders:
    """Those of REGION. STARTS: the variables. EXTENDS, FINISHES: the calls of cons and reverse, each for a variable.
    ROWS: the variables that hold lists of the host's.
    """

    def __init__(self, region: Region) -> None:
        self.region = region
        self.starts: set[Local] = set()
        self.extends: dict[Call, Local] = {}
        self.finishes: dict[Call, Local] = {}
        self.rows: set[Local] = set()
        for loop in region.loops:
            if region.is_quiet(loop.body) and (region.closed or not _writes_out(loop.body)):
                for var, entry in zip(loop.vars, loop.entry, strict=True):
                    self._try(loop, var, entry)

    def _try(self, loop: Loop, var: Local, entry: Node) -> None:
        if not (isinstance(entry, Const) and entry.value is NIL) or var.captured or var.assigned or var.boxed:
            return
        found = Uses(self.region, loop, var)
        if found.fit(loop.body) and found.extends and found.finishes:
            self.starts.add(var)
            self.extends.update(dict.fromkeys(found.extends, var))
            self.finishes.update(dict.fromkeys(found.finishes, var))
            spread = {here.args[-1] for here in within(loop.body) if self._spreads(here)}
            if spread.issuperset(found.finishes):
                self.rows.add(var)

    def _spreads(self, node: Node) -> TypeGuard[Call]:
        """Whether NODE is a call that takes the elements of its last argument and nothing else of it."""
        return isinstance(node, Call) and SPREADING.get(self.region.primitives.get(node, "")) == len(
            node.args
        )

    def as_row(self, call: Call) -> bool:
        """Whether CALL takes the elements of a list of the host's."""
        last = call.args[-1] if call.args else None
        return isinstance(last, Call) and self.finishes.get(last) in self.rows


def _writes_out(body: Node) -> bool:
    """Whether a call of a procedure of the program's is written out in BODY: where its name has come to mean another by
    the time that the loop is reached, that one is called.
    """
    return any(isinstance(here, Call) and here.inlined for here in within(body))


class Uses:
    """The uses of VAR in the body of LOOP."""

    def __init__(self, region: Region, loop: Loop, var: Local) -> None:
        self.region, self.loop, self.var = region, loop, var
        self.extends: list[Call] = []
        self.finishes: list[Call] = []

    def fit(self, node: Node) -> bool:
        """Whether all of them in NODE, in tail position of the body, are of the kinds that a builder allows."""
        if isinstance(node, If):
            return not self._in(node.test) and self.fit(node.yes) and self.fit(node.no)
        if isinstance(node, Let):
            return not any(map(self._in, node.inits)) and self.fit(node.body)
        if isinstance(node, Seq):
            return not any(map(self._in, node.items[:-1])) and self.fit(node.items[-1])
        if isinstance(node, Bind):
            return not self._in(node)
        if isinstance(node, Call) and node.again is self.loop.var:
            return all(
                self._goes_on(arg) if var is self.var else not self._in(arg)
                for var, arg in zip(self.loop.vars, node.args, strict=True)
            )
        return self._ends(node)

    def _in(self, node: Node) -> bool:
        return any(isinstance(here, Ref) and here.var is self.var for here in within(node))

    def _goes_on(self, arg: Node) -> bool:
        """Whether ARG is the variable itself, or a pair on it."""
        if isinstance(arg, Call) and self.region.primitives.get(arg) == "cons" and len(arg.args) == 2:
            self.extends.append(arg)
            first, arg = arg.args
            if self._in(first):
                return False
        return isinstance(arg, Ref) and arg.var is self.var

    def _ends(self, node: Node) -> bool:
        """Whether NODE, with which the loop ends, reverses the list at most once and does nothing else with it."""
        nodes = list(within(node))
        if any(isinstance(here, Bind) for here in nodes):
            return not self._in(node)
        reversing = [
            here
            for here in nodes
            if isinstance(here, Call)
            and self.region.primitives.get(here) == "reverse"
            and len(here.args) == 1
            and isinstance(here.args[0], Ref)
            and here.args[0].var is self.var
        ]
        uses = sum(isinstance(here, Ref) and here.var is self.var for here in nodes)
        self.finishes += reversing
        return uses == len(reversing) <= 1
