"""Nothing that a program rewrites reaches the gate: its verdicts on bad candidates, and what it lets pass, stay."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chorus import Capabilities, ChorusError, Session
from chorus.interpreter.reader import read_forms
from chorus.runtime.printer import write

START = '(rewrite half (define (half x) "X in two.\n\n> (half 4)\n=> 2" (/ x 2)) :in \'swarm)'

# Candidates that must be refused, each by the check that is named.
BAD = [
    ("examples", "half", "(lambda (x) (* x 3))"),
    ("effects", "half", "(lambda (x) (display x) (/ x 2))"),
    ("invariants", "sentences-per-author", "0"),
    ("arity", "half", "(lambda (x y) x)"),
    ("cost", "half", "(lambda (x) (let loop () (loop)))"),
    ("protected", "approve!", "(lambda (n) 'accepted)"),
]
GOOD = ("half", "(lambda (x) (* x 1/2))")

ATTACKS = {
    "set! of the gate's primitives": (
        "(set! propose! (lambda all 1)) (set! approve! (lambda all 'accepted)) (set! evidence list)"
    ),
    "set! of its kernels": (
        "(set! %gate-verdict (lambda all (hash-table))) (set! %gate-running list) "
        "(set! e-value (lambda (d) 1e9))"
    ),
    "set! of its numbers": (
        "(set! gate-rules (lambda () {:alpha 1 :candidates 1 :harm 0 :canary 1 :canary-least 0}))"
    ),
    "definitions of its names": (
        "(define (observe! . all) 'accepted) (define (gate-mode) 'auto) (define (invariants) '())"
    ),
    "rewriting >": "(set! > (lambda all #t)) (set! < (lambda all #t)) (set! >= <)",
    "rewriting arithmetic": "(set! + (lambda all 0)) (set! * (lambda all 0)) (set! - +) (set! / +)",
    "rewriting equality": (
        "(set! equal? (lambda all #t)) (set! eq? equal?) (set! eqv? equal?) (set! = equal?) "
        "(set! not (lambda (x) #t))"
    ),
    "rewriting fold and its kin": (
        "(set! fold (lambda all #t)) (set! map (lambda all '())) (set! filter (lambda all '())) "
        "(set! every (lambda all #t))"
    ),
    "rewriting lists": (
        "(set! car (lambda (x) 'anything)) (set! cdr car) (set! null? (lambda (x) #t)) "
        "(set! list (lambda all '()))"
    ),
    "rewriting hash tables": (
        "(set! hash-ref (lambda all #t)) (set! get hash-ref) (set! hash-set! list)"
    ),
    "the table of special forms": (
        "(define-syntax if (syntax-rules () ((_ a b c) b))) (define-syntax lambda (syntax-rules () "
        "((_ . all) car)))"
    ),
    "core forms as variables": "(define (quote x) x) (define (define-syntax . all) all)",
    "macros of the language": (
        "(define-syntax cond (syntax-rules () ((_ . all) #t))) (define-syntax guard (syntax-rules () "
        "((_ . all) #t)))"
    ),
    "the evaluator": (
        "(guard (e (#t #f)) (eval '(set! ev-apply (lambda all 2)) (evaluator-environment)))"
    ),
    "eval and environments": (
        "(set! eval (lambda all 2)) (set! interaction-environment (lambda () #f)) "
        "(set! environment list)"
    ),
    "printing": (
        "(set! write (lambda all \"2\")) (set! display write) (set! write-string write) "
        "(set! present write)"
    ),
    "reading": (
        "(set! read (lambda all '(lambda (x) (/ x 2)))) (set! string->number (lambda all 2)) "
        "(set! symbol->string (lambda (s) \"half\"))"
    ),
    "errors": (
        "(set! error (lambda all 2)) (set! raise (lambda all 2)) "
        "(set! with-exception-handler (lambda (h t) (t)))"
    ),
    "control": (
        "(set! dynamic-wind (lambda (a b c) (b))) (set! call/cc (lambda (f) 2)) "
        "(set! apply (lambda all 2))"
    ),
    "the invariants": (
        "(define-syntax invariant (syntax-rules () ((_ . all) #t))) "
        "(define answer-length-invariant #t) (set! invariants (lambda () '()))"
    ),
    "documentation and examples": (
        "(set! documentation (lambda all #f)) (set! doc documentation) "
        "(set! half (lambda (x) \"no doc\" (/ x 2)))"
    ),
    "history": (
        "(set! environment-history (lambda all '())) (set! rollback! (lambda all 'v0)) "
        "(set! %rewrite (lambda all 'v9)) (set! audit (lambda () {:ok #t}))"
    ),
    "a library": (
        "(define-library (my gate) (export propose!) (import (scheme base)) "
        "(begin (define (propose! . all) 1)))"
    ),
    "another environment": (
        "(define e (interaction-environment)) (eval '(define (half x) 2) e) "
        "(eval '(define equal? (lambda all #t)) e)"
    ),
    "a frame further out": (
        "(rewrite > (lambda all #t) :in 'swarm) (rewrite equal? (lambda all #t) :in 'domain) "
        "(rewrite approve! list :in 'agent)"
    ),
    "import of a frame": (
        "(%import-frame \"(define (every . all) #t) (define (write . all) 2)\" \"mine\" :frame 'swarm)"
    ),
    "a version that is shown": "(define equal? (lambda all #t)) (%enter-environment 'now)",
    "an assumption": "(%assume '(equal? answer-length) (list (lambda all #t) 4) '(a b))",
    "tracing": "(trace half) (set! trace list)",
    "parameters and time": (
        "(set! now (lambda () 0)) (set! random (lambda all 0)) "
        "(set! current-output-port (lambda () #f))"
    ),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _quiet(capsys: pytest.CaptureFixture[str]) -> None:
    """What attacked sessions print is of no interest."""


def proposed(session: Session, name: str, text: str) -> tuple[str, str]:
    """What the gate's own record says of a proposal that is made without any name of the session."""
    from chorus.interpreter.gate.deciding import propose
    from chorus.interpreter.gate.ledger import ledger_of
    from chorus.interpreter.reader import read_one

    number = session._inside(lambda: propose(session, name, read_one(text), "swarm", None, "test", None))
    found = ledger_of(session).book.of(number)
    return found.state, found.findings[0][0] if found.findings else ""


