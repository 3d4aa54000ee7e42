"""The gate as the language sees it. Each primitive reaches host code at once, by nothing that a program could
rebind.
"""

from __future__ import annotations

import math
from typing import Any

from chorus.interpreter.frames import migrations
from chorus.interpreter.gate import deciding, trying
from chorus.interpreter.gate.ledger import ledger_of
from chorus.interpreter.gate.proposals import Proposal, afresh
from chorus.runtime.context import Context
from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import Name, primitive, wrong_type
from chorus.runtime.values import UNSPECIFIED, Pair, Symbol, list_items, make_list, table


def _author(ctx: Context) -> str:
    return ctx.author


def _text(value: Any) -> str:
    return value.name if isinstance(value, Symbol) else str(value)


# — proposing and looking —


@primitive("propose!", effects="write-store")
def propose(
    ctx: Context,
    name: Name,
    form: Any,
    *,
    in_: Name | None = None,
    because: Any = None,
    by: str | None = None,
    pairs: int | None = None,
) -> Any:
    """Propose that NAME mean FORM, an expression or a definition, in the frame IN; gives the proposal's number, or #f
    where the gate is off. The static checks are made at once; what passes them waits for evidence or a person. PAIRS:
    it is judged once, after so many pairs.

    > (define (half x) "X in two." (/ x 2))
    > (get (proposal (propose! 'half '(define (half x) "X in two." (* x 1/2)) :in 'context)) :state)
    => waiting
    > (get (proposal (propose! 'half '(lambda (x y) x) :in 'context)) :why)
    => "it wants 2 arguments where 1 are enough now"
    """
    if pairs is not None and pairs < 2:
        raise EvalError("propose!: a test of fewer than 2 pairs tells nothing", code="range")
    found = deciding.propose(ctx.session, name, form, in_ or "swarm", because, by or _author(ctx), pairs)
    return False if found is None else found


@primitive("withdraw!", effects="write-store")
def withdraw(ctx: Context, number: int, why: str = "") -> Symbol:
    """Take back proposal NUMBER; gives its state.

    > (define (a-third x) (/ x 3))
    > (withdraw! (propose! 'a-third '(lambda (x) (* x 1/3)) :in 'context) "tried by mistake")
    => withdrawn
    """
    made = deciding.reject(ctx.session, number, why, _author(ctx), "withdrawn")
    return Symbol(made.state)


@primitive("%proposals", effects="read-table")
def proposals(ctx: Context) -> Any:
    """All proposals, the newest first, as hash tables.

    > (list? (%proposals))
    => #t
    """
    return make_list(shown(each) for each in reversed(ledger_of(ctx.session).book.proposals))


@primitive("proposal", effects="read-table")
def proposal(ctx: Context, number: int) -> Any:
    """Proposal NUMBER: {:number :name :form :frame :by :because :at :state :why :findings :pairs :ready
    :decided-by :epoch :version}.

    > (guard (e (#t (error-object-message e))) (proposal 999999))
    => "proposal: there is no proposal 999999"
    """
    return shown(ledger_of(ctx.session).proposal(number, "proposal"))


def shown(p: Proposal) -> Any:
    return table(
        number=p.number,
        name=Symbol(p.name),
        form=afresh(p.form),
        frame=Symbol(p.frame),
        by=p.by,
        because=afresh(p.because),
        at=p.at,
        state=Symbol(p.state),
        why=p.why,
        findings=make_list(make_list([Symbol(check), text]) for check, text in p.findings),
        pairs=len(p.observations),
        ready=p.ready,
        decided_by=p.decided_by or False,
        epoch=p.epoch,
        version=Symbol(f"v{p.version}") if p.version else False,
    )


# — evidence —


@primitive("observe!", effects="write-store")
def observe(
    ctx: Context, number: int, difference: Any, *, slices: Any = None, author: Any = None, turn: Any = None
) -> Symbol:
    """Take a fresh paired DIFFERENCE, candidate less present, from -1 to 1, or a list of them, as evidence on proposal
    NUMBER; gives its state. SLICES, as ((persona . "veterans") …), say of whom; of an AUTHOR twelve an hour count,
    and a TURN counts once.

    > (define (fourth-of x) (/ x 4))
    > (define n (propose! 'fourth-of '(lambda (x) (* x 1/4)) :in 'context))
    > (list (observe! n 0.25 :author "ann" :slices '((kind . "fact"))) (get (evidence n) :pairs))
    => (shadow 1)
    """
    given = list_items(difference) if not isinstance(difference, (int, float)) else [difference]
    if given is None or not all(_is_difference(each) for each in given):
        raise wrong_type("observe!", "difference", "a number from -1 to 1 or a list of such", difference)
    told = [] if slices is None else list_items(slices)
    if told is None or not all(isinstance(each, Pair) for each in told):
        raise wrong_type("observe!", "slices", "a list of pairs", slices)
    parts = [Pair(_text(each.car), _text(each.cdr)) for each in told]
    if turn is not None and not isinstance(turn, (int, str)):
        raise wrong_type("observe!", "turn", "a number or a string", turn)
    numbers = [float(each) for each in given]
    made = deciding.observe(
        ctx.session,
        number,
        numbers,
        "" if author is None else _text(author),
        parts,
        False if turn is None else turn,
    )
    return Symbol(made.state)


def _is_difference(value: Any) -> bool:
    from fractions import Fraction

    real = isinstance(value, (int, float, Fraction)) and not isinstance(value, bool)
    return real and math.isfinite(value) and -1 <= value <= 1


