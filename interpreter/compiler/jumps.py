"""The analysis' first pass: calls in tail position that jump back to a procedure or loop around them.

A named let whose every use is such a jump becomes a Loop: nothing of it is left but a Python `while`.
"""

from __future__ import annotations

from typing import Any

from chorus.interpreter.compiler.leaving import as_escape, can_be_left
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
    Loop,
    Node,
    Ref,
    Seq,
    SetGlobal,
    SetLocal,
)
from chorus.interpreter.namespace import Namespace

MAX_LOOPS = 12  # nested; Python allows 20 blocks
Tails = tuple[Any, ...]


class Jumps:
    """Marks `Call.again`, `Bind.loop` and `Lambda.loops` in BODY, a unit of SPACE."""

    def __init__(self, body: Node, space: Namespace) -> None:
        self.space = space
        self.defined: set[str] = set()  # globals that this unit itself gives a value
        self.jumps: list[tuple[Any, Call]] = []
        self.loop_depth = 0
        self._count(body, ())

    def _count(self, node: Node, tails: Tails) -> None:
        getattr(self, "_count_" + node.__class__.__name__)(node, tails)

    def _count_Const(self, node: Const, tails: Tails) -> None:
        pass

    _count_Global = _count_Const

    def _count_Ref(self, node: Ref, tails: Tails) -> None:
        node.var.refs += 1

    def _count_If(self, node: If, tails: Tails) -> None:
        self._count(node.test, ())
        self._count(node.yes, tails)
        self._count(node.no, tails)

    def _count_Seq(self, node: Seq, tails: Tails) -> None:
        for item in node.items[:-1]:
            self._count(item, ())
        self._count(node.items[-1], tails)

    def _count_Let(self, node: Let, tails: Tails) -> None:
        for var, init in zip(node.vars, node.inits, strict=True):
            var.value = init
            self._count(init, ())
        self._count(node.body, tails)

    def _count_SetLocal(self, node: SetLocal, tails: Tails) -> None:
        node.var.assigned = True
        self._count(node.value, ())

    def _count_SetGlobal(self, node: SetGlobal, tails: Tails) -> None:
        self.defined.add(node.name)
        self.space.volatile.add(node.name)
        self._count(node.value, ())

    def _count_Define(self, node: Define, tails: Tails) -> None:
        self.defined.add(node.name)
        if isinstance(node.value, Lambda):
            self._count_Lambda(node.value, (node.name,))
        else:
            self._count(node.value, ())

    def _count_Init(self, node: Init, tails: Tails) -> None:
        if isinstance(node.value, Lambda):
            node.var.init = node.value
            self._count_Lambda(node.value, (node.var,))
        else:
            self._count(node.value, ())

    def _count_Lambda(self, node: Lambda, label: Tails) -> None:
        """LABEL: the one name by which the procedure may call itself, when it has one."""
        params = node.params
        for _, default in params.optional:
            self._count(default, ())
        for _, _, value in params.keywords:
            if value is not None:
                self._count(value, ())
        node.label = label[0] if label and params.plain else None
        depth, self.loop_depth = self.loop_depth, 0
        mark = len(self.jumps)
        self._count(node.body, (node,) if node.label is not None else ())
        self.loop_depth = depth
        node.loops = any(target is node for target, _ in self.jumps[mark:])

    def _count_Block(self, node: Block, tails: Tails) -> None:
        self._count(
            node.body, tails
        )  # where it is a Python loop, `Loops` hides what is around, and calls are made

    def _count_Call(self, node: Call, tails: Tails) -> None:
        target = self._jump_target(node, tails)
        if target is not None:
            node.again = target
            self.jumps.append((target, node))
            if isinstance(target, Local):
                target.again += 1
        if node.integrated is not None:
            self._count(node.integrated, tails)
            if isinstance(node.integrated, Block) and not can_be_left(node.integrated):
                node.integrated = as_escape(node.integrated, node.fn)
        self._count(node.fn, ())
        for arg in node.args:
            self._count(arg, ())

    def _jump_target(self, node: Call, tails: Tails) -> Any:
        """The loop variable or procedure around this call that it calls again."""
        fn = node.fn
        for target in reversed(tails):
            if isinstance(target, Local):
                if isinstance(fn, Ref) and fn.var is target and _fits(target.init, node):
                    return target
            elif (isinstance(fn, Ref) and fn.var is target.label and not fn.var.assigned) or (
                isinstance(fn, Global) and fn.name == target.label and fn.space is self.space
            ):
                return target if _fits(target, node) else None
        return None

    def _count_Bind(self, node: Bind, tails: Tails) -> None:
        """A local procedure that is only ever called in tail position of itself, and once from without, is a loop; any
        other stays a procedure, and what looked like jumps out of it are calls.
        """
        if not self._may_loop(node):
            self._count(node.body, tails)
            return
        body: Any = node.body
        init, entry = body.items
        var, procedure = init.var, init.value
        var.init = procedure
        mark = len(self.jumps)
        self.loop_depth += 1
        self._count(procedure.body, (*tails, var))
        self.loop_depth -= 1
        rounds = self.jumps[mark:]
        self._count(entry, ())
        if not var.assigned and var.refs == var.again + 1 and self.loop_depth < MAX_LOOPS:
            node.loop = Loop(var, procedure.params.required, entry.args, procedure.body)
            return
        del self.jumps[mark:]  # a procedure after all: jumps out of it are calls, its own are jumps within it
        procedure.label = var
        for target, call in rounds:
            if target is var:
                call.again = procedure
                procedure.loops = True
            elif target in tails:
                call.again = None
                if isinstance(target, Local):
                    target.again -= 1
            else:
                self.jumps.append((target, call))

    def _may_loop(self, node: Bind) -> bool:
        """(letrec ((v (lambda (x …) …))) (v e …))"""
        body = node.body
        if len(node.vars) != 1 or not isinstance(body, Seq) or len(body.items) != 2:
            return False
        init, entry = body.items
        return (
            isinstance(init, Init)
            and isinstance(init.value, Lambda)
            and isinstance(entry, Call)
            and isinstance(entry.fn, Ref)
            and entry.fn.var is init.var
            and _fits(init.value, entry)
        )


def _fits(procedure: Lambda | None, call: Call) -> bool:
    if procedure is None or not procedure.params.plain:
        return False
    return len(procedure.params.required) == len(call.args)
