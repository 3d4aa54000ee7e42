"""The list of all primitives, kept on disk, so that starting imports none of their modules.

Found by looking for files that declare primitives in the given rooms, and importing them once; kept in the
user's cache with the sizes and times of the files it was made from. Whatever is wrong with the cache, the
list is made anew.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from importlib import import_module
from typing import NamedTuple

from chorus.runtime import cache
from chorus.runtime.cache import ROOT

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


def stamp_of(rooms: Iterable[str], suffixes: tuple[str, ...] = (".py",)) -> list[tuple[str, int, int]]:
    """(path, size, time) of every source in ROOMS."""
    found: list[tuple[str, int, int]] = []
    work = [os.path.join(ROOT, room) for room in rooms]
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
    kept = cache.value("manifest", stamp)
    if kept is not None:
        return Manifest({key: Entry(*row) for key, row in kept.items()}, stamp, {})
    entries, problems = build(path for path, _, _ in stamp)
    if not problems:
        cache.write("manifest", stamp, {key: tuple(entry) for key, entry in entries.items()})
    return Manifest(entries, stamp, problems)


def build(paths: Iterable[str]) -> tuple[dict[str, Entry], dict[str, str]]:
    """Import every module in PATHS that declares primitives. A module that cannot be imported is a problem,
    not an end.
    """
    from chorus.runtime.primitive import TABLE

    problems: dict[str, str] = {}
    for path in paths:
        with open(path, "rb") as file:
            if MARK not in file.read() or path == __file__:
                continue
        module = "chorus." + os.path.relpath(path, ROOT).removesuffix(".py").replace(os.sep, ".")
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
