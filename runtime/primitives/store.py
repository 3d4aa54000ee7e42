"""What a workspace is: where it lies, how much is in it, which version its community has."""

from __future__ import annotations

from typing import Any

from chorus.runtime.context import Context
from chorus.runtime.primitive import primitive
from chorus.runtime.values import UNSPECIFIED, HashTable, Keyword, make_list

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
    store = ctx.store
    with store.recovering():
        counts = [(name, store.value(f"SELECT count(*) FROM {name}")) for name in _COUNTED]
        version = store.corpus_version()
    size = sum(file.stat().st_size for file in store.path.rglob("*") if file.is_file())
    items: list[tuple[str, Any]] = [
        ("path", str(store.path)),
        ("schema", store.schema_version),
        ("corpus-version", version),
        ("bytes", size),
        *counts,
        ("lost", make_list(store.alarm)),
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
