"""Signals: what people say and show of answers, and what it comes to for those who learn from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from feedback_helpers import ask, made_workspace, opened

from chorus import ChorusError, Session

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with opened(made_workspace(tmp_path_factory.mktemp("signals"))) as made:
        made.eval("(set! watch-follow-ups #f)")
        yield made


@pytest.fixture
def turns(session: Session) -> Iterator[list[int]]:
    """A few turns, without anything that was made of others."""
    session.context.store.write("DELETE FROM feedback")
    yield [ask(session, "'everyone", "Who won?") for _ in range(3)]


def rated(session: Session, **options: Any) -> dict[int, tuple[float, float]]:
    given = " ".join(f":{name} {name}" for name in options)
    rows = session.eval(
        f"(map (lambda (r) (list (hash-ref r :turn) (hash-ref r :rating) (hash-ref r :weight))) (rated-turns {given}))",
        **options,
    )
    return {turn: (rating, weight) for turn, rating, weight in rows}


def test_ratings_are_shares_of_the_best_and_the_latest_of_an_author_counts(
    session: Session, turns: list[int]
) -> None:
    assert session.eval("(rate! 5)") == turns[-1]
    session.eval("(rate! 2 :on n)", n=turns[0])
    session.eval('(rate! 4 :on n :comment "better on a second look")', n=turns[0])
    assert rated(session) == {turns[0]: (0.75, 1.0), turns[-1]: (1.0, 1.0)}
    session.eval("(rate! 1 :on n :author 'bob)", n=turns[0])
    said = "(map (lambda (t) (map (lambda (key) (hash-ref t key)) '(:turn :developer :asker :rating))) (rated-turns))"
    assert session.eval(said)[:2] == [[turns[0], "ann", "ann", 0.75], [turns[0], "bob", "ann", 0.0]]
    assert list(rated(session, limit=1)) == [turns[-1]]
    assert rated(session, since="2999-01-01") == {}
    heard = session.eval("(map (lambda (f) (hash-ref f :comment)) (%feedback n))", n=turns[0])
    assert heard == [False, "better on a second look", False]  # the log keeps all


def test_an_answer_may_be_named_by_itself(session: Session, turns: list[int]) -> None:
    session.eval('(define mine (persona-inquiry \'everyone "Who lost?"))')
    session.eval('(persona-inquiry \'everyone "Who came third?")')
    assert session.eval('(= (feedback! :rating 2 :comment "no" :on mine) (answer-turn mine))') is True
    assert session.eval('(= (correct! mine "Nobody did.") (answer-turn mine))') is True
    assert set(rated(session).values()) == {(0.0, 1.0)}  # the correction took the rating's place


def test_a_comment_alone_rates_nothing(session: Session, turns: list[int]) -> None:
    session.eval('(feedback! :comment "hm")')
    assert rated(session) == {}


def test_of_an_author_twelve_an_hour_count(session: Session, turns: list[int]) -> None:
    many = [ask(session, "'everyone", "Who won?") for _ in range(15)]
    for minute, turn in enumerate(many):
        at = NOON + dt.timedelta(minutes=minute)
        session.eval('(%record-feedback! n \'rating "mallory" 1.0 #f at)', n=turn, at=at)
    session.eval(
        '(%record-feedback! n \'rating "mallory" 1.0 #f at)', n=turns[0], at=NOON + dt.timedelta(hours=1)
    )
    assert sorted(rated(session)) == sorted([*many[:12], turns[0]])
    session.eval("(rate! 5 :on n)", n=many[14])
    assert rated(session)[many[14]] == (1.0, 1.0), "what somebody else says counts all the same"


def test_signs_count_where_nothing_was_said(session: Session, turns: list[int]) -> None:
    for kind in ("opened", "copied", "opened"):
        session.eval("(%signal! kind :on n)", kind=session.eval(f"'{kind}"), n=turns[0])
    rating, weight = rated(session)[turns[0]]
    assert rating == pytest.approx((0.2 * 0.7 + 0.4 * 0.9) / 0.6) and weight == pytest.approx(0.6)
    session.eval("(rate! 1 :on n)", n=turns[0])
    assert rated(session)[turns[0]] == (0.0, 1.0)


def test_looking_at_evidence_and_copying_are_signs(session: Session, turns: list[int]) -> None:
    turn = ask(session, "'everyone", "What do players think of the halberd?")
    assert session.eval("(map message-id (open-evidence! 1))")
    assert "halberd" in session.eval("(copy-answer!)")
    kinds = session.eval("(map (lambda (f) (symbol->string (hash-ref f :kind))) (%feedback n))", n=turn)
    assert kinds == ["opened", "copied"]


def test_asking_again_is_a_sign(session: Session, turns: list[int]) -> None:
    session.eval("(begin (set! watch-follow-ups #t) (set! follow-up-after 0))")
    try:
        asked = [
            ask(session, "'everyone", question)
            for question in (
                "What do players think of the halberd?",
                "Do they like the halberd?",
                "Do they like the halberd?",
                "When does the vinyl come out?",
            )
        ]
        as_bob = "(as-developer 'bob (persona-inquiry 'everyone \"When does the vinyl come out?\"))"
        session.eval(as_bob)
    finally:
        session.eval("(begin (set! watch-follow-ups #f) (set! follow-up-after 1))")
    kinds = {
        turn: session.eval("(map (lambda (f) (symbol->string (hash-ref f :kind))) (%feedback n))", n=turn)
        for turn in asked
    }
    assert list(kinds.values()) == [["rephrased"], ["repeated"], [], []]


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ("(rate! 0)", "range"),
        ("(rate! 'good)", "range"),
        ("(rate! 4 :on 1000000)", "unknown-turn"),
        ('(rate! 4 :on "that")', "type"),
        ("(feedback!)", "feedback"),
        ("(correct! #f 5)", "type"),
        ("(%signal! 'winked)", "unknown-signal"),
        ("(open-evidence! 99)", "range"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_hint(session: Session, form: str, code: str) -> None:
    with pytest.raises(ChorusError) as caught:
        session.eval(form)
    assert caught.value.code == code and caught.value.hint


def test_an_answer_is_made_of_nothing_that_is_logged_beside_it(session: Session) -> None:
    question = '(persona-inquiry \'everyone "When does the vinyl come out?")'
    outside = f"(filter (lambda (s) (eq? (get s :kind) 'outside)) (why-sources (why {question})))"
    names = session.eval(f"(map (lambda (s) (symbol->string (get s :name))) {outside})")
    assert not {"%turn-clock", "%developer", "%record-sign!", "current-jiffy"} & set(names)


def test_what_others_say_of_an_answer_is_not_what_its_asker_likes(session: Session, turns: list[int]) -> None:
    for turn in turns:
        session.eval('(rate! 1 :on n :author "mallory")', n=turn)
    session.eval("(learn)")
    assert session.eval("(hash-ref (hash-ref (learned) :data) :developers)") == ["mallory"]


@pytest.mark.parametrize(
    "form",
    (
        "(rate! 3 :comment 5)",
        '(rate! 3 :author "")',
        "(rate! 3 :author 5)",
        '(feedback! :comment "")',
        '(%record-sign! (answer-turn last) \'correction "bob")',
    ),
)
def test_what_says_nothing_or_nobody_is_refused(session: Session, turns: list[int], form: str) -> None:
    session.eval('(define last (persona-inquiry \'everyone "Who won?"))')
    with pytest.raises(ChorusError):
        session.eval(form)
    assert session.eval("(%feedback)") == []


def test_what_one_author_said_can_be_erased_and_is_unlearned(session: Session, turns: list[int]) -> None:
    session.eval("(rate! 5 :on n)", n=turns[0])
    session.eval('(rate! 1 :on n :author \'bob :comment "mine")', n=turns[1])
    session.eval("(learn)")
    assert session.eval("(hash-ref (learned-sheet) :ratings)") == 2
    assert session.eval("(forget-ratings! 'bob)") == 1 and session.eval("(forget-ratings! 'bob)") == 0
    assert session.eval("(hash-ref (learned-sheet) :ratings)") == 1  # what was learned is learned anew
    assert session.eval("(map (lambda (f) (hash-ref f :author)) (%feedback))") == ["ann"]
