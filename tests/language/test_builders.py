"""Lists that loops make from their heads are the lists that consing and reversing would give."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus import ChorusError, Session

PROGRAMS = """
(define (kept l)
  (let loop ((l l) (out '()))
    (cond ((null? l) (reverse out))
          ((even? (car l)) (loop (cdr l) (cons (car l) out)))
          (else (loop (cdr l) out)))))
(define (apart l)
  (let loop ((l l) (a '()) (b '()))
    (cond ((null? l) (list (reverse a) (reverse b)))
          ((< (car l) 3) (loop (cdr l) (cons (car l) a) b))
          (else (loop (cdr l) a (cons (* 2 (car l)) b))))))
(define (text l)
  (let loop ((l l) (parts '()))
    (if (null? l) (apply string-append (reverse parts)) (loop (cdr l) (cons (number->string (car l)) parts)))))
(define (times i l)
  (let row ((l l) (out '())) (if (null? l) (reverse out) (row (cdr l) (cons (* i (car l)) out)))))
(define (table l)
  (let rows ((i 0) (all '())) (if (= i 3) (reverse all) (rows (+ i 1) (cons (times i l) all)))))
(define (some l)
  (let loop ((l l) (out '()))
    (if (or (null? l) (> (car l) 4)) (reverse out) (loop (cdr l) (cons (car l) out)))))
(define (both l)
  (let loop ((l l) (out '()))
    (if (null? l) (cons out (reverse out)) (loop (cdr l) (cons (+ 1 (car l)) out)))))
(define (counted l)
  (let loop ((l l) (out '()))
    (if (null? l) (reverse out) (loop (cdr l) (cons (+ 1 (length out)) out)))))
(define (row l)
  (let loop ((l l) (out '()))
    (if (null? l) (list->vector (reverse out)) (loop (cdr l) (cons (* 2 (car l)) out)))))
(define (letters l)
  (let loop ((l l) (out '()))
    (if (null? l) (list->string (reverse out)) (loop (cdr l) (cons (integer->char (+ 70 (car l))) out)))))
(define (no-letters l)
  (let loop ((l l) (out '()))
    (if (null? l) (list->string (reverse out)) (loop (cdr l) (cons (car l) out)))))
(define (either l)
  (let loop ((l l) (out '()) (sum 0))
    (cond ((null? l) (list->vector (reverse out)))
          ((> sum 20) (apply + (reverse out)))
          (else (loop (cdr l) (if (= (car l) 0) out (cons (car l) out)) (+ sum (abs (car l))))))))
(define (not-always l)
  (let loop ((l l) (out '()) (sum 0))
    (cond ((null? l) (reverse out))
          ((> sum 20) (list->vector (reverse out)))
          (else (loop (cdr l) (cons (car l) out) (+ sum (abs (car l))))))))
(define (mapped l) (map (lambda (x) (* x x)) l))
(define (each f l)
  (let loop ((l l) (out '())) (if (null? l) (reverse out) (loop (cdr l) (cons (f (car l)) out)))))
"""


def prefix(items: list[int]) -> tuple[list[int], bool]:
    """ITEMS until their sizes add up to more than 20; whether they did while there were more."""
    total = 0
    for at, item in enumerate(items):
        if total > 20:
            return items[:at], True
        total += abs(item)
    return items, False


EXPECTED: dict[str, Any] = {
    "kept": lambda items: [x for x in items if x % 2 == 0],
    "apart": lambda items: [[x for x in items if x < 3], [2 * x for x in items if x >= 3]],
    "text": lambda items: "".join(map(str, items)),
    "table": lambda items: [[i * x for x in items] for i in range(3)],
    "some": lambda items: items[: next((at for at, x in enumerate(items) if x > 4), len(items))],
    "both": lambda items: [[x + 1 for x in items[::-1]], *(x + 1 for x in items)],
    "counted": lambda items: [at + 1 for at, _ in enumerate(items)],
    "row": lambda items: [2 * x for x in items],
    "letters": lambda items: "".join(chr(70 + x) for x in items),
    "either": lambda items: sum(prefix(items)[0]) if prefix(items)[1] else [x for x in items if x],
    "not-always": lambda items: prefix(items)[0],
    "mapped": lambda items: [x * x for x in items],
}


@pytest.fixture(scope="module")
def session() -> Session:
    session = Session()
    session.eval(PROGRAMS)
    return session


@given(st.lists(st.integers(-9, 9)))
def test_the_lists_are_the_same(session: Session, items: list[int]) -> None:
    for name, expected in EXPECTED.items():
        assert session.eval(f"({name} data)", data=items) == expected(items), name


def builds(session: Session, name: str) -> bool:
    code = session.space.get(name).__code__
    return any(variable.endswith("~head") for variable in code.co_varnames) or "append" in code.co_names


def test_it_is_done_where_it_may_be_and_nowhere_else(session: Session) -> None:
    for name in ("kept", "apart", "text", "times", "table", "some", "mapped", "row", "letters", "not-always"):
        assert builds(session, name), name
    for name in ("both", "counted"):  # which look at the list meanwhile
        assert not builds(session, name), name


def test_not_where_code_of_the_program_runs_within(session: Session) -> None:
    assert not builds(session, "each")
    entered_again = """
      (define k #f)
      (define first (each (lambda (x) (call/cc (lambda (here) (if (= x 2) (set! k here)) x))) '(1 2 3)))
      (define copy first)
      (if k (let ((again k)) (set! k #f) (again 20)))
      (list first copy)"""
    assert session.eval(entered_again)[0] == [1, 20, 3]


def test_a_redefinition_takes_effect() -> None:
    session = Session()
    session.eval(PROGRAMS)
    session.eval("(define (reverse l) (list 'mine (length l)))")
    assert session.eval("(length (kept '(2 4 6)))") == 2
    session = Session()
    session.eval(PROGRAMS)
    session.eval("(define real cons) (define (cons a b) (real (list a) b))")
    assert session.eval("(kept '(2 3 4))") == [[2], [4]]


def test_what_is_no_character_is_told_of(session: Session) -> None:
    with pytest.raises(
        ChorusError, match="list->string: every element should be a character, not 1"
    ) as problem:
        session.eval("(no-letters '(1 2))")
    assert problem.value.span is not None


def test_an_error_within_leaves_nothing_behind(session: Session) -> None:
    with pytest.raises(ChorusError):
        session.eval("(kept '(2 4 x))")
    assert session.eval("(kept '(2 4))") == [2, 4]
