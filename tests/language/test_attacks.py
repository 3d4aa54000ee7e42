"""What is thrown at an embedded session, and what must come of it.

    attack                                              expected            also in
     1  (expt 9 (expt 9 9))                             limit               test_limits (charged before, time)
     2  squaring 9 forty times                          limit
     3  (arithmetic-shift 1 (expt 10 12))               limit
     4  (number->string (expt 2 2000000))               limit
     5  (string->number 10⁶ nines)                      limit
     6  (make-string 10¹² …), (make-vector 2⁴⁰ …)       limit               test_limits
     7  (string-append s s) 64 times                    limit
     8  a replacement growing 10⁵ × 10⁵                 limit
     9  sorting 2²⁴ numbers                             limit
    10  20,000 keys that hash alike                     value, fast
    11  regex (a+)+$ on a²⁸!                            value
    12  regex with a back reference                     typed error
    13  (define (f) (f)) (f)                            limit               test_limits.FOREVER
    14  unbounded non-tail recursion                    limit               test_limits.DEEP
    15  10⁵ nested parentheses                          limit               test_limits (huge programs)
    16  hash, equal?, print of a 10⁶-deep list          limit or value      test_depth
    17  a cyclic list: print, length, equal?            value or typed error
    18  a macro that expands to two of itself           limit               test_limits.FOREVER
    19  eval within eval, five deep, looping            limit, one account
    20  (guard (e (#t (loop))) (loop))                  limit               test_limits.FOREVER
    21  endless output                                  limit

Always: a ChorusError or a value, the session and the others live, and what the language came with is as it was.
"""

from __future__ import annotations

import time
from typing import Any

import pytest

from chorus import ChorusError, Limits, Session
from chorus.runtime.errors import LimitExceeded

LIMITS = Limits(steps=1_000_000, seconds=10, bytes=400_000_000, output=100_000)
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

STOPPED = {
    1: "(expt 9 (expt 9 9))",
    2: "(let loop ((i 0) (x 9)) (if (= i 40) x (loop (+ i 1) (* x x))))",
    3: "(arithmetic-shift 1 (expt 10 12))",
    4: "(number->string (expt 2 2000000))",
    5: '(string->number (make-string 1000000 #\\\\9))',
    6.1: "(make-string (expt 10 12) #\\a)",
    6.2: "(make-vector (expt 2 40) 0)",
    6.3: "(make-list (expt 10 11) 0)",
    6.4: "(make-bytevector (expt 10 12) 0)",
    7: '(let loop ((i 0) (s "0123456789")) (if (= i 64) s (loop (+ i 1) (string-append s s))))',
    8: '(string-replace (make-string 100000 #\\a) "a" (make-string 100000 #\\b))',
    9: "(sort (iota (expt 2 24)) <)",
    13: "(define (f) (f)) (f)",
    14: "(define (f n) (+ 1 (f (+ n 1)))) (f 0)",
    15: "(" * 100_000 + ")" * 100_000,
    18: "(define-syntax m (syntax-rules () ((_) (begin (m) (m))))) (m)",
    19: "(define (loop) (loop)) (eval '(eval '(eval '(eval '(eval '(loop))))))",
    20.1: "(define (loop) (guard (e (#t (loop))) (loop))) (loop)",
    20.2: "(define (loop) (guard (e (#t 1)) (let go () (go)))) (loop)",
    20.3: "(define (loop) (with-exception-handler (lambda (e) (loop)) (lambda () (let go () (go))))) (loop)",
    21.1: '(let loop () (display "spam ") (loop))',
    21.2: '(guard (e (#t 1)) (write (make-string 1000000 #\\a)))',
    21.3: "(display (let ((x (list 1))) (set-cdr! x x) (list-head x 1000000)))",
}  # fmt: skip


@pytest.mark.parametrize("number", STOPPED)
def test_is_stopped(number: float) -> None:
    with Session(limits=LIMITS) as session, Session() as other:
        session.eval("1")
        started = time.monotonic()
        with pytest.raises(LimitExceeded) as caught:
            session.eval(STOPPED[number].replace("\\\\", "\\"))
        assert time.monotonic() - started < 60
        assert caught.value.__cause__ is None and caught.value.span is not None
        assert_alive(session)
        assert_alive(other)


def assert_alive(session: Session) -> None:
    assert session.eval('(list (car \'(1)) (+ 1 2) (length \'(1 2)) (string-append "a" "b"))') == [
        1,
        3,
        2,
        "ab",
    ]


def test_10_keys_that_hash_alike() -> None:
    with Session(limits=LIMITS) as session:
        session.eval("(define table (make-hash-table))")
        started = time.process_time()
        program = """(do ((k 0 (+ k 1)))
          ((= k 20000) (hash-table-size table))
          (hash-table-set! table (* k (- (expt 2 61) 1)) k))"""
        assert session.eval(program) == 20_000
        assert session.eval("(hash-table-ref table (* 19999 (- (expt 2 61) 1)))") == 19_999
        assert time.process_time() - started < 5  # of Python's own ints, all with the hash 0, about 20


def test_11_a_regex_that_backtracks_elsewhere() -> None:
    with Session(limits=LIMITS) as session:
        started = time.monotonic()
        assert session.eval(f'(regex-match "(a+)+$" "{"a" * 60}!")') is False
        assert time.monotonic() - started < 60  # it would take longer than anyone lives


def test_12_a_back_reference_is_refused() -> None:
    with Session(limits=LIMITS) as session:
        with pytest.raises(ChorusError) as caught:
            session.eval('(regex-match "(a)\\\\1" "aa")')
        assert (
            caught.value.code in ("regex", "denied", "range", "type")
            and "internal" not in caught.value.message
        )
        assert_alive(session)


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ("(length x)", ChorusError),
        ("(list? x)", False),
        ("(equal? x x)", True),
        ("(equal? x y)", True),
        ("(hash-table-set! (make-hash-table) x 1)", ChorusError),
        ("(string? (value->string x))", True),
        ("(map + x '(1 2 3))", [2, 3, 4]),
        ("(reverse x)", (ChorusError, LimitExceeded)),
        ("(list-copy x)", (ChorusError, LimitExceeded)),
        ("(sort x <)", (ChorusError, LimitExceeded)),
        ("(apply + x)", (ChorusError, LimitExceeded)),
    ],
)
def test_17_cyclic_lists(form: str, value: Any) -> None:
    cyclic = "(define {0} (list 1 1)) (set-cdr! (cdr {0}) {0})"
    with Session(limits=Limits(steps=2_000_000, seconds=20, bytes=400_000_000)) as session:
        session.eval(cyclic.format("x") + cyclic.format("y"))
        if isinstance(value, (type, tuple)):
            with pytest.raises(value):
                session.eval(form)
        else:
            assert session.eval(form) == value
        assert_alive(session)


def test_19_evaluators_within_evaluators_have_one_account() -> None:
    nested = "(let loop ((i 0)) (if (< i 30000) (loop (+ i 1)) i))"
    for _ in range(5):
        nested = f"(begin (let loop ((i 0)) (if (< i 3000) (loop (+ i 1)) i)) (eval '{nested}))"
    with Session(limits=Limits(steps=60_000)) as session:
        assert session.eval(nested) == 30_000
    with Session(limits=Limits(steps=40_000)) as session, pytest.raises(LimitExceeded):
        session.eval(nested)
