"""The encoder's adapter: learnt from true replies it finds held-out threads, from false ones it is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from voice_helpers import tiny_encoder  # noqa: E402

from chorus.kernels.lora.chain import attach  # noqa: E402
from chorus.kernels.voice import reference, threadsearch  # noqa: E402
from chorus.kernels.voice.contrast import (  # noqa: E402
    Encoder,
    Lesson,
    Pair,
    info_nce,
    negatives,
    train_encoder,
    write_adapted,
)
from chorus.kernels.voice.threadsearch import judge, learn, mispaired, split  # noqa: E402

SUBJECTS = 12
LESSON = Lesson(passes=12, rate=2e-3, batch=32, temperature=0.1)


def planted() -> list[Pair]:
    """Questions that are answered in words of another list: only who learns from replies can know which go together."""
    random = np.random.default_rng(0)
    made = []
    for thread in range(240):
        asked, told = (f"{kind}{thread % SUBJECTS}" for kind in ("ask", "tell"))
        fill = lambda: f"w{random.integers(6)}"
        made.append(Pair(f"{asked} {fill()} {fill()}", f"{fill()} {told} {fill()}", f"t{thread}"))
    return made


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    texts = [text for pair in planted() for text in (pair.asked, pair.reply)]
    return tiny_encoder(tmp_path_factory.mktemp("encoder"), texts)


def test_true_replies_help_and_false_ones_are_refused(folder: Path) -> None:
    taught, held = split(planted())
    assert not {pair.thread for pair in taught} & {pair.thread for pair in held}
    encoder = Encoder.open(folder)
    before = encoder.vectors(["ask1 w1 w2"])
    _, verdict = learn(encoder, taught, held, LESSON)
    assert verdict.accepted and verdict.gain.low > 0 and verdict.after > verdict.before
    _, control = learn(encoder, mispaired(taught), held, LESSON)
    assert not control.accepted
    assert np.array_equal(encoder.vectors(["ask1 w1 w2"]), before), "the encoder itself is as it was"


def test_a_folder_with_the_adapter_in_its_weights_gives_its_vectors(folder: Path, tmp_path: Path) -> None:
    taught, held = split(planted())
    encoder = Encoder.open(folder)
    served = attach(encoder.model, encoder.last_layers(1))
    assert all(".layer.1." in path for path in served.layers)
    adapter = train_encoder(served, encoder, taught[:64], Lesson(passes=1, rate=1e-2))
    texts = [pair.reply for pair in held[:8]]
    with served.using(adapter):
        adapted = encoder.vectors(texts)
    write_adapted(folder, adapter, tmp_path / "adapted")
    assert Encoder.open(tmp_path / "adapted").vectors(texts) == pytest.approx(adapted, abs=1e-5)
    assert not np.allclose(adapted, Encoder.open(folder).vectors(texts), atol=1e-3)


def test_the_loss_is_that_of_the_slow_definition() -> None:
    random = np.random.default_rng(1)
    a, b = (v / np.linalg.norm(v, axis=1, keepdims=True) for v in random.normal(size=(2, 6, 4)))
    batch = [Pair(f"a{at // 2}", f"b{at}", f"t{at}") for at in range(6)]
    may = negatives(batch)
    assert not may[0, 1] and may[0, 2] and (may == may.T).all()
    fast = info_nce(torch.tensor(a), torch.tensor(b), torch.tensor(may), 0.1)
    assert float(fast) == pytest.approx(reference.info_nce(a, b, may, 0.1))


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 4), min_size=2, max_size=20), st.integers(0, 99))
def test_ranks_are_those_of_the_slow_definition(threads: list[int], seed: int) -> None:
    vectors = np.random.default_rng(seed).normal(size=(len(threads), 3)).astype(np.float32)
    _, numbered = np.unique(threads, return_inverse=True)
    for query in range(len(threads)):
        fast = threadsearch._rank(vectors, numbered, query)
        assert fast == pytest.approx(reference.reciprocal_rank(vectors, list(map(str, threads)), query))


def test_only_what_surely_helps_is_accepted() -> None:
    random = np.random.default_rng(2)
    threads = [f"t{at % 60}" for at in range(300)]
    before = random.random(300)
    assert judge(before, before + 0.05 + 0.1 * random.normal(size=300), threads).accepted
    assert not judge(before, before + 0.1 * random.normal(size=300) - 0.02, threads).accepted
    assert not judge(before, before, threads).accepted
    assert not judge(before[:10], before[:10] + 1, [str(at) for at in range(10)]).accepted, (
        "too few threads to tell"
    )
