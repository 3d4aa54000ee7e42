"""A rewritten evaluator is what everything goes through from then on, in that session and no other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest

from chorus import Capabilities, CapabilityDenied, ChorusError, EvalError, Session
from chorus.interpreter.reader import read_forms

WAYS = ("host", "meta", "interpreted")
UNLESS = """(special-form-define! 'unless*
  (lambda (l x env at)
    (%if l (evaluate l (cadr x) env at) (lambda () (%quote l #f at)) (lambda () (evaluate l (caddr x) env at)) at)))"""
COUNTING = """
(define calls 0)
(define (note!) (set! calls (+ calls 1)))
(define base-call ev-call)
(define (ev-call l x env at)
  (%call l (l note!) '() at)
  (base-call l x env at))
"""


@pytest.fixture(params=WAYS)
def session(request: pytest.FixtureRequest) -> Iterator[Session]:
    with Session(evaluator=request.param, allow=Capabilities.all()) as made:
        yield made


def rewrite(session: Session, text: str) -> None:
    for form in read_forms(text):
        session.eval("(eval form (evaluator-environment))", form=form)


def test_a_row_of_the_table_changes_what_user_code_does(session: Session) -> None:
    session.eval("(define (old x) (if x 'yes 'no))")
    session.eval(
        "(special-form-define! 'if (lambda (l x env at) (%quote l 'changed at)) (evaluator-environment))"
    )
    assert str(session.eval("(if #t 1 2)")) == "changed"
    assert str(session.eval("(cond (#t 1) (else 2))")) == "changed"  # what macros expand to as well
    if session.evaluator != "interpreted":
        assert str(session.eval("(old #t)")) == "yes"  # compiled before
    with Session(allow=Capabilities.all()) as other:
        assert other.eval("(if #t 1 2)") == 1


def test_redefining_a_procedure_of_the_evaluator_takes_effect_at_once(session: Session) -> None:
    rewrite(session, "(define (ev-quote l x env at) (%quote l (list 'quoted (cadr x)) at))")
    assert list(map(str, session.eval("'a"))) == ["quoted", "a"]
    rewrite(session, "(set! ev-quote (lambda (l x env at) (%quote l 'again at)))")
    assert str(session.eval("'a")) == "again"


def test_an_evaluator_that_counts_leaves_its_counting_in_the_code(session: Session) -> None:
    rewrite(session, COUNTING)
    session.eval("(define (fib n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))")
    before = session.eval("(eval 'calls (evaluator-environment))")
    assert session.eval("(fib 10)") == 55
    counted = session.eval("(eval 'calls (evaluator-environment))") - before
    # each of 177 calls of fib compares, all but the 89 last add once and subtract twice; and what is evaluated here
    assert 177 * 2 + 88 * 3 <= counted <= 177 * 2 + 88 * 3 + 10


def test_a_special_form_of_ones_own(session: Session) -> None:
    session.eval(UNLESS)
    session.eval("(define (f x) (unless* (> x 2) (* x 10)))")
    assert session.eval("(list (f 1) (f 3))") == [10, False]
    assert session.eval("(let ((unless* list)) (unless* 1 2))") == [1, 2]
    assert (
        session.eval("(let-syntax ((u (syntax-rules () ((_ a b) (unless* a b))))) (let ((x #f)) (u x 5)))")
        == 5
    )


def test_a_row_may_use_a_value_twice_or_not_at_all(session: Session) -> None:
    session.eval(
        """(define n 0)
        (define (next) (set! n (+ n 1)) n)
        (special-form-define! 'double
          (lambda (l x env at)
            (let ((value (evaluate l (cadr x) env at)))
              (%call l (evaluate l '+ env at) (list value value) at))))
        (special-form-define! 'ignore
          (lambda (l x env at) (evaluate l (cadr x) env at) (%quote l 'ignored at)))
        (special-form-define! 'backwards
          (lambda (l x env at)
            (let* ((first (evaluate l (cadr x) env at)) (second (evaluate l (caddr x) env at)))
              (%call l (evaluate l 'list env at) (list second first) at))))"""
    )
    assert session.eval("(list (double (next)) n)") == [2, 1]
    assert list(map(str, session.eval("(list (ignore (next)) n)"))) == ["ignored", "2"]
    assert session.eval("(backwards (next) (next))") == [4, 3]
    assert session.eval("(let ((a 1)) (backwards a (begin (set! a 2) a)))") == [2, 1]


def test_code_belongs_to_the_block_it_was_made_in() -> None:
    with Session(allow=Capabilities.all()) as session:
        session.eval(
            """(special-form-define! 'leak
              (lambda (l x env at)
                (let ((kept #f))
                  (%if l (evaluate l (cadr x) env at)
                    (lambda () (set! kept (evaluate l (caddr x) env at)) kept)
                    (lambda () (%quote l 0 at))
                    at)
                  kept)))"""
        )
        with pytest.raises(EvalError, match="outside the block"):
            session.eval("(lambda (a) (leak a (car a)))")


def test_errors_of_code_that_a_row_has_written_have_their_place(session: Session) -> None:
    session.eval(UNLESS)
    with pytest.raises(ChorusError) as caught:
        session.eval("(list 1\n  (unless* #f (car 5)))")
    assert caught.value.span is not None and (caught.value.span.line, caught.value.span.column) == (2, 15)


@pytest.mark.parametrize(
    "form", ["(evaluator-environment)", "(special-form-define! 'if (lambda (l x env at) 1))"]
)
def test_rewriting_needs_a_capability(form: str) -> None:
    with Session() as session, pytest.raises(CapabilityDenied):
        session.eval(form)


def test_what_was_broken_can_be_mended_as_long_as_calls_work(session: Session) -> None:
    rewrite(session, "(define kept ev-if) (define (ev-if l x env at) (car 5))")
    with pytest.raises(ChorusError):
        session.eval("(if 1 2 3)")
    rewrite(session, "(define ev-if kept)")
    assert session.eval("(if 1 2 3)") == 2


def test_the_levels_above_follow(session: Session) -> None:
    assert session.eval("(with-level 2 '(1))") == [1]
    rewrite(session, "(define (ev-quote l x env at) (%quote l 'one at))")
    assert str(session.eval("(with-level 1 'a)")) == "one"
    assert session.eval("(tower 2)") is not None


BROKEN = [
    "(set! ev (lambda (l x env at) (car 5)))",
    "(define (ev-pair l x env at) (ev-pair l x env at 1))",
    "(define special-forms (make-hash-table))",
    "(define (lookup x env) #f)",
    "(define head 'nothing)",
]


@pytest.mark.parametrize("broken", BROKEN)
def test_there_is_a_way_back_from_an_evaluator_that_no_longer_works(session: Session, broken: str) -> None:
    session.eval("(define (twice x) (* 2 x)) (define (restore-evaluator!) 'mine)")
    with suppress(ChorusError):  # an interpreter may fail before it is done
        rewrite(session, broken)
    with pytest.raises(ChorusError):
        session.eval("(if (twice 1) (quote a) (lambda (x) x))")
    session.eval("(restore-evaluator!)")
    assert session.eval("(if (twice 4) (twice 4) 'no)") == 8
    assert session.eval("(with-level 2 (let loop ((i 0)) (if (< i 3) (loop (+ i 1)) i)))") == 3
    rewrite(session, "(define (ev-quote l x env at) (%quote l 'changed at))")
    assert str(session.eval("'a")) == "changed"


def test_the_way_back_needs_the_capability_too() -> None:
    with Session() as session, pytest.raises(CapabilityDenied):
        session.eval("(restore-evaluator!)")


def test_a_special_form_of_the_wrong_shape_is_an_error_of_the_program() -> None:
    with Session(allow=Capabilities.all()) as session:
        session.eval("(special-form-define! 'foo (lambda (x) 5))")
        with pytest.raises(ChorusError) as caught:
            session.eval("(foo 1)")
        assert caught.value.code == "arity"
        with pytest.raises(ChorusError, match="car got 1 argument too few"):
            session.eval("(dynamic-wind (lambda () 1) (lambda () (car 5)) car)")
