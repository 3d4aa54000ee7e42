"""DuckDB's and the operating system's exceptions, turned into StoreErrors that a person can act on."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chorus.runtime.errors import ChorusError, Interrupted, StoreError
from chorus.runtime.spent import spending

_FULL = re.compile(r"no space left|disk quota|file too large|could not (?:write|truncate|sync|fsync)", re.I)
_LOCKED = re.compile(r"lock", re.I)
_HOLDER = re.compile(r"\(PID (\d+)\)")
_DAMAGED = re.compile(r"corrupt|checksum|not a valid DuckDB|deserializ|invalidated|replay", re.I)
_NEWER = re.compile(r"storage version|newer version of DuckDB|version number", re.I)

DISK_ERRNOS = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EFBIG))


def disk_error(error: OSError, path: Path) -> StoreError:
    """The workspace's disk refused: full, read-only, failing, or not ours."""
    return StoreError(
        f"the workspace {path} cannot be written: {error.strerror or error}",
        code="disk",
        hint="free some space, or choose another folder with --workspace; what was acknowledged is kept",
    )


def busy_error(message: str, path: Path) -> StoreError:
    holder = _HOLDER.search(message)
    who = f"process {holder[1]}" if holder else "another process"
    return StoreError(
        f"the workspace {path} is in use by {who}",
        code="busy",
        hint="one process writes a workspace at a time: end the other one, or use another --workspace",
        irritants=(int(holder[1]),) if holder else (),
    )


def corrupt_error(message: str, path: Path) -> StoreError:
    return StoreError(
        f"the database of the workspace {path} is damaged: {message}",
        code="corrupt",
        hint="move that folder away and ingest your exports again: they are the original",
    )


def translate(error: Exception, path: Path, opening: bool = False) -> ChorusError:
    """The typed error for ERROR, which DuckDB raised while working on the workspace PATH."""
    import duckdb

    text = str(error)
    first = text.splitlines()[0] if text else type(error).__name__
    if isinstance(error, duckdb.InterruptException):
        return Interrupted("the query was interrupted")
    if opening and isinstance(error, duckdb.IOException) and _LOCKED.search(text):
        return busy_error(text, path)
    if _FULL.search(text):
        return disk_error(OSError(errno.ENOSPC, first), path)
    if opening and _NEWER.search(text):
        return StoreError(f"the workspace {path} cannot be opened: {first}", code="version")
    damaged = (duckdb.SerializationException, duckdb.FatalException, duckdb.InternalException)
    if (
        isinstance(error, damaged)
        or _DAMAGED.search(text)
        or (opening and isinstance(error, duckdb.IOException))
    ):
        return corrupt_error(first, path)
    if isinstance(error, duckdb.OutOfMemoryException):
        return StoreError(
            f"the query needs more memory than there is: {first}",
            code="memory",
            hint="--memory N, or Session(memory=N), says how many bytes a query may hold",
        )
    return StoreError(f"the workspace refused: {first}", code="query")


@contextmanager
def guarding(path: Path, opening: bool = False) -> Iterator[None]:
    """Turn what the body raises into typed errors; ours pass through as they are."""
    import duckdb

    try:
        with spending("SQL"):
            yield
    except ChorusError:
        raise
    except duckdb.Error as error:
        raise translate(error, path, opening) from error
    except OSError as error:
        if error.errno in DISK_ERRNOS or isinstance(error, PermissionError):
            raise disk_error(error, path) from error
        raise
