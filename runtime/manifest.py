"""The list of all primitives, kept on disk, so that starting imports none of their modules.

Found by looking for files that declare primitives in the given rooms, and importing them once; kept in the
user's cache with the sizes and times of the files it was made from. Whatever is wrong with the cache, the
list is made anew.
"""

from __future__ import annotations

import marshal
import os
import sys
import zlib
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parent.parent
FORMAT = 4
MARK = b"@primitive("


class Entry(NamedTuple):
    """What is known of a primitive without importing its module."""

    name: str  # its own, also where an alias is looked up
    module: str
    usage: str
    effects: tuple[str, ...]
    pending: bool  # may return a pending call


class Manifest(NamedTuple):
    entries: dict[str, Entry]  # aliases too
    stamp: list[tuple[str, int, int]]  # of the files it was made from
    problems: dict[str, str]  # module → why its primitives are missing


def cache_folder() -> str:
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(home, "chorus")


def read_cache(name: str, stamp: Any) -> Any:
    """The value kept under NAME for sources as STAMP has them; None when it is missing, older or damaged."""
    try:
        with open(_cache_path(name), "rb") as file:
            data = file.read()
        body = memoryview(data)[4:]
        if zlib.crc32(body) != int.from_bytes(data[:4], "big"):
            return None
        kept = marshal.loads(body)
        return kept[1] if kept[0] == _stamped(stamp) else None
    except (OSError, ValueError, EOFError, TypeError, IndexError):
        return None


def is_cached(name: str) -> bool:
    """Whether anything is kept under NAME."""
    return os.path.exists(_cache_path(name))


def write_cache(name: str, stamp: Any, value: Any) -> None:
    """Keep VALUE under NAME, whole or not at all; a folder that cannot be written is no error."""
    path = _cache_path(name)
    new = f"{path}.{os.getpid()}.new"
    try:
        os.makedirs(cache_folder(), exist_ok=True)
        body = marshal.dumps((_stamped(stamp), value))
        with open(new, "wb") as file:
            file.write(zlib.crc32(body).to_bytes(4, "big") + body)
        os.replace(new, path)
    except (OSError, ValueError):
        pass


def _cache_path(name: str) -> str:
    """Each installation has files of its own."""
    return os.path.join(cache_folder(), f"{name}-{zlib.crc32(str(ROOT).encode()):08x}.bin")


def _stamped(stamp: Any) -> tuple[Any, ...]:
    return (FORMAT, sys.implementation.cache_tag, sys.hexversion, stamp)


def stamp_of(rooms: Iterable[str], suffixes: tuple[str, ...] = (".py",)) -> list[tuple[str, int, int]]:
    """(path, size, time) of every source in ROOMS."""
    found: list[tuple[str, int, int]] = []
    work = [str(ROOT / room) for room in rooms]
    while work:
        try:
            entries = list(os.scandir(work.pop()))
        except OSError:
            continue
        for entry in entries:
            if entry.name.endswith(suffixes):
                status = entry.stat()
                found.append((entry.path, status.st_size, status.st_mtime_ns))
            elif entry.is_dir() and entry.name != "__pycache__":
                work.append(entry.path)
    return sorted(found)


def load(rooms: tuple[str, ...] = ("runtime", "kernels")) -> Manifest:
    """The manifest of ROOMS, from the cache if no file has changed since."""
    stamp = stamp_of(rooms)
    kept = read_cache("manifest", stamp)
    if kept is not None:
        return Manifest({key: Entry(*row) for key, row in kept.items()}, stamp, {})
    entries, problems = build(path for path, _, _ in stamp)
    if not problems:
        write_cache("manifest", stamp, {key: tuple(entry) for key, entry in entries.items()})
    return Manifest(entries, stamp, problems)


def build(paths: Iterable[str]) -> tuple[dict[str, Entry], dict[str, str]]:
    """Import every module in PATHS that declares primitives. A module that cannot be imported is a problem,
    not an end.
    """
    from chorus.runtime.primitive import TABLE

    problems: dict[str, str] = {}
    for path in paths:
        if MARK not in Path(path).read_bytes() or path == __file__:
            continue
        module = "chorus." + ".".join(Path(path).relative_to(ROOT).with_suffix("").parts)
        if module == "chorus.runtime.primitive":
            continue
        try:
            import_module(module)
        except Exception as problem:
            problems[module] = f"{type(problem).__name__}: {problem}"
    entries = {}
    for key, made in TABLE.items():
        try:
            pending = bool(getattr(made.function, "pending", False))
            module = made.function.__module__
            entries[key] = Entry(made.name, module, made.usage, tuple(sorted(made.effects)), pending)
        except Exception as problem:
            problems[f"{made.function.__module__}:{key}"] = f"{type(problem).__name__}: {problem}"
    return entries, problems
