"""Answers in a chat without replies: told by names and places; questions, pleas and thanks are no evidence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from answer_helpers import workspace_of

from chorus import Session
from chorus.kernels.answer.pleading import acknowledges, speaks_of_self, spoken
from chorus.kernels.answer.question import asks, read_question

CHAT = [
    ("q1", "mara", "does anyone know how to open the rusted gate below the mill"),
    ("n1", "olin", "I like my new kettle a lot, it is red"),
    ("n2", "petra", "tarek: the lamp oil is sold out again"),
    ("a1", "sten", "mara: pull the chain behind the wheel twice and wait for the bell"),
    ("t1", "mara", "sten: thanks, will try that"),
    ("q2", "tarek", "my rusted gate below the mill does not open, please help"),
    ("a2", "ylva", "tarek, chain behind the wheel, two pulls, then listen for the bell"),
    ("n3", "olin", "the soup at the inn was cold"),
    ("q3", "bor", "has anyone seen whether the ferry runs on holidays?"),
    ("q4", "bor", "anyone know whether the ferry runs on holidays"),
    ("n4", "petra", "sten: your cat is on my roof"),
    ("q5", "olin", "how do I dye wool green?"),
    ("a5", "mara", "Boil nettles for an hour and add a rusty nail."),
    ("d1", "sten", "Please raise the difficulty of the crypt, it is far too easy."),
    ("d2", "ylva", "The crypt needs a higher difficulty, I fell asleep there."),
    ("d3", "tarek", "More difficulty in the crypt would be great."),
    ("n5", "bor", "A hard loaf of bread costs more than a boat."),
    ("n6", "olin", "My neighbour plays the flute at night."),
]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with workspace_of(CHAT, tmp_path_factory.mktemp("conversations")) as made:
        made.eval("(embed!)")
        yield made


def ask(session: Session, question: str) -> dict[str, Any]:
    return json.loads(session.eval("(value->json (persona-inquiry 'everyone question))", question=question))


def cited(answer: dict[str, Any]) -> set[str]:
    return {citation["message-id"] for citation in answer["citations"]}


def test_an_answer_to_somebody_by_name_is_found_and_what_stands_between_is_not(session: Session) -> None:
    made = ask(session, "How do you open the rusted gate below the mill?")
    assert cited(made) & {"a1", "a2"} and cited(made) <= {"a1", "a2"}
    by_id = {citation["message-id"]: citation for citation in made["citations"]}
    asked = {"a1": "q1", "a2": "q2"}
    assert all(by_id[message]["answers"] == asked[message] for message in by_id)


def test_what_is_said_right_after_a_question_may_answer_it_and_is_called_so(session: Session) -> None:
    made = ask(session, "How do I dye wool green?")
    assert cited(made) == {"a5"}
    assert any("place after a question" in limit for limit in made["limits"])


def test_questions_that_nobody_answered_are_no_evidence(session: Session) -> None:
    made = ask(session, "Does the ferry run on holidays?")
    assert made["refusal"] and not made["citations"] and made["confidence"] == 0


def test_a_refusal_names_what_was_looked_for_and_what_is_missing(session: Session) -> None:
    refusal = ask(session, "Who built the rusted gate below the mill?")["refusal"]
    assert "looked for" in refusal and "“gate”" in refusal.partition(";")[2]
    assert "“built”" in refusal.rpartition(";")[2] and "“gate”" not in refusal.rpartition(";")[2]
    nowhere = ask(session, "What does a telescope cost?")["refusal"]
    assert "no message near it speaks of" in nowhere and "“telescope”" in nowhere.rpartition(";")[2]


def test_a_stance_is_cited_from_what_is_about_its_subject(session: Session) -> None:
    made = ask(session, "How would they react to increased difficulty in the crypt?")
    assert len(cited(made)) >= 2 and cited(made) <= {"d1", "d2", "d3"}
    assert made["feeling"]["mean"] > 0.3 and made["feeling"]["n"] == 3


def test_confidence_falls_with_relevance(session: Session) -> None:
    near = ask(session, "How do you open the rusted gate below the mill?")["confidence"]
    far = ask(session, "How do you open the vault of the bank?")["confidence"]
    assert near > 0.5 > far


def test_the_text_of_an_answer_is_whole(session: Session) -> None:
    question = "How do you open the rusted gate below the mill?"
    text = session.eval("(answer->string (persona-inquiry 'everyone question))", question=question)
    for part in (
        "“",
        "[1]",
        "2026-01-01",
        "#general",
        "message a",
        "answering “",
        "persona: everyone",
        "confidence",
    ):
        assert part in text, part
    refused = session.eval('(answer->string (persona-inquiry \'everyone "Who sells a telescope?"))')
    assert refused.startswith("No answer: ") and "confidence" not in refused


def test_a_scope_in_time_holds_for_replies_too(session: Session) -> None:
    made = session.eval(
        '(value->json (persona-inquiry \'everyone question :until "2025-12-31"))',
        question="How do you open the rusted gate below the mill?",
    )
    assert json.loads(made)["citations"] == []


def test_turns_name_who_was_asked_and_not_every_author(session: Session) -> None:
    session.eval('(persona-inquiry (audience \'everyone) "How do I dye wool green?")')
    assert session.eval("(hash-ref (turn) :form)").startswith('(persona-inquiry "everyone" "')


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("does anyone know whether it snows", True),
        ("bor: what sound card do you have", True),
        ("please pastebin the output of route", True),
        ("it snows in the hills", False),
        ("don't use the red lever", False),
    ],
)
def test_a_question_is_told_from_a_statement(text: str, question: bool) -> None:
    assert asks(spoken(text)) is question


def test_words_before_the_matter_are_taken_off() -> None:
    assert [spoken(t) for t in ("ann: try this", "@ann try this", "try this: now")] == [
        "try this",
        "try this",
        "try this: now",
    ]
    assert speaks_of_self("My sound is gone") and not speaks_of_self("Set the volume")
    assert acknowledges("ok thanks") and not acknowledges("Set the volume")


@pytest.mark.parametrize(
    ("question", "focus"),
    [
        ("What breed is the dog?", {"breed"}),
        ("Who built the gate?", {"built"}),
        ("How many panes does the dome need?", {"panes"}),
        ("What does the widow drop?", {"drop"}),
        ("What is the member limit of a guild?", {"member", "limit"}),
        ("How many days does it last?", set()),
        ("How do you open the gate?", set()),
        ("What fixes the stutter after the update?", set()),
    ],
)
def test_what_a_question_asks_for(question: str, focus: set[str]) -> None:
    made = read_question(question, [], [])
    assert {made.words[at] for at in made.focus} == focus
