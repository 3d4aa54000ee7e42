"""Environments as values, and the tower from within programs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chorus import ChorusError, Session
from chorus.runtime.errors import UnboundName


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
