"""From proposal to definition and back: every step is an event before it is a fact, so a crash leaves one or the other.

    propose → static checks → waiting → (evidence) shadow → (a person, or in mode auto the evidence) canary → accepted
    refused: by a check, or shown to harm.  rejected: by a person.  withdrawn: by who proposed it, or overtaken.

An acceptance is an intent in the gate's chain, a version in the journal whose reason names the intent's hash, and the
conclusion in the chain. Whoever finds an intent without a conclusion looks for that version: it is there or it is not.
"""

from __future__ import annotations

import hashlib
import math
import time
from typing import TYPE_CHECKING, Any

from chorus.interpreter.diagnostics import suggest
from chorus.interpreter.frames import rewriting
from chorus.interpreter.frames.texts import is_datum
from chorus.interpreter.gate.cases import Case, Invariant, shipped
from chorus.interpreter.gate.checks import judge
from chorus.interpreter.gate.child import child_of, outcome
from chorus.interpreter.gate.kernels import field, kernel, rule
from chorus.interpreter.gate.ledger import Ledger, ledger_of
from chorus.interpreter.gate.proposals import OPEN, Proposal
from chorus.runtime.errors import ChorusError, EvalError
from chorus.runtime.frames.bindings import FRAMES, Binding, Change, Key, after
from chorus.runtime.frames.history import Version
from chorus.runtime.printer import brief, write
from chorus.runtime.values import Pair, Symbol, list_items, make_list

if TYPE_CHECKING:
    from chorus.interpreter.session import Session

MODES = ("propose", "auto", "off")
FEW = 5  # authors who must have seen harm where as many had a say


def invariants(ledger: Ledger) -> list[Invariant]:
    return [*shipped(), *(Invariant(*each) for each in ledger.book.invariants)]


# — proposing —


def propose(
    session: Session, name: str, form: Any, frame: str, because: Any, by: str, fixed: int | None
) -> int | None:
    """The number of the new proposal, judged by the static checks; None where the gate is off."""
    if frame not in FRAMES:
        raise EvalError(
            f"propose!: there is no frame {frame}",
            code="range",
            hint=f"did you mean {suggest(frame, FRAMES) or 'swarm'}? There are {', '.join(FRAMES)}",
        )
    ledger = ledger_of(session)
    if ledger.book.mode == "off":
        return None
    kept = is_datum(form)
    told = (
        because
        if because is not None and is_datum(because)
        else ""
        if because is None
        else brief(because, 400)
    )
    with Case(session, name, form, frame, invariants(ledger)) as case:
        passed, found = judge(case)
    with ledger.turn():
        recover(session, ledger)
        number = len(ledger.book.proposals) + 1
        ledger.note(
            "proposed",
            number,
            Symbol(name),
            form if kept else brief(form, 400),
            Symbol(frame),
            by,
            told,
            fixed or False,
        )
        _note_findings(ledger, number, passed, found)
    return number


def _note_findings(ledger: Ledger, number: int, passed: bool, found: list[tuple[str, str]]) -> None:
    told = [make_list([Symbol(check), text]) for check, text in found]
    ledger.note("findings", number, Symbol("passed" if passed else "refused"), *told)


# — evidence —


def observe(
    session: Session, number: int, differences: list[float], author: str, slices: list[Pair], turn: Any
) -> Proposal:
    """Take fresh paired DIFFERENCES, and do what they decide."""
    ledger = ledger_of(session)
    hour = round(time.time() / 3600, 4)
    with ledger.turn():
        proposal = ledger.proposal(number, "observe!")
        if proposal.state not in (*OPEN, "accepted"):
            raise EvalError(
                f"observe!: proposal {number} is {proposal.state}",
                code="proposal",
                hint="(proposals) lists them",
            )
        if turn is not False and turn in proposal.turns:
            return proposal  # a turn is seen once, so that nobody counts it twice
        rows = [make_list([each, author, hour, turn, *slices]) for each in differences]
        ledger.note("observed", number, *rows, acknowledged=False)
        consequences(session, ledger, proposal)
    return proposal


def consequences(session: Session, ledger: Ledger, proposal: Proposal) -> None:
    """What the evidence on PROPOSAL brings about by itself."""
    running = proposal.running
    if running.harms and _is_harm(proposal):
        _harmed(session, ledger, proposal)
    elif proposal.state == "shadow" and not proposal.ready and _may_suffice(proposal):
        if not list_items(field(verdict(proposal), "against")):
            ledger.note("ready", proposal.number)
            if ledger.book.mode == "auto" and not proposal.person_needed:
                ledger.note("canary", proposal.number, "the gate")
    elif (
        proposal.state == "canary"
        and running.counted >= rule("canary-least")
        and _is_keeping(session, ledger)
    ):
        accept(session, ledger, proposal, proposal.decided_by)


