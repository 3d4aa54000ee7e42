"""Code in the making: what a staged evaluator handles where an interpreting one has values.

An operation on code writes a line into the block under way and gives the `Code` that stands for its value. So a row of
the evaluator may use a value twice, drop it, or use it out of order: what the lines do still happens once, in the order
in which they were written. When a block ends, what need not stand on a line of its own is put back into the expression
that uses it; an evaluator that uses each value once, in order, leaves the very tree that it was reading.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chorus.interpreter.compiler.nodes import Const, Global, Lambda, Let, Local, Node, Ref, Seq
from chorus.runtime.errors import EvalError, Span

Build = Callable[[list[Node]], Node]


class Code:
    """The value of a line of BLOCK. PARTS: the code that it uses, in the order of evaluation; BUILD makes the node once
    theirs are there. TEMP: the variable that holds the value, if it must be held. It CALLS the first of its parts.
    """

    __slots__ = ("block", "build", "calls", "gone", "integrated", "node", "parts", "temp", "uses")

    def __init__(self, block: Block, node: Node | None, parts: list[Code], build: Build | None) -> None:
        self.block = block
        self.node: Any = node
        self.parts = parts
        self.build = build
        self.uses = 0
        self.gone = False
        self.calls = False
        self.temp: Local | None = None
        self.integrated: Node | None = None

    def __lisp__(self) -> str:
        return "#<code>"

    def __reduce__(self) -> Any:
        raise TypeError("code cannot be copied by value")


class Block:
    """Lines in the order in which what they do is done; OUTER: the block around. COUNTER: what counts, at run time, how
    often the lines are done that come next, if anything does; TICKING: the line in which it does.
    """

    __slots__ = ("counter", "fresh", "lines", "open", "outer", "ticking")

    def __init__(self, outer: Block | None, fresh: Callable[[str], Local]) -> None:
        self.outer = outer
        self.fresh = fresh  # makes the variables that hold what must be held
        self.lines: list[Code] = []
        self.open = True
        self.counter: Any = None
        self.ticking: Code | None = None

    def leaf(self, node: Node) -> Code:
        made = Code(self, node, [], None)
        self.lines.append(made)
        return made

    def line(self, parts: list[Code], build: Build) -> Code:
        for part in parts:
            self.use(part)
        made = Code(self, None, parts, build)
        self.lines.append(made)
        return made

    def use(self, code: Code) -> None:
        """Count a use of CODE from within this block."""
        code.uses += 1
        if code.block is self:
            return
        if not code.block.open:
            raise EvalError(
                "code is used outside the block in which it was made",
                code="stage",
                hint="what a branch or a body computes is its value; it cannot be kept for code that stands elsewhere",
            )
        self._hold(code)

    def _hold(self, code: Code) -> None:
        if code.temp is None and not isinstance(code.node, Const):
            code.temp = self.fresh("held")

    def close(self, result: Code, span: Span | None) -> Node:
        """The expression that does what the lines do and has the value of RESULT."""
        self.use(result)
        pending: list[Code] = []
        for line in self.lines:
            if line.gone or (
                line.uses and isinstance(line.node, Const)
            ):  # whoever uses a constant has a copy
                continue
            if line.build is not None:
                line.node = line.build(self._put_back(line, pending, span))
            pending.append(line)
        self.open = False
        items: list[Node] = []
        if pending and pending[-1] is result and result.uses == 1 and result.temp is None:
            pending.pop()
            items.append(result.node)
        else:
            items.append(self._atom(result, span))
        for line in reversed(pending):
            if line.temp is not None:
                items = [Let([line.temp], [line.node], _sequence(items, span), span)]
            else:
                items.insert(0, line.node)
        return _sequence(items, span)

    def _put_back(self, line: Code, pending: list[Code], span: Span | None) -> list[Node]:
        """The nodes of LINE's parts: those whose lines are the latest leave PENDING, the others are referred to.
        Between two parts there may be lines that nothing uses.
        """
        nodes: list[Node] = []  # from the last to the first
        for part in reversed(line.parts):
            at = len(pending) - 1
            while at >= 0 and not pending[at].uses:
                at -= 1
            if at >= 0 and pending[at] is part and part.uses == 1 and part.temp is None:
                between = [line.node for line in pending[at + 1 :]]
                del pending[at:]
                if between and nodes:
                    nodes[-1] = _sequence([*between, nodes[-1]], span)
                nodes.append(self._then(part.node, between, span) if between and not nodes else part.node)
            elif line.calls and part is line.parts[0] and part in pending and _waits(part):
                pending.remove(
                    part
                )  # whatever is between, what is called stands in the call: the compiler knows it there
                nodes.append(part.node)
            else:
                nodes.append(self._atom(part, span))
        return nodes[::-1]

    def _then(self, node: Node, others: list[Node], span: Span | None) -> Node:
        """NODE's value, after which OTHERS are done."""
        temp = self.fresh("held")
        return Let([temp], [node], _sequence([*others, Ref(temp, span)], span), span)

    def _atom(self, code: Code, span: Span | None) -> Node:
        """A node that has CODE's value and does nothing."""
        if isinstance(code.node, Const):
            return Const(code.node.value, code.node.span)
        if code.temp is None:
            code.temp = self.fresh("held")
        return Ref(code.temp, span)


def _waits(code: Code) -> bool:
    """Whether CODE, used once, may as well be evaluated when what it gives is called."""
    if code.uses != 1 or code.temp is not None:
        return False
    return isinstance(code.node, (Global, Lambda)) or (
        isinstance(code.node, Ref) and not code.node.var.assigned
    )


def _sequence(items: list[Node], span: Span | None) -> Node:
    return items[0] if len(items) == 1 else Seq(items, span)
