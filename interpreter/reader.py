"""The reader's public face: text → forms that know where they were written.

`grammar/chorus.lark` defines the syntax and `reader_lark` obeys it; `reader_fast` is its quick twin, tested
to give equal forms, spans and errors, and the one used here, so that starting never waits for Lark.

Where things stand (for the compiler, macros and diagnostics)
    Every cell of a list that was read is a `SourcePair` with two spans (`errors.Span`: file, line, column,
    end_line, end_column; from 1, end exclusive):
        cell.span      the whole list's, from its opener to past its closer; the same object in all its cells
        cell.car_span  that of this cell's own car: how an atom, which has no span itself, is pointed at
    So in `(f x)` an unbound x is at `form.cdr.car_span`, a wrong call at `form.span`. `'x` reads as `(quote
    x)`: its span covers `'x`, the first car_span the mark `'`, the second `x`. A pair made otherwise has
    None for both. The tail atom of `(a . b)` has no span of its own: use the list's.
    `[a b]` reads as `(a b)`; `#(a b)` as a Python list; `{:a x}` as a `HashTable` whose keys and values are
    forms as written, and whose `spans` maps `hash_key(key)` to (key's span, value's span).
    A form that is a bare atom at the top level has its span only in `read_spanned`.
"""

from __future__ import annotations

from typing import Any

from chorus.interpreter import reader_fast
from chorus.interpreter.diagnostics import SOURCES
from chorus.runtime.errors import ReadError, Span
from chorus.runtime.spent import spending

# codes of errors that more text could repair
UNFINISHED = frozenset({"read-unclosed", "read-string", "read-symbol", "read-comment", "read-dangling"})
SURPLUS = frozenset({"read-unopened", "read-mismatched"})


def read_spanned(text: str, file: str = "<text>", fold: bool = False) -> list[tuple[Any, Span]]:
    """All forms of TEXT, each with its span. ReadError (code, span, hint) at the first that is malformed.

    FOLD: names are read in lower case, as after #!fold-case.
    """
    SOURCES.add(file, text)
    with spending("read"):
        return reader_fast.read(text, file, fold)


def read_forms(text: str, file: str = "<text>") -> list[Any]:
    """All forms of TEXT."""
    return [form for form, _ in read_spanned(text, file)]


def read_one(text: str, file: str = "<text>") -> Any:
    """The only form of TEXT; ReadError when there is none or more than one."""
    forms = read_spanned(text, file)
    if len(forms) != 1:
        span = forms[1][1] if forms else Span(file, 1, 1, 1, 1)
        raise ReadError(f"one form was expected, not {len(forms)}", code="read-count", span=span)
    return forms[0][0]


def is_balanced(text: str) -> str:
    """What a prompt should do with TEXT.

    "complete": run it, or show its error; "incomplete": wait for more lines; "extra": a closer too many.
    """
    try:
        reader_fast.read(text, "<text>")
    except ReadError as error:
        if error.code in UNFINISHED:
            return "incomplete"
        return "extra" if error.code in SURPLUS else "complete"
    return "complete"
