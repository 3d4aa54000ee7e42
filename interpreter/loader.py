"""The foundation of a session: helpers, core rows, primitives by lazy stubs, and the stdlib from its
compiled cache.

The stdlib is compiled once and kept on disk; a process reads it once. A session has a foundation of its own, so that
nothing it does to that reaches another: each name of it comes into being there when it is first asked for
(`Namespace.arrive`).
"""

from __future__ import annotations

import gc
import marshal
import os
import sys
import zlib
from collections import Counter
from collections.abc import Container
from functools import partial
from itertools import repeat
from typing import Any, NamedTuple

from chorus.interpreter.compiler.constants import decode, encode
from chorus.interpreter.compiler.helpers import install_helpers
from chorus.interpreter.compiler.pristine import stdlib_key
from chorus.interpreter.compiler.sources import read_tree
from chorus.interpreter.compiler.syntax import Row, macro_row
from chorus.interpreter.compiler.syntax_forms import install_core
from chorus.interpreter.compiler.units import Unit
from chorus.interpreter.namespace import Namespace, key
from chorus.interpreter.once import Once
from chorus.interpreter.stubs import Late, bind_primitive, settling, stub_of
from chorus.interpreter.tails import Tails
from chorus.runtime import cache, manifest, plugins
from chorus.runtime.calling import direct
from chorus.runtime.capabilities import Capabilities
from chorus.runtime.context import Context
from chorus.runtime.continuations import capturing, transparent
from chorus.runtime.limits import DEFAULT_DEPTH
from chorus.runtime.values import RecordType

ROOMS = ("runtime", "kernels", "interpreter/reflection", "interpreter/gate")  # where primitives are declared
PLAIN, METERED = "stdlib", "stdlib-metered"  # the names of what the cache has of the stdlib
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
    space.tails = Tails(space.dict, exact=context.limits.depth < DEFAULT_DEPTH)
    space.dict["$:capture"] = capturing(context)
    install_core(space)
    own = the_manifest().entries  # a name of the language stays what it is
    collecting = gc.isenabled()
    gc.disable()  # what is made here stays
    try:
        space.late = {**plugins.entries(own), **own}
        space.bring = lambda name, entry: bind_primitive(name, entry, (space, context, granted))
        install_stdlib(space, metered)
    finally:
        if collecting:
            gc.enable()
    return space


# — the stdlib —


class Kept(NamedTuple):
    """One unit of the stdlib as the cache has it. What procedures and forms are made of is not read before it is
    needed.
    """

    kind: str  # procedure | direct | form | other, as `units.kind_of` has it; data, type, made: what the global NAME is
    name: str
    data: Any  # spelled, or the place of the part that is
    tree: cache.Place | None  # of the part that has what it was compiled from


DEFINED: dict[str, Any] = {
    "data": lambda spelled, space: decode(spelled),
    "type": lambda spelled, space: RecordType.written(*map(decode, spelled)),
    "made": lambda spelled, space: Once.read(spelled).run(space),
}


# What is run at once, in turn; what waits for its name, as bytes: thousands of tuples would take a millisecond to read.
Rows = tuple[list[tuple[Any, ...]], dict[str, bytes]]


def install_stdlib(space: Namespace, metered: bool) -> None:
    """Put the stdlib into SPACE, compiled here and now if no cache has it."""
    name = METERED if metered else PLAIN
    found = _found(name)
    if found is None:
        units, _kept["problems"] = compile_stdlib(space, metered)
        keep_units(name, units, lasting=not _kept["problems"])
        return
    (run, late), parts = found
    bring = space.bring

    def bring_any(name: str, given: Any) -> None:
        if given.__class__ is bytes:
            _install(Kept(*marshal.loads(given)), parts, space)
        else:
            bring(name, given)

    space.late |= late
    space.bring = bring_any
    for each in run:
        space.arrive(each[1])  # a primitive of this name
        _install(Kept(*each), parts, space)


def _rows(kept: list[Kept], taken: Container[str]) -> Rows:
    """KEPT, units of the stdlib. None waits that gives one of the names TAKEN another meaning."""
    several = Counter(each.name for each in kept)
    late = {
        each.name: marshal.dumps(tuple(each))
        for each in kept
        if each.kind != "other" and several[each.name] == 1 and each.name not in taken
    }
    return [tuple(each) for each in kept if each.name not in late], late


