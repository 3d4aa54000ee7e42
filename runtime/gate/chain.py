"""A file of readable lines, each an event: appended by one write, forced to the disk, covered by the next one's hash.

    (event 3 "hash" "parent's hash" "2026-11-22T12:40:00+00:00" "journal's hash" (observed 1 (.25 "ann" 495132)))

The journal's hash is that of the newest version when the event was written, so the two chains hold each other. A crash
leaves a whole line or an unfinished end, which the next writer cuts off. Several processes may write in turn.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from chorus.runtime.durable import replace_file
from chorus.runtime.errors import StoreError
from chorus.runtime.store.faults import disk_error

FILE, HEAD = "gate.sexp", "gate.head"
TITLE = (
    b";; What was proposed, seen and decided; made by chorus, each line covered by the hash of the next.\n"
)
LINE = re.compile(
    r'\(event (\d+) "([0-9a-f]{64})" "((?:[0-9a-f]{64})?)" "([^"\\]+)" "((?:[0-9a-f]{64})?)" (.*)\)',
    re.DOTALL,
)
PATIENCE = 10.0  # seconds that another process may hold the file


def _nothing(step: str) -> None:
    """Told of each step of writing. Tests put something here that ends the process."""


reached: Callable[[str], None] = _nothing


class Event(NamedTuple):
    """TEXT is a readable form of one line. ANCHOR: the hash of the journal's newest version then."""

    number: int
    hash: str
    parent: str
    at: dt.datetime
    anchor: str
    text: str


class Flaw(NamedTuple):
    """Where the file stops being what was written."""

    line: int
    event: int
    problem: str


def hash_of(number: int, parent: str, at: str, anchor: str, text: str) -> str:
    return hashlib.sha256(json.dumps([parent, number, at, anchor, text]).encode()).hexdigest()


