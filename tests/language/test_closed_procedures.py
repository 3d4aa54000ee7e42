"""What `%closed?` promises, and that sorting with such a procedure gives what sorting with any other does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus import ChorusError, Session


@pytest.fixture(scope="module")
def session() -> Session:
    return Session()


@pytest.mark.parametrize(
    ("procedure", "closed"),
    [
        ("(lambda (a b) (< (car a) (car b)))", True),
        ("(lambda (a b) (let loop ((i 0)) (if (< i a) (loop (+ i 1)) (< i b))))", True),
        ("(lambda (a b f) (< (call/cc f) b))", False),
        ("(lambda (a b) (< (not-known-yet a) b))", False),
        ("(lambda (a b) (define-values (x y) (f a)) (< x y))", False),
        ("(let ((f car)) (lambda (a b) (< (f a) (f b))))", False),
        ("(lambda (a b) (set! a (+ a 1)) (< a b))", True),
        ("(lambda (a b) (< (eval a (the-environment)) b))", False),
        ("(lambda (a b) (< (apply + a) (apply + b)))", True),
        ("(lambda (a f) (< (apply f a) 1))", False),
    ],
)
def test_who_is_closed(session: Session, procedure: str, closed: bool) -> None:
    assert session.eval(f"(%closed? {procedure})") is closed


def test_a_redefinition_ends_it() -> None:
    session = Session()
    session.eval("(define (shorter? a b) (< (string-length a) (string-length b)))")
    assert session.eval("(%closed? shorter?)") is True
    assert session.eval('(sort (list "ccc" "a" "bb") shorter?)') == ["a", "bb", "ccc"]
    session.eval("(define seen 0) (define (string-length x) (set! seen (+ seen 1)) 0)")
    assert session.eval("(%closed? shorter?)") is False
    assert session.eval('(list (sort (list "ccc" "a" "bb") shorter?) (> seen 0))') == [
        ["ccc", "a", "bb"],
        True,
    ]


def test_what_a_closed_procedure_calls_by_apply() -> None:
    """A procedure of the program's own could take a continuation, or be the new meaning of a primitive."""
    session = Session()
    session.eval("(define (sum-less? a b) (< (apply + a) (apply + b)))")
    assert session.eval("(%closed? sum-less?)") is True
    session.eval("(define (+ . x) 5)")
    assert session.eval("(%closed? sum-less?)") is False


@given(st.lists(st.tuples(st.integers(0, 5), st.integers())))
def test_sorting_is_stable_and_the_same_either_way(session: Session, rows: list[tuple[int, int]]) -> None:
    data = "(list " + " ".join(f"(cons {a} {b})" for a, b in rows) + ")"
    program = f"""
      (let ((open car) (rows {data}))
        (list (map cdr (sort rows (lambda (a b) (< (car a) (car b)))))
              (map cdr (sort rows (lambda (a b) (< (open a) (open b)))))
              (vector->list (vector-map cdr (sort (list->vector rows) (lambda (a b) (< (car a) (car b))))))))"""
    expected = [b for _, b in sorted(rows, key=lambda row: row[0])]
    assert session.eval(program) == [expected] * 3


def test_an_error_within_has_its_place(session: Session) -> None:
    with pytest.raises(ChorusError) as problem:
        session.eval("(sort (list 1 2 3)\n  (lambda (a b)\n    (< (car a) b)))")
    assert problem.value.span is not None and problem.value.span.line == 3


def test_an_escape_passes_through(session: Session) -> None:
    found = session.eval(
        "(guard (e (#t (list 'caught (error-object-irritants e))))"
        '  (sort (list 3 1 2) (lambda (a b) (error "no" a b))))'
    )
    assert found[0].name == "caught"