def _all(rows: Rows) -> list[Kept]:
    run, late = rows
    return list(map(Kept._make, (*run, *map(marshal.loads, late.values()))))


def _spelled(units: list[Unit | Once], name: str) -> tuple[list[Kept], cache.InMemory]:
    """UNITS for the cache. What every start runs stands beside its name, everything else is a part."""
    parts: list[bytes] = []
    for unit in units:
        parts += marshal.dumps(unit.spell()), unit.spell_source() if isinstance(unit, Unit) else b""
    places = cache.places(parts)
    kept = []
    for at, unit in enumerate(units):
        if isinstance(unit, Unit):
            kept.append(Kept(unit.kind, unit.name, places[2 * at], places[2 * at + 1]))
        elif unit.makes_procedure:
            kept.append(Kept("direct", unit.name, places[2 * at], None))
        elif unit.is_data:
            kept.append(Kept("data", unit.name, unit.spell()[0][1], None))
        elif (made := unit.making()) is not None:
            kept.append(Kept("made", unit.name, made.spell(), None))
        elif unit.record_type is not None:
            kept.append(Kept("type", unit.name, tuple(map(encode, unit.record_type)), None))
        else:
            kept.append(
                Kept(unit.kind, unit.name, places[2 * at] if unit.kind != "other" else unit.spell(), None)
            )
    return kept, cache.InMemory(name, parts)


def _install(kept: Kept, parts: cache.Parts, space: Namespace) -> None:
    if kept.kind in DEFINED:
        value = DEFINED[kept.kind](kept.data, space)
        space.dict["$:d:" + kept.name] = direct(value)
        space.dict[key(kept.name)] = value
    elif kept.kind == "other":
        _unit(kept, parts).run(space)
    elif kept.kind == "form":
        space.dict[key(kept.name)] = _lazy_form(kept, parts, space)
    else:
        settled = kept.kind == "direct"
        stub = stub_of(LateProcedure(kept, parts, space), kept.name, not settled)
        space.dict["$:d:" + kept.name] = stub if settled else settling(stub)
        space.dict[stdlib_key(kept.name)] = stub
        space.dict[key(kept.name)] = stub


def _unit(kept: Kept, parts: cache.Parts) -> Unit | Once:
    """The unit that KEPT spells; sessions share it."""
    at = parts.name, kept.name
    known, unit = _units.get(at, (None, None)) if kept.name else (None, None)
    if unit is None or known is not kept.data:
        unit = _read(kept, parts)
        if kept.name:
            _units[at] = kept.data, unit
    return unit


def _read(kept: Kept, parts: cache.Parts) -> Unit | Once:
    if kept.kind == "other" and kept.tree is None:
        return Once.read(kept.data)
    data = parts.read(kept.data)
    if data is None:
        return _read(*_anew(kept, parts))
    spelled = marshal.loads(data)
    return Once.read(spelled) if kept.tree is None else Unit.read(spelled, lambda: _tree(kept, parts))


def _tree(kept: Kept, parts: cache.Parts) -> Any:
    """What a unit of the stdlib was compiled from; only continuations ask for it."""
    data = parts.read(kept.tree) if kept.tree else None
    if data is None:
        return _tree(*_anew(kept, parts))
    return read_tree(marshal.loads(zlib.decompress(data)))


def _anew(kept: Kept, damaged: cache.Parts) -> tuple[Kept, cache.Parts]:
    """KEPT and its parts from a stdlib that is compiled anew, as the cache turned out to be DAMAGED."""
    name = damaged.name
    if name not in (PLAIN, METERED):
        raise LookupError(f"{name} in the cache is damaged")
    if _kept[name][1] is damaged:
        cache.forget(name)
        del _kept[name]
        foundation(Context(), Capabilities(), name == METERED)
    rows, parts = _kept[name]
    return next(row for row in _all(rows) if row[:2] == kept[:2]), parts


def _found(name: str) -> Any:
    """What this process has read, or the cache has, under NAME: spelled units and their parts; None if neither has."""
    if name not in _kept:
        found = cache.read(name, _stamp())
        if found is None:
            return None
        _kept[name] = found
    return _kept[name]


