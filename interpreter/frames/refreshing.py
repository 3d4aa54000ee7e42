"""Fast code again for procedures whose fast code was left, because something that it relied on was rewritten.

A procedure stays the very object that it is: what is compiled anew takes the place of its code. This happens between
top-level forms, for definitions that would be expanded to the same now as they were then.
"""

from __future__ import annotations

import contextlib
from types import FunctionType
from typing import TYPE_CHECKING, Any

from chorus.interpreter.compiler.syntax import Row
from chorus.interpreter.frames.moving import Make, is_early
from chorus.interpreter.namespace import Namespace, key
from chorus.runtime.frames.bindings import Held, Key, innermost

if TYPE_CHECKING:
    from chorus.interpreter.frames.keeper import Keeper

REFRESHED = 16  # procedures that are compiled again before one form


def refresh(keeper: Keeper) -> None:
    """Compile procedures again whose fast code was left because of a rewrite; of many, the rest another time."""
    stale = keeper.space.stale
    macros = keeper.forms.latest(keeper) and any(map(is_procedural, keeper.state.values()))
    if keeper.entered or keeper.space.imported or macros:
        stale.clear()
    for name in list(stale)[:REFRESHED]:
        flag, held = stale.pop(name), innermost(keeper.state, "own", name)
        given = held and keeper.live.get((held.last, Key(held.frame, "own", name)))
        if (
            held is not None
            and given
            and given.form is not None
            and given.value is keeper.space.get(name)
            and not (flag and keeper.space.dict[flag])
            and not expands_anew(keeper, held)
        ):
            replace_code(keeper.space, name, given.form, keeper.make)


def learn_again(space: Namespace, names: list[str]) -> None:
    """The procedures called NAMES have come back, but what the compiler knew of them is forgotten. Have those compiled
    again, and first, that code relies on which will be compiled again itself.
    """
    stale = dict(space.stale)
    relied = {name for flag in stale.values() for name in space.relied.get(flag, ())}
    space.stale.clear()
    space.stale.update({name: "" for name in names if name in relied})
    for name, flag in stale.items():
        space.stale.setdefault(name, flag)


class Forms:
    """The names that have ever been forms, as HISTORY tells, which has been READ up to some version."""

    def __init__(self) -> None:
        self.history: Any = None
        self.read = self.newest = 0
        self.names: set[str] = set()

    def latest(self, keeper: Keeper) -> int:
        """The number of the newest version that gave such a name a meaning."""
        history = keeper.history
        if history is not self.history:
            self.history, self.read, self.newest = history, 0, 0
        for version in history.versions[max(self.read - history.start, 0) :]:
            for (_, _, name), binding in version.changes:
                if binding is not None and is_early(binding):
                    self.names.add(name)
                if name in self.names or self._comes_as_form(keeper, name):
                    self.newest = version.number
        self.read = history.number
        return self.newest

    def made_after(self, keeper: Keeper, number: int) -> bool:
        """Whether any that holds now was given its meaning after version NUMBER."""
        return self.latest(keeper) > number and any(
            held.last > number and (key.name in self.names or self._comes_as_form(keeper, key.name))
            for key, held in keeper.state.items()
        )

    def _comes_as_form(self, keeper: Keeper, name: str) -> bool:
        return isinstance(keeper.space.foundation.get(name), Row)


def expands_anew(keeper: Keeper, known: Held) -> bool:
    """Whether the same text may be expanded to something else by now: forms have been defined after it, or names
    that were forms as something else.
    """
    return keeper.forms.made_after(keeper, known.last)


def is_procedural(held: Held) -> bool:
    """Whether what is HELD is a macro that runs the program's procedures, which may have changed."""
    return "er-macro-transformer" in held.binding.text and is_early(held.binding)


def replace_code(space: Namespace, name: str, form: Any, make: Make) -> bool:
    """Compile FORM, the definition of the procedure NAME, again; whether its code could be replaced."""
    places = (key(name), "$:d:" + name)
    old = [space.dict[place] for place in places]
    watching = space.watched.pop(name, set())  # NAME goes on meaning what it does: nobody is to be told
    try:
        with contextlib.suppress(Exception):  # it goes on as it is
            make(form, form.span.file if form.span else f"<{name}>")
        new = [space.dict[place] for place in places]
    finally:
        space.dict.update(zip(places, old, strict=True))
        space.watched.setdefault(name, set()).update(watching)
    if (new[0] is new[1]) != (old[0] is old[1]) or not all(map(_fits, old, new)):
        return False
    for procedure, made in zip(old, new, strict=True):
        procedure.__code__ = made.__code__
    return True


def _fits(old: Any, new: Any) -> bool:
    """Whether NEW is another procedure, whose code OLD can take over."""
    return (
        old is not new
        and old.__class__ is FunctionType
        and new.__class__ is FunctionType
        and _holds_itself(old) == _holds_itself(new)
        and len(old.__defaults__ or ()) == len(new.__defaults__ or ())
        and old.__kwdefaults__ == new.__kwdefaults__
    )


def _holds_itself(procedure: FunctionType) -> int:
    """How many variables from around it PROCEDURE's code has: none, one that holds PROCEDURE; -1 for any others."""
    cells = procedure.__closure__ or ()
    if not cells:
        return 0
    return 1 if len(cells) == 1 and cells[0].cell_contents is procedure else -1
