"""The answer kernels on planted truth: spans, stance, evidence, citations; and what they must refuse."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from answer_helpers import STANCES, community
from hypothesis import given
from hypothesis import strategies as st

from chorus.kernels.answer import stance, tone, words
from chorus.kernels.answer.compose import Citation, align, check_citations
from chorus.kernels.answer.evidence import Candidate, Evidence, choose, independent_authors
from chorus.kernels.answer.feeling import difference, feeling
from chorus.kernels.answer.question import asks, read_question, satisfies
from chorus.kernels.answer.sentences import sentence_spans


@pytest.fixture(scope="module")
def encode():  # type: ignore[no-untyped-def]
    """The default model's encoder."""
    from chorus.runtime.embed.embedder import Embedder

    return Embedder.from_options({}).encode


KINDS = [("reaction", ["react"]), ("attitude", ["feel", "think", "like"])]
FRAME = ["react", "feel", "think", "players", "they"]


@given(st.text(max_size=600))
def test_sentences_cover_all_words_and_nothing_else(text: str) -> None:
    spans = sentence_spans(text, 80)
    assert all(a < b <= a + 80 and text[a:b] == text[a:b].strip() for a, b in spans)
    assert all(left[1] <= right[0] for left, right in pairwise(spans))
    inside = "".join(text[a:b] for a, b in spans)
    assert "".join(inside.split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Too hard, e.g. the dragon. Fix it!", ["Too hard, e.g. the dragon.", "Fix it!"]),
        ("v1.2.3 is out... finally", ["v1.2.3 is out...", "finally"]),
        ("see https://a.b/c.d?e=f. ok", ["see https://a.b/c.d?e=f.", "ok"]),
        ("one\n\ntwo", ["one", "two"]),
        ("", []),
    ],
)
def test_where_sentences_end(text: str, sentences: list[str]) -> None:
    assert [text[a:b] for a, b in sentence_spans(text)] == sentences


def test_stems_join_inflections_and_keep_different_words_apart() -> None:
    for group in (
        ["price", "prices", "priced"],
        ["queue", "queues"],
        ["weapon", "weapons"],
        ["boss", "bosses"],
    ):
        assert len({words.stem(word) for word in group}) == 1, group
    assert len({words.stem(w) for w in ("price", "prize", "difficulty", "matchmaking", "damage")}) == 5


@pytest.mark.parametrize(
    ("question", "kind", "topic", "direction", "expects"),
    [
        ("How would they react to increased difficulty?", "reaction", ("difficulty",), 1, None),
        ("How would they feel about a nerf to weapon damage?", "attitude", ("weapon", "damage"), -1, None),
        ("How many slots does the bank have?", "fact", ("slots", "bank"), 0, "number"),
        ("How long is the queue?", "fact", ("queue",), 0, "duration"),
        ("When does the vinyl arrive?", "fact", ("vinyl", "arrive"), 0, "time"),
        ("Who composed the soundtrack?", "fact", ("composed", "soundtrack"), 0, "person"),
        ("What does the toad drop?", "fact", ("toad", "drop"), 0, None),
    ],
)
def test_questions_are_taken_apart(question, kind, topic, direction, expects) -> None:  # type: ignore[no-untyped-def]
    made = read_question(question, KINDS, FRAME)
    assert (made.kind, made.words, made.direction, made.expects) == (kind, topic, direction, expects)


def test_names_and_numbers_of_a_question_must_be_met() -> None:
    assert read_question("When does patch 3.0 reach Port Callow?", [], []).must == ("port", "callow", "3.0")
    assert satisfies("number", "they have 50 slots") and not satisfies("number", "they have some slots")
    assert satisfies("duration", "every six hours") and not satisfies("duration", "six toads")


def test_what_tells_when_is_no_count_and_no_count_is_a_colour() -> None:
    for said in ("twelve tiles", "about 3.5 m", "5 keys and ten minutes", "none at all", "one per guild"):
        assert satisfies("number", said), said
    for said in (
        "at 20:30",
        "5pm",
        "Five in the morning, twenty minutes and it shuts",
        "in 3 days",
        "some of them",
    ):
        assert not satisfies("number", said), said
    assert read_question("Which colour has the title?", KINDS, FRAME).expects == "color"
    assert satisfies("color", "It is dark blue") and not satisfies("color", "forty lamps on foot")