def _may_suffice(proposal: Proposal) -> bool:
    """Whether to weigh everything: there is enough, and some more than when it was weighed last, as that takes time."""
    fixed, counted = proposal.fixed, proposal.running.counted
    enough = proposal.running.gains if fixed is False else counted >= fixed
    if not enough or counted < proposal.look_at:
        return False
    proposal.look_at = counted + counted // 20 + 1
    return True


def _is_harm(proposal: Proposal) -> bool:
    """Whether the harm is seen by enough of those who have a say: one author must not undo what many brought about."""
    if proposal.running.counted < proposal.look_at:
        return False
    found, all_seen = (
        verdict(proposal, proposal.since),
        {each[1] for each in proposal.observations if each[1]},
    )
    seen = {each[1] for each in proposal.observations[proposal.since :] if each[1]}
    if field(found, "harms") and len(seen) >= min(FEW, len(all_seen)):
        return True
    proposal.look_at = proposal.running.counted + proposal.running.counted // 20 + 1
    return False


def _harmed(session: Session, ledger: Ledger, proposal: Proposal) -> None:
    was = proposal.state
    where = {"canary": "in the canary", "accepted": "in use"}.get(was, "in shadow")
    why = f"{where} it did harm: {_harm(proposal)}"
    if was != "accepted":
        ledger.note("ended", proposal.number, Symbol("refused"), "the gate", why)
    elif _is_keeping(session, ledger):
        revert(session, ledger, proposal, "refused", "the gate", why)


def _harm(proposal: Proposal) -> str:
    seen = [each[0] for each in proposal.observations[proposal.since :]]
    e_value = math.exp(proposal.running.harm.best)
    return f"{sum(seen) / len(seen):+.3f} on average over {len(seen)} pairs, e-value {e_value:.3g}"


def verdict(proposal: Proposal, since: int = 0) -> Any:
    """All that the evidence says, from the observation SINCE on, by the kernel."""
    seen = [
        make_list([each[0], each[1], each[2], *(Pair(what, value) for what, value in each[4:])])
        for each in proposal.observations[since:]
    ]
    return kernel("%gate-verdict")(make_list(seen), proposal.fixed)


def _is_keeping(session: Session, ledger: Ledger) -> bool:
    """Whether what is accepted would last as long as the record of it."""
    return not ledger.kept or session.versions.journal is not None


# — decisions —


def approve(session: Session, number: int, by: str, canary: bool) -> Proposal:
    ledger = ledger_of(session)
    with ledger.turn():
        recover(session, ledger)
        proposal = _open(ledger, number, "approve!")
        _refuse_unkept(session, ledger, "approve!")
        if canary:
            if proposal.state != "canary":
                ledger.note("canary", number, by)
        else:
            accept(session, ledger, proposal, by)
    return proposal


def reject(session: Session, number: int, why: str, by: str, state: str) -> Proposal:
    """End an open proposal; of an accepted one, take the definition back."""
    ledger = ledger_of(session)
    caller = "reject!" if state == "rejected" else "withdraw!"
    with ledger.turn():
        recover(session, ledger)
        proposal = ledger.proposal(number, caller)
        if proposal.state == "accepted" and state == "rejected":
            _refuse_unkept(session, ledger, caller)
            revert(session, ledger, proposal, state, by, why)
        else:
            _open(ledger, number, caller)
            ledger.note("ended", number, Symbol(state), by, why)
    return proposal


def _open(ledger: Ledger, number: int, caller: str) -> Proposal:
    proposal = ledger.proposal(number, caller)
    if proposal.state in OPEN:
        return proposal
    raise EvalError(
        f"{caller}: proposal {number} is {proposal.state}" + (f": {proposal.why}" if proposal.why else ""),
        code="proposal",
        hint="propose a better definition with propose!"
        if proposal.state == "refused"
        else "(proposals) lists them",
        irritants=(number,),
    )


def _refuse_unkept(session: Session, ledger: Ledger, caller: str) -> None:
    if not _is_keeping(session, ledger):
        raise EvalError(
            f"{caller}: this session does not keep its definitions, but proposals are the workspace's",
            code="proposal",
            hint="(persist!) first, or start with --persist",
        )


