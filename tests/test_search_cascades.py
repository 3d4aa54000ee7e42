"""Cascades: targets hold on planted truth, cost falls where vectors tell something, nothing is claimed where not."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from search_helpers import HashEmbedder

from chorus import Capabilities, EvalError, Session
from chorus.kernels.retrieval.bounds import (
    misses_allowed,
    positives_needed,
    purity_threshold,
    recall_threshold,
)
from chorus.kernels.retrieval.cascade import Outcome, Steps, Target, classifying, filtering, ranking
from chorus.kernels.retrieval.guess import crossed

N = 12_000


def driven(steps: Steps, model: Callable[[np.ndarray], np.ndarray]) -> tuple[Outcome, int]:
    """What STEPS come to, and how many rows the MODEL judged."""
    calls = 0
    try:
        asked = next(steps)
        while True:
            calls += len(asked)
            asked = steps.send(model(asked).astype(float))
    except StopIteration as ended:
        return ended.value, calls


def planted(n: int, share: float, signal: float, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Truth bool[n]; signals f[n,2] and features f[n,12] that tell of it as SIGNAL says (0: nothing)."""
    rng = np.random.default_rng(seed)
    truth = rng.random(n) < share
    signals = rng.normal(size=(n, 2)) + signal * truth[:, None]
    features = rng.normal(size=(n, 12))
    features[:, 0] += signal * truth
    return truth, signals, features


