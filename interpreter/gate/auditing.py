"""Whether the gate's record is what was written, and fits the journal that it was written beside."""

from __future__ import annotations

import re
from pathlib import Path

from chorus.interpreter.gate.proposals import Book
from chorus.runtime.errors import StoreError
from chorus.runtime.frames.history import History, Version
from chorus.runtime.gate.chain import FILE, HEAD, Chain, Flaw
from chorus.runtime.values import HashTable, Keyword

MARK = re.compile(r"\(gate ([0-9a-f]{16})\)$")  # as a version's reason ends that came through the gate


def audited(told: HashTable, workspace: Path | None, history: History) -> HashTable:
    """TOLD, what the audit of a sound journal says, with what that of the gate's record adds."""
    announced = next(filter(None, map(_announced, history.versions)), "")
    if workspace is None or not (announced or any((workspace / name).exists() for name in (FILE, HEAD))):
        return told
    chain = Chain(workspace)
    flaw = (
        chain.flaw
        or chain.misfit(history.order)
        or _unannounced(chain, history)
        or chain.unheaded
        or _unreadable(chain)
    )
    told.set(Keyword("decisions"), len(chain.events))
    if flaw is not None:
        told.set(Keyword("ok"), False)
        told.set(Keyword("line"), flaw.line)
        told.set(Keyword("event"), flaw.event)
        told.set(Keyword("problem"), f"{FILE}: {flaw.problem}")
    return told


def _announced(version: Version) -> str:
    """The beginning of the hash of the event that announced VERSION, as its reason tells; "" of any other."""
    told = MARK.search(version.reason) if version.saved else None
    return told[1] if told else ""


def _unannounced(chain: Chain, history: History) -> Flaw | None:
    """A version of the journal that says it came through the gate, of which the record knows nothing."""
    known = {event.hash[:16] for event in chain.events}
    for version in history.versions:
        told = _announced(version)
        if told and told not in known:
            return Flaw(
                0, len(chain.events), f"nothing announces version v{version.number}, which names this record"
            )
    return None


def _unreadable(chain: Chain) -> Flaw | None:
    """The first event that tells of nothing that can have been."""
    book = Book()
    for event in chain.events:
        try:
            book.take(event)
        except StoreError as error:
            return Flaw(0, event.number, error.message.partition(": ")[2])
    return None
