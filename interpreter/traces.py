"""Host exceptions → typed errors: what went wrong, at which form, under which Lisp calls; no host frame is
shown.

The place is that of the innermost frame of compiled code that belongs to the program rather than to the
stdlib.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from itertools import islice, pairwise
from types import CodeType, TracebackType
from typing import Any

from chorus.interpreter.diagnostics import SOURCES, name_hint
from chorus.interpreter.namespace import name_of
from chorus.runtime.calling import Meta, meta_of_code, unwind
from chorus.runtime.errors import (
    ArityError,
    ChorusError,
    EvalError,
    Interrupted,
    LimitExceeded,
    LimitSignal,
    Span,
    StackEntry,
    UnboundName,
    WrongType,
)
from chorus.runtime.limits import Meter
from chorus.runtime.primitive import TABLE
from chorus.runtime.printer import brief

SHOWN = 200  # entries of a call stack that are kept, half of them innermost
STDLIB = "stdlib/"
CALLERS = tuple(
    os.path.join("runtime", *path)
    for path in (("calling.py",), ("primitives", "procedures.py"), ("primitives", "conditions.py"))
)

NOT_CALLABLE = re.compile(r"'(.*)' object is not callable")
ARITY = re.compile(
    r"(?s)(.+?)\(\) (takes .* positional argument|missing \d+ required positional argument|got an unexpected)"
)
NO_VALUE = re.compile(r"cannot access (?:free|local) variable '(.*?)(?:~\d+)' where it is not associated")
KINDS = {
    "int": "a number", "float": "a number", "complex": "a number", "Fraction": "a number",
    "str": "a string", "bool": "a boolean", "list": "a vector", "Pair": "a list", "SourcePair": "a list",
    "Nil": "the empty list", "Symbol": "a symbol", "Keyword": "a keyword", "HashTable": "a hash table",
    "Record": "a record", "Char": "a character", "Singleton": "the unspecified value", "Row": "a form",
    "Opaque": "an opaque value",
}  # fmt: skip


class Frame:
    """One frame of compiled code on a traceback."""

    __slots__ = ("code", "lasti", "locals", "meta", "tb")

    def __init__(self, tb: TracebackType, meta: Meta) -> None:
        self.tb = tb
        self.meta = meta
        self.code = tb.tb_frame.f_code
        self.lasti = tb.tb_lasti

    @property
    def span(self) -> Span | None:
        return span_at(self.code, self.lasti)

    @property
    def in_stdlib(self) -> bool:
        return self.code.co_filename.startswith(STDLIB)


def span_at(code: CodeType, lasti: int) -> Span | None:
    """Where the instruction at LASTI of CODE was written."""
    found = next(islice(code.co_positions(), lasti // 2, None), None)
    if found is None:
        return None
    line, end_line, column, end_column = found
    if line is None or end_line is None or column is None or end_column is None or line < 1:
        return None
    return Span(code.co_filename, line, column + 1, end_line, end_column + 1)


def frames_of(problem: BaseException) -> tuple[list[Frame], TracebackType | None]:
    """(frames of compiled code, outermost first, the middle of a very deep stack left out; the innermost of
    all frames).
    """
    first: list[Frame] = []
    last: list[Frame] = []
    tb, innermost = problem.__traceback__, None
    while tb is not None:
        innermost = tb
        meta = meta_of_code(tb.tb_frame.f_code)
        if meta is not None:
            (first if len(first) < SHOWN // 2 else last).append(Frame(tb, meta))
            if len(last) > SHOWN:
                del last[: SHOWN // 2]
        tb = tb.tb_next
    return first + last[-SHOWN // 2 :], innermost


def translate(problem: Exception, names: Callable[[], Iterable[str]]) -> ChorusError:
    """The typed error for PROBLEM, its place and stack filled in. NAMES gives what is bound, for
    suggestions.
    """
    frames, innermost = frames_of(problem)
    error = problem if isinstance(problem, ChorusError) else _typed(problem, frames, innermost, names)
    if error.span is None:
        error.span = place_of(frames, innermost)
    if not error.stack:
        error.stack = stack_of(frames)
    if error is not problem:
        error.__cause__ = error.__context__ = None
        error.__suppress_context__ = True
    return error


def stack_of(frames: list[Frame]) -> list[StackEntry]:
    """The procedures under way, innermost first, each with where it was called."""
    entries = [
        StackEntry(frame.meta.name, before.span)
        for before, frame in pairwise(frames)
        if frame.meta.name and not frame.meta.name.startswith("%")
    ]
    return entries[::-1]


def place_of(frames: list[Frame], innermost: TracebackType | None) -> Span | None:
    site = _pending_site(innermost)
    if site is not None and not site.file.startswith(STDLIB):
        return site
    for frame in reversed(frames):
        if not frame.in_stdlib:
            return frame.span
    return None


def _pending_site(innermost: TracebackType | None) -> Span | None:
    """Where the pending call was written that failed as it was made."""
    if innermost is not None and innermost.tb_frame.f_code is unwind.__code__:
        return innermost.tb_frame.f_locals.get("site")
    return None


def _typed(
    problem: Exception,
    frames: list[Frame],
    innermost: TracebackType | None,
    names: Callable[[], Iterable[str]],
) -> ChorusError:
    in_program = innermost is not None and _calls_for_the_program(innermost.tb_frame.f_code)
    if isinstance(problem, NameError) and in_program:
        return _unbound(problem, names)
    if isinstance(problem, IndexError) and in_program:
        return UnboundName("a variable is used before it is defined")
    if isinstance(problem, TypeError):
        found = _call_error(problem, innermost, in_program)
        if found is not None:
            return found
    if isinstance(problem, ZeroDivisionError):
        return EvalError("division by zero", code="division")
    if isinstance(problem, OverflowError):
        return EvalError("the number is too large for this operation", code="range")
    if isinstance(problem, KeyboardInterrupt):
        raise problem
    where = ""
    if innermost is not None and not in_program:
        code = innermost.tb_frame.f_code
        where = f" in {code.co_name} ({code.co_filename.rpartition('/')[2]}:{innermost.tb_lineno})"
    return EvalError(
        f"internal error{where}: {type(problem).__name__}: {problem}",
        code="internal",
        hint="this is a fault of Chorus, not of the program: please report it",
    )


def _calls_for_the_program(code: CodeType) -> bool:
    """Whether a call that fails in CODE is the program's own: compiled code, or what calls procedures on its behalf."""
    return meta_of_code(code) is not None or code.co_filename.endswith(CALLERS)