def shares(kept: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    found = np.zeros(len(truth), dtype=bool)
    found[kept] = True
    return float((found & truth).sum() / truth.sum()), float((found & truth).sum() / max(1, found.sum()))


def tail(misses: int, positives: int, recall: float) -> float:
    """P(Binomial(POSITIVES, 1 − RECALL) ≤ MISSES)."""
    terms = range(misses + 1)
    return sum(math.comb(positives, i) * (1 - recall) ** i * recall ** (positives - i) for i in terms)


def test_the_bound_is_the_binomial_one() -> None:
    for positives in (20, 59, 93, 200):
        for recall in (0.8, 0.95):
            allowed = misses_allowed(positives, recall, 0.05)
            if allowed is None:
                assert tail(0, positives, recall) > 0.05
            else:
                assert tail(allowed, positives, recall) <= 0.05 < tail(allowed + 1, positives, recall)
    assert [positives_needed(0.95, 0.05, misses) for misses in (0, 1, 2)] == [59, 93, 124]


def test_thresholds_keep_their_word_as_often_as_they_say() -> None:
    """Over many draws from a known population the targets fail no more often than 5 % (here: 12 % with luck)."""
    rng = np.random.default_rng(0)
    truth, signals, _ = planted(20_000, 0.2, 1.5, 1)
    scores = signals.sum(1)
    failed = [0, 0]
    for _ in range(200):
        drawn = rng.choice(len(scores), 700, replace=False)
        low = recall_threshold(scores[drawn], truth[drawn], 0.9, 0.05)
        high = purity_threshold(scores[drawn], truth[drawn], 0.9, 0.05)
        failed[0] += (truth & (scores >= low)).sum() < 0.9 * truth.sum()
        failed[1] += math.isfinite(high) and truth[scores >= high].mean() < 0.9
    assert max(failed) <= 24
    assert failed[0] > 0  # a bound that never fails looks too far down


def test_a_sample_with_too_few_positives_claims_nothing() -> None:
    scores = np.arange(100.0)
    assert recall_threshold(scores, scores > 60, 0.95, 0.05) == -math.inf
    assert purity_threshold(scores, scores > 60, 0.95, 0.05) == math.inf


def test_where_vectors_tell_the_model_is_asked_for_a_tenth() -> None:
    def trial(seed: int) -> tuple[float, float, int]:
        truth, signals, features = planted(N, 0.25, 3, seed)
        steps = filtering(signals, features, Target(0.95, 0.95), seed)
        outcome, calls = driven(steps, lambda rows: truth[rows])
        return *shares(outcome.kept, truth), calls

    trials = [trial(seed) for seed in range(8)]
    assert sum(recall >= 0.95 for recall, _, _ in trials) >= 7
    assert sum(precision >= 0.95 for _, precision, _ in trials) >= 7
    assert sum(calls for *_, calls in trials) <= len(trials) * N / 10


def test_recall_alone_costs_the_sample_only() -> None:
    def trial(seed: int) -> tuple[float, int]:
        truth, signals, features = planted(N, 0.15, 1, seed)
        outcome, calls = driven(filtering(signals, features, Target(0.95, 0), seed), lambda rows: truth[rows])
        assert outcome.claims["precision-at-least"] == 0
        return shares(outcome.kept, truth)[0], calls

    trials = [trial(seed) for seed in range(10)]
    assert sum(recall >= 0.95 for recall, _ in trials) >= 9
    assert sum(calls for _, calls in trials) <= len(trials) * N / 10


def test_no_verdict_has_a_part_in_the_score_of_its_own_row() -> None:
    truth, _, features = planted(2000, 0.3, 3, 9)
    rows, prior = np.arange(0, 2000, 5), np.zeros(2000)
    scored = lambda labels: crossed(features, rows, labels, prior, np.random.default_rng(1))
    before = scored(truth[rows])
    for at in (0, 7, 200):
        turned = truth[rows].copy()
        turned[at] = not turned[at]
        after = scored(turned)
        assert after[rows[at]] == before[rows[at]]
        assert not np.array_equal(after, before)


def test_where_vectors_tell_nothing_nothing_is_saved() -> None:
    truth, signals, features = planted(3000, 0.1, 0, 1)
    for precision in (1.0, 0.9):
        outcome, calls = driven(
            filtering(signals, features, Target(0.95, precision)), lambda rows: truth[rows]
        )
        assert shares(outcome.kept, truth)[0] >= 0.95
        assert calls >= 0.93 * 3000


def test_verdicts_of_the_model_are_never_overruled() -> None:
    truth, signals, features = planted(N, 0.25, 3, 5)
    outcome, _ = driven(filtering(signals, features, Target(0.95, 0.9)), lambda rows: truth[rows])
    assert not (outcome.by_model[outcome.kept] & ~truth[outcome.kept]).any()
    assert truth[np.setdiff1d(np.flatnonzero(outcome.by_model & truth), outcome.kept)].sum() == 0


def test_a_budget_bounds_calls_and_what_is_claimed() -> None:
    truth, signals, features = planted(N, 0.2, 1, 2)
    for budget in (0, 50, 900, 3000):
        outcome, calls = driven(
            filtering(signals, features, Target(0.95, 1.0, budget=budget)), lambda rows: truth[rows]
        )
        assert calls <= budget
        assert not outcome.claims["within-budget"]
        assert outcome.claims["recall-at-least"] <= shares(outcome.kept, truth)[0] + 1e-4


def test_the_best_are_found_without_looking_at_all() -> None:
    rng = np.random.default_rng(4)
    worth = rng.normal(size=5000)
    signals = (worth + 0.2 * rng.normal(size=5000))[:, None]
    outcome, calls = driven(ranking(signals, 10, Target()), lambda rows: worth[rows])
    assert set(outcome.kept.tolist()) == set(np.argsort(-worth)[:10].tolist())
    assert calls < 500 and outcome.claims["unseen"] == 5000 - calls
    assert (worth[~outcome.by_model] > worth[outcome.kept].min()).mean() <= outcome.claims[
        "unseen-better-at-most"
    ]


@pytest.mark.parametrize(("signal", "most"), [(3.0, 0.35), (0.0, 1.0)])
def test_classes_are_as_the_model_gives_them(signal: float, most: float) -> None:
    rng = np.random.default_rng(6)
    truth = rng.integers(0, 3, 6000)
    features = rng.normal(size=(6000, 8))
    features[np.arange(6000), truth] += signal
    outcome, calls = driven(classifying(features[:, :3], features, Target(0.9)), lambda rows: truth[rows])
    assert (outcome.scores == truth).mean() >= 0.9
    assert calls <= most * 6000 and (signal > 0 or calls > 0.9 * 6000)


# In the language.


@pytest.fixture
def session(tmp_path: Path) -> Any:
    with Session(tmp_path / "workspace", allow=Capabilities.all()) as made:
        made.context.__dict__["embedder"] = HashEmbedder()
        made.eval("(define asked 0)")
        made.eval("(define (long? text question) (set! asked (+ asked 1)) (> (string-length text) 4))")
        made.eval(
            """(define notes (rows->table (map (lambda (n) (hash-table :id n :content (number->string (* n n n))))
                                               (iota 40))))"""
        )
        yield made


def test_a_filter_reports_its_work_and_remembers_it(session: Session) -> None:
    form = '(sem-filter notes "long" :model long?)'
    assert session.eval(f"(column {form} id)") == list(range(22, 40))
    assert session.eval("asked") == 40
    assert session.eval(f"(column {form} id)") == list(range(22, 40))
    assert session.eval("asked") == 40
    report = session.eval(f"(sem-report {form})")
    assert session.eval("(hash-ref report :calls)", report=report) == 0
    session.eval("(define narrower (where notes (< id 30)))")
    assert session.eval('(column (sem-filter narrower "long" :model long?) id)') == list(range(22, 30))
    assert session.eval("asked") == 40  # verdicts on the same texts
    session.eval('(sem-filter notes "other" :model long?)')
    assert session.eval("asked") == 80


def test_a_changed_corpus_is_judged_anew(session: Session) -> None:
    from search_helpers import message, put

    session.eval("(count (messages))")
    put(session.context, [message(1, "first text"), message(2, "x")])
    form = '(column (sem-filter (messages) "long" :model long?) id)'
    assert session.eval(form) == ["1"]
    put(session.context, [message(3, "second text")])
    assert session.eval(form) == ["1", "3"]
    assert session.eval("asked") == 3


def test_pairs(session: Session) -> None:
    form = """(table->rows (select (sem-join (limit notes 5) (limit notes 4) "equal"
                 :model (lambda (a b question) (string=? a b))) id id-right))"""
    assert [tuple(row) for row in session.eval(form)] == [(n, n) for n in range(4)]


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ('(sem-filter notes "x")', "model"),
        ('(sem-filter notes "x" :model long? :on \'words)', "unknown-column"),
        ('(sem-filter notes "x" :model long? :on \'id)', "table-type"),
        ('(sem-filter notes "x" :model long? :recall 1.5)', "range"),
        ('(sem-filter notes "x" :model (lambda (text question) "yes"))', "type"),
        ("(sem-classify notes '(a b) :model (lambda (text question) 'c))", "type"),
        ('(sem-top-k notes "x" 0 :model long?)', "range"),
        ("(sem-group notes 0)", "range"),
    ],
)
def test_wrong_arguments_are_errors(session: Session, form: str, code: str) -> None:
    with pytest.raises(EvalError) as caught:
        session.eval(form)
    assert caught.value.code == code


