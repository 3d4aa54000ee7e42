"""What a host's function has to be to be called by programs, whichever process they run in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from chorus.interpreter import reader
from chorus.interpreter.convert import to_lisp
from chorus.interpreter.describe import registered
from chorus.runtime.capabilities import NEEDS, Capabilities
from chorus.runtime.errors import ChorusError
from chorus.runtime.values import Symbol


def registration(
    name: str,
    function: Callable[..., Any],
    effects: str | Iterable[str],
    allowed: Capabilities,
    received: Callable[[Any], Any] = to_lisp,
) -> tuple[Callable[..., Any], frozenset[str]]:
    """FUNCTION as the procedure NAME, and the EFFECTS that it declares, which have to be ALLOWED. RECEIVED makes values
    of the language of what it returns.

    TypeError, ValueError for what no program could call; CapabilityDenied.
    """
    if not isinstance(name, str) or not callable(function):
        wrong = (
            f"a name is a str, not {name!r}" if not isinstance(name, str) else f"{function!r} is no function"
        )
        raise TypeError(f"register: {wrong}")
    if not is_name(name):
        raise ValueError(f"register: {name!r} cannot be written as a name; for example 'guild-size'")
    declared = effects_of(effects)
    allowed.demand(declared, name)
    return registered(name, function, declared, received), declared


def is_name(text: str) -> bool:
    """Whether TEXT, read, is one symbol: something that a program can call."""
    try:
        form = reader.read_one(text, "register")
    except ChorusError:
        return False
    return isinstance(form, Symbol) and form.name == text


def effects_of(given: Any) -> frozenset[str]:
    """The names of effects in a string, between spaces, or in any iterable; ValueError for anything else."""
    words = (
        given.split() if isinstance(given, str) else list(given) if isinstance(given, Iterable) else [given]
    )
    unknown = [word for word in words if not isinstance(word, str) or word not in NEEDS]
    if unknown or not words:
        wrong = f"{unknown[0]!r} is no effect" if unknown else "no effect was named"
        raise ValueError(
            f"effects: {wrong}; wanted: a string or an iterable of names out of {', '.join(sorted(NEEDS))}"
        )
    return frozenset(words)
