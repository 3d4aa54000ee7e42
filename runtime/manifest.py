"""The list of all primitives, kept on disk, so that starting imports none of their modules.

Found by looking for files that declare primitives in the given rooms, and importing them once; kept in the user's cache
with the sizes and times of the files it was made from. Whatever is wrong with the cache, the list is made anew.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parent.parent
FORMAT = 3
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
    fingerprint: str
    problems: dict[str, str]  # module → why its primitives are missing


def cache_folder() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(home) / "chorus"


def read_cache(name: str) -> Any:
    """The value kept under NAME; None when it is missing or damaged."""
    try:
        data = (cache_folder() / name).read_bytes()
        digest, body = data[:32], data[32:]
        return marshal.loads(body) if hashlib.sha256(body).digest() == digest else None
    except (OSError, ValueError, EOFError, TypeError):
        return None


def write_cache(name: str, value: Any, keep: str = "") -> None:
    """Keep VALUE under NAME, whole or not at all; a folder that cannot be written is no error.

    Older files whose names start with KEEP are removed.
    """
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        body = marshal.dumps(value)
        new = folder / f"{name}.{os.getpid()}.new"
        new.write_bytes(hashlib.sha256(body).digest() + body)
        os.replace(new, folder / name)
        for old in folder.glob(f"{keep}*") if keep else ():
            if old.name != name and old.suffix != ".new":
                old.unlink(missing_ok=True)
    except (OSError, ValueError):
        pass


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


def fingerprint_of(*parts: Any) -> str:
    return hashlib.sha256(repr((FORMAT, sys.implementation.cache_tag, parts)).encode()).hexdigest()[:24]


def load(rooms: tuple[str, ...] = ("runtime", "kernels")) -> Manifest:
    """The manifest of ROOMS, from the cache if no file has changed since."""
    stamp = stamp_of(rooms)
    fingerprint = fingerprint_of(stamp)
    name = f"manifest-{hashlib.sha256(repr((str(ROOT), rooms)).encode()).hexdigest()[:8]}.bin"
    kept = read_cache(name)
    if isinstance(kept, tuple) and len(kept) == 2 and kept[0] == fingerprint:
        return Manifest({key: Entry(*row) for key, row in kept[1].items()}, fingerprint, {})
    made = build(path for path, _, _ in stamp)
    if not made[1]:
        write_cache(name, (fingerprint, {key: tuple(entry) for key, entry in made[0].items()}))
    return Manifest(made[0], fingerprint, made[1])


def build(paths: Iterable[str]) -> tuple[dict[str, Entry], dict[str, str]]:
    """Import every module in PATHS that declares primitives. A module that cannot be imported is a problem, not an end."""
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
        except Exception as problem:  # noqa: BLE001
            problems[module] = f"{type(problem).__name__}: {problem}"
    entries = {}
    for key, made in TABLE.items():
        try:
            pending = bool(getattr(made.function, "pending", False))
            module = made.function.__module__
            entries[key] = Entry(made.name, module, made.usage, tuple(sorted(made.effects)), pending)
        except Exception as problem:  # noqa: BLE001
            problems[f"{made.function.__module__}:{key}"] = f"{type(problem).__name__}: {problem}"
    return entries, problems
