"""Closed procedures that hand several values to themselves and to others like them, beside the same with limits."""

from __future__ import annotations

import pytest

from chorus import ChorusError, Limits, Session

SPLIT = """
(define (split l)
  (if (or (null? l) (null? (cdr l)))
      (values l '())
      (let-values (((a b) (split (cddr l)))) (values (cons (car l) a) (cons (cadr l) b)))))
"""


@pytest.fixture(params=[None, Limits(steps=10**9)], ids=["free", "metered"])
def session(request: pytest.FixtureRequest) -> Session:
    return Session(limits=request.param)


def test_everybody_gets_several_values(session: Session) -> None:
    session.eval(SPLIT)
    session.eval("(define (both l) (call-with-values (lambda () (split l)) list))")
    session.eval("(define (second-of l) (let-values (((a b) (split l))) b))")
    session.eval("(define (passed-on l) (split l))")
    for _ in range(3):
        assert session.eval("(both '(1 2 3 4 5))") == [[1, 3, 5], [2, 4]]
        assert session.eval("(second-of '(1 2 3 4))") == [2, 4]
        assert session.eval("(receive all (passed-on '(1 2 3)) all)") == [[1, 3], [2]]
        assert session.eval("(receive (a . rest) (split '(1 2)) rest)") == [[2]]


def test_too_few_and_too_many_are_errors(session: Session) -> None:
    session.eval(SPLIT)
    session.eval("(define (three l) (let-values (((a b c) (split l))) (list a b c)))")
    session.eval("(define (one l) (+ 1 (split l)))")
    for form in ("(three '(1 2))", "(one '(1 2))"):
        with pytest.raises(ChorusError) as problem:
            session.eval(form)
        assert problem.value.code in ("arity", "type")


def test_one_way_out_that_gives_fewer(session: Session) -> None:
    session.eval("""
        (define (odd-one n)
          (if (= n 0) (values 1 2) (if (= n 5) 'one (let-values (((a b) (odd-one (- n 1)))) (values b a)))))""")
    assert session.eval("(receive all (odd-one 3) all)") == [2, 1]
    assert session.eval("(symbol->string (odd-one 5))") == "one"
    with pytest.raises(ChorusError):
        session.eval("(odd-one 6)")


def test_a_redefinition_takes_effect_in_those_that_go_straight_to_it(session: Session) -> None:
    session.eval(SPLIT)
    session.eval(
        "(define (firsts l) (if (null? l) 0 (let-values (((a b) (split l))) (+ (length a) (firsts (cdr l))))))"
    )
    before = session.eval("(firsts '(1 2 3 4))")
    assert before == 2 + 2 + 1 + 1
    session.eval("(define (split l) (values '() l))")
    assert session.eval("(firsts '(1 2 3 4))") == 0
    session.eval("(define (split l) (list l l))")
    with pytest.raises(ChorusError):
        session.eval("(firsts '(1 2 3 4))")


def test_a_primitive_redefined_counts(session: Session) -> None:
    session.eval(SPLIT + "(define (run l) (let-values (((a b) (split l))) (list a b)))")
    assert session.eval("(run '(1 2 3))") == [[1, 3], [2]]
    session.eval("(define kept cons) (define (cons a b) (kept (list a) b))")
    assert session.eval("(run '(1 2 3))") == [[[1], 3], [[2]]]
    session.eval("(define (values . all) 'none)")
    with pytest.raises(ChorusError):
        session.eval("(run '(1 2 3))")


def test_arguments_of_other_kinds_go_the_long_way(session: Session) -> None:
    session.eval("""
        (define (halves n) (if (< n 2) (values n 0) (let-values (((a b) (halves (- n 2)))) (values (+ a 1) (+ b 1)))))
        (define (run x) (let-values (((a b) (halves x))) (list a b)))""")
    assert session.eval("(run 7)") == [4, 3]
    assert session.eval("(run 7.0)") == [4.0, 3]
    assert session.eval("(run 15/2)") == session.eval("(list 9/2 3)")
