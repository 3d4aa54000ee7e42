"""Code for operands of known kinds gives what general code gives, and is left when what it relies on changes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chorus import ChorusError, Limits, Session
from chorus.interpreter.loader import the_manifest
from chorus.runtime.printer import write
from chorus.runtime.values import NIL, Char, Keyword, Symbol, make_list

PROGRAMS = """
(define (sum a b) (+ a b))
(define (less-one a) (- a 1))
(define (negative a) (- a))
(define (product a b) (* a b))
(define (products a b) (* 2.0 a b))
(define (thrice a b) (+ a b a))
(define (half a) (/ a 2.0))
(define (ratio a b) (/ (* 1.5 a) b))
(define (smaller a b) (if (< a b) 'less 'not-less))
(define (same a b) (list (= a b) (eq? a b) (eqv? a b) (eq? a 'x)))
(define (whole a b) (list (quotient a b) (remainder a b) (modulo a b)))
(define (by-seven a b) (list (quotient a 7) (remainder a 7) (modulo a 7) (modulo 7 b)))
(define (signs a b) (list (zero? a) (positive? a) (negative? b)))
(define (parity a b) (list (even? a) (odd? b)))
(define (parts a b) (if (pair? a) (list (car a) (cdr a)) (car b)))
(define (deep a) (cadr a))
(define (deeper a b) (cdr (car b)))
(define (put a b) (set-car! a b) (set-cdr! a 1) a)
(define (element a b) (vector-ref a b))
(define (elements a b) (let loop ((i 0) (l '())) (if (= i b) l (loop (+ i 1) (cons (vector-ref a i) l)))))
(define (put-element a b) (vector-set! a b 'new) a)
(define (letter a b) (string-ref a b))
(define (letters a b) (let loop ((i 0) (l '())) (if (= i b) l (loop (+ i 1) (cons (string-ref a i) l)))))
(define (same-letter a b) (char=? a b))
(define (size a b) (list (string-length a) (vector-length b)))
(define (empty a b) (list (null? a) (not b)))
(define (count-up a b) (let loop ((i a) (n 0)) (if (or (= n 5) (> i b)) (list i n) (loop (+ i 1) (+ n 1)))))
(define (grow a b) (let loop ((i 0) (x a)) (if (= i 4) x (loop (+ i 1) (* x b)))))
(define (mixed a b) (let loop ((i 0) (x 0)) (if (= i 3) x (loop (+ i 1) (if (= i 1) (+ x a) (+ x b))))))
(define (down a b) (if (<= a 0) b (+ 1 (down (- (min a 6) 1) b))))
(define (twice-down a b) (if (< a 1) b (+ (twice-down (- (min a 3) 1) b) (twice-down (- (min a 3) 2) b))))
(define (closed a b) ((lambda (x) (+ x (* a 2))) b))
(define (changed a b) (set! a (+ a 1)) (let ((f (lambda () (set! b (* b 2)) b))) (f) (list a b)))
(define (lets a b) (let* ((x (+ a 1)) (y (* x 2)) (z (if (< y 5) y b))) (- z x)))
(define (chosen a b) (let ((x (if (< a 1) 1 2.5))) (+ x b)))
(define (divided a b) (/ a b))
(define (root a b) (list (sqrt a) (sqrt b)))
(define (distance a b) (let ((x (- a b)) (y (* a 2.0))) (sqrt (+ (* x x) (* y y) 0.5))))
(define (rows a b) (do ((i 0 (+ i 1)) (s 0 (+ s (* (vector-ref a i) (vector-ref a b))))) ((= i 3) s)))
(define (first-of a b) (let loop ((i 0) (s b)) (if (= i 2) s (loop (+ i 1) (vector-ref a 0)))))
(define (classes a b) (list (symbol? a) (string? a) (char? b) (vector? a) (integer? a) (number? b)))
(define (spread a b) (list (apply list a) (apply max b a)))
(define (both-lists a b) (list (map list a b) (map - a b)))
(define (rest-of a . b) (let loop ((l b) (s a)) (if (null? l) s (loop (cdr l) (+ s (car l))))))
(define (sending a b p) (do ((i 0 (+ i 1))) ((= i 2) p) (write i p) (write-char #\\- p) (write a p)))
(define (showing a b p) (do ((i 0 (+ i 1))) ((= i 2) p) (display b p) (display "é" p) (write a p)))
(define (sent a b) (let ((p (open-output-string))) (sending a b p) (get-output-string p)))
(define (shown a b) (let ((p (open-output-string))) (showing a b p) (get-output-string p)))
(define (sent-to a b) (do ((i 0 (+ i 1))) ((= i 2) a) (write-char b a) (write i a)))
(define (renamed a b) (let loop ((i 0) (l '())) (if (= i 2) l (let ((j i) (x a)) (loop (+ j 1) (cons (* x j) l))))))
(define (until a b) (do ((i 0 (+ i 1)) (l '() (cons (- a i) l))) ((>= i 3) (cons b l))))
"""
HELPERS = ("sending", "showing")
NAMES = [line.split()[1].strip("()") for line in PROGRAMS.strip().splitlines()]
ARITY = {
    line.split()[1].strip("()"): line.split(")")[0].count(" ") - 1 for line in PROGRAMS.strip().splitlines()
}

numbers = (
    st.integers(-20, 20)
    | st.sampled_from([2**31, -(2**31), 2**64, 10**400, 0])
    | st.sampled_from([0.0, -0.0, 1.5, -2.0, math.inf, -math.inf, 1e308, 3.0])
    | st.sampled_from([Fraction(1, 2), Fraction(-7, 3), complex(1, 2)])
)
others = st.sampled_from(
    [
        True,
        False,
        "",
        "abc",
        "x",
        NIL,
        Symbol("x"),
        Keyword("k"),
        Char("a"),
        Char("b"),
        make_list([1, 2]),
        [1, 2, 3],
        [],
    ]
)
values = numbers | others | st.lists(numbers, max_size=3).map(make_list)


@pytest.fixture(scope="module")
def sessions() -> Iterator[tuple[Session, ...]]:
    """With regions, without, and metered with regions."""
    made = Session(), Session(), Session(limits=Limits(steps=10**9))
    for session in made:
        session.eval("(define args '())")  # a session begins with its first evaluation
    made[1]._space.volatile.update(the_manifest().entries)
    for session in made:
        session.eval(PROGRAMS)
    yield made
    for session in made:
        session.close()


def outcome(session: Session, name: str, args: list[Any]) -> str:
    session._space.define("args", make_list(args))
    try:
        return write([value for _, value in session.run(f"(apply {name} args)", "call")][-1])
    except ChorusError as error:
        return f"{error.code}: {error.message}"


@settings(max_examples=700, deadline=None)
@given(st.sampled_from([name for name in NAMES if name not in HELPERS]), values, values)
def test_regions_change_nothing(sessions: tuple[Session, ...], name: str, a: Any, b: Any) -> None:
    args = [a, b][: ARITY[name]]
    fast, general, metered = (outcome(session, name, [_fresh(x) for x in args]) for session in sessions)
    assert fast == general == metered


def _fresh(value: Any) -> Any:
    """A copy, so that what one session changes the next does not find."""
    if isinstance(value, list):
        return list(value)
    return make_list(list(value)) if value.__class__.__name__ == "Pair" else value


def test_the_general_session_has_no_regions(sessions: tuple[Session, ...]) -> None:
    raised = [
        [flag for flag, up in s._space.dict.items() if flag.startswith("$:v:") and up] for s in sessions
    ]
    assert raised[0] and raised[2] and not raised[1]


def test_what_is_no_number_is_refused_where_it_stands() -> None:
    with Session() as session:
        session.eval("(define (f x)\n  (* 2 (+ x 1)))")
        for value in ("#t", '"a"', "'(1)", "#(1)"):
            with pytest.raises(ChorusError) as caught:
                session.eval(f"(f {value})")
            assert caught.value.code == "type"
            assert (caught.value.span.line, caught.value.span.column) == (2, 8)


OPERATIONS = (
    "+ n",
    "- n",
    "* n",
    "< n",
    "quotient 9",
    "min n",
    "bitwise-and 3",
    "vector-ref #(4 5 6)",
    "/ 3.0",
    "-",
)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_variable_from_outside_is_not_taken_for_what_the_other_branch_is(operation: str) -> None:
    session = Session()
    for name, condition in (
        ("doubted", "(eq? b 'other)"),
        ("plain", "#f"),
    ):  # the second is no `if` once read
        body = f"(list ({operation} (if {condition} 1 b)) (go (- n 1)))"
        session.eval(f"(define ({name} b) (define (go n) (if (< n 1) b {body})) (go 2))")
    for value in ("#t", "'(1 2)", '"text"', "3/2", "1", "2.5"):
        assert told(session, f"(doubted {value})") == told(session, f"(plain {value})")


def told(session: Session, form: str) -> str:
    try:
        return write(session.eval(form))
    except ChorusError as error:
        return error.message


def test_what_is_no_pair_is_named() -> None:
    with Session() as session, pytest.raises(ChorusError, match="car: expected a pair, got 5") as caught:
        session.eval("(define (f x)\n  (car x))\n(f 5)")
    assert (caught.value.span.line, caught.value.span.column) == (2, 3)
    with Session() as session:
        assert session.eval("(define (f x) (guard (e (#t (error-object-message e))) (cdr x))) (f 'a)") == (
            "cdr: expected a pair, got a"
        )


REDEFINED = [
    ("(define (f n) (+ n 1))", "(f 1)", "(define (+ a b) 'mine)", "mine"),
    ("(define (f n) (+ n 1))", "(f 1)", "(set! + -)", "0"),
    ("(define (f l) (car l))", "(f '(1 2))", "(set! car cdr)", "(2)"),
    ("(define (f l) (if (null? l) 0 (+ 1 (f (cdr l)))))", "(f '(1 2))", "(define (null? x) #t)", "0"),
    ("(define (f n) (let loop ((i 0)) (if (= i n) i (loop (+ i 1)))))", "(f 3)", "(define (= a b) #t)", "0"),
    (
        "(define (f n) (if (< n 2) n (+ (f (- n 1)) (f (- n 2)))))\n(define old f)",
        "(old 5)",
        "(define (f n) 100)",
        "200",
    ),
    (
        "(define (f n) (if (= n 0) 'done (f (- n 1))))\n(define old f)",
        "(old 5)",
        "(define (f n) 'new)",
        "new",
    ),
    (
        "(define (f n) (if (= n 0) 'done (f (- n 1))))\n(define old f)",
        "(old 5)",
        "(set! f (lambda (n) 'set))",
        "set",
    ),
    (
        "(define g (lambda (n) (lambda (x) (+ x n))))\n(define f (g 1))",
        "(f 1)",
        "(define (+ . x) 'mine)",
        "mine",
    ),
    ("(define (f l) (map (lambda (x) (* x 2)) l))", "(f '(1 2))", "(set! * +)", "(3 4)"),
    (
        "(define (g n) (let ((m (+ n 1))) (lambda ([x (+ m 1)]) x)))\n(define f (g 1))",
        "(f)",
        "(define (+ . x) 'mine)",
        "mine",
    ),
    ("(define (f n) (+ n 1))", "(f 1)", "(eval '(define (+ a b) 'evaluated))", "evaluated"),
]


@pytest.mark.parametrize("metered", [False, True])
@pytest.mark.parametrize(("program", "call", "change", "then"), REDEFINED)
def test_redefinition_takes_effect_at_the_next_call(
    program: str, call: str, change: str, then: str, metered: bool
) -> None:
    with Session(limits=Limits(steps=10**9) if metered else Limits()) as session:
        session.eval(program)
        session.eval(call)
        session.eval(change)
        assert write([value for _, value in session.run(call, "call")][-1]) == then
    with Session() as other:  # nobody else sees it
        other.eval(program)
        assert write([value for _, value in other.run(call, "call")][-1]) != then


def test_a_change_in_the_middle_of_a_loop_is_seen_by_what_it_calls() -> None:
    program = """
      (define (step x) (+ x 1))
      (define (run n)
        (let loop ((i 0) (seen '()))
          (if (= i n)
              (reverse seen)
              (begin (if (= i 2) (set! + (lambda (a b) 'changed)))
                     (loop (- i -1) (cons (step i) seen))))))
      (run 4)"""
    with Session() as session:
        assert write([value for _, value in session.run(program, "loop")][-1]) == "(1 2 changed changed)"


def test_frozen_bases_keep_their_regions_apart() -> None:
    with Session() as session:
        session.eval("(define (f n) (+ n 1))")
        base = session.freeze()
    with Session(base=base) as one, Session(base=base) as other:
        one.eval("(define (g n) (* n 2))")  # code of its own, beside that of the base
        one.eval("(define (+ a b) 'mine)")
        assert write([value for _, value in one.run("(f 1)", "call")][-1]) == "mine"
        assert one.eval("(g 4)") == 8
        assert other.eval("(f 1)") == 2
