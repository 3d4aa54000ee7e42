"""What procedures of record types do, written out: read a field, change one, tell whether it is such a record."""

from __future__ import annotations

import _ast as ast
from typing import TYPE_CHECKING, Any

from chorus.interpreter.compiler.fast_pieces import Pieces
from chorus.interpreter.compiler.kinds import ANY
from chorus.interpreter.compiler.nodes import Call, Local, Node, Ref
from chorus.interpreter.compiler.writer import LOAD, STORE

if TYPE_CHECKING:
    from chorus.interpreter.compiler.regions import Region

Facts = frozenset[
    tuple[Local, Any]
]  # variables and their kinds; a record type where they hold a record of it


class Records(Pieces):
    """Calls of a record type's procedures within a region, which relies on their names."""

    region: Region | None
    facts: Facts

    def record_use(self, node: Call, direct: str, args: list[ast.expr]) -> ast.expr | None:
        """NODE, where it reads a field or asks for the type; None for any other call."""
        use = self.region.record_use(node) if self.region is not None else None
        if use is None or use[0] not in ("reads", "tests"):
            return None
        how, record, at = use
        if self._is_known(node.args[0], record):
            return self._field(args[0], at, LOAD) if how == "reads" else self._make(ast.Constant, True)
        first, again = self._held((args[0], ANY))
        test = self._is_record(first, again, record)
        if how == "tests":
            return test
        return self._otherwise(test, self._field(again, at, LOAD), direct, [again])

    def record_change(
        self, node: Call, args: list[ast.expr]
    ) -> tuple[list[ast.stmt], ast.expr | None] | None:
        """NODE, where it changes a field: as statements, and the test that they may be done."""
        use = self.region.record_use(node) if self.region is not None else None
        if use is None or use[0] != "writes":
            return None
        _, record, at = use
        done: list[ast.stmt] = [self._make(ast.Assign, [self._field(args[0], at, STORE)], args[1])]
        return done, None if self._is_known(node.args[0], record) else self._is_record(
            args[0], args[0], record
        )

    def made_record(self, var: Local, init: Node) -> Facts:
        """That VAR, which is given INIT, holds a new record, if it does."""
        use = self.region.record_use(init) if self.region is not None and isinstance(init, Call) else None
        if use is None or use[0] != "makes" or var.assigned or var.late:
            return frozenset()
        return frozenset({(var, use[1])})

    def _is_known(self, node: Node, record: Any) -> bool:
        return isinstance(node, Ref) and (node.var, record) in self.facts

    def _is_record(self, first: ast.expr, again: ast.expr, record: Any) -> ast.expr:
        of_type = self._compare(self._part_of(again, "type"), ast.Is(), self._named(self._constant(record)))
        return self._both(self._compare(self._class_of(first), ast.Is(), self._load("$:record")), of_type)

    def _field(self, record: ast.expr, at: int, context: ast.expr_context) -> ast.expr:
        return self._make(ast.Subscript, self._part_of(record, "values"), self._number(at), context)
