"""What a program that asks is told of tables, the workspace and names: plain data for JSON. On the session's thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chorus.interpreter.session import Session
from chorus.runtime.jsonout import to_json
from chorus.runtime.printer import write
from chorus.runtime.table import Table

NAMES = 40  # that a word finds
PERSONAS = "(map (lambda (p) {:label (persona-label p) :alias (persona-alias p)}) (personas))"


def is_table(value: Any) -> bool:
    return isinstance(value, Table)


def head(table: Table, most: int) -> tuple[list[dict[str, Any]], bool]:
    """The first MOST rows, and whether there are more."""
    from chorus.runtime.plan import algebra

    rows = table.over(algebra.limit(table.plan, most + 1)).__json__()
    return rows[:most], len(rows) > most


def columns(table: Table) -> list[dict[str, str]]:
    return [{"name": field.name, "type": str(field.type)} for field in table.fields]


def explained(session: Session, table: Table) -> dict[str, Any]:
    """The parts of `(explain TABLE)` by name, forms as they are written."""
    told = session.call(session.lookup("explain"), table)
    parts = {part.car.name: list(part.cdr) for part in told.cdr}
    return {name: tell(parts[name]) for name, tell in PARTS.items()}


def _pairs(first: str, second: str) -> Callable[[list[Any]], list[dict[str, Any]]]:
    def tell(pairs: list[Any]) -> list[dict[str, Any]]:
        told = ((write(pair.car), to_json(pair.cdr.car)) for pair in pairs)
        return [{first: form, second: None if known is False else known} for form, known in told]

    return tell


PARTS: dict[str, Callable[[list[Any]], Any]] = {
    "plan": lambda rest: write(rest[0]),
    "optimised": lambda rest: write(rest[0]),
    "rules": _pairs("rule", "times"),
    "columns": _pairs("name", "type"),
    "sql": lambda rest: str(rest[0]),
    "parameters": to_json,
    "predicted": _pairs("form", "rows"),
}


def stored(session: Session) -> dict[str, Any]:
    """The tables of the workspace with their rows and columns, and whom its questions may be about."""
    from chorus.runtime.plan.catalogue import TABLES

    return {
        "tables": [_table(session, name, doc) for name, (_, doc) in sorted(TABLES.items())],
        "personas": to_json(session.eval(PERSONAS)),
    }


def _table(session: Session, name: str, doc: str) -> dict[str, Any]:
    table = session.tables(name)
    return {"name": name, "doc": doc, "rows": table.count(), "columns": columns(table)}


def found(session: Session, word: str) -> list[dict[str, str]]:
    """The names that have to do with WORD: how each is called, and the beginning of what is said of it."""
    names = list(session.call(session.lookup("apropos"), word))[:NAMES]
    told = [session.describe(name.name) for name in names]
    return [
        {"name": each["name"], "usage": each["usage"], "doc": each["doc"].partition("\n\n")[0]}
        for each in told
        if each is not None
    ]
