"""Runs a `.sexp` file of expectations: a form, then `;=> written value` or `;!! error code [at line:column]`
on its last line.
"""

from __future__ import annotations

import re
from pathlib import Path

from chorus import ChorusError, Session
from chorus.interpreter.changing import expect_changes
from chorus.interpreter.reader import read_spanned
from chorus.runtime.printer import write

EXPECTED = re.compile(r";(=>|!!)\s*(.*?)\s*$")


def expectation(lines: list[str], first: int, last: int) -> tuple[str, str] | None:
    """What is written behind a form that ends on line LAST, or on the line after it."""
    for line in lines[last - 1 : last + 1]:
        found = EXPECTED.search(line)
        if found:
            return found[1], found[2]
        if line is lines[last - 1] and last < len(lines) and not lines[last].lstrip().startswith(";"):
            return None
    return None


def check_file(path: Path, session: Session) -> None:
    """Evaluate PATH's forms in SESSION; AssertionError at the first that is not as it says."""
    text = path.read_text(encoding="utf-8")
    lines = text.split("\n")
    expect_changes(text, session.space.foundation)  # as for a file that is run whole
    checked = 0
    for form, span in read_spanned(text, path.name):
        wanted = expectation(lines, span.line, span.end_line)
        where = f"{path.name}:{span.line}"
        try:
            value = write(session.evaluate(form, span, path.name))
        except ChorusError as error:
            assert wanted is not None and wanted[0] == "!!", f"{where}: {error.code}: {error.message}"
            code, _, place = wanted[1].partition(" at ")
            assert error.code == code, f"{where}: {error.code}: {error.message}"
            assert error.span is not None, f"{where}: the error has no place"
            assert error.span.file == path.name, where
            if place:
                assert f"{error.span.line - span.line + 1}:{error.span.column}" == place, where
            checked += 1
            continue
        assert wanted is None or wanted[0] == "=>", f"{where}: {value}, but an error was expected"
        if wanted is not None:
            assert value == wanted[1], where
            checked += 1
    assert checked, f"{path.name} expects nothing"
