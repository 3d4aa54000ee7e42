"""Tail calls of procedures that are not known: most are made at once, and nothing tells which ones were."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from chorus import ChorusError, LimitExceeded, Limits, Session
from chorus.interpreter.diagnostics import report

PHASES = 150  # of the ticks: more calls than stand between two pending ones


@pytest.fixture
def session() -> Iterator[Session]:
    with Session() as made:
        yield made


def stack() -> int:
    frame, count = sys._getframe(1), 0
    while frame is not None:
        frame, count = frame.f_back, count + 1  # type: ignore[assignment]
    return count


# what happens in each round beside the tail call that goes on: N more tail calls
BESIDE = {
    "none": "(define (beside n) 0)",
    "one": "(define (hop f n) (f n)) (define (beside n) (+ 0 (hop (lambda (n) n) n)))",
    "odd": "(define (hop f n) (if (= n 0) 0 (f f (- n 1)))) (define (beside n) (+ 0 (hop hop 16)))",
    "as many as lie between": "(define (hop f n) (if (= n 0) 0 (f f (- n 1)))) (define (beside n) (+ 0 (hop hop 31)))",
    "many": "(define (hop f n) (if (= n 0) 0 (f f (- n 1)))) (define (beside n) (+ 0 (hop hop (modulo n 97))))",
}


@pytest.mark.parametrize("beside", BESIDE)
def test_the_stack_stays_bounded_whatever_else_is_called(session: Session, beside: str) -> None:
    deepest = 0

    def look() -> int:
        nonlocal deepest
        deepest = max(deepest, stack())
        return 0

    session.register("look", look)
    session.eval(BESIDE[beside])
    session.eval(
        """(define (go f n) (beside n) (if (= 0 (modulo n 7)) (look) 0) (if (= n 0) 'done (f f (- n 1))))"""
    )
    assert str(session.eval("(go go 20000)")) == "done"
    assert deepest < 2_000


FAILING = {
    "in the callee": ("(define (try f x) (f x))", "(lambda (x) (car x))"),
    "no procedure": ("(define (try f x) (f x))", "5"),
    "too few": ("(define (try f x) (f x))", "(lambda (x y) x)"),
    "further on": (
        "(define (try f x) (over f x)) (define (over f x) (more f x)) (define (more f x) (f x))",
        "(lambda (x) (+ 1 (car x)))",
    ),
    "of what was computed": ("(define (try f x) ((car f) (+ x 1)))", "(list 5)"),
}


@pytest.mark.parametrize("failing", FAILING)
def test_an_error_is_told_alike_whichever_way_the_call_was_made(session: Session, failing: str) -> None:
    defined, procedure = FAILING[failing]
    session.eval(f"{defined} (define (use f x) (+ 1 (try f x))) (define f {procedure})")
    session.eval("(define (hop f n) (if (= n 0) 0 (f f (- n 1))))")
    told = set()
    for phase in range(PHASES):
        session.eval(f"(hop hop {phase % 7})")
        with pytest.raises(ChorusError) as caught:
            session.eval("(use f 1)")
        told.add(report(caught.value))
    assert len(told) == 1


def test_a_trace_shows_tail_calls_alike(session: Session) -> None:
    session.eval("(define (over f n) (f n)) (define (under n) (* n 2)) (trace over under)")
    shown = set()
    for _ in range(PHASES):
        shown.add(
            session.eval(
                """(let ((p (open-output-string)))
                     (parameterize ((current-output-port p) (current-error-port p)) (over under 4))
                     (get-output-string p))"""
            )
        )
    assert len(shown) == 1


def test_a_tail_loop_needs_no_depth() -> None:
    with Session(limits=Limits(depth=150)) as session:
        session.eval("(define (go f n) (if (= n 0) 'done (f f (- n 1))))")
        assert str(session.eval("(go go 20000)")) == "done"


# R7RS 3.5: apply and call/cc call their first argument so, call-with-values its second; eval evaluates so
REQUIRED = {
    "call/cc": "(define (f n) (call/cc (lambda (k) (if (= n 0) 'done (f (- n 1))))))",
    "call/cc, left": "(define (f n) (call/cc (lambda (k) (if (= n 0) (k 'done) (f (- n 1))))))",
    "call/cc, given on": """(define (leave k) (k 'done))
                            (define (f n) (call/cc (lambda (k) (if (= n 0) (leave k) (f (- n 1))))))""",
    "call/cc, kept": """(define kept #f)
                        (define (f n) (call/cc (lambda (k) (set! kept k) (if (= n 0) 'done (f (- n 1))))))""",
    "call/cc in a loop": """(define (f n) (let loop ((i 0))
                              (call/cc (lambda (k) (if (= i n) 'done (begin (list k) (loop (+ i 1))))))))""",
    "call/cc, to and fro": """(define (f n) (call/cc (lambda (k) (if (= n 0) (k 'done) (g (- n 1))))))
                              (define (g n) (f n))""",
    "apply of call/cc": "(define (f n) (apply call/cc (list (lambda (k) (if (= n 0) 'done (f (- n 1)))))))",
    "call-with-values": """(define (f n) (call-with-values (lambda () (values n 1))
                                            (lambda (a b) (if (= a 0) 'done (f (- a b))))))""",
    "call-with-values, a loop": """(define (f n) (let loop ((n n))
      (call-with-values (lambda () (values n 1)) (lambda (a b) (if (= a 0) 'done (loop (- a b)))))))""",
    "eval": "(define (f n) (eval (if (= n 0) ''done (list 'f (- n 1)))))",
    "eval of a let": "(define (f n) (eval `(let ((m ,n)) (if (= m 0) 'done (f (- m 1))))))",
}


@pytest.mark.parametrize("name", REQUIRED)
@pytest.mark.parametrize("steps", [None, 10_000_000])
def test_what_calls_in_tail_position_needs_no_depth(name: str, steps: int | None) -> None:
    with Session(limits=Limits(depth=1000, steps=steps)) as session:
        session.eval(REQUIRED[name])
        assert str(session.eval("(f 1500)")) == "done"


def test_call_cc_that_is_waited_for_needs_depth_and_comes_back() -> None:
    text = """(define (leave k) (k 0))
              (define (f n) (+ 1 (call/cc (lambda (k) (if (= n 0) (leave k) (f (- n 1)))))))"""
    with Session(limits=Limits(depth=5000)) as session:
        session.eval(text)
        assert session.eval("(f 1000)") == 1001
        with pytest.raises(LimitExceeded) as caught:
            session.eval("(f 100000)")
    assert caught.value.kind == "depth"


def test_deep_recursion_through_tail_calls(session: Session) -> None:
    session.eval("(define (down f n) (if (= n 0) 0 (f f n))) (define (level f n) (+ 1 (down f (- n 1))))")
    assert session.eval("(down level 300000)") == 300_000


def test_frames_that_only_return_are_no_part_of_a_continuation(session: Session) -> None:
    """A loop that goes round through tail calls and continuations that are kept takes no more room each time."""
    session.eval("""
      (define k #f)
      (define (over f n) (f n))
      (define (mark n) (call/cc (lambda (c) (set! k c) n)))
      (define (go n) (over (lambda (n) (mark n) (if (= n 0) 'done (over go (- n 1)))) n))""")
    assert str(session.eval("(go 300)")) == "done"
    assert session.lookup("k").frames[3] < 10
