"""The journal: a file of readable forms, one version after the other, each hash covering the one before it.

    (version 3 "hash" "parent's hash" "2026-11-21T18:53:10+00:00" "author" "reason" 2)
    (context define f (define (f x) (* 2 x)))
    (context own g)

The number at the end says how many lines of changes follow; a change without a text takes a binding away. A version is
appended by one write and then forced to the disk, so a crash leaves all of it or an unfinished end, which the next
writer cuts off. A second file beside it, replaced as a whole, says how far the journal has come: versions that were
acknowledged and are gone are noticed.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar, NamedTuple

from chorus.runtime.errors import StoreError
from chorus.runtime.frames.bindings import Binding, Change, Key
from chorus.runtime.frames.history import History, Version
from chorus.runtime.printer import ESCAPES, string_text, symbol_text
from chorus.runtime.store.faults import disk_error
from chorus.runtime.store.mark import replace_file

JOURNAL, HEAD = "journal.sexp", "journal.head"
TITLE = b";; Versions of the environment; made by chorus, each covered by the hash of the next. (audit) checks them.\n"
STRING = r'"(?:[^"\\]|\\.)*"'
VERSION = re.compile(
    rf'\(version (\d+) "([0-9a-f]{{64}})" "((?:[0-9a-f]{{64}})?)" "([^"\\]+)" ({STRING}) ({STRING}) (\d+)\)'
)
CHANGE = re.compile(r"\(([^\s()|]+) ([^\s()|]+) (\|(?:[^|\\]|\\.)*\||[^\s()|]+)(?: (.*))?\)", re.DOTALL)
ESCAPED = re.compile(r"\\(?:x([0-9a-fA-F]+);|(.))")
UNESCAPED = {shown[1]: char for char, shown in ESCAPES.items()}


class Damage(NamedTuple):
    """Where the journal stops being what was written."""

    line: int
    version: int
    problem: str


class Reading(NamedTuple):
    """What a journal's file says: its sound HISTORY, the SIZE in bytes of that, and what is wrong after it."""

    history: History
    size: int
    unfinished: bool
    damage: Damage | None


def _nothing(step: str) -> None:
    """Told of each step of writing. Tests put something here that ends the process."""


reached: Callable[[str], None] = _nothing


# — spelling —


def spell(version: Version) -> bytes:
    told = " ".join(
        (
            f'(version {version.number} "{version.hash}" "{version.parent}" "{version.at.isoformat()}"',
            string_text(version.author),
            string_text(version.reason),
            f"{len(version.changes)})",
        )
    )
    return "".join(f"{line}\n" for line in (told, *map(spell_change, version.changes))).encode()


def spell_change(change: Change) -> str:
    key, binding = change
    if binding is None:
        return f"({key.frame} {key.place} {symbol_text(key.name)})"
    if "\n" in binding.text:
        raise ValueError("a binding's text is one line")
    return f"({key.frame} {binding.kind} {symbol_text(key.name)} {binding.text})"


def _unescape(text: str) -> str:
    return ESCAPED.sub(
        lambda found: chr(int(found[1], 16)) if found[1] else UNESCAPED.get(found[2], found[2]), text
    )


def _name(text: str) -> str:
    return _unescape(text[1:-1]) if text[0] == "|" else text


def read_change(line: str) -> Change | None:
    found = CHANGE.fullmatch(line)
    if found is None:
        return None
    frame, kind, name, text = found.groups()
    if text is None:
        return Change(Key(frame, kind, _name(name)), None)
    binding = Binding(kind, _name(name), text)
    return Change(Key(frame, binding.place, binding.name), binding)


# — reading —


def read(data: bytes) -> Reading:
    """The versions that DATA, a journal's bytes, tells of, up to the first that is not what was written."""
    *lines, torn = data.split(b"\n")
    history = History(dt.datetime.now(dt.UTC))
    at = size = 0
    if lines and lines[0] + b"\n" == TITLE:
        at, size = 1, len(TITLE)
    while at < len(lines):
        problem, following = _read_version(lines, at, history)
        if problem is None:
            size += sum(len(line) + 1 for line in lines[at:following])
            at = following
            continue
        unfinished = following > len(lines)
        damage = None if unfinished else Damage(at + 1, history.number + 1, problem)
        return Reading(history, size, unfinished, damage)
    return Reading(history, size, bool(torn), None)


def _read_version(lines: list[bytes], at: int, history: History) -> tuple[str | None, int]:
    """Add the version in LINES from AT on to HISTORY: (what is wrong, the line after it)."""
    try:
        head = VERSION.fullmatch(lines[at].decode())
        if head is None:
            return "this line begins no version", at + 1
        number, claimed, parent, moment, author, reason, count = head.groups()
        following = at + 1 + int(count)
        if following > len(lines):
            return "lines of this version are missing", following
        changes = [read_change(line.decode()) for line in lines[at + 1 : following]]
        known = [change for change in changes if change is not None]
        if len(known) < len(changes):
            return "a line of this version is no change", following
        made = history.make(
            known, _unescape(reason[1:-1]), _unescape(author[1:-1]), dt.datetime.fromisoformat(moment)
        )
    except ValueError:
        return "this line is not what was written", at + 1
    if parent != made.parent or number != str(made.number):
        return f"version {number} does not follow version {history.number}", following
    if claimed != made.hash or moment != made.at.isoformat():
        return f"version {number} is not what was written: its hash is another", following
    made.saved = True
    history.add(made)
    return None, following


# — the file —


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
