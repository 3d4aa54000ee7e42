"""The foundation of a session: helpers, core rows, primitives by lazy stubs, and the stdlib from its
compiled cache.

The stdlib is compiled once and kept on disk; a process reads it once; each session then runs the code
objects in a namespace of its own (a millisecond or two), so that nothing a session does to its foundation
reaches another.
"""

from __future__ import annotations

import marshal
import os
import sys
import zlib
from importlib import import_module
from itertools import repeat
from typing import Any, NamedTuple

from chorus.interpreter.compiler.pristine import pristine_key, stdlib_key
from chorus.interpreter.compiler.sources import read_tree
from chorus.interpreter.compiler.syntax import Row, macro_row
from chorus.interpreter.compiler.syntax_forms import install_core
from chorus.interpreter.compiler.units import Unit, install_helpers
from chorus.interpreter.namespace import Namespace, key
from chorus.runtime import manifest
from chorus.runtime.calling import returns_pending, unwind
from chorus.runtime.capabilities import Capabilities
from chorus.runtime.context import Context
from chorus.runtime.continuations import transparent_within
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
    space.context, space.metered = context, metered
    install_helpers(space)
    space.dict["$:fuel"] = repeat(None)
    install_core(space)
    bind_primitives(space, context, granted)
    install_stdlib(space, metered)
    return space


def bind_primitives(space: Namespace, context: Context, granted: Capabilities) -> None:
    """Bind every primitive to a stub that puts the primitive in its own place when it is first called or
    compiled.
    """
    bindings = space.dict
    for name, entry in the_manifest().entries.items():
        stub = _stub(name, entry, space, context, granted)
        bindings[key(name)] = stub
        bindings["$:d:" + name] = stub if not entry.pending else _settling(stub)
        bindings[pristine_key(name)] = stub


@transparent_within
def _settling(stub: Any) -> Any:
    def entry(*args: Any) -> Any:
        return unwind(stub(*args))

    return entry


@transparent_within
def _stub(name: str, entry: manifest.Entry, space: Namespace, context: Context, granted: Capabilities) -> Any:
    real: Any = None

    def load() -> Any:
        nonlocal real
        if real is None:
            import_module(entry.module)
            real = bind(TABLE[name], context, granted, name, entry.usage)
            if entry.pending:
                returns_pending(real)
            if space.dict.get(key(name)) is stub:
                space.load(name, real)
                space.dict[pristine_key(name)] = real
        return real

    def stub(*args: Any) -> Any:
        return (real or load())(*args)

    stub.load = load  # type: ignore[attr-defined]
    stub.__name__ = name
    if entry.pending:
        stub.pending = True  # type: ignore[attr-defined]
    return stub


# — the stdlib —


class Kept(NamedTuple):
    """One unit of the stdlib as the cache has it. A procedure's or a form's is not even decoded before it
    is needed.
    """

    kind: str  # procedure | direct | form | other
    name: str
    data: bytes
    tree: tuple[str, int]  # what it was compiled from: in which cache, and where there


def kept_of(unit: Unit, trees: str, number: int) -> Kept:
    return Kept(unit.kind, unit.name, marshal.dumps(unit.spell()), (trees, number))


def install_stdlib(space: Namespace, metered: bool) -> None:
    """Put the stdlib into SPACE, compiled here and now if no cache has it."""
    stamp = _stamp()
    name = "stdlib-metered" if metered else "stdlib"
    trees = f"{name}-trees"
    kept = _kept.get(name)
    if kept is None and manifest.is_cached(trees):
        kept, _kept["stamp"] = manifest.read_cache(name, stamp), stamp
    if kept is None:
        units, problems = compile_stdlib(space, metered)
        kept = [tuple(kept_of(unit, trees, n)) for n, unit in enumerate(units)]
        _kept[trees] = [unit.spell_source() for unit in units]
        if not problems:
            manifest.write_cache(trees, stamp, _kept[trees])
            manifest.write_cache(name, stamp, kept)
        _kept[name], _kept["problems"] = kept, problems
        return
    _kept[name] = kept
    for each in kept:
        _install(Kept(*each), space)


