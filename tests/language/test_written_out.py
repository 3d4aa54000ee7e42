"""Operations that the compiler writes out in Python against the primitives themselves, called as values: on operands of
every kind, right and wrong, the same value or the same error.
"""

from __future__ import annotations

import random

import pytest

from chorus import Session
from chorus.interpreter.compiler.fast import TEMPLATES

OPERANDS = [
    *'0 1 -1 7 4611686018427387904 1/2 1.5 -0.0 +nan.0 #t #f \'sym "" "ab" "b" #\\a #\\b car'.split(),
    *(
        "'()",
        "(list 1 2)",
        "(cons 1 2)",
        "(vector 1 2)",
        "(bytevector 1 2)",
        "(make-string 2 #\\x)",
        "{:a 1}",
    ),
]
ROUNDS = 25
PROGRAM = """
(define same #f)
(set! same (lambda (x) x))  ; which no compiler can write out
(define (what-is-wrong e)  ; but for the name, of which a primitive may have two
  (let ((message (if (error-object? e) (error-object-message e) e)))
    (if (and (string? message) (string-index message #\\:))
        (string-copy message (string-index message #\\:))
        message)))
(define (outcome op operands)
  (format "~s" (guard (e (#t (list 'error (what-is-wrong e)))) (apply op operands))))
(define (outcomes makers . ops)
  (map (lambda (make) (map (lambda (op) (outcome op (make))) ops)) makers))
"""


@pytest.fixture(scope="module")
def session() -> Session:
    made = Session()
    made.eval("(begin " + PROGRAM + ")")
    return made


PUBLIC = sorted((name, count) for name, count in TEMPLATES if not name.startswith("%"))


@pytest.mark.parametrize("name, count", PUBLIC, ids=str)
def test_it_does_what_the_primitive_does(session: Session, name: str, count: int) -> None:
    dice = random.Random(f"{name} {count}")
    params = [f"p{at}" for at in range(count)]
    shapes = {
        "plain": f"({name} {' '.join(params)})",
        "computed": f"({name} {' '.join(f'(same {p})' for p in params)})",
        "looped": f"(car (map (lambda (p0) ({name} p0 {' '.join(f'(same {p})' for p in params[1:])})) (list p0)))",
    }
    given = [" ".join(dice.choices(OPERANDS, k=count)) for _ in range(ROUNDS)]
    makers = " ".join(f"(lambda () (list {operands}))" for operands in given)
    defined = " ".join(f"(define ({shape} {' '.join(params)}) {body})" for shape, body in shapes.items())
    found = session.eval(f"(begin {defined} (outcomes (list {makers}) {name} {' '.join(shapes)}))")
    for operands, came in zip(given, found, strict=True):
        assert len(set(came)) == 1, (operands, came)
