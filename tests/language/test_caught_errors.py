"""What is known of an error that was caught: place and stack are looked for when somebody asks, maybe much later."""

from __future__ import annotations

import pytest

from chorus import ChorusError, Session

KEPT = """(define kept #f)
(define (inner x)
  (car x))
(define (raising x)
  (error "bad" x))
(define (outer f x) (+ 1 (f x)))
(define (caught f) (guard (e (#t (set! kept e) 'caught)) (outer f 5)))"""


@pytest.fixture
def session() -> Session:
    made = Session()
    made.eval(KEPT, file="kept.sexp")
    return made


@pytest.mark.parametrize(("procedure", "line"), [("inner", 3), ("raising", 5)])
def test_a_caught_error_knows_its_place_when_it_is_asked_later(
    session: Session, procedure: str, line: int
) -> None:
    assert str(session.eval(f"(caught {procedure})")) == "caught"
    session.eval("(define (car x) 5) (define (inner x) 6)")  # what is noted is of the code that erred
    assert session.eval("(hash-ref (error-object-span kept) :line)") == line
    with pytest.raises(ChorusError) as again:
        session.eval("(raise kept)")
    assert again.value.span is not None and again.value.span.line == line
    names = [entry.name for entry in again.value.stack]
    assert names[0] == procedure and "outer" in names


def test_the_same_instruction_errs_again_with_other_values(session: Session) -> None:
    session.eval("(define (part x) (guard (e (#t (error-object-message e))) (outer cadr x)))")
    session.eval("(define (own x) (guard (e (#t (error-object-message e))) (+ 1 (cadr x))))")
    told = [str(session.eval(f"(own {x})")) for x in ("'(1)", "5", "'(2)")]
    assert told == [str(session.eval(f"(part {x})")) for x in ("'(1)", "5", "'(2)")]
    assert len(set(told)) == 3


def test_an_index_that_is_computed_is_looked_at_like_any_other(session: Session) -> None:
    session.eval("(define v (vector 1 2 0)) (define w (vector 2 0 -1 3 #t 1.5 'a))")
    session.eval(
        "(define (at i) (let loop ((n 0)) (if (< n 1) (loop (+ n 1)) (vector-ref v (vector-ref w i)))))"
    )
    assert [session.eval(f"(at {i})") for i in range(2)] == [0, 1]
    codes = []
    for i in range(2, 7):
        with pytest.raises(ChorusError) as problem:
            session.eval(f"(at {i})")
        codes.append(problem.value.code)
    assert codes == ["range", "range", "type", "type", "type"]


def test_lists_given_to_primitives_are_checked_as_ever(session: Session) -> None:
    for form in ("(list->string '(#\\a . #\\b))", '(string-join \'("a" . "b"))', "(list->string #(#\\a))"):
        with pytest.raises(ChorusError) as problem:
            session.eval(form)
        assert problem.value.code == "type", form
    assert session.eval('(string-join (list (string-copy "a") "b") (string #\\-))') == "a-b"
    assert session.eval("(sort '(2 1.5 3/2 -1) >)") == session.eval("(list 2 1.5 3/2 -1)")
    with pytest.raises(ChorusError):
        session.eval("(sort '(2 a) <)")
