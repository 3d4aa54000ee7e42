"""Bindings of any kind by name, as readable texts; a state is what a chain of frames holds at one version.

    foundation  ←  domain  ←  swarm  ←  agent  ←  context

The foundation is the language itself and is never written here. A name means what the innermost frame binds it to.
Nothing in this module is ever changed: a state that differs is another state.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

FRAMES = ("domain", "swarm", "agent", "context")  # from the outermost in
CHAIN = (*FRAMES, "within")  # the last for the time of `with-frame`: no version ever has it

# Where a binding of each kind holds: in the session's own code, or in all code, the language's own included. Kinds
# that are not listed have a place of their own.
PLACES = {"define": "own", "unkept": "own", "set!": "everywhere", "unkept!": "everywhere"}


class Binding(NamedTuple):
    """NAME bound by TEXT, one line that can be read. KIND `unkept`, `unkept!`: the text says what was typed, as
    what it gave cannot be written down."""

    kind: str
    name: str
    text: str

    @property
    def place(self) -> str:
        return PLACES.get(self.kind, self.kind)


class Key(NamedTuple):
    """Where a binding stands."""

    frame: str
    place: str
    name: str


class Change(NamedTuple):
    """KEY is bound to BINDING, or to nothing any more."""

    key: Key
    binding: Binding | None


class Held(NamedTuple):
    """A FRAME's binding, and the numbers of the versions that FIRST bound the name there and that did it LAST."""

    frame: str
    binding: Binding
    first: int
    last: int


State = dict[Key, Held]


def bind(frame: str, binding: Binding) -> Change:
    return Change(Key(frame, binding.place, binding.name), binding)


def after(state: State, changes: Iterable[Change], number: int) -> State:
    """STATE with the CHANGES of version NUMBER."""
    made = dict(state)
    apply(made, changes, number)
    return made


def apply(state: State, changes: Iterable[Change], number: int) -> None:
    """The same in place, for whoever has just made STATE."""
    for key, binding in changes:
        if binding is None:
            state.pop(key, None)
        else:
            known = state.get(key)
            state[key] = Held(key.frame, binding, known.first if known else number, number)


def effective(state: State) -> dict[tuple[str, str], Held]:
    """(place, name) → what the innermost frame that binds it holds."""
    seen: dict[tuple[str, str], Held] = {}
    for frame in CHAIN:
        seen.update(((key.place, key.name), held) for key, held in state.items() if key.frame == frame)
    return seen


def innermost(state: State, place: str, name: str) -> Held | None:
    """What the innermost frame that binds NAME at PLACE holds."""
    return next(filter(None, (state.get(Key(frame, place, name)) for frame in reversed(CHAIN))), None)


def digest(key: Key, binding: Binding) -> int:
    """A number of 256 bits for BINDING at KEY. Those of a state, XORed, name its contents, in whatever order it came
    about."""
    import hashlib  # with what it loads, too much for the start of every program that defines something

    text = "\0".join((key.frame, binding.kind, key.name, binding.text))
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())


def contents(state: State) -> int:
    total = 0
    for key, held in state.items():
        total ^= digest(key, held.binding)
    return total


def spelled(total: int) -> str:
    """What people and records see of the contents TOTAL."""
    return f"{total:064x}"[:16] if total else "base"


def differences(old: State, new: State) -> list[Change]:
    """The changes that lead from OLD to NEW."""
    gone = [Change(key, None) for key in old if key not in new]
    return gone + [
        Change(key, held.binding)
        for key, held in new.items()
        if key not in old or old[key].binding != held.binding
    ]
