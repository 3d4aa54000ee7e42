"""Errors as people and programs see them: message, source line, caret, hint, Lisp call stack."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from chorus.runtime.errors import ChorusError, LimitExceeded, Raised, Span
from chorus.runtime.patterns import lazily
from chorus.runtime.printer import brief

WIDTH = 100  # columns of a source line that are shown
OWN = "stdlib/"  # calls made there are the language's own business
STACK_SHOWN = 8

UNSAFE = lazily("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


class Sources:
    """The latest texts that were read, by file name, so that an error can show its line."""

    def __init__(self, keep: int = 1000) -> None:
        self.texts: dict[str, str] = {}
        self.lines: dict[str, list[str]] = {}  # of those that were asked for
        self.keep = keep

    def add(self, file: str, text: str) -> None:
        self.texts.pop(file, None)
        self.lines.clear()
        self.texts[file] = text
        while len(self.texts) > self.keep:
            self.texts.pop(next(iter(self.texts)), None)

    def line(self, file: str, number: int) -> str | None:
        lines = self._lines(file)
        return lines[number - 1].rstrip("\r") if 1 <= number <= len(lines) else None

    def _lines(self, file: str) -> list[str]:
        if file not in self.lines and file in self.texts:
            self.lines[file] = self.texts[file].split("\n")
        return self.lines.get(file, [])

    def text(self, span: Span) -> str | None:
        """What stands at SPAN."""
        if span.file not in self.texts:
            return None
        lines = self._lines(span.file)[span.line - 1 : span.end_line]
        if not lines:
            return None
        lines[-1] = lines[-1][: span.end_column - 1]
        lines[0] = lines[0][span.column - 1 :]
        return "\n".join(lines)


SOURCES = Sources()  # the reader adds what it reads


def suggest(name: str, candidates: Iterable[str]) -> str | None:
    """The nearest of CANDIDATES to the unknown NAME, within 2 edits; None when nothing is near."""
    near = closest(name, candidates, 1)
    return near[0] if near else None


def name_hint(name: str, candidates: Iterable[str]) -> str | None:
    """A hint for the unknown NAME: how it is written here, or which of CANDIDATES it may have meant."""
    from chorus.interpreter.habits import REPAIRS  # not needed before something went wrong
    from chorus.runtime.plan.operators import is_operator

    if name in REPAIRS:
        return REPAIRS[name]
    if is_operator(name):
        return f"{name} is for columns of a table: it stands in where, select, aggregate and the like"
    near = closest(name, candidates)
    if not near:
        return None
    *others, last = near
    return "did you mean " + (", ".join(others) + " or " if others else "") + last + "?"


def closest(name: str, candidates: Iterable[str], count: int = 3) -> list[str]:
    """Up to COUNT of CANDIDATES at the least distance from NAME: at most 2 edits, 1 for short names."""
    limit = 2 if len(name) > 3 else 1
    found: dict[int, list[str]] = {}
    for each in set(candidates):
        if each != name and abs(len(each) - len(name)) <= limit and not each.startswith("%"):
            distance = edits(name, each, limit)
            if distance <= limit and len(name) > 2:
                found.setdefault(distance, []).append(each)
    best = found.get(min(found)) if found else []
    return sorted(best or [], key=lambda each: (each[:1] != name[:1], each))[:count]


def edits(one: str, other: str, limit: int) -> int:
    """Insertions, deletions, changes and swaps of neighbours that turn ONE into OTHER (Damerau 1964).

    Anything beyond LIMIT is given as LIMIT + 1.
    """
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and b == one[i - 2]:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
        before, last = last, row
    return last[-1]


def report(error: ChorusError, colour: bool = False, sources: Sources = SOURCES) -> str:
    """The text for people, several lines without a final newline:

    error[unbound] nothing is called fooo
      --> demo.sexp:3:8
      3 | (+ 1 (fooo 2))
        |       ^^^^
      hint: did you mean foo?
      in (average xs), called at demo.sexp:9:1
    """
    message = paint(clean(message_of(error)), "1", colour)
    lines = [paint(f"{error.severity}[{error.code}]", "1;31", colour) + " " + message]
    if error.span is not None:
        lines += snippet(error.span, sources, colour)
    for what, span in error.related:
        lines.append(f"  {what}:")
        lines += snippet(span, sources, colour)
    if error.hint:
        lines.append("  " + paint("hint:", "36", colour) + f" {clean(error.hint)}")
    return "\n".join(lines + stack_lines(error))


def message_of(error: ChorusError) -> str:
    """The message; what a program's own `error` or `raise` was given stands behind it."""
    if isinstance(error, Raised):
        return f"{error.message}: {brief(error.payload)}"
    if getattr(error, "located", False) and error.irritants:
        what, *about = error.irritants
        return " ".join([f"{error.message}: {what}", *(brief(each) for each in about[:5])])
    if error.code in ("error", "raised"):
        return " ".join([error.message, *(brief(each) for each in error.irritants[:5])])
    return error.message


