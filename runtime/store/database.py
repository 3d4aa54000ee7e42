"""Opening the DuckDB file: settings, the locked door to everything outside it, and migrations."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from chorus.runtime.errors import StoreError
from chorus.runtime.store.schema import LEDGER, MIGRATIONS, Migration

CHECKPOINT_AT = "64MB"  # of log: less makes a bulk load rewrite its last row group again and again

# Set before the configuration is locked: after this no SQL reaches a file, the network or another database.
_LOCKDOWN = (
    "SET TimeZone = 'UTC'",
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET python_enable_replacements = false",
    "SET enable_external_access = false",
    "SET allowed_configs = ['memory_limit']",
    "SET lock_configuration = true",
)


def connect(file: Path, spill: Path) -> Any:
    """A locked-down connection to FILE; queries too big for memory spill into the folder SPILL."""
    import duckdb

    made = duckdb.connect(
        str(file), config={"temp_directory": str(spill), "checkpoint_threshold": CHECKPOINT_AT}
    )
    try:
        _lock(made)
    except BaseException:
        made.close()
        raise
    return made


def in_memory() -> Any:
    """A locked-down database of its own that holds nothing and writes nothing."""
    import duckdb

    made = duckdb.connect(":memory:", config={"temp_directory": ""})
    _lock(made)
    return made


def _lock(connection: Any) -> None:
    # A bar would print to stdout. Within a notebook that has none, even setting it to false is an error.
    if connection.execute("SELECT current_setting('enable_progress_bar')").fetchone()[0]:
        connection.execute("SET enable_progress_bar = false")
    for setting in _LOCKDOWN:
        connection.execute(setting)


def bound(connection: Any, memory: int) -> None:
    """Let the engine behind CONNECTION hold MEMORY bytes; a query that needs more spills, or ends in an error."""
    connection.execute(f"SET memory_limit = '{memory}B'")


def migrate(connection: Any, folder: Path, migrations: tuple[Migration, ...] = MIGRATIONS) -> int:
    """Bring the schema to the newest version, each step whole or not at all; the version reached."""
    known = migrations[-1].version
    connection.execute(LEDGER)
    (version,) = connection.execute('SELECT coalesce(max(version), 0) FROM "schema"').fetchone()
    connection.fetchall()
    if version > known:
        raise StoreError(
            f"the workspace {folder} was written by a newer chorus: its schema is {version}, not {known}",
            code="version",
            hint="upgrade chorus, or use another --workspace",
        )
    for step in migrations:
        if step.version > version:
            _apply(connection, step)
            version = step.version
    return version


def _apply(connection: Any, step: Migration) -> None:
    connection.execute("BEGIN TRANSACTION")
    try:
        for statement in step.statements:
            connection.execute(statement)
        now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
        connection.execute('INSERT INTO "schema" VALUES (?, ?, ?)', [step.version, step.name, now])
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("CHECKPOINT")  # a definition left in the log is what replay gets wrong most often