def test_calls_of_a_model_are_an_effect(tmp_path: Path) -> None:
    from chorus import CapabilityDenied

    with Session(tmp_path, allow=Capabilities.all().without("model")) as made:
        made.context.__dict__["embedder"] = HashEmbedder()
        with pytest.raises(CapabilityDenied):
            made.eval('(sem-filter (rows->table (list {:content "x"})) "y" :model (lambda (a b) #t))')


def test_a_cross_encoder_in_a_folder_is_a_model(session: Session, tmp_path: Path) -> None:
    folder = tiny_encoder(tmp_path / "tiny")
    session.eval("(define encoder (cross-encoder folder))", folder=str(folder))
    scores = session.eval('(column (rerank notes "27" :model encoder :limit 40) model-score)')
    assert len(scores) == 40 and scores == sorted(scores, reverse=True) and all(0 <= s <= 1 for s in scores)
    assert len(set(scores)) > 10
    again = session.eval('(%cross-scores encoder \'(("27" "27000") ("27" "1")))')
    assert list(again) == pytest.approx(
        list(session.eval('(%cross-scores encoder \'(("27" "27000") ("27" "1")))'))
    )


def tiny_encoder(folder: Path) -> Path:
    """A cross-encoder of a few random weights, as sentence-transformers saves one."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *"0123456789", *(f"##{digit}" for digit in range(10))]
    vocabulary = {name: at for at, name in enumerate(names)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    torch.manual_seed(0)
    config = BertConfig(vocab_size=len(names), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
                        intermediate_size=32, num_labels=1, initializer_range=1.0)  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(folder)
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]",
                            sep_token="[SEP]").save_pretrained(folder)  # fmt: skip
    return folder
