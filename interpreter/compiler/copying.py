"""Copies of procedures as they were expanded, with variables of their own, for code that holds a procedure twice."""

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
    Init,
    Lambda,
    Let,
    Local,
    Node,
    Params,
    Ref,
    Seq,
    SetGlobal,
    SetLocal,
)


def copy_lambda(procedure: Lambda) -> Lambda:
    """PROCEDURE anew; what is not its own variable stays the same."""
    return Copy().lambda_(procedure)


class Copy:
    """One copy: variables bound in what is copied are bound anew."""

    def __init__(self) -> None:
        self.vars: dict[Local, Local] = {}

    def bound(self, var: Local) -> Local:
        made = Local(var.name, 0)
        made.py = f"{var.py}c"
        made.assigned, made.late = var.assigned, var.late
        self.vars[var] = made
        return made

    def node(self, node: Node) -> Node:
        return getattr(self, "_" + node.__class__.__name__)(node)

    def lambda_(self, node: Lambda) -> Lambda:
        params = Params()
        params.required = [self.bound(var) for var in node.params.required]
        params.optional = [(self.bound(var), self.node(default)) for var, default in node.params.optional]
        params.keywords = [
            (key, self.bound(var), None if default is None else self.node(default))
            for key, var, default in node.params.keywords
        ]
        params.rest = self.bound(node.params.rest) if node.params.rest is not None else None
        return Lambda(params, self.node(node.body), node.name, node.doc, node.span)

    _Lambda = lambda_

    def _Const(self, node: Const) -> Node:
        return Const(node.value, node.span)

    def _Ref(self, node: Ref) -> Node:
        return Ref(self.vars.get(node.var, node.var), node.span)

    def _Global(self, node: Global) -> Node:
        return Global(node.name, node.space, node.span)

    def _If(self, node: If) -> Node:
        return If(self.node(node.test), self.node(node.yes), self.node(node.no), node.span)

    def _SetLocal(self, node: SetLocal) -> Node:
        return SetLocal(self.vars.get(node.var, node.var), self.node(node.value), node.span)

    def _Init(self, node: Init) -> Node:
        return Init(self.vars.get(node.var, node.var), self.node(node.value), node.span)

    def _SetGlobal(self, node: SetGlobal) -> Node:
        return SetGlobal(node.name, node.space, self.node(node.value), node.span)

    def _Define(self, node: Define) -> Node:
        return Define(node.name, self.node(node.value), node.span)

    def _Seq(self, node: Seq) -> Node:
        return Seq([self.node(item) for item in node.items], node.span)

    def _Let(self, node: Let) -> Node:
        inits = [self.node(init) for init in node.inits]
        return Let([self.bound(var) for var in node.vars], inits, self.node(node.body), node.span)

    def _Bind(self, node: Bind) -> Node:
        vars = [self.bound(var) for var in node.vars]
        return Bind(vars, self.node(node.body), node.span)

    def _Block(self, node: Block) -> Node:
        return Block(self.bound(node.var), self.node(node.body), node.span)

    def _Call(self, node: Call) -> Node:
        made: Any = Call(self.node(node.fn), [self.node(arg) for arg in node.args], node.span)
        made.leaves = None if node.leaves is None else self.vars.get(node.leaves, node.leaves)
        if (
            node.integrated is not None and not node.inlined
        ):  # what was inlined may mean something else by now
            made.integrated = self.node(node.integrated)
        return made
