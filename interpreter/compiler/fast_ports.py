"""Output of short texts to ports in memory written out; all other output is the primitives'."""

from __future__ import annotations

import _ast as ast
from typing import Any

from chorus.interpreter.compiler.fast_pieces import Operand, Pieces, is_atom
from chorus.interpreter.compiler.kinds import FACTOR, INTEGER, only
from chorus.interpreter.compiler.writer import STORE
from chorus.runtime.values import Char

DIGITS = len(str(-FACTOR))  # that a short integer has at most
MOST_TAKEN = (
    10_000  # what a port may owe before somebody has to charge for it, as in `runtime.primitives.output`
)
LONG = 1000  # characters of a text that the primitive charges for ahead


class Ports(Pieces):
    """write, display, write-char, write-string with a port."""

    def _send(self, name: str, operands: list[Operand]) -> tuple[list[ast.stmt], ast.expr | None] | None:
        """What sends a short integer, or a character or string that is written down, to the port."""
        (value, kind), (port, _) = operands
        if not is_atom(port) or isinstance(port, ast.Constant):
            return None
        of_memory = self._compare(self._class_of(port), ast.Is(), self._load("$:string-output"))
        tests = [of_memory, self._compare(self._part_of(port, "owed"), ast.Lt(), self._number(MOST_TAKEN))]
        shown = self._shown(name, value)
        if shown is not None:
            text, size = self._make(ast.Constant, shown), len(shown)
        elif name in ("write", "display") and only(kind, INTEGER) and not isinstance(value, ast.Constant):
            tests.append(self._between(-FACTOR, value, self._number(FACTOR)))
            text, size = self._helper("str", value), DIGITS
        else:
            return None
        owed = self._make(ast.Attribute, port, "owed", STORE)
        owing = self._make(ast.AugAssign, owed, ast.Add(), self._number(size))
        return [owing, self._make(ast.Expr, self._method(port, "take", text))], self._both(*tests)

    def _shown(self, name: str, value: ast.expr) -> str | None:
        """The short text that the primitive NAME sends of VALUE, if that is written down."""
        if not isinstance(value, ast.Constant):
            return None
        known = self.pool.object(value.value)
        if known.__class__ is Char:
            text = known.value if name in ("display", "write-char") else ""
        else:
            text = known if known.__class__ is str and name in ("display", "write-string") else ""
        return text if text and text.isascii() and len(text) < LONG else None


STATEMENTS: dict[tuple[str, int], Any] = {
    (name, 2): Ports._send for name in ("write", "display", "write-char", "write-string")
}
