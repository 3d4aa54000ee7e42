"""Values and errors on their way out: as `write` prints them, as JSON lines, or tables in a format."""

from __future__ import annotations

import json
import sys
from typing import Any

from chorus.runtime.errors import ChorusError
from chorus.runtime.values import UNSPECIFIED, MultipleValues

SCHEMA = "chorus/1"


class Output:
    """Where a program's values go. Results to stdout; errors to stderr, or to stdout as JSON."""

    def __init__(self, as_json: bool = False, format: str | None = None) -> None:
        self.as_json = as_json
        self.format = format

    def value(self, value: Any) -> None:
        """Print VALUE; the unspecified value prints nothing."""
        for item in value.items if isinstance(value, MultipleValues) else (value,):
            if item is UNSPECIFIED:
                continue
            if self.as_json:
                sys.stdout.write(value_line(item) + "\n")
            elif self.format is not None and _tabular(item):
                from chorus.runtime.table_format import format_table

                format_table(item, self.format, sys.stdout)
            else:
                from chorus.runtime.printer import write

                sys.stdout.write(write(item) + "\n")
        sys.stdout.flush()

    def error(self, error: ChorusError) -> None:
        from chorus.interpreter import diagnostics

        sys.stdout.flush()
        if self.as_json:
            sys.stdout.write(json.dumps({"error": diagnostics.as_json(error), "schema": SCHEMA}) + "\n")
            sys.stdout.flush()
        else:
            sys.stderr.write(diagnostics.report(error) + "\n")


def value_line(value: Any) -> str:
    """{"value": …} with VALUE as `json_text` has it: however deep it is, whatever strings are in it."""
    from chorus.runtime.jsonout import json_text

    return f'{{"value": {json_text(value)}, "schema": "{SCHEMA}"}}'


def _tabular(value: Any) -> bool:
    from chorus.runtime.table_format import is_tabular

    return is_tabular(value)
