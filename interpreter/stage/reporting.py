"""What a derived evaluator has noted of a program, shown on stderr when the program has ended."""

from __future__ import annotations

import sys
from typing import Any

from chorus.interpreter.session import Session
from chorus.interpreter.stage.front import derived_names, tower_of
from chorus.runtime.errors import ChorusError
from chorus.runtime.printer import write
from chorus.runtime.values import list_items

MOST_ROWS = 40
WIDEST = 60


def show_reports(session: Session) -> None:
    """The reports of the evaluators that SESSION was opened with, those of people."""
    names = session.evaluator.split("+")
    for name in names:
        if name in derived_names():
            space = tower_of(session.space.foundation).by_name(tuple(names))
            if f"{name}-report" not in space.dict:
                continue
            try:
                rows = list_items(session.call(space.dict[f"{name}-report"])) or []
            except ChorusError:  # no time or no steps are left
                continue
            print(f"; {name}", file=sys.stderr)
            for line in lines(rows):
                print(line, file=sys.stderr)


def lines(rows: list[Any]) -> list[str]:
    """A table of the first ROWS, hash tables with the same keys."""
    shown = [[_cell(value) for _, value in row.items()] for row in rows[:MOST_ROWS]]
    if not rows:
        return ["nothing"]
    table = [[key.name for key, _ in rows[0].items()], *shown]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    made = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]
    return made + ([f"… and {len(rows) - MOST_ROWS} more"] if len(rows) > MOST_ROWS else [])


def _cell(value: Any) -> str:
    """VALUE on one line; of what evaluators note, numbers with a fraction are seconds."""
    if isinstance(value, float):
        return f"{value * 1000:.3f} ms"
    text = value if isinstance(value, str) else write(value)
    text = " ".join(text.split())
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"
