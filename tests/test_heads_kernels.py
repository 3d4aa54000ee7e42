"""Classifier heads against their definitions, on planted truth, and on labels that mean nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus.kernels.heads import (
    calibrate,
    features,
    kinds,
    linear,
    measures,
    middle,
    networks,
    ngrams,
    ratios,
    reference,
)
from chorus.kernels.heads.beside import beside, verdict
from chorus.kernels.heads.train import FOLDS, TooLittle, folds, train

SLOW = ("mlp", "fused", "narrow", "fourier", "by-lot")
ALL = pytest.mark.parametrize(
    "kind",
    [pytest.param(kind, marks=[pytest.mark.slow] * (kind in SLOW)) for kind in kinds.KINDS],
)
DIMS = 12
WORDS = (
    "patch sword queue server boss skin raid bow map lag shop guild".split(),
    "ok so then we and it was now".split(),
)


def planted(n: int, seed: int, strength: float = 2.0, flip: float = 0.0) -> tuple[features.Texts, np.ndarray]:
    """Texts of two labels: a word each text of a label is likelier to have, and a direction of its vector.

    FLIP of the labels are wrong, so no head can be right more often than 1 - FLIP.
    """
    rng = np.random.default_rng(seed)
    label = np.arange(n) % 2
    told = np.where(rng.random(n) < 0.75, label, 1 - label)
    texts = [
        " ".join([*rng.choice(WORDS[0], 3), *rng.choice(WORDS[1], 4), ("splendid", "dreadful")[t]])
        for t in told
    ]
    vectors = rng.standard_normal((n, DIMS))
    vectors[:, 0] += strength * (label - 0.5)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    given = lambda _: vectors.astype(np.float32)
    made = features.read(texts, given, middle=given)
    said = np.where(rng.random(n) < flip, 1 - label, label)
    return made, said[:, None] == np.arange(2)


# ── Definitions ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("block", list(ngrams.BLOCKS))
def test_weights_of_ngrams_are_their_definition(block):
    texts = ["the boss is hard", "the boss is easy!", "a queue, a long queue", "easy queue"]
    counts = ngrams.count(texts, ngrams.BLOCKS[block])
    made = ngrams.weigh(counts, *ngrams.learn(counts), weight=1.0).toarray()
    bags = [dict(zip(map(str, row.indices), row.data, strict=True)) for row in counts]
    kept = [str(column) for column in ngrams.learn(counts)[0]]
    expected = [[row.get(column, 0.0) for column in kept] for row in reference.weigh(bags)]
    np.testing.assert_allclose(made, expected, atol=1e-6)


def test_ratios_of_ngrams_are_their_definition():
    texts, wanted = ["good good boss", "good raid", "bad boss", "bad bad lag"], [True, True, False, False]
    counts = ngrams.count(texts, ngrams.BLOCKS["words"])
    kept = ngrams.learn(counts)[0]
    found = ratios.ratios(counts[:, kept], np.array(wanted)) - ratios.LEAST
    bags = [
        {str(c): int(n) for c, n in zip(row.indices, row.data, strict=True) if c in kept} for row in counts
    ]
    expected = reference.ratios(bags, wanted)
    np.testing.assert_allclose(found, [expected[str(c)] for c in kept], atol=1e-6)


def test_of_two_labels_the_second_is_the_first_the_other_way_round():
    texts, truth = planted(60, 6)
    made = linear.fit_linear(texts, features.fit(texts), truth, 0, 0.3)
    np.testing.assert_array_equal(made["weights"][1], -made["weights"][0])
    several = np.stack([truth[:, 1], np.ones(60, bool)], axis=1)
    apart = linear.fit_linear(texts, features.fit(texts), several, 0, 0.3)
    assert apart["bias"][1] == 1 and not apart["weights"][1].any()


def test_pooling_is_its_definition():
    rng = np.random.default_rng(0)
    lengths = np.array([3, 1, 2])
    rows = rng.standard_normal((6, 5))
    texts = np.split(rows, np.cumsum(lengths)[:-1])
    expected = reference.pool([list(each) for each in texts])
    np.testing.assert_allclose(features.pool(rows, lengths), expected, atol=1e-6)


def test_of_a_long_text_beginning_and_end_are_embedded():
    seen: list[str] = []
    text = "a" * 250 + "m" * 500 + "z" * 100
    features.read([text, "b" * 300], lambda given: (seen.extend(given), np.zeros((len(given), 2)))[1], False)
    assert seen == ["a" * 200 + " … " + "z" * 100, "b" * 300]


def test_ridge_is_its_definition():
    texts, truth = planted(60, 1)
    made = features.fit(texts)
    fitted = linear.fit_ridge(texts, made, truth, 0, 0.5)
    x = features.dense(texts).astype(float)
    weights, bias = reference.ridge(x, np.where(truth, 1.0, -1.0), 1 / 0.5)
    np.testing.assert_allclose(fitted["weights"], weights.T, atol=1e-4)
    np.testing.assert_allclose(fitted["bias"], bias, atol=1e-4)


def test_a_head_of_means_is_the_ridge_of_its_definition_on_coordinates_of_spread_1():
    texts, truth = planted(60, 1)
    x = middle.means(texts)
    fitted = middle.fit_means(x, truth)
    spread = x.std(0)
    weights, bias = reference.ridge(
        (x - x.mean(0)) / spread, np.where(truth, 1.0, -1.0), middle.PENALTY * len(x)
    )
    np.testing.assert_allclose(fitted["middle.weights"] * spread, weights.T, atol=1e-4)
    expected = bias - (x.mean(0) / spread) @ weights
    np.testing.assert_allclose(fitted["middle.bias"], expected, atol=1e-4)


def test_margins_of_the_mlp_are_their_definition():
    texts, truth = planted(60, 2)
    made = features.fit(texts)
    made |= networks.fit_mlp(texts, made, truth, 0, 1.0)
    names = ("weights1", "bias1", "weights2", "bias2")
    expected = reference.mlp_margins(networks.SCALE * features.dense(texts), *(made[name] for name in names))
    np.testing.assert_allclose(networks.mlp_margins(texts, made, made), expected, atol=1e-5)


def test_logistic_regression_leaves_no_slope():
    """At the fitted weights the gradient of its loss is gone: C·Σ(p - y)x + w = 0, and the bias' without a penalty."""
    texts, truth = planted(80, 3)
    made = linear.fit_logistic(texts, features.fit(texts), truth, 0, 3.0)
    x = features.dense(texts).astype(float)
    p = 1 / (1 + np.exp(-(x @ made["weights"].T + made["bias"])))
    np.testing.assert_allclose(3.0 * x.T @ (p - truth) + made["weights"].T, 0, atol=0.02)
    np.testing.assert_allclose((p - truth).sum(0), 0, atol=0.02)


