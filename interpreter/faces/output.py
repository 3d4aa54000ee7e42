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
                self._json({"value": _jsonable(item)})
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
            self._json({"error": diagnostics.as_json(error)})
            sys.stdout.flush()
        else:
            sys.stderr.write(diagnostics.report(error) + "\n")

    def _json(self, row: dict[str, Any]) -> None:
        sys.stdout.write(json.dumps(row | {"schema": SCHEMA}, ensure_ascii=False) + "\n")


def _jsonable(value: Any) -> Any:
    from chorus.runtime.jsonout import to_json

    return to_json(value)


def _tabular(value: Any) -> bool:
    from chorus.runtime.table_format import is_tabular

    return is_tabular(value)
