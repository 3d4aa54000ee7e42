"""What a session's top-level forms define, noted as it happens; versions are made of it when somebody asks."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from chorus.interpreter.frames.texts import PROCEDURES, binding_of, head, is_data, makes_procedure, part_of
from chorus.interpreter.namespace import ABSENT, Namespace, key
from chorus.runtime.frames.bindings import Binding

if TYPE_CHECKING:
    from chorus.interpreter.frames.keeper import Keeper

LIVE = 3  # values of a name that cannot be written down: so many, the newest, can be gone back to
PENDING = 1_000  # notes that are not versions yet
Place = tuple[str, str]  # own or everywhere, and the name


class Given:
    """A name's BINDING, and the very VALUE that it was given unless the text says it all. FORM: what was compiled, of a
    procedure's definition.
    """

    __slots__ = ("binding", "form", "value")

    def __init__(self, binding: Binding, value: Any = ABSENT, form: Any = None) -> None:
        self.binding = binding
        self.value = value
        self.form = form


def given_by(form: Any, name: str, kind: str, space: Namespace, whole: bool) -> Given:
    """What FORM, which was evaluated in SPACE by a unit of KIND, gave NAME; WHOLE as `binding_of` takes it."""
    binding = binding_of(name, kind, form, space, whole)
    if is_data(binding):
        return Given(binding)
    part = part_of(form, name)
    again = part if head(part) == "define" and makes_procedure(part) else None
    return Given(binding, value_at(space, (binding.place, name)), again)


class Note(NamedTuple):
    at: float
    given: list[Given]


class Notes:
    """Of what is defined in SPACE, the own namespace of a session."""

    def __init__(self, space: Namespace) -> None:
        self.space = space
        self.keeper: Keeper | None = None
        self.pending: list[Note] = []
        self.odd: dict[Place, list[Given]] = {}  # what holds values that cannot be written down

    def add(self, form: Any, names: Sequence[tuple[str, str]]) -> bool:
        """FORM has given these NAMES values, by units of these kinds. Whether versions should be made of all this."""
        keeper = self.keeper
        if keeper is not None and keeper.entered:
            return False  # for the time of `with-environment` only
        whole = keeper is not None and keeper.journal is not None
        note = Note(
            time.time(),
            [
                self._given(name, kind, form, whole)
                for name, kind in dict(names).items()
                if self.space.holds(name)
            ],
        )
        if keeper is not None:
            keeper.take(note)
        else:
            self.pending.append(note)
        return len(self.pending) >= PENDING

    def _given(self, name: str, kind: str, form: Any, whole: bool) -> Given:
        given = given_by(form, name, kind, self.space, whole)
        if kind not in PROCEDURES and not is_data(given.binding):
            known = self.odd.setdefault((given.binding.place, name), [])
            known.append(given)
            if len(known) > LIVE:
                known.pop(0).value = ABSENT
        return given


def value_at(space: Namespace, place: Place) -> Any:
    """The value at PLACE; ABSENT if nothing binds it there, or nothing but the language itself."""
    where, name = place
    if where == "own":
        return space.dict.get(key(name), ABSENT)
    foundation = space.foundation
    return foundation.get(name, ABSENT) if name in foundation.came else ABSENT
