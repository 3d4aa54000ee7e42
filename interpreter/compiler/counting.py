"""Where the steps of a procedure are counted, besides the rounds of its loops."""

from __future__ import annotations

from chorus.interpreter.compiler.nodes import Bind, Call, Const, If, Let, Node, Seq
from chorus.interpreter.compiler.regions import Region
from chorus.interpreter.compiler.sites import GOING_ROUND
from chorus.interpreter.compiler.walk import within


def paying(node: Node, region: Region | None) -> set[Node]:
    """The nodes of NODE, in tail position, before which a step is to be counted: the last places where all calls of
    what may call on are still to come. A procedure that makes no such call, as things stand, is done in no time.
    """
    if isinstance(node, If) and not _calls_on(node.test, region):
        return paying(node.yes, region) | paying(node.no, region)
    if isinstance(node, Let) and not any(_calls_on(init, region) for init in node.inits):
        return paying(node.body, region)
    if isinstance(node, Seq) and not any(_calls_on(item, region) for item in node.items[:-1]):
        return paying(node.items[-1], region)
    if isinstance(node, Bind):
        if node.loop is None:
            return paying(node.body, region)
        return {node} if any(_calls_on(entry, region) for entry in node.loop.entry) else set()
    return {node} if _calls_on(node, region) else set()


def _calls_on(node: Node, region: Region | None) -> bool:
    """Whether code of the program may run by a call in NODE; a loop's rounds are counted by themselves."""
    return any(
        isinstance(here, Call)
        and not isinstance(here.fn, Const)
        and (region is None or region.primitives.get(here, "call/cc") in GOING_ROUND)
        for here in within(node)
    )
