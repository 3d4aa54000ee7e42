"""Which blocks can be left by jumps: those whose variable is only called, and only by the procedure they stand in."""

from __future__ import annotations

from collections.abc import Iterator

from chorus.interpreter.compiler.nodes import Block, Call, Lambda, Local, Node, Ref, SetLocal
from chorus.interpreter.compiler.walk import children, within


def can_be_left(block: Block) -> bool:
    """Mark the calls that leave BLOCK, once its loops are known; False if its variable is used in any other way."""
    leaving = [node for node in within(block.body) if _leaves(node, block.var)]
    for node in _written_out(block.body):
        if isinstance(node, (Ref, SetLocal)) and node.var is block.var:
            if not leaving:
                return False
            leaving.pop()
    for node in within(block.body):
        if isinstance(node, Call) and _leaves(node, block.var):
            node.leaves = block.var
    return not leaving


def _written_out(body: Node) -> Iterator[Node]:
    """BODY and all below it, inner procedures too; of calls that are written out only that."""
    work = [body]
    while work:
        node = work.pop()
        yield node
        if isinstance(node, Lambda):
            params = node.params
            work += [node.body, *(default for _, default in params.optional)]
            work += [default for _, _, default in params.keywords if default is not None]
        else:
            work += children(node)


def _leaves(node: Node, var: Local) -> bool:
    return isinstance(node, Call) and isinstance(node.fn, Ref) and node.fn.var is var and len(node.args) == 1
