"""What the emitter must know before it writes: which named lets are loops, what closures capture, what calls return.

Pass one (`_count`) finds calls in tail position that jump back to a procedure around them, and turns a named let whose
every use is such a jump into a Loop. Pass two (`_resolve`) finds captured variables, whether a procedure may return a
pending call, how each callee is known, and which nodes are one Python expression.
"""

from __future__ import annotations

from typing import Any

from chorus.interpreter.compiler.nodes import (
    Bind,
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
from chorus.runtime.calling import meta_of

MAX_LOOPS = 12  # nested; Python allows 20 blocks
Tails = tuple[Any, ...]


class Analysis:
    """Analyses one unit: the body of UNIT, a procedure without parameters."""

    def __init__(self, unit: Lambda, space: Namespace) -> None:
        self.space = space
        self.defined: set[str] = set()  # globals that this unit itself gives a value
        self.jumps: list[tuple[Any, Call]] = []
        self.loop_depth = 0
        self._count(unit.body, ())
        self.procedures: list[Lambda] = []
        self.looping: list[int] = []
        self._procedure(unit)

    # — pass one —

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
        for init in node.inits:
            self._count(init, ())
        self._count(node.body, tails)

    def _count_SetLocal(self, node: SetLocal, tails: Tails) -> None:
        node.var.assigned = True
        self._count(node.value, ())

    def _count_SetGlobal(self, node: SetGlobal, tails: Tails) -> None:
        self.defined.add(node.name)
        self._count(node.value, ())

    def _count_Define(self, node: Define, tails: Tails) -> None:
        self.defined.add(node.name)
        if node.value.__class__ is Lambda:
            self._count_Lambda(node.value, (node.name,))  # type: ignore[arg-type]
        else:
            self._count(node.value, ())

    def _count_Init(self, node: Init, tails: Tails) -> None:
        if node.value.__class__ is Lambda:
            node.var.init = node.value  # type: ignore[assignment]
            self._count_Lambda(node.value, (node.var,))  # type: ignore[arg-type]
        else:
            self._count(node.value, ())

    def _count_Lambda(self, node: Lambda, label: Tails) -> None:
        """LABEL: the one name by which the procedure may call itself, when it has one."""
        params = node.params
        for _, default in params.optional:
            self._count(default, ())
        for _, _, default in params.keywords:
            if default is not None:
                self._count(default, ())
        node.label = label[0] if label and params.plain else None
        depth, self.loop_depth = self.loop_depth, 0
        mark = len(self.jumps)
        self._count(node.body, (node,) if node.label is not None else ())
        self.loop_depth = depth
        node.loops = any(target is node for target, _ in self.jumps[mark:])

    def _count_Call(self, node: Call, tails: Tails) -> None:
        target = self._jump_target(node, tails)
        if target is not None:
            node.again = target
            self.jumps.append((target, node))
            if target.__class__ is Local:
                target.again += 1
        self._count(node.fn, ())
        for arg in node.args:
            self._count(arg, ())

    def _jump_target(self, node: Call, tails: Tails) -> Any:
        """The loop variable or procedure around this call that it calls again."""
        fn = node.fn
        for target in reversed(tails):
            if target.__class__ is Local:
                if fn.__class__ is Ref and fn.var is target and _fits(target.init, node):  # type: ignore[attr-defined]
                    return target
            elif fn.__class__ is Ref and fn.var is target.label and not fn.var.assigned:  # type: ignore[attr-defined]
                return target if _fits(target, node) else None
            elif fn.__class__ is Global and fn.name == target.label and fn.space is self.space:  # type: ignore[attr-defined]
                return target if _fits(target, node) else None
        return None

    def _count_Bind(self, node: Bind, tails: Tails) -> None:
        body = node.body
        if not self._may_loop(node):
            self._count(body, tails)
            return
        init, entry = body.items  # type: ignore[attr-defined]
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
                if target.__class__ is Local:
                    target.again -= 1
            else:
                self.jumps.append((target, call))

    def _may_loop(self, node: Bind) -> bool:
        """(letrec ((v (lambda (x …) …))) (v e …))"""
        body = node.body
        if len(node.vars) != 1 or body.__class__ is not Seq or len(body.items) != 2:  # type: ignore[attr-defined]
            return False
        init, entry = body.items  # type: ignore[attr-defined]
        return (
            init.__class__ is Init
            and init.value.__class__ is Lambda
            and entry.__class__ is Call
            and entry.fn.__class__ is Ref
            and entry.fn.var is init.var
            and _fits(init.value, entry)
        )

    # — pass two —

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

    def _resolve_Call(self, node: Call, tail: bool) -> None:
        self._resolve(node.fn, False)
        for arg in node.args:
            self._resolve(arg, False)
        node.kind = self._kind(node.fn)
        if node.again.__class__ is Lambda and node.fn.__class__ is Ref and node.fn.var.assigned:  # type: ignore[attr-defined]
            node.again = None
        if node.again is not None:
            if node.fn.__class__ is Global:
                self.procedures[-1].direct = False  # redefined in the middle, it is a call like any other
            return
        if tail and node.kind not in ("host", "direct"):
            self.procedures[-1].direct = False
        node.simple = node.fn.simple and all(arg.simple for arg in node.args)

    def _kind(self, fn: Node) -> str:
        """How a callee is known.

        host: a primitive, which never returns a pending call · direct: a local procedure that never does
        settled: a global procedure that as it stands never does · unknown
        """
        if fn.__class__ is Const:
            return "host"
        if fn.__class__ is Ref:
            var = fn.var  # type: ignore[attr-defined]
            known = var.init is not None and not var.assigned and var.init.again_known and var.init.direct
            return "direct" if known else "unknown"
        if fn.__class__ is Global and not (fn.name in self.defined and fn.space is self.space):  # type: ignore[attr-defined]
            return kind_of(fn.space.get(fn.name))  # type: ignore[attr-defined]
        return "unknown"


def kind_of(value: Any) -> str:
    meta = meta_of(value)
    if meta is not None:
        return "settled" if meta.direct else "unknown"
    return "host" if callable(value) and not getattr(value, "pending", False) else "unknown"


def _fits(procedure: Lambda | None, call: Call) -> bool:
    if procedure is None or not procedure.params.plain:
        return False
    return len(procedure.params.required) == len(call.args)


def is_or(node: Node) -> bool:
    """(let ((t a)) (if t t b)), which is what `or` expands to."""
    if node.__class__ is not Let or len(node.vars) != 1 or node.body.__class__ is not If:  # type: ignore[attr-defined]
        return False
    var, body = node.vars[0], node.body  # type: ignore[attr-defined]
    return (
        body.test.__class__ is Ref
        and body.test.var is var
        and body.yes.__class__ is Ref
        and body.yes.var is var
        and var.refs == 2
        and not var.assigned
    )
