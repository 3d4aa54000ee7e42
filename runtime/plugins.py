"""Plug-ins: installed packages that bring primitives of their own, found by the entry point `chorus.plugins`.

An entry point names a module that declares primitives with `chorus.primitive`, as Chorus's own modules do: effects,
checks, documentation and examples are those of any primitive. Which there are is kept in the user's cache, so
that starting imports none of them; a plug-in is imported when a primitive of its is first called.
CHORUS_PLUGINS=off in the environment leaves all out.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Container
from importlib import import_module
from typing import Any, NamedTuple

from chorus.runtime import cache
from chorus.runtime.manifest import Entry
from chorus.runtime.primitive import TABLE, Primitive

GROUP = "chorus.plugins"
OFF = ("off", "0", "no")


class Plugin(NamedTuple):
    """One entry point, the primitives that it brings, and why they are missing if they are."""

    name: str
    module: str
    package: str
    version: str
    entries: tuple[tuple[str, Entry], ...]
    problem: str
    files: tuple[tuple[str, int], ...]  # that it was read from, with their times


_found: dict[Any, list[Plugin]] = {}


def plugins(known: Container[str] = ()) -> list[Plugin]:
    """The plug-ins that are installed where this process imports from. KNOWN: names that are not theirs to take."""
    if os.environ.get("CHORUS_PLUGINS", "").lower() in OFF:
        return []
    at = _folders()
    if at not in _found:
        kept = _kept(at)
        _found[at] = _looked_up(at, known) if kept is None else kept
    return _found[at]


def entries(known: Container[str] = ()) -> dict[str, Entry]:
    """The primitives of all plug-ins, by name; the first that declares a name has it."""
    made: dict[str, Entry] = {}
    for plugin in plugins(known):
        for name, entry in plugin.entries:
            made.setdefault(name, entry)
    return made


def _folders() -> tuple[tuple[str, int], ...]:
    """Where this process imports from, with times that change when a package is installed there or taken away."""
    return tuple((path, _time(path or ".")) for path in sys.path)


def _installed() -> list[str]:
    """The folders in which installed packages describe themselves; their names have the versions."""
    found = []
    for path in sys.path:
        try:
            names = os.listdir(path or ".")
        except OSError:
            continue
        found += [f"{path}/{name}" for name in names if name.endswith((".dist-info", ".egg-info"))]
    return sorted(found)


def _kept(folders: tuple[tuple[str, int], ...]) -> list[Plugin] | None:
    """What the cache has of FOLDERS, or of the packages in them where something else in a folder changed."""
    found = cache.value("plugins", folders)
    if found is None:
        installed = _installed()
        found = cache.value("plugins-installed", installed)
        if found is None:
            return None
        cache.write("plugins", folders, found)
    made = [
        Plugin(
            name,
            module,
            package,
            version,
            tuple((key, Entry(*row)) for key, row in rows),
            problem,
            tuple(files),
        )
        for name, module, package, version, rows, problem, files in found
    ]
    unchanged = all(_time(path) == time for plugin in made for path, time in plugin.files)
    return made if unchanged else None


def _looked_up(folders: tuple[tuple[str, int], ...], known: Container[str]) -> list[Plugin]:
    from importlib.metadata import entry_points

    made = [_plugin(point, known) for point in entry_points(group=GROUP)]
    spelled = [
        (*p[:4], [(key, tuple(entry)) for key, entry in p.entries], p.problem, list(p.files)) for p in made
    ]
    cache.write("plugins", folders, spelled)
    cache.write("plugins-installed", _installed(), spelled)
    return made


def _plugin(point: Any, known: Container[str]) -> Plugin:
    """What the entry POINT brings. A plug-in that cannot be had is told of, and hurts nobody."""
    try:
        import_module(point.module)
        problem = _problem(_own(point.module), known)
    except Exception as error:  # whatever a stranger's module does
        problem = f"{type(error).__name__}: {error}"
    rows = tuple((key, _entry(made)) for key, made in _own(point.module).items())
    if problem:
        rows = ()
        _forget(point.module)
    package, version = getattr(point.dist, "name", "") or "", getattr(point.dist, "version", "") or ""
    return Plugin(point.name, point.module, package, version, rows, problem, _files(point.module))


def _own(module: str) -> dict[str, Primitive]:
    """What MODULE and those within it have declared."""
    return {
        key: made for key, made in TABLE.items() if f"{made.function.__module__}.".startswith(f"{module}.")
    }


def _problem(own: dict[str, Primitive], known: Container[str]) -> str:
    """What is wrong with a plug-in's primitives; "" if nothing is."""
    taken = [key for key in own if key in known]
    lacking = [key for key, made in own.items() if not (made.doc and made.examples)]
    if taken:
        return f"these names are the language's: {' '.join(taken)}"
    return f"without documentation or an example: {' '.join(lacking)}" if lacking else ""


def _entry(made: Primitive) -> Entry:
    effects, pending = tuple(sorted(made.effects)), bool(getattr(made.function, "pending", False))
    return Entry(made.name, made.function.__module__, made.usage, effects, pending)


def _forget(module: str) -> None:
    for key in _own(module):
        del TABLE[key]


def _files(module: str) -> tuple[tuple[str, int], ...]:
    """The files of MODULE as far as it was imported."""
    names = [name for name in sys.modules if name == module or name.startswith(module + ".")]
    paths = {getattr(sys.modules[name], "__file__", None) for name in names}
    return tuple(sorted((path, _time(path)) for path in paths if path))


def _time(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0
