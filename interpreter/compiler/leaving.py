"""Which blocks can be left by jumps: those whose variable is only called, and only by the procedure they stand in;
and which others at least let it go nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from chorus.interpreter.compiler.nodes import (
    Block,
    Call,
    Global,
    Init,
    Lambda,
    Let,
    Local,
    Node,
    Params,
    Ref,
    SetLocal,
)
from chorus.interpreter.compiler.pristine import bottom_of
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


def as_escape(block: Block, fn: Node) -> Node | None:
    """The call/cc that BLOCK was written for, FN, as one whose continuation goes nowhere; None if it may be kept."""
    if not isinstance(fn, Global) or not _goes_nowhere(block):
        return None
    params = Params()
    params.required = [block.var]
    body = Lambda(params, block.body, None, None, block.span)
    return Call(Global("%call/ec", bottom_of(fn.space), block.span), [body], block.span)


def _goes_nowhere(block: Block) -> bool:
    """Whether BLOCK's variable, and the local procedures that mention it, are only called."""
    nodes = list(_written_out(block.body))
    bound = dict(_bound_procedures(nodes))
    called = {id(node.fn) for node in nodes if isinstance(node, Call)}
    carriers = {block.var}
    while True:
        more = {var for var, made in bound.items() if var not in carriers and _mentions(made, carriers)}
        if not more:
            break
        carriers |= more
    known = {id(made) for made in bound.values()}
    for node in nodes:
        if isinstance(node, SetLocal) and node.var in carriers:
            return False
        if isinstance(node, Ref) and node.var in carriers and id(node) not in called:
            return False
        if isinstance(node, Lambda) and id(node) not in known and _mentions(node, carriers):
            return False
    return True


def _bound_procedures(nodes: list[Node]) -> Iterator[tuple[Local, Lambda]]:
    for node in nodes:
        if isinstance(node, Init) and isinstance(node.value, Lambda):
            yield node.var, node.value
        elif isinstance(node, Let):
            for var, init in zip(node.vars, node.inits, strict=True):
                if isinstance(init, Lambda):
                    yield var, init


def _mentions(made: Lambda, carriers: set[Local]) -> bool:
    return any(isinstance(node, Ref) and node.var in carriers for node in _written_out(made))


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
