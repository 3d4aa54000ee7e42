"""Where a procedure was written: its form, found by its place, and the names that the forms around it bind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Any, Final

from chorus.runtime.values import Pair, Symbol

# How many forms after the head of these may bind names; of any other macro, all may.
BINDING: Final = {
    "let": 2, "let*": 1, "letrec": 1, "letrec*": 1, "let-values": 1, "let*-values": 1, "lambda": 1, "define": 1,
    "do": 1, "begin": 0, "if": 0, "cond": 0, "case": 0, "when": 0, "unless": 0, "and": 0, "or": 0, "not": 0,
    "set!": 0, "select": 0, "where": 0, "with-columns": 0, "->": 0,
}  # fmt: skip


def find(form: Any, place: Any) -> list[Any]:
    """The forms from FORM down to the one that stands at PLACE, that very object: one like it may be another text's."""
    work: list[tuple[Any, tuple[Any, ...]]] = [(form, ())]
    while work:
        here, around = work.pop()
        if not isinstance(here, Pair):
            continue
        if here.span is place:
            return [*around, here]
        work += ((item, (*around, here)) for item in here)
    return []


def names_around(path: list[Any], is_macro: Callable[[Symbol], bool]) -> set[str]:
    """The names that the forms of PATH may bind for its last one. IS_MACRO tells what may bind names at all."""
    found: set[str] = set()
    for around, below in pairwise(path):
        head, *rest = around
        if not isinstance(head, Symbol):
            found.update(symbols(item for item in (head, *rest) if item is not below))
            continue
        count = BINDING.get(head.name, len(rest) if is_macro(head) else 0)
        found.update(symbols(item for item in rest[:count] if item is not below))
        found.update(symbols(targets(rest)))
    return found


def targets(body: list[Any]) -> Iterator[Any]:
    """What the definitions in BODY define."""
    for form in body:
        given = list(form) if isinstance(form, Pair) else []
        if len(given) > 1 and isinstance(given[0], Symbol) and given[0].name.startswith("define"):
            target = given[1]
            while given[0].name == "define" and isinstance(target, Pair):
                target = target.car  # its parameters are its own
            yield target


def symbols(forms: Iterable[Any]) -> Iterator[str]:
    """The names of the symbols in FORMS, in lists and vectors of them, too."""
    work = list(forms)
    while work:
        here = work.pop()
        while isinstance(here, Pair):
            work.append(here.car)
            here = here.cdr
        if isinstance(here, Symbol):
            yield here.name
        elif isinstance(here, list):
            work += here
