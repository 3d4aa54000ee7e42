"""Each static check refuses what it is there for, and only that: known-bad candidates, and a good one beside them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chorus import Capabilities, Session
from chorus.interpreter.gate.cases import Case, shipped
from chorus.interpreter.gate.checks import CHECKS, judge
from chorus.interpreter.gate.child import child_of, outcome
from chorus.interpreter.reader import read_one
from chorus.runtime.printer import write

# A team's definitions: what the candidates are to replace.
TEAM = """
(rewrite half (define (half x) "X in two.

> (half 4)
=> 2" (/ x 2)) :in 'swarm)
(rewrite pick (define (pick items :most [most 2] . more) "The first MOST of ITEMS.

> (pick '(1 2 3))
=> (1 2)
> (pick '(1 2 3) :most 1)
=> (1)"
  (let loop ((n most) (left items))
    (if (or (= n 0) (null? left)) '() (cons (car left) (loop (- n 1) (cdr left)))))) :in 'swarm)
(rewrite note (define (note x) "Show X.

> (note 1)
=> …" (display x)) :in 'swarm)
(rewrite depth (define depth 3) :in 'swarm)
(rewrite words (define words '("a" "b")) :in 'swarm)
(rewrite twice (define-syntax twice (syntax-rules () ((_ e) (begin e e)))) :in 'swarm)
(define private 5)
(define (helper x) (* x private))
(define table-of-mine (make-hash-table))
"""

GOOD = [
    ("half", "(define (half x) (* x 1/2))"),
    ("half", "(lambda (x) (quotient x 2))"),
    ("half", "(define (half x :by [by 2] . more) \"X by BY.\n\n> (half 6)\n=> 3\" (/ x by))"),
    ("pick", "(define (pick items :most [most 2] . more) (if (< (length items) most) items (take items most)))"),
    ("note", "(lambda (x) (display (list x)))"),
    ("depth", "4"),
    ("depth", "(+ 2 2)"),
    ("words", "'(\"c\")"),
    ("twice", "(define-syntax twice (syntax-rules () ((_ e) (let ((first e)) e))))"),
    ("unless-zero", "(define-syntax unless-zero (syntax-rules () ((_ n e) (if (= n 0) 'nothing e))))"),
    ("thrice", "(define (thrice x) \"X three times.\n\n> (thrice 2)\n=> 6\" (* 3 x))"),
    ("answer-length", "3"),
    ("fusion-weights", "'(0.3 1.0)"),
    ("say-lead", "(lambda (n many one) (if (= n 1) one (format many n)))"),
    ("count-fun", "(define (count-fun) (messages))"),
]  # fmt: skip

LONG = "(list " + "x " * 12_000 + ")"
BAD = [
    ("size", "half", f"(lambda (x) {LONG})"),
    ("size", "words", "'(" + '"abcdefghij" ' * 2000 + ")"),
    ("definition", "half", "(define (halve x) (/ x 2))"),
    ("definition", "half", "(begin (define (half x) 1) (define (third x) 2))"),
    ("definition", "half", "(define-values (half third) (values 1 2))"),
    ("definition", "half", "(import (scheme base))"),
    ("definition", "half", "(define)"),
    ("definition", "words", "(set! depth 3)"),
    ("protected", "car", "(lambda (x) 'mine)"),
    ("protected", "+", "(lambda xs 0)"),
    ("protected", "if", "(define-syntax if (syntax-rules () ((_ a b c) b)))"),
    ("protected", "lambda", "(define-syntax lambda (syntax-rules () ((_ a b) b)))"),
    ("protected", "approve!", "(lambda (n) 'accepted)"),
    ("protected", "proposals", "(lambda () '())"),
    ("protected", "with-proposal", "(lambda (n thunk) (thunk))"),
    ("protected", "invariant", "(define-syntax invariant (syntax-rules () ((_ . all) #t)))"),
    ("protected", "%gate-verdict", "(lambda (seen) seen)"),
    ("protected", "write", "(lambda (x) 'nothing)"),
    ("protected", "half", "(lambda (x) (set! > <) (/ x 2))"),
    ("protected", "twice", "(define-syntax twice (syntax-rules () ((_ e) (begin (set! approve! list) e))))"),
    ("expands", "half", "(lambda (x) (nonesuch x))"),
    ("expands", "half", "(lambda (x) (if))"),
    ("expands", "half", "(lambda (x) (let ((y)) y))"),
    ("expands", "half", "(lambda (x) (car))"),
    ("expands", "half", "(lambda (x) (pick))"),
    ("expands", "half", "(lambda (x x) x)"),
    ("expands", "half", "(lambda (x) (5 x))"),
    ("assigns", "half", "(lambda (x) (set! depth 9) (/ x 2))"),
    ("assigns", "half", "(lambda (x) (set! half car) (set! pick car) (/ x 2))"),
    ("kept", "half", "car"),
    ("kept", "half", "(let ((n 0)) (lambda (x) (set! n (+ n 1)) (/ x 2)))"),
    ("kept", "depth", "(/ 1 0)"),
    ("kept", "depth", "(let loop () (loop))"),
    ("kept", "depth", "3"),
    ("kept", "words", "(read-file \"/etc/hostname\")"),
    ("kind", "half", "5"),
    ("kind", "depth", "\"three\""),
    ("kind", "words", "7"),
    ("kind", "depth", "(define (depth) 3)"),
    ("kind", "half", "(define-syntax half (syntax-rules () ((_ x) (/ x 2))))"),
    ("arity", "half", "(lambda (x y) (/ x 2))"),
    ("arity", "half", "(lambda () 2)"),
    ("arity", "pick", "(lambda (items) items)"),
    ("arity", "pick", "(define (pick items :many [many 2] . more) items)"),
    ("effects", "half", "(lambda (x) (display x) (/ x 2))"),
    ("effects", "half", "(lambda (x) (read-file \"/etc/passwd\") (/ x 2))"),
    ("effects", "half", "(lambda (x) (eval (list '/ x 2)))"),
    ("effects", "half", "(lambda (x) (hash-set! (hash-table) 1 x) (/ x 2))"),
    ("effects", "half", "(lambda (x) (rollback! 'base) (/ x 2))"),
    ("effects", "half", "(lambda (x) (observe! 1 1) (/ x 2))"),
    ("effects", "half", "(lambda (x) (note x) (/ x 2))"),
    ("examples", "note", "(lambda (x) (exit x))"),
    ("kept", "depth", "(exit 3)"),
    ("macros", "half", "(lambda (x) (let-syntax ((m (er-macro-transformer (lambda (f r c) 2)))) (/ x (m))))"),
    ("macros", "fresh", "(define (fresh x) (define-macro (m) 2) (/ x (m)))"),
    ("reaching", "half", "(lambda (x) (%global-value 'x) (/ x 2))"),
    ("reaching", "fresh", "(define (fresh x) (macroexpand (list x)))"),
    ("capability", "fresh", "(define (fresh x) (write-file x \"hello\"))"),
    ("capability", "fresh", "(define (fresh) (eval '(approve! 1)))"),
    ("capability", "fresh", "(define (fresh) (approve! 1))"),
    ("scope", "half", "(lambda (x) (if (= x private) x (/ x 2)))"),
    ("scope", "half", "(lambda (x) (helper (/ x 2)))"),
    ("choices", "answer-length", "500"),
    ("choices", "fusion-weights", "'(-1.0 \"a\")"),
    ("invariants", "sentences-per-author", "0"),
    ("invariants", "sentences-per-author", "500"),
    ("invariants", "near-duplicate", "0.1"),
    ("invariants", "opinion-threshold", "0"),
    ("invariants", "fold", "(lambda (f start items . more) start)"),
    ("invariants", "every", "(lambda (f . lists) #t)"),
    ("invariants", "cond", "(define-syntax cond (syntax-rules () ((_ (test value) . more) value)))"),
    ("cost", "half", "(lambda (x) (let loop () (loop)))"),
    ("cost", "half", "(lambda (x) (let loop ((n 0)) (if (< n 300000) (loop (+ n 1)) (/ x 2))))"),
    ("cost", "half", "(define (half x) (if (> x 100000000) x (list (half (+ x 1)) (half (+ x 1)))))"),
    ("examples", "half", "(lambda (x) (* x 3))"),
    ("examples", "pick", "(define (pick items :most [most 2] . more) items)"),
    ("examples", "half", "(define (half x) \"X.\n\n> (half 8)\n=> 5\" (/ x 2))"),
    ("examples", "half", "(lambda (x) (car x))"),
    ("examples", "say-lead", "(lambda (n many one) (if (> n 100) one many))"),
]  # fmt: skip


@pytest.fixture(scope="module")
def team() -> Iterator[Session]:
    with Session(allow=Capabilities.all()) as session:
        session.eval(TEAM)
        yield session


def judged(session: Session, name: str, text: str) -> tuple[bool, list[tuple[str, str]]]:
    with Case(session, name, read_one(text), "swarm", shipped()) as case:
        return judge(case)


@pytest.mark.parametrize(("name", "text"), GOOD)
def test_a_good_candidate_passes(team: Session, name: str, text: str) -> None:
    passed, found = judged(team, name, text)
    assert passed, found


@pytest.mark.parametrize(("check", "name", "text"), BAD)
def test_a_bad_candidate_is_refused_by_its_check(team: Session, check: str, name: str, text: str) -> None:
    passed, found = judged(team, name, text)
    assert not passed
    if check == "examples" and name == "say-lead":
        assert found[0][0] in ("examples", "invariants")
    else:
        assert found[0][0] == check, found
    assert all(text and "Traceback" not in text for _, text in found)


def test_a_form_that_is_no_data_is_refused(team: Session) -> None:
    from chorus.runtime.values import Symbol, make_list

    with Case(team, "half", make_list([Symbol("quote"), team.lookup("car")]), "swarm", []) as case:
        assert judge(case)[1][0][0] == "reads"


def test_fifty_are_refused_and_every_check_has_some() -> None:
    assert len(BAD) >= 50
    others = {"reads", "deciding"}  # the first above, the other below, behind `effects`
    assert {check.name for check in CHECKS} == {check for check, _, _ in BAD} | others


def test_what_reaches_the_gate_is_refused_even_where_effects_are_not_looked_at(team: Session) -> None:
    (look,) = (check.look for check in CHECKS if check.name == "deciding")
    with Case(team, "half", read_one("(lambda (x) (approve! x))"), "swarm", []) as case:
        assert list(look(case)) == ["it may decide what is accepted (by approve!)"]


def test_nothing_of_a_candidate_happens_to_the_session(team: Session) -> None:
    before = team.versions.history.number
    for _, name, text in BAD[::5]:
        judged(team, name, text)
    assert team.versions.history.number == before
    assert team.eval("(list (half 4) depth)") == [2, 3]


def test_all_invariants_hold_as_things_are(team: Session) -> None:
    assert len(shipped()) >= 20
    with child_of(team) as child:
        for each in shipped():
            gave = outcome(child, each.form)
            assert not gave.error and gave.written == write(each.expected), each.name


def test_what_only_a_person_can_tell_is_said(team: Session) -> None:
    passed, found = judged(team, "twice", "(define-syntax twice (syntax-rules () ((_ e) e)))")
    assert passed and found[0][0] == "person"
    passed, found = judged(team, "half", '(define (half x) "X.\n\n> (half 4)\n=> 2.0" (/ x 2.0))')
    assert passed and found == [("person", "it says something else than now of (half 4)")]
    passed, found = judged(team, "bare", "(define (bare x) x)")
    assert passed and found == [("person", "there is no example that shows what it does and costs")]
