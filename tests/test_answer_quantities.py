"""What a question of fact asks for, told from what merely looks like it: counts, dimensions, persons, times, causes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from answer_helpers import workspace_of

from chorus import EvalError, Session
from chorus.kernels.answer.aims import aim, far_apart, presumes, tells_cause
from chorus.kernels.answer.numerals import SPANS, VALUES, in_figures
from chorus.kernels.answer.quantities import quantity, tells_quantity
from chorus.kernels.answer.question import asks, read_question, satisfies
from chorus.kernels.answer.words import stem

SAID = [
    ("m1", "ann", "The lag in the harbour is back."),
    ("m2", "ann", "Lag again, lag all night."),
    ("m3", "bob", "My ping went to 300."),
    ("m4", "cem", "Lovely weather in the valley."),
    ("m5", "dee", "So laggy tonight, and a flag is no help."),
    ("m6", "dee", "It was lagging before as well."),
]


@pytest.mark.parametrize(
    ("question", "told", "not_told"),
    [
        ("How many guests fit into the inn?", "up to 12 guests", "12 barrels of ale stand there"),
        ("How many guests fit into the inn?", "Nine, dogs come free", "take page two of the manual"),
        ("How many guests fit into the inn?", "it has ten places", "ten minutes, then they throw you out"),
        ("How fast is the sledge?", "30 km/h downhill", "two carrots for the reindeer"),
        ("How high is the tower?", "about 90 metres", "ninety guards stand in it"),
        ("How heavy is the crown?", "4 kg without the stones", "4 knights have worn it"),
    ],
)
def test_a_number_of_something_else_is_no_answer(question: str, told: str, not_told: str) -> None:
    wanted = quantity(question)
    assert tells_quantity(told, wanted) and not tells_quantity(not_told, wanted)


def test_kinds_of_things_are_told_from_words_alone() -> None:
    assert satisfies("person", "ask in the smithy, she wants a song first")
    assert not satisfies("person", "ask in the smithy, it costs a song")
    assert satisfies("time", "in two hours") and not satisfies("time", "it saves minutes")
    assert read_question("Which patch broke the bow?", [], []).expects == "version"
    assert satisfies("version", "since 2.16") and not satisfies("version", "the string is too long")
    assert read_question("After what time do the wolves return?", [], []).expects == "duration"
    assert read_question("What does a room cost?", [], []).expects == "amount"


def test_questions_that_aim_at_the_same_are_not_apart() -> None:
    assert aim("What is the limit of guests?") == aim("How many guests fit in?") == "amount"
    assert far_apart("amount", "person") and not far_apart("way", "thing") and not far_apart(None, "time")


def test_what_is_taken_for_granted_and_what_gives_a_reason() -> None:
    assert presumes("Why did the bridge fall?") and presumes("Who stole the bell?")
    assert not presumes("How do I cross the bridge?") and not presumes("Who sells bells?")
    assert tells_cause("because the rope was old") and not tells_cause("two coins for the ferryman")


def test_numbers_and_spans_are_read_from_one_table() -> None:
    assert in_figures("twenty-two, a dozen, 3k, half an hour") == "22, 12, 3000, half 1 hour"
    for word, value in VALUES.items():
        assert in_figures(word) == str(value)
        assert value < 2 or tells_quantity(f"{word} guests", quantity("How many guests fit in?"))
    assert all(satisfies("duration", f"after two {span}s") for span in SPANS)
    assert not tells_quantity("page thirteen", quantity("How many guests fit in?"))
    assert tells_quantity("90 m", quantity("How high is the tower?"))  # of metres, no minutes


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("lag", "laggy", True),
        ("lag", "lagging", True),
        ("glitches", "glitchy", True),
        ("buff", "buffed", True),
        ("car", "carry", False),
        ("fun", "funny", False),
        ("part", "party", False),
        ("arm", "army", False),
    ],
)
def test_a_word_is_known_in_its_forms_and_no_other_word_is(one: str, other: str, same: bool) -> None:
    assert (stem(one) == stem(other)) is same


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with workspace_of(SAID, tmp_path_factory.mktemp("counts")) as made:
        yield made


@pytest.mark.parametrize(
    ("question", "number"),
    [
        ("How many messages mention lag?", 5),
        ("how many people talk about the lag", 3),
        ("How often is the harbour mentioned?", 1),
        ("How many messages are there?", 6),
        ("How many posts mention wine?", 0),
    ],
)
def test_a_count_is_counted_and_its_query_gives_it(session: Session, question: str, number: int) -> None:
    made: dict[str, Any] = json.loads(
        session.eval("(value->json (persona-inquiry 'everyone question))", question=question)
    )
    assert not made["refusal"] and f"{number} " in made["answer"]
    assert {row["value"] for row in made["computed"]} >= {number}
    for row in made["computed"]:
        assert session.eval(row["query"]) == row["value"]


def test_counts_are_held_against_labels_like_other_answers(session: Session) -> None:
    rows = session.eval(
        """(evaluation-summary (evaluate-answers '({:question "How many messages mention lag?" :answerable #t})))"""
    )
    assert dict(rows.items() if hasattr(rows, "items") else rows)


def test_what_can_be_analysed_is_named_where_a_target_is_none(session: Session) -> None:
    with pytest.raises(EvalError) as caught:
        session.eval("(subject 'nonsense)")
    assert "everyone" in str(caught.value.hint) and "churn" in str(caught.value.hint)


def test_what_is_paid_and_how_long_it_takes_are_told_from_other_numbers() -> None:
    assert read_question("What does renaming a character cost?", [], []).expects == "amount"
    assert read_question("What is honey sold for?", [], []).expects == "amount"
    assert not satisfies("amount", "twice a year, close your duels first", "What does renaming cost?")
    assert not satisfies("amount", "in month three, trim the hedge", "What do pears sell for?")
    assert satisfies("amount", "ten coins a day", "What does a room cost?")
    assert read_question("At which age does the owl fly?", [], []).expects == "duration"
    assert satisfies("duration", "an hour and a half in total")
    assert read_question("What happens to somebody who shouts?", [], []).expects is None


def test_a_place_is_asked_for_by_the_name_of_one() -> None:
    assert aim("In which format are maps written?") == "thing"
    assert aim("In which city does the server stand?") == aim("Where is it?") == "place"


def test_people_are_known_by_what_they_are() -> None:
    assert satisfies("person", "the lighthouse twins, bring back their sock")
    assert satisfies("person", "salute the deaf sergeant nine times")
    assert not satisfies("person", "in the harbour, at noon")


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("Starting over, how many keepsakes may I hand down", True),
        ("took it too early, where does it set down", True),
        ("governor's strongbox, guards come, how do you get it open", True),
        ("the lawn, where the chess pieces stand", False),
        ("the sergeant, who sits in the east barracks", False),
        ("thanks, how nice", False),
    ],
)
def test_a_question_needs_no_mark(text: str, question: bool) -> None:
    assert asks(text) is question
