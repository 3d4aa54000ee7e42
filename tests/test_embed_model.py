"""Vectors are those of sentence-transformers, whichever encoder made them, in whatever batches."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus.runtime.devices import choose_device
from chorus.runtime.embed.batches import plan_batches
from chorus.runtime.embed.embedder import Embedder
from chorus.runtime.embed.folder import default_folder
from chorus.runtime.embed.precision import cpu_has_bf16
from chorus.runtime.errors import EvalError

TEXTS = [
    "How would they react to increased difficulty?",
    "lol",
    "",
    "   ",
    "😡😡 nerf the sniper NOW 😡",
    "你好，世界。ゲームは楽しい",
    "naïve café — Straße",
    "https://example.org/path?x=1 <@123456> `code`",
    "line one\n\nline two\ttabbed\x00nul",
    "a" * 300,
    "word " * 300,
    *(f"{n}: the matchmaking puts me against {n} players of another rank" for n in range(6)),
]


def alike(a: np.ndarray, b: np.ndarray) -> float:
    return float((a * b).sum(1).min())


# ── the default model ──


@pytest.fixture(scope="module")
def peer():
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(Embedder().folder), device="cpu")


@pytest.fixture(scope="module")
def default():
    made = Embedder()
    _ = made.encoder
    return made


def test_vectors_are_those_of_sentence_transformers(peer, default):
    expected = peer.encode(TEXTS, normalize_embeddings=True)
    made = default.encode(TEXTS)
    assert made.shape == (len(TEXTS), 384) and made.dtype == np.float32
    assert alike(made, expected) >= 0.9999
    assert alike(default._plain.run(default._plain.measure(TEXTS)[0]), expected) >= 0.9999


def test_other_texts_do_not_agree(default):
    """The control of the comparison above: it would notice vectors that are merely of the same model."""
    rows = default.encode(TEXTS)
    assert alike(rows[:-1], rows[1:]) < 0.5


def test_rows_are_of_unit_length_in_the_order_given(default):
    texts = ["short", "a much longer text about weapons and their damage", "short", "x" * 40]
    rows = default.encode(texts)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert np.array_equal(rows[0], rows[2])
    assert alike(rows, np.stack([default.encode([text])[0] for text in texts])) > 0.99999


def test_no_texts_give_no_rows(default):
    assert default.encode([]).shape == (0, 384)


def test_a_lone_surrogate_is_a_question_mark(default):
    assert np.allclose(default.encode(["a \ud800 b"]), default.encode(["a ? b"]), atol=1e-6)


def test_bf16_weights_stay_close(default):
    texts = TEXTS[:8]  # emulated here, and slow
    rough = Embedder(precision="bf16").encode(texts)
    assert alike(rough, default.encode(texts)) >= 0.9995


def test_a_first_vector_needs_no_torch():
    script = """if True:
        import sys
        from chorus.runtime.embed.embedder import Embedder
        made = Embedder()
        assert made.encode(["how is the matchmaking?"]).shape == (1, 384)
        assert "torch" not in sys.modules and "sentence_transformers" not in sys.modules
        made.encode(["many words"] + [f"{n} " * 300 for n in range(9)])
        assert "torch" in sys.modules and "sentence_transformers" not in sys.modules
    """
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


# ── batches ──


@given(st.lists(st.integers(0, 300), max_size=60), st.integers(1, 1000))
def test_batches_hold_each_text_once_and_keep_the_budget(lengths, budget):
    batches = plan_batches(lengths, budget)
    assert sorted(at for batch in batches for at in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(lengths[at] for at in batch) <= budget
    if lengths:
        padded = sum(len(batch) * max(lengths[at] for at in batch) for batch in batches)
        assert padded <= max(lengths) * len(lengths)


class Counting:
    """An encoder that notes what it was asked."""

    dimension, budget = 2, 8

    def __init__(self):
        self.ran = []

    def measure(self, texts):
        return list(texts), [len(text) for text in texts]

    def run(self, items):
        self.ran += items
        return np.ones((len(items), 2), np.float32)


def test_equal_texts_are_computed_once_and_a_check_can_stop(default):
    made = Embedder()
    counting = made.__dict__["encoder"] = Counting()
    assert made.encode(["aa", "bb", "aa", "aa"]).shape == (4, 2)
    assert sorted(counting.ran) == ["aa", "bb"]

    def stop():
        if len(counting.ran) > 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        made.encode([f"text {n}" for n in range(20)], stop)
    assert len(counting.ran) < 8


# ── other models ──


def make_model(folder: Path, pooling: str, layers: int = 2) -> Path:
    """A tiny random BERT with a vocabulary of letters, saved as sentence-transformers saves."""
    import torch
    from sentence_transformers import SentenceTransformer, models
    from transformers import BertConfig, BertModel, BertTokenizerFast

    torch.manual_seed(0)
    letters = [chr(c) for c in range(97, 123)]
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *("##" + c for c in letters)]
    source = folder.with_name(folder.name + "-source")
    source.mkdir(parents=True)
    (source / "vocab.txt").write_text("\n".join(vocabulary))
    BertTokenizerFast(vocab_file=str(source / "vocab.txt"), model_max_length=40).save_pretrained(source)
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=layers, num_attention_heads=4,
        intermediate_size=64, max_position_embeddings=48,
    )  # fmt: skip
    BertModel(config).save_pretrained(source)
    transformer = models.Transformer(str(source), max_seq_length=32)
    SentenceTransformer(modules=[transformer, models.Pooling(32, pooling_mode=pooling)], device="cpu").save(
        str(folder)
    )
    limits = folder / "sentence_bert_config.json"
    limits.write_text(json.dumps(json.loads(limits.read_text()) | {"max_seq_length": 32}))
    return folder


LETTERS = ["abc def", "z", "", "the quick brown fox " * 20, "xyz XYZ", "unknown 123 !"]


@pytest.mark.parametrize(("pooling", "ours"), [("mean", True), ("cls", True), ("max", False)])
def test_other_folders_give_their_own_vectors(tmp_path, pooling, ours):
    from sentence_transformers import SentenceTransformer

    folder = make_model(tmp_path / "tiny", pooling)
    made = Embedder(folder)
    assert type(made.encoder).__name__ == ("MiniLM" if ours else "SentenceModel")
    expected = SentenceTransformer(str(folder), device="cpu").encode(LETTERS, normalize_embeddings=True)
    assert made.dimension == 32
    assert alike(made.encode(LETTERS), expected) >= 0.9999


def test_a_model_is_named_by_its_content(tmp_path):
    folder = make_model(tmp_path / "tiny", "mean")
    name = Embedder(folder).model
    assert name.startswith("tiny@") and name == Embedder(folder).model
    weights = folder / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    assert Embedder(folder).model != name


def test_what_cannot_be_opened_is_a_typed_error(tmp_path):
    with pytest.raises(EvalError, match="no embedding model"):
        Embedder(tmp_path / "missing")
    (tmp_path / "pickled").mkdir()
    (tmp_path / "pickled" / "pytorch_model.bin").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    with pytest.raises(EvalError, match="only pickled weights"):
        Embedder(tmp_path / "pickled").encode(["x"])
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "model.safetensors").write_bytes(b"\x00" * 20)
    with pytest.raises(EvalError, match="could not be loaded") as caught:
        Embedder(tmp_path / "broken").encode(["x"])
    assert caught.value.code == "model"


def test_an_absent_device_is_named():
    with pytest.raises(EvalError, match="'abacus' is not here"):
        Embedder(device="abacus").encode(["x"])
    for absent in ("meta", "cuda:99", "cpu:x", ""):
        with pytest.raises(EvalError, match="is not here") as caught:
            choose_device(absent)
        assert caught.value.code == "device" and caught.value.hint.startswith("here are: ")
    assert choose_device("cpu") == "cpu" and choose_device() in ("cpu", "cuda", "mps")
    with pytest.raises(EvalError, match="unknown precision"):
        Embedder(precision="fp8").encode(["x"])


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("flags\t\t: fpu avx2 avx512_bf16 sse", True),
        ("flags\t\t: fpu amx_bf16", True),
        ("Features\t: fp asimd bf16", True),
        ("flags\t\t: fpu avx2", False),
        ("model name\t: amx_bf16", False),
    ],
)
def test_bf16_is_read_off_the_cpu(tmp_path, line, expected):
    (tmp_path / "cpuinfo").write_text(f"processor\t: 0\n{line}\n")
    assert cpu_has_bf16(tmp_path / "cpuinfo") is expected


def test_sessions_share_a_model_until_its_files_change(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(default_folder(), tmp_path / "model"))
    first = Embedder.from_options({"embedding-model": str(folder)})
    assert Embedder.from_options({"embedding-model": str(folder)}) is first
    assert Embedder.from_options({"embedding-model": str(folder), "precision": "fp32"}) is not first
    os.utime(folder / "model.safetensors", ns=(1, 1))
    assert Embedder.from_options({"embedding-model": str(folder)}) is not first


def test_constant_vectors_are_those_of_encode_and_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    texts = ["the gate is shut", "open the gate"]
    made = Embedder().constant(texts)
    assert np.allclose(made, Embedder().encode(texts), atol=1e-6)
    monkeypatch.setattr(Embedder, "encode", lambda self, texts: pytest.fail("they were to be kept"))
    assert np.array_equal(Embedder().constant(texts), made)


def test_plain_vectors_do_not_depend_on_what_they_are_made_with() -> None:
    encode = Embedder()._plain
    items, _ = encode.measure(["a word", "another word", "the longest of them all", "short"])
    together = encode.run(items)
    assert np.allclose(together, np.concatenate([encode.run([item]) for item in items]), atol=1e-6)