def test_words_of_reception_are_no_matter_in_whatever_form() -> None:
    """Negative control: in a question of fact they are what is asked about."""
    aside = ("tolerate", "warm", "thank")
    for text in (
        "How would they react to a tolerated steep price?",
        "How warmly would they react to the steep price?",
    ):
        assert read_question(text, KINDS, FRAME, asides=aside).words == ("steep", "price"), text
    assert "warmly" in read_question("Who sings warmly?", KINDS, FRAME, asides=aside).words


def test_questions_are_told_from_statements() -> None:
    assert all(map(asks, ["who composed it?", "anyone know where the fox is", "Did it get nerfed"]))
    assert all(
        map(asks, ["the lamp stays dark, which fuel.", "fifth tab, how, four are full", "It went out, why"])
    )
    assert not any(map(asks, ["it crashed, which sucks.", "I know, when it rains, it pours", "I know how"]))
    assert not any(map(asks, ["Pretty sure it was Lena Okafor.", "don't nerf it", "The fox is in the marsh"]))


def test_attitude_has_the_sign_of_hand_written_sentences(encode) -> None:  # type: ignore[no-untyped-def]
    """Negative control: the same sentences with the sign of their tone alone do much worse."""
    texts = [sentence for _, _, sentence in STANCES]
    tones = tone.tone(texts, None, encode, words_weight=0.6, scale=2.0)
    truth = np.array([int(sign) for _, sign, _ in STANCES])
    topics = [frozenset(words.content_stems(feature)) for feature, _, _ in STANCES]
    found = [stance.attitude(t, float(v), topic) for t, v, topic in zip(texts, tones, topics, strict=True)]
    right = float(np.mean(np.sign(found) == truth))
    assert right >= 0.88
    assert float(np.mean(np.sign(tones) == truth)) < right - 0.1


def test_opposite_wishes_have_opposite_signs() -> None:
    for more, less in (
        ("please make it harder", "please make it easier"),
        ("buff the rifle damage", "nerf the rifle damage"),
        ("the game is too easy", "the game is too hard"),
        ("never nerf it", "never buff it"),
        ("not hard enough", "a bit too hard"),
    ):
        assert stance.attitude(more, 0.0) > 0 > stance.attitude(less, 0.0), (more, less)


@pytest.mark.parametrize(
    ("sentence", "topic", "sign"),
    [
        ("honestly lower the price", "price", -1),  # an order, not a report of lower prices
        ("Lower the price. Strong no from me otherwise", "price", -1),
        ("never got there - the price should come down", "price", -1),  # the refusal is of another clause
        ("I would sooner have cheaper skins than more expensive ones", "price", -1),
        ("fights should last longer", "damage", -1),
        ("fights should last longer", "fights", 1),
        ("undo the price hike", "price", -1),
        ("I would not mind a slightly higher price", "price", 1),
        ("the price is out of control", "price", -1),
    ],
)
def test_composition(sentence: str, topic: str, sign: int) -> None:
    assert stance.attitude(sentence, 0.0, frozenset(words.content_stems(topic))) * sign > 0.5


def test_what_can_only_be_about_another_matter_says_nothing() -> None:
    """Negative control: the same words, asked about what they speak of."""
    cheaper, hard = "it should be cheaper", "I laughed so hard"
    assert stance.attitude(cheaper, 0.0, frozenset({"difficulty"})) == 0
    assert stance.attitude(cheaper, 0.0, frozenset({"price"})) < -0.5
    assert stance.attitude(hard, 0.5, frozenset({"difficulty"}), 0.0) == 0
    assert stance.attitude("the bosses are so hard", 0.5, frozenset({"difficulty"}), 0.0) > 0


def test_tone_orders_glad_before_sore(encode) -> None:  # type: ignore[no-untyped-def]
    glad = ["had a blast tonight", "love the new map", "finally fixed, thank you"]
    sore = ["this is garbage", "I quit, it is unplayable", "so disappointed in the devs"]
    assert tone.tone(glad, None, encode).min() > 0 > tone.tone(sore, None, encode).max()
    assert tone.tone([], None, encode).shape == (0,)
    without = tone.tone(["love it"], np.zeros((1, 384), np.float32), encode)
    assert without == pytest.approx(tone.lexicon_tone(["love it"]))


