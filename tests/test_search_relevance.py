"""Search over planted texts, through the primitives, with the real model."""

from __future__ import annotations

import datetime as dt

import pytest
from search_helpers import NOON, message, open_context, put

from chorus.runtime.capabilities import Capabilities
from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import TABLE, bind
from chorus.runtime.primitives import embedding, search  # noqa: F401  (declare)
from chorus.runtime.values import Keyword

PLANTED = {
    "1": "the sniper rifle does far too much damage",
    "2": "my graphics card driver crashes on launch",
    "3": "matchmaking keeps pairing me with beginners",
    "4": "twenty euros for a hat is a rip-off",
    "5": "the new map looks gorgeous at sunset",
    "6": "server lag makes ranked unplayable tonight",
    "7": "anyone up for a raid on saturday evening?",
    "8": "la nouvelle carte est magnifique",
    "9": "error 0x80070005 when installing the update",
    "10": "I love how the healer class plays",
}
FILLER = [
    f"{who} {what} {when}"
    for who in ("lol he", "she", "they all")
    for what in ("went home", "logged off", "ate")
    for when in ("early", "again", "with friends", "as usual")
]


@pytest.fixture(scope="module")
def context(tmp_path_factory):
    made = open_context(tmp_path_factory.mktemp("relevance") / "workspace")
    rows = [message(int(id), text, **{"author-id": f"a{id}"}) for id, text in PLANTED.items()]
    rows += [message(100 + n, text, **{"author-id": "filler"}) for n, text in enumerate(FILLER)]
    put(made, rows)
    made.store.append("authors", [{"id": f"a{id}", "name": f"name {id}"} for id in PLANTED])
    made.indexes.ensure()
    yield made
    made.close()


def call(context, name, *args, **named):
    given = [part for key, value in named.items() for part in (Keyword(key), value)]
    return bind(TABLE[name], context, Capabilities.all())(*args, *given)


def found(context, name, *args, **named):
    return [next(iter(pair)) for pair in call(context, name, *args, **named)]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("is that gun overpowered?", "1"),
        ("video hardware software is unstable", "2"),
        ("I get unfair opponents", "3"),
        ("cosmetics are overpriced", "4"),
        ("bad connection in competitive", "6"),
        ("playing together at the weekend", "7"),
    ],
)
def test_meaning_finds_what_shares_no_words(context, question, answer):
    assert answer in found(context, "%dense-search", question, 2)


def test_words_find_what_meaning_does_not(context):
    assert found(context, "%word-search", "0x80070005", 3) == ["9"]
    assert found(context, "%word-search", "Carte", 3) == ["8"]
    assert found(context, "%word-search", "SNIPERS", 3) == ["1"]
    assert found(context, "%word-search", "drivers", 3) == ["2"]


def test_nothing_is_found_for_nothing(context):
    for name in ("%dense-search", "%word-search"):
        assert found(context, name, "", 5) == []
        assert found(context, name, "hello", 0) == []
    assert found(context, "%word-search", "xyzzyplugh", 5) == []


def test_a_scope_restricts_both(context):
    scope = call(context, "%search-scope", authors=["a4", "name 5"])
    for name, text in (("%dense-search", "damage of guns"), ("%word-search", "the hat looks")):
        assert set(found(context, name, text, 9, scope=scope)) == {"4", "5"}
    nobody = call(context, "%search-scope", authors=[])
    assert found(context, "%dense-search", "damage", 9, scope=nobody) == []
    moment = (NOON + dt.timedelta(minutes=6)).replace(tzinfo=dt.UTC)
    early = call(context, "%search-scope", until=moment)
    late = call(context, "%search-scope", since=moment)
    assert set(found(context, "%dense-search", "game", 50, scope=early)) == {"1", "2", "3", "4", "5"}
    assert len(found(context, "%dense-search", "game", 50, scope=late)) == len(PLANTED) + len(FILLER) - 5
    assert call(context, "%search-scope") is False


def test_rows_come_in_the_order_asked(context):
    rows = list(call(context, "%messages", ["4", "unknown", "2"]))
    assert [row.get(Keyword("message-id")) for row in rows] == ["4", "2"]
    assert rows[0].get(Keyword("content")) == PLANTED["4"] and rows[0].get(Keyword("author")) == "name 4"
    assert rows[0].get(Keyword("reply-to")) is False


def test_cosines_tell_likeness(context):
    near, far, other = (
        call(context, "embed-text", text) for text in ("weapon damage", "gun damage", "sunset photo")
    )
    assert call(context, "cosine", near, far) > 0.7 > 0.5 > call(context, "cosine", near, other)
    assert call(context, "cosine", [0, 0], [1, 1]) == 0.0
    with pytest.raises(EvalError):
        call(context, "cosine", [1, 2], [1, 2, 3])


def test_too_many_results_are_refused(context):
    with pytest.raises(EvalError):
        call(context, "%dense-search", "x", 2_000_000_000)
    with pytest.raises(EvalError):
        call(context, "%near", [float("nan")] * 384, 3)


def test_a_session_may_change_its_model(context):
    before = call(context, "embedding-model")
    with pytest.raises(EvalError):
        call(context, "use-embedding-model!", "/no/such/folder")
    assert call(context, "embedding-model") == before
    assert call(context, "use-embedding-model!") == before
