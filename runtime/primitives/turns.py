"""The turns of a workspace: every question asked, its answer, and the versions it was answered under."""

from __future__ import annotations

import datetime as dt
import json
import time
from typing import Any

from chorus.runtime.primitive import primitive
from chorus.runtime.values import HashTable, Keyword, make_list

_COLUMNS = ("id", "asked-at", "form", "answer", "corpus-version", "environment-version", "data")
_SELECT = "SELECT " + ", ".join(f'"{name}"' for name in _COLUMNS) + " FROM turns"


@primitive("%next-turn", effects="read-store")
def next_turn(ctx: Any) -> int:
    """The number that the next turn will have, counted from 1.

    > (> (%next-turn) 0)
    => #t
    """
    committed, number = ctx.__dict__.get("latest-turn", (None, 0))
    if committed is not None and committed == ctx.reader.committed:
        return number + 1  # nothing was written since this session's last
    return ctx.reader.rows("SELECT coalesce(max(id), 0) + 1 FROM turns", [])[0][0]


@primitive("%turn-clock", effects="clock")
def turn_clock() -> float:
    """Milliseconds since some moment: how long a turn takes, and how long after another it is asked.

    > (<= (%turn-clock) (%turn-clock))
    => #t
    """
    return time.monotonic() * 1000


@primitive("%record-turn!", effects="note clock")
def record_turn(ctx: Any, number: int, form: str, answer: str, data: str = "{}") -> Any:
    """Store turn NUMBER: FORM as written, ANSWER and DATA as JSON texts; #f where there is no workspace yet, as asking
    makes none, or the session may only read it.

    > (let ((n (%next-turn))) (= n (%record-turn! n "(query …)" "{}")))
    => #t
    """
    for text in (answer, data):
        json.loads(text)
    if ctx.noteless:
        return False
    store = ctx.store
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    row = [number, now, form, answer, store.corpus_version(), ctx.environment_version, data]
    before = store.committed
    store.note("INSERT INTO turns VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    if before is not None and store.committed == before + 1:
        ctx.__dict__["latest-turn"] = store.committed, number
    return number


@primitive("%turn", effects="read-store")
def turn(ctx: Any, number: int | None = None) -> Any:
    """Turn NUMBER, or the latest, as a hash table; #f when there is none.

    > (%turn 1000000)
    => #f
    """
    where, given = ("id = ?", [number]) if number is not None else ("id = (SELECT max(id) FROM turns)", [])
    found = ctx.reader.rows(f"{_SELECT} WHERE {where}", given)
    return _table(found[0]) if found else False


@primitive("%recent-turns", effects="read-store")
def recent_turns(ctx: Any, count: int = 20) -> Any:
    """The latest COUNT turns as hash tables, the newest first.

    > (list? (%recent-turns 3))
    => #t
    """
    found = ctx.reader.rows(f"{_SELECT} ORDER BY id DESC LIMIT ?", [max(0, count)])
    return make_list(map(_table, found))


@primitive("environment-version", effects="compute")
def environment_version(ctx: Any) -> str:
    """The version of the definitions this session runs under.

    > (string? (environment-version))
    => #t
    """
    return ctx.environment_version


def _table(row: tuple[Any, ...]) -> HashTable:
    fields = dict(zip(_COLUMNS, row, strict=True))
    fields["asked-at"] = fields["asked-at"].replace(tzinfo=dt.UTC)
    return HashTable((Keyword(name), False if value is None else value) for name, value in fields.items())
