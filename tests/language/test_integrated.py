"""Calls that are written out where they stand mean what the calls mean, and stop being written out when the procedure
is given another meaning; so do procedures that were made one and lists that are made from their head.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chorus import ChorusError, Limits, Session
from chorus.interpreter.loader import the_manifest
from chorus.runtime.printer import write

FORMS = """
(map (lambda (x) (* x x)) '(1 2 3))
(map (lambda (x) (* x x)) #(1 2 3))
(map (lambda (x) x) '())
(map (lambda (x y) (list x y)) '(1 2 3) '(a b))
(map (lambda (x) (lambda () x)) '(1 2))
(map (lambda (f) (f)) (map (lambda (x) (lambda () (set! x (+ x 1)) x)) '(1 2)))
(map (lambda (x) (car x)) '((1) 2))
(map (lambda (x) x) 5)
(map (lambda (x) x) '(1 . 2))
(map (lambda (x y) x) '(1 2))
(map (lambda () 1) '(1 2))
(map (lambda (x . more) (cons x more)) '(1 2) '(3 4))
(map car '((1) (2)))
(map car '((1) 2))
(let ((n 0)) (for-each (lambda (x) (set! n (+ n x))) '(1 2 3)) n)
(let ((n 0)) (for-each (lambda (x y) (set! n (+ n (* x y)))) '(1 2 3) #(4 5)) n)
(for-each (lambda (x) x) 'no-list)
(filter (lambda (x) (memv x '(1 3))) '(1 2 3))
(remove (lambda (x) (> x 1)) '(1 2 3))
(fold (lambda (x sum) (+ x sum)) 0 '(1 2 3))
(fold (lambda (x sum) (+ x sum)) 0 '(1 a))
(fold-left (lambda (sum x) (list sum x)) 0 '(1 2 3))
(fold-right (lambda (x rest) (cons x rest)) '() '(1 2 3))
(any (lambda (x) (and (> x 1) (* x 10))) '(1 2 3))
(every (lambda (x) (and (> x 0) (* x 10))) '(1 2 3))
(every (lambda (x) x) '())
(find (lambda (x) (> x 1)) '(1 2 3))
(filter-map (lambda (x) (and (even? x) (* x x))) '(1 2 3 4))
(list-tabulate 4 (lambda (i) (* i i)))
(list-tabulate -1 (lambda (i) i))
(vector-map (lambda (x) (+ x 1)) #(1 2 3))
(vector-map (lambda (x) (+ x 1)) '(1 2 3))
(let ((l '())) (vector-for-each (lambda (x) (set! l (cons x l))) #(1 2)) l)
(let ((l '())) (string-for-each (lambda (c) (set! l (cons c l))) "abc") l)
(let ((sum 0)) (hash-table-walk {:a 1 :b 2} (lambda (k v) (set! sum (+ sum v)))) sum)
(let ((t {:a 1})) (hash-table-update! t :a (lambda (n) (+ n 1))) t)
(let ((t {:a 1})) (hash-table-update! t :b (lambda (n) (+ n 1))) t)
(let ((t {:a 1})) (hash-table-update! t :b (lambda (n) (+ n 1)) (lambda () 5)) t)
(let ((t {})) (for-each (lambda (k) (hash-table-update!/default t k (lambda (n) (+ n 1)) 0)) '(a 1 1.0 "a" a (1))) t)
(hash-table-ref {:a 1} :b (lambda () 'none))
(hash-table-ref {:a 1} :a (lambda () 'none))
(member 2 '(1 2 3))
(assoc "b" '(("a" . 1) ("b" . 2)))
(call-with-values (lambda () (values 1 2)) (lambda (a b) (list b a)))
(call-with-values (lambda () 1) (lambda (a . more) (list a more)))
(let-values (((a b) (values 1 2)) ((c) (values 3))) (list a b c))
(let-values (((a . b) (values 1 2 3)) (c (values))) (list a b c))
(let loop ((i 0) (l '())) (if (= i 3) l (let-values (((q r) (floor/ i 2))) (loop (+ i 1) (cons (list q r) l)))))
(map (lambda (row) (map (lambda (x) (* x 2)) row)) '((1 2) (3)))
(let loop ((i 0) (all '())) (if (= i 3) (map (lambda (f) (f)) all) (loop (+ i 1) (cons (lambda () i) all))))
""".strip().splitlines()

PROGRAMS = """
(define (merge a b)
  (cond ((null? a) b) ((null? b) a)
        ((< (car b) (car a)) (cons (car b) (merge a (cdr b))))
        (else (cons (car a) (merge (cdr a) b)))))
(define (upto a b) (if (> a b) '() (cons a (upto (+ a 1) b))))
(define (odds l) (cond ((null? l) '()) ((odd? (car l)) (cons (car l) (odds (cdr l)))) (else (odds (cdr l)))))
(define (ev? n) (if (= n 0) #t (od? (- n 1))))
(define (od? n) (if (= n 0) #f (ev? (- n 1))))
(define (a l n) (cond ((null? l) (list 'a n)) ((eq? (car l) 'x) (b (cdr l))) (else (a (cdr l) (+ n 1)))))
(define (b l) (cond ((null? l) 'b) (else (c (cdr l) 0 (car l)))))
(define (c l n last) (if (null? l) (list 'c n last) (a (cdr l) n)))
(define (local n)
  (letrec ((up (lambda (i k) (if (= i n) (list 'up k) (down (+ i 1)))))
           (down (lambda (i) (if (= i n) 'down (up (+ i 1) (* i 2))))))
    (list (up 0 0) (down 0))))
(define (escaping n)
  (letrec ((p (lambda (i) (if (= i 0) '() (cons (lambda () i) (q (- i 1))))))
           (q (lambda (i) (if (= i 0) '() (p (- i 1))))))
    (map (lambda (f) (f)) (p n))))
"""
CALLS = """
(merge '(1 3 5) '(2 4 6))
(merge '(1 3.5) '(2 1/2))
(merge '(1 . 2) '(3))
(merge '(1 a) '(3 4))
(upto 1 5)
(upto 1.5 4)
(length (upto 1 200000))
(upto 'a 4)
(odds '(1 2 3 4 5))
(odds '(1 2 #t))
(list (ev? 1000001) (od? 1000001) (ev? 10.0))
(ev? 'a)
(a '(1 x 2 3 x) 0)
(a '(1 x 2 3 4 5 x 1 2) 0)
(c '(1 2 . 3) 0 0)
(local 5)
(local 6.0)
(local 'x)
(escaping 5)
(begin (define (od? n) 'other) (list (ev? 5) (ev? 0) (od? 3)))
(begin (define (od? n) (if (= n 0) #f (ev? (- n 1)))) (list (ev? 5) (od? 5)))
(begin (set! ev? (lambda (n) 'set)) (od? 5))
(let ((old upto)) (set! upto (lambda (a b) '(new))) (old 1 3))
""".strip().splitlines()


@pytest.fixture(scope="module")
def sessions() -> Iterator[tuple[Session, ...]]:
    """As it is, with nothing relied on, and metered."""
    made = Session(), Session(), Session(limits=Limits(steps=10**9))
    for session in made:
        session.eval("(define args '())")
    made[1]._space.volatile.update(the_manifest().entries)
    made[1]._space.volatile.update(session.names())
    yield made
    for session in made:
        session.close()


def outcome(session: Session, text: str) -> str:
    try:
        return write([value for _, value in session.run(text, "text")][-1])
    except ChorusError as error:
        return f"{error.code}: {error.message} {error.span and error.span[1:3]}"


@pytest.mark.parametrize("form", FORMS)
def test_a_call_written_out_means_the_call(sessions: tuple[Session, ...], form: str) -> None:
    loop = f"(define (run) (let loop ((i 0) (last #f)) (if (= i 2) last (loop (+ i 1) {form}))))"
    for session in sessions:
        session.eval(loop)
    fast, general, metered = (outcome(session, "(run)") for session in sessions)
    assert fast.partition(" (")[0] == general.partition(" (")[0]
    assert fast == metered


def test_programs_mean_the_same() -> None:
    made = Session(), Session(), Session(limits=Limits(steps=10**9))
    for session in made:
        session.eval("(define args '())")
    made[1]._space.volatile.update([*the_manifest().entries, *made[1].names()])
    for session in made:
        session.eval(PROGRAMS)
    for call in CALLS:
        fast, general, metered = (outcome(session, call) for session in made)
        assert fast.partition(" (")[0] == general.partition(" (")[0] and fast == metered, call
    for session in made:
        session.close()


REDEFINED = [
    ("(define (f l) (map (lambda (x) (* x 2)) l))", "(f '(1 2))", "(define (map f l) 'mine)", "mine"),
    ("(define (f l) (map (lambda (x) (* x 2)) l))", "(f '(1 2))", "(set! map for-each)", "#<unspecified>"),
    ("(define (f l) (for-each (lambda (x) x) l))", "(f '(1 2))", "(set! for-each map)", "(1 2)"),
    ("(define (f l) (map (lambda (x) (car x)) l))", "(f '((1)))", "(define (car x) 'mine)", "(mine)"),
    ("(define (f l) (fold (lambda (x y) (+ x y)) 0 l))", "(f '(1 2))", "(define fold list)", None),
    ("(define (f) (let-values (((a b) (values 1 2))) (list a b)))", "(f)", "(set! values list)", None),
    (
        '(define (f s) (string-append s "-" (number->string 5)))',
        '(f "a")',
        "(define (string-append . l) 'mine)",
        "mine",
    ),
    ("(define (f t) (hash-ref t :a 0))", "(f {:a 1})", "(set! hash-ref list)", None),
    ("(define (f s) (char=? (string-ref s 0) #\\a))", '(f "abc")', "(define (string-ref s i) #\\b)", "#f"),
]


CALLEES = (
    "(define (g x) (+ x 1))\n(define (f x) (* 2 (g x)))\n(define (h x) (if (f x) (+ (f x) (g x)) 'none))"
)
REDEFINED += [
    (CALLEES, "(h 1)", '(define (g x) "a")', None),
    (CALLEES, "(h 1)", "(define (g x) #f)", None),
    (CALLEES, "(h 1)", "(define (+ . l) 7)", "7"),
    (CALLEES, "(h 1.5)", "(define (* . l) 1/2)", "3.0"),
    (CALLEES, "(h 1)", "(define (f x) #f)", "none"),
    (CALLEES, "(h 1)", "(set! g (lambda (x) 10))", "30"),
]


@pytest.mark.parametrize(("program", "call", "change", "then"), REDEFINED)
def test_redefinition_takes_effect_at_the_next_call(
    program: str, call: str, change: str, then: str | None
) -> None:
    with Session() as session:
        session.eval(program)
        before = outcome(session, call)
        session.eval(change)
        after = outcome(session, call)
        assert after == then if then is not None else after != before
    with Session() as other:
        other.eval(program)
        assert outcome(other, call) == before


def test_a_change_in_the_middle_of_a_loop_is_seen_by_the_next_call() -> None:
    program = """
      (define (doubled l) (map (lambda (x) (* x 2)) l))
      (define (run n)
        (let loop ((i 0) (seen '()))
          (if (= i n)
              (reverse seen)
              (begin (if (= i 1) (set! map (lambda (f l) 'changed)))
                     (loop (+ i 1) (cons (doubled '(1)) seen))))))
      (run 3)"""
    with Session() as session:
        assert outcome(session, program) == "((2) changed changed)"


def test_a_member_redefined_while_the_others_run() -> None:
    program = """
      (define (ping n) (if (= n 0) 'done (pong (- n 1))))
      (define (pong n) (if (= n 0) 'done (ping (- n 1))))
      (define (run) (let ((before (ping 100001))) (eval '(define (pong n) 'new)) (list before (ping 3) (pong 3))))
      (run)"""
    with Session() as session:
        assert outcome(session, program) == "(done new new)"


def test_a_list_without_end_meets_the_limit() -> None:
    with Session() as session:
        session.eval("(define (count n) (cons n (count (+ n 1))))")
        with pytest.raises(ChorusError) as caught:
            session.eval("(count 0)")
        assert caught.value.code == "limit"


@pytest.mark.parametrize(
    "form", ["(call-with-values (lambda () (values 1 2)) (lambda (a) a))", "(receive (a b) (values 1 2 3) a)"]
)
def test_too_many_values_are_an_error_of_arity(sessions: tuple[Session, ...], form: str) -> None:
    assert {outcome(session, form).partition(":")[0] for session in sessions} == {"arity"}


def test_map_can_be_entered_again() -> None:
    program = """
      (define k #f)
      (define runs 0)
      (define first #f)
      (define (f) (map (lambda (x) (call/cc (lambda (c) (if (= x 2) (set! k c)) x))) '(1 2 3)))
      (define result (f))
      (set! runs (+ runs 1))
      (if (= runs 1) (begin (set! first result) (k 20)))
      (list first result)"""
    with Session() as session:
        assert outcome(session, f"(let () {program})") == "((1 2 3) (1 20 3))"


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "text",
    [
        '(define (f s) (let ((c (string-ref s 0))) (if (char=? c #\\a) 1 (if (char=? #\\b c) 2 3)))) (f "abc")',
        "(define (f x) (if (eq? x 'a) 1 (if (eqv? 5 x) 2 (case x ((#\\c 7) 4) (else 5))))) (f 7)",
        '(define (f) (if (char=? #\\a #\\b) (5 3) ("abc" 3))) f',
        "(define (f) (vector-ref '#(1 2) 1.5)) (define (g) (string-ref \"abc\" 'a)) (define (h) (car 5)) f",
        '(define (f s) (let loop ((i 0)) (if (char=? (string-ref s i) #\\c) i (loop (+ i 1))))) (f "abc")',
    ],
)
def test_what_programs_become_is_no_code_that_python_warns_of(text: str) -> None:
    with Session() as session:
        session.eval(text)
