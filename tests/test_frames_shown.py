"""Versions, differences and merges as people see them at the prompt; to programs they stay lists and tables."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chorus import Session


@pytest.fixture
def session() -> Iterator[Session]:
    with Session() as made:
        yield made


def presented(session: Session, form: str) -> list[str]:
    return str(session.eval(f"(present {form})")).splitlines()


def test_the_history_is_a_sheet(session: Session) -> None:
    session.eval("(define (damage level) (* 10 level)) (define rate 1.5)")
    session.eval('(rewrite damage (lambda (level) (* 12 level)) :reason "too easy" :author "ann")')
    title, line, newest, middle, oldest = presented(session, "(environment-history)")
    assert title.split("  ")[0] == "version" and set(line) == {"─", " "}
    number, hashed, _, _, who, what = newest.split()[:6]
    assert (number, len(hashed), who, what) == ("v3", 8, "ann", "damage")
    assert newest.endswith("(define damage (lambda (level) (* 12 level)))  too easy")
    assert middle.rstrip().endswith("(define rate 1.5)") and oldest.startswith("v1 ")
    begins = [title.index(word) for word in ("hash", "when", "who", "what", "change")]
    assert all(row[at - 2 : at] == "  " for row in (newest, middle, oldest) for at in begins)


def test_of_one_name_only_its_versions_are_shown(session: Session) -> None:
    session.eval("(define a 1) (begin (define b 2) (define a 3))")
    rows = presented(session, "(environment-history 'a)")[2:]
    assert [row.split()[-3:] for row in rows] == [["(define", "a", "3)"], ["(define", "a", "1)"]]


def test_what_changed_is_shown_of_a_longer_definition(session: Session) -> None:
    body = (
        "(let loop ((i 0) (sum 0)) (if (> i a) (list sum 'a-long-word) (loop (+ i STEP) (+ sum (* i i a)))))"
    )
    session.eval(f"(define (f a) {body.replace('STEP', '1')}) (define (f a) {body.replace('STEP', '2')})")
    newest, oldest = presented(session, "(environment-history 'f)")[2:]
    assert "(if (> i a)" in newest and "(define (f a)" not in newest and "(define (f a)" in oldest


def test_what_was_taken_away(session: Session) -> None:
    session.eval("(define a 1) (define b 2) (rollback! 'v1)")
    newest = presented(session, "(environment-history)")[2]
    assert " b " in newest and "taken away" in newest and newest.endswith("back to v1")


def test_programs_get_records(session: Session) -> None:
    session.eval("(define a 1)")
    assert (
        session.eval("(and (list? (environment-history)) (hash-table? (car (environment-history))))") is True
    )
    assert session.eval("(present (list {:version 1}))") is False
    assert "version" in presented(session, "(environment-at 'now)")[0]
    assert session.eval("(present '())") is False


def test_a_record_of_another_session_is_shown_as_it_is(session: Session) -> None:
    text = "{:version 'v1 :parent 'base :hash \"nowhere\" :names '(a)}"
    assert "nowhere" in "\n".join(presented(session, text))
    assert session.eval(f"(present (list {text}))") is False


def test_a_merge_shows_its_conflicts(session: Session) -> None:
    base, ours, theirs = (f"'((define a {n}) (define (f x) x))" for n in (1, 2, 3))
    lines = presented(session, f"(merge-frames {base} {ours} {theirs})")
    assert lines[:2] == ["2 definitions, 1 conflict", "conflict: a"]
    assert lines[2:8] == [
        "  ours",
        "    - (define a 1)",
        "    + (define a 2)",
        "  theirs",
        "    - (define a 1)",
        "    + (define a 3)",
    ]
    assert presented(session, f"(merge-frames {base} {ours} {base})") == [
        "2 definitions, no conflicts",
        "  (define a 2)",
        "  (define (f x) x)",
    ]


def test_an_exported_frame_is_laid_out_and_runs_alone(session: Session) -> None:
    session.eval(
        '(define (f a) (let loop ((i 0) (sum 0)) (if (> i a) (list sum "x;\\n") (loop (+ i 1) (+ sum i a a)))))'
    )
    text = str(session.eval("(frame->string)"))
    assert text.startswith(";; 1 definition, ") and len(text.splitlines()) > 3
    with Session() as other:
        other.eval(text)
        assert str(other.eval('(format "~s" (f 3))')) == str(session.eval('(format "~s" (f 3))'))
        assert other.eval("(get (environment-at 'now) :environment)") == session.eval(
            "(get (environment-at 'now) :environment)"
        )


def test_a_value_that_cannot_be_written_down_is_no_conflict(session: Session) -> None:
    session.eval("(define a 1) (define t (rows->table '({:a 1})))")
    assert (
        session.eval(
            "(get (merge-frames 'v1 'v2 (list '(define a 1) '(define t (rows->table '({:a 1}))))) :conflicts)"
        )
        == []
    )
