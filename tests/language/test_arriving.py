"""What the language comes with is bound when it is asked for, and nobody sees the difference."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from chorus import Session
from chorus.interpreter.namespace import key

ASKED = ("car", "filter", "member", "%current-turn", "when", "evidence-weights", "string-join", "call/cc")


@pytest.fixture(autouse=True, scope="module")
def _compiled() -> None:
    """The stdlib is in the cache: the session that has to compile it has all of it."""
    with Session() as session:
        session.eval("1")


def test_a_start_binds_few_names_and_knows_all() -> None:
    with Session() as session:
        foundation, names = session.space.foundation, session.names()
        bound = [name for name in foundation.dict if name[:2] != "$:"]
        assert len(bound) < 100 and len(names) > 2000 and set(ASKED) <= set(names)
        for name in ASKED:
            assert foundation.holds(name) and name not in foundation.late
        assert len(session.names()) == len(names)


def test_all_names_can_be_asked_for_and_mean_what_they_do_alone() -> None:
    with Session() as whole, Session() as fresh:
        whole.space.foundation.link(list(whole.space.foundation.late))
        assert not whole.space.foundation.late
        assert all(key(name) in whole.space.foundation.dict for name in whole.names())
        for form in (
            "(fold-left + 0 (filter even? (iota 10)))", "(member 2.0 (list 1 2) =)", "(assoc 'b '((a 1) (b 2)))",
            "(string-upcase (string-join (list \"a\" \"b\")))", "(let-values (((a b) (floor/ 7 2))) (list a b))",
            "(get evidence-weights :dense)", "(doc 'filter)", "(apropos \"record-type\")",
        ):  # fmt: skip
            assert str(whole.eval(form)) == str(fresh.eval(form)), form


@pytest.mark.parametrize(
    "form",
    [
        "(begin (set! car (lambda (x) 'mine)) (list (car '(1 2)) (caar '((1) 2))))",
        "(begin (define (filter keep? items) 'mine) (list (filter even? '(1 2)) (remove even? '(1 2))))",
        "(begin (set! filter (lambda (keep? items) 'mine)) (list (filter even? '(1 2)) (partition even? '(1 2))))",
        "(begin (define car cdr) (map car '((1 2) (3 4))))",
        "(let ((before length)) (set! length (lambda (x) (+ 1 (before x)))) (list (length '(1)) (vector-length #(1))))",
    ],
)
def test_redefining_what_nobody_asked_for_is_redefining_it(form: str) -> None:
    with Session() as session, Session() as asked:
        asked.space.foundation.link(list(asked.space.foundation.late))
        assert session.eval(form) == asked.eval(form)


def test_threads_that_ask_at_once_get_one_procedure() -> None:
    with Session() as session, ThreadPoolExecutor(8) as pool:
        foundation = session.space.foundation
        for name in ("fold-right", "vector-map", "cadr", "string-pad-left"):
            assert len({id(value) for value in pool.map(foundation.get, [name] * 64)}) == 1


def test_sessions_of_a_frozen_base_have_what_its_code_names() -> None:
    with Session() as session:
        session.eval('(define (shout words) (string-upcase (string-join (reverse words) " ")))')
        session.eval("(define-syntax twice (syntax-rules () ((_ e) (begin e e))))")
        session.eval('(shout \'("a"))')
        base = session.freeze()

    def ask(_: int) -> object:
        with base.session() as other:
            return other.eval('(begin (define n 0) (twice (set! n (+ n 1))) (list (shout \'("a" "b")) n))')

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ask, range(8))) == [["B A", 2]] * 8
