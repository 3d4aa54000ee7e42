"""The engine without a store: for tables whose rows the program itself holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chorus.runtime.store.database import bound, in_memory
from chorus.runtime.store.faults import guarding

if TYPE_CHECKING:
    import pyarrow as pa

NOWHERE = Path("memory")


class Memory:
    """Reads as a Store does, of what is lent to it alone."""

    def __init__(self, memory: int | None = None) -> None:
        with guarding(NOWHERE):
            self._connection = in_memory()
            if memory is not None:
                bound(self._connection, memory)
        self._cursors: list[Any] = []

    @classmethod
    def with_tables(cls) -> Memory:
        """One with the tables of a workspace, all empty."""
        from chorus.runtime.store.database import migrate

        made = cls()
        with guarding(NOWHERE):
            migrate(made._connection, NOWHERE)
        return made

    version = -1  # of what never changes
    committed = None

    def corpus_version(self) -> str:
        """That of no rows at all."""
        return "0" * 16

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The result as Python tuples."""
        cursor = self._lending(None)
        try:
            with guarding(NOWHERE):
                return list(cursor.execute(sql, parameters or None).fetchall())
        finally:
            self._done(cursor)

    def value(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        """The first column of the first row, or None."""
        found = self.rows(sql, parameters)
        return found[0][0] if found else None

    def read(
        self, sql: str, parameters: Sequence[Any] = (), lent: Mapping[str, Any] | None = None
    ) -> pa.Table:
        """The result as an Arrow table."""

        cursor = self._lending(lent)
        try:
            with guarding(NOWHERE):
                found: pa.Table = cursor.sql(sql, params=parameters or None).to_arrow_table()
                return found
        finally:
            self._done(cursor)

    def batches(
        self,
        sql: str,
        parameters: Sequence[Any] = (),
        size: int = 10_000,
        lent: Mapping[str, Any] | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """The result as record batches, fetched as they are taken."""
        cursor = self._lending(lent)
        try:
            with guarding(NOWHERE):
                reader = cursor.sql(sql, params=parameters or None).to_arrow_reader(size)
            while True:
                with guarding(NOWHERE):
                    batch = next(reader, None)
                if batch is None:
                    return
                yield batch
        finally:
            self._done(cursor)

    def interrupt(self, asker: int) -> None:
        """As a Store's, of whichever thread: nobody else asks this one."""
        for cursor in list(self._cursors):
            cursor.interrupt()

    def close(self) -> None:
        for cursor in list(self._cursors):
            cursor.close()
        self._connection.close()

    def _lending(self, lent: Mapping[str, Any] | None) -> Any:
        cursor = self._connection.cursor()
        self._cursors.append(cursor)
        with guarding(NOWHERE):
            for name, data in (lent or {}).items():
                cursor.register(name, data)
        return cursor

    def _done(self, cursor: Any) -> None:
        if cursor in self._cursors:
            self._cursors.remove(cursor)
        cursor.close()
