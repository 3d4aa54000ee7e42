"""Deep recursion, long runs of tail calls, and deep data: a value or a limit error, never a crash."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chorus import ChorusError, Session
from chorus.runtime.errors import LimitExceeded

# programs that define (f n), which counts to n by recursion that is no tail call
RECURSIONS = {
    "map": "(define (f n) (if (= n 0) 0 (+ 1 (car (map f (list (- n 1)))))))",
    "apply": "(define (f n) (if (= n 0) 0 (+ 1 (apply f (list (- n 1))))))",
    "sort": """(define (f n)
      (if (= n 0) 0 (let ((below 0)) (sort (list 1 2) (lambda (a b) (set! below (f (- n 1))) #f)) (+ 1 below))))""",
    "for-each": """(define (f n)
      (if (= n 0) 0 (let ((r 0)) (for-each (lambda (x) (set! r (f x))) (list (- n 1))) (+ 1 r))))""",
    "vector-map": "(define (f n) (if (= n 0) 0 (+ 1 (vector-ref (vector-map f (vector (- n 1))) 0))))",
    "fold": "(define (f n) (if (= n 0) 0 (+ 1 (fold (lambda (x r) (f x)) 0 (list (- n 1))))))",
    "filter": "(define (f n) (if (= n 0) 0 (let ((r 0)) (filter (lambda (x) (set! r (f x))) (list (- n 1))) (+ 1 r))))",
    "assoc": """(define (f n)
      (if (= n 0) 0 (let ((r 0)) (assoc 1 '((1 . 2)) (lambda (a b) (set! r (f (- n 1))) #t)) (+ 1 r))))""",
    "hash-table-update!": """(define (f n)
      (if (= n 0) 0 (let ((t (make-hash-table))) (hash-table-update! t 1 (lambda (x) (f (- n 1))) (lambda () 0))
        (+ 1 (hash-table-ref t 1)))))""",
    "mutual": "(define (f n) (if (= n 0) 0 (+ 1 (g (- n 1))))) (define (g n) (f n))",
    "keywords": "(define (f n :by [by 1]) (if (= n 0) 0 (+ 1 (f (- n by) :by 1))))",
    "rest": "(define (f . ns) (if (= (car ns) 0) 0 (+ 1 (apply f (list (- (car ns) 1))))))",
    "closures": "(define (f n) (if (= n 0) 0 ((lambda (k) (+ 1 (k))) (lambda () (f (- n 1))))))",
    "values": "(define (f n) (if (= n 0) 0 (call-with-values (lambda () (values 1 (f (- n 1)))) +)))",
    "call/cc": "(define (f n) (if (= n 0) 0 (+ 1 (call/cc (lambda (k) (f (- n 1)))))))",
    "parameterize": """(define p (make-parameter 0))
      (define (f n) (if (= n 0) 0 (+ 1 (parameterize ((p n)) (f (- n 1))))))""",
    "guard": "(define (f n) (if (= n 0) 0 (+ 1 (guard (e (#f 0)) (f (- n 1))))))",
    "dynamic-wind": "(define (f n) (if (= n 0) 0 (+ 1 (dynamic-wind void (lambda () (f (- n 1))) void))))",
    "force": "(define (f n) (if (= n 0) 0 (+ 1 (force (delay (f (- n 1)))))))",
    "string-for-each": """(define (f n)
      (if (= n 0) 0 (let ((r 0)) (string-for-each (lambda (c) (set! r (f (- n 1)))) "a") (+ 1 r))))""",
    "eval": "(define (f n) (if (= n 0) 0 (+ 1 (eval (list 'f (- n 1))))))",
}  # fmt: skip
SHALLOWER = {
    "eval": 20_000,
    "guard": 20_000,
    "dynamic-wind": 20_000,
    "parameterize": 20_000,
    "call/cc": 20_000,
}


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session() as made:
        yield made


@pytest.mark.parametrize("through", RECURSIONS)
def test_deep_recursion_through(session: Session, through: str) -> None:
    session.eval(RECURSIONS[through])
    depth = SHALLOWER.get(through, 100_000)
    assert session.eval(f"(f {depth})") == depth


@pytest.mark.slow
@pytest.mark.parametrize("through", RECURSIONS)
def test_a_million_deep_through(session: Session, through: str) -> None:
    session.eval(RECURSIONS[through])
    try:
        assert session.eval("(f 1000000)") == 1_000_000
    except LimitExceeded as error:
        assert error.kind in ("depth", "bytes")
    assert session.eval("(+ 1 2)") == 3


TAIL_CALLS = {
    "self": "(define (f n) (if (= n 0) 'done (f (- n 1))))",
    "mutual": "(define (f n) (if (= n 0) 'done (g (- n 1)))) (define (g n) (if (= n 0) 'done (f (- n 1))))",
    "three": """(define (f n) (if (= n 0) 'done (g (- n 1)))) (define (g n) (if (= n 0) 'done (h (- n 1))))
      (define (h n) (if (= n 0) 'done (f (- n 1))))""",
    "cond": "(define (f n) (cond ((= n 0) 'done) ((odd? n) (f (- n 1))) (else (f (- n 1)))))",
    "and-or": "(define (f n) (or (and (= n 0) 'done) (and #t (f (- n 1)))))",
    "case": "(define (f n) (case n ((0) 'done) (else (f (- n 1)))))",
    "when": "(define (f n) (if (= n 0) 'done (when #t (let ((m (- n 1))) (begin 1 (f m))))))",
    "apply": "(define (f n) (if (= n 0) 'done (apply f (list (- n 1)))))",
    "values": "(define (f n) (if (= n 0) 'done (call-with-values (lambda () (- n 1)) f)))",
    "handed on": "(define (f n [g f]) (if (= n 0) 'done (g (- n 1) g)))",
    "local": """(define (f n)
      (define (a n) (if (= n 0) 'done (b (- n 1)))) (define (b n) (if (= n 0) 'done (a (- n 1)))) (a n))""",
    "do": "(define (f n) (do ((i n (- i 1))) ((= i 0) 'done)))",
    "arrow": "(define (f n) (cond ((= n 0) 'done) ((- n 1) => f)))",
    "assigned": "(define f #f) (set! f (lambda (n) (if (= n 0) 'done (f (- n 1)))))",
    "continuation passing": """(define (k n c) (if (= n 0) (c 'done) (k (- n 1) (lambda (x) (c x)))))
      (define (f n) (k (quotient n 10) (lambda (x) x)))""",
}  # fmt: skip


@pytest.mark.parametrize("through", TAIL_CALLS)
def test_a_million_tail_calls(session: Session, through: str) -> None:
    session.eval(TAIL_CALLS[through])
    assert str(session.eval("(f 1000000)")) == "done"


# — data —

DEEP = "(define (nest n) (let loop ((i 0) (x '())) (if (= i n) x (loop (+ i 1) (list x)))))"
WAYS = [
    ("(string-length (value->string x))", 2_000_002),
    ("(equal? x (nest 1000000))", True),
    ("(equal? x (nest 999999))", False),
    ("(let ((t (make-hash-table))) (hash-table-set! t (nest 900000) 5) (hash-table-ref t (nest 900000)))", 5),
    ("(pair? (read (open-input-string (value->string (nest 200000)))))", True),
    ("(string-length (call-with-output-string (lambda (p) (write x p))))", 2_000_002),
    ("(length (list-copy x))", 1),
    ("(vector-length (let loop ((i 0) (v (vector))) (if (= i 100000) v (loop (+ i 1) (vector v)))))", 1),
    ("(begin (set! x #f) 'freed)", "freed"),
]


@pytest.mark.parametrize(("form", "value"), WAYS, ids=[form[:40] for form, _ in WAYS])
def test_deep_data(form: str, value: object) -> None:
    with Session() as session:
        session.eval(f"{DEEP} (define x (nest 1000000))")
        got = session.eval(form)
        assert (str(got) if isinstance(value, str) else got) == value


def test_data_too_deep_to_cross_to_the_host_is_a_typed_error() -> None:
    with Session() as session:
        session.eval(DEEP)
        with pytest.raises(ChorusError, match="nested too deep, cannot leave the language"):
            session.eval("(nest 1000000)")
        assert session.eval("(nest 2)") == [[[]]]
