"""Words of any script are found, BM25 is its definition, postings grow as if they had been built at once."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus.runtime.index.postings import K1, B, Postings
from chorus.runtime.index.tokens import query_words, stem, words

DOCUMENTS = st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=12), max_size=12)
NOTHING = np.zeros(0, dtype=np.int64)


def built(documents):
    return Postings.empty().updated(NOTHING, documents)


def bm25(documents, query):
    """The definition, a document at a time."""
    counts = [Counter(document) for document in documents]
    mean = sum(map(len, documents)) / len(documents) if documents else 0
    scores = []
    for document, count in zip(documents, counts, strict=True):
        total = 0.0
        for word in query:
            if count[word]:
                df = sum(1 for other in counts if other[word])
                idf = math.log(1 + (len(documents) - df + 0.5) / (df + 0.5))
                total += idf * count[word] / (count[word] + K1 * (1 - B + B * len(document) / mean))
        scores.append(total)
    return scores


@given(DOCUMENTS, st.lists(st.sampled_from("abcdefghxy"), unique=True, max_size=4))
def test_scores_are_bm25(documents, query):
    assert built(documents).scores(query).tolist() == pytest.approx(bm25(documents, query), rel=1e-5)


@given(DOCUMENTS, DOCUMENTS, st.data())
def test_updated_postings_equal_new_ones(old, new, data):
    kept = [at for at in range(len(old)) if data.draw(st.booleans())]
    grown = built(old).updated(np.array(kept, dtype=np.int64), new)
    fresh = built([old[at] for at in kept] + new)
    for word in "abcdefgh":
        assert grown.scores([word]).tolist() == fresh.scores([word]).tolist()


def test_scores_are_those_of_bm25s():
    bm25s = pytest.importorskip("bm25s")
    rng = np.random.default_rng(0)
    documents = [[f"w{n}" for n in rng.zipf(1.3, size=rng.integers(1, 30)) if n < 500] for _ in range(400)]
    peer = bm25s.BM25(method="lucene", k1=K1, b=B)
    numbers: dict[str, int] = {}
    ids = [[numbers.setdefault(word, len(numbers)) for word in document] for document in documents]
    peer.index((ids, numbers), show_progress=False)
    query = ["w1", "w7", "w30"]
    assert np.abs(peer.get_scores(query) - built(documents).scores(query)).max() < 1e-5


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Wireless DRIVERS fail", ["wireless", "driver", "fail"]),
        ("it's the GPU’s fault, don't", ["it", "the", "gpu", "fault", "dont"]),
        ("ÉCOLE straße ﬁne Ｗｉｄｅ", ["école", "strasse", "fine", "wide"]),
        ("你好世界", ["你好", "好世", "世界"]),
        ("ゲーム", ["ゲー", "ーム"]),
        ("我", ["我"]),
        ("nerf😡😡", ["nerf", "😡", "😡"]),
        ("v1.2-beta foo_bar", ["v1", "2", "beta", "foo", "bar"]),
        ("игроки любят", ["игроки", "любят"]),
        ("", []),
        ("\x00 \ud800 !!", []),
    ],
)
def test_words_of_a_text(text, expected):
    assert words(text) == expected


@pytest.mark.parametrize(
    ("plural", "singular"),
    [
        ("policies", "policy"),
        ("matches", "match"),
        ("classes", "class"),
        ("servers", "server"),
        ("boxes", "box"),
    ],
)
def test_a_plural_finds_its_singular(plural, singular):
    assert stem(plural) == stem(singular)


@pytest.mark.parametrize("word", ["class", "bus", "virus", "boss", "is"])
def test_what_only_looks_like_a_plural_stays(word):
    assert stem(word) == word


@given(st.text())
def test_any_text_has_words_that_are_found_again(text):
    found = words(text)
    assert all(word for word in found)
    assert set(query_words(text)) <= set(found)


def test_a_question_is_asked_by_its_content():
    assert query_words("How would they react to increased difficulty?") == [
        "react",
        "increased",
        "difficulty",
    ]
    assert query_words("who are you") == ["who", "are", "you"]


@given(st.lists(st.lists(st.sampled_from("abcdef"), max_size=6), min_size=1, max_size=12), st.data())
def test_groups_are_scored_as_their_texts_joined(documents, data):
    groups = np.array(
        data.draw(st.lists(st.integers(0, 3), min_size=len(documents), max_size=len(documents)))
    )
    joined = [
        [word for at, text in enumerate(documents) if groups[at] == g for word in text] for g in range(4)
    ]
    said = [g for g in range(4) if joined[g]]  # a group that says nothing is no text
    made = Postings.empty().updated(np.zeros(0, np.int64), documents)
    lengths = np.array([len(text) for text in joined])
    whole = Postings.empty().updated(np.zeros(0, np.int64), [joined[g] for g in said])
    found = made.group_scores("abx", groups, lengths)
    np.testing.assert_allclose(found[said], whole.scores("abx"), rtol=1e-5)
    assert not found[[g for g in range(4) if g not in said]].any()
