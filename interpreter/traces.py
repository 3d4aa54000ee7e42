"""What a traceback tells of the program: the place of an error, the Lisp calls under way; no host frame is shown.

The place is that of the innermost frame of compiled code that belongs to the program rather than to the
stdlib.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from functools import partial
from itertools import islice
from types import CodeType, FrameType, TracebackType
from typing import Any, NamedTuple

from chorus.interpreter.compiler.constants import take
from chorus.interpreter.continuations import Driver
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

DRIVING = Driver.run.__code__
AT_TOP = Meta("", "", None, True, None)  # of a form that ran without being compiled
EVALUATOR = STDLIB + "evaluator.sexp"
SHOWN = 200  # entries of a call stack that are kept, half of them innermost
LOOKED_AT = 1_000  # frames at either end of a traceback


class Frame(NamedTuple):
    """What a frame on an error's way tells: one of compiled code, of which META is known, or of host code that makes
    the program's calls, where SITE is the call.
    """

    code: CodeType
    lasti: int
    meta: Meta | None
    site: Span | None

    @property
    def span(self) -> Span | None:
        return self.site if self.meta is AT_TOP else span_at(self.code, self.lasti)

    @property
    def name(self) -> str:
        return "" if self.in_evaluator or self.meta is None else self.meta.name

    @property
    def in_evaluator(self) -> bool:
        return self.code.co_filename == EVALUATOR

    @property
    def in_stdlib(self) -> bool:
        return self.code.co_filename.startswith(STDLIB)

    @property
    def is_done(self) -> bool:
        """Whether it has made a call in tail position that might as well have been a pending one: of such a frame
        nothing is told, as the next time it may not be there.
        """
        return self.meta is not None and _is_done(self.code, self.lasti, self.meta)


def _is_done(code: CodeType, lasti: int, meta: Meta) -> bool:
    """`Frame.is_done`, kept with what is known of the procedure: programs err again where they erred."""
    known = meta.done.get(lasti)
    if known is None:
        at = only_returns(code, lasti)
        known = meta.done[lasti] = at > 0 and span_at(code, at) is None
    return known


class Trace(NamedTuple):
    """FRAMES of compiled code, outermost first, the middle of a very deep stack left out.

    CALLED: the name by which the innermost of them called a host procedure, "" if it did not. SITE: where the program
    wrote the pending call that failed, if what made it stands within all frames of the program's own.
    """

    frames: list[Frame]
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


class Notes:
    """What the frames on an error's way tell, innermost first, as they are read; it is looked through when somebody
    asks. Variables are only read of host frames within the innermost frame of the program's own.
    """

    __slots__ = ("frames", "outside")

    def __init__(self) -> None:
        self.frames: list[tuple[CodeType, int, Span | None]] = []
        self.outside = False  # of that frame

    def take(self, frame: FrameType, lasti: int) -> None:
        code = frame.f_code
        site = None
        if code in STEPPING:
            site = frame.f_locals.get("site")
        elif not self.outside:
            meta = meta_of_code(code)
            if meta is not None:
                self.outside = not (code.co_filename.startswith(STDLIB) or _is_done(code, lasti, meta))
            elif makes_calls(code):
                site = frame.f_locals.get("site")
        self.frames.append((code, lasti, site))

    def trace(self) -> Trace:
        called, site, outside = "", None, False
        last: list[Frame] = []
        inwards = map(_frame, self.frames)
        for frame in inwards:
            is_done = frame.is_done
            if frame.meta is not None and not is_done:
                last.append(frame)
                outside = outside or not frame.in_stdlib
            elif frame.meta is None and not last:
                called = name_in(frame.code) or called
            if not outside and site is None and (is_done or makes_calls(frame.code)):
                site = _site_of(frame)
            if len(last) == SHOWN // 2:
                break
        first = [frame for frame in list(inwards)[::-1] if frame.meta is not None and not frame.is_done]
        return Trace(first[: SHOWN // 2] + last[::-1], called, site)

    @property
    def called(self) -> str:
        """`Trace.called`."""
        called = ""
        for each in self.frames:
            if meta_of_code(each[0]) is None and each[0] not in STEPPING:
                called = name_in(each[0]) or called
            elif not _frame(each).is_done:
                break
        return called


def _frame(noted: tuple[CodeType, int, Span | None]) -> Frame:
    code, lasti, site = noted
    return Frame(code, lasti, AT_TOP if code in STEPPING else meta_of_code(code), site)


def notes_on(problem: BaseException) -> Notes:
    """What the traceback of PROBLEM tells."""
    whole: list[TracebackType] = []
    tb = problem.__traceback__
    while tb is not None:
        whole.append(tb)
        tb = tb.tb_next
    if whole and whole[-1].tb_frame.f_code is take.__code__:
        del whole[-2:]  # the procedure that took its arguments had not begun
    if len(whole) > 2 * LOOKED_AT:
        del whole[LOOKED_AT:-LOOKED_AT]
    notes = Notes()
    for tb in reversed(whole):
        notes.take(tb.tb_frame, tb.tb_lasti)
    return notes


def innermost(problem: BaseException) -> TracebackType | None:
    """The innermost of all frames that PROBLEM has come from."""
    last = problem.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    return last


def translate(problem: Exception, names: Callable[[], Iterable[str]]) -> ChorusError:
    """The typed error for PROBLEM; its place and stack are looked for when somebody asks. NAMES gives what is bound,
    for suggestions.
    """
    notes = notes_on(problem)
    if isinstance(problem, ChorusError):
        error = problem
    else:
        error = typed(problem, innermost(problem), notes, names)
    if not error.is_placed:
        _name_as_written(error, notes)
        if isinstance(error, UnknownKeyword):
            error.advise(partial(suggest_keyword, error))
    error.told_by(partial(_told, error, notes, getattr(problem, "form_span", None)))
    if error is not problem:
        error.__context__ = None
        error.__suppress_context__ = True
    return error


def _told(error: ChorusError, notes: Notes, form: Span | None) -> tuple[Span | None, list[StackEntry]]:
    """Place and stack of ERROR; FORM: the place if NOTES tell none."""
    trace = notes.trace()
    span = place_of(trace) or form
    if span is not None and isinstance(error, UnknownKeyword):
        span = argument_place(span, Keyword(error.keyword[1:])) or span
    return span, stack_of(trace.frames)


def locate(error: ChorusError) -> None:
    """Give ERROR the place and stack that it would have, were it thrown by what calls this."""
    notes = Notes()
    noted, stepping = notes.frames, STEPPING
    frame: Any = sys._getframe(2)
    while frame is not None and len(noted) < SHOWN:
        code = frame.f_code
        if not notes.outside or code in stepping:
            notes.take(frame, frame.f_lasti)
        elif code is DRIVING and frame.f_locals["self"].outer is None:
            break  # nothing around it is the program's
        else:
            noted.append((code, frame.f_lasti, None))
        frame = frame.f_back
    error.told_by(partial(_told, error, notes, None))


def stack_of(frames: list[Frame]) -> list[StackEntry]:
    """The procedures under way, innermost first, each with where it was called."""
    entries: list[StackEntry] = []
    before: Span | None = None
    for at, frame in enumerate(frames):
        span = frame.span
        if at:
            entries.append(StackEntry(frame.name, before))
        entries += _written_around(span, frame.meta)
        before = span
    return [each for each in reversed(entries) if each.name and not each.name.startswith("%")]


def _written_around(span: Span | None, meta: Meta | None) -> list[StackEntry]:
    """The procedures, outermost first, that are written out around SPAN in the code of META, each with where it would
    have been called; nowhere, if that may have been one of several calls.
    """
    found: list[StackEntry] = []
    while span is not None and meta is not None and len(found) <= len(meta.written):
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


def _site_of(making: Frame) -> Span | None:
    """Where the program wrote the pending call that is being made, or one that might have been pending."""
    site = making.site if makes_calls(making.code) else span_at(making.code, making.lasti)
    return None if site is None or site.file.startswith(STDLIB) else site


def _name_as_written(error: ChorusError, notes: Notes) -> None:
    """A primitive speaks of itself by its own name; the program may have called it by an alias, or something of the
    stdlib whose part it is.
    """
    called = notes.called
    ends: tuple[str, ...] = (":", " ")
    own = TABLE[called].name if called in TABLE else called
    if called.startswith("%"):
        own, ends = called.lstrip("%"), (":",)  # it may be the first word of a sentence
        called = (error.message.startswith(own + ":") and _whole_of(notes)) or own
    if own == called:
        return
    if error.message.startswith(tuple(own + end for end in ends)):
        error.message = called + error.message[len(own) :]
        error.args = (error.message,)
    if error.hint:
        error.hint = error.hint.replace(f"({own} ", f"({called} ")


def _whole_of(notes: Notes) -> str:
    """The innermost procedure of the stdlib under way that has a name for everybody; "" if there is none."""
    frames = notes.trace().frames
    found = (each.name for each in reversed(frames) if each.in_stdlib)
    return next((name for name in found if name and not name.startswith("%")), "")


def suggest_keyword(error: UnknownKeyword) -> None:
    """Say which keyword may have been meant."""
    near = name_hint(error.keyword, error.known)
    if near is not None:
        error.hint = f"{near} {error.hint}"


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
    trace = notes_on(problem).trace()
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
