"""Definitions that outlive a session: forms in the workspace's journal, replayed at the next opening.

A procedure, macro or record type is kept as it was typed. A computed value is kept as data, not as the form
that computed it, so that opening a workspace repeats no work and no effect.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from chorus.interpreter.session import Session
from chorus.runtime.errors import ChorusError, StoreError
from chorus.runtime.gaussian import Gaussian
from chorus.runtime.printer import write
from chorus.runtime.values import NIL, Char, HashTable, Keyword, Pair, Symbol, make_list

KEPT_AS_TYPED = frozenset(("define-syntax", "define-macro", "define-record-type"))
DEFINING = KEPT_AS_TYPED | {"define", "define-values"}
PROCEDURE_MAKERS = frozenset(("lambda", "case-lambda", "named-lambda"))
PLAIN = (int, float, complex, Gaussian, Fraction, str, bytes, bytearray, dt.datetime, Symbol, Keyword, Char)
MARK = "definitions"  # a file that says the journal holds some: without it no store is opened


class Definitions:
    """Remembers the definitions of one session, when told to."""

    def __init__(self, session: Session, keep: bool) -> None:
        self.session = session
        self.keep = keep
        self.data: dict[str, str] = {}  # name → its value as it was last kept
        self.warned: set[str] = set()

    def restore(self) -> None:
        """Evaluate what earlier sessions kept. One that no longer works is named, and the rest go on."""
        folder = self.session.context.folder
        if folder is None or not os.path.exists(os.path.join(folder, MARK)):
            return
        from chorus.runtime.store.journal import Journal

        try:
            kept = Journal(self.session.context.store).forms()
        except StoreError as busy:
            print(f"chorus: kept definitions were not loaded: {busy.message}", file=sys.stderr)
            return
        for text in kept:
            try:
                for form, _ in self.session.run(text, "<kept>"):
                    self._recall(form, text)
            except ChorusError as error:
                print(
                    f"chorus: a kept definition no longer works: {error.message}\n  {text}", file=sys.stderr
                )

    def _recall(self, form: Any, text: str) -> None:
        """Note what was kept as data, so that `settle` notices changes of it."""
        if self.keep and isinstance(form, Pair) and not _makes_procedure(form):
            self.data |= dict.fromkeys(defined_names(form), text) if form.car.name == "define" else {}

    def remember(self, form: Any) -> None:
        """Keep what FORM, which was just evaluated, defines."""
        if not self.keep:
            return
        for inner in definitions_in(form):
            if inner.car.name in KEPT_AS_TYPED or _makes_procedure(inner):
                self._append(write(inner))
            else:
                for name in defined_names(inner):
                    self._keep_value(name)

    def settle(self) -> None:
        """Keep again what has changed since it was kept: by `set!`, or inside a table or vector."""
        for name in list(self.data):
            self._keep_value(name)

    def _keep_value(self, name: str) -> None:
        value = self.session.lookup(name)
        if not is_datum(value):
            if self.data.pop(name, None) is not None or name not in self.warned:
                print(f"{name} is not kept for later sessions: its value is not data", file=sys.stderr)
                self.warned.add(name)
            return
        text = write(make_list([Symbol("define"), Symbol(name), make_list([Symbol("quote"), value])]))
        if self.data.get(name) != text:
            self.data[name] = text
            self._append(text)

    def _append(self, text: str) -> None:
        from chorus.runtime.store.journal import Journal

        Journal(self.session.context.store).append(text, reason="defined by a person")
        assert self.session.context.workspace is not None
        (self.session.context.workspace / MARK).touch()


def definitions_in(form: Any) -> Iterator[Pair]:
    """The definitions that FORM makes at top level, inside `begin` too."""
    if not isinstance(form, Pair) or not isinstance(form.car, Symbol):
        return
    if form.car.name == "begin":
        for inner in form.cdr:
            yield from definitions_in(inner)
    elif form.car.name in DEFINING and isinstance(form.cdr, Pair):
        yield form


def defined_names(form: Pair) -> list[str]:
    """The names that a `define` or `define-values` of values binds."""
    target = form.cdr.car
    names = []
    while isinstance(target, Pair):
        names.append(target.car)
        target = target.cdr
    names.append(target)
    return [name.name for name in names if isinstance(name, Symbol)]


def _makes_procedure(form: Pair) -> bool:
    if form.car.name != "define":
        return False
    if isinstance(form.cdr.car, Pair):
        return True
    rest = form.cdr.cdr
    body = rest.car if isinstance(rest, Pair) else NIL
    return isinstance(body, Pair) and isinstance(body.car, Symbol) and body.car.name in PROCEDURE_MAKERS


def is_datum(value: Any) -> bool:
    """Whether `read` gives back what `write` prints of VALUE. Cyclic values are no data here."""
    seen: set[int] = set()
    work = [value]
    while work:
        here = work.pop()
        if isinstance(here, (Pair, list, HashTable)):
            if id(here) in seen and isinstance(here, Pair):
                return False
            seen.add(id(here))
            work += _parts(here)
        elif here is not NIL and not isinstance(here, PLAIN):
            return False
    return True


def _parts(value: Any) -> list[Any]:
    if isinstance(value, Pair):
        return [value.car, value.cdr]
    if isinstance(value, HashTable):
        return [part for item in value.items() for part in item]
    return list(value)
