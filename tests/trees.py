"""Core code as plain data, so that two trees can be compared: every node with its place, variables by number."""

from __future__ import annotations

from typing import Any

from chorus.interpreter.compiler.nodes import (
    Bind,
    Block,
    Call,
    Const,
    Define,
    Global,
    If,
    Lambda,
    Let,
    Local,
    Node,
    Params,
    Ref,
    Seq,
    SetGlobal,
)
from chorus.runtime.printer import write
from chorus.runtime.values import HashTable, Pair


class Dump:
    """Spells one unit."""

    def __init__(self) -> None:
        self.numbers: dict[Local, int] = {}

    def var(self, var: Local) -> Any:
        number = self.numbers.setdefault(var, len(self.numbers))
        return (var.name, number, var.late)

    def tree(self, node: Any) -> Any:
        if node is None:
            return None
        kind = node.__class__.__name__
        return (kind, node.span, *getattr(self, kind)(node))

    def Const(self, node: Const) -> Any:
        return (datum(node.value),)

    def Ref(self, node: Ref) -> Any:
        return (self.var(node.var),)

    def Global(self, node: Global) -> Any:
        return node.name, id(node.space)

    def If(self, node: If) -> Any:
        return self.tree(node.test), self.tree(node.yes), self.tree(node.no)

    def Lambda(self, node: Lambda) -> Any:
        return node.name, node.doc, self.params(node.params), self.tree(node.body)

    def params(self, params: Params) -> Any:
        return (
            [self.var(v) for v in params.required],
            [(self.var(v), self.tree(d)) for v, d in params.optional],
            [(k, self.var(v), self.tree(d)) for k, v, d in params.keywords],
            params.rest and self.var(params.rest),
        )

    def _set(self, node: Any) -> Any:
        return self.var(node.var), self.tree(node.value)

    SetLocal = _set
    Init = _set

    def SetGlobal(self, node: SetGlobal) -> Any:
        return node.name, id(node.space), self.tree(node.value)

    def Define(self, node: Define) -> Any:
        return node.name, self.tree(node.value)

    def Seq(self, node: Seq) -> Any:
        return ([self.tree(item) for item in node.items],)

    def Let(self, node: Let) -> Any:
        inits = [self.tree(init) for init in node.inits]
        return inits, [self.var(v) for v in node.vars], self.tree(node.body)

    def Bind(self, node: Bind) -> Any:
        return [self.var(v) for v in node.vars], self.tree(node.body)

    def Block(self, node: Block) -> Any:
        return self.var(node.var), self.tree(node.body)

    def Call(self, node: Call) -> Any:
        return self.tree(node.fn), [self.tree(arg) for arg in node.args], self.tree(node.integrated)


def datum(value: Any) -> Any:
    """A constant: data as they are written, all else by what it is."""
    if isinstance(value, (Pair, HashTable)) or value.__class__ in (
        list,
        int,
        float,
        complex,
        str,
        bool,
        bytes,
    ):
        return (value.__class__.__name__, write(value))
    return repr(value) if hasattr(value, "name") else id(value)


def dump(node: Node) -> Any:
    return Dump().tree(node)


__all__ = ["Bind", "Const", "Ref", "dump"]
