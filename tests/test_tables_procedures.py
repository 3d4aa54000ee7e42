"""Procedures made where no one else sees them, written out in columns: with their own variables, and no one else's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chorus import EvalError, Session

BEFORE = """(define t (rows->table '({:id 1} {:id 2} {:id 3})))
(define k 100)
(define h (lambda (z) (* 1000 z)))"""
LOCAL = [
    ("(let ((f (lambda (x) (+ x 1)))) (column (select t (y (f id))) y))", [2, 3, 4]),
    ("(begin (define (g x) (+ x 1)) (column (select t (y (g id))) y))", [2, 3, 4]),
    ("(let ((k 7)) (define (g x) (+ x k)) (column (select t (y (g id))) y))", [8, 9, 10]),
    ("(let ((k 7)) (set! k 8) (define (g x) (+ x k)) (column (select t (y (g id))) y))", [9, 10, 11]),
    ("(define (times k) (lambda (x) (* x k))) (let ((f (times 5))) (column (select t (y (f id))) y))", [5, 10, 15]),
    ("(let ((h (lambda (z) (* 2 z)))) (let ((f (lambda (x) (h x)))) (column (select t (y (f id))) y)))", [2, 4, 6]),
    ("(define (f n) (define (dbl x) (* 2 x)) (define (big? x) (> (dbl x) n)) (column (where t (big? id)) id)) (f 3)",
     [2, 3]),
    ("(map (lambda (n) (define (f x) (+ x n)) (apply + (column (select t (y (f id))) y))) '(0 1))", [6, 9]),
    ("(let ((x 5)) (let ((f (lambda (y) (+ y x)))) (let ((x 6)) (column (select t (y (f id))) y))))", [6, 7, 8]),
    ("(let ((among (list 1 3))) (define (f x) (member x among)) (column (where t (f id)) id))", [1, 3]),
    ("(let ((f (lambda (x) (+ x k)))) (column (select t (y (f id))) y))", [101, 102, 103]),
    ("(column (select t (y ((lambda (x) (h x)) id))) y)", [1000, 2000, 3000]),
]  # fmt: skip


@pytest.fixture(scope="module", params=["host", "meta"])
def session(request: pytest.FixtureRequest) -> Iterator[Session]:
    with Session(evaluator=request.param) as made:
        made.eval(BEFORE)
        yield made


# What a `let` or a parameter binds, where a variable of the program has the name too.
SHADOWED = [
    ("(let ((x id)) (h x))", [1000, 2000, 3000]),
    ("(+ (h k) (let ((k id)) (h k)))", [101000, 102000, 103000]),
    ("(let* ((x id) (y (+ x 1))) (h (* x y)))", [2000, 6000, 12000]),
    ("(let ((k 3)) (substring \"abcdef\" 0 k))", ["abc"] * 3),
    ("(let ((among '(1 3))) (member id among))", [True, False, True]),
    ("(in? id (list 1 2))", [True, True, False]),
    ("(any-of id '(2))", [False, True, False]),
    ("(any-of id some)", [False, False, True]),
    ("(first-letters \"abc\" 2)", ["ab"] * 3),
    ("(hour-in (shift #inst \"2024-07-01T00:00Z\" id 'day) \"Asia/Tokyo\")", [9] * 3),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "wanted"), SHADOWED)
def test_what_is_bound_in_an_expression_hides_the_program_s(
    session: Session, expression: str, wanted: list[object]
) -> None:
    session.eval(
        """(define x 5) (define among '(2)) (define some '(3)) (define zone "UTC") (define n 1)
        (define (any-of value list) (member value list)) (define (first-letters s n) (substring s 0 n))
        (define (hour-in at zone) (hour at zone))"""
    )
    assert session.eval(f"(column (select t (y {expression})) y)") == wanted


@pytest.mark.parametrize(("form", "wanted"), LOCAL)
def test_a_local_procedure_is_written_out(session: Session, form: str, wanted: list[int]) -> None:
    assert session.eval(form) == wanted


def test_a_procedure_is_known_by_its_place_not_by_a_place_like_it(session: Session) -> None:
    session.eval("(define kept (list (lambda (x) (+ x 1))))")
    form = "(define kepu (list (lambda (x) (* x 9)))) (let ((f (car kept))) (column (select t (y (f id))) y))"
    try:
        found = session.eval(form)
    except EvalError as error:
        assert error.code == "table-operator"  # nobody remembers where it was written
    else:
        assert found == [2, 3, 4]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("(define ((adder k) x) (+ x k)) (define f (adder 3)) (select t (y (f id)))", "makes procedures"),
        ("(let ((n 0)) (define (f x) (set! n (+ n 1)) n) (select t (y (f id))))", "more than one expression"),
        ("(let () (define (f x) (if (= x 0) 0 (f (- x 1)))) (select t (y (f id))))", "map-rows"),
    ],
)
def test_what_cannot_be_written_out_says_why(session: Session, form: str, said: str) -> None:
    with pytest.raises(EvalError) as caught:
        session.eval(form)
    assert caught.value.code == "table-operator" and said in str(caught.value.hint)


# A name means in columns what it means where they stand: a variable there hides a form, a macro may be local.
WHERE_THEY_STAND = [
    ("(define (over query) (column (where t (> id query)) id)) (over 1)", [2, 3]),
    ("(let ((delay 2)) (column (where t (>= id delay)) id))", [2, 3]),
    ("(define (page select case) (column (order-by (where t (> id select)) (desc (* case id))) id)) (page 1 1)",
     [3, 2]),
    ("(let ((twice (lambda (x) (* 100 x)))) (column (select t (y (twice id))) y))", [100, 200, 300]),
    ("(let-syntax ((third (syntax-rules () ((_ x) (* 3 x))))) (column (select t (y (third id))) y))", [3, 6, 9]),
    ("""(let ((k 7)) (define-syntax plus (syntax-rules () ((_ x) (+ x k))))
          (let ((k 1)) (column (select t (y (plus id))) y)))""", [8, 9, 10]),
    ("(column (select t (y (twice id))) y)", [2, 4, 6]),
]  # fmt: skip


@pytest.mark.parametrize(("program", "wanted"), WHERE_THEY_STAND)
def test_names_mean_what_they_mean_where_they_stand(
    session: Session, program: str, wanted: list[object]
) -> None:
    session.eval("(define-syntax twice (syntax-rules () ((_ x) (* 2 x))))")
    assert session.eval(program) == wanted


def test_a_form_that_no_variable_hides_is_no_value(session: Session) -> None:
    with pytest.raises(EvalError, match="query is a form, not a value"):
        session.eval("(where t (> id query))")
