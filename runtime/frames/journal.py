"""The journal: a file of readable forms, one version after the other, each hash covering the one before it.

A version, spelled as in `spelling`, is appended by one write and then forced to the disk, so a crash leaves all of it
or an unfinished end, which the next writer cuts off. A second file beside it, replaced as a whole, says how far the
journal has come: versions that were acknowledged and are gone are noticed.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

from chorus.runtime.durable import replace_file
from chorus.runtime.errors import StoreError
from chorus.runtime.frames.history import History, Version
from chorus.runtime.frames.spelling import TITLE, Damage, Reading, read, spell
from chorus.runtime.store.faults import disk_error

JOURNAL, HEAD = "journal.sexp", "journal.head"


def _nothing(step: str) -> None:
    """Told of each step of writing. Tests put something here that ends the process."""


reached: Callable[[str], None] = _nothing


class Journal:
    """The journal in FOLDER. WRITABLE ones hold a lock on it, as one process writes a workspace at a time."""

    _open: ClassVar[dict[str, Journal]] = {}
    _opening: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self, folder: Path, writable: bool = False) -> None:
        self.folder = folder
        self.file = -1
        self.users = 1
        self.writable = writable
        self.turn = threading.RLock()  # of the sessions of this process that write to it
        if writable and self.exists(folder):
            self._lock()
        try:
            self.reading = self._load()
        except BaseException:
            self.close()
            raise
        self.history = self.reading.history
        self.ends = {self.history.number: self.reading.size}  # version → the bytes up to its end

    @classmethod
    def open(cls, folder: Path) -> Journal:
        """The journal in FOLDER, for writing. Sessions of one process share it; StoreError `busy` if another has it."""
        key = os.path.realpath(folder)
        with cls._opening:
            found = cls._open.get(key)
            if found is None:
                found = cls._open[key] = cls(folder, writable=True)
            else:
                found.users += 1
            return found

    @staticmethod
    def exists(folder: Path) -> bool:
        return (folder / JOURNAL).exists()

    def _lock(self) -> None:
        import fcntl

        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.file = os.open(self.folder / JOURNAL, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
        except OSError as error:
            raise disk_error(error, self.folder) from error
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self.close()
            raise _busy(self.folder) from None

    def _load(self) -> Reading:
        try:
            data = (self.folder / JOURNAL).read_bytes()
        except FileNotFoundError:
            data = b""
        found = read(data)
        if found.damage is None:
            found = found._replace(damage=self._lost(found.history))
        return found

    def _lost(self, history: History) -> Damage | None:
        """What the other file knows of that HISTORY does not."""
        try:
            number, _, digest = (self.folder / HEAD).read_text().strip().partition(" ")
            known = int(number)
        except FileNotFoundError:
            return None
        except ValueError:
            return Damage(0, history.number, f"{HEAD} is not what was written")
        if known > history.number:
            missing = f"{known} versions were acknowledged, {history.number} are there"
            return Damage(0, history.number + 1, missing)
        version = history.version(known)
        if version is not None and version.hash != digest:
            return Damage(0, known, f"version {known} is not the one that was acknowledged")
        return None

    @property
    def unheaded(self) -> Damage | None:
        """What an audit says where the other file is gone, which a crash cannot bring about after the first version."""
        number = self.reading.history.number
        if number < 2 or (self.folder / HEAD).exists():
            return None
        return Damage(0, number, f"{HEAD} is missing, so nothing tells what came after version {number}")

    def check(self) -> None:
        """Raise if the journal is not what was written."""
        damage = self.reading.damage
        if damage is not None:
            where = f"line {damage.line} of {JOURNAL}" if damage.line else JOURNAL
            raise StoreError(
                f"the journal of the workspace {self.folder} is damaged: {where}: {damage.problem}",
                code="corrupt",
                hint="restore journal.sexp and journal.head from a copy; the versions before it are sound",
            )

    def append(self, version: Version) -> None:
        """Write VERSION, which follows the newest. When this returns, it is on the disk."""
        self.check()
        if self.file < 0:
            if not self.writable:
                raise StoreError(f"the journal of the workspace {self.folder} is not open", code="closed")
            self._lock()  # nothing was written before there was something to write
            if os.fstat(self.file).st_size:
                self.close()
                raise _busy(self.folder)
        if version.number > 1 and not (self.folder / HEAD).exists():
            self.acknowledge()  # who wrote the one before was killed: only the last version may be without
        try:
            self._write(spell(version), version.number)
        except OSError as error:
            raise disk_error(error, self.folder) from error
        version.saved = True

    def _write(self, data: bytes, number: int) -> None:
        before = self.ends[number - 1]
        if os.fstat(self.file).st_size > before:
            os.ftruncate(self.file, before)  # what a crash or an interruption left there
        reached("begun")
        whole = data if before else TITLE + data
        try:
            for step in _written(self.file, whole):
                reached(step)
        except BaseException:
            os.ftruncate(self.file, before)
            raise
        os.fsync(self.file)
        reached("synced")
        self.ends[number] = before + len(whole)

    def acknowledge(self) -> None:
        """Note how far the journal has come."""
        newest = self.history.newest
        if newest is None or self.file < 0:
            return
        try:
            replace_file(
                self.folder / HEAD, f"{newest.number} {newest.hash}\n".encode(), lambda step: reached(step)
            )
        except OSError as error:
            raise disk_error(error, self.folder) from error

    def release(self) -> None:
        """Give back what `open` gave; the last user's release closes the file."""
        with self._opening:
            self.users -= 1
            if self.users == 0:
                self._open.pop(os.path.realpath(self.folder), None)
                self.close()

    def close(self) -> None:
        self.writable = self.writable and self.users > 0
        file, self.file = self.file, -1
        if file >= 0:
            os.close(file)


def _busy(folder: Path) -> StoreError:
    return StoreError(
        f"the definitions of the workspace {folder} are being kept by another process",
        code="busy",
        hint="one process keeps definitions at a time: end the other one, or go on without --persist",
    )


def _written(file: int, data: bytes) -> Iterator[str]:
    """Write DATA to FILE, however many calls the system takes for it."""
    done = 0
    while done < len(data):
        done += os.write(file, data[done:])
        yield "writing"
