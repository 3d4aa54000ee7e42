"""Whether the gate's record is what was written, and fits the journal that it was written beside."""

from __future__ import annotations

from pathlib import Path

from chorus.runtime.frames.history import History
from chorus.runtime.gate.chain import FILE, Chain, Flaw
from chorus.runtime.values import HashTable, Keyword


def audited(told: HashTable, workspace: Path | None, history: History) -> HashTable:
    """TOLD, what the audit of a sound journal says, with what that of the gate's record adds."""
    if workspace is None or not (workspace / FILE).exists():
        return told
    chain = Chain(workspace)
    flaw = chain.flaw or _misfit(chain, history)
    told.set(Keyword("decisions"), len(chain.events))
    if flaw is not None:
        told.set(Keyword("ok"), False)
        told.set(Keyword("line"), flaw.line)
        told.set(Keyword("event"), flaw.event)
        told.set(Keyword("problem"), f"{FILE}: {flaw.problem}")
    return told


def _misfit(chain: Chain, history: History) -> Flaw | None:
    """The first event that was written beside a version which the journal does not have, or no longer there."""
    order = {version.hash: version.number for version in history.versions}
    latest = 0
    for event in chain.events:
        if event.anchor:
            at = order.get(event.anchor)
            if at is None or at < latest:
                return Flaw(
                    0,
                    event.number,
                    f"event {event.number} stands beside a version that is not in the journal",
                )
            latest = at
    return None
