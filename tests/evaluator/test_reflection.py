"""Environments as values, and the tower from within programs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chorus import ChorusError, Session
from chorus.runtime.errors import UnboundName
from chorus.runtime.printer import write


@pytest.fixture(scope="module", params=["host", "meta", "meta-2", "interpreted"])
def session(request: pytest.FixtureRequest) -> Iterator[Session]:
    with Session(evaluator=request.param) as made:
        yield made


@pytest.mark.parametrize(
    ("program", "value"),
    [
        ("(eval '(+ a 1) (let ((a 5)) (the-environment)))", 6),
        ("(let ((a 5)) (eval '(set! a 7) (the-environment)) a)", 7),
        ("(define (f x) (the-environment)) (eval '(* x x) (f 9))", 81),
        ("(define (f x) (the-environment)) (list (environment-ref (f 1) 'x) (environment-ref (f 2) 'x))", [1, 2]),
        ("(eval '(let loop ((i 0)) (if (< i n) (loop (+ i 1)) i)) (let ((n 4)) (the-environment)))", 4),
        ("(eval '(map (lambda (z) (* z k)) '(1 2)) (let ((k 3)) (the-environment)))", [3, 6]),
        ("(let* ((n 1) (env (the-environment))) (set! n 2) (eval 'n env))", 2),
        ("(let-syntax ((two (syntax-rules () ((_) 2)))) (eval '(two) (let ((a 1)) (the-environment))))", 2),
        ("(define here 5) (eval 'here (the-environment))", 5),
        ("(define up (let ((n 1)) (the-environment))) (eval '(set! n (+ n 1)) up) (eval 'n up)", 2),
        ("(with-level 1 (+ 1 2))", 3),
        ("(let ((q 4)) (with-level 2 (let loop ((i 0)) (if (< i q) (loop (+ i 1)) i))))", 4),
        ("(with-level 3 (with-level 2 (* 6 7)))", 42),
        ("((tower 2) identity '(let ((a 1)) (+ a 1)) (interaction-environment) #f)", 2),
        ("(evaluate identity '(cond (#f 1) (else 2)) (interaction-environment))", 2),
    ],
)  # fmt: skip
def test_values(session: Session, program: str, value: object) -> None:
    assert session.eval(program) == value


@pytest.mark.parametrize(
    ("program", "code", "column"),
    [
        ("(with-level 0 1)", "range", 1),
        ("(with-level n 1)", "syntax", 1),
        ("(with-level 2 (car 5))", "type", 15),
        ("(the-environment 1)", "syntax", 1),
        ("(environment-ref (the-environment) 'no-such-name)", "unbound", 1),
        ("(environment-ref (the-environment) 'if)", "type", 1),
        ("(eval 'x (letrec ((env (the-environment)) (x (eval 'x env))) x))", "unbound", None),
    ],
)
def test_errors(session: Session, program: str, code: str, column: int | None) -> None:
    with pytest.raises(ChorusError) as caught:
        session.eval(program)
    assert caught.value.code == code
    assert caught.value.span is not None
    if column is not None:
        assert caught.value.span.column == column


def test_an_environment_does_not_see_what_was_not_in_sight(session: Session) -> None:
    with pytest.raises(UnboundName):
        session.eval("(eval 'inner (let ((outer 1)) (let ((env (the-environment))) (let ((inner 2)) env))))")


@pytest.mark.parametrize("level", [1, 2])
def test_the_interpreter_within_a_macro_and_a_library(session: Session, level: int) -> None:
    """They are evaluated while a form is read, when no job of the program's is under way."""
    asked = f"((tower {level}) identity '(if #t (list 5) 6) (interaction-environment) #f)"
    assert (
        session.eval(f"(define-syntax five (er-macro-transformer (lambda (x r c) (car {asked})))) (five)")
        == 5
    )
    session.eval(
        f"(define-library (five of {level}) (export five) (import (scheme base) (chorus))"
        f" (begin (define five {asked})))"
    )
    assert session.eval(f"(import (prefix (five of {level}) its-)) its-five") == [5]


@pytest.mark.parametrize(
    ("program", "value"),
    [
        ("(define (down i) (if (= i 0) 'done (eval (list 'down (- i 1)) (the-environment)))) (down 1200)", "done"),
        ("(define (down i) (if (= i 0) 'done (call/cc (lambda (k) (eval (list 'down (- i 1))))))) (down 1200)", "done"),
        (
            "(define k #f) (define n 0) (define (mark) (call/cc (lambda (c) (set! k c) 1)))"
            " (let ((v (+ 1 (eval '(begin (define seen 5) (mark))))))"
            " (set! n (+ n 1)) (if (< n 3) (k (* 10 n)) (list v n seen)))",
            "(21 3 5)",
        ),
    ],
)  # fmt: skip
def test_eval_calls_in_tail_position(session: Session, program: str, value: str) -> None:
    """Loops through it take no stack (R7RS 3.5), and continuations go through it."""
    assert last(session, program) == value


def last(session: Session, program: str) -> str:
    *_, (_, found) = session.run(program, "text")
    return write(found)


def test_reflective_procedures_get_form_environment_and_continuation(session: Session) -> None:
    session.eval(
        """(define-reflective (my-if form env k)
             (if (eval (cadr form) env) (eval (caddr form) env) (eval (cadddr form) env)))
           (define-reflective (add-to! form env k)
             (eval (list 'set! (cadr form) (list '+ (cadr form) (caddr form))) env))
           (define-reflective (leave form env k) (list 'never (k (eval (cadr form) env))))
           (define (f a) (my-if (> a 3) (list 'big a) (let ((b 1)) (add-to! a b) (+ 100 (leave (* 2 a))))))"""
    )
    assert last(session, "(list (f 5) (f 1))") == "((big 5) 104)"
    with pytest.raises(ChorusError) as caught:
        session.eval("(list\n  (my-if (car 5) 1 2))")
    assert caught.value.code == "type" and caught.value.span is not None and caught.value.span.line == 2
    assert session.eval("(let ((continue 1) (form 2) (k 3)) (my-if #t (list continue form k) 0))") == [
        1,
        2,
        3,
    ]
