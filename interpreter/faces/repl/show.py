"""How the prompt shows values: tables as tables, answers as prose, the rest as `write` does."""

from __future__ import annotations

import io
import shutil
import sys
from typing import Any

from chorus.interpreter.faces.knowledge import Knowledge
from chorus.runtime.values import UNSPECIFIED, MultipleValues

MOST_ROWS = 50


class Shower:
    """Shows values on the terminal in the chosen format."""

    def __init__(self, knowledge: Knowledge, format: str = "table") -> None:
        self.knowledge = knowledge
        self.format = format

    def value(self, value: Any) -> None:
        for item in value.items if isinstance(value, MultipleValues) else (value,):
            if item is not UNSPECIFIED:
                sys.stdout.write(self.text(item).rstrip("\n") + "\n")

    def text(self, value: Any, most_rows: int | None = MOST_ROWS) -> str:
        from chorus.runtime.printer import write
        from chorus.runtime.table_format import format_table, is_tabular

        if is_tabular(value):
            held = io.StringIO()
            format_table(
                value, self.format, held, max_rows=most_rows, width=shutil.get_terminal_size().columns
            )
            return held.getvalue()
        shown = self.knowledge.text_for_people(value)
        return write(value) if shown is None else shown
