"""What the prompt asks of a session beyond evaluation: names, usages, columns, personas, text for people."""

from __future__ import annotations

from typing import Any

from chorus.interpreter.session import Session
from chorus.runtime.errors import ChorusError
from chorus.runtime.values import NIL, MutableString, Pair, Symbol


class Knowledge:
    """Answers about SESSION that never raise: a prompt must not fail for want of a completion."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._personas: tuple[str, list[str]] = ("", [])

    def names(self) -> list[str]:
        return [name for name in self.session.names() if not name.startswith(("%", "$"))]

    def usage(self, name: str) -> str:
        return self.session.usage(name)

    def keywords(self, name: str) -> list[str]:
        """Keyword parameters of NAME without their colons."""
        return [word.lstrip("[").lstrip(":") for word in self.session.keywords(name)]

    def columns(self) -> list[str]:
        from chorus.runtime.plan.catalogue import TABLES

        return sorted({name for plan, _ in TABLES.values() for name in plan().schema.names})

    def personas(self) -> list[str]:
        """Labels and aliases of the personas that were discovered; asked of the store once it is open."""
        store = self.session.context.__dict__.get("store")
        if store is None or self.session.worker.running:
            return self._personas[1]
        try:
            version = store.corpus_version()
            if version != self._personas[0]:
                self._personas = (version, self._ask_personas())
        except ChorusError:
            return []
        return self._personas[1]

    def _ask_personas(self) -> list[str]:
        found = self.session.eval(
            "(append (map persona-label (personas)) (filter string? (map persona-alias (personas))))"
        )
        return [str(name) for name in found]

    def text_for_people(self, value: Any) -> str | None:
        """What `(present value)` says of VALUE; None: there is nothing better than `write`."""
        quoted = Pair(Symbol("quote"), Pair(value, NIL))
        try:
            shown = self.session.evaluate(Pair(Symbol("present"), Pair(quoted, NIL)))
        except ChorusError:
            return None
        return str(shown) if isinstance(shown, (str, MutableString)) else None

    def assign(self, name: str, value: Any) -> None:
        """Bind NAME for the person at the prompt."""
        self.session.space.define(name, value)
