"""What the emitter must know before it writes, found in two passes over the core nodes of a unit.

First `jumps`: which calls jump back, which named lets are loops. Then here: what closures capture, whether
a procedure may return a pending call, how each callee is known, and which nodes are one Python expression.
"""

from __future__ import annotations

from typing import Any

from chorus.interpreter.compiler.fast_pairs import WRITTEN_AS_STATEMENTS
from chorus.interpreter.compiler.jumps import Jumps
from chorus.interpreter.compiler.merging import Merged
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
from chorus.interpreter.compiler.pristine import is_pristine
from chorus.interpreter.compiler.unfolding import Unfolded
from chorus.interpreter.compiler.walk import within
from chorus.interpreter.namespace import Namespace
from chorus.runtime.calling import meta_of


class Analysis:
    """Analyses one unit: the body of UNIT, a procedure without parameters."""

    def __init__(self, unit: Lambda, space: Namespace) -> None:
        self.space = space
        self.defined = Jumps(unit.body, space).defined
        for name in self.defined:
            space.broken(name)  # what relied on it
        self.procedures: list[Lambda] = []
        self.looping: list[int] = []
        self.awaiting: dict[
            Lambda, list[Call]
        ] = {}  # calls of procedures that are not yet known to be direct
        self._procedure(unit)

    def _procedure(self, node: Lambda) -> None:
        self.procedures.append(node)
        self.looping.append(1 if node.loops else 0)
        node.direct = True
        for var in node.params.all():
            self._own(var)
        for _, default in node.params.optional:
            self._resolve(default, False)
        for _, _, value in node.params.keywords:
            if value is not None:
                self._resolve(value, False)
        node.again_known = False
        self._resolve(node.body, True)
        node.again_known = True
        for call in self.awaiting.pop(node, ()) if node.direct else ():
            call.kind = "direct"
        self.procedures.pop()
        self.looping.pop()

    def _own(self, var: Local) -> None:
        var.owner = self.procedures[-1]
        var.in_loop = self.looping[-1] > 0

    def _use(self, var: Local) -> None:
        for procedure in reversed(self.procedures):
            if procedure is var.owner:
                return
            procedure.free.add(var)
            var.captured = True

    def _resolve(self, node: Node, tail: bool) -> None:
        getattr(self, "_resolve_" + node.__class__.__name__)(node, tail)

    def _resolve_Const(self, node: Const, tail: bool) -> None:
        pass

    def _resolve_Global(self, node: Global, tail: bool) -> None:
        load = getattr(node.space.get(node.name), "load", None)
        if load is not None:
            load()  # a primitive not used so far takes its own place

    def _resolve_Ref(self, node: Ref, tail: bool) -> None:
        self._use(node.var)

    def _resolve_If(self, node: If, tail: bool) -> None:
        self._resolve(node.test, False)
        self._resolve(node.yes, tail)
        self._resolve(node.no, tail)
        node.simple = node.test.simple and node.yes.simple and node.no.simple

    def _resolve_Seq(self, node: Seq, tail: bool) -> None:
        for item in node.items[:-1]:
            self._resolve(item, False)
        self._resolve(node.items[-1], tail)

    def _resolve_Let(self, node: Let, tail: bool) -> None:
        for init in node.inits:
            self._resolve(init, False)
        for var in node.vars:
            self._own(var)
        self._resolve(node.body, tail)
        node.simple = is_or(node) and node.inits[0].simple and node.body.simple and not node.vars[0].captured

    def _resolve_Bind(self, node: Bind, tail: bool) -> None:
        for var in node.vars:
            self._own(var)
        loop = node.loop
        if loop is None:
            self._resolve(node.body, tail)
            return
        for arg in loop.entry:
            self._resolve(arg, False)
        self.looping[-1] += 1
        for var in loop.vars:
            self._own(var)
        self._resolve(loop.body, tail)
        self.looping[-1] -= 1

    def _resolve_SetLocal(self, node: SetLocal, tail: bool) -> None:
        self._resolve(node.value, False)
        self._use(node.var)

    def _resolve_Init(self, node: Init, tail: bool) -> None:
        self._resolve(node.value, False)
        self._use(node.var)

    def _resolve_SetGlobal(self, node: SetGlobal, tail: bool) -> None:
        self._resolve(node.value, False)

    def _resolve_Define(self, node: Define, tail: bool) -> None:
        self._resolve(node.value, False)

    def _resolve_Lambda(self, node: Lambda, tail: bool) -> None:
        self._procedure(node)

    def _resolve_Block(self, node: Block, tail: bool) -> None:
        self._own(node.var)
        self._resolve(node.body, tail)

    def _resolve_Call(self, node: Call, tail: bool) -> None:
        if node.leaves is not None:
            self._resolve(node.args[0], False)
            return
        self._resolve(node.fn, False)
        for arg in node.args:
            self._resolve(arg, False)
        if node.integrated is not None:
            self._resolve_integrated(node, tail)
        node.kind = self._kind(node.fn)
        if isinstance(node.again, Lambda) and isinstance(node.fn, Ref) and node.fn.var.assigned:
            node.again = None
        if node.again is not None:
            if isinstance(node.fn, Global):
                self.procedures[-1].direct = False  # redefined in the middle, it is a call like any other
            return
        if tail and node.kind not in ("host", "direct"):
            self.procedures[-1].direct = False
        elif node.kind == "unknown" and isinstance(node.fn, Ref):
            self._await(node, node.fn.var)
        parts_simple = node.fn.simple and all(arg.simple for arg in node.args)
        node.simple = parts_simple and node.integrated is None and not makes_pairs(node)

    def _await(self, call: Call, var: Local) -> None:
        """CALL, of what VAR holds, is of a direct procedure if that, once it is resolved, turns out to be one."""
        if var.init is not None and not var.assigned and not var.init.again_known:
            self.awaiting.setdefault(var.init, []).append(call)

    def _resolve_integrated(self, node: Call, tail: bool) -> None:
        assert isinstance(node.fn, Global) and node.integrated is not None
        block = isinstance(node.integrated, Block)  # within which calls that are written out must stay so
        inner = [c for c in within(node.integrated) if isinstance(c, Call) and c.integrated] if block else []
        if any(self._may_change(call.fn) for call in [node, *inner]):
            node.integrated = None
        else:
            self._resolve(node.integrated, tail)

    def _may_change(self, fn: Node) -> bool:
        assert isinstance(fn, Global)
        return fn.name in self.space.volatile or (fn.name in self.defined and fn.space is self.space)

    def _kind(self, fn: Node) -> str:
        """How a callee is known.

        host: a primitive, which never returns a pending call · direct: a local procedure that never does
        settled: a global procedure that as it stands never does · unknown
        """
        if isinstance(fn, Const):
            return "host"
        if isinstance(fn, Ref):
            var = fn.var
            known = var.init is not None and not var.assigned and var.init.again_known and var.init.direct
            return "direct" if known else "unknown"
        if isinstance(fn, Global) and not (fn.name in self.defined and fn.space is self.space):
            return kind_of(fn.space.get(fn.name))
        return "unknown"