def _install(kept: Kept, space: Namespace) -> None:
    if kept.kind == "other":
        _unit(kept).run(space)
    elif kept.kind == "form":
        space.dict[key(kept.name)] = _lazy_form(kept, space)
    else:
        stub = _lazy_procedure(kept, space)
        space.dict[key(kept.name)] = stub
        space.dict["$:d:" + kept.name] = stub if kept.kind == "direct" else _settling(stub)
        space.dict[stdlib_key(kept.name)] = stub


def _unit(kept: Kept) -> Unit:
    return shared_unit(kept.data, *kept.tree)


def shared_unit(data: bytes, trees: str, number: int) -> Unit:
    """The unit that DATA spells; sessions share it."""
    unit = _units.get(data)
    if unit is None:
        unit = _units[data] = Unit.read(marshal.loads(data), lambda: _tree(trees, number))
    return unit


def _tree(name: str, number: int) -> Any:
    """What a unit of the stdlib was compiled from; only continuations ask for it."""
    trees = _kept.get(name)
    if trees is None:
        trees = _kept[name] = manifest.read_cache(name, _kept["stamp"])
    if trees is None:
        raise LookupError("the sources of the stdlib's code are gone")
    return read_tree(marshal.loads(zlib.decompress(trees[number])))


def kept_cache(name: str) -> Any:
    """What the cache has under NAME for the sources as they are; None if nothing."""
    if name not in _kept:
        found = manifest.read_cache(name, _kept.setdefault("stamp", _stamp()))
        if found is None:
            return None
        _kept[name] = found
    return _kept[name]


def keep_cache(name: str, value: Any) -> None:
    _kept[name] = value
    manifest.write_cache(name, _kept.setdefault("stamp", _stamp()), value)


def _stamp() -> Any:
    return (the_manifest().stamp, manifest.stamp_of(("interpreter/compiler", "stdlib"), (".py", ".sexp")))


def _made(kept: Kept, space: Namespace, stub: Any) -> Any:
    """What KEPT's unit defines. It takes STUB's place, unless the name has been given something else
    meanwhile.
    """
    before = space.dict.get(key(kept.name))
    entries = space.dict.get("$:d:" + kept.name)
    _unit(kept).run(space)
    made = space.dict[key(kept.name)]
    if space.dict.get(stdlib_key(kept.name)) is stub:
        space.dict[stdlib_key(kept.name)] = made
    if before is not stub:
        space.dict[key(kept.name)] = before
        space.dict["$:d:" + kept.name] = entries
    else:
        space.refresh(kept.name)
    return made


@transparent_within
def _lazy_procedure(kept: Kept, space: Namespace) -> Any:
    real: Any = None

    def load() -> Any:
        nonlocal real
        if real is None:
            real = _made(kept, space, stub)
        return real

    def stub(*args: Any) -> Any:
        return (real or load())(*args)

    stub.load = load  # type: ignore[attr-defined]
    stub.__name__ = kept.name
    stub.pending = kept.kind != "direct"  # type: ignore[attr-defined]
    return stub


def _lazy_form(kept: Kept, space: Namespace) -> Row:
    def load() -> Row:
        if row.home is None:
            made = _made(kept, space, row)
            row.doc, row.usage, row.source, row.home = made.doc, made.usage, made.source, made.home
            row.real = made.macro
            if space.dict.get(key(kept.name)) is made:
                space.dict[key(kept.name)] = row  # the same row, as others may have taken it
        return row

    def macro(form: Any, env: Any) -> Any:
        return load().real(form, env)  # type: ignore[misc]

    row = macro_row(kept.name, macro)
    row.load = load
    return row


def stdlib_files() -> list[str]:
    """Names in load order, as stdlib/index.sexp lists them."""
    from chorus.interpreter.reader import read_forms

    return [
        getattr(name, "name", name) for name in read_forms(stdlib_text("index.sexp"), "stdlib/index.sexp")
    ]


def stdlib_text(name: str) -> str:
    with open(os.path.join(manifest.ROOT, "stdlib", name), encoding="utf-8") as file:
        return file.read()


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
                    if unit.kind in ("procedure", "direct"):
                        space.dict[stdlib_key(unit.name)] = space.dict[key(unit.name)]
        except Exception as problem:
            problems[file] = report(translate(problem, space.names))
            print(f"chorus: {file} is broken\n{problems[file]}", file=sys.stderr)
    return units, problems


_units: dict[bytes, Unit] = {}
