"""The store of one workspace: reads by any thread, writes one at a time, each acknowledged by the mark."""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from chorus.runtime.errors import StoreError
from chorus.runtime.store.database import bound, connect, migrate
from chorus.runtime.store.faults import disk_error, guarding
from chorus.runtime.store.mark import Mark
from chorus.runtime.store.writer import Frugal, Lending, Transaction, Writer

if TYPE_CHECKING:
    import pyarrow as pa

DATABASE, MARK, SPILL = "chorus.duckdb", "high-water.json", "spill"


class Store:
    """A workspace's database. Sessions of one process that name the same folder share one Store.

    SQL comes from inside the runtime only, with every value bound as a parameter.
    """

    _open: ClassVar[dict[str, Store]] = {}
    _open_lock: ClassVar[threading.RLock] = threading.RLock()

    def __init__(self, path: Path) -> None:
        self.path = path
        self._owner = os.getpid()
        self._users = 1
        self._recovering = threading.local()
        self._local = threading.local()
        self._corpus: tuple[int | None, str] | None = None  # its version as of a commit
        self._cursors: list[tuple[threading.Thread, Any]] = []
        self._memory: int | None = None  # bytes that the engine may hold, if that is bounded
        self.heard: int | None = None  # the number of the latest feedback, once somebody asked
        with guarding(path, opening=True):
            self._connection = connect(path / DATABASE, path / SPILL)
            try:
                self.schema_version = migrate(self._connection, path)
                self._mark = Mark(path / MARK)
                self._writer = Writer(path, self._connection, self._mark)
                self._report_losses()
            except BaseException:
                self._connection.close()
                raise

    # ── opening and closing ──

    @classmethod
    def open(cls, path: str | Path) -> Store:
        """The store in the folder PATH, created where there is none.

        StoreError `busy`: another process has it; `version`: a newer chorus wrote it; `corrupt`; `disk`.
        """
        folder = Path(path).expanduser().absolute()
        with cls._open_lock:
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except FileExistsError:
                raise StoreError(f"the workspace {folder} is a file, not a folder", code="disk") from None
            except OSError as error:
                raise disk_error(error, folder) from error
            key = os.path.realpath(folder)
            found = cls._open.get(key)
            if found is not None:
                found._users += 1
                return found
            made = cls._open[key] = cls(folder)
            return made

    def close(self) -> None:
        """Give the store back; the last user's close checkpoints the file and frees it."""
        with self._open_lock:
            if self._users == 0 or os.getpid() != self._owner:
                return
            self._users -= 1
            if self._users:
                return
            self._open.pop(os.path.realpath(self.path), None)
        with guarding(self.path):
            for _, cursor in self._cursors:
                cursor.close()
            self._connection.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ── reading ──

    def rows(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> list[tuple[Any, ...]]:
        """The result of the constant text SQL as Python tuples; times are naive UTC datetimes."""
        self._check_sound()
        with guarding(self.path):
            return self._cursor().execute(sql, parameters or None).fetchall()

    def read(
        self,
        sql: str,
        parameters: Sequence[Any] | dict[str, Any] = (),
        lent: Mapping[str, Any] | None = None,
    ) -> pa.Table:
        """The result of the constant text SQL as an Arrow table; LENT: Arrow tables that it names."""
        if lent:
            return self._read_lent(sql, parameters, lent)
        self._check_sound()
        with guarding(self.path):
            return self._cursor().sql(sql, params=parameters or None).to_arrow_table()

    def _read_lent(self, sql: str, parameters: Any, lent: Mapping[str, Any]) -> pa.Table:
        """The writer's connection while this thread writes, else one of its own."""
        self._check_sound()
        own = not self._writer.mine
        connection = self._connection.cursor() if own else self._connection
        entry = (threading.current_thread(), connection)
        if own:
            self._cursors.append(entry)
        try:
            with guarding(self.path):
                for name, data in lent.items():
                    connection.register(name, data)
                found: pa.Table = connection.sql(sql, params=parameters or None).to_arrow_table()
                return found
        finally:
            for name in lent:
                connection.unregister(name)
            if own:
                self._cursors.remove(entry)
                connection.close()

    def batches(
        self,
        sql: str,
        parameters: Sequence[Any] | dict[str, Any] = (),
        size: int = 10_000,
        lent: Mapping[str, Any] | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """The result of the constant text SQL as record batches of about SIZE rows, fetched as they are taken."""
        if self._writer.mine:  # only this connection sees what it wrote
            yield from self.read(sql, parameters, lent).to_batches(size)
            return
        self._check_sound()
        entry = (
            threading.current_thread(),
            self._connection.cursor(),
        )  # its own: other queries may come between
        self._cursors.append(entry)
        try:
            with guarding(self.path):
                for name, data in (lent or {}).items():
                    entry[1].register(name, data)
                reader = entry[1].sql(sql, params=parameters or None).to_arrow_reader(size)
            while True:
                with guarding(self.path):
                    batch = next(reader, None)
                if batch is None:
                    return
                yield batch
        finally:
            if entry in self._cursors:
                self._cursors.remove(entry)
            entry[1].close()

    def value(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> Any:
        """The first column of the first row, or None."""
        found = self.rows(sql, parameters)
        return found[0][0] if found else None

    def corpus_version(self) -> str:
        """16 hex digits that change when messages, tickets, events or changes do, and only then.

        They depend on the rows alone: the same community taken in twice, in any order, has the same version.
        """
        version = self.version
        if version is None or self._corpus is None or self._corpus[0] != version:
            self._corpus = version, f"{self.value('SELECT corpus FROM state'):032x}"[:16]
        return self._corpus[1]

    @property
    def version(self) -> int | None:
        """A number that changes with every commit of more than a turn: what is derived from the other tables is good
        while it stands. None within a transaction of this thread, which sees its own writes.

        One process writes a workspace, so no query is needed to tell.
        """
        return None if self._writer.mine else self._writer.committed - self._writer.turns

    @property
    def committed(self) -> int | None:
        """How many transactions were committed by this process; None within one of this thread."""
        return None if self._writer.mine else self._writer.committed

    # ── writing ──

    def transaction(self, label: str = "write") -> Transaction:
        """`with` it: all writes of the body, or none. LABEL says what they are, should the log ever lose them.

        Inside another transaction of this thread the body joins that one. Reads by this thread see its
        writes.
        """
        self._check_sound(writing=True)
        return Transaction(self, self._writer, label)

    def abandon(self, thread: int) -> None:
        """Undo the transaction that THREAD (its ident) was stopped in, if one is still open."""
        if self._users and os.getpid() == self._owner:
            self._writer.abandon(thread)

    def write(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = (), label: str = "write") -> None:
        """Run one changing statement, in a transaction of its own unless one is under way."""
        with self.transaction(label), guarding(self.path):
            self._connection.execute(sql, parameters or None)

    def note(self, sql: str, parameters: Sequence[Any]) -> None:
        """Run the one statement SQL, which adds a turn and changes nothing that is asked about."""
        if self._writer.mine:
            self.write(sql, parameters)
            return
        self._check_sound(writing=True)
        self._writer.note(sql, parameters)

    def append(self, table: str, data: Any, label: str = "write") -> int:
        """Add DATA (an Arrow table, or dicts by column name) to TABLE by name; how many rows that were."""
        import pyarrow as pa

        if not isinstance(data, (pa.Table, pa.RecordBatch)):
            data = pa.Table.from_pylist(list(data))
        if data.num_rows:
            with self.transaction(label), self.lending(data) as name, guarding(self.path):
                self._connection.execute(f"INSERT INTO {quoted(table)} BY NAME SELECT * FROM {name}")
        return data.num_rows

    def lending(self, data: Any) -> Lending:
        """`with` it `as` the name under which the transaction's SQL sees the Arrow table DATA, without a copy."""
        return Lending(self.path, self._connection, data)

    # ── care ──

    @property
    def alarm(self) -> list[str]:
        """Acknowledged writes that the database has lost and that no one has made good or accepted."""
        return list(self._mark.lost)

    @contextmanager
    def recovering(self) -> Iterator[None]:
        """While an ingestion makes losses good, this thread may read and write in spite of the alarm."""
        before = getattr(self._recovering, "on", False)
        self._recovering.on = True
        try:
            yield
        finally:
            self._recovering.on = before

    def settle(self, label: str | None = None) -> None:
        """The loss named LABEL (without one: every loss) is made good or accepted."""
        self._mark.settle(label)

    def frugal(self, limit: str = "512MB") -> Frugal:
        """`with` it: the database keeps at most LIMIT of memory, as a load has no use for its cache."""
        return Frugal(self.path, self._connection, limit, self._memory)

    def bound(self, memory: int) -> None:
        """Let queries hold MEMORY bytes at once; of several who bound one store the least holds."""
        self._memory = memory if self._memory is None else min(memory, self._memory)
        with guarding(self.path):
            bound(self._connection, self._memory)

    def interrupt(self, asker: int) -> None:
        """Stop the query under way that the thread ASKER waits for, from any other; it ends with Interrupted."""
        if self._writer.owner == asker:
            self._connection.interrupt()
        for thread, cursor in list(self._cursors):
            if thread.ident == asker:
                cursor.interrupt()

    def checkpoint(self) -> None:
        """Fold the log into the database file."""
        with guarding(self.path):
            self._cursor().execute("CHECKPOINT")

    # ── inside ──

    def _cursor(self) -> Any:
        """This thread's connection: the writer's while this thread is in a transaction, else its own."""
        if self._writer.mine:
            return self._connection
        cursor = getattr(self._local, "cursor", None)
        if cursor is not None:
            cursor.abort()  # a result that this thread was stopped over
        else:
            cursor = self._local.cursor = self._connection.cursor()
            for dead in [one for one in self._cursors if not one[0].is_alive()]:
                self._cursors.remove(dead)
                dead[1].close()
            self._cursors.append((threading.current_thread(), cursor))
        return cursor

    def _check_sound(self, writing: bool = False) -> None:
        if os.getpid() != self._owner or not self._users:
            why = "belongs to the parent process" if self._users else "is closed"
            raise StoreError(f"the workspace {self.path} {why}", code="closed")
        if writing and self._writer.refusal is not None:
            raise self._writer.refusal
        if self._mark.lost and not getattr(self._recovering, "on", False):
            again = [
                label.removeprefix("ingest ") for label in self._mark.lost if label.startswith("ingest ")
            ]
            raise StoreError(
                f"the workspace {self.path} has lost acknowledged writes: {'; '.join(self._mark.lost)}",
                code="corrupt",
                hint=f"ingest again: {' '.join(f'(ingest {one!r})' for one in again)}".replace("'", '"')
                if again
                else "(accept-losses!) goes on without them",
            )

    def _report_losses(self) -> None:
        """Compare with the mark. What can be ingested again must be; the loss of the rest is told once."""
        (commits,) = self._connection.execute("SELECT commits FROM state").fetchall()[0]
        for label in self._mark.compare(commits):
            if not label.startswith("ingest ") and label not in ("earlier writes", "the mark itself"):
                print(f"chorus: the workspace {self.path} has lost a write: {label}", file=sys.stderr)
                self._mark.settle(label)


def quoted(name: str) -> str:
    """NAME as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def _orphan() -> None:
    """In a forked child: never touch the parent's database, not even to close it at exit."""
    for store in Store._open.values():
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(store))
        for held in (store._connection, *(cursor for _, cursor in store._cursors)):
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(held))
    Store._open = {}
    Store._open_lock = threading.RLock()


os.register_at_fork(after_in_child=_orphan)