@pytest.mark.slow
def test_the_control_is_the_fourier_head_on_vectors_in_another_order():
    texts, truth = planted(80, 4)
    order = np.random.default_rng(7).permutation(DIMS)
    by_lot = networks.fit_by_lot(texts, {}, truth, 7, 1.0)
    other = features.Texts(texts.counts, texts.vectors[:, order], texts.long)
    own = networks.fit_fourier(other, {}, truth, 7, 1.0)
    np.testing.assert_array_equal(by_lot["order"], order)
    expected = networks.fourier_margins(other, {}, own)
    np.testing.assert_allclose(networks.fourier_margins(texts, {}, by_lot), expected, atol=1e-5)


def test_the_narrow_perceptron_has_as_many_parameters_as_the_fourier_head():
    texts, truth = planted(60, 5)
    narrow, fourier = (kinds.KINDS[kind].fit(texts, {}, truth, 0, 1.0) for kind in ("narrow", "fourier"))
    count = lambda arrays, but=(): sum(a.size for name, a in arrays.items() if name not in but)
    assert 0.9 < count(narrow) / count(fourier, ("order", "centre", "spread")) <= 1


@pytest.mark.slow
def test_an_order_that_is_real_helps_the_fourier_head_and_the_verdict_says_so(monkeypatch):
    """Waves of random phase: their frequency is the label, so no weighing of places can tell them."""
    monkeypatch.setattr("chorus.kernels.heads.beside.PLAIN", ("logistic",))
    monkeypatch.setattr("chorus.kernels.heads.beside.SIDE", ("logistic", "fourier", "by-lot"))
    rng = np.random.default_rng(0)
    n, d = 900, 64
    label = np.arange(n) % 2
    place = np.arange(d) / d
    waves = np.sin(2 * np.pi * (np.where(label, 9, 5)[:, None] * place + rng.random((n, 1))))
    waves += 1.2 * rng.standard_normal((n, d))
    waves /= np.linalg.norm(waves, axis=1, keepdims=True)
    texts = features.read(["x"] * n, lambda _: waves.astype(np.float32))
    made = beside(texts, label[:, None] == np.arange(2), ["a", "b"])
    assert made.figures["logistic"]["accuracy"].high < 0.6 < made.figures["fourier"]["accuracy"].low
    assert made.order.low > 0
    assert "own order helps" in made.verdict


