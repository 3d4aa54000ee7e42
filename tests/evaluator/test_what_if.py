"""`what-if`: other values for names, for one evaluation; nothing of it lasts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chorus import Capabilities, ChorusError, Session
from chorus.runtime.errors import UnboundName

RULES = "(define rate 2) (define (tax x) (* x rate)) (define (price x) (if (> x 10) (tax x) x))"


@pytest.fixture
def session() -> Iterator[Session]:
    with Session(allow=Capabilities.all()) as made:
        made.eval(RULES)
        yield made


def both(session: Session, form: str) -> Any:
    return session.eval(f"(let ((w {form})) (list (what-if-before w) (what-if-after w)))")


def shown(session: Session, form: str) -> str:
    return session.eval(f"(what-if->string {form})")


def test_a_variable_a_procedure_and_a_name_of_the_language(session: Session) -> None:
    assert both(session, "(what-if ((rate 3)) (price 20))") == [40, 60]
    assert both(session, "(what-if ((tax (lambda (x) (+ x rate))) (rate 5)) (price 20))") == [40, 25]
    assert both(session, "(what-if ((map (lambda (f l) (reverse l)))) (map price '(1 20)))") == [
        [1, 40],
        [20, 1],
    ]
    assert both(session, "(what-if ((car cdr)) (car '(1 2)))") == [1, [2]]
    assert both(session, "(what-if ((agreeing-voices 1)) (voices-agree '(0.5 0.5)))") == [0.75, 0.5]


def test_nothing_lasts(session: Session) -> None:
    session.eval("(define (bump!) (set! rate (+ rate 1)) rate)")
    before = session.eval("(list (length (environment-history)) (environment-version))")
    assert both(session, "(what-if ((rate 10)) (bump!))") == [3, 11]
    assert both(session, "(what-if ((rate 10)) (begin (set! rate 7) (tax 1)))") == [7, 7]
    assert session.eval("(list rate (price 20))") == [2, 40]
    assert session.eval("(list (length (environment-history)) (environment-version))") == before


def test_after_an_error_and_an_escape_too(session: Session) -> None:
    assert "fails: " in shown(session, '(what-if ((rate "a")) (price 20))')
    assert session.eval("(call/cc (lambda (k) (what-if ((rate 3)) (k rate))))") == 2
    assert session.eval("(price 20)") == 40


def test_the_changed_environment_has_another_version(session: Session) -> None:
    one, other = both(session, "(what-if ((rate 3)) (environment-version))")
    assert one != other and session.environment_version == one


def test_what_writes_is_refused(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    told = shown(session, f'(what-if ((rate 3)) (begin (write-file "{path}" "a") 1))')
    assert "write-file would change what lies outside the program" in told and not path.exists()
    told = shown(session, f'(what-if ((tax (lambda (x) (write-file "{path}" "a")))) (price 20))')
    assert "fails: write-file" in told and not path.exists()
    session.eval(f'(define tools (list (lambda () (write-file "{path}" "a"))))')
    told = shown(session, "(what-if ((rate 3)) ((car tools)))")
    assert "made elsewhere could change" in told and not path.exists()
    session.eval(f'(write-file "{path}" "a")')
    assert path.read_text() == "a"


def test_names_that_are_none(session: Session) -> None:
    with pytest.raises(UnboundName, match="nothing is called rat"):
        session.eval("(what-if ((rat 3)) (price 20))")
    with pytest.raises(Exception, match="if is a form"):
        session.eval("(what-if ((if 3)) (price 20))")


def test_differences(session: Session) -> None:
    assert "that is 20 more (50.0 %)" in shown(session, "(what-if ((rate 3)) (price 20))")
    assert "that is 20 less (50.0 %)" in shown(session, "(what-if ((rate 1)) (price 20))")
    assert "that is the same" in shown(session, "(what-if ((rate 3)) (price 5))")
    assert "that is the same" in shown(session, "(what-if ((rate 3)) (list 'a))")
    told = shown(session, "(what-if ((rate 3)) (rows->table (list {:n rate} {:n 9})))")
    assert "- {:n 2}" in told and "+ {:n 3}" in told and "- {:n 9}" not in told


def test_of_what_if_within_what_if(session: Session) -> None:
    form = "(what-if ((rate 3)) (what-if-after (what-if ((tax (lambda (x) rate))) (price 20))))"
    assert both(session, form) == [2, 3]
    assert session.eval("(price 20)") == 40


def test_a_definition_can_be_changed_as_it_would_be_written(session: Session) -> None:
    session.eval("(define (twice x) (* 2 x)) (define (start x) (twice x))")
    before = session.eval("(environment-version)")
    for change in (
        "(define (twice x) (* 3 x))",
        "(twice (define (twice x) (* 3 x)))",
        "(define twice (lambda (x) (* 3 x)))",
    ):
        assert session.eval(f"(what-if-after (what-if ({change}) (start 5)))") == 15
    again = "(define (start x) (if (= x 0) 1 (* x (start (- x 1)))))"
    assert session.eval(f"(what-if-after (what-if ({again} (twice 0)) (start 5)))") == 120
    assert session.eval("(start 5)") == 10 and session.eval("(environment-version)") == before


@pytest.mark.parametrize("change", ["f", "(f 1 2)", "(f)", "define f 1"])
def test_what_is_no_change_is_said_to_be_none(session: Session, change: str) -> None:
    with pytest.raises(ChorusError, match="what-if") as caught:
        session.eval(f"(what-if ({change}) 5)")
    assert "what-if-with" not in caught.value.message