def attacked(text: str) -> Session:
    session = Session(allow=Capabilities.all())
    session.eval(START)
    for form in read_forms(text):
        try:
            session.evaluate(form)
        except (ChorusError, SystemExit):
            continue  # some cannot be done at all
    return session


def test_there_are_twenty_ways() -> None:
    assert len(ATTACKS) >= 20


@pytest.mark.parametrize("way", ATTACKS)
def test_verdicts_stay_what_they_are(way: str) -> None:
    with attacked(ATTACKS[way]) as session:
        for check, name, text in BAD if way in ("rewriting equality", "a frame further out") else BAD[:4]:
            assert proposed(session, name, text) == ("refused", check)
        state, found = proposed(session, *GOOD)
        assert state == "waiting" and found in ("", "person")


@pytest.mark.parametrize(
    "way", ["rewriting >", "rewriting arithmetic", "set! of its kernels", "set! of its numbers"]
)
def test_evidence_stays_what_it_is(way: str) -> None:
    from chorus.interpreter.gate.deciding import observe, verdict
    from chorus.interpreter.gate.ledger import ledger_of

    with attacked(ATTACKS[way]) as session:
        assert proposed(session, *GOOD)[0] == "waiting"
        ledger_of(session).note("mode", _symbol("auto"), "test")
        session._inside(lambda: observe(session, 1, [0.25] * 20, "", [], False))
        found = ledger_of(session).book.of(1)
        assert found.state == "shadow" and not found.ready
        told = write(verdict(found))
        assert "e-value 2.4" in told or "e-value 3" in told or "of 400" in told


def test_without_the_capability_nothing_is_decided() -> None:
    with Session(allow=Capabilities.command_line()) as session:
        session.eval("(define (half x) (/ x 2)) (propose! 'half '(lambda (x) (* x 1/2)) :in 'context)")
        for form in ("(approve! 1)", "(reject! 1)", "(gate-mode! 'auto)", '(invariant "x" 1 => 1)'):
            with pytest.raises(ChorusError) as refused:
                session.eval(form)
            assert refused.value.code == "denied"
        session.eval(
            "(set! gate-mode (lambda () 'auto)) (observe! 1 '(1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1))"
        )
        assert str(session.eval("(get (proposal 1) :state)")) == "shadow"  # mode is what the record says