@pytest.mark.slow
def test_without_an_order_the_control_does_as_well_and_a_plain_head_is_advised():
    made = beside(*planted(300, 6), ["a", "b"])
    assert made.order.low <= 0
    assert f"use {made.best}" in made.verdict


@pytest.mark.slow
def test_heads_of_several_labels_are_compared_by_macro_f1(monkeypatch):
    monkeypatch.setattr("chorus.kernels.heads.beside.PLAIN", ("ridge",))
    monkeypatch.setattr("chorus.kernels.heads.beside.SIDE", ("ridge", "fourier", "by-lot"))
    texts, truth = planted(80, 9, strength=4.0)
    made = beside(texts, np.stack([truth[:, 1], truth[:, 0]], axis=1), ["sore", "glad"], several=True)
    assert made.best == "ridge" and "macro-F1" in made.verdict
    assert made.figures["ridge"]["macro-f1"].value > 0.7


@pytest.mark.parametrize(
    ("gain", "order", "said"),
    [
        ((0.1, 0.05, 0.2), (0.1, 0.05, 0.2), "beats mlp (+0.100 accuracy"),
        ((0.1, 0.05, 0.2), (0.0, -0.1, 0.1), "drawn by lot do as well"),
        ((-0.1, -0.2, -0.05), (0.0, -0.1, 0.1), "loses to mlp"),
        ((0.0, -0.2, 0.1), (-0.1, -0.2, -0.05), "no better than mlp"),
    ],
)
def test_a_verdict_says_what_the_intervals_say(gain, order, said):
    made = verdict("mlp", measures.Figure(*gain), measures.Figure(*order), "accuracy")
    assert said in made
    assert made.endswith("use it." if gain[1] > 0 and order[1] > 0 else "use mlp, and operators along time.")


def test_intervals_of_groups_are_wider_than_of_rows_that_agree_within_them():
    right = np.repeat(np.random.default_rng(0).random(20) < 0.8, 50)
    rows, groups = (measures.Drawn(1000, g).share(right) for g in (None, np.repeat(np.arange(20), 50)))
    assert rows.value == groups.value
    assert groups.high - groups.low > 3 * (rows.high - rows.low)


truths = st.lists(
    st.tuples(st.booleans(), st.booleans(), st.booleans(), st.booleans()), min_size=1, max_size=12
)


@given(truths)
def test_macro_f1_is_its_definition(rows):
    truth, said = [list(row[:2]) for row in rows], [list(row[2:]) for row in rows]
    expected = reference.macro_f1(truth, said)
    assert measures.macro_f1(np.array(truth), np.array(said)) == pytest.approx(expected)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 4)), min_size=2, max_size=15))
def test_area_under_the_curve_is_its_definition(rows):
    truth, score = [t for t, _ in rows], [float(s) for _, s in rows]
    expected = reference.area(truth, score) if any(truth) and not all(truth) else 0.5
    assert measures.area(np.array(truth), np.array(score)) == pytest.approx(expected)


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=20, max_size=60))
def test_the_surest_threshold_is_its_definition(rows):
    confidence, right = [c / 10 for c, _ in rows], [r for _, r in rows]
    expected = reference.surest(confidence, right, 0.6, calibrate.FEWEST)
    assert calibrate.surest(np.array(confidence), np.array(right), 0.6) == expected


def test_wilsons_interval_holds_the_share_that_it_should():
    rng = np.random.default_rng(3)
    held = [
        figure.low <= 0.8 <= figure.high
        for figure in (measures.proportion(n, 50) for n in rng.binomial(50, 0.8, 600))
    ]
    assert 0.92 <= np.mean(held) <= 0.98


# ── Planted truth ───────────────────────────────────────────────────────────────────────────────────────────


@ALL
def test_what_was_planted_is_found_and_the_figures_held_out_are_true(kind):
    head = train(*planted(500, 4), ["glad", "sore"], kind=kind)
    assert head.figures["better-than-chance"]
    fresh, truth = planted(2000, 5)
    p = head.probabilities(fresh)
    share = float((p.argmax(1) == truth.argmax(1)).mean())
    accuracy = head.figures["accuracy"]
    assert accuracy.low - 0.02 <= share <= accuracy.high + 0.02
    assert abs(p.max(1).mean() - share) < 0.05, "confidence is no probability"
    assert measures.area(truth[:, 1], p[:, 1]) > 0.7


