"""What is kept on disk between processes: a value under a name, with parts that are read when they are needed.

A file is made from sources of a certain STAMP and serves those only. It is written whole or not at all; what is wrong
with one is no error, it is made anew.
"""

from __future__ import annotations

import marshal
import os
import sys
import zlib
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FORMAT = 10
HEAD = 12  # bytes: a check of the value, its length

Place = tuple[int, int, int]  # of a part: where it begins behind the value, its length, its check


class Parts:
    """The parts of one file, which stays open: another process may put a newer one in its place."""

    def __init__(self, name: str, file: int, start: int) -> None:
        self.name, self.file, self.start = name, file, start

    def read(self, place: Place) -> bytes | None:
        """The part at PLACE; None if it is damaged."""
        at, length, check = place
        try:
            data = os.pread(self.file, length, self.start + at)
        except OSError:
            return None
        return data if zlib.crc32(data) == check else None


class InMemory(Parts):
    """Parts that no file has, because none could be written."""

    def __init__(self, name: str, parts: list[bytes]) -> None:
        self.name = name
        self.whole = b"".join(parts)

    def read(self, place: Place) -> bytes | None:
        return self.whole[place[0] : place[0] + place[1]]


def places(parts: Iterable[bytes]) -> list[Place]:
    """Where each of PARTS will be."""
    found, at = [], 0
    for part in parts:
        found.append((at, len(part), zlib.crc32(part)))
        at += len(part)
    return found


def folder() -> str:
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(home, "chorus")


def read(name: str, stamp: Any) -> tuple[Any, Parts] | None:
    """The value kept under NAME for sources as STAMP has them, and its parts; None when it is missing, older or
    damaged.
    """
    try:
        file = os.open(_path(name), os.O_RDONLY | getattr(os, "O_BINARY", 0))
    except OSError:
        return None
    try:
        head = os.read(file, HEAD)
        length = int.from_bytes(head[4:], "big")
        body = os.read(file, min(length, 1 << 28))
        if zlib.crc32(body) == int.from_bytes(head[:4], "big"):
            kept = marshal.loads(body)
            if kept[0] == _stamped(stamp):
                return kept[1], Parts(name, file, HEAD + length)
    except (OSError, ValueError, EOFError, TypeError, IndexError):
        pass
    os.close(file)
    return None


def value(name: str, stamp: Any) -> Any:
    """The value alone, of what has no parts; None as for `read`."""
    found = read(name, stamp)
    if found is None:
        return None
    os.close(found[1].file)
    return found[0]


def write(name: str, stamp: Any, value: Any, parts: Iterable[bytes] = ()) -> None:
    """Keep VALUE and PARTS under NAME; a folder that cannot be written is no error."""
    path = _path(name)
    new = f"{path}.{os.getpid()}.new"
    try:
        os.makedirs(folder(), exist_ok=True)
        body = marshal.dumps((_stamped(stamp), value))
        with open(new, "wb") as file:
            file.write(zlib.crc32(body).to_bytes(4, "big") + len(body).to_bytes(8, "big") + body)
            file.writelines(parts)
        os.replace(new, path)
    except (OSError, ValueError):
        pass


def forget(*names: str) -> None:
    """Remove what is kept under NAMES."""
    for name in names:
        with suppress(OSError):
            os.remove(_path(name))


def _path(name: str) -> str:
    """Each installation has files of its own."""
    return os.path.join(folder(), f"{name}-{zlib.crc32(ROOT.encode()):08x}.bin")


def _stamped(stamp: Any) -> tuple[Any, ...]:
    return (FORMAT, sys.implementation.cache_tag, sys.hexversion, stamp)
