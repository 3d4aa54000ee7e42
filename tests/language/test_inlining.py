"""Small procedures that are written out where they are called: what they mean may change, and errors name them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chorus import ChorusError, Limits, Session
from chorus.runtime.errors import LimitExceeded

SQUARE = """(define (square x) (* x x))
  (define (sum n) (let loop ((i 0) (s 0)) (if (= i n) s (loop (+ i 1) (+ s (square i))))))"""


@pytest.fixture
def session() -> Iterator[Session]:
    with Session() as made:
        yield made


def test_it_is_written_out(session: Session) -> None:
    session.eval(SQUARE)
    code = session.lookup("sum").__code__
    assert "$:p:*" not in code.co_names  # of numbers that are known
    assert session.eval("(sum 10)") == 285


def test_a_new_definition_takes_effect(session: Session) -> None:
    session.eval(SQUARE)
    assert session.eval("(sum 10)") == 285
    session.eval("(define (square x) (- x))")
    assert session.eval("(sum 10)") == -45
    session.eval("(set! square (lambda (x) 1))")
    assert session.eval("(sum 10)") == 10


def test_a_new_definition_takes_effect_at_once(session: Session) -> None:
    session.eval("""(define (square x) (* x x))
      (define (sum f n) (let loop ((i 0) (s 0)) (if (= i n) s (begin (f i) (loop (+ i 1) (+ s (square i)))))))
      (define (change i) (if (= i 3) (eval '(define (square x) 100) (interaction-environment))))""")
    assert session.eval("(sum change 5)") == 0 + 1 + 4 + 100 + 100


def test_what_is_written_out_in_it_may_change_too(session: Session) -> None:
    session.eval(
        """(define (one x) (+ x 1)) (define (two x) (one (one x))) (define (four x) (two (two x)))"""
    )
    assert session.eval("(four 1)") == 5
    session.eval("(define (one x) (+ x 10))")
    assert session.eval("(four 1)") == 41
    session.eval("(define (eight x) (four (four x)))")
    assert session.eval("(eight 1)") == 81
    session.eval("(define (one x) (list x))")
    assert session.eval("(equal? (two 1) '((1)))") is True
    assert session.eval("(equal? (eight 1) '((((((((1)))))))))") is True


def test_a_traced_one_is_seen(session: Session) -> None:
    session.eval(SQUARE + "(trace square)")
    shown = session.eval(
        """(let ((p (open-output-string)))
             (parameterize ((current-output-port p) (current-error-port p)) (sum 3))
             (get-output-string p))"""
    )
    assert shown.count("(square") == 3


def test_loops_in_it_are_its_own(session: Session) -> None:
    session.eval("""
      (define (find x l) (cond ((null? l) #f) ((eq? x (car l)) l) (else (find x (cdr l)))))
      (define (count-in l in) (let loop ((l l) (n 0)) (if (null? l) n (loop (cdr l) (if (find (car l) in) (+ n 1) n)))))
      (define (both l) (+ (count-in l '(a b)) (* 10 (count-in l '(b c)))))""")
    assert session.eval("(both '(a b b c d))") == 33


def test_operands_are_computed_once_and_in_order(session: Session) -> None:
    session.eval("""
      (define seen '()) (define (note x) (set! seen (cons x seen)) x)
      (define (pick a b c) (if (> a 0) (+ b c) (- c b)))
      (define (go x) (pick (note x) (note (+ x 1)) (note (* x 2))))""")
    assert session.eval("(go 3)") == 10
    assert session.eval("(equal? (reverse seen) '(3 4 6))") is True


def test_errors_name_it_and_the_calls_around() -> None:
    with Session() as session:
        session.eval(
            "(define (first l) (car l))\n(define (next l) (first (cdr l)))\n(define (go l) (+ 1 (next l)))"
        )
        with pytest.raises(ChorusError) as caught:
            session.eval("(go '(1))")
        assert str(caught.value.span) == "<eval>:1:19"
        told = [(each.name, str(each.span)) for each in caught.value.stack]
        assert told == [("first", "<eval>:2:18"), ("next", "<eval>:3:21"), ("go", "<eval>:1:1")]


def test_of_several_calls_none_is_named() -> None:
    with Session() as session:
        session.eval("(define (first l) (car l))\n(define (go a b) (+ (first a) (first b)))")
        with pytest.raises(ChorusError) as caught:
            session.eval("(go '(1) 2)")
        assert [(each.name, each.span and each.span.line) for each in caught.value.stack] == [
            ("first", None),
            ("go", 1),
        ]


CIRCLES = """
(define (a n x y) (if (= n 0) (list 'a x y) (b (- n 1) y)))
(define (b n z) (if (= n 0) (list 'b z) (c (- n 1) z (* z 2) 1)))
(define (c n p q r) (if (= n 0) (list 'c p q r) (a (- n 1) (+ p r) q)))
"""


@pytest.mark.parametrize("n", range(8))
def test_procedures_in_a_circle(session: Session, n: int) -> None:
    session.eval(CIRCLES)

    def a(n: int, x: int, y: int) -> list[object]:
        return ["a", x, y] if n == 0 else b(n - 1, y)

    def b(n: int, z: int) -> list[object]:
        return ["b", z] if n == 0 else c(n - 1, z, z * 2, 1)

    def c(n: int, p: int, q: int, r: int) -> list[object]:
        return ["c", p, q, r] if n == 0 else a(n - 1, p + r, q)

    for name, args, wanted in (("a", "2 3", a(n, 2, 3)), ("b", "5", b(n, 5)), ("c", "1 2 3", c(n, 1, 2, 3))):
        got = session.eval(f"({name} {n} {args})")
        assert [each if isinstance(each, int) else str(each) for each in got] == wanted


def test_a_circle_with_a_loop_of_its_own(session: Session) -> None:
    session.eval("""
      (define (skip l) (cond ((null? l) 0) ((eq? (car l) 'x) (skip (cdr l))) (else (take l))))
      (define (take l) (cond ((null? l) 1) ((eq? (car l) 'x) (skip (cdr l))) (else (take (cdr l)))))""")
    assert session.eval("(list (skip '(x x y y x)) (take '(y y x y)) (skip '()))") == [0, 1, 0]


# — steps are counted where calls are still to come —

ENDLESS = {
    "a loop written out": """(define (spin n) (let loop ((i 0)) (if (= i n) i (loop (+ i 1)))))
      (define (go) (let loop ((s 0)) (loop (+ s (spin 100)))))""",
    "procedures that each call the one before twice": "(define (f0 x) (+ x 1))"
    + "".join(f"(define (f{n} x) (+ (f{n - 1} x) (f{n - 1} x)))" for n in range(1, 60))
    + "(define (go) (f59 1))",
    "a primitive that has become the procedure itself": """
      (define (p n) (if (< n 1) 0 (begin (abs (- n 1)) (abs (- n 1))))) (set! abs p) (define (go) (p 200))""",
    "a tree of calls": "(define (t n) (if (< n 1) 1 (+ (t (- n 1)) (t (- n 1))))) (define (go) (t 200))",
    "closures that call each other": """(define (twice f) (lambda (x) (f (f x))))
      (define (go) ((let loop ((i 0) (f (lambda (x) x))) (if (= i 60) f (loop (+ i 1) (twice f)))) 1))""",
    "the last in a circle": "(define (f n) (g n)) (define (g n) (f n)) (define (go) (f 1))",
    "unknown tail calls": "(define (f g) (g g)) (define (go) (f f))",
}


@pytest.mark.parametrize("endless", ENDLESS)
def test_no_program_goes_on_without_steps(endless: str) -> None:
    with Session(limits=Limits(steps=200_000, seconds=60)) as session:
        session.eval(ENDLESS[endless])
        with pytest.raises(LimitExceeded) as caught:
            session.eval("(go)")
        assert caught.value.kind == "steps"