def _unbound(problem: NameError, names: Callable[[], Iterable[str]]) -> ChorusError:
    found = NO_VALUE.match(str(problem))
    if found:
        return UnboundName(f"{found[1]} is used before it is defined", irritants=(found[1],))
    name = name_of(problem.name or "?")
    return UnboundName(f"nothing is called {name}", hint=name_hint(name, names()), irritants=(name,))


def _call_error(problem: TypeError, innermost: TracebackType | None, in_program: bool) -> ChorusError | None:
    text = str(problem)
    not_callable = NOT_CALLABLE.match(text)
    if not_callable and in_program:
        value = _pending_callee(innermost)
        shown = brief(value) if value is not None else KINDS.get(not_callable[1], f"a {not_callable[1]}")
        return EvalError(
            f"{shown} is called, but is no procedure",
            code="not-procedure",
            hint="the first form in parentheses is called with the others; data is quoted: '(…)",
            irritants=() if value is None else (value,),
        )
    arity = ARITY.match(text)
    if arity and in_program:
        return _arity_error(arity[1], text)
    if in_program and text.startswith(("unsupported operand", "'<' not supported", "bad operand")):
        return WrongType("an operation was given values of the wrong type")
    return None


def _pending_callee(innermost: TracebackType | None) -> Any:
    if innermost is not None and innermost.tb_frame.f_code is unwind.__code__:
        return innermost.tb_frame.f_locals.get("procedure")
    return None


def _arity_error(name: str, text: str) -> ChorusError:
    """NAME is the callee's qualified name: for compiled procedures, what `constants.qualified` made."""
    label, _, known = name.partition("\0")
    if known:
        usage, *place = known.split("\0")
        error = ArityError(f"{label or 'the procedure'} got {_counts(text)}", hint=f"usage: {usage}")
        if len(place) == 5 and not place[0].startswith(STDLIB):
            span = Span(place[0], *map(int, place[1:]))
            if _still_there(span, label or "(lambda"):
                error.related = (("defined here", span),)
        return error
    label = name.rpartition(".")[2]
    made = next((p for p in TABLE.values() if p.function.__name__ == label), None)
    if made is not None:
        return ArityError(f"{made.name} got {_counts(text)}", hint=f"usage: {made.usage}")
    return ArityError(f"{label} got {_counts(text)}")


def _still_there(span: Span, word: str) -> bool:
    """Whether the text at SPAN is still the one that was compiled: inputs at a prompt share a name."""
    line = SOURCES.line(span.file, span.line)
    return line is not None and line[span.column - 1 :].startswith("(") and word in line


def _counts(text: str) -> str:
    given = re.search(r"but (\d+) (?:was|were) given", text)
    if given:
        return "1 argument" if given[1] == "1" else f"{given[1]} arguments"
    missing = re.search(r"missing (\d+)", text)
    return (
        f"{missing[1]} argument{'' if missing[1] == '1' else 's'} too few"
        if missing
        else "other arguments than it takes"
    )


def limit_error(problem: BaseException, meter: Meter) -> ChorusError:
    """The typed error for a limit or a cancel that unwound the program; a bare Stop is explained by METER."""
    frames, innermost = frames_of(problem)
    depth = meter.limits.depth
    if isinstance(problem, RecursionError):
        signal = LimitSignal("depth", depth, depth)
        frames = frames[:-1]  # the last one had not begun
    else:
        signal = problem if isinstance(problem, LimitSignal) else LimitSignal("bytes")
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
    error.span = place_of(frames, innermost)
    error.stack = stack_of(frames)
    return error
