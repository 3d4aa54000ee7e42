"""Values and errors on their way out: as `write` prints them, as JSON lines, or tables in a format.

Text leaves as UTF-8, whatever the locale: programs are read as UTF-8 too. A terminal that knows less is shown plain
signs and escapes.
"""

from __future__ import annotations

import codecs
import os
import sys
import warnings
from typing import Any, TextIO

from chorus.runtime.errors import ChorusError
from chorus.runtime.values import UNSPECIFIED, MultipleValues

SCHEMA = "chorus/1"


# what the language itself draws with, for terminals that know less: as wide, and not as pretty
PLAINER = dict(zip("─│┌┬┐├┼┤└┴┘…⋯×→—–“”‘’", "-|+++++++++~~x>--\"\"''", strict=True))


def plainer(problem: UnicodeError) -> tuple[str, int]:
    """An error handler of codecs: `─` as `-` and the like, anything else as an escape."""
    if not isinstance(problem, UnicodeEncodeError):
        raise problem
    letter = problem.object[problem.start]
    if letter in PLAINER:
        return PLAINER[letter], problem.start + 1
    problem.end = problem.start + 1
    return codecs.backslashreplace_errors(problem)  # type: ignore[return-value]


codecs.register_error("chorus-plainer", plainer)


class OutputLost(ChorusError):
    """Standard output takes nothing more: its reader left, or the disk is full."""

    code = "output"

    def __init__(self, problem: OSError) -> None:
        super().__init__(f"output cannot be written: {problem.strerror or problem}")
        self.reader_left = isinstance(problem, BrokenPipeError)


class Standard:
    """Standard output that knows whether it stands at the start of a line, and tells its failures from others'."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.mid_line = False

    def write(self, text: str) -> int:
        if text:
            self.mid_line = not text.endswith("\n")
        try:
            return self.stream.write(text)
        except OSError as problem:
            raise OutputLost(problem) from None

    def flush(self) -> None:
        try:
            self.stream.flush()
        except OSError as problem:
            raise OutputLost(problem) from None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def prepare_streams() -> None:
    """Make the process's streams carry UTF-8 and report what goes wrong with them; what Python thinks of the code that
    programs become is nobody's concern.
    """
    warnings.simplefilter("ignore", SyntaxWarning)
    # What the caller closed: its number must not go to the next file that is opened.
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115 (open as long as the process)
    if hasattr(sys.stdin, "reconfigure"):
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            if stream.isatty():
                stream.reconfigure(encoding=stream.encoding, errors="chorus-plainer")
            else:
                stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    if not isinstance(sys.stdout, Standard):
        sys.stdout = Standard(sys.stdout)


class Output:
    """Where a program's values go. Results to stdout; errors to stderr, or to stdout as JSON.

    ALONE: standard output is for values alone; what the program writes goes to stderr.
    """

    def __init__(self, as_json: bool = False, format: str | None = None, alone: bool = False) -> None:
        self.as_json = as_json
        self.format = format
        self.stream = sys.stdout
        if alone:
            sys.stdout = Standard(sys.stderr)

    def value(self, value: Any) -> None:
        """Print VALUE; the unspecified value prints nothing."""
        for item in value.items if isinstance(value, MultipleValues) else (value,):
            if item is UNSPECIFIED:
                continue
            if getattr(self.stream, "mid_line", False):  # the program wrote something without ending its line
                self.stream.write("\n")
            if self.as_json:
                self.stream.write(value_line(item) + "\n")
            elif is_plot(item) and self.format is None:
                self.stream.write(plot_text(item, self.stream) + "\n")
            elif self.format is not None and _tabular(item):
                from chorus.runtime.table_format import format_table

                try:
                    format_table(item, self.format, self.stream)
                except OSError as problem:  # bytes go past `Standard`
                    raise OutputLost(problem) from None
            else:
                from chorus.runtime.printer import write

                self.stream.write(write(item) + "\n")
        self.stream.flush()

    def error(self, error: ChorusError) -> None:
        from chorus.interpreter import diagnostics

        self.stream.flush()
        if self.as_json:
            print_error(diagnostics.as_json(error), self.stream)
        else:
            sys.stderr.write(diagnostics.report(error) + "\n")


def print_error(described: dict[str, Any], stream: TextIO | None = None) -> None:
    """{"error": …} on a line of its own on standard output, which is STREAM."""
    stream = sys.stdout if stream is None else stream
    if getattr(stream, "mid_line", False):
        stream.write("\n")
    import json

    stream.write(json.dumps({"error": described, "schema": SCHEMA}) + "\n")
    stream.flush()


def value_line(value: Any) -> str:
    """{"value": …} with VALUE as `json_text` has it: however deep it is, whatever strings are in it."""
    from chorus.runtime.jsonout import json_text

    return f'{{"value": {json_text(value)}, "schema": "{SCHEMA}"}}'


def is_plot(value: Any) -> bool:
    return type(value).__module__ == "chorus.runtime.plots.plot"


def plot_text(plot: Any, stream: TextIO) -> str:
    """PLOT drawn, if STREAM is a terminal; its specification on a line, for whoever reads a pipe."""
    if stream.isatty():
        from chorus.runtime.plots.terminal import shown

        return shown(plot, stream)
    from chorus.runtime.jsonout import json_text

    return json_text(plot)


def _tabular(value: Any) -> bool:
    from chorus.runtime.table_format import is_tabular

    return is_tabular(value)
