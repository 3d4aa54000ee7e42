"""Evaluating under a candidate for a while: what `with-proposal` asks of the session's versions."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from chorus.interpreter.frames.texts import AS_TYPED, definition_of, head
from chorus.interpreter.gate.ledger import ledger_of
from chorus.interpreter.gate.proposals import OPEN
from chorus.runtime.errors import EvalError
from chorus.runtime.frames.bindings import Binding, after, bind
from chorus.runtime.printer import write

if TYPE_CHECKING:
    from chorus.interpreter.session import Session

_tried: WeakKeyDictionary[Session, list[tuple[int, int]]] = WeakKeyDictionary()


def enter(session: Session, number: int) -> None:
    """Let names mean what they would if proposal NUMBER were accepted, until the keeper's `leave`."""
    proposal = ledger_of(session).proposal(number, "with-proposal")
    if proposal.state not in OPEN:
        raise EvalError(
            f"with-proposal: proposal {number} is {proposal.state}",
            code="proposal",
            hint="only open ones are tried",
        )
    keeper = session.versions
    own = session.space.owns(proposal.name) or not session.space.holds(proposal.name)
    form = definition_of(proposal.name, proposal.form, own)
    kind = "define" if own or head(form) in AS_TYPED else "set!"
    change = bind(proposal.frame, Binding(kind, proposal.name, write(form)))
    keeper.enter(after(keeper.shown, [change], keeper.history.number + 1))
    _tried.setdefault(session, []).append((len(keeper.entered), number))


def leave(session: Session) -> None:
    keeper = session.versions
    if keeper.entered:
        keeper.leave()
    present(session)


def present(session: Session) -> int | None:
    """The proposal that is being tried, the innermost."""
    tried = _tried.get(session, [])
    depth = len(session.versions.entered)
    while tried and tried[-1][0] > depth:  # left by an evaluation that was stopped
        tried.pop()
    return tried[-1][1] if tried else None
