"""Loops that count are driven by ranges, and come to what they come to without."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chorus import Capabilities, EvalError, LimitExceeded, Limits, Session

UP = (
    "(if (= i n) {done} {round})", "(if (>= i n) {done} {round})", "(if (> i n) {done} {round})",
    "(if (< i n) {round} {done})", "(if (<= i n) {round} {done})", "(if (> n i) {round} {done})",
    "(if (<= n i) {done} {round})",
)  # fmt: skip
DOWN = (
    "(if (= i n) {done} {round})", "(if (<= i n) {done} {round})", "(if (< i n) {done} {round})",
    "(if (> i n) {round} {done})", "(if (>= i n) {round} {done})",
)  # fmt: skip
PLAIN, COUNTED = Session(limits=Limits(steps=10**9)), Session()


def loop(choice: str, step: str) -> str:
    shape = choice.format(done="(list i sum)", round=f"(loop {step} (+ sum (* i 3)))")
    return f"(define (f m n) (let loop ((i m) (sum 0)) {shape}))"


@pytest.mark.parametrize(
    ("choice", "step"),
    [(each, step) for each in UP for step in ("(+ i 1)", "(+ 1 i)", "(- i -1)")]
    + [(each, step) for each in DOWN for step in ("(- i 1)", "(+ i -1)")],
)
def test_all_ways_to_count(choice: str, step: str) -> None:
    for session in (PLAIN, COUNTED):
        session.eval(loop(choice, step))
    down = ("-1" in step and "(-" not in step) or step == "(- i 1)"
    for m in (-2, 0, 3, 2.0):
        for far in (0, 1, 4):
            n = m - far if down else m + far
            assert COUNTED.eval(f"(f {m} {n})") == PLAIN.eval(f"(f {m} {n})"), (m, n)
    if "(=" not in choice:  # past the limit from the start
        m, n = (-3, 3) if down else (3, -3)
        assert COUNTED.eval(f"(f {m} {n})") == PLAIN.eval(f"(f {m} {n})")


def test_a_range_is_used() -> None:
    assert "range(" in code(
        "(define (f n) (let loop ((i 0) (sum 0)) (if (= i n) sum (loop (+ i 1) (+ sum i)))))"
    )


def code(definition: str) -> str:
    session = Session(allow=Capabilities.all())
    session.eval(definition)
    name = definition.split()[1].strip("(")
    return str(session.eval(f"(with-output-to-string (lambda () (disassemble {name})))"))


@pytest.mark.parametrize(
    "definition",
    [
        "(define (f n g) (let loop ((i 0)) (if (< i n) (begin (g i) (loop (+ i 1))))))",  # code of the program runs
        "(define (f n) (let loop ((i 0)) (if (< i n) (loop (+ i 2)) i)))",
        "(define (f n) (let loop ((i 0) (n n)) (if (< i n) (loop (+ i 1) (- n 1)) i)))",  # the limit moves
        "(define (f n) (let loop ((i 0)) (if (< i n) (if (even? n) (loop (+ i 1)) (loop (+ i 3))) i)))",
        "(define (f n) (let loop ((i 0) (l '())) (if (< i n) (loop (+ i 1) (cons (lambda () i) l)) l)))",
    ],
)
def test_what_does_not_count(definition: str) -> None:
    assert "range(" not in code(definition)


def test_past_an_exact_limit_it_goes_on_for_ever() -> None:
    session = Session(limits=Limits(seconds=0.3))
    session.eval("(define (f n) (let loop ((i 5)) (if (= i n) i (loop (+ i 1)))))")
    assert session.eval("(f 9)") == 9
    with pytest.raises(LimitExceeded):
        session.eval("(f 2)")


def test_a_counter_that_is_no_integer() -> None:
    session = Session()
    session.eval(
        "(define (f m n) (let loop ((i m) (l '())) (if (>= i n) (reverse l) (loop (+ i 1) (cons i l)))))"
    )
    assert session.eval("(f 0 3)") == [0, 1, 2]
    assert session.eval("(f 1/2 3)") == session.eval("'(1/2 3/2 5/2)")
    assert session.eval("(f 0.5 2)") == [0.5, 1.5]
    with pytest.raises(EvalError):
        session.eval("(f 0 'a)")


def test_redefinition_between_loops_holds() -> None:
    session = Session()
    session.eval("(define (f n) (let loop ((i 0) (sum 0)) (if (= i n) sum (loop (+ i 1) (+ sum 10)))))")
    assert session.eval("(f 3)") == 30
    session.eval("(define (= a b) (> a b))")
    assert session.eval("(f 3)") == 40


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 6), st.integers(0, 6), st.integers(0, 4))
def test_loops_within_loops(a: int, b: int, c: int) -> None:
    program = (
        "(let rows ((y 0) (l '()))"
        f" (if (= y {a}) (reverse l)"
        f"  (let columns ((x {b}) (l l))"
        f"   (if (< x {c}) (rows (+ y 1) l)"
        "     (columns (- x 1) (let deep ((z x) (l l)) (if (>= z y) l (deep (+ z 1) (cons (list x y z) l)))))))))"
    )
    define = f"(define (g) {program})"
    assert COUNTED.eval(f"{define} (g)") == PLAIN.eval(f"{define} (g)")


@settings(max_examples=60, deadline=None)
@given(st.text("ab", max_size=6), st.text("ab", max_size=4), st.integers(-1, 6))
def test_indices_on_the_way_to_a_length(text: str, pattern: str, at: int) -> None:
    define = (
        "(define (matches? text at pattern)"
        " (let loop ((i 0)) (or (= i (string-length pattern))"
        "  (and (char=? (string-ref text (+ at i)) (string-ref pattern i)) (loop (+ i 1))))))"
    )
    outcomes = []
    for session in (PLAIN, COUNTED):
        session.eval(define)
        try:
            outcomes.append(session.eval("(matches? t a p)", t=text, a=at, p=pattern))
        except EvalError as error:
            outcomes.append(error.message)
    assert outcomes[0] == outcomes[1]


def test_what_a_table_of_its_own_holds() -> None:
    session = Session()
    session.eval(
        "(define (tally l) (let ((t (make-hash-table)))"
        " (let loop ((l l)) (if (null? l) (hash-table-ref/default t 'a 'none)"
        "  (begin (hash-table-set! t (car l) (+ 1 (hash-table-ref/default t (car l) 0))) (loop (cdr l)))))))"
    )
    assert session.eval("(tally '(a b a))") == 2
    session.eval(
        "(define (mixed) (let ((t (make-hash-table))) (hash-table-set! t 1 'x)"
        " (let loop ((i 0)) (if (= i 3) (hash-table-ref/default t 1 0)"
        "  (begin (if (= i 2) (hash-table-set! t 1 (+ 1 (hash-table-ref/default t 2 0))))"
        "   (loop (+ i 1)))))))"
    )
    assert session.eval("(mixed)") == 1
    session.eval(
        "(define (wrong) (let ((t (make-hash-table))) (hash-table-set! t 1 'x)"
        " (let loop ((i 0)) (if (= i 1) i (loop (+ i (hash-table-ref/default t 1 0)))))))"
    )
    with pytest.raises(EvalError):
        session.eval("(wrong)")


def test_an_index_that_goes_on_past_the_length_is_told_by_its_own_name() -> None:
    session = Session()
    session.eval(
        "(define (f s) (let loop ((i 0) (n 0))"
        " (if (= i (string-length s)) (if (= n 0) (loop (+ i 1) 1) i) (begin (string-ref s i) (loop (+ i 1) n)))))"
    )
    with pytest.raises(EvalError, match="string-ref"):
        session.eval('(f "ab")')
