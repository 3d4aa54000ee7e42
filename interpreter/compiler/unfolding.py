"""Procedures that call each other in tail position in a plain circle, as one loop: the others written
out in the first.
"""

from __future__ import annotations

from chorus.interpreter.compiler.copying import Copy
from chorus.interpreter.compiler.nodes import Bind, Call, Global, If, Lambda, Let, Local, Node, Ref, Seq
from chorus.interpreter.compiler.walk import below

MOST = 200  # nodes that the loop comes to


class _TooMuch(Exception):
    """The others call each other round about, or come to too much."""


class _Fresh(Copy):
    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def bound(self, var: Local) -> Local:
        made = super().bound(var)
        made.py = f"{var.py}u{self.number}"
        return made


class Unfolded:
    """The procedure NAME of MEMBERS, in which the calls of the others are written out; it calls itself as VAR."""

    selector: tuple[int, ...] = ()  # what it is given before the arguments: nothing

    def __init__(self, name: str, members: dict[str, Lambda]) -> None:
        self.members = members
        self.names = dict.fromkeys(members)
        self.name = name
        self.count = self.size = 0
        self.var = Local("merged", 0)
        self.var.py, self.var.late = "merged~0", True
        self.procedure = self._copy(name, ())
        self.shared = self.procedure.params.required

    def _copy(self, name: str, around: tuple[str, ...]) -> Lambda:
        member = self.members[name]
        self.count += 1
        self.size += sum(1 for _ in below(member.body))
        if name in around or self.size > MOST:
            raise _TooMuch
        made = _Fresh(self.count).lambda_(member)
        made.body = self._tail(made.body, (*around, name))
        return made

    def _tail(self, node: Node, around: tuple[str, ...]) -> Node:
        """NODE, in tail position of the members AROUND it, with the calls of members written out."""
        if isinstance(node, If):
            node.yes, node.no = self._tail(node.yes, around), self._tail(node.no, around)
        elif isinstance(node, Seq):
            node.items = [*node.items[:-1], self._tail(node.items[-1], around)]
        elif isinstance(node, (Let, Bind)):
            node.body = self._tail(node.body, around)
        elif isinstance(node, Call) and isinstance(node.fn, Global) and node.fn.name in self.members:
            if node.fn.name == self.name:
                node.fn = Ref(self.var, node.fn.span)
                return node
            other = self._copy(node.fn.name, around)
            params = other.params.required
            return Let(params, node.args, other.body, node.span) if params else other.body
        return node


def unfolded(name: str, members: dict[str, Lambda]) -> Unfolded | None:
    """MEMBERS as one loop that begins with NAME; None where they are no plain circle."""
    try:
        return Unfolded(name, members)
    except _TooMuch:
        return None
