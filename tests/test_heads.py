"""Heads in the language: trained on a table, kept by name and version, said of texts and of columns."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chorus import Capabilities, ChorusError, Session

TRAIN = """(train-head! 'mood (rows->table rows) :text 't :label 'l)"""
GLAD = (
    "I love this patch",
    "great update, well done",
    "so much fun tonight",
    "this feels really good",
    "best boss ever",
)
SORE = (
    "I hate this patch",
    "terrible update, ruined it",
    "so boring tonight",
    "this feels really bad",
    "worst boss ever",
)
TAILS = ("", " today", " honestly", " for us", " in the raid", " after all", " my friend", " I think")


def opened(folder: Path) -> Session:
    return Session(folder, allow=Capabilities.all())


@pytest.fixture(scope="module")
def _trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("heads") / "workspace"
    rows = [
        (text + tail, label)
        for label, said in (("glad", GLAD), ("sore", SORE))
        for text in said
        for tail in TAILS
    ]
    with opened(folder) as session:
        made = " ".join(f'(hash-table :t "{text}" :l "{label}" :n 1)' for text, label in rows)
        session.eval(f"(define rows (list {made})) {TRAIN}")
    return folder


@pytest.fixture
def trained(_trained: Path, tmp_path: Path) -> Iterator[Session]:
    folder = tmp_path / "workspace"
    shutil.copytree(_trained, folder)
    with opened(folder) as session:
        yield session


def shown(session: Session, form: str) -> Any:
    return session.eval(f"(with-output-to-string (lambda () (write {form})))")


def test_a_head_says_on_what_it_was_trained_and_how_right_it_is(trained: Session) -> None:
    assert shown(trained, "(hash-ref (head-report 'mood) :labels)") == '("glad" "sore")'
    assert trained.eval("(hash-ref (hash-ref (head-report 'mood) :trained-on) :rows)") == 80
    low, value, high = (
        trained.eval(f"({at} (hash-ref (hash-ref (head-report 'mood) :held-out) :accuracy))")
        for at in ("cadr", "car", "caddr")
    )
    assert 0.5 < low <= value <= high <= 1


def test_a_head_of_an_earlier_session_classifies(trained: Session) -> None:
    assert trained.eval('(hash-ref (classify \'mood "I hate this update") :label)') == "sore"
    assert trained.eval('(hash-ref (classify \'mood "I love it, great fun") :label)') == "glad"
    assert (
        shown(trained, '(map (lambda (c) (hash-ref c :label)) (classify \'mood \'("great" "terrible")))')
        == '("glad" "sore")'
    )
    assert trained.eval("(null? (classify 'mood '()))") is True


def test_a_classified_table_has_columns_that_queries_use(trained: Session) -> None:
    table = (
        '(classify \'mood (rows->table \'({:id 1 :text "great fun"} {:id 2 :text "I hate it"})) :text \'text)'
    )
    assert shown(trained, f"(table-columns {table})") == "(id text mood mood-confidence mood-sure)"
    assert shown(trained, f'(table->rows (select (where {table} (= mood "sore")) id))') == "((2))"
    assert trained.eval(f"(count (where {table} (and (> mood-confidence 0) (<= mood-confidence 1))))") == 2


def test_training_again_makes_a_version_and_the_earlier_one_stays(trained: Session) -> None:
    rows = " ".join(
        f'(hash-table :t "{word} {n}" :l "{word}")' for word in ("red", "blue") for n in range(25)
    )
    trained.eval(f"(define rows (list {rows})) {TRAIN}")
    assert shown(trained, "(heads)") == "((mood 1 2))"
    assert trained.eval('(hash-ref (classify \'mood "red") :label)') == "red"
    assert trained.eval('(hash-ref (classify \'mood "I hate it" :version 1) :label)') == "sore"


def test_heads_side_by_side_say_in_words_what_the_order_of_dimensions_is_worth(trained: Session) -> None:
    made = "(compare-heads (rows->table rows) :text 't :label 'l)"
    trained.eval(
        '(define rows (map (lambda (n) (hash-table :t (if (even? n) "what fun" "what a bore")'
        " :l (if (even? n) 'glad 'sore))) (iota 60)))"
    )
    trained.eval(f"(define found {made})")
    kinds = "(map (lambda (head) (hash-ref head :kind)) (hash-ref found :heads))"
    assert shown(trained, kinds) == "(logistic ridge mlp narrow fourier by-lot)"
    verdict = trained.eval("(hash-ref found :verdict)")
    assert verdict.startswith("The Fourier head is no better than") and "drawn by lot" in verdict
    assert shown(trained, "(heads)") == "((mood 1))"


def test_several_labels_at_once(trained: Session) -> None:
    rows = " ".join(
        f'(hash-table :t "{"price " * a}{"story " * b}number {n}" :price {a} :story {b})'
        for n in range(12) for a in (0, 1) for b in (0, 1)
    )  # fmt: skip
    trained.eval(f"(train-head! 'about (rows->table (list {rows})) :text 't :label '(price story))")
    assert (
        shown(trained, '(hash-ref (classify \'about "price story number 5") :label)') == '("price" "story")'
    )
    assert shown(trained, '(hash-ref (classify \'about "number 5") :label)') == "()"


def test_the_file_is_plain_safetensors(trained: Session) -> None:
    from safetensors.numpy import load_file

    (path,) = Path(trained.context.workspace).glob("heads/mood/*")
    assert path.name == "1.safetensors"
    assert {"weights", "bias", "words.kept"} <= load_file(path).keys()


def test_a_head_that_looks_into_the_encoder_is_kept_and_classifies(trained: Session) -> None:
    rows = " ".join(
        f'(hash-table :t "{text}{tail}" :l "{label}")'
        for label, said in (("glad", GLAD), ("sore", SORE)) for text in said for tail in TAILS
    )  # fmt: skip
    trained.eval(
        f"(define rows (list {rows})) (train-head! 'tone (rows->table rows) :text 't :label 'l :kind 'middle)"
    )
    assert trained.eval('(hash-ref (classify \'tone "I hate this update") :label)') == "sore"


def test_means_of_states_after_all_layers_are_the_vectors(
    trained: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chorus.runtime.embed.embedder.LAST", 0)
    texts = ["I hate this update", "great fun", "so boring tonight, for us", "great fun"]
    made = trained.context.embedder.within(texts)
    unit = made / np.linalg.norm(made, axis=1, keepdims=True)
    np.testing.assert_allclose(unit, trained.context.embedder.encode(texts), atol=1e-5)
    monkeypatch.setattr("chorus.runtime.embed.embedder.LAST", 6)
    with pytest.raises(ChorusError, match="cannot look into") as caught:
        trained.context.embedder.within(texts)
    assert caught.value.hint


def test_a_damaged_file_is_noticed(trained: Session) -> None:
    (path,) = Path(trained.context.workspace).glob("heads/mood/*")
    raw = bytearray(path.read_bytes())
    raw[-5] ^= 1
    path.write_bytes(raw)
    with pytest.raises(ChorusError) as caught:
        trained.eval('(classify \'mood "x")')
    assert caught.value.code == "corrupt"


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ("(classify 'moods \"x\")", "unknown-head"),
        ("(classify 'mood \"x\" :version 9)", "unknown-head"),
        ("(classify \"../mood\" \"x\")", "range"),
        ("(train-head! 'mood (rows->table '({:t 1})) :text 't)", "column"),
        ("(train-head! 'mood (rows->table '({:t \"a\" :l \"x\"})) :text 't :label 'l)", "too-little"),
        ("(train-head! 'mood (rows->table '({:t \"a\" :l \"x\"})) :text 't :label 'l :kind 'deep)", "range"),
        ("(train-head! 'mood (rows->table '({:t \"a\" :l \"x\"})) :text 't :label 'l :device \"abacus\")", "device"),
        ("(classify 'mood (rows->table '({:mood 1 :t \"a\"})) :text 't)", "column"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_with_a_hint(trained: Session, form: str, code: str) -> None:
    with pytest.raises(ChorusError) as caught:
        trained.eval(form)
    assert (caught.value.code, bool(caught.value.hint)) == (code, True)


def test_a_session_without_the_workspace_capability_trains_nothing(tmp_path: Path) -> None:
    with (
        Session(tmp_path / "w", allow=Capabilities()) as session,
        pytest.raises(ChorusError, match="workspace"),
    ):
        session.eval('(classify \'mood "x")')


def test_planted_messages_are_the_same_each_time_and_have_what_was_planted() -> None:
    with Session(allow=Capabilities.all()) as session:
        rows = "(table->rows (planted-messages :messages 150))"
        assert session.eval(f"(equal? {rows} {rows})") is True
        found = session.eval('(count (where (planted-messages :messages 600) (= tone "negative")))')
        assert 20 < found < 400


def test_urgency_follows_from_what_was_planted() -> None:
    with Session(allow=Capabilities.all()) as session:
        session.eval("(define said (planted-messages :messages 1500))")
        count = lambda condition: session.eval(f"(count (where said {condition}))")
        asked = '(or (= intent "question") (= intent "fact-question"))'
        down = '(and (= intent "servers") (= tone "negative"))'
        assert count(f'(and (= urgency "urgent") (not (or {asked} {down})))') == 0
        assert count(f'(and (= urgency "can-wait") (or {asked} {down}))') == 0
        assert count('(= urgency "urgent")') > 15
