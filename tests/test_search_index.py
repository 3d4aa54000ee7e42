"""Derived files are believed only when whole, follow the store, and give the same results however made."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from search_helpers import HashEmbedder, message, open_context, put, touch

from chorus.runtime.index import artefact, reference
from chorus.runtime.index.artefact import Section
from chorus.runtime.index.nearest import Approximate, Coarse, nearest, rank

TEXTS = [f"message number {n} about {'cats' if n % 3 else 'dogs'}" for n in range(40)]


@pytest.fixture
def context(tmp_path):
    made = open_context(tmp_path / "workspace", HashEmbedder())
    put(made, [message(n, text) for n, text in enumerate(TEXTS)])
    yield made
    made.close()


def again(context):
    """The same workspace, as another session finds it on disk."""
    return open_context(context.workspace, HashEmbedder())


def query(text="dogs"):
    return HashEmbedder().encode([text])[0]


# ── files ──


@given(st.lists(st.text(st.characters(codec=None), max_size=8), max_size=8), st.integers(0, 50))
@settings(max_examples=40)
def test_what_was_written_is_read(tmp_path_factory, strings, n):
    path = tmp_path_factory.mktemp("file") / "some.safetensors"
    arrays = {"small": np.arange(n, dtype=np.uint16), "wide": np.ones((n, 3), np.float32)}
    arrays |= artefact.pack_strings(strings)
    artefact.write(path, {"a": 1, "text": '"digest":"'}, {name: Section.of(a) for name, a in arrays.items()})
    found = artefact.read(path)
    assert found is not None and found.key == {"a": 1, "text": '"digest":"'}
    assert all(np.array_equal(found.arrays[name], array) for name, array in arrays.items())
    assert artefact.unpack_strings(found.arrays["text"], found.arrays["ends"]) == strings


def test_other_tools_can_read_the_file(tmp_path):
    from safetensors.numpy import load_file

    path = tmp_path / "some.safetensors"
    artefact.write(
        path,
        {},
        {"b": Section.of(np.arange(3, dtype=np.uint8)), "a": Section.of(np.arange(4.0, dtype=np.float32))},
    )
    assert load_file(path)["a"].tolist() == [0, 1, 2, 3]


def test_no_flipped_bit_and_no_cut_is_believed(tmp_path):
    path = tmp_path / "some.safetensors"
    artefact.write(path, {"a": 1}, {"x": Section.of(np.arange(300, dtype=np.float32))})
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    places = [*range(400), *rng.integers(0, len(whole), 160).tolist()]
    for place in places:
        flipped = bytearray(whole)
        flipped[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(flipped)
        assert artefact.read(path) is None, place
    for size in (0, 1, 7, 8, 100, len(whole) - 1):
        path.write_bytes(whole[:size])
        assert artefact.read(path) is None
    path.write_bytes(whole + b"x")
    assert artefact.read(path) is None
    assert artefact.read(tmp_path / "missing") is None


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "some.safetensors"
    artefact.write(path, {"version": 1}, {"x": Section.of(np.zeros(4, np.float32))})

    def fail(view):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        artefact.write(path, {"version": 2}, {"x": Section((4,), np.float32, fail)})
    found = artefact.read(path)
    assert found is not None and found.key == {"version": 1}
    assert [file.name for file in tmp_path.iterdir()] == ["some.safetensors"]
    (tmp_path / "some.safetensors.1-1.tmp").write_bytes(b"left by a killed process")
    artefact.write(path, {"version": 2}, {"x": Section.of(np.zeros(4, np.float32))})
    assert [file.name for file in tmp_path.iterdir()] == ["some.safetensors"]


# ── nearest rows ──


@given(st.integers(1, 40), st.integers(0, 45), st.integers(0, 2**32 - 1), st.booleans())
def test_nearest_is_its_definition(n, k, seed, filtered):
    rng = np.random.default_rng(seed)
    rows = rng.integers(-3, 4, size=(n, 4)).astype(np.float32)  # products are exact, ties are many
    target, order = rng.integers(-3, 4, size=4).astype(np.float32), rng.permutation(n)
    among = np.flatnonzero(rng.random(n) < rng.random()) if filtered else None
    places, scores = nearest(rows, target, k, order, among=among)
    expected = reference.nearest(rows.tolist(), target.tolist(), k, order.tolist(), among)
    assert list(zip(places.tolist(), scores.tolist(), strict=True)) == expected


@pytest.mark.parametrize("spread", [1.0, 0.1])
def test_rows_of_eight_bits_lose_none_of_the_nearest(spread):
    """Also where thousands lie almost equally near, and it must say that it cannot tell."""
    rng = np.random.default_rng(3)
    rows = (rng.normal(size=64) + spread * rng.normal(size=(9000, 64))).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    coarse, order, told = Coarse(rows), np.arange(len(rows)), 0
    for row in rng.choice(len(rows), 12, replace=False):
        query = (rows[row] + 0.05 * rng.normal(size=64)).astype(np.float32)
        query /= np.linalg.norm(query)
        for k in (1, 20, 200):
            found = coarse.candidates(query, k)
            places, scores = nearest(rows, query, k, order)
            told += found is not None and len(found) < len(rows) / 2
            assert found is None or set(places.tolist()) <= set(found.tolist())
            again = nearest(rows, query, k, order, coarse=coarse)
            assert np.array_equal(again[0], places) and np.array_equal(again[1], scores)
    assert told == 36 if spread == 1.0 else told < 36


def test_scores_do_not_depend_on_a_rows_place():
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(1000, 384)).astype(np.float32)
    rows[500:] = rows[:500]
    places, scores = nearest(rows, rows[3], 20, np.arange(1000))
    assert scores[0::2].tolist() == scores[1::2].tolist()
    assert (places[1::2] - places[0::2]).tolist() == [500] * 10


def test_approximate_recall_on_random_data():
    rng = np.random.default_rng(2)
    centres = rng.normal(size=(60, 32))
    rows = (centres[rng.integers(60, size=12_000)] + rng.normal(scale=0.7, size=(12_000, 32))).astype(
        np.float32
    )
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    index = Approximate.load(Approximate.build(rows).dump(), 0)
    index.probes = Approximate.build(rows).probes
    order, found = np.arange(len(rows)), 0
    for at in range(100):
        target = rows[at * 7] + rng.normal(scale=0.05, size=32).astype(np.float32)
        target /= np.linalg.norm(target)
        true, _ = nearest(rows, target, 20, order)
        near, _ = rank(rows, target, index.candidates(target, 20), 20, order)
        found += len(set(true) & set(near))
    assert found / 2000 >= 0.95


# ── indexes of a workspace ──


def results(context, k=7):
    return context.indexes.vectors.search(query(), k), context.indexes.words.search("dogs", k)


def test_results_are_the_same_however_the_files_came_about(context):
    context.indexes.ensure()
    first = results(context)
    assert len(first[0]) == len(first[1]) == 7
    assert results(again(context)) == first
    for name in ("vectors", "words"):
        path = context.workspace / "index" / f"{name}.safetensors"
        content = bytearray(path.read_bytes())
        content[len(content) * 2 // 3] ^= 4
        path.write_bytes(content)
        assert results(again(context)) == first
        assert artefact.read(path) is not None  # written anew
        path.unlink()
        assert results(again(context)) == first


def test_indexes_follow_the_messages(context):
    context.indexes.ensure()
    before = [message for message, _ in context.indexes.words.search("zebra", 5)]
    put(context, [message(900, "a zebra"), message(901, "another zebra, and dogs")])
    store = context.store
    store.write("UPDATE messages SET content = 'a zebra, edited in' WHERE id = '3'")
    store.write("DELETE FROM messages WHERE id = '0'")
    touch(context)
    context.indexes.ensure()
    after = {message for message, _ in context.indexes.words.search("zebra", 5)}
    assert before == [] and after == {"900", "901", "3"}
    ids, rows = context.indexes.vectors.matrix()
    assert set(ids) == {str(n) for n in [*range(1, 40), 900, 901]}
    expected = context.embedder.encode(
        [dict(store.rows("SELECT id, content FROM messages"))[one] for one in ids]
    )
    assert np.array_equal(rows, expected)
    grown = results(context)
    for file in (context.workspace / "index").iterdir():
        file.unlink()
    assert results(again(context)) == grown


def test_only_new_text_is_read_again(context, monkeypatch):
    from chorus.runtime.index import words

    context.indexes.words.refresh()
    split = []
    monkeypatch.setattr(words, "words", lambda text: split.append(text) or text.split())
    other = again(context)
    put(other, [message(900, "a zebra")])
    assert other.indexes.words.search("zebra", 5)[0][0] == "900"
    assert split == ["a zebra"]


@pytest.mark.parametrize("share", [0.1, 0.9])
def test_filters_are_part_of_the_search(context, share):
    context.indexes.ensure()
    allowed = {str(n) for n in range(int(40 * share))} | {"unknown"}
    everything = context.indexes.vectors.search(query(), 40)
    expected = [pair for pair in everything if pair[0] in allowed][:5]
    assert context.indexes.vectors.search(query(), 5, allowed) == expected
    assert context.indexes.vectors.search(query(), 5, set()) == []
    worded = context.indexes.words.search("dogs", 40)
    assert (
        context.indexes.words.search("dogs", 5, allowed)
        == [pair for pair in worded if pair[0] in allowed][:5]
    )


def test_equal_texts_rank_by_time(context):
    put(context, [message(n, "the very same words") for n in (950, 940, 930)])
    context.indexes.ensure()
    same = HashEmbedder().encode(["the very same words"])[0]
    assert [found for found, _ in context.indexes.vectors.search(same, 3)] == ["930", "940", "950"]
    assert [found for found, _ in context.indexes.words.search("very same", 3)] == ["930", "940", "950"]


def big(context, rows=3000):
    context.indexes.vectors.exact_up_to = 500
    put(context, [message(1000 + n, f"text {n}") for n in range(rows)])
    context.indexes.ensure()
    return context.indexes.vectors


def test_above_a_size_faiss_finds_what_is_exact(context):
    vectors = big(context)
    targets = [query(f"query {n}") for n in range(30)]
    near = [vectors.search(target, 10) for target in targets]
    vectors.exact_up_to = 10**9
    exact = [vectors.search(target, 10) for target in targets]
    assert sum(len(set(a) & set(b)) for a, b in zip(near, exact, strict=True)) >= 0.95 * 300
    allowed = {str(1000 + n) for n in range(0, 3000, 3)}
    exact_few = vectors.search(targets[0], 10, allowed)
    vectors.exact_up_to = 500
    near_few = vectors.search(targets[0], 10, allowed)
    assert {found for found, _ in near_few} <= allowed and len(set(near_few) & set(exact_few)) >= 8


def test_the_faiss_file_is_checked_kept_and_outgrown(context, monkeypatch):
    vectors = big(context)
    expected = vectors.search(query(), 10)
    path = context.workspace / "index" / "nearest.safetensors"
    content = bytearray(path.read_bytes())

    def reopened(grow=0):
        other = again(context)
        other.indexes.vectors.exact_up_to = 500
        if grow:
            put(other, [message(9000 + n, f"more {n}") for n in range(grow)])
            other.indexes.ensure()
        return other.indexes.vectors

    for place in (len(content) // 2, len(content) - 5, 200):
        flipped = bytearray(content)
        flipped[place] ^= 16
        path.write_bytes(flipped)
        assert reopened().search(query(), 10) == expected
        assert path.read_bytes() != flipped  # built again
    built = path.stat().st_mtime_ns
    few = reopened(grow=5)  # searched beside the index, which stays
    assert few.search(query("more 3"), 1)[0][0] == "9003"
    assert path.stat().st_mtime_ns == built
    many = reopened(grow=1500)
    assert many.search(query("more 1200"), 1)[0][0] == "10200"
    assert path.stat().st_mtime_ns != built


def test_a_bad_query_vector_is_a_typed_error(context):
    from chorus.runtime.errors import EvalError

    context.indexes.ensure()
    for bad in ([1.0], [float("nan")] * 16, [0.0] * 16, [[1.0] * 16]):
        with pytest.raises(EvalError):
            context.indexes.vectors.search(np.array(bad), 3)


def test_an_empty_workspace_has_no_hits(tmp_path):
    empty = open_context(tmp_path / "empty", HashEmbedder())
    assert empty.indexes.vectors.search(query(), 3) == [] == empty.indexes.words.search("dogs", 3)
    assert empty.indexes.ensure().embedded == 0
    assert empty.indexes.vectors.matrix()[0] == []
    empty.close()
