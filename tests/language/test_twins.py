"""Programs that enter continuations again and again: right from the first switch on, in stackless twins as before
them, with limits and without; and what twins must keep: places, limits, identity, redefinition, memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chorus import ChorusError, Limits, Session
from chorus.interpreter import continuations, suspended, twins

GENERATORS = """
(define (make-generator walk)  ; WALK calls what it is given with each element
  (define return #f)
  (define (resume)
    (walk (lambda (x) (call/cc (lambda (rest) (set! resume (lambda () (rest #f))) (return x)))))
    (return 'end))
  (lambda () (call/cc (lambda (k) (set! return k) (resume)))))
(define (all-of next) (let loop ((made '())) (let ((x (next))) (if (eq? x 'end) (reverse made) (loop (cons x made))))))
(define items (iota 60))
"""

PROGRAMS = {
    "for-each": ("(all-of (make-generator (lambda (yield) (for-each yield items))))", "(iota 60)"),
    "map": (
        "(let ((kept #f)) (list (all-of (make-generator (lambda (yield) (set! kept (map"
        " yield items))))) (length kept)))",
        "(list (iota 60) 60)",
    ),
    "two lists": (
        "(all-of (make-generator (lambda (yield) (for-each (lambda (a b) (yield (+ a b))) items items))))",
        "(iota 60 0 2)",
    ),
    "vector-for-each": (
        "(all-of (make-generator (lambda (yield) (vector-for-each yield (list->vector items)))))",
        "(iota 60)",
    ),
    "hash-table-walk": (
        "(let ((t (make-hash-table))) (for-each (lambda (i) (hash-table-set! t i (* i i))) items)"
        " (list-sort < (all-of (make-generator (lambda (yield) (hash-table-walk t (lambda (k v) (yield v))))))))",
        "(map (lambda (i) (* i i)) items)",
    ),
    "sort": (
        "(let ((n 0)) (all-of (make-generator (lambda (yield) (list-sort (lambda (a b) (yield 'x) (< a b))"
        " '(3 1 2 5 4))))) 'sorted)",
        "'sorted",
    ),
    "same fringe": (
        "(begin (define (leaves tree) (make-generator (lambda (yield) (let walk ((t tree))"
        " (cond ((null? t) #f) ((pair? t) (walk (car t)) (walk (cdr t))) (else (yield t)))))))"
        " (define (same? a b) (let ((a (leaves a)) (b (leaves b))) (let loop () (let ((x (a)) (y (b)))"
        " (cond ((not (eqv? x y)) #f) ((eq? x 'end) #t) (else (loop)))))))"
        " (define (left n) (if (= n 0) '() (cons (left (- n 1)) n)))"
        " (list (same? (left 50) (iota 50 1)) (same? (left 50) (iota 51 1))))",
        "'(#t #f)",
    ),
    "coroutines": (
        "(let ((queue '()) (seen '()))"
        " (define (later! k) (set! queue (append queue (list k))))"
        " (define (next!) (let ((k (car queue))) (set! queue (cdr queue)) (k #f)))"
        " (define (pause) (call/cc (lambda (k) (later! k) (next!))))"
        " (define (worker name) (do ((i 0 (+ i 1))) ((= i 30)) (set! seen (cons (+ name i) seen)) (pause)))"
        " (call/cc (lambda (done)"
        "   (later! (lambda (_) (worker 0) (next!)))"
        "   (later! (lambda (_) (worker 100) (done #f)))"
        "   (next!)))"
        " (list (length seen) (car seen) (cadr seen) (list-ref seen 58)))",
        "'(60 129 29 100)",
    ),
    "amb": (
        "(let ((fail (lambda () 'none)) (tries 0))"
        " (define (amb choices) (let ((before fail)) (call/cc (lambda (k) (for-each (lambda (choice)"
        "   (call/cc (lambda (next) (set! fail (lambda () (next #f))) (k choice)))) choices)"
        "   (set! fail before) (fail)))))"
        " (let* ((a (amb (iota 20 1))) (b (amb (iota 20 1))) (c (amb (iota 20 1))))"
        "   (set! tries (+ tries 1))"
        "   (if (and (< a b) (< b c) (= (* c c) (+ (* a a) (* b b))) (> a 5)) (list a b c tries) (fail))))",
        "(let loop ((a 1) (b 1) (c 1) (n 1)) (cond ((and (< a b) (< b c) (= (* c c) (+ (* a a) (* b b))) (> a 5))"
        " (list a b c n)) ((< c 20) (loop a b (+ c 1) (+ n 1))) ((< b 20) (loop a (+ b 1) 1 (+ n 1)))"
        " (else (loop (+ a 1) 1 1 (+ n 1)))))",
    ),
    "winds": (
        "(let ((log 0)) (all-of (make-generator (lambda (yield) (for-each (lambda (x) (dynamic-wind"
        " (lambda () (set! log (+ log 1))) (lambda () (yield x)) (lambda () (set! log (+"
        " log 1000))))) items)))) log)",
        "120120",
    ),
    "guards": (
        "(all-of (make-generator (lambda (yield) (for-each (lambda (x)"
        " (yield (guard (e ((number? e) (yield 'caught) (- e))) (yield 'in) (if (odd? x)"
        " (raise x) x)))) '(1 2 3)))))",
        "'(in caught -1 in 2 in caught -3)",
    ),
    "a guard is left": (
        "(let ((next (make-generator (lambda (yield) (guard (e (#t (yield (list 'got e)))) (for-each yield items)"
        " (car 5))))))  (let ((all (all-of next))) (list (length all)"
        " (error-object-message (cadr (list-ref all 60))))))",
        "(list 61 (guard (e (#t (error-object-message e))) (car 5)))",
    ),
    "handlers": (
        "(all-of (make-generator (lambda (yield) (with-exception-handler (lambda (c)"
        " (yield (list 'handling c)) (* c 10))"
        " (lambda () (for-each (lambda (x) (yield (raise-continuable x))) '(1 2 3)))))))",
        "'((handling 1) 10 (handling 2) 20 (handling 3) 30)",
    ),
    "parameters": (
        "(let ((p (make-parameter 0))) (let ((next (make-generator (lambda (yield) (for-each (lambda (x)"
        " (parameterize ((p x)) (yield (p)) (yield (p)))) (iota 30 1))))))"
        " (let loop ((outside '()) (n 0)) (let ((x (next))) (if (eq? x 'end) (list n (delete-duplicates outside))"
        " (loop (cons (p) outside) (+ n 1)))))))",
        "'(60 (0))",
    ),
    "values": (
        "(all-of (make-generator (lambda (yield) (for-each (lambda (x) (call-with-values"
        " (lambda () (yield x) (values x 1))"
        " (lambda (a b) (yield (+ a b))))) '(1 2 3)))))",
        "'(1 2 2 3 3 4)",
    ),
    "promises": (
        "(all-of (make-generator (lambda (yield) (for-each (lambda (x) (let ((p (delay (begin (yield x) (* x x)))))"
        " (yield (force p)) (yield (force p)))) '(2 3)))))",
        "'(2 4 4 3 9 9)",
    ),
    "a counter that is shared": (
        "(let ((n 0) (k #f)) (define (count!) (let ((mine 0)) (call/cc (lambda (c) (set!"
        " k c))) (set! mine (+ mine 1))"
        " (set! n (+ n 1)) (if (< n 50) (k #f)) (list mine n))) (count!))",
        "'(50 50)",
    ),
    "optional and rest arguments": (
        "(begin (define (each f . more) (let loop ((m more) (made '())) (if (null? m) (reverse made)"
        " (loop (cdr m) (cons (f (car m)) made))))) (all-of (make-generator (lambda (yield)"
        " (do ((i 0 (+ i 1))) ((= i 30)) (yield (apply each yield (list i i))))))) 'through)",
        "'through",
    ),
    "each switch has variables of its own": (
        "(let ((kept '())) (all-of (make-generator (lambda (yield) (let loop ((i 0)) (if (< i 40) (begin"
        " (let ((seen (call/cc (lambda (here) (set! kept (cons (lambda () (set! i (+ i 100)) i) kept)) (here i)))))"
        " (yield seen)) (loop (+ i 1)))))))) (map (lambda (f) (f)) (reverse kept)))",
        "(iota 40 100)",
    ),
    "a tree rebuilt": (
        "(begin (define k #f) (define times 0) (define (copy t) (if (pair? t) (cons (copy (car t)) (copy (cdr t)))"
        " (if (eq? t 'here) (call/cc (lambda (c) (set! k c) 0)) t)))"
        " (let ((made (copy '((1 . here) 2 3)))) (set! times (+ times 1)) (if (< times 40) (k times) made)))",
        "'((1 . 39) 2 3)",
    ),
}


@pytest.fixture(params=["plain", "limits", "at once", "at once, limits"])
def session(request: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    if "at once" in request.param:
        monkeypatch.setattr(suspended, "OFTEN", 0)
    monkeypatch.setattr(twins, "cool", _no_twin)
    with Session(limits=Limits(steps=10**9) if "limits" in request.param else None) as made:
        made.eval(GENERATORS)
        yield made


def _no_twin(meta: Any) -> None:
    raise AssertionError(f"{meta.name} has no twin")


@pytest.mark.parametrize("name", PROGRAMS)
def test_as_expected(session: Session, name: str) -> None:
    program, wanted = PROGRAMS[name]
    for _ in range(3):
        assert session.eval(f"(equal? {program} {wanted})") is True, session.eval(program)


def test_switches_stop_unwinding_the_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    signals: list[Any] = []
    follow = continuations.Driver._follow
    monkeypatch.setattr(
        continuations.Driver, "_follow", lambda self, signal: signals.append(signal) or follow(self, signal)
    )
    with Session() as s:
        s.eval(GENERATORS)
        s.eval("(all-of (make-generator (lambda (yield) (for-each yield (iota 1000)))))")
        assert len(signals) < 10 * suspended.OFTEN
        del signals[:]
        s.eval("(all-of (make-generator (lambda (yield) (for-each yield (iota 1000)))))")
        assert len(signals) < 5


def test_places_of_errors_in_twins(session: Session) -> None:
    text = """(define (broken yield x)
  (yield x)
  (if (= x 55)
      (+ 1 (car x))
      x))
(all-of (make-generator (lambda (yield) (for-each (lambda (x) (broken yield x)) items))))"""
    with pytest.raises(ChorusError) as caught:
        session.eval(text)
    span = caught.value.span
    assert caught.value.code == "type"
    assert span is not None and (span.line, span.column) == (4, 12)


def test_places_of_calls_that_cannot_be_made(session: Session) -> None:
    text = """(define (one a) a)
(define (calls yield x)
  (yield x)
  (list (if (= x 55) (one x
   x) x)))
(all-of (make-generator (lambda (yield) (for-each (lambda (x) (calls yield x)) items))))"""
    with pytest.raises(ChorusError) as caught:
        session.eval(text)
    assert caught.value.code == "arity"
    assert caught.value.span is not None and caught.value.span.line == 4
    with pytest.raises(ChorusError) as caught:
        session.eval(text.replace("(one x\n   x)", "\n  (x)"))
    assert caught.value.code == "not-procedure"
    assert caught.value.span is not None and caught.value.span.line == 5


def test_what_a_twin_calls_may_be_redefined(session: Session) -> None:
    session.eval("(define (shown x) (list x)) (define go-on #f)")
    session.eval(
        "(define next (make-generator (lambda (yield) (let loop ((i 0)) (yield (shown i)) (loop (+ i 1))))))"
    )
    for _ in range(40):
        session.eval("(next)")
    session.eval("(define (shown x) (- x))")
    assert session.eval("(next)") == -40
    session.eval("(define old list) (define (list x) (old x x))")
    session.eval("(define (shown x) (list x))")
    assert session.eval("(equal? (next) '(41 41))") is True


def test_call_cc_may_be_redefined_too(session: Session) -> None:
    session.eval("""
        (define k #f)
        (define (counted n) (let ((x (call/cc (lambda (here) (set! k here) 0)))) (if (< x n) (k (+ x 1)) x)))
        (define (last) (call/cc (lambda (here) (set! k here) 1)))
        (define (lasts n) (let ((n n)) (let ((x (last))) (set! n (- n 1)) (if (> n 0) (k (+ x 1)) x))))""")
    assert session.eval("(list (counted 50) (lasts 50))") == session.eval("(list 50 50)")
    session.eval("(define call/cc (lambda (f) (f (lambda (x) (list 'not 'gone x)))))")
    assert session.eval("(equal? (list (counted 50) (last)) '((not gone 1) 1))") is True


def test_procedures_stay_themselves(session: Session) -> None:
    assert (
        session.eval("""
        (define seen '())
        (define (me yield) (set! seen (cons me seen)) (yield me) me)
        (define (run) (all-of (make-generator (lambda (yield) (for-each (lambda (x) (me yield)) items)))))
        (let ((made (run))) (and (eq? (car made) me) (= 1 (length (delete-duplicates made)))
                                 (= 1 (length (delete-duplicates seen eq?)))))""")
        is True
    )
    assert session.eval("(procedure-name me)") == "me"


def test_a_step_limit_ends_a_program_of_switches() -> None:
    with Session(limits=Limits(steps=20_000)) as s:
        s.eval(GENERATORS)
        with pytest.raises(ChorusError) as caught:
            s.eval(
                "(let ((next (make-generator (lambda (yield) (let loop () (yield 1)"
                " (loop)))))) (let loop () (next) (loop)))"
            )
        assert caught.value.code == "limit"


def test_a_deep_recursion_of_twins_meets_the_depth_limit() -> None:
    with Session(limits=Limits(depth=5_000)) as s:
        s.eval(
            "(define saved #f) (define (down n) (if (= n 0) (call/cc (lambda (k) (set!"
            " saved k) 0)) (+ 1 (down (- n 1)))))"
        )
        s.eval("(define (often n) (if (> n 0) (begin (down 20) (often (- n 1)))))")
        s.eval("(often 20)")
        assert s.eval("(begin (down 5) (down 3000))") == 3000
        with pytest.raises(ChorusError) as caught:
            s.eval("(begin (down 5) (down 6000))")
        assert caught.value.code == "limit"


def test_many_switches_take_no_memory() -> None:
    import resource

    with Session() as s:
        s.eval(GENERATORS)
        s.eval("(define next (make-generator (lambda (yield) (let loop ((i 0)) (yield i) (loop (+ i 1))))))")
        s.eval("(define (take n) (let loop ((i 0)) (if (< i n) (begin (next) (loop (+ i 1))))))")
        s.eval("(take 20000)")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        s.eval("(take 200000)")
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000  # kilobytes
