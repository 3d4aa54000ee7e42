"""`why`: what a value was made of. Whatever is not in the tree may change, and the value stays."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chorus import Capabilities, Session
from chorus.interpreter.faces.cli import main
from chorus.runtime.printer import write

RULES = """
(define rate 2)
(define limit 10)
(define unused 7)
(define (tax x) (* x rate))
(define (large? x) (> x limit))
(define (never x) (+ x unused))
(define (price x) (if (large? x) (tax x) x))
"""
TALK = """(define talk (rows->table '({:who "ann" :n 3} {:who "bob" :n 1} {:who "ann" :n 5} {:who "cyd" :n 2})))"""


@pytest.fixture
def session() -> Iterator[Session]:
    with Session(allow=Capabilities.all()) as made:
        yield made


def run(session: Session, text: str) -> Any:
    *_, (_, value) = session.run(text, "text")
    return value


def names(session: Session, form: str) -> Any:
    """(name by (names below)) for each source."""
    session.eval("(define (told s) (list (get s :name) (get s :by) (map told (get s :from '()))))")
    return write(run(session, f"(map told (why-sources (why {form})))"))


def test_a_tree_of_definitions(session: Session) -> None:
    run(session, RULES)
    assert (
        names(session, "(price 20)")
        == "((price value ((large? control ((limit value ()))) (tax value ((rate value ()))))))"
    )
    assert names(session, "(price 5)") == "((price value ((large? control ((limit value ()))))))"
    assert names(session, "(+ 1 2)") == "()"


def test_versions_and_reasons(session: Session) -> None:
    run(session, RULES)
    run(session, '(rewrite rate 3 :reason "inflation" :author "ann")')
    run(session, "(define w (why (tax 5)))")
    (rate,) = session.eval("(get (first (why-sources w)) :from)")
    told = {key.name: value for key, value in rate.items()}
    assert (write_of(told, "version"), told["author"], told["reason"]) == ("v8", "ann", "inflation")
    assert "rate = 3, version v8 (ann, " in session.eval("(why->string w)")
    assert session.eval("(why-value w)") == 15


def write_of(told: dict[str, Any], name: str) -> str:
    return str(getattr(told[name], "name", told[name]))


def test_settings_of_the_language(session: Session) -> None:
    run(session, "(define (agree chances) (voices-agree chances))")
    assert "agreeing-voices 4" in session.eval("(why->string (why (agree '(0.5 0.1))))")
    run(session, "(set! agreeing-voices 1)")
    assert "agreeing-voices = 1, version v2" in session.eval("(why->string (why (agree '(0.5 0.1))))")


def test_code_that_cannot_be_followed_counts_with_all_it_names(session: Session) -> None:
    run(session, RULES + "(define tools (list (lambda (x) (* x rate))))")
    assert names(session, "((car tools) 4)") == "((tools value ((rate reach ()))))"


def test_a_primitive_that_is_redefined_becomes_a_source(session: Session) -> None:
    run(session, RULES)
    assert "abs" not in names(session, "(abs (tax 5))")
    run(session, "(define (abs x) (+ x rate))")
    assert names(session, "(abs 1)") == "((abs value ((rate value ()))))"


def test_tests_that_decided(session: Session) -> None:
    run(session, RULES)
    told = session.eval("(why-tests (why (map price '(1 20 30))))")
    (test,) = [{key.name: value for key, value in row.items()} for row in told]
    assert (test["held"], test["failed"], str(test["inside"].name)) == (2, 1, "price")


def test_the_second_question_is_not_about_the_first(session: Session) -> None:
    run(session, RULES)
    assert "limit" in names(session, "(price 20)")
    assert names(session, "(tax 20)") == "((tax value ((rate value ()))))"


def definitions(seed: int) -> tuple[list[str], str]:
    """Definitions of one another, numbers and procedures, and a form that uses some."""
    draw = random.Random(seed)
    made = [f"(define n{at} {draw.randint(-3, 3)})" for at in range(5)]

    def part(depth: int, below: int) -> str:
        choice = draw.randrange(7)
        if depth == 0 or choice == 0:
            return draw.choice([f"n{draw.randrange(5)}", "x", str(draw.randint(-2, 2))])
        inner = [part(depth - 1, below) for _ in range(3)]
        if choice == 1:
            return f"(if (> {inner[0]} {inner[1]}) {inner[2]} {part(depth - 1, below)})"
        if choice == 2 and below:
            return f"(f{draw.randrange(below)} {inner[0]})"
        if choice == 3 and below:
            return f"(apply + (map f{draw.randrange(below)} (list {inner[0]} {inner[1]})))"
        if choice == 4:
            return f"(let ((x {inner[0]})) {inner[1]})"
        if choice == 5:
            return f"(begin {inner[0]} {inner[1]})"
        return f"(+ {inner[0]} {inner[1]})"

    made += [f"(define (f{at} x) {part(3, at)})" for at in range(5)]
    return made, f"(let ((x {draw.randint(-3, 3)})) {part(3, 5)})"


@pytest.mark.parametrize("seed", range(25))
def test_what_is_not_in_the_tree_may_change(seed: int) -> None:
    made, form = definitions(seed)
    with Session(allow=Capabilities.all()) as session:
        session.eval("\n".join(made))
        before = session.eval(form)
        session.eval(f"(define w (why {form}))")
        assert session.eval("(why-value w)") == before
        session.eval("(define (all s) (cons (get s :name) (append-map all (get s :from '()))))")
        known = {name.name for name in session.eval("(append-map all (why-sources w))")}
        for name in [f"n{at}" for at in range(5)] + [f"f{at}" for at in range(5)]:
            if name not in known:
                session.eval(f"(define {name} 99)" if name[0] == "n" else f"(define ({name} x) 99)")
                assert session.eval(form) == before, (name, form)


def test_tables_with_their_rows(session: Session) -> None:
    run(session, TALK + "(define least 1)")
    run(session, "(define w (why (count (where talk (> n least)))))")
    assert session.eval("(why-rows w 'rows)") == [0, 2, 3]
    assert "the table (where (rows) (> n 1)), of 3 rows that the program gave" in session.eval(
        "(why->string w)"
    )
    assert "least = 1" in session.eval("(why->string w)")
    run(session, "(define g (why (order-by (aggregate (group-by talk who) (s (sum n))) (desc s))))")
    assert session.eval('(why-rows g \'rows {:who "ann"})') == [0, 2]
    assert session.eval("(why-rows g 'rows)") == [0, 1, 2, 3]


def test_rows_that_took_no_part_may_go(session: Session) -> None:
    run(session, TALK)
    forms = [
        "(count (where t (> n 1)))",
        "(table->rows (aggregate (group-by (where t (> n 1)) who) (s (sum n))))",
        "(column (limit (order-by t (desc n)) 2) who)",
        '(column (join t (rows->table \'({:name "ann"})) :on (= who name) :kind semi) n)',
    ]
    run(session, "(define rows (table->list talk))")
    for form in forms:
        session.eval(f"(define (asked t) {form})")
        before = session.eval("(asked talk)")
        kept = session.eval("(why-rows (why (asked talk)) 'rows)")
        assert 0 < len(kept) < 4
        session.eval("(define (keep at) (list-ref rows at))")
        places = " ".join(map(str, sorted(place for place in kept if place.__class__ is int)))
        assert session.eval(f"(asked (rows->table (map keep '({places}))))") == before, form


def test_stored_tables(sample_workspace: Path) -> None:
    with Session(sample_workspace, allow=Capabilities.all()) as session:
        ids = session.eval("(column (limit (order-by (messages) timestamp) 3) id)")
        session.eval("(define w (why (column (limit (order-by (messages) timestamp) 3) content)))")
        assert sorted(session.eval("(why-rows w 'messages)")) == sorted(ids)
        assert ", of 3 rows of messages" in session.eval("(why->string w)")


def test_what_comes_from_outside(session: Session) -> None:
    assert "from outside: the clock (current-second)" in session.eval("(why->string (why (current-second)))")


def test_it_is_data(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    run(session, RULES)
    assert (
        run(session, "(car (read (open-input-string (value->string (why->list (why (tax 5)))))))").name
        == "why"
    )
    assert main(["--json", "-e", "(define k 2)", "-e", "(why (* k 3))"]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])["value"]
    assert told["value"] == 6 and told["sources"][0]["name"] == "k" and "%trail" not in told


def test_recursive_procedures_are_followed(session: Session) -> None:
    run(session, "(define rate 2) (define (many n) (if (= n 0) rate (many (- n 1))))")
    assert names(session, "(many 3)") == "((many value ((rate value ()) (many value ()))))"


def test_an_asking_within_an_asking(session: Session) -> None:
    """Each has what was met in it; what was met in the inner one counts for the outer as well."""
    run(session, RULES + "(define inner #f)")
    told = names(session, "(begin (set! inner (why (tax 4))) (+ (tax 1) (price 5)))")
    assert told == "((tax value ((rate value ()))) (price value ((large? control ((limit value ()))))))"
    assert write(run(session, "(map told (why-sources inner))")) == "((tax value ((rate value ()))))"
