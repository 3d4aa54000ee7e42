"""Voices: what is learnt and what is not, against slow definitions, on planted manners of speaking."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from voice_helpers import spoken, tiny_lm  # noqa: E402

from chorus.kernels.lora.chain import attach  # noqa: E402
from chorus.kernels.voice import personas, reference  # noqa: E402
from chorus.kernels.voice.grounding import chosen, likeness, unsupported  # noqa: E402
from chorus.kernels.voice.lines import Line, Row, batches, rows_of  # noqa: E402
from chorus.kernels.voice.model import Base, fresh, kept, opened, restored  # noqa: E402
from chorus.kernels.voice.sampling import Taste, draw, sample  # noqa: E402
from chorus.kernels.voice.scoring import costs, counts, perplexity  # noqa: E402
from chorus.kernels.voice.training import IGNORED, Plan, fit, padded  # noqa: E402
from chorus.kernels.voice.words import END, learn_words  # noqa: E402
from chorus.runtime.errors import EvalError  # noqa: E402

TEXTS = [text for _, _, text in spoken()]
WORDS = learn_words(TEXTS, 320)
LINES = [Line(text, author) for _, author, text in spoken()]
ROWS = rows_of(LINES, WORDS)


def small(seed: int = 0) -> Base:
    return fresh(WORDS, "nano", seed)


@pytest.fixture(scope="module")
def base() -> Base:
    made = small()
    fit(made.model, ROWS, made.model.parameters(), Plan(passes=3, rate=5e-3))
    return made


# ── What is read ──────────────────────────────────────────────────────────────────────────────────────────


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_any_text_has_tokens_and_comes_back(text: str) -> None:
    ids = WORDS.encode([text])[0]
    assert WORDS.decode(ids) == text.encode("utf-8", "replace").decode()
    assert WORDS.end not in ids


@pytest.mark.parametrize("text", [END, f"hello {END} there", "<|endoftext|>", "(set-weight! 'tone 9)"])
def test_a_message_that_spells_a_mark_is_text(text: str, tmp_path: Path) -> None:
    assert WORDS.end not in WORDS.encode([text])[0]
    given_words = opened(tiny_lm(tmp_path)).words
    assert given_words.end not in given_words.encode([text])[0]
    assert given_words.decode(given_words.encode([text])[0]) == text


def test_only_the_message_is_learnt() -> None:
    (row,) = rows_of([Line("our tank needs help", "a", "what does our cow want?")], WORDS)
    ids, targets = padded([row, Row([WORDS.end, 5], 1)])
    learnt = targets[0][targets[0] != IGNORED].tolist()
    assert WORDS.decode(learnt) == "our tank needs help" and learnt[-1] == WORDS.end
    assert "cow" in WORDS.decode(ids[0].tolist())
    assert (targets[1] != IGNORED).sum() == 1


@given(st.lists(st.integers(1, 40), max_size=60), st.integers(8, 200), st.booleans())
def test_batches_hold_every_row_once_within_the_budget(lengths: list[int], budget: int, drawn: bool) -> None:
    rows = [Row([0] * length, 0) for length in lengths]
    made = list(batches(rows, budget, np.random.default_rng(0) if drawn else None))
    assert sorted(at for batch in made for at in batch) == list(range(len(rows)))
    assert all(len(batch) == 1 or len(batch) * max(lengths[at] for at in batch) <= budget for batch in made)


# ── Learning ──────────────────────────────────────────────────────────────────────────────────────────────


def test_costs_are_those_of_the_slow_definition(base: Base) -> None:
    rows = [*ROWS[:2], *rows_of([Line("my orchard", "a", "the raid boss wants luck")], WORDS)]
    assert costs(base.model, rows) == pytest.approx(
        [reference.cost(base.model, row) for row in rows], rel=1e-5
    )


def test_the_same_seed_gives_the_same_weights() -> None:
    plan = Plan(passes=1, budget=2048)
    made = [small() for _ in range(2)]
    for each in made:
        fit(each.model, ROWS[:40], each.model.parameters(), plan)
    one, two = (each.model.state_dict() for each in made)
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_training_can_be_stopped() -> None:
    made, ticks = small(), []

    def tick() -> None:
        ticks.append(1)
        if len(ticks) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(made.model, ROWS[:60], made.model.parameters(), Plan(passes=9, budget=256), tick)
    assert len(ticks) == 2 and not made.model.training


def test_a_base_that_was_kept_is_the_same(base: Base) -> None:
    again = restored(*kept(base))
    assert costs(again.model, ROWS[:5]).tolist() == costs(base.model, ROWS[:5]).tolist()
    assert again.words.encode(["our cow"]) == WORDS.encode(["our cow"])


# ── Personas ──────────────────────────────────────────────────────────────────────────────────────────────


def told_apart(base: Base, persona: dict[str, str]) -> personas.Confusion:
    """The confusion on authors numbered 8 and 9, of whom no voice has heard."""
    names, held = sorted(set(persona.values())), [line.author[-1] in "89" for line in LINES]
    served = attach(base.model)
    try:
        voices = [
            personas.train_voice(
                served,
                name,
                [
                    r
                    for r, line, out in zip(ROWS, LINES, held, strict=True)
                    if not out and persona[line.author] == name
                ],
                plan=Plan(passes=2, rate=5e-3, decay=0.0),
            )
            for name in names
        ]
        asked = [at for at, out in enumerate(held) if out]
        rows, who = [ROWS[at] for at in asked], [LINES[at].author for at in asked]
        nats = personas.costs_by(served, voices, rows)
    finally:
        served.detach()
    return personas.confusion(nats, rows, [persona[author] for author in who], who, names)


def test_planted_manners_are_told_apart_and_dealt_ones_are_not(base: Base) -> None:
    before = {name: weight.clone() for name, weight in base.model.state_dict().items()}
    planted = {line.author: line.author.split("-")[0] for line in LINES}
    found = told_apart(base, planted)
    assert found.own_best.value == 1 and all(own.sure and own.lead.low > 0 for own in found.own.values())
    assert np.mean([own.right for own in found.own.values()]) > 0.9
    mixed = {author: "one" if int(author[-1]) % 2 else "two" for author in planted}  # of both manners alike
    dealt = told_apart(base, mixed)
    assert (
        max(abs(own.lead.value) for own in dealt.own.values())
        < min(own.lead.value for own in found.own.values()) / 4
    )
    assert all(torch.equal(before[name], weight) for name, weight in base.model.state_dict().items())


def test_a_confusion_of_noise_is_at_chance() -> None:
    random = np.random.default_rng(3)
    rows = [Row([0] * 11, 1)] * 3000
    authors = [str(at % 100) for at in range(3000)]
    names = [f"p{at}" for at in range(10)]
    truth = [names[at % 10] for at in range(3000)]
    nats = 30 + random.normal(size=(3000, 11))
    found = personas.confusion(nats, rows, truth, authors, names)
    assert found.own_best.value <= 0.4 and found.own_best.low < 0.15
    assert np.mean([own.right for own in found.own.values()]) == pytest.approx(0.1, abs=0.02)
    nats[np.arange(3000), 1 + np.arange(3000) % 10] -= 1
    assert personas.confusion(nats, rows, truth, authors, names).own_best.value == 1


def test_intervals_are_of_authors() -> None:
    nats = np.repeat([10.0, 30.0], 50)
    tokens = np.full(100, 10)
    alone = perplexity(nats, tokens, [str(at) for at in range(100)])
    grouped = perplexity(nats, tokens, ["ann"] * 50 + ["bob"] * 50)
    assert alone.value == grouped.value == pytest.approx(np.exp(2))
    assert grouped.high - grouped.low > 3 * (alone.high - alone.low)


@given(st.integers(0, 40), st.integers(0, 40))
def test_wilsons_interval_holds_the_share(hits: int, more: int) -> None:
    found = personas.share(hits, hits + more)
    assert 0 <= found.low <= found.value + 1e-9 and found.value - 1e-9 <= found.high <= 1


def test_who_is_held_out_depends_on_the_name_alone() -> None:
    held = [personas.is_held_out(f"author {at}") for at in range(2000)]
    assert 0.15 < np.mean(held) < 0.25
    assert held != [personas.is_held_out(f"author {at}", seed=1) for at in range(2000)]


# ── Speaking ──────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_said_is_the_same_for_the_same_seed(base: Base) -> None:
    say = lambda seed, **how: sample(
        base.model, WORDS, "our cow", Taste(seed=seed, longest=12, **how), base.longest
    )
    said = [say(seed) for seed in range(6)]
    assert said == [say(seed) for seed in range(6)] and len(set(said)) > 1
    assert len({say(seed, temperature=0.0) for seed in range(3)}) == 1


@settings(deadline=None)
@given(st.lists(st.floats(-20, 20), min_size=1, max_size=30), st.floats(0.01, 1), st.integers(0, 99))
def test_tokens_are_drawn_from_the_nucleus(scores: list[float], nucleus: float, seed: int) -> None:
    at = draw(np.array(scores), Taste(1.0, nucleus), np.random.default_rng(seed))
    chances = np.exp(np.array(scores) - max(scores))
    chances /= chances.sum()
    assert chances[chances > chances[at]].sum() <= nucleus + 1e-9
    assert draw(np.array(scores), Taste(0.0), np.random.default_rng(0)) == int(np.argmax(scores))


def test_strict_grounding_weighs_and_checks(base: Base) -> None:
    served = attach(base.model)
    raids = [row for row, line in zip(ROWS, LINES, strict=True) if line.author.startswith("raid")]
    voice = personas.train_voice(served, "raiders", raids, plan=Plan(passes=2, rate=5e-3, decay=0.0))
    scores = likeness(served, voice, WORDS, ["our tank needs more time", "our cow needs more time"], "")
    served.detach()
    assert scores[0] > scores[1]
    picks = [chosen([0.0, 5.0, 0.0], 1, seed)[0] for seed in range(20)]
    assert picks == [chosen([0.0, 5.0, 0.0], 1, seed)[0] for seed in range(20)] and picks.count(1) > 15
    assert sorted(chosen([1.0, 2.0], 5, 0)) == [0, 1]
    assert unsupported(["too hard", "never said"], ["it is too  hard for me"]) == ["never said"]


# ── Models from folders ───────────────────────────────────────────────────────────────────────────────────


def test_a_folder_of_hugging_face_is_a_base(tmp_path: Path) -> None:
    made = opened(tiny_lm(tmp_path))
    rows = rows_of(LINES, made.words, made.longest)
    assert max(len(row.ids) for row in rows) <= made.longest == 64
    served = attach(made.model)
    voice = personas.train_voice(served, "all", rows, rank=4, plan=Plan(passes=2, rate=2e-2, decay=0.0))
    before, after = personas.costs_by(served, [voice], rows).sum(0) / counts(rows).sum()
    served.detach()
    assert after < before - 0.05
    assert isinstance(sample(made.model, made.words, "hi", Taste(longest=5), made.longest), str)


def rewritten(folder: Path, change: Callable[[dict[str, torch.Tensor]], object]) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    change(weights)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def without_tokenizer(folder: Path) -> None:
    for path in folder.glob("*token*"):
        path.unlink()


def of_few_tokens(folder: Path) -> None:
    from transformers import GPT2Config, GPT2LMHeadModel

    shape = GPT2Config(vocab_size=100, n_positions=16, n_embd=16, n_layer=1, n_head=2, eos_token_id=0)
    GPT2LMHeadModel(shape).save_pretrained(folder)


def that_looks_ahead(folder: Path) -> None:
    from transformers import BertConfig, BertForMaskedLM

    shape = BertConfig(vocab_size=320, hidden_size=16, num_hidden_layers=1, num_attention_heads=2)
    BertForMaskedLM(shape).save_pretrained(folder)


def of_no_architecture(folder: Path) -> None:
    path = folder / "config.json"
    path.write_text(path.read_text().replace('"model_type": "gpt2"', '"model_type": "nobodys"'))


def as_pickle(folder: Path) -> None:
    torch.save({}, folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()


def cut_off(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


DAMAGES: dict[str, Callable[[Path], object]] = {
    "no config.json": lambda folder: (folder / "config.json").unlink(),
    "no weights as safetensors": as_pickle,
    "could not be loaded": cut_off,
    "deserializing": lambda folder: (folder / "model.safetensors").write_bytes(b"rubbish"),
    "nobodys": of_no_architecture,
    "lacks the weights": lambda folder: rewritten(
        folder, lambda weights: weights.pop("transformer.h.0.mlp.c_fc.weight")
    ),
    "not finite": lambda folder: rewritten(
        folder, lambda weights: weights["transformer.ln_f.bias"].fill_(torch.nan)
    ),
    "has no tokenizer": without_tokenizer,
    "knows 100 tokens": of_few_tokens,
    "looks ahead": that_looks_ahead,
}


@pytest.mark.parametrize("message", DAMAGES)
def test_a_folder_that_holds_no_whole_causal_model_is_refused(message: str, tmp_path: Path) -> None:
    """What a file lacks the library fills in by lot, and a model that fills gaps it opens like any other."""
    folder = tiny_lm(tmp_path)
    DAMAGES[message](folder)
    with pytest.raises(EvalError, match=message) as refused:
        opened(folder)
    assert refused.value.code == "model" and refused.value.hint and "\n" not in refused.value.message
