"""What is left of a message that was erased or edited: no vector, no word, no sentence's vector, in no file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from search_helpers import HashEmbedder, message, open_context, put, touch

from chorus.kernels.answer.primitives_parts import embed_parts
from chorus.runtime.index.embedding import sweep
from chorus.runtime.index.postings import Postings

SECRET = "quetzalword"


@pytest.fixture
def context(tmp_path):
    made = open_context(tmp_path / "workspace", HashEmbedder())
    yield made
    made.close()


def erase(context, message_id: str) -> None:
    with context.store.transaction("erase"):
        context.store.write("DELETE FROM messages WHERE id = ?", [message_id])
    touch(context)


def said_in(folder: Path) -> list[str]:
    """The names of the files below FOLDER in which the secret stands."""
    return [each.name for each in folder.rglob("*.safetensors") if SECRET.encode() in each.read_bytes()]


def vectors(context) -> int:
    return context.store.value("SELECT count(*) FROM embeddings")


def test_the_vector_of_an_erased_message_is_gone_from_store_and_files(context, tmp_path) -> None:
    secret = f"the {SECRET} is here."
    put(
        context,
        [message(1, f"{secret} And more."), message(2, "the cat sleeps. A dog barks."), message(3, "a cow")],
    )
    context.indexes.ensure()
    context.indexes.words.search("cat", 3)
    ids, rows = context.indexes.vectors.matrix()
    gone = rows[ids.index("1")].tobytes()
    embed_parts(context)
    folder = tmp_path / "workspace" / "index"
    assert said_in(folder) == ["words.safetensors"]  # so what follows is no accident
    assert gone in (folder / "vectors.safetensors").read_bytes()
    assert list(context.indexes.parts.known([secret])) == [secret]
    erase(context, "1")
    assert vectors(context) == 3
    assert sweep(context) == 1
    assert vectors(context) == 2 and said_in(folder) == []
    assert gone not in (folder / "vectors.safetensors").read_bytes()
    embed_parts(context)  # parts are swept by the call that makes them
    assert context.indexes.parts.known([secret]) == {}
    assert "the cat sleeps." in context.indexes.parts.known(["the cat sleeps."])
    assert sweep(context) == 0


def test_a_text_that_another_message_says_too_keeps_its_vector(context) -> None:
    put(context, [message(1, "the same"), message(2, "the same")])
    context.indexes.ensure()
    erase(context, "1")
    assert sweep(context) == 0 and vectors(context) == 1


def test_vectors_of_other_models_go_as_well(context) -> None:
    put(context, [message(1, "one"), message(2, "two")])
    context.indexes.ensure()
    with context.store.transaction("test"):
        context.store.write(
            "INSERT INTO embeddings SELECT 'another', \"content-hash\", vector FROM embeddings"
        )
    erase(context, "2")
    assert sweep(context) == 2
    assert context.store.rows("SELECT DISTINCT model FROM embeddings ORDER BY 1") != []
    assert vectors(context) == 2


TEXTS = st.lists(st.lists(st.sampled_from("abcdef"), max_size=4), max_size=6)


@given(old=TEXTS, new=TEXTS, data=st.data())
def test_what_stays_is_what_was_made_of_the_rest_alone(old, new, data) -> None:
    keep = data.draw(st.lists(st.booleans(), min_size=len(old), max_size=len(old)))
    kept = np.flatnonzero(keep)
    changed = Postings.empty().updated(kept[:0], old).updated(kept, new)
    fresh = Postings.empty().updated(kept[:0], [*(old[at] for at in kept), *new])
    assert set(changed.words) >= set(fresh.words)
    if len(kept) < len(old):
        assert sorted(changed.words) == sorted(fresh.words)
    for word in fresh.words:
        assert np.allclose(changed.scores([word]), fresh.scores([word]))
