"""What a session that starts from a frozen base may do is what that session was given, whatever the base had."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from chorus import Capabilities, CapabilityDenied, LimitExceeded, Limits, Session

DEFINED = """
(define (spin) (spin))
(define (round-and-round) (let loop ((i 0)) (loop (+ i 1))))
(define (adder by) (lambda (n) (let loop ((i 0)) (if (< i n) (loop (+ i by)) i))))
(define by-one (adder 1))
(define held (list by-one))
(define (kept n) (let loop ((all '()) (i 0)) (if (< i n) (loop (cons i all) (+ i 1)) (length all))))
(define (deep n) (if (= n 0) 0 (+ 1 (deep (- n 1)))))
(define (made n) (string-length (long n)))
(define (thrice) (let ((k #f) (n 0)) (call/cc (lambda (c) (set! k c))) (set! n (+ n 1)) (if (< n 3) (k #f)) n))
(define open-it call-with-output-file)
(define n 0)
(define-syntax bump (syntax-rules () ((_) (begin (set! n (+ n 1)) n))))
(define-macro (told) (begin (set! n (+ n 10)) n))
"""


@pytest.fixture(scope="module")
def base() -> Iterator[Any]:
    with Session(allow=Capabilities("write", "net")) as first:
        first.register("long", lambda n: "x" * n)
        first.register("send", lambda: "sent", effects="net")
        first.eval(DEFINED)
        yield first.freeze()


@pytest.mark.parametrize(
    "form", ["(spin)", "(round-and-round)", "(by-one 1000000)", "((car held) 1000000)", "((adder 1) 1000000)"]
)
def test_steps_are_counted_in_code_that_came_without_a_limit(base: Any, form: str) -> None:
    with base.session(limits=Limits(steps=50_000)) as session, pytest.raises(LimitExceeded) as caught:
        session.eval(form)
    assert caught.value.kind == "steps"


def test_what_stays_within_its_limits_gives_what_it_gives_without(base: Any) -> None:
    forms = "(list (by-one 1000) (kept 1000) (deep 100) (made 5) (thrice) (bump))"
    with base.session() as free, base.session(limits=Limits(steps=50_000, bytes=10**9)) as limited:
        assert free.eval(forms) == limited.eval(forms) == [1000, 1000, 100, 5, 3, 1]


@pytest.mark.parametrize("form", ["(made 300000000)", "(string-length (long 300000000))", "(kept 20000000)"])
def test_bytes_are_limited_in_a_session_of_a_base(base: Any, form: str) -> None:
    with base.session(limits=Limits(bytes=20_000_000)) as session:
        with pytest.raises(LimitExceeded) as caught:
            session.eval(form)
        assert caught.value.kind == "bytes" and session.eval("(+ 1 2)") == 3


def test_bytes_that_a_function_of_the_host_makes_are_limited() -> None:
    with Session(limits=Limits(bytes=20_000_000)) as session:
        session.register("long", lambda n: "x" * n)
        assert session.eval("(string-length (long 1000))") == 1000
        with pytest.raises(LimitExceeded):
            session.eval("(string-length (long 300000000))")


def test_a_depth_is_kept_to(base: Any) -> None:
    with base.session(limits=Limits(depth=2000)) as session, pytest.raises(LimitExceeded) as caught:
        session.eval("(deep 100000)")
    assert caught.value.kind == "depth"


@pytest.mark.parametrize(
    ("form", "capability"), [("(send)", "net"), ('(open-it "x" (lambda (port) (write 1 port)))', "write")]
)
def test_what_a_base_may_is_not_what_its_sessions_may(base: Any, form: str, capability: str) -> None:
    with base.session() as session, pytest.raises(CapabilityDenied) as caught:
        session.eval(form)
    assert caught.value.capability == capability
    with base.session(allow=Capabilities("net")) as session:
        assert session.eval("(send)") == "sent"


def test_macros_of_a_base_mean_the_globals_of_the_session_that_uses_them(base: Any) -> None:
    for _ in range(2):
        with base.session() as session:
            assert session.eval("(bump)") == 1 and session.eval("(told)") == 11 and session.eval("n") == 11
            again = session.freeze()
            with again.session() as later:
                assert later.eval("(bump)") == 12
            assert session.eval("n") == 11


def test_eight_threads_with_limits_of_their_own_share_a_base(base: Any) -> None:
    made: list[Any] = []

    def work(steps: int) -> None:
        with base.session(limits=Limits(steps=steps)) as mine:
            try:
                made.append((steps, mine.eval("(by-one 20000)")))
            except LimitExceeded as reached:
                made.append((steps, reached.kind))

    threads = [threading.Thread(target=work, args=(steps,)) for steps in (1_000, 1_000_000) * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made, key=str) == [(1_000, "steps")] * 4 + [(1_000_000, 20_000)] * 4