@pytest.mark.skipif(os.name != "posix", reason="files")
def test_the_record_cannot_be_reached_by_the_language(tmp_path: Path) -> None:
    with Session(tmp_path, allow=Capabilities.all().without("write", "process"), persist=True) as session:
        session.eval(START)
        session.eval("(propose! 'half '(lambda (x) (* x 3)))")
        with pytest.raises(ChorusError) as refused:
            session.eval(f'(write-file "{tmp_path}/gate.sexp" "")')
        assert refused.value.code in ("denied", "unbound")
        assert str(session.eval("(get (proposal 1) :state)")) == "refused"
        with pytest.raises(ChorusError, match="is refused"):
            session.eval("(approve! 1)")


STANDS = '"X in two.\n\n> (half 4)\n=> 2"'
HIDDEN = {
    "macros": "(define (half x) {doc} (let-syntax ((m (er-macro-transformer (lambda (f r c) 1)))) (m)) (/ x 2))",
    "macros ": "(define (half x) {doc} (define-macro (m) 1) (m) (/ x 2))",
    "reaching": "(define (half x) {doc} (%global-or 'approve! 1) (/ x 2))",
    "reaching ": "(define (half x) {doc} (%global-value 'answer-length) (/ x 2))",
    "reaching  ": "(define (half x) {doc} (macroexpand-1 (list 'm x)) (/ x 2))",
    "reaching   ": "(define (half x) {doc} (macroexpand-all (list 'm x)) (/ x 2))",
    "effects": "(define (half x) {doc} (rate! 5) (/ x 2))",
    "deciding": "(define-syntax half (syntax-rules () ((_ x) (approve! x))))",
}


@pytest.mark.parametrize("check", HIDDEN)
def test_what_a_candidate_hides_from_the_checks_is_refused(check: str) -> None:
    """A macro made by a procedure ran while the definition was compiled, in sessions that may do everything."""
    with Session(allow=Capabilities.all()) as session:
        if check != "deciding":
            session.eval(START)
        text = HIDDEN[check].format(doc=STANDS)
        assert proposed(session, "half", text) == ("refused", check.strip())
        assert str(session.eval("(gate-mode)")) == "propose"


@pytest.mark.parametrize(
    "name", ("rated-turns", "note-follow-up!", "signal-worth", "as-turn", "give-evidence!")
)
def test_what_evidence_is_made_by_is_not_proposed(name: str) -> None:
    with Session(allow=Capabilities.all()) as session:
        assert proposed(session, name, "5") == ("refused", "protected")


def test_what_is_shown_of_a_proposal_is_not_what_is_accepted() -> None:
    with Session(allow=Capabilities.all()) as session:
        session.eval(START)
        session.eval("(propose! 'half '(lambda (x) (* x 1/2)))")
        session.eval("(set-car! (cdr (third (get (proposal 1) :form))) 99)")
        session.eval('(invariant "two" (+ 1 1) => 2)')
        session.eval('(set-car! (cdr (second (assoc "two" (invariants)))) 9)')
        assert str(session.eval("(approve! 1)")) == "accepted" and session.eval("(half 8)") == 4
        assert session.eval('(second (assoc "two" (invariants)))')[1:] == [1, 1]


def test_what_the_team_defined_is_changed_by_none_who_may_not_rewrite(tmp_path: Path) -> None:
    with Session(tmp_path, allow=Capabilities.all(), persist=True) as session:
        session.eval("(rewrite answer-length 3 :in 'swarm)")
    with Session(tmp_path, allow=Capabilities.all().without("rewrite"), persist=True) as session:
        for form in (
            "(rollback! 'base)",
            "(undo!)",
            '(%import-frame "(define answer-length 6)" "mine" :frame \'swarm)',
        ):
            with pytest.raises(ChorusError) as refused:
                session.eval(form)
            assert refused.value.code == "denied", form
        assert session.eval("answer-length") == 3
        session.eval("(define mine 1) (define mine 2) (undo!)")  # its own
        assert session.eval("mine") == 1


def _symbol(name: str):  # type: ignore[no-untyped-def]
    from chorus.runtime.values import Symbol

    return Symbol(name)
