"""Core nodes below a node."""

from __future__ import annotations

from collections.abc import Iterator

from chorus.interpreter.compiler.nodes import (
    Bind,
    Call,
    Define,
    If,
    Init,
    Let,
    Node,
    Seq,
    SetGlobal,
    SetLocal,
)


def within(node: Node) -> Iterator[Node]:
    """NODE and all below it, but for what stands in inner procedures."""
    work = [node]
    while work:
        here = work.pop()
        yield here
        work += reversed(children(here))


def children(node: Node) -> list[Node]:
    if isinstance(node, If):
        return [node.test, node.yes, node.no]
    if isinstance(node, Seq):
        return node.items
    if isinstance(node, Let):
        return [*node.inits, node.body]
    if isinstance(node, Bind):
        return [node.body] if node.loop is None else [*node.loop.entry, node.loop.body]
    if isinstance(node, Call):
        return [node.fn, *node.args]
    if isinstance(node, (SetLocal, Init, SetGlobal, Define)):
        return [node.value]
    return []
