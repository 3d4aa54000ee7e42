"""Proposals and what became of them, made of the events that the gate's chain holds and of nothing else."""

from __future__ import annotations

import datetime as dt
from typing import Any

from chorus.interpreter import reader_fast
from chorus.interpreter.gate.kernels import kernel, rule
from chorus.runtime.errors import ChorusError, StoreError
from chorus.runtime.gate.chain import Event
from chorus.runtime.printer import brief, write
from chorus.runtime.values import Symbol, list_items

OPEN = ("waiting", "shadow", "canary")
Observation = tuple[Any, ...]  # difference, author, hour, turn, (what . value) …


def afresh(datum: Any) -> Any:
    """DATUM made anew: what the gate goes by shares no part with what programs get, and may change."""
    return reader_fast.read(write(datum), "<gate>")[0][0]


class Proposal:
    """NUMBER's present state. INTENT: the hash of the event that began to bind or unbind it, until that is done."""

    def __init__(
        self,
        at: dt.datetime,
        number: int,
        name: str,
        form: Any,
        frame: str,
        by: str,
        because: Any,
        fixed: Any,
    ) -> None:
        self.number, self.name, self.form, self.frame = number, name, form, frame
        self.by, self.because, self.fixed, self.at = by, because, fixed, at
        self.state = "waiting"
        self.findings: list[tuple[str, str]] = []
        self.observations: list[Observation] = []
        self.turns: set[Any] = set()  # whose differences have been seen
        self.running = kernel("%gate-running")()
        self.since = 0  # observations before this one are of an earlier stage
        self.ready = False
        self.look_at = 0  # pairs that count from which on all is weighed again
        self.intent = ""
        self.version = 0  # that bound it
        self.why = ""
        self.decided_by = ""

    @property
    def epoch(self) -> int:
        """Candidates of one epoch share the chance of a false acceptance."""
        return (self.number - 1) // int(rule("candidates")) + 1

    @property
    def person_needed(self) -> list[str]:
        return [text for check, text in self.findings if check == "person"]

    def observe(self, seen: Observation) -> None:
        self.observations.append(seen)
        if seen[3] is not False:
            self.turns.add(seen[3])
        self.running.take(seen[0], seen[1], seen[2])

    def enter(self, state: str) -> None:
        """Evidence of an earlier stage says nothing of harm in this one."""
        self.state, self.since, self.look_at = state, len(self.observations), 0
        self.running = kernel("%gate-running")()


class Book:
    """All proposals, the mode and the invariants of people, as the events tell."""

    def __init__(self) -> None:
        self.proposals: list[Proposal] = []
        self.mode = "propose"
        self.invariants: list[tuple[str, Any, Any]] = []

    def take(self, event: Event) -> None:
        try:
            what, *parts = list_items(reader_fast.read(event.text, "<gate>")[0][0]) or []
            EVENTS[what.name](self, event, *parts)
        except (ChorusError, LookupError, TypeError, ValueError, AttributeError) as error:
            raise StoreError(
                f"the gate's record is damaged: event {event.number} is none that can be: {brief(event.text, 80)}",
                code="corrupt",
                hint="it was written by another version of Chorus, or by another hand; restore gate.sexp from a copy",
            ) from error

    def open_for(self, name: str, frame: str) -> list[Proposal]:
        return [p for p in self.proposals if p.name == name and p.frame == frame and p.state in OPEN]

    def of(self, number: int) -> Proposal:
        return self.proposals[number - 1]


def _proposed(book: Book, event: Event, number: int, name: Any, form: Any, frame: Any, *told: Any) -> None:
    book.proposals.append(Proposal(event.at, number, name.name, form, frame.name, *told))


def _findings(book: Book, event: Event, number: int, state: Symbol, *found: Any) -> None:
    proposal = book.of(number)
    proposal.findings = [(check.name, text) for check, text in (list_items(each) or [] for each in found)]
    if state.name == "refused":
        proposal.state = "refused"
        proposal.why = "; ".join(text for check, text in proposal.findings if check != "person")


def _observed(book: Book, event: Event, number: int, *seen: Any) -> None:
    proposal = book.of(number)
    for each in seen:
        difference, author, hour, turn, *slices = list_items(each) or []
        proposal.observe((difference, author, hour, turn, *((s.car, s.cdr) for s in slices)))
    if proposal.state == "waiting":
        proposal.state = "shadow"


def _ready(book: Book, event: Event, number: int) -> None:
    book.of(number).ready = True


def _canary(book: Book, event: Event, number: int, by: str) -> None:
    book.of(number).enter("canary")
    book.of(number).decided_by = by


def _intent(book: Book, event: Event, number: int, *_: Any) -> None:
    book.of(number).intent = event.hash


def _accepted(book: Book, event: Event, number: int, by: str, version: int) -> None:
    proposal = book.of(number)
    proposal.enter("accepted")
    proposal.version, proposal.decided_by, proposal.intent = version, by, ""
    for other in book.open_for(proposal.name, proposal.frame):
        other.state, other.why = "withdrawn", f"its evidence was against what proposal {number} replaced"


def _undone(book: Book, event: Event, number: int, why: str) -> None:
    book.of(number).intent = ""


def _ended(book: Book, event: Event, number: int, state: Symbol, by: str, why: str) -> None:
    proposal = book.of(number)
    proposal.state, proposal.decided_by, proposal.why, proposal.intent = state.name, by, why, ""


def _mode(book: Book, event: Event, mode: Symbol, by: str) -> None:
    book.mode = mode.name


def _invariant(book: Book, event: Event, name: str, form: Any, expected: Any, by: str) -> None:
    book.invariants = [each for each in book.invariants if each[0] != name] + [(name, form, expected)]


EVENTS: dict[str, Any] = {
    "proposed": _proposed,  # number name form frame by because fixed
    "findings": _findings,  # number refused|passed (check text) …
    "observed": _observed,  # number (difference author hour turn (what . value) …) …
    "ready": _ready,  # number: the evidence suffices
    "canary": _canary,  # number by
    "accepting": _intent,  # number by: the version comes next, or never
    "accepted": _accepted,  # number by version
    "reverting": _intent,  # number state by why
    "undone": _undone,  # number why: an intent whose version never came
    "ended": _ended,  # number refused|rejected|withdrawn by why
    "mode": _mode,  # propose|auto|off by
    "invariant": _invariant,  # name form expected by
}