class Chain:
    """The chain in FOLDER; None: one in memory. EVENTS are those read so far; what others wrote comes by `refresh`.

    Chains of other things have other FILEs and TITLEs, and are CALLED otherwise.
    """

    FILE, HEAD, TITLE = FILE, HEAD, TITLE
    CALLED = "the gate's record"

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.events: list[Event] = []
        self.flaw: Flaw | None = None
        self._size = 0  # bytes up to the end of the last event
        self._lines = 0
        self._file = -1  # while it is this chain's turn
        self._turns = threading.RLock()
        self._depth = 0
        self.refresh()

    @property
    def newest(self) -> Event | None:
        return self.events[-1] if self.events else None

    # — reading —

    def refresh(self) -> None:
        """Take in what has been written since."""
        if self.folder is None or self.flaw is not None:
            return
        try:
            with open(self.folder / self.FILE, "rb") as file:
                file.seek(self._size)
                data = file.read()
        except FileNotFoundError:
            data = b""
        except OSError as error:
            raise disk_error(error, self.folder) from error
        *lines, _ = data.split(b"\n")
        for line in lines:
            self._lines += 1
            if not (self._size == 0 and line + b"\n" == self.TITLE):
                self.flaw = self._take(line)
                if self.flaw is not None:
                    return
            self._size += len(line) + 1
        self.flaw = self._lost()

    def _take(self, line: bytes) -> Flaw | None:
        """Add LINE's event; what is wrong with it."""
        number = len(self.events) + 1
        try:
            found = LINE.fullmatch(line.decode())
            if found is None:
                return Flaw(self._lines, number, "this line is no event")
            claimed, digest, parent, at, anchor, text = found.groups()
            moment = dt.datetime.fromisoformat(at)
        except ValueError:
            return Flaw(self._lines, number, "this line is not what was written")
        if int(claimed) != number or parent != (self.newest.hash if self.newest else ""):
            return Flaw(self._lines, number, f"event {claimed} does not follow event {number - 1}")
        if digest != hash_of(number, parent, at, anchor, text):
            return Flaw(self._lines, number, f"event {number} is not what was written: its hash is another")
        self.events.append(Event(number, digest, parent, moment, anchor, text))
        return None

    def _lost(self) -> Flaw | None:
        """What the other file knows of that this one does not."""
        assert self.folder is not None
        try:
            told, _, digest = (self.folder / self.HEAD).read_text().strip().partition(" ")
            known = int(told)
        except FileNotFoundError:
            return None
        except ValueError:
            return Flaw(0, len(self.events), f"{self.HEAD} is not what was written")
        if known > len(self.events):
            return Flaw(
                0,
                len(self.events) + 1,
                f"{known} events were acknowledged, {len(self.events)} are there",
            )
        if known and self.events[known - 1].hash != digest:
            return Flaw(0, known, f"event {known} is not the one that was acknowledged")
        return None

    @property
    def unheaded(self) -> Flaw | None:
        """Every event but the last was acknowledged in the file that is not there: nobody knows what followed."""
        if self.folder is None or len(self.events) < 2 or (self.folder / self.HEAD).exists():
            return None
        number = len(self.events)
        return Flaw(0, number, f"{self.HEAD} is missing, so nothing tells what came after event {number}")

    def misfit(self, order: Mapping[str, int]) -> Flaw | None:
        """The first event that was written beside a version of which ORDER, hash → number, does not know, or not
        after the one before.
        """
        latest = 0
        for event in self.events:
            if event.anchor:
                at = order.get(event.anchor, -1)
                if at < latest:
                    problem = f"event {event.number} stands beside a version that is not in the journal"
                    return Flaw(0, event.number, problem)
                latest = at
        return None

    def check(self) -> None:
        """Raise if the file is not what was written."""
        if self.flaw is not None:
            where = f"line {self.flaw.line} of {self.FILE}" if self.flaw.line else self.FILE
            raise StoreError(
                f"{self.CALLED} in the workspace {self.folder} is damaged: {where}: {self.flaw.problem}",
                code="corrupt",
                hint=f"restore {self.FILE} and {self.HEAD} from a copy; the events before it are sound",
            )

    # — writing —

    @contextmanager
    def turn(self) -> Iterator[None]:
        """`with` it: nobody else writes meanwhile, and all that others wrote has been read."""
        with self._turns:
            if self._depth == 0:
                self._begin()
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if self._depth == 0:
                    self._end()

    def _begin(self) -> None:
        """Lock the file against other processes, waiting for PATIENCE seconds at most, and read what they wrote."""
        if self.folder is None:
            return
        import fcntl

        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self.folder / self.FILE, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
        except OSError as error:
            raise disk_error(error, self.folder) from error
        until = time.monotonic() + PATIENCE
        try:
            while True:
                try:
                    fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except OSError:
                    if time.monotonic() > until:
                        raise StoreError(
                            f"{self.CALLED} in the workspace {self.folder} is in use by another process",
                            code="busy",
                            hint="one process writes at a time: try again",
                        ) from None
                    time.sleep(0.01)
            self.refresh()
            self.check()
        except BaseException:
            self._end()
            raise

    def _end(self) -> None:
        file, self._file = self._file, -1
        if file >= 0:
            os.close(file)

    def append(self, text: str, anchor: str = "", acknowledged: bool = True) -> Event:
        """Write an event; when this returns it is on the disk. ACKNOWLEDGED: its loss would be noticed."""
        if "\n" in text:
            raise ValueError("an event is one line")
        with self.turn():
            number, parent = len(self.events) + 1, self.newest.hash if self.newest else ""
            now = dt.datetime.now(dt.UTC)
            moment = now if self.newest is None else max(now, self.newest.at)  # clocks jump back
            at = moment.isoformat()
            made = Event(number, hash_of(number, parent, at, anchor, text), parent, moment, anchor, text)
            if self.folder is not None:
                try:
                    if self.newest is not None and not (self.folder / self.HEAD).exists():
                        self._acknowledge(
                            self.newest
                        )  # who wrote it was killed: only the last may be without
                    self._write(made, at)
                    if acknowledged:
                        self._acknowledge(made)
                except OSError as error:
                    raise disk_error(error, self.folder) from error
            else:
                self.events.append(made)
            return made

    def _acknowledge(self, event: Event) -> None:
        """Note in the other file that the chain has come as far as EVENT."""
        assert self.folder is not None
        told = f"{event.number} {event.hash}\n".encode()
        replace_file(self.folder / self.HEAD, told, lambda step: reached(step))

    def _write(self, event: Event, at: str) -> None:
        """Put EVENT, made AT, at the file's end, and force it to the disk; if anything strikes before, take it off
        again.
        """
        line = (
            f'(event {event.number} "{event.hash}" "{event.parent}" "{at}" "{event.anchor}" {event.text})\n'
        )
        data = line.encode("utf-8", "surrogatepass")
        whole = data if self._size else self.TITLE + data
        if os.fstat(self._file).st_size > self._size:
            os.ftruncate(self._file, self._size)  # what a crash or an interruption left there
        reached("begun")
        try:
            done = 0
            while done < len(whole):
                done += os.write(self._file, whole[done:])
                reached("writing")
        except BaseException:
            os.ftruncate(self._file, self._size)
            raise
        os.fsync(self._file)
        reached("synced")
        self._size += len(whole)
        self._lines += whole.count(b"\n")
        self.events.append(event)
