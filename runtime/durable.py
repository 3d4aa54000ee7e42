"""Files that a crash or a power cut leaves old or new, never mixed: written aside, settled, and renamed into place."""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

ASIDE = re.compile(r"\.chorus-(\d+)-\d+\.new")  # process and thread that write it
_cleared: set[tuple[str, int]] = set()  # folders that this process (a fork is another one) has looked through


def replace_file(path: Path, content: bytes, reached: Callable[[str], None] = lambda step: None) -> None:
    """Write CONTENT to PATH so that a reader or a crash meets the old content or the new, never a mixture. REACHED is
    told of each step. Nothing of a write that fails stays, and who may read the file stays as it was.
    """
    clear_once(path.parent)
    aside = path.with_name(f".chorus-{os.getpid()}-{threading.get_ident()}.new")
    try:
        with open(aside, "wb") as out, locked(out):
            out.write(content)
            out.flush()
            reached("aside written")
            os.fsync(out.fileno())
            if path.exists():
                shutil.copymode(path, aside)
            reached("aside synced")
            os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)
    reached("replaced")
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """What was renamed in FOLDER stays so after a crash, where the system lets a folder be opened."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def clear_remains(folder: Path) -> None:
    """Remove what writers left aside in FOLDER that were killed. Those that live, here or in another container, keep
    theirs: a process of that number is looked for, and a living writer holds a lock on its file.
    """
    for name in _names(folder):
        found = ASIDE.fullmatch(name)
        if found and not _lives(int(found[1])):
            with suppress(OSError), open(folder / name, "rb") as file, locked(file, wait=False):
                os.unlink(folder / name)


def clear_once(folder: Path) -> None:
    """Look through FOLDER the first time that this process writes there."""
    key = (os.path.abspath(folder), os.getpid())
    if key not in _cleared:
        _cleared.add(key)
        clear_remains(folder)


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _lives(process: int) -> bool:
    if os.name != "posix":
        return True  # where signal 0 is no question but an end, nothing is cleared
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True  # another user's
    return True


@contextmanager
def locked(file: IO[bytes] | int, wait: bool = True) -> Iterator[None]:
    """FILE, or the folder of that descriptor, held against all others; unless WAIT, OSError if somebody has it. Where
    the system has no such locks, nothing is held.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        raise
    except OSError:
        if not wait:
            raise
    yield  # closing the file gives it back
