"""What a workspace is: where it lies, how much is in it, which version its community has."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from chorus.runtime.context import Context
from chorus.runtime.primitive import primitive
from chorus.runtime.store.schema import MIGRATIONS
from chorus.runtime.values import UNSPECIFIED, HashTable, Keyword, make_list

if TYPE_CHECKING:
    from chorus.runtime.store.memory import Memory
    from chorus.runtime.store.store import Store

_COUNTED = (
    "messages",
    "authors",
    "channels",
    "reactions",
    "attachments",
    "tickets",
    "events",
    "changes",
    "quarantine",
)


@primitive("workspace-info", effects="read-store")
def workspace_info(ctx: Context) -> HashTable:
    """The workspace's :path, :schema, :corpus-version, :bytes on disk, rows of each table, and :lost writes.

    > (get (workspace-info) :messages)
    => 12
    """
    if ctx.untouched:
        path = os.path.abspath(os.path.expanduser(ctx.folder or ""))
        return _info(ctx.reader, path, MIGRATIONS[-1].version, 0, [])
    store = ctx.store
    size = sum(file.stat().st_size for file in store.path.rglob("*") if file.is_file())
    with store.recovering():
        return _info(store, str(store.path), store.schema_version, size, store.alarm)


def _info(reader: Store | Memory, path: str, schema: int, size: int, lost: list[str]) -> HashTable:
    items: list[tuple[str, Any]] = [
        ("path", path),
        ("schema", schema),
        ("corpus-version", reader.corpus_version()),
        ("bytes", size),
        *((name, reader.value(f"SELECT count(*) FROM {name}")) for name in _COUNTED),
        ("lost", make_list(lost)),
    ]
    return HashTable((Keyword(name), value) for name, value in items)


@primitive("corpus-version", effects="read-store")
def corpus_version(ctx: Context) -> str:
    """16 hex digits that change whenever messages, tickets, events or changes do, and depend on nothing else.

    > (string-length (corpus-version))
    => 16
    """
    return ctx.reader.corpus_version()


@primitive("workspace-problems", effects="read-store")
def workspace_problems(ctx: Context) -> Any:
    """What is wrong with the workspace's rows, as strings, after reading all of them; () when all is well.

    > (workspace-problems)
    => ()
    """
    from chorus.runtime.store.check import problems

    return make_list(problems(ctx.store))


@primitive("checkpoint!", effects="write-store")
def checkpoint(ctx: Context) -> Any:
    """Fold the log of recent writes into the database file.

    > (checkpoint!)
    """
    ctx.store.checkpoint()
    return UNSPECIFIED
