"""A group is heard together where no sentence says all of a matter; what nobody said is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from answer_helpers import workspace_of

from chorus import Session

COPY = "I think less damage would be nicer to play against"
ROWS = [
    ("k1", "zoe", "Weapon damage is way too high, please lower the weapon damage."),
    ("k2", "yan", "More weapon damage would be a mistake, weapon damage kills every duel."),
    ("g1", "ann", "Lower damage would give us time to answer."),
    ("g2", "bob", "I'd prefer weaker guns, duels end before they begin."),
    ("g3", "cid", "Please cut the damage, nobody survives the first second."),
    ("g4", "dee", "The rifles are too strong, tone them down."),
    ("g5", "ann", "The shop should lower its price, I cannot pay that."),
    ("g6", "bob", "I hum the soundtrack at work, what a lovely soundtrack."),
    ("g7", "cid", "The price of the last chapter was fine with me."),
    ("g8", "dee", "That soundtrack deserves a prize."),
    *((f"c{n}", f"copy{n}", COPY + "!" * n) for n in range(4)),
    ("o1", "eve", "My garden has a fountain and three benches now."),
    ("o2", "fay", "The boat race is on Saturday, bring snacks."),
]
GROUP = ["a-ann", "a-bob", "a-cid", "a-dee"]
WEAPONS = "How would they react to higher weapon damage?"


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with workspace_of(ROWS, tmp_path_factory.mktemp("voices")) as made:
        made.eval("(embed!)")
        made.eval("(%prepare-search)")
        made.eval("(set! matters '())")  # else weapons are known to have damage, and need not be named
        made.eval(
            """(define (heard question authors known)
                 (let* ((reading (read-question question))
                        (around (%search-scope :authors known))
                        (scope (%search-scope :authors authors))
                        (evidence (rank-evidence reading (gather-candidates reading scope authors around)))
                        (together? (speak-together? reading evidence around)))
                   (list (support-of reading evidence)
                         together?
                         (joint-support reading (read-together reading evidence)))))"""
        )
        yield made


def heard(session: Session, question: str, authors: list[str], known: list[str] | None = None) -> list[Any]:
    """(support of the best sentence, whether they are read together, their joint support)."""
    everyone = [f"a-{author}" for _, author, _ in ROWS]
    return list(session.eval("(heard q who known)", q=question, who=authors, known=known or everyone))


def test_several_voices_carry_what_none_says_alone(session: Session) -> None:
    threshold = session.eval("opinion-threshold")
    alone, together, joint = heard(session, WEAPONS, GROUP)
    assert alone < threshold <= joint and together


def test_a_matter_that_nobody_spoke_of_is_not_put_together_from_its_words(session: Session) -> None:
    """ "price" is said, "soundtrack" is said, by several; the price of the soundtrack is not."""
    _, together, joint = heard(session, "How do they feel about the price of the soundtrack?", GROUP)
    assert joint > session.eval("opinion-threshold") and not together
    assert not heard(session, WEAPONS, GROUP, known=GROUP)[1]


def test_a_word_that_nobody_says_is_missed_by_all(session: Session) -> None:
    question = "How do they feel about submarine damage?"
    alone, together, joint = heard(session, question, GROUP)
    assert max(alone, joint) < session.eval("opinion-threshold") and not together


def test_copies_are_one_voice(session: Session) -> None:
    copies = [f"a-copy{n}" for n in range(4)]
    _, _, joint = heard(session, WEAPONS, copies)
    assert joint == pytest.approx(heard(session, WEAPONS, copies[:1])[2], abs=0.15)
    assert joint < session.eval("opinion-threshold")


def test_a_groups_answer_cites_its_own_voices(session: Session) -> None:
    who = '(hash-table :shown (hash-table :id #f :label "group" :asked "group") :authors authors)'
    text = f"(value->json (persona-inquiry {who} question))"
    made = json.loads(session.eval(text, question=WEAPONS, authors=GROUP))
    texts = {id_: text for id_, author, text in ROWS if f"a-{author}" in GROUP}
    assert not made["refusal"] and len(made["citations"]) >= 2
    assert all(c["span"] in texts[c["message-id"]] for c in made["citations"])
    assert made["feeling"]["mean"] < -0.3
