"""How the prompt shows values: tables as tables, answers as prose, the rest as `write` does, within the screen."""

from __future__ import annotations

import io
import re
import shutil
import sys
import textwrap
from collections.abc import Iterator
from functools import partial
from typing import Any

from chorus.interpreter.faces.knowledge import Knowledge
from chorus.interpreter.faces.output import is_plot, plot_text
from chorus.interpreter.faces.repl.paging import exceeds_screen, on_terminal, page, pager_command
from chorus.runtime.values import UNSPECIFIED, MultipleValues

MOST_ROWS = 50
MOST_PAGED = 10_000  # rows that go to the pager unasked; `.last` gives all
MOST_LETTERS = 4_000  # of a value that is neither a table nor prose: about a screen
CUT = re.compile(
    r"\((\d[\d,]* of [^()\n]*|[^()\n]*; not shown: [^()\n]*)\)(?=\n?\Z)"
)  # the note under a table that was
REST = " …\n(the rest: .last)\n"  # after the first letters of a value that is no table
GRIDS = ("table", "box")  # formats for people: prose goes before them


class Shower:
    """Shows values on the terminal in the chosen format."""

    def __init__(self, knowledge: Knowledge, format: str = "table") -> None:
        self.knowledge = knowledge
        self.format = format
        self.pager = pager_command()

    def value(self, value: Any, form: Any = None) -> None:
        """Show VALUE, which FORM made; what a table of it holds is computed as FORM was, and stopped like it."""
        for item in value.items if isinstance(value, MultipleValues) else (value,):
            if item is not UNSPECIFIED:
                shown = self.knowledge.session.within(partial(self.text, item), form).rstrip("\n") + "\n"
                if not self._paged(item, shown):
                    sys.stdout.write(shown)

    def _paged(self, value: Any, shown: str) -> bool:
        """Whether VALUE went to the pager: what is SHOWN of it was cut, or does not fit the screen."""
        if not self.pager or not on_terminal() or is_plot(value):
            return False
        if not (CUT.search(shown) or shown.endswith(REST) or exceeds_screen(shown)):
            return False
        return page(self.whole(value, MOST_PAGED), self.pager)

    def text(self, value: Any) -> str:
        """VALUE as it fits the terminal; what was cut says how to see the rest."""
        from chorus.runtime.table import Table
        from chorus.runtime.table_format import is_tabular

        if is_plot(value) and self.format in GRIDS:
            return plot_text(value, sys.stdout)
        width = shutil.get_terminal_size().columns
        shown = None if isinstance(value, Table) or self.format not in GRIDS else self._prose(value, width)
        if shown is not None:
            return shown
        if is_tabular(value):
            return self._grid(value, MOST_ROWS, width)
        return "".join(_cut(_written(value)))

    def whole(self, value: Any, most_rows: int | None = None) -> str:
        """All of VALUE: every row, or MOST-ROWS, and column, every letter."""
        made: str = self.knowledge.session.within(partial(self._whole, value, most_rows))
        return made

    def _whole(self, value: Any, most_rows: int | None) -> str:
        from chorus.runtime.table_format import is_tabular

        if is_tabular(value):
            return self._grid(value, most_rows, None)
        return self._prose(value, shutil.get_terminal_size().columns) or "".join(_written(value))

    def _grid(self, value: Any, most_rows: int | None, width: int | None) -> str:
        from chorus.runtime.table_format import format_table

        held = io.StringIO()
        self.knowledge.session.within(
            lambda: format_table(value, self.format, held, max_rows=most_rows, width=width)
        )
        shown = held.getvalue()
        return (
            CUT.sub(r"(\1; all of it: .last)", shown)
            if most_rows is not None and self.format in GRIDS
            else shown
        )

    def _prose(self, value: Any, width: int) -> str | None:
        shown = self.knowledge.text_for_people(value)
        return None if shown is None else wrapped(shown, width)


def wrapped(text: str, width: int) -> str:
    """TEXT with its long lines broken between words; what goes on is indented as its line began, and a bit more."""
    return "\n".join(part for line in text.split("\n") for part in _broken(line, width))


def _broken(line: str, width: int) -> list[str]:
    indent = line[: len(line) - len(line.lstrip())]
    if len(line) < width or width < 20:
        return [line]
    return textwrap.wrap(
        line, width - 1, subsequent_indent=indent + "  ", break_long_words=False, break_on_hyphens=False
    ) or [line]


def _written(value: Any) -> Iterator[str]:
    from chorus.runtime.printer import pieces, write_atom

    return pieces(value, write_atom)


def _cut(pieces: Iterator[str]) -> Iterator[str]:
    """The first letters of PIECES, and a note if there are more."""
    room = MOST_LETTERS
    for piece in pieces:
        if len(piece) > room:
            yield piece[:room] + REST.rstrip("\n")
            return
        yield piece
        room -= len(piece)
