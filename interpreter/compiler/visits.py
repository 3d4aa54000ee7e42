"""In which order a function passes its calls, gives variables values, and makes functions that capture them."""

from __future__ import annotations

import _ast as ast
from collections.abc import Callable
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
        visit = VISITS.get(kind)
        if visit is not None:
            visit(self, node)
        elif kind in OPERANDS:
            for place in places(node, OPERANDS[kind]):
                self._visit(standing(place))
            if getattr(node, "site", 0):
                self.count += 1
                self.sites[node.site] = (self.count, self.loops)
        else:
            self._visit_parts(node)

    def _visit_parts(self, node: Any) -> None:
        for part in parts(node):
            self._visit(part)

    def _visit_function(self, node: ast.FunctionDef) -> None:
        for name in free_names(node):
            self._note(self.captures, name)
        self._note(self.stores, node.name)

    def _visit_assignment(self, node: ast.Assign) -> None:
        self._visit(node.value)
        for target in node.targets:
            self._visit(target)

    def _visit_loop(self, node: ast.While | ast.For) -> None:
        self.count += 1
        outer, self.loops = self.loops, (*self.loops, self.count)
        self._visit_parts(node)
        self.loops = outer

    def _visit_name(self, node: ast.Name) -> None:
        if node.ctx.__class__ is ast.Store:
            self._note(self.stores, node.id)

    def _visit_named(self, node: ast.NamedExpr) -> None:
        self._visit(node.value)
        self._visit(node.target)


VISITS: dict[type, Callable[[Visits, Any], None]] = {
    ast.FunctionDef: Visits._visit_function,
    ast.Assign: Visits._visit_assignment,
    ast.While: Visits._visit_loop,
    ast.For: Visits._visit_loop,
    ast.Name: Visits._visit_name,
    ast.NamedExpr: Visits._visit_named,
}