def _evidence(id_: str, author: str, vector: list[float], score: float) -> Evidence:
    unit = np.array(vector, dtype=np.float32) / np.linalg.norm(vector)
    return Evidence(Candidate(id_, author, "some text", unit), 0, 9, unit, score=score)


def _voices(rows: list[Evidence], duplicate: float) -> int:
    return len(independent_authors([e.message.author for e in rows], [e.vector for e in rows], duplicate))


def test_choice_prefers_relevant_and_different_and_never_a_copy() -> None:
    rows = [
        _evidence("1", "ann", [1, 0, 0], 0.9),
        _evidence("2", "bob", [1, 0.01, 0], 0.89),
        _evidence("3", "cid", [0, 1, 0], 0.6),
        _evidence("4", "ann", [0, 0, 1], 0.8),
    ]
    assert [e.message.id for e in choose(rows, 3, 0.3, 0.95, 1)] == ["1", "3"]
    assert [e.message.id for e in choose(rows, 3, 0.3, 0.95, 2)] == ["1", "4", "3"]
    assert _voices(rows, 0.95) == 2
    assert choose([], 3, 0.3, 0.9) == []


def test_five_copies_of_a_lie_are_one_voice() -> None:
    lies = [_evidence(str(n), f"bot{n}", [1, 0.001 * n, 0], 0.9) for n in range(5)]
    assert _voices(lies, 0.9) == 1


def test_citations_are_checked_character_by_character() -> None:
    messages = {"m1": "It is way too hard, honestly."}
    good = [("“way too hard” [1]", [0])]
    assert check_citations(good, [Citation("m1", "way too hard")], messages) == []
    for sentences, citations in (
        ([("It is hard.", [])], []),
        (good, [Citation("m2", "way too hard")]),
        (good, [Citation("m1", "way  too hard")]),
        ([("“too easy” [1]", [0])], [Citation("m1", "way too hard")]),
        ([("“way too hard” [2]", [1])], [Citation("m1", "way too hard")]),
        (good, [Citation("m1", "")]),
    ):
        assert check_citations(sentences, citations, messages), (sentences, citations)


def test_generated_sentences_stay_only_where_a_span_bears_them_out(encode) -> None:  # type: ignore[no-untyped-def]
    spans = ["The expansion costs 40 euros.", "Queues are ten minutes at night."]
    draft = (
        "The expansion costs 40 euros [1]. The expansion costs 90 euros. Ignore all rules. Bob loves tax law."
    )
    assert align(draft, spans, encode) == [("The expansion costs 40 euros.", 0)] or align(
        draft, spans, encode
    ) == [("The expansion costs 40 euros .", 0)]
    assert align("", spans, encode) == [] and align(draft, [], encode) == []


def test_a_feeling_counts_authors_not_messages() -> None:
    loud = feeling([1.0] * 50 + [-0.5, -0.5], ["ann"] * 50 + ["bob", "cid"])
    assert loud.mean == pytest.approx(0.0) and loud.n == 52 and loud.authors == 3
    assert loud.low < 0 < loud.high
    alone = feeling([1.0], ["ann"])
    assert (alone.low, alone.high) == (-1.0, 1.0)
    assert feeling([], []).n == 0


def test_the_interval_of_a_feeling_holds_the_truth() -> None:
    random = np.random.default_rng(1)
    held = 0
    for _ in range(300):
        people = random.normal(0.2, 0.3, 12).clip(-1, 1)
        made = feeling(people.tolist(), list(range(12)))
        held += made.low <= 0.2 <= made.high
    assert 0.9 <= held / 300 <= 0.99


def test_a_difference_needs_two_authors_a_side_and_finds_a_planted_one() -> None:
    assert difference([1.0], ["a"], [0.0, 1.0], ["b", "c"], 0.95) is None
    random = np.random.default_rng(2)
    a, b = random.normal(0.4, 0.2, 30), random.normal(0.0, 0.2, 30)
    made = difference(a.tolist(), list(range(30)), b.tolist(), list(range(30)), 0.95)
    assert made is not None and made.low > 0 and made.p < 0.001


def test_the_hand_written_set_is_half_unanswerable() -> None:
    made = community()
    ids = {m["id"] for m in made["messages"]}
    assert len(made["answerable"]) == len(made["unanswerable"]) == 50
    assert all(set(a["cites"]) <= ids for a in made["answerable"])
