"""The gate's record of a session: the chain in its workspace, and the book that is made of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, ref

from chorus.interpreter.gate.proposals import Book, Proposal
from chorus.runtime.errors import EvalError
from chorus.runtime.gate.chain import Chain, Event
from chorus.runtime.printer import write
from chorus.runtime.values import Symbol, make_list

if TYPE_CHECKING:
    from chorus.interpreter.session import Session

_ledgers: WeakKeyDictionary[Session, Ledger] = WeakKeyDictionary()


def ledger_of(session: Session) -> Ledger:
    """SESSION's, with all that has been written by now."""
    found = _ledgers.get(session)
    if found is None:
        found = _ledgers[session] = Ledger(session)
    found.refresh()
    return found


class Ledger:
    """Writes events, reads what others wrote."""

    def __init__(self, session: Session) -> None:
        self.chain = Chain(session.context.workspace)
        self.book = Book()
        self._taken = 0  # events that the book knows of
        self._session = ref(session)

    @property
    def anchor(self) -> str:
        """The hash of the newest version that is in the journal, if definitions are kept."""
        session = self._session()
        keeper = None if session is None else session.versions
        newest = None if keeper is None or keeper.journal is None else keeper.history.newest
        return newest.hash if newest is not None else ""

    @property
    def kept(self) -> bool:
        return self.chain.folder is not None

    def refresh(self) -> None:
        self.chain.refresh()
        self.chain.check()
        self._take()

    def _take(self) -> None:
        while self._taken < len(self.chain.events):
            self.book.take(self.chain.events[self._taken])
            self._taken += 1

    @contextmanager
    def turn(self) -> Iterator[Book]:
        """`with` it: nobody else decides anything meanwhile."""
        with self.chain.turn():
            self._take()
            yield self.book

    def note(self, what: str, *parts: Any, acknowledged: bool = True) -> Event:
        """Write the event (WHAT PARTS …)."""
        made = self.chain.append(write(make_list([Symbol(what), *parts])), self.anchor, acknowledged)
        self._take()
        return made

    def proposal(self, number: int, caller: str) -> Proposal:
        known = self.book.proposals
        if not 1 <= number <= len(known):
            there = f"there are 1 to {len(known)}" if known else "nothing has been proposed yet"
            raise EvalError(
                f"{caller}: there is no proposal {number}",
                code="proposal",
                hint=f"{there}; (proposals) lists them",
                irritants=(number,),
            )
        return known[number - 1]