def kept_units(name: str) -> list[Unit | Once] | None:
    """The units that the cache has under NAME for the sources as they are; None if there are none, or not all."""
    found = _found(name)
    if found is None:
        return None
    kept = _all(found[0])
    try:
        units = [_unit(each, found[1]) for each in kept]
    except LookupError:
        return None
    for unit, each in zip(units, kept, strict=True):
        unit.kind, unit.name = each.kind, each.name
    return units


def keep_units(name: str, units: list[Unit | Once], lasting: bool = True) -> None:
    """Keep UNITS under NAME: for this process, and, if LASTING, for others.

    From here on they read what they were compiled from out of what is kept: of the whole stdlib that is some 700,000
    objects, which a process that compiles it would carry along, and its collector go through, to its end.
    """
    kept, parts = _spelled(units, name)
    for unit, each in zip(units, kept, strict=True):
        if isinstance(unit, Unit) and unit.source is not None:
            unit.source.read_by(partial(_tree, each, parts))
    rows = _rows(kept, the_manifest().entries) if name in (PLAIN, METERED) else (list(map(tuple, kept)), {})
    _kept[name] = rows, parts
    if lasting:
        cache.write(name, _stamp(), rows, [parts.whole])


def _stamp() -> Any:
    return (the_manifest().stamp, manifest.stamp_of(("interpreter/compiler", "stdlib"), (".py", ".sexp")))


def _made(kept: Kept, parts: cache.Parts, space: Namespace, stub: Any) -> Any:
    """What KEPT's unit defines. It takes STUB's place, unless the name has been given something else
    meanwhile.
    """
    before = space.dict.get(key(kept.name))
    entries = space.dict.get("$:d:" + kept.name)
    _unit(kept, parts).run(space)
    made = space.dict[key(kept.name)]
    if space.dict.get(stdlib_key(kept.name)) is stub:
        space.dict[stdlib_key(kept.name)] = made
    if before is not stub:
        space.dict[key(kept.name)] = before
        space.dict["$:d:" + kept.name] = entries
    else:
        space.refresh(kept.name)
    return made


class LateProcedure(Late):
    """A procedure of the stdlib whose code has not been read yet."""

    __slots__ = ("kept", "parts", "space")

    def __init__(self, kept: Kept, parts: cache.Parts, space: Namespace) -> None:
        self.kept, self.parts, self.space = kept, parts, space

    def make(self) -> Any:
        return _made(self.kept, self.parts, self.space, self.stub)


transparent(LateProcedure.make)


def _lazy_form(kept: Kept, parts: cache.Parts, space: Namespace) -> Row:
    def load() -> Row:
        if row.home is None:
            made = _made(kept, parts, space, row)
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
    with open(os.path.join(cache.ROOT, "stdlib", name), encoding="utf-8") as file:
        return file.read()


def compile_stdlib(space: Namespace, metered: bool) -> tuple[list[Unit | Once], dict[str, str]]:
    """Every file compiled and run in SPACE; a file that fails is named and left at that point."""
    from chorus.interpreter.diagnostics import report
    from chorus.interpreter.evaluator import Evaluator
    from chorus.interpreter.reader import read_spanned
    from chorus.interpreter.traces import translate
    from chorus.runtime.progress import track

    evaluator = Evaluator(space, metered)
    units: list[Unit | Once] = []
    problems: dict[str, str] = {}
    for name in track(stdlib_files(), "first start: compiling the standard library"):
        file = f"stdlib/{name}"
        try:
            for form, span in read_spanned(stdlib_text(name), file):
                for unit in evaluator.units(form, span, file):
                    unit.run(space)
                    units.append(unit)
                    if unit.kind in ("procedure", "direct") or (
                        isinstance(unit, Once) and unit.makes_procedure
                    ):
                        space.dict[stdlib_key(unit.name)] = space.dict[key(unit.name)]
        except Exception as problem:
            problems[file] = report(translate(problem, space.names))
            print(f"chorus: {file} is broken\n{problems[file]}", file=sys.stderr)
    return units, problems


_units: dict[
    tuple[str, str], tuple[Any, Unit | Once]
] = {}  # (cache, name) → what it was made of, and the unit
