"""Procedures as Python functions: parameters, fresh captures in loops, fuel."""

from __future__ import annotations

import _ast as ast

from chorus.interpreter.compiler.emit_calls import Calls
from chorus.interpreter.compiler.nodes import Lambda
from chorus.interpreter.compiler.writer import (
    LOAD,
    RETURN,
    STORE,
    Dest,
    Function,
    LoopFrame,
    is_boxed,
    make_arguments,
)


class Procedures(Calls):
    """Function definitions."""

    def _lambda(
        self, node: Lambda, name: str | None, self_key: str = "", tail_calls: bool = True
    ) -> ast.expr:
        """Write NODE's definition, bound to NAME; the expression for the procedure."""
        name = name or self._temp("f")
        self_name = ""
        if self_key and node.loops:
            self_name = name
        anew = sorted(var.py for var in node.free if var.owner is self.fn.node and var.in_loop)
        outer = self.at
        self._place(node.span)
        if anew:
            maker = self._temp("make")
            inner = self._temp("f")
            definition = self._function(node, inner, tail_calls, self_name, self_key)
            back = self._make(ast.Return, self._load(inner))
            made = self._make_function(maker, make_arguments(anew), [definition, back])
            self.fn.prologue.append(made)
            self._assign(name, self._make(ast.Call, self._load(maker), [self._load(py) for py in anew], []))
        else:
            self._out(self._function(node, name, tail_calls, self_name, self_key))
        self.at = outer
        return self._load(name)

    def _function(
        self, node: Lambda, name: str, tail_calls: bool, self_name: str = "", self_key: str = ""
    ) -> ast.FunctionDef:
        outer, at = getattr(self, "fn", None), self.at  # None: the unit itself
        self._place(node.span)
        self.fn = fn = Function(node, tail_calls, self_name, self_key)
        arguments = self._parameters(node)
        if node.loops:
            self.serial += 1
            fn.loops = [LoopFrame(node, self.serial, node.params.required)]

            def write() -> None:
                self._fuel()
                self.into(node.body, RETURN)

            body = self._block(write)
            fn.block.append(self._make(ast.While, self._make(ast.Constant, True), body, []))
        else:
            self._fuel()
            self.into(node.body, RETURN)
        direct = node.direct or not tail_calls
        head: list[ast.stmt] = [self._make(ast.Expr, self._make(ast.Constant, self.pool.meta(node, direct)))]
        if fn.globals:
            head.append(self._make(ast.Global, sorted(fn.globals)))
        if fn.nonlocals:
            head.append(self._make(ast.Nonlocal, sorted(fn.nonlocals)))
        made = self._make_function(name, arguments, head + fn.prologue + fn.block)
        if outer is not None:
            self.fn = outer
        self.at = at
        return made

    def _parameters(self, node: Lambda) -> ast.arguments:
        """Python parameters; what sorts out optional, keyword and rest arguments is written first in the
        body.
        """
        params = node.params
        required = [var.py for var in params.required]
        if params.keywords:
            names = [var.py for var in params.all()]
            targets = self._make(ast.Tuple, [self._store(name) for name in names], STORE)
            spec = self._constant(self.pool.signature(params, node.name or "a procedure"))
            taken = self._helper("take", spec, self._load("args~"))
            self._out(self._make(ast.Assign, [targets], taken))
            arguments = make_arguments([], rest="args~")
        else:
            optional = [var.py for var, _ in params.optional]
            rest = params.rest.py if params.rest else None
            defaults = [self._load("$:missing") for _ in optional]
            arguments = make_arguments(required + optional, rest, defaults)
            if rest:
                self._assign(rest, self._helper("list", self._load(rest)))
        given = [
            *params.optional,
            *((var, default) for _, var, default in params.keywords if default is not None),
        ]
        for var, default in given:
            missing = self._make(ast.Compare, self._load(var.py), [ast.Is()], [self._load("$:missing")])
            filling = self._block(lambda var=var, default=default: self.into(default, Dest("assign", var.py)))
            self._out(self._make(ast.If, missing, filling, []))
        for var in params.all():
            if is_boxed(var):
                self._assign(var.py, self._make(ast.List, [self._load(var.py)], LOAD))
        return arguments

    def _fuel(self) -> None:
        """One step: an iterator that runs dry calls the meter."""
        if not self.metered:
            return
        stop = [self._make(ast.Break)]
        dry = [self._make(ast.Expr, self._helper("out-of-fuel"))]
        self._out(self._make(ast.For, self._store("step~"), self._load("$:fuel"), stop, dry))
