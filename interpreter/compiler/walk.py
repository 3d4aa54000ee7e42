"""Core nodes below a node."""

from __future__ import annotations

from collections.abc import Iterator

from chorus.interpreter.compiler.nodes import (
    Bind,
    Block,
    Call,
    Define,
    If,
    Init,
    Lambda,
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
    if isinstance(node, Block):
        return [node.body]
    if isinstance(node, Bind):
        return [node.body] if node.loop is None else [*node.loop.entry, node.loop.body]
    if isinstance(node, Call):
        return [node.fn, *node.args] if node.integrated is None else [node.integrated]
    if isinstance(node, (SetLocal, Init, SetGlobal, Define)):
        return [node.value]
    return []


def below(node: Node) -> Iterator[Node]:
    """NODE and all below it, inner procedures and what calls are written out as included."""
    work = [node]
    while work:
        here = work.pop()
        yield here
        if isinstance(here, Lambda):
            work += [here.body, *(default for _, default in here.params.optional)]
            work += [default for _, _, default in here.params.keywords if default is not None]
        elif isinstance(here, Call):
            work += [here.fn, *here.args, *([here.integrated] if here.integrated is not None else [])]
        else:
            work += children(here)


def tail_calls(node: Node) -> Iterator[Call]:
    """The calls in tail position of NODE."""
    work = [node]
    while work:
        here = work.pop()
        if isinstance(here, Call):
            yield here
        elif isinstance(here, If):
            work += (here.no, here.yes)
        elif isinstance(here, Seq):
            work.append(here.items[-1])
        elif isinstance(here, (Let, Bind)):
            work.append(here.body)