def paint(text: str, style: str, colour: bool) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if colour else text


def stack_lines(error: ChorusError) -> list[str]:
    """The Lisp calls under way, innermost first; repetitions counted, a long stack's middle left out."""
    theirs = [e for e in error.stack if not (e.span and e.span.file.startswith(OWN))]
    entries = [f"  in {clean(e.name)}" + (f", called at {e.span}" if e.span else "") for e in theirs]
    shown: list[str] = []
    at = 0
    while at < len(entries):
        run = 1
        while at + run < len(entries) and entries[at + run] == entries[at]:
            run += 1
        shown.append(entries[at] + (f"  ({run} times)" if run > 1 else ""))
        at += run
    if len(shown) > 2 * STACK_SHOWN:
        left_out = len(shown) - 2 * STACK_SHOWN
        shown[STACK_SHOWN:-STACK_SHOWN] = [f"  … {left_out} more …"]
    return shown


def snippet(span: Span, sources: Sources, colour: bool = False) -> list[str]:
    """Where, the line, and carets under SPAN (to the line's end when it goes on)."""
    lines = [f"  --> {clean(str(span))}"]
    text = sources.line(span.file, span.line)
    if text is None:
        return lines
    start = min(span.column - 1, len(text))
    end = min(span.end_column - 1, len(text)) if span.end_line == span.line else len(text.rstrip())
    cut = max(0, start - WIDTH // 2) if len(text) > WIDTH else 0
    shown = text[cut : cut + WIDTH]
    prefix = "…" if cut else ""
    suffix = "…" if cut + WIDTH < len(text) else ""
    gutter = " " * len(str(span.line))
    before = blank(prefix + text[cut:start])
    carets = "^" * max(1, columns(text[start : min(end, cut + WIDTH)]))
    return [
        *lines,
        f"  {span.line} | {prefix}{clean(shown)}{suffix}",
        f"  {gutter} | {before}{paint(carets, '31', colour)}",
    ]


def clean(text: str) -> str:
    """TEXT without characters that could move a terminal's cursor or turn its direction; tabs stay."""
    if text.isascii() and text.isprintable():
        return text
    return re.sub(
        "[^\n\t\u0020-\ufffd\U00010000-\U0010ffff]|[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]",
        "�",
        text,
    )


def columns(text: str) -> int:
    """Cells that TEXT takes in a terminal."""
    return sum(cells(each) for each in text)


def cells(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def blank(text: str) -> str:
    """White space as wide as TEXT; its tabs stay tabs."""
    return "".join("\t" if each == "\t" else " " * cells(each) for each in text)


def as_json(error: ChorusError) -> dict[str, Any]:
    """The error for programs: code, message, line, column, hint first; null where not known."""
    span = error.span
    data: dict[str, Any] = {
        "code": error.code,
        "message": message_of(error),
        "line": span.line if span else None,
        "column": span.column if span else None,
        "hint": error.hint,
    }
    if span is not None:
        data |= {"file": span.file, "end-line": span.end_line, "end-column": span.end_column}
    if error.stack:
        data["stack"] = [{"name": each.name, **_place(each.span)} for each in error.stack[:50]]
    if error.related:
        data["related"] = [{"what": what, **_place(place)} for what, place in error.related]
    if error.severity != "error":
        data["severity"] = error.severity
    if isinstance(error, LimitExceeded):
        data |= {"kind": error.kind, "used": error.used, "limit": error.limit}
    return data


def _place(span: Span | None) -> dict[str, Any]:
    return {} if span is None else {"file": span.file, "line": span.line, "column": span.column}


setattr(ChorusError, "report", report)  # noqa: B010 — with the line and its carets
