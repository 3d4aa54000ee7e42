"""The foundation of a session: helpers, core rows, primitives by lazy stubs, and the stdlib from its compiled cache.

The stdlib is compiled once and kept on disk; a process reads it once; each session then runs the code objects in a
namespace of its own (a millisecond or two), so that nothing a session does to its foundation reaches another.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.resources import files
from itertools import repeat
from typing import Any

from chorus.interpreter.compiler.constants import Unspeakable
from chorus.interpreter.compiler.forms import install_core
from chorus.interpreter.compiler.units import Unit, install_helpers
from chorus.interpreter.namespace import Namespace, key
from chorus.runtime import manifest
from chorus.runtime.calling import returns_pending, unwind
from chorus.runtime.capabilities import Capabilities
from chorus.runtime.context import Context
from chorus.runtime.primitive import TABLE, bind

ROOMS = ("runtime", "kernels", "interpreter/reflection")  # where primitives are declared
_kept: dict[Any, Any] = {}  # what this process has already read: the manifest, the stdlib's units


def the_manifest() -> manifest.Manifest:
    if "manifest" not in _kept:
        _kept["manifest"] = manifest.load(ROOMS)
    return _kept["manifest"]


def foundation(context: Context, granted: Capabilities, metered: bool) -> Namespace:
    """A fresh namespace with everything that the language comes with."""
    space = Namespace()
    install_helpers(space)
    space.dict["$:fuel"] = repeat(None)
    install_core(space)
    bind_primitives(space, context, granted)
    for unit in stdlib_units(space, metered):
        unit.run(space)
    return space


def bind_primitives(space: Namespace, context: Context, granted: Capabilities) -> None:
    """Bind every primitive to a stub that puts the primitive in its own place when it is first called or compiled."""
    bindings = space.dict
    for name, entry in the_manifest().entries.items():
        stub = _stub(name, entry, space, context, granted)
        bindings[key(name)] = stub
        bindings["$:d:" + name] = stub if not entry.pending else _settling(stub)


def _settling(stub: Any) -> Any:
    def entry(*args: Any) -> Any:
        return unwind(stub(*args))

    return entry


def _stub(name: str, entry: manifest.Entry, space: Namespace, context: Context, granted: Capabilities) -> Any:
    real: Any = None

    def load() -> Any:
        nonlocal real
        if real is None:
            import_module(entry.module)
            real = bind(TABLE[name], context, granted)
            if entry.pending:
                returns_pending(real)
            if space.dict.get(key(name)) is stub:
                space.define(name, real)
        return real

    def stub(*args: Any) -> Any:
        return (real or load())(*args)

    stub.load = load  # type: ignore[attr-defined]
    stub.__name__ = name
    if entry.pending:
        stub.pending = True  # type: ignore[attr-defined]
    return stub


# — the stdlib —


def stdlib_files() -> list[str]:
    """Names in load order, as stdlib/index.sexp lists them."""
    from chorus.interpreter.reader import read_forms

    return [getattr(name, "name", name) for name in read_forms(stdlib_text("index.sexp"), "stdlib/index.sexp")]


def stdlib_text(name: str) -> str:
    return files("chorus.stdlib").joinpath(name).read_text(encoding="utf-8")


def stdlib_units(space: Namespace, metered: bool) -> list[Unit]:
    """The compiled stdlib. Compiling needs a namespace to run macros in: SPACE, which is then already complete."""
    if ("stdlib", metered) not in _kept:
        name = f"stdlib-{'metered' if metered else 'plain'}-{_stdlib_fingerprint()}.bin"
        units = _read_units(name)
        if units is None:
            units, problems = compile_stdlib(space, metered)
            _kept["problems"] = problems
            if not problems:
                _write_units(name, units)
            _kept["stdlib", metered] = units
            return []
        _kept["stdlib", metered] = units
    return _kept["stdlib", metered]


def _stdlib_fingerprint() -> str:
    stamp = manifest.stamp_of(("interpreter/compiler", "stdlib"), (".py", ".sexp"))
    return manifest.fingerprint_of(stamp, the_manifest().fingerprint)


def compile_stdlib(space: Namespace, metered: bool) -> tuple[list[Unit], dict[str, str]]:
    """Every file compiled and run in SPACE; a file that fails is named and left at that point."""
    from chorus.interpreter.diagnostics import report
    from chorus.interpreter.evaluator import Evaluator
    from chorus.interpreter.reader import read_spanned
    from chorus.interpreter.traces import translate

    evaluator = Evaluator(space, metered)
    units: list[Unit] = []
    problems: dict[str, str] = {}
    for name in stdlib_files():
        file = f"stdlib/{name}"
        try:
            for form, span in read_spanned(stdlib_text(name), file):
                for unit in evaluator.units(form, span, file):
                    unit.run(space)
                    units.append(unit)
        except Exception as problem:  # noqa: BLE001
            problems[file] = report(translate(problem, space.names))
            print(f"chorus: {file} is broken\n{problems[file]}", file=sys.stderr)
    return units, problems


def _read_units(name: str) -> list[Unit] | None:
    kept = manifest.read_cache(name)
    try:
        return None if kept is None else [Unit.read(spelled) for spelled in kept]
    except (TypeError, ValueError, KeyError, IndexError):
        return None


def _write_units(name: str, units: list[Unit]) -> None:
    try:
        spelled = [unit.spell() for unit in units]
    except Unspeakable as problem:
        print(f"chorus: the stdlib cannot be kept compiled: {problem}", file=sys.stderr)
        return
    manifest.write_cache(name, spelled, keep=name.rpartition("-")[0] + "-")
