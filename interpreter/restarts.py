"""What can be done about an error after it was told: the calls that were under way, kept as a continuation.

Frames are read from the error's traceback, as those of a continuation are. The innermost call that can be gone on from
may be given a value (`use`); a row that a procedure failed on may be left out (`skip`). Only who keeps failures pays.
"""

from __future__ import annotations

from functools import partial
from types import TracebackType
from typing import Any

from chorus.interpreter.continuations import Driver
from chorus.interpreter.diagnostics import OWN, SOURCES
from chorus.interpreter.suspended import LispFrame, frames_of, way_in
from chorus.interpreter.tails import only_returns
from chorus.interpreter.traces import span_at
from chorus.runtime.calling import meta_of_code
from chorus.runtime.continuations import BOTTOM, Barrier, Chain, Setting, captured
from chorus.runtime.errors import ChorusError, Span

DEEPEST = 2_000  # frames that are kept
ROWS = ("%walk-rows", ("procedure", "rows", "more", "found"))  # what goes through rows, and its variables


class Failure:
    """An evaluation of DRIVER that failed: the CHAIN of what was left to do at the call written at SPAN. What goes on
    with it is to be called like any procedure of the session.
    """

    def __init__(self, driver: Driver, chain: Chain, span: Span | None) -> None:
        self.driver = driver
        self.chain = chain
        self.span = span
        self.winds, self.handlers = driver.ctx.winds, driver.ctx.handlers

    @property
    def call(self) -> str:
        """The call that may be given a value, as it was written."""
        if self.span is None or self.span.file.startswith(OWN):
            return "the call that failed"
        return " ".join((SOURCES.text(self.span) or "").split()) or "the call that failed"

    def can_go_on(self) -> bool:
        """Whether no frame of host code is in the way."""
        chain = self.chain
        while chain is not BOTTOM:
            if isinstance(getattr(chain[0], "__self__", None), Barrier):
                return False
            chain = chain[2]
        return True

    def use(self, value: Any) -> Any:
        """Go on with VALUE for that of the call."""
        return self._continue(self.chain, partial(_itself, value))

    def skip(self) -> Any:
        """Go on with the next row."""
        rows = self.rows()
        assert rows is not None
        frame, after = rows
        procedure, left, more, found = _variables(frame)
        walk = frame.globals["$:d:" + ROWS[0]]
        return self._continue(after, partial(walk, procedure, left.cdr, more, found))

    def rows(self) -> tuple[LispFrame, Chain] | None:
        """The frame that goes through rows, and what is left to do after it; None if there is none."""
        chain = self.chain
        while chain is not BOTTOM:
            frame = getattr(chain[0], "__self__", None)
            if isinstance(frame, LispFrame) and frame.code.co_consts[0].name == ROWS[0]:
                return (frame, chain[2]) if len(_variables(frame)) == len(ROWS[1]) else None
            chain = chain[2]
        return None

    def _continue(self, chain: Chain, job: Any) -> Any:
        return captured(Setting(self.driver, self.driver, self.winds, self.handlers), chain)(job())


def _variables(frame: LispFrame) -> list[Any]:
    """Those of what goes through rows: the compiler has numbered their names."""
    held = {name.partition("~")[0]: value for name, value in reversed(frame.variables.items())}
    return [held[name] for name in ROWS[1] if name in held]


def _itself(value: Any) -> Any:
    return value


def failure(driver: Driver, problem: Exception, chain: Chain) -> Failure | None:
    """What can be gone on with after PROBLEM, which nothing in DRIVER took; None if nothing can."""
    trace = frames_of(problem)
    if len(trace) > DEEPEST or isinstance(problem, RecursionError):
        return None
    while trace and not _is_way_in(trace[-1]):
        trace.pop()
    if not trace:
        return None
    span = span_at(trace[-1].tb_frame.f_code, trace[-1].tb_lasti)
    made = Failure(driver, driver._values(trace, chain), span)
    return made if made.can_go_on() else None


def _is_way_in(tb: TracebackType) -> bool:
    """Whether the frame of TB, of compiled code, can be given a value for the call that it is in."""
    code = tb.tb_frame.f_code
    if meta_of_code(code) is None:
        return False
    try:
        return bool(only_returns(code, tb.tb_lasti)) or bool(
            way_in(code, tb.tb_lasti, frozenset(tb.tb_frame.f_locals))
        )
    except ChorusError:
        return False
