"""Fast code again for procedures whose fast code was left, because something that it relied on was rewritten.

A procedure stays the very object that it is: what is compiled anew takes the place of its code. This happens between
top-level forms, for definitions that would be expanded to the same now as they were then.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from types import FunctionType
from typing import Any

from chorus.interpreter.namespace import Namespace, key

Make = Callable[[Any, str], None]


def refresh(space: Namespace, name: str, form: Any, make: Make) -> bool:
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
