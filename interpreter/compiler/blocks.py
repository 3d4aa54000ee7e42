"""Blocks: `(%block (leave) body …)`, which is what a call/cc is whose continuation is only called, and only by the
procedure that it stands in. Leaving it is a jump.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chorus.interpreter.compiler.expand import Expander
from chorus.interpreter.compiler.forms import parts, row
from chorus.interpreter.compiler.nodes import Block, Local, Node
from chorus.interpreter.compiler.syntax import Env, Scope, bad_syntax, is_identifier
from chorus.runtime.errors import Span
from chorus.runtime.values import list_items

if TYPE_CHECKING:
    from chorus.interpreter.compiler.writer import Dest


class OpenBlock:
    """A block being written, whose value goes to DEST; LEFT: the variable that tells loops within it to be left too."""

    __slots__ = ("dest", "is_left", "left", "var")

    def __init__(self, var: Local, dest: Dest, left: str) -> None:
        self.var, self.dest, self.left = var, dest, left
        self.is_left = False  # from within a loop of its own


@row("%block", "(%block (leave) body …)")
def expand_block(x: Expander, form: Any, env: Env, span: Span | None) -> Node:
    """The body; (leave value) within it ends it with VALUE. LEAVE is no value: it can only be called."""
    names, *_ = parts(form, 2, None, span)
    cells = list_items(names)
    if cells is None or len(cells) != 1 or not is_identifier(cells[0]):
        raise bad_syntax("%block: one name, then the body", span)
    scope = Scope(env)
    var = x.local(cells[0])
    scope.bind(cells[0], var)
    body = x.body(form.cdr.cdr, scope, span)
    return Block(var, body, span)
