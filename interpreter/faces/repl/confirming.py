"""Calls that take away for good are asked about before they run, if a person typed them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from chorus.interpreter.reader import read_forms
from chorus.runtime.errors import ChorusError
from chorus.runtime.values import Pair, Symbol

# name → what it does that cannot be undone
LOSES = {
    "forget-ratings!": "erases ratings, comments and corrections from the workspace",
    "forget-unknown-names!": "erases names that were asked for from the workspace",
    "forget-voices!": "erases the trained voices from the workspace",
    "accept-losses!": "takes what the workspace has lost as lost",
}


def losses(text: str) -> list[str]:
    """What running TEXT would take away for good, as far as its calls say, each once."""
    if not any(name in text for name in LOSES):
        return []
    try:
        forms = read_forms(text)
    except ChorusError:
        return []
    called = dict.fromkeys(name for form in forms for name in _called(form))
    return [f"{name} {LOSES[name]}" for name in called]


def _called(form: Any) -> Iterator[str]:
    """The names of LOSES that stand first in a list within FORM, quoted data left out."""
    waiting = [form]
    while waiting:
        at = waiting.pop()
        if not isinstance(at, Pair) or (isinstance(at.car, Symbol) and str(at.car) == "quote"):
            continue
        if isinstance(at.car, Symbol) and str(at.car) in LOSES:
            yield str(at.car)
        while isinstance(at, Pair):
            waiting.append(at.car)
            at = at.cdr


def wanted(text: str, ask: Callable[[str], str]) -> bool:
    """Whether TEXT may run: ASK is asked if it loses something, and anything but yes is no."""
    lost = losses(text)
    if not lost:
        return True
    try:
        said = ask(f"{'; '.join(lost)}. Go on? (y/N) ")
    except (EOFError, KeyboardInterrupt):
        said = ""
    return said.strip().lower() in ("y", "yes")
