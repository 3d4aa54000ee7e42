"""The one connection that writes: whose turn it is, and transactions that end whatever strikes them.

A cancelled evaluation is stopped by exceptions thrown into its thread at any moment, also while it cleans up.
So cleaning up here is short, can be done again, and is done again until it was done.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chorus.runtime.errors import StoreError
from chorus.runtime.store.faults import disk_error, guarding
from chorus.runtime.store.mark import Mark

if TYPE_CHECKING:
    from chorus.runtime.store.store import Store

FEEDBACK = "feedback"  # the label of a write that adds to what people made of answers, to nothing that is asked about


class Writer:
    """Turns at the writing connection. OWNER is the thread whose turn it is, until its outermost transaction ends."""

    def __init__(self, path: Path, connection: Any, mark: Mark) -> None:
        self.path = path
        self.connection = connection
        self.mark = mark
        self.owner: int | None = None
        self.refusal: StoreError | None = None  # why nothing can be written any more
        self.committed = 0  # transactions of this process
        self.turns = 0  # of these, those that recorded a question and its answer, or what people made of it
        self._turn = threading.Lock()
        self._begun = False  # whether a transaction may be open; to roll back none takes half a millisecond

    @property
    def mine(self) -> bool:
        """Whether this thread is in a transaction."""
        return self.owner == threading.get_ident()

    def begin(self) -> None:
        self._turn.acquire()
        self.owner = threading.get_ident()
        with guarding(self.path):
            self.connection.abort()  # a result that someone was stopped over
            self._begun = True
            self.connection.execute("BEGIN TRANSACTION")

    def commit(self, label: str) -> None:
        """Make the transaction last, give up the turn, and acknowledge it in the mark."""
        with guarding(self.path):
            counted = self.connection.execute("UPDATE state SET commits = commits + 1 RETURNING commits")
            (commits,) = counted.fetchall()[0]
            self.connection.execute("COMMIT")
            self._begun = False
            self.committed += 1
            self.turns += label == FEEDBACK
            try:
                self.mark.advance(commits, label)  # within the turn: marks stay in order
            except OSError as error:
                self.refusal = disk_error(error, self.path)
                raise self.refusal from error

    def note(self, sql: str, parameters: Sequence[Any]) -> None:
        """Run the one statement SQL, which adds to what was asked: a transaction of its own, of which the mark knows
        nothing, as to count it would cost as much again as to write it, at every question.
        """
        self._turn.acquire()
        self.owner = threading.get_ident()
        try:
            with guarding(self.path):
                self.connection.abort()
                self.connection.execute(sql, parameters)
            self.committed += 1
            self.turns += 1
        finally:
            surely(lambda: self.abandon(threading.get_ident()))

    def abandon(self, owner: int) -> None:
        """End what thread OWNER has begun: undo it if it was not committed, give up the turn. Can be repeated."""
        import duckdb

        if self.owner != owner:
            return
        with contextlib.suppress(duckdb.Error):
            self.connection.abort()
        if self._begun:
            with contextlib.suppress(duckdb.Error):  # there is none if it was stopped at either end
                self.connection.execute("ROLLBACK")
            self._begun = False
        self.owner = None
        with contextlib.suppress(RuntimeError):
            self._turn.release()


class Transaction:
    """`with` a store's transaction; the outermost of a thread's is the real one."""

    __slots__ = ("label", "outermost", "store", "writer")

    def __init__(self, store: Store, writer: Writer, label: str) -> None:
        self.store = store
        self.writer = writer
        self.label = label
        self.outermost = False

    def __enter__(self) -> Store:
        if not self.writer.mine:
            self.outermost = True
            try:
                self.writer.begin()
            except BaseException:
                self._end()
                raise
        return self.store

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if not self.outermost:
            return
        try:
            if kind is None:
                self.writer.commit(self.label)
        finally:
            self._end()

    def _end(self) -> None:
        surely(lambda: self.writer.abandon(threading.get_ident()))


class Lending:
    """`with` an Arrow table that SQL can name."""

    def __init__(self, path: Path, connection: Any, data: Any) -> None:
        self._path = path
        self._connection = connection
        self._data = data
        self._name = f"lent_{id(data):x}"

    def __enter__(self) -> str:
        with guarding(self._path):
            self._connection.register(self._name, self._data)
        return self._name

    def __exit__(self, *_: object) -> None:
        import duckdb

        with contextlib.suppress(duckdb.Error):  # in a transaction that failed the rollback takes it back
            surely(lambda: self._connection.unregister(self._name))


class Frugal:
    """The time in which a store's memory is bounded."""

    def __init__(self, path: Path, connection: Any, limit: str, always: int | None = None) -> None:
        self._path = path
        self._connection = connection.cursor()
        self._limit = limit
        self._always = always  # bytes that hold anyway: they are few or many, and not for a load to change

    def __enter__(self) -> None:
        with guarding(self._path):
            if self._always is None:
                self._connection.execute(f"SET memory_limit = '{self._limit}'")

    def __exit__(self, *_: object) -> None:
        if self._always is None:
            surely(lambda: self._connection.execute("RESET memory_limit"))


def surely(action: Callable[[], Any]) -> None:
    """Do ACTION to its end, however often it is struck by a stop meanwhile: it must bear being begun again."""
    while True:
        try:
            action()
            return
        except Exception:
            raise
        except BaseException:
            continue