@primitive("evidence", effects="read-table")
def evidence(ctx: Context, number: int) -> Any:
    """What has been seen of proposal NUMBER: {:pairs :counted :mean :low :high :fresh :e-value :harm :harms :fair
    :authors :slices :against}, where :against says why it does not suffice, and is empty when it does.

    > (guard (e (#t (error-object-message e))) (evidence 999999))
    => "evidence: there is no proposal 999999"
    """
    return deciding.verdict(ledger_of(ctx.session).proposal(number, "evidence"))


# — deciding —


@primitive("approve!", effects="rewrite")
def approve(ctx: Context, number: Any, *, canary: Any = False, by: str | None = None) -> Any:
    """Accept proposal NUMBER: its name is given the new definition, as a version that says why. CANARY: for one turn
    in ten first. Gives its state. Of a migration, as 'm1, or of several in a list: they move, as many at once as the
    queue's bandwidth says, the others by `serve-migrations!`.

    > (guard (e (#t (error-object-message e))) (approve! 999999))
    => "approve!: there is no proposal 999999"
    """
    if number.__class__ is not int:
        several = None if isinstance(number, str | Symbol) else list_items(number)
        names = [str(getattr(each, "name", each)) for each in (several or [number])]
        states = [Symbol(row.state) for row in migrations.approve(ctx.session, names, by or _author(ctx))]
        return states[0] if several is None else make_list(states)
    made = deciding.approve(ctx.session, number, by or _author(ctx), canary is not False)
    return Symbol(made.state)


@primitive("reject!", effects="rewrite")
def reject(ctx: Context, number: int | Name, why: str = "", *, by: str | None = None) -> Symbol:
    """Refuse proposal NUMBER and say WHY; of one that was accepted, the name is given back what it meant before. A
    migration is named as 'm1; one that was done is taken back.

    > (guard (e (#t (error-object-message e))) (reject! 999999 "never proposed"))
    => "reject!: there is no proposal 999999"
    """
    if isinstance(number, str):
        return Symbol(migrations.reject(ctx.session, number, why, by or _author(ctx)).state)
    made = deciding.reject(ctx.session, number, why, by or _author(ctx), "rejected")
    return Symbol(made.state)


@primitive("gate-mode", effects="read-table")
def gate_mode(ctx: Context) -> Symbol:
    """What becomes of proposals: propose (a person decides), auto (the evidence does, through the canary), off (none
    are taken).

    > (gate-mode)
    => propose
    """
    return Symbol(ledger_of(ctx.session).book.mode)


@primitive("gate-mode!", effects="rewrite")
def set_gate_mode(ctx: Context, mode: Name) -> Symbol:
    """Let MODE, 'propose, 'auto or 'off, decide what becomes of proposals.

    > (list (gate-mode! 'auto) (gate-mode! 'propose))
    => (auto propose)
    """
    if mode not in deciding.MODES:
        raise EvalError(
            f"gate-mode!: there is no mode {mode}",
            code="range",
            hint=f"there are {', '.join(deciding.MODES)}",
        )
    ledger = ledger_of(ctx.session)
    if ledger.book.mode != mode:
        ledger.note("mode", Symbol(mode), _author(ctx))
    return Symbol(mode)


# — trying —


@primitive("%enter-proposal", effects="mutate")
def enter_proposal(ctx: Context, number: int) -> Any:
    """Let names mean what they would under proposal NUMBER until (%leave-proposal).

    > (procedure? %enter-proposal)
    => #t
    """
    trying.enter(ctx.session, number)
    return UNSPECIFIED


@primitive("%leave-proposal", effects="mutate")
def leave_proposal(ctx: Context) -> Any:
    """End what (%enter-proposal number) began.

    > (begin (%leave-proposal) 'left)
    => left
    """
    trying.leave(ctx.session)
    return UNSPECIFIED


@primitive("current-proposal", effects="pure")
def current_proposal(ctx: Context) -> Any:
    """The number of the proposal under which evaluation goes on, #f if there is none.

    > (current-proposal)
    => #f
    """
    found = trying.present(ctx.session)
    return False if found is None else found


@primitive("canary", effects="read-table")
def canary_(ctx: Context, turn: int) -> Any:
    """The number of the proposal that TURN tries as its canary, #f for nine turns of ten.

    > (canary 1)
    => #f
    """
    found = deciding.canary(ledger_of(ctx.session), turn)
    return False if found is None else found


# — invariants —


@primitive("%invariant!", effects="rewrite")
def add_invariant(ctx: Context, name: Any, form: Any, expected: Any) -> Any:
    """Let the gate hold every candidate against FORM, called NAME, which must give EXPECTED.

    > (%invariant! "one and one" '(+ 1 1) 2)
    => "one and one"
    """
    return deciding.add_invariant(ctx.session, str(name), form, expected, _author(ctx))


@primitive("invariants", effects="read-table")
def invariants(ctx: Context) -> Any:
    """What must hold whatever is accepted: a list of (name form => value).

    > (first (invariants))
    => ("equality tells things apart" (list (equal? '(1 2) '(1 2)) (equal? '(1 2) '(1 3)) (eq? 'a 'b)) => (#t #f #f))
    """
    found = deciding.invariants(ledger_of(ctx.session))
    return make_list(
        make_list([each.name, afresh(each.form), Symbol("=>"), afresh(each.expected)]) for each in found
    )
