"""Heads that tune their encoder: planted truth that neither words nor the encoder as it is tell, and its control."""

from __future__ import annotations

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from voice_helpers import tiny_encoder  # noqa: E402

from chorus.kernels.heads import features, tuned  # noqa: E402
from chorus.kernels.heads.linear import fit_ridge, ridge_margins  # noqa: E402
from chorus.kernels.heads.tokens import Tokens, tokens_of  # noqa: E402
from chorus.kernels.heads.train import margins_of  # noqa: E402
from chorus.runtime.embed.embedder import Embedder  # noqa: E402
from chorus.runtime.errors import EvalError  # noqa: E402

N, TAUGHT = 600, 450


def planted() -> tuple[list[str], np.ndarray]:
    """Texts that begin and end with one of two words: whether both are of a kind is their label, bool[n, 2].

    Either word alone tells nothing, and no n-gram reaches from one to the other.
    """
    random = np.random.default_rng(0)
    ends, fill = random.integers(0, 2, (N, 2)), random.integers(0, 6, (N, 5))
    texts = [
        f"a{a} {' '.join(f'w{w}' for w in words)} z{z}" for (a, z), words in zip(ends, fill, strict=True)
    ]
    return texts, (ends[:, 0] == ends[:, 1])[:, None] == np.array([False, True])


@pytest.fixture(scope="module")
def embedder(tmp_path_factory: pytest.TempPathFactory) -> Embedder:
    folder = tiny_encoder(tmp_path_factory.mktemp("encoder"), planted()[0])
    modules = [{"type": f"sentence_transformers.models.{name}"} for name in ("Transformer", "Pooling")]
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 32}))
    return Embedder(folder, "cpu", "fp32")


@pytest.fixture(scope="module")
def tokens(embedder: Embedder) -> Tokens:
    return tokens_of(embedder, planted()[0])


def right(margins: np.ndarray, truth: np.ndarray) -> float:
    return float((margins.argmax(1) == truth.argmax(1)).mean())


def taught(tokens: Tokens, truth: np.ndarray, seed: int = 0) -> features.Arrays:
    return tuned.fit_encoder(tokens.take(np.arange(TAUGHT)), truth[:TAUGHT], seed)


def test_layers_that_nobody_tuned_give_the_encoders_vectors(embedder: Embedder, tokens: Tokens) -> None:
    texts = planted()[0][:9]
    with torch.inference_mode():
        mean = tokens.upper()(*tokens.batch(range(9)))[:, :32].numpy()
    expected = embedder.encode(texts)
    np.testing.assert_allclose(mean / np.linalg.norm(mean, axis=1, keepdims=True), expected, atol=2e-3)


def test_what_only_a_tuned_encoder_can_tell_is_found(
    embedder: Embedder, tokens: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tuned, "PASSES", 40)
    texts, truth = planted()
    inside, outside = np.arange(TAUGHT), np.arange(TAUGHT, N)
    seen = features.read(texts, embedder.encode, False, tokens)
    words = margins_of(seen, truth, inside, outside, "paired", 0, 0.3)
    frozen = fit_ridge(seen.take(inside), {}, truth[inside], 0, 3.0)
    as_it_is = ridge_margins(seen.take(outside), {}, frozen)
    found = tuned.encoder_margins(tokens.take(outside), taught(tokens, truth))
    told = [right(margins, truth[outside]) for margins in (words, as_it_is, found)]
    assert max(told[:2]) < 0.75 and told[2] > 0.9, told


def test_labels_that_were_shuffled_teach_nothing(tokens: Tokens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuned, "PASSES", 40)
    truth = planted()[1]
    shuffled = truth[np.random.default_rng(1).permutation(N)]
    outside = np.arange(TAUGHT, N)
    found = tuned.encoder_margins(tokens.take(outside), taught(tokens, shuffled))
    assert right(found, truth[outside]) < 0.65


def test_the_same_seed_gives_the_same_head_and_its_arrays_the_same_adapter(tokens: Tokens) -> None:
    truth = planted()[1]
    made, again, other = (taught(tokens, truth, seed) for seed in (3, 3, 4))
    assert all(np.array_equal(made[name], again[name]) for name in made)
    assert any(not np.array_equal(made[name], other[name]) for name in made)
    assert tuned.arrays_of(tuned.adapter_of(made)).keys() | set(tuned.OWN) == made.keys()


def test_training_can_be_stopped(tokens: Tokens) -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    stopped = Tokens(tokens.states, tokens.starts, tokens.lengths, tokens.upper, stop)
    with pytest.raises(KeyboardInterrupt):
        taught(stopped, planted()[1])


def test_batches_hold_each_text_once_and_texts_of_like_length(tokens: Tokens) -> None:
    lengths = np.random.default_rng(0).integers(1, 60, N)
    mixed = Tokens(tokens.states, tokens.starts, lengths, tokens.upper, tokens.tick)
    batches = mixed.shuffled(16, np.random.default_rng(0))
    assert sorted(np.concatenate(batches)) == list(range(N))
    assert np.mean([np.ptp(lengths[batch]) for batch in batches]) < 8


def test_an_encoder_that_cannot_be_tuned_is_refused_with_a_hint() -> None:
    class Other:
        encoder, model = object(), "other"

    with pytest.raises(EvalError, match="cannot look into") as caught:
        tokens_of(Other(), ["a"])
    assert caught.value.hint
