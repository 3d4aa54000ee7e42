"""Looking into the procedures that a form calls: while it is evaluated, names of the program mean their definitions as
the derived evaluator reads them.

A definition knows its form. That is evaluated again by the other evaluator, and what comes of it stands under the
name until the form has its value; code that relied on the name does so again after that.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import FunctionType
from typing import Any

from chorus.interpreter.compiler.syntax import strip
from chorus.interpreter.evaluator import Evaluator
from chorus.interpreter.namespace import ABSENT, Namespace, key
from chorus.interpreter.stage.front import Front, tower_of
from chorus.interpreter.written import FORMS
from chorus.runtime.calling import meta_of, unwind
from chorus.runtime.frames.bindings import Key, effective
from chorus.runtime.values import HashTable, Pair, Symbol

KNOWN = ("sources", "small", "makers", "closed")  # what a namespace knows of the procedures it holds


class Following:
    """The procedures of SESSION's own namespace that FORM reaches, as the evaluators NAMES read them."""

    def __init__(self, session: Any, names: tuple[str, ...], form: Any) -> None:
        self.session = session
        self.space: Namespace = session.space
        self.front = Front(tower_of(self.space.foundation).by_name(names))
        self.form = form
        self.made: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {}  # name → its entries before, and now
        self.knew: dict[str, dict[str, Any]] = {}

    def enter(self) -> None:
        """From here on names mean the definitions as the evaluators read them."""
        if self.made:
            for name, (_, entries) in self.made.items():
                self._put(name, entries)
            return
        for name, form in reached(self.session, self.form):
            before = entries_of(self.space, name)
            self.knew[name] = {each: getattr(self.space, each).get(name, ABSENT) for each in KNOWN}
            try:
                self._evaluate(form, name)
            except Exception:  # it is looked at as it is, from outside
                self._put(name, before)
                continue
            self.made[name] = before, entries_of(self.space, name)

    def _evaluate(self, form: Any, name: str) -> None:
        evaluator = Evaluator(self.space, self.session.limits.metered, self.session.context.check)
        evaluator.front = self.front
        span = form.span
        for unit in evaluator.units(form, span, span.file if span is not None else f"<{name}>"):
            unwind(unit.run(self.space))

    def leave(self) -> None:
        """Names mean what they did, but for those that were given something else meanwhile."""
        for name, (before, entries) in self.made.items():
            if self.space.dict.get(key(name), ABSENT) is not entries[key(name)]:
                continue
            self._put(name, before)
            became_plain(entries[key(name)], before[key(name)])
            for each, known in self.knew[name].items():
                if known is not ABSENT:
                    getattr(self.space, each)[name] = known
        self.space.mended(self.made)
        for name in self.made:
            self.space.stale.pop(name, None)

    def _put(self, name: str, entries: dict[str, Any]) -> None:
        self.space.broken(name)
        self.space.dict.update(entries)


def entries_of(space: Namespace, name: str) -> dict[str, Any]:
    return {each: space.dict[each] for each in (key(name), "$:d:" + name)}


def became_plain(made: Any, before: Any) -> None:
    """MADE, which the program may have kept, does from here on what BEFORE does."""
    if (
        made.__class__ is FunctionType
        and before.__class__ is FunctionType
        and not made.__closure__
        and not before.__closure__
        and made.__defaults__ == before.__defaults__
        and made.__kwdefaults__ == before.__kwdefaults__
    ):
        made.__code__ = before.__code__


def reached(session: Any, form: Any) -> Iterator[tuple[str, Any]]:
    """The procedures of the program that FORM names, or that such name, each with its definition."""
    seen: set[str] = set()
    work = list(names_in(form))
    while work:
        name = work.pop()
        if name in seen:
            continue
        seen.add(name)
        definition = definition_in(session, name)
        if definition is not None:
            yield name, definition
            work += names_in(definition)


def definition_in(session: Any, name: str) -> Any:
    """The form by which SESSION's own NAME became the procedure that it is; None if that is not known."""
    space = session.space
    if not space.owns(name):
        return None
    value = space.get(name)
    load = getattr(value, "load", None)
    value = value if load is None else load()
    meta = meta_of(value)
    found = None if meta is None else FORMS.get(meta)
    if meta is None or found is not None:
        return found
    keeper = session.versions  # what was rewritten, or kept by an earlier session, has its form there
    held = effective(keeper.state).get(("own", name))
    given = held and keeper.live.get((held.last, Key(held.frame, "own", name)))
    return given.form if given and given.value is value else None


def names_in(form: Any) -> Iterator[str]:
    """The names that stand anywhere in FORM."""
    work, seen = [strip(form)], set()
    while work:
        here = work.pop()
        if id(here) in seen:
            continue
        seen.add(id(here))
        if here.__class__ is Symbol:
            yield here.name
        elif isinstance(here, Pair):
            work += [here.car, here.cdr]
        elif isinstance(here, list):
            work += here
        elif isinstance(here, HashTable):
            work += [part for item in here.items() for part in item]
