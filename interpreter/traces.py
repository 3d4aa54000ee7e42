"""What a traceback tells of the program: the place of an error, the Lisp calls under way; no host frame is shown.

The place is that of the innermost frame of compiled code that belongs to the program rather than to the
stdlib.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from itertools import islice
from types import CodeType, TracebackType
from typing import NamedTuple

from chorus.interpreter.compiler.constants import take
from chorus.interpreter.diagnostics import SOURCES, name_hint
from chorus.interpreter.host_errors import STDLIB, typed
from chorus.interpreter.tails import only_returns
from chorus.runtime.calling import STEPPING, Meta, makes_calls, meta_of_code, name_in
from chorus.runtime.errors import (
    ChorusError,
    Interrupted,
    LimitExceeded,
    LimitSignal,
    ReadError,
    Span,
    StackEntry,
    UnknownKeyword,
)
from chorus.runtime.limits import Meter
from chorus.runtime.primitive import TABLE
from chorus.runtime.values import Keyword, Pair

AT_TOP = Meta("", "", None, True, None)  # of a form that ran without being compiled
EVALUATOR = STDLIB + "evaluator.sexp"
SHOWN = 200  # entries of a call stack that are kept, half of them innermost


class Frame:
    """One frame of compiled code on a traceback."""

    __slots__ = ("code", "lasti", "meta", "tb")

    def __init__(self, tb: TracebackType, meta: Meta) -> None:
        self.tb = tb
        self.meta = meta
        self.code = tb.tb_frame.f_code
        self.lasti = tb.tb_lasti

    @property
    def span(self) -> Span | None:
        if self.meta is AT_TOP:
            return self.tb.tb_frame.f_locals.get("site")
        return span_at(self.code, self.lasti)

    @property
    def in_evaluator(self) -> bool:
        return self.code.co_filename == EVALUATOR

    @property
    def in_stdlib(self) -> bool:
        return self.code.co_filename.startswith(STDLIB)


class Trace(NamedTuple):
    """FRAMES of compiled code, outermost first, the middle of a very deep stack left out.

    CALLED: the name by which the innermost of them called a host procedure, "" if it did not. SITE: where the program
    wrote the pending call that failed, if what made it stands within all frames of the program's own.
    """

    frames: list[Frame]
    innermost: TracebackType | None  # of all frames
    called: str
    site: Span | None = None


def span_at(code: CodeType, lasti: int) -> Span | None:
    """Where the instruction at LASTI of CODE was written."""
    found = next(islice(code.co_positions(), lasti // 2, None), None)
    if found is None:
        return None
    line, end_line, column, end_column = found
    if line is None or end_line is None or column is None or end_column is None or line < 1:
        return None
    return Span(code.co_filename, line, column + 1, end_line, end_column + 1)


def trace_of(problem: BaseException) -> Trace:
    whole: list[TracebackType] = []
    tb = problem.__traceback__
    while tb is not None:
        whole.append(tb)
        tb = tb.tb_next
    if whole and whole[-1].tb_frame.f_code is take.__code__:
        del whole[-2:]  # the procedure that took its arguments had not begun
    called = ""
    site: Span | None = None
    outside = False  # of the innermost frame that is the program's own
    last: list[Frame] = []
    rest = len(whole)
    while rest and len(last) < SHOWN // 2:
        rest -= 1
        code = whole[rest].tb_frame.f_code
        meta = _meta_of(code)
        if meta is not None:
            if not _is_done(whole[rest]):
                last.append(Frame(whole[rest], meta))
                outside = outside or not last[-1].in_stdlib
        elif not last:
            called = name_in(code) or called
        if (
            not outside
            and site is None
            and (makes_calls(code) or (meta is not None and _is_done(whole[rest])))
        ):
            site = _site_of(whole[rest])
    first: list[Frame] = []
    for tb in islice(whole, rest):
        meta = _meta_of(tb.tb_frame.f_code)
        if meta is not None and not _is_done(tb):
            first.append(Frame(tb, meta))
            if len(first) == SHOWN // 2:
                break
    return Trace(first + last[::-1], whole[-1] if whole else None, called, site)


def _is_done(tb: TracebackType) -> bool:
    """Whether TB's frame has made a call in tail position that might as well have been a pending one: of such a frame
    nothing is told, as the next time it may not be there.
    """
    code = tb.tb_frame.f_code
    at = only_returns(code, tb.tb_lasti)
    return at > 0 and span_at(code, at) is None


def _meta_of(code: CodeType) -> Meta | None:
    meta = meta_of_code(code)
    if meta is None:
        for each in STEPPING:
            if code is each:
                return AT_TOP
    return meta


def translate(problem: Exception, names: Callable[[], Iterable[str]]) -> ChorusError:
    """The typed error for PROBLEM, its place and stack filled in. NAMES gives what is bound, for
    suggestions.
    """
    trace = trace_of(problem)
    error = problem if isinstance(problem, ChorusError) else typed(problem, trace, names)
    if error.span is None:
        error.span = place_of(trace) or getattr(problem, "form_span", None)
        _name_as_written(error, trace.called)
        if isinstance(error, UnknownKeyword):
            _point_at_keyword(error)
    if not error.stack:
        error.stack = stack_of(trace.frames)
    if error is not problem:
        error.__context__ = None
        error.__suppress_context__ = True
    return error


def locate(error: ChorusError, names: Callable[[], Iterable[str]]) -> None:
    """Give ERROR the place and stack that it would have, were it thrown by what calls this."""
    frame, tb = sys._getframe(1), None
    for _ in range(SHOWN):
        if frame is None:
            break
        tb = TracebackType(tb, frame, frame.f_lasti, frame.f_lineno or 1)
        frame = frame.f_back  # type: ignore[assignment]
    translate(error.with_traceback(tb), names).with_traceback(None)


def stack_of(frames: list[Frame]) -> list[StackEntry]:
    """The procedures under way, innermost first, each with where it was called."""
    entries: list[StackEntry] = []
    before: Span | None = None
    for at, frame in enumerate(frames):
        span = frame.span
        if at:
            entries.append(StackEntry("" if frame.in_evaluator else frame.meta.name, before))
        entries += _written_around(span, frame.meta)
        before = span
    return [each for each in reversed(entries) if each.name and not each.name.startswith("%")]


def _written_around(span: Span | None, meta: Meta) -> list[StackEntry]:
    """The procedures, outermost first, that are written out around SPAN in the code of META, each with where it would
    have been called; nowhere, if that may have been one of several calls.
    """
    found: list[StackEntry] = []
    while span is not None and len(found) <= len(meta.written):
        around = [each for each in meta.written if _is_within(span, each.span)]
        if not around:
            break
        sites = {each.site for each in around}
        span = sites.pop() if len(sites) == 1 else None
        found.append(StackEntry(around[0].name, span))
    return found[::-1]


def _is_within(span: Span, other: Span) -> bool:
    return (
        span.file == other.file
        and (other.line, other.column) <= (span.line, span.column)
        and (span.end_line, span.end_column) <= (other.end_line, other.end_column)
    )


def place_of(trace: Trace) -> Span | None:
    if trace.site is not None:
        return trace.site
    for frame in reversed(trace.frames):
        if not frame.in_stdlib:
            span = frame.span
            if span is not None:  # what has just begun or was interrupted may have none
                return span
    return None


def _site_of(making: TracebackType) -> Span | None:
    """Where the program wrote the pending call that is being made, or one that might have been pending."""
    code = making.tb_frame.f_code
    if makes_calls(code):
        site = making.tb_frame.f_locals.get("site")
    else:
        site = span_at(code, making.tb_lasti)
    return None if site is None or site.file.startswith(STDLIB) else site


def _name_as_written(error: ChorusError, called: str) -> None:
    """A primitive speaks of itself by its own name; the program may have called it by an alias."""
    own = TABLE[called].name if called in TABLE else called
    if own == called:
        return
    if error.message.startswith((own + ":", own + " ")):
        error.message = called + error.message[len(own) :]
        error.args = (error.message,)
    if error.hint:
        error.hint = error.hint.replace(f"({own} ", f"({called} ")


def suggest_keyword(error: UnknownKeyword) -> None:
    """Say which keyword may have been meant."""
    near = name_hint(error.keyword, error.known)
    if near is not None:
        error.hint = f"{near} {error.hint}"


def _point_at_keyword(error: UnknownKeyword) -> None:
    """Narrow the place from the whole call to the keyword."""
    suggest_keyword(error)
    if error.span is not None:
        error.span = argument_place(error.span, Keyword(error.keyword[1:])) or error.span


def argument_place(span: Span, argument: Keyword) -> Span | None:
    """Where ARGUMENT stands in the call that was read from SPAN; None if the text is not at hand."""
    from chorus.interpreter import reader_fast

    text = SOURCES.text(span)
    if text is None:
        return None
    try:
        cell = reader_fast.read(text, span.file)[0][0]
    except (ReadError, IndexError):
        return None
    while isinstance(cell, Pair):
        if cell.car is argument:
            line, column, end_line, end_column = cell.car_span[1:]
            before = span.column - 1
            return Span(
                span.file,
                span.line + line - 1,
                column + (before if line == 1 else 0),
                span.line + end_line - 1,
                end_column + (before if end_line == 1 else 0),
            )
        cell = cell.cdr
    return None


def limit_error(problem: BaseException, meter: Meter) -> ChorusError:
    """The typed error for a limit or a cancel that unwound the program; a bare Stop is explained by METER."""
    trace = trace_of(problem)
    depth = meter.limits.depth
    if isinstance(problem, RecursionError):
        signal = LimitSignal("depth", depth, depth)
    else:
        signal = problem if isinstance(problem, LimitSignal) else LimitSignal("bytes")
    if signal.kind == "depth" and len(trace.frames) > 1:
        trace = trace._replace(frames=trace.frames[:-1])  # the last one had not begun
    if signal.kind == "stop":
        try:
            meter.check()
        except LimitSignal as why:
            signal = why
    error: ChorusError
    if signal.kind in ("cancel", "stop"):
        error = Interrupted(signal.reason or "interrupted")
    else:
        error = LimitExceeded(signal.kind, signal.used, signal.limit)
    error.span = place_of(trace) or getattr(problem, "span", None)
    error.stack = stack_of(trace.frames)
    return error
