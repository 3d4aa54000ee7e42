"""Stubs: what stands for a primitive or a procedure of the stdlib until it is first called or compiled."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from chorus.interpreter.changing import CHANGERS, let_strings_change
from chorus.interpreter.compiler.pristine import pristine_key
from chorus.interpreter.namespace import Namespace, key
from chorus.runtime import manifest
from chorus.runtime.calling import returns_pending, unwind
from chorus.runtime.capabilities import Capabilities
from chorus.runtime.context import Context
from chorus.runtime.continuations import transparent, transparent_within
from chorus.runtime.primitive import TABLE, bind

World = tuple[Namespace, Context, Capabilities]  # what primitives are bound to


def bind_primitive(name: str, entry: manifest.Entry, world: World) -> None:
    """Bind NAME to a stub that puts the primitive in its own place when it is first called or compiled."""
    bindings = world[0].dict
    stub = stub_of(LatePrimitive(name, entry, world), name, entry.pending)
    bindings[pristine_key(name)] = stub
    bindings["$:d:" + name] = stub if not entry.pending else settling(stub)
    bindings[key(name)] = stub


@transparent_within
def settling(stub: Any) -> Any:
    def entry(*args: Any) -> Any:
        return unwind(stub(*args))

    return entry


class Late:
    """What a stub stands for. REAL: that itself, once it has been loaded."""

    __slots__ = ("real", "stub")
    real: Any
    stub: Any

    def load(self) -> Any:
        if self.real is None:
            self.real = self.make()
        return self.real

    def make(self) -> Any:
        raise NotImplementedError  # of what there is several kinds, each says how it is made


transparent(Late.load)


@transparent_within
def stub_of(late: Late, name: str, pending: bool) -> Any:
    def stub(*args: Any) -> Any:
        return (late.real or late.load())(*args)

    late.real, late.stub = None, stub
    stub.__dict__ = {"load": late.load, "pending": True} if pending else {"load": late.load}
    stub.__name__ = name
    return stub


class LatePrimitive(Late):
    """A primitive whose module has not been imported yet."""

    __slots__ = ("entry", "name", "world")

    def __init__(self, name: str, entry: manifest.Entry, world: World) -> None:
        self.name, self.entry, self.world = name, entry, world

    def make(self) -> Any:
        name, entry, (space, context, granted) = self.name, self.entry, self.world
        import_module(entry.module)
        real = bind(TABLE[name], context, granted, name, entry.usage)
        if entry.pending:
            returns_pending(real)
        if space.dict.get(key(name)) is self.stub:
            space.supply(name, real)
            space.dict[pristine_key(name)] = real
        if name in CHANGERS:
            let_strings_change(space)
        return real


transparent(LatePrimitive.make)