def analyse_merged(merged: Merged | Unfolded, space: Namespace) -> None:
    """Analyse the procedure of MERGED, which no unit of SPACE has as a form."""
    body = Seq([Init(merged.var, merged.procedure, None), Const(False, None)], None)
    Analysis(Lambda(Params(), Bind([merged.var], body, None), "", None, None), space)


def kind_of(value: Any) -> str:
    meta = meta_of(value)
    if meta is not None:
        return "settled" if meta.direct else "unknown"
    return "host" if callable(value) and not getattr(value, "pending", False) else "unknown"


def makes_pairs(node: Call) -> bool:
    """Whether NODE is written as statements that make pairs, where its primitive is what it came as."""
    fn = node.fn
    return isinstance(fn, Global) and (fn.name, len(node.args)) in WRITTEN_AS_STATEMENTS and is_pristine(fn)


def is_or(node: Node) -> bool:
    """(let ((t a)) (if t t b)), which is what `or` expands to."""
    if not isinstance(node, Let) or len(node.vars) != 1 or not isinstance(node.body, If):
        return False
    var, body = node.vars[0], node.body
    return (
        isinstance(body.test, Ref)
        and body.test.var is var
        and isinstance(body.yes, Ref)
        and body.yes.var is var
        and var.refs == 2
        and not var.assigned
    )
