"""Core nodes → Python syntax trees, with the place of each form on its node, so that CPython's own position
tables say where an error stood, at no cost while running.

A procedure is written for one of two ways of calling. As its *value* it may return a pending call from a
tail position; as its *direct entry* it makes that call itself. A global procedure that never has one to
return is both at once.
"""

from __future__ import annotations

import _ast as ast

from chorus.interpreter.compiler.analysis import Analysis, analyse_merged, is_or
from chorus.interpreter.compiler.constants import Pool
from chorus.interpreter.compiler.emit_procedures import Procedures
from chorus.interpreter.compiler.giving import gets_own
from chorus.interpreter.compiler.kinds import BOOL, PROCEDURE
from chorus.interpreter.compiler.merging import merge_globals
from chorus.interpreter.compiler.nodes import (
    Bind,
    Call,
    Const,
    Define,
    If,
    Init,
    Lambda,
    Let,
    Local,
    Node,
    Ref,
    Seq,
    SetGlobal,
    SetLocal,
)
from chorus.interpreter.compiler.writer import DROP, LOAD, STORE, Dest, is_boxed
from chorus.interpreter.namespace import Namespace, key
from chorus.runtime.values import UNSPECIFIED


class Emitter(Procedures):
    """Writes one unit of SPACE: UNIT, a procedure without parameters. METERED: fuel is counted in every
    round. TAIL: calls in tail position may be returned.
    """

    def __init__(
        self,
        unit: Lambda,
        space: Namespace,
        pool: Pool,
        metered: bool,
        source: Lambda | None = None,
        tail: bool = False,
    ) -> None:
        super().__init__(space, pool, metered)
        self.defined = frozenset(Analysis(unit, space).defined)
        if source is not None and isinstance(unit.body, Define) and isinstance(unit.body.value, Lambda):
            self._merge(unit.body.name, unit.body.value, source)
        self.unit = self._function(unit, "unit", tail_calls=tail)

    def _merge(self, name: str, procedure: Lambda, source: Lambda) -> None:
        """Let PROCEDURE, which is now called NAME, be written as one with those that it calls in turn."""
        merged = merge_globals(name, source, self.space)
        self.space.sources[name] = source
        if merged is not None:
            analyse_merged(merged, self.space)
            self.merged[procedure] = merged

    def into(self, node: Node, dest: Dest) -> None:
        """Write NODE so that its value goes to DEST."""
        outer = self.at
        self._place(node.span)
        if node in self.fn.paying:
            self._fuel()
        if node.simple and not isinstance(node, (Call, If, Let)):  # in these there may be tail calls
            self._finish(self.value(node), dest)
        else:
            getattr(self, "_into_" + node.__class__.__name__)(node, dest)
        self.at = outer

    def _finish(self, value: ast.expr, dest: Dest) -> None:
        if dest.kind == "return":
            self._return(value)
            return
        if dest.kind == "assign":
            if not (value.__class__ is ast.Name and value.id == dest.name):
                self._assign(dest.name, value)
        elif value.__class__ is not ast.Constant and not (value.__class__ is ast.Name and "~" in value.id):
            self._out(self._make(ast.Expr, value))
        if dest.leave:
            self.fn.loops[-1].left = True
            self._jump(0)

    def _into_If(self, node: If, dest: Dest) -> None:
        while True:
            if isinstance(node.test, Const):
                self.into(node.no if node.test.value is False else node.yes, dest)
                return
            test = self._test(node.test)
            yes, no = node.yes, node.no
            known = self.facts
            self.facts = known | self.facts_where(node.test, True)
            taken = self._block(lambda yes=yes: self.into(yes, dest))
            self.facts = known | self.facts_where(node.test, False)
            if dest.kind != "return" and not dest.leave:
                if dest.kind == "drop" and isinstance(no, Const):
                    self._out(self._make(ast.If, test, taken, []))
                else:
                    self._out(self._make(ast.If, test, taken, self._block(lambda no=no: self.into(no, dest))))
                self.facts = known
                return
            self._out(self._make(ast.If, test, taken, []))
            if not isinstance(no, If):  # a long cond stays flat: what TAKEN leaves needs no else
                self.into(no, dest)
                return
            node = no
            self._place(node.span)
            if node in self.fn.paying:
                self._fuel()

    def _into_Lambda(self, node: Lambda, dest: Dest) -> None:
        self._finish(self._lambda(node, None), dest)

    def _into_Seq(self, node: Seq, dest: Dest) -> None:
        for item in node.items[:-1]:
            self.into(item, DROP)
            self.facts |= self.facts_after(item)
        self.into(node.items[-1], dest)

    def _into_Let(self, node: Let, dest: Dest) -> None:
        if self.region is not None and is_or(node) and self.region.kind(node.inits[0]) == BOOL:
            assert isinstance(node.body, If)  # its value, where it is not #f, is #t
            self._into_If(If(node.inits[0], Const(True, node.span), node.body.no, node.span), dest)
            return
        if isinstance(node.body, Let) and gets_own(self.region, node, node.body):
            self._unpack(node.inits[0], node.body.vars)
            self.into(node.body.body, dest)
            return
        self._begin(node)
        self.into(node.body, dest)

    def _unpack(self, giving: Node, vars: list[Local]) -> None:
        """Give VARS the values that GIVING gives as they are."""
        targets = self._make(ast.Tuple, [self._store(var.py) for var in vars], STORE)
        self._out(self._make(ast.Assign, [targets], self.value(giving)))

    def _begin(self, node: Let) -> None:
        """Give NODE's variables their values."""
        for var, init in zip(node.vars, node.inits, strict=True):
            self._initialise(var, init)
            self.facts |= self.facts_after(init) | self.made_record(var, init)

    def _is_other_name(self, var: Local, init: Node) -> bool:
        """Whether VAR is only another name of the variable that INIT reads."""
        if not isinstance(init, Ref) or var.captured or any(v.assigned or v.late for v in (var, init.var)):
            return False
        return init.var.owner is self.fn.node and not is_boxed(var) and not is_boxed(init.var)

    def _initialise(self, var: Local, init: Node) -> None:
        if self._is_other_name(var, init):
            assert isinstance(init, Ref)
            var.py = init.var.py
        elif is_boxed(var):
            self._assign(var.py, self._make(ast.List, [self.value(init)], LOAD))
        elif isinstance(init, Lambda):
            self._lambda(init, var.py)
        else:
            self.into(init, Dest("assign", var.py))
            if self.region is not None and var in self.region.made:
                changed = self._make(ast.UnaryOp, ast.Not(), self._flag())
                settling = self._make(
                    ast.Assign, [self._store(var.py)], self._helper("direct", self._load(var.py))
                )
                self._out(self._make(ast.If, changed, [settling], []))

    def _into_Bind(self, node: Bind, dest: Dest) -> None:
        if node.loop is not None:
            self._loop(node.loop, dest)
            return
        for var in node.vars:
            if is_boxed(var):
                self._assign(var.py, self._make(ast.List, [], LOAD))
        self.into(node.body, dest)

    def _into_Init(self, node: Init, dest: Dest) -> None:
        if not is_boxed(node.var) and isinstance(node.value, Lambda) and node.var.owner is self.fn.node:
            self._lambda(node.value, node.var.py)
        else:
            self._set(node.var, self.value(node.value))
        self._finish(self._constant(UNSPECIFIED), dest)

    def _into_SetLocal(self, node: SetLocal, dest: Dest) -> None:
        self._set(node.var, self.value(node.value))
        self._finish(self._constant(UNSPECIFIED), dest)

    def _set(self, var: Local, value: ast.expr) -> None:
        if is_boxed(var):
            whole = self._make(ast.Slice, None, None, None)
            target = self._make(ast.Subscript, self._load(var.py), whole, STORE)
            self._out(self._make(ast.Assign, [target], self._make(ast.List, [value], LOAD)))
            return
        if var.owner is not self.fn.node:
            self.fn.nonlocals.add(var.py)
        elif var.assigned:
            self.fn.assigned.add(var.py)
        self._assign(var.py, value)

    def _into_SetGlobal(self, node: SetGlobal, dest: Dest) -> None:
        value = self.value(node.value)
        if self.space.base is not None and node.space is self.space and self._is_own(node.name):
            name, direct = self.space.entry_keys(node.name, self.space)
            self.fn.globals |= {name, direct}
            if self.region is not None and not self.region.kind(node.value) & PROCEDURE:
                both = [self._store(name), self._store(direct)]
                self._out(self._make(ast.Assign, both, value))
                self._finish(self._constant(UNSPECIFIED), dest)
                return
            temp = self._temp()
            self._assign(temp, value)
            self._assign(name, self._load(temp))
            kind = self._make(ast.Attribute, self._load(temp), "__class__", LOAD)
            plain = self._make(ast.Compare, kind, [ast.IsNot()], [self._load("$:function")])
            entry = self._helper("direct", self._load(temp))
            self._assign(direct, self._make(ast.IfExp, plain, self._load(temp), entry))
        else:
            space = self._load("$:namespace") if node.space is self.space else self._constant(node.space)
            self._out(
                self._make(ast.Expr, self._helper("set-global", space, self._constant(node.name), value))
            )
        self._finish(self._constant(UNSPECIFIED), dest)

    def _is_own(self, name: str) -> bool:
        return self.space.owns(name)

    def _into_Define(self, node: Define, dest: Dest) -> None:
        if isinstance(node.value, Lambda):
            self._define_procedure(node.name, node.value)
        else:
            value = self.value(node.value)
            made = self._helper("define", self._load("$:namespace"), self._constant(node.name), value)
            self._out(self._make(ast.Expr, made))
        self._finish(self._constant(UNSPECIFIED), dest)

    def _define_procedure(self, name: str, procedure: Lambda) -> None:
        value_key, direct_key = key(name), "$:d:" + name
        self.fn.globals |= {value_key, direct_key}
        value = self._lambda(procedure, None, self_key=value_key)
        self._assign(value_key, value)
        if not procedure.direct:
            value = self._lambda(procedure, None, self_key=direct_key, tail_calls=False)
        self._assign(direct_key, value)
