"""Definitions that outlive a session: forms in the workspace's journal, replayed at the next opening.

A procedure, macro or record type is kept as it was typed. A computed value is kept as data, not as the form
that computed it, so that opening a workspace repeats no work and no effect.
"""

from __future__ import annotations

import sys
from typing import Any

from chorus.interpreter.session import Session
from chorus.runtime.errors import ChorusError, StoreError
from chorus.runtime.printer import write
from chorus.runtime.values import NIL, Char, HashTable, Keyword, Pair, Symbol, make_list

KEPT_AS_TYPED = frozenset(("define-syntax", "define-macro", "define-record-type"))
PROCEDURE_MAKERS = frozenset(("lambda", "case-lambda", "named-lambda"))
MARK = "definitions"  # a file that says the journal holds some: without it no store is opened


class Definitions:
    """Remembers the definitions of one session, when told to."""

    def __init__(self, session: Session, keep: bool) -> None:
        self.session = session
        self.keep = keep

    def restore(self) -> None:
        """Evaluate what earlier sessions kept. One that no longer works is named, and the rest go on."""
        workspace = self.session.context.workspace
        if workspace is None or not (workspace / MARK).exists():
            return
        from chorus.runtime.store.journal import Journal

        try:
            kept = Journal(self.session.context.store).forms()
        except StoreError as busy:
            print(f"chorus: kept definitions were not loaded: {busy.message}", file=sys.stderr)
            return
        for text in kept:
            try:
                for _ in self.session.run(text, "<kept>"):
                    pass
            except ChorusError as error:
                print(
                    f"chorus: a kept definition no longer works: {error.message}\n  {text}", file=sys.stderr
                )

    def remember(self, form: Any) -> None:
        """Keep FORM if it is a definition that can be kept."""
        if not self.keep or not isinstance(form, Pair) or not isinstance(form.car, Symbol):
            return
        text = self._text(form)
        if text is None:
            return
        from chorus.runtime.store.journal import Journal

        Journal(self.session.context.store).append(text, reason="defined by a person")
        assert self.session.context.workspace is not None
        (self.session.context.workspace / MARK).touch()

    def _text(self, form: Pair) -> str | None:
        head = form.car.name
        if head in KEPT_AS_TYPED:
            return write(form)
        if head != "define" or not isinstance(form.cdr, Pair):
            return None
        target = form.cdr.car
        if isinstance(target, Pair) or _makes_procedure(form):
            return write(form)
        value = self.session.lookup(target.name)
        if not is_datum(value):
            print(f"{target.name} is not kept for later sessions: its value is not data", file=sys.stderr)
            return None
        return write(make_list([Symbol("define"), target, make_list([Symbol("quote"), value])]))


def _makes_procedure(form: Pair) -> bool:
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
        elif here is not NIL and not isinstance(here, (int, float, str, Symbol, Keyword, Char, bool)):
            return False
    return True


def _parts(value: Any) -> list[Any]:
    if isinstance(value, Pair):
        return [value.car, value.cdr]
    if isinstance(value, HashTable):
        return [part for item in value.items() for part in item]
    return list(value)