def accept(session: Session, ledger: Ledger, proposal: Proposal, by: str) -> None:
    """Bind it: judged once more, as the environment may have changed since it was proposed."""
    with Case(session, proposal.name, proposal.form, proposal.frame, invariants(ledger)) as case:
        passed, found = judge(case)
    if not passed:
        _note_findings(ledger, proposal.number, passed, found)
        raise EvalError(
            f"approve!: proposal {proposal.number} does not pass any more: {found[0][1]}",
            code="proposal",
            hint="the environment has changed since it was proposed",
        )
    intent = ledger.note("accepting", proposal.number, by)
    try:
        version = rewriting.rewrite(
            session.versions, proposal.name, proposal.form, proposal.frame, _reason(proposal, intent.hash), by
        )
    except ChorusError as error:
        ledger.note("undone", proposal.number, error.message)
        raise
    ledger.note(
        "accepted", proposal.number, by, version.number if version else session.versions.history.number
    )


def _reason(proposal: Proposal, intent: str, what: str = "proposal") -> str:
    because = proposal.because if isinstance(proposal.because, str) else brief(proposal.because, 200)
    because = f": {because}" if because else ""
    return f"{what} {proposal.number} by {proposal.by}{because} ({mark(intent)})"


def mark(intent: str) -> str:
    """By which a version is known to belong to an intent."""
    return f"gate {intent[:16]}"


def revert(session: Session, ledger: Ledger, proposal: Proposal, state: str, by: str, why: str) -> None:
    """Give the name back what it meant before PROPOSAL was accepted; if it means something else again, leave it."""
    keeper = session.versions
    found = _binding_of(session, proposal)
    if found is None:
        ledger.note("ended", proposal.number, Symbol(state), by, f"{why} (its definition had been replaced)")
        return
    key, before = found
    intent = ledger.note("reverting", proposal.number, Symbol(state), by, why)
    target = after(keeper.state, [Change(key, before)], keeper.history.number + 1)
    try:
        keeper.go(target, f"proposal {proposal.number} undone: {why} ({mark(intent.hash)})", by)
    except ChorusError as error:
        ledger.note("undone", proposal.number, error.message)
        raise
    ledger.note("ended", proposal.number, Symbol(state), by, why)


def _binding_of(session: Session, proposal: Proposal) -> tuple[Key, Binding | None] | None:
    """Where PROPOSAL's definition stands, and what stood there before; None if another stands there now."""
    keeper = session.versions
    version = keeper.history.version(proposal.version)
    changed = [] if version is None else [c for c in version.changes if c.key.name == proposal.name]
    if not changed:
        return None
    key = changed[-1].key
    held = keeper.state.get(key)
    if held is None or held.binding != changed[-1].binding:
        return None
    before = keeper.history.state_at(proposal.version - 1).get(key)
    return key, before.binding if before else None


# — after a crash —


def recover(session: Session, ledger: Ledger) -> None:
    """Conclude what a crash left between intent and conclusion."""
    left = [proposal for proposal in ledger.book.proposals if proposal.intent]
    if not left or not _is_keeping(session, ledger):
        return
    for proposal in left:
        made = _version_of(session, proposal.intent)
        event = next(each for each in ledger.chain.events if each.hash == proposal.intent)
        _conclude(ledger, event.text, made)


def _version_of(session: Session, intent: str) -> Version | None:
    wanted = f"({mark(intent)})"
    versions = reversed(session.versions.history.versions)
    return next((each for each in versions if each.reason.endswith(wanted)), None)


def _conclude(ledger: Ledger, text: str, made: Version | None) -> None:
    from chorus.interpreter.reader_fast import read

    what, number, *told = list_items(read(text, "<gate>")[0][0]) or []
    if made is None:
        ledger.note("undone", number, "it was stopped before it was done")
    elif what.name == "accepting":
        ledger.note("accepted", number, *told, made.number)
    else:
        ledger.note("ended", number, *told)


# — the canary —


def canary(ledger: Ledger, turn: int) -> int | None:
    """The proposal whose canary TURN is in: one turn in ten, by a hash that nobody chooses."""
    share = rule("canary")
    for proposal in ledger.book.proposals:
        digest = hashlib.sha256(f"{proposal.number}:{turn}".encode()).digest()
        if proposal.state == "canary" and int.from_bytes(digest[:8]) % share == 0:
            return proposal.number
    return None


# — invariants of people —


def add_invariant(session: Session, name: str, form: Any, expected: Any, by: str) -> str:
    """Keep an invariant that holds now; one that does not would refuse everything."""
    if not (is_datum(form) and is_datum(expected)):
        raise EvalError("invariant: the form and its value must be data", code="syntax")
    if name in {each.name for each in shipped()}:
        raise EvalError(
            f"invariant: {name} comes with the language", code="range", hint="give it another name"
        )
    with child_of(session) as child:
        gave = outcome(child, form)
    if gave.error or gave.written != write(expected):
        raise EvalError(
            f"invariant: {brief(form, 80)} gives {gave.error or gave.written}, not {brief(expected, 60)}",
            code="range",
            hint="only what holds now can be kept",
        )
    ledger_of(session).note("invariant", name, form, expected, by)
    return name
