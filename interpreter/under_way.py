"""What `step` knows of forms under way: their cells, the frames that wait for their values, and whether a frame
only returns what it is given.
"""

from __future__ import annotations

from types import CodeType
from typing import TYPE_CHECKING, Any

from chorus.interpreter.compiler.syntax import strip
from chorus.interpreter.reflection.evaluators import text_at
from chorus.interpreter.tails import only_returns
from chorus.runtime.calling import meta_of_code
from chorus.runtime.continuations import MAKERS, passes_on, place
from chorus.runtime.errors import Span
from chorus.runtime.values import NIL, Pair

if TYPE_CHECKING:
    from chorus.interpreter.stepping import Stepper


class Cell:
    """A FORM as it was written, AT a place, in the session of CTX. One whose operands only compute is evaluated
    AT_ONCE, unless its part is called with LOOK. LOOKED: what was last asked for, and whether it is this form.
    """

    __slots__ = ("at", "at_once", "ctx", "form", "look", "looked", "shown")

    def __init__(self, ctx: Any, form: Any, at: Span | None, at_once: bool) -> None:
        self.ctx = ctx
        self.form = form
        self.at = at
        self.at_once = at_once
        self.look = NIL if at_once else False
        self.shown = ""
        self.looked: tuple[Any, bool] = (None, False)

    @property
    def text(self) -> str:
        if not self.shown:
            self.shown = text_at(self.form, self.at)
        return self.shown

    @property
    def head(self) -> str:
        """The name that the form begins with."""
        first = self.form.car if isinstance(self.form, Pair) else None
        return str(getattr(strip(first), "name", ""))


# Its cell, and its part of the code: a procedure that makes its environment if told so, and else evaluates it.
Form = tuple[Cell, Any]


class Activation:
    """A FORM under way whose value is awaited; OUTER: the one around it. What was in force when it began: HANDLERS,
    WINDS, LIVE.
    """

    __slots__ = ("depth", "form", "handlers", "live", "outer", "shown", "stepper", "winds")

    def __init__(self, stepper: Stepper, form: Form, outer: Activation | None, tail: bool, force: Any):
        self.stepper = stepper
        self.form = form
        self.outer = outer
        self.depth: int = 0 if outer is None else outer.depth + (outer.shown and not tail)
        self.shown: bool = False
        self.handlers, self.winds, self.live = force.handlers, force.winds, force.live


MOST_RETURNING = 10_000
RETURNING: dict[
    tuple[int, int], tuple[CodeType, bool]
] = {}  # id of code, instruction → that code, what `passes` says


def passes(code: CodeType, lasti: int) -> bool:
    """Whether a frame of CODE only returns what the call at LASTI gives it."""
    known, returns = RETURNING.get((id(code), lasti), (None, False))
    if known is not code:
        if meta_of_code(code) is None:
            returns = MAKERS.get(place(code)) is passes_on and code.co_name != "_go_on"
        else:
            returns = bool(only_returns(code, lasti))
        if len(RETURNING) >= MOST_RETURNING:
            RETURNING.clear()
        RETURNING[id(code), lasti] = code, returns
    return returns


WAITING: set[tuple[str, int]] = set()  # places of the host code whose frames wait for the value of a form
