"""Labels and terms are readable, unique, and about what only that persona speaks of."""

from __future__ import annotations

import numpy as np
import pytest

from chorus import Session
from chorus.kernels.persona.behaviour import FEATURES, message_features
from chorus.kernels.persona.lexical import lexical_vectors
from chorus.kernels.persona.profile import profiles
from chorus.kernels.persona.topics import count_terms, ctfidf, labels, top_terms
from chorus.kernels.persona.words import language, terms, tokens

RANKED = [
    "ranked queue times are awful",
    "the ladder resets, ranked again",
    "queue times in ranked tonight",
    "my rank fell on the ladder",
]
SUBJECTS = ["ladder", "castle", "cloak"]
LORE = [
    "the old castle hides a book",
    "castle lore is in that book",
    "found another book in the castle",
    "lore of the old king",
]


def test_tokens_leave_out_what_says_nothing():
    assert [word for word in tokens("I'm in THE queue: https://x.y/z <@123> 42 <:pog:1>") if word] == [
        "queue"
    ]


def test_pairs_do_not_reach_over_a_stop_word():
    assert "queue times" in set(terms("queue times"))
    assert "queue times" not in set(terms("queue the times"))


def test_terms_of_one_person_do_not_name_a_class():
    texts = ["zorgle zorgle zorgle", *RANKED, *LORE]
    owners = np.array([0, *range(1, 9)])
    _, names = count_terms(texts * 2, np.r_[owners, owners], 9)
    assert "zorgle" not in names
    assert "ranked" in names


def test_peoples_names_are_no_terms():
    _, names = count_terms(RANKED, np.arange(4), 4, names=frozenset({"ranked"}))
    assert not any("ranked" in name for name in names)


def test_labels_are_telling_and_unique():
    texts, classes = RANKED + LORE, np.repeat([0, 1], 4)
    counts, names = count_terms(texts, np.arange(8), 8)
    made = labels(top_terms(ctfidf(counts, classes), names))
    assert len(set(made)) == 2
    assert "ranked" in made[0] or "queue" in made[0]
    assert "castle" in made[1] or "book" in made[1]
    assert all(label == label.lower() and " " not in label for label in made)


def test_of_many_texts_a_word_that_few_have_tells_their_class():
    """A share of the people is no measure for messages: what a topic is about stands in few of all of them."""
    with Session() as session:
        told = session.eval(
            "(telling-terms texts classes :top 1)",
            texts=[
                f"the game runs {subject}" if at < 5 else "the game runs"
                for at in range(200)
                for subject in SUBJECTS
            ],
            classes=[subject for _ in range(200) for subject in SUBJECTS],
        )
    assert told == [[subject] for subject in SUBJECTS]


def test_labels_of_classes_without_words():
    assert labels([[], [], [("ranked", 1.0)], [("ranked", 1.0)]]) == [
        "persona-1",
        "persona-2",
        "ranked",
        "ranked-4",
    ]


def test_a_word_that_all_say_names_no_class():
    """What several classes say stands in no label while one of them has better; what a class says less is no term."""
    assert labels([[("help", 0.5), ("sound", 0.4)], [("help", 0.9), ("wine", 0.1)], [("help", 0.1)]]) == [
        "sound-help",
        "help-wine",
        "help",
    ]
    texts = ["help sound", "help sound", "help wine", "help wine", "help me wine", "sound"]
    counts, names = count_terms(texts, np.arange(6), 6)
    first, second = top_terms(ctfidf(counts, np.repeat([0, 1], 3)), names)
    assert ("sound" in first[0][0]) and all("wine" not in term for term, _ in first)
    assert all("sound" not in term for term, _ in second)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("this is what they have for you", "en"),
        ("das ist nicht für mich, aber auch gut", "de"),
        ("je ne suis pas avec vous", "fr"),
        ("el juego no es para los niños", "es"),
        ("кто-нибудь играет сегодня", "ru"),
        ("今日は誰かいますか", "ja"),
        ("gg", None),
        ("", None),
    ],
)
def test_languages(text, code):
    assert language(text) == code


def test_behaviour_is_told_from_messages():
    texts = ["why is this?", "Bob: because.", "STOP IT NOW!!", "see https://x.y", "hi", "hi", "hi"]
    zeros = np.zeros(7)
    answers = np.array([-1, 0, -1, -1, -1, -1, -1])
    author = np.array([0, 1, 0, 0, 1, 1, 1])
    table = message_features(
        texts, author, zeros.astype(int), np.arange(7.0), zeros.astype(int), answers, zeros, zeros
    )
    column = lambda name: table[:, FEATURES.index(name)]
    assert column("questions").argmax() == 0
    assert column("addresses-someone").argmax() == 1
    assert column("answers-received").argmax() == 0
    assert column("shouting").argmax() == 2
    assert column("links").argmax() == 3
    assert (column("in-a-row")[[3, 5, 6]] > column("in-a-row")[[0, 1, 2, 4]].max()).all()
    assert not column("attachments").any()
    assert np.isfinite(table).all()


def test_behaviour_of_nobody():
    nothing = np.zeros(0, np.int64)
    assert message_features([], *[nothing] * 7).shape == (0, len(FEATURES))


def test_lexical_vectors_put_like_words_together():
    owners = np.arange(8)
    made = lexical_vectors(RANKED + LORE, owners)
    assert made.shape[0] == 8
    if made.shape[1]:
        assert np.isfinite(made).all()
    assert lexical_vectors(["a", "b"], np.arange(2)).shape == (2, 0)


def test_a_profile_shows_readable_messages_of_different_people():
    rng = np.random.default_rng(0)
    texts = [f"{line}, and some more words {n}" for n in range(6) for line in RANKED + LORE]
    author = np.arange(48) // 2
    cluster = np.tile(np.repeat([0, 1], 4), 6)
    author = author * 2 + cluster
    vectors = (np.eye(2)[cluster] + 0.3 * rng.standard_normal((48, 2))).astype(np.float32)
    membership = np.zeros((author.max() + 1, 2))
    membership[:, 0], membership[:, 1] = np.arange(len(membership)) % 2 == 0, np.arange(len(membership)) % 2
    made = profiles(texts, author, np.arange(48) * 3600.0, vectors, np.arange(48), membership)
    assert [row["size"] for row in made] == [len(set(author[cluster == c])) for c in (0, 1)]
    for c, row in enumerate(made):
        shown = row["representative"]
        assert shown
        assert all(cluster[at] == c for at in shown)
        assert len({author[at] for at in shown}) == len(shown)
        assert row["activity"]["messages"] == 24
        assert sum(row["activity"]["hours"]) == pytest.approx(1, abs=0.01)