def test_words_and_vectors_together_beat_vectors_alone():
    texts, truth = planted(700, 6, strength=0.7)
    scores = {
        kind: train(texts, truth, ["a", "b"], kind=kind).figures["accuracy"] for kind in ("linear", "ridge")
    }
    assert scores["linear"].low > scores["ridge"].value


def test_the_head_is_right_as_often_as_promised_where_it_is_sure():
    head = train(*planted(800, 7, strength=4.0, flip=0.05), ["a", "b"])
    fresh, truth = planted(3000, 8, strength=4.0, flip=0.05)
    p = head.probabilities(fresh)
    sure = p.max(1) >= head.thresholds[0]
    assert sure.mean() > 0.2
    assert (p.argmax(1) == truth.argmax(1))[sure].mean() > 0.87


def test_several_labels_of_one_text_are_told_apart():
    one, truth = planted(400, 9, strength=4.0)
    rare = np.random.default_rng(0).random(400) < 0.2
    words = features.read(["refund" if r else "fine" for r in rare], None)
    both = features.Texts(
        {name: one.counts[name] + words.counts[name] for name in one.counts}, one.vectors, one.long
    )
    head = train(both, np.stack([truth[:, 1], rare], axis=1), ["sore", "price"], several=True)
    assert head.figures["macro-f1"].low > 0.8
    assert ((head.probabilities(both) > head.thresholds)[:, 1] == rare).mean() > 0.98


# ── Where there is nothing ──────────────────────────────────────────────────────────────────────────────────


@ALL
def test_shuffled_labels_give_chance(kind):
    found = []
    for seed in range(3):
        texts, truth = planted(240, seed)
        shuffled = truth[np.random.default_rng(seed).permutation(len(truth))]
        found.append(train(texts, shuffled, ["a", "b"], kind=kind, seed=seed).figures)
    assert sum(each["better-than-chance"] for each in found) <= 1
    assert abs(np.mean([each["accuracy"].value for each in found]) - 0.5) < 0.08
    assert abs(np.mean([each["auc"].value for each in found]) - 0.5) < 0.08


def test_a_head_that_learnt_nothing_is_never_sure():
    texts, truth = planted(300, 1)
    head = train(texts, truth[np.random.default_rng(2).permutation(300)], ["a", "b"])
    assert head.thresholds[0] > 1 or head.figures["sure-share"] < 0.2


@pytest.mark.parametrize(
    ("n", "labels", "column", "said"),
    [
        (30, ["a", "b"], lambda n: np.arange(n) % 2, "only 30 texts"),
        (100, ["a", "b"], lambda n: (np.arange(n) < 3).astype(int), "only 3 texts are with the label b"),
        (100, ["a"], lambda n: np.zeros(n, int), "only one label"),
    ],
)
def test_too_little_is_refused(n, labels, column, said):
    texts, _ = planted(n, 0)
    with pytest.raises(TooLittle, match=said):
        train(texts, column(n)[:, None] == np.arange(len(labels)), labels)


def test_too_few_groups_are_refused():
    texts, truth = planted(100, 0)
    with pytest.raises(TooLittle, match="of 3 groups only"):
        train(texts, truth, ["a", "b"], groups=np.arange(100) % 3)


# ── Folds ───────────────────────────────────────────────────────────────────────────────────────────────────


@given(st.integers(5, 30), st.integers(0, 99))
def test_folds_keep_groups_whole(groups, seed):
    group = np.random.default_rng(seed).integers(0, groups, 200)
    fold = folds(np.zeros((200, 2), bool), group, 0)
    assert all(len(set(fold[group == each])) == 1 for each in set(group.tolist()))
    assert set(fold.tolist()) <= set(range(FOLDS))


def test_folds_have_each_label_evenly():
    truth = (np.arange(100) < 10)[:, None] == np.array([True, False])
    fold = folds(truth, None, 1)
    assert [int(truth[fold == at, 0].sum()) for at in range(FOLDS)] == [2] * FOLDS


def test_what_leaks_through_an_author_is_not_counted_when_groups_are_held_out():
    """Every author has a word of their own and one label: it tells the label of whoever was trained on."""
    rng = np.random.default_rng(0)
    author = np.repeat(np.arange(60), 10)
    label = rng.integers(0, 2, 60)[author]
    texts = features.read([f"name{a} {rng.choice(WORDS[0])}" for a in author], None)
    truth = label[:, None] == np.arange(2)
    assert train(texts, truth, ["a", "b"]).figures["accuracy"].value > 0.9
    assert not train(texts, truth, ["a", "b"], groups=author).figures["better-than-chance"]
