"""Questions and answers in short hand, how a thing is taken told by where that stands, and what says nothing at all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from answer_helpers import workspace_of

from chorus import Session
from chorus.kernels.answer.question import asks, satisfies
from chorus.kernels.answer.stance import direction
from chorus.kernels.answer.unsaid import declines, says_nothing
from chorus.kernels.answer.words import short_for, written_out

SAID = [
    ("m1", "ann", "how do I open the cellar?"),
    ("m2", "bob", "ann: turn the brass wheel twice"),
    ("m3", "cem", "ann: you are right"),
    ("m4", "dee", "The cellar."),
]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("whats the fee w/ tax", "what's the fee with tax"),
        ("do u know abt it b4 i go", "do you know about it before i go"),
        ("rock 'n' roll, R&D at a w/e rate", "rock 'n' roll, R&D at a w/e rate"),
        ("the nurse's hut", "the nurse's hut"),
    ],
)
def test_small_words_are_written_out_and_others_left(written: str, meant: str) -> None:
    assert written_out(written) == meant


def test_a_word_without_vowels_is_short_for_one_with_these_consonants() -> None:
    assert short_for("dmg", "damage") and short_for("msg", "message") and short_for("lvl", "level")
    assert not short_for("dmg", "image") and not short_for("mm", "mime") and not short_for("damage", "damage")


@pytest.mark.parametrize(
    ("expects", "question", "context", "told", "fits"),
    [
        ("number", "How far is a jump?", "how many secs until I can jump", "45 with the coil", False),
        ("number", "How far is a jump?", "how far can one jump", "45 with the coil", True),
        ("number", "How far is a jump?", "", "45 with the coil", True),
        ("amount", "How fast is the tug?", "is it safe there?", "only sees 200m and more", False),
        ("number", "How far does it see?", "is it safe there?", "only sees 200m and more", True),
        ("number", "How many contracts are there?", "", "0400 utc, sundays 0500", False),
        ("number", "How many coins is it?", "", "3k", True),
        ("number", "How many seats are there?", "", "6ppl", True),
        ("time", "Since when is it needed?", "", "1800, bring a tag", False),
        ("time", "Since when is it needed?", "", "since 2019", True),
    ],
)
def test_a_number_is_of_its_unit_or_of_what_was_asked(
    expects: str, question: str, context: str, told: str, fits: bool
) -> None:
    assert satisfies(expects, told, question, context) is fits


def test_an_order_to_do_something_is_no_question() -> None:
    assert not asks("do three rescues without a shot") and not asks("Do it at night")
    assert asks("do you have it") and asks("do three rescues count?")


def test_verbs_of_a_move_are_known_in_other_forms() -> None:
    assert direction("would they like dumbing it down") == -1 and direction("what of ramping it up") == 1
    assert direction("would they like dressing it up") == 0


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("how salty would they be if the moss changed", '("moss")'),
        ("would people be cool with the moss", '("moss")'),
        ("do they think the moss is a scam", '("moss")'),
        ("What do players make of the radio play?", '("radio" "play")'),
        ("hows the mood on the dmg", '("damage")'),
    ],
)
def test_how_a_thing_is_taken_is_no_part_of_it(question: str, words: str) -> None:
    with Session() as session:
        assert str(session.eval('(format "~s" (hash-ref (read-question q) :words))', q=question)) == words


def test_assent_and_thanks_say_nothing_but_where_whether_is_asked() -> None:
    for text in ("You are right", "works perfectly!", "thanks, that worked", "ok cool"):
        assert says_nothing(text, "How do I open it?")
    for text in ("right here", "the left one", "never", "seven", "now", ""):
        assert not says_nothing(text, "How do I open it?")
    assert not says_nothing("yes", "Can it be opened?") and says_nothing("yes", "How do I open it?")
    assert declines("as for the cellar, I don't know.") and not declines("I know the cellar")


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with workspace_of(SAID, tmp_path_factory.mktemp("short")) as made:
        yield made


def test_of_a_single_thing_no_feeling_is_asked(session: Session) -> None:
    for question, kind in (
        ("What does the brewery want in return?", "fact"),
        ("How many seats have a blocked view?", "fact"),
        ("What does the community want of the price?", "reaction"),
        ("What does the patch do to their mood?", "attitude"),
        ("How many people think the price is too high?", "attitude"),
        ("Is there a longing among them for easier bosses?", "attitude"),
    ):
        assert str(session.eval("(hash-ref (read-question q) :kind)", q=question)) == kind


def test_assent_and_a_bare_name_are_not_quoted(session: Session) -> None:
    cited = session.eval(
        """(begin (%prepare-search)
             (define reading (read-question q))
             (map (lambda (e) (hash-ref e :message-id))
                  (statements reading (hash-ref (hear reading (audience 'everyone)) :evidence))))""",
        q="How do I open the cellar?",
    )
    assert "m2" in list(cited) and not {"m3", "m4"} & set(cited)


def test_a_time_without_messages_is_told_as_such(session: Session) -> None:
    asked = '(answer-refusal (persona-inquiry {} "How do I open the cellar?" :since "1999-01-01" :until "1999-02-01"))'
    everyone = session.eval(asked.format("'everyone"))
    assert everyone == "nobody wrote anything in that time and place"
    there = """(answer-refusal (persona-inquiry {:authors '("nobody") :shown {:id #f :label "x" :asked "x"}}
                                                "How do I open the cellar?"))"""
    assert session.eval(there) == "they wrote nothing in that time and place"
