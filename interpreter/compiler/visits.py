"""In which order a function passes its calls, gives variables values, and makes functions that capture them."""

from __future__ import annotations

import _ast as ast
from typing import Any

from chorus.interpreter.compiler.flow import free_names, parts
from chorus.interpreter.compiler.sites import OPERANDS, places, standing

Visit = tuple[int, tuple[int, ...]]  # a count, and the loops around


class Visits:
    """Of FUNCTION."""

    def __init__(self, function: ast.FunctionDef) -> None:
        self.count = 0
        self.loops: tuple[int, ...] = ()
        self.sites: dict[int, Visit] = {}
        self.stores: dict[str, list[Visit]] = {}
        self.captures: dict[str, list[Visit]] = {}
        for argument in function.args.args:
            self._note(self.stores, argument.arg)
        if function.args.vararg is not None:
            self._note(self.stores, function.args.vararg.arg)
        for statement in function.body:
            self._visit(statement)

    def before(self, name: str, site: int) -> tuple[bool, bool]:
        """Whether NAME may have been given a value, and may have been captured, before the call SITE."""
        at, loops = self.sites[site]
        stored, captured = (
            any(count < at or not set(around).isdisjoint(loops) for count, around in found.get(name, ()))
            for found in (self.stores, self.captures)
        )
        return stored, captured

    def _note(self, table: dict[Any, Any], name: Any) -> None:
        self.count += 1
        table.setdefault(name, []).append((self.count, self.loops))

    def _visit(self, node: Any) -> None:
        kind = node.__class__
        if kind is ast.FunctionDef:
            for name in free_names(node):
                self._note(self.captures, name)
            self._note(self.stores, node.name)
        elif kind is ast.Assign:
            self._visit(node.value)
            for target in node.targets:
                self._visit(target)
        elif kind in (ast.While, ast.For):
            self.count += 1
            outer, self.loops = self.loops, (*self.loops, self.count)
            for part in parts(node):
                self._visit(part)
            self.loops = outer
        elif kind is ast.Name:
            if node.ctx.__class__ is ast.Store:
                self._note(self.stores, node.id)
        elif kind is ast.NamedExpr:
            self._visit(node.value)
            self._visit(node.target)
        elif kind in OPERANDS:
            for place in places(node, OPERANDS[kind]):
                self._visit(standing(place))
            if getattr(node, "site", 0):
                self.count += 1
                self.sites[node.site] = (self.count, self.loops)
        else:
            for part in parts(node):
                self._visit(part)
