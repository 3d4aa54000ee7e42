"""The learner's mathematics: chances, posteriors, hierarchy, drift, regret and buffers against references and planted
truth."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chorus.kernels.bandit import (
    best,
    buffers,
    design,
    drifting,
    hierarchy,
    linear,
    moved,
    questions,
    recurring,
    reference,
    regret,
)
from chorus.runtime.pools import one_thread

SIZES = (4, 3, 2, 5)


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    with one_thread():
        yield


def effects_of(theta: np.ndarray, sizes: tuple[int, ...] = SIZES) -> list[np.ndarray]:
    return [design.contrasts(k) @ theta[span] for span, k in zip(design.layout(sizes)[0], sizes, strict=True)]


def drawn(random: np.random.Generator, n: int, sizes: tuple[int, ...] = SIZES) -> np.ndarray:
    return np.stack([random.integers(k, size=n) for k in sizes], axis=1)


# ── Chances ──────────────────────────────────────────────────────────────────────────────────────────────────


@settings(max_examples=30)
@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(0.01, 2)), min_size=1, max_size=6), st.integers(0, 9))
def test_chances_are_those_of_a_simulation(arms: list[tuple[float, float]], seed: int) -> None:
    means, spreads = np.array(arms).T
    exact = best.best_chances(means, spreads, floor=0.0)
    drawn_ = reference.best_chances(means, spreads, 40_000, seed)
    assert np.abs(exact - drawn_).max() <= 5 * np.sqrt(0.25 / 40_000) + 1 / best.NODES


@given(st.lists(st.tuples(st.floats(-9, 9), st.floats(0, 9)), min_size=1, max_size=30), st.floats(0, 0.2))
def test_chances_sum_to_one_and_keep_the_floor(arms: list[tuple[float, float]], floor: float) -> None:
    means, spreads = np.array(arms).T
    p = best.best_chances(means, spreads, floor)
    assert p.sum() == pytest.approx(1.0) and p.min() >= min(floor, 1 / len(arms)) - 1e-12


def test_equal_arms_have_equal_chances_and_sure_ones_all_of_it() -> None:
    np.testing.assert_allclose(best.best_chances(np.zeros(4), np.ones(4), 0.0), np.full(4, 0.25), atol=1e-12)
    p = best.best_chances(np.array([1.0, 0.0, 0.0]), np.array([1e-9, 1e-9, 1e-9]))
    np.testing.assert_allclose(p, [0.96, 0.02, 0.02])


# ── Columns ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_effects_of_columns_sum_to_zero_and_unknown_choices_are_the_average() -> None:
    random = np.random.default_rng(0)
    theta = random.normal(size=len(design.layout(SIZES)[1]))
    choices = drawn(random, 50)
    choices[::3, 1] = -1
    effects = effects_of(theta)
    wanted = [
        theta[0] + sum(e[c] if c >= 0 else e.mean() for c, e in zip(row, effects, strict=True))
        for row in choices
    ]
    np.testing.assert_allclose(design.design(choices, SIZES) @ theta, wanted, atol=1e-12)
    assert all(abs(e.sum()) < 1e-12 for e in effects)


def test_spreads_as_of_independent_arms_keep_the_variance_of_contrasts() -> None:
    for k in (2, 3, 5):
        true = np.random.default_rng(k).uniform(0.1, 1.0, k) if k > 2 else np.full(2, 0.7)
        h = design.contrasts(k)
        covariance = np.zeros((k, k))
        covariance[1:, 1:] = h.T @ np.diag(true**2) @ h
        ((_, spreads),) = design.effects(np.zeros(k), covariance, (k,))
        np.testing.assert_allclose(spreads, true, atol=1e-9)


# ── Posteriors ───────────────────────────────────────────────────────────────────────────────────────────────


@settings(max_examples=30)
@given(st.integers(0, 999), st.integers(1, 30), st.integers(1, 8), st.booleans())
def test_the_posterior_is_the_dense_closed_form(seed: int, n: int, p: int, still: bool) -> None:
    random = np.random.default_rng(seed)
    x, y, w = random.normal(size=(n, p)), random.normal(size=n), random.uniform(0.2, 2, n)
    mean, variance = random.normal(size=p), random.uniform(0.1, 2, p)
    if still:
        variance[0] = 0.0
    fast, slow = (
        linear.posterior(x, y, w, mean, variance, 0.3),
        reference.posterior(x, y, w, mean, variance, 0.3),
    )
    np.testing.assert_allclose(fast[0], slow[0], atol=1e-8)
    np.testing.assert_allclose(fast[1], slow[1], atol=1e-8)
    assert not still or fast[0][0] == mean[0]


@settings(max_examples=25)
@given(st.integers(0, 999), st.sampled_from([1.0, 0.99, 0.8]))
def test_following_is_a_kalman_filter(seed: int, rate: float) -> None:
    random = np.random.default_rng(seed)
    n, p = random.integers(1, 25), 5
    x, y, w = random.normal(size=(n, p)), random.normal(size=n), random.uniform(0.2, 2, n)
    prior = drifting.Prior(random.normal(size=p), random.uniform(0.1, 2, p), 0.4)
    mean, covariance, scores = reference.follow(x, y, w, prior.mean, prior.variance, prior.noise, rate)
    fast = drifting.follow(x, y, w, prior, rate)
    np.testing.assert_allclose(fast[0], mean, atol=1e-8)
    np.testing.assert_allclose(fast[1], covariance, atol=1e-8)
    np.testing.assert_allclose(drifting.foresight(x, y, w, prior, rate)[0], scores, atol=1e-8)
    np.testing.assert_allclose(drifting.foresights(x, y, w, prior, (0.5, rate))[:, 1], scores, atol=1e-8)
    if rate == 1.0:
        dense = linear.posterior(x, y, w, prior.mean, prior.variance, prior.noise)
        np.testing.assert_allclose(fast[0], dense[0], atol=1e-8)


# ── Hierarchy ────────────────────────────────────────────────────────────────────────────────────────────────


def team(
    seed: int, groups: int, each: int, tau: float, sigma: float = 0.2, sizes: tuple[int, ...] = SIZES
) -> dict:
    """Ratings of GROUPS developers whose effects lie TAU round common ones."""
    random = np.random.default_rng(seed)
    _, blocks = design.layout(sizes)
    mu = random.normal(0, 0.1, len(blocks))
    mu[0] = 0.6
    theta = mu + random.normal(0, tau, (groups, len(blocks)))
    group = np.repeat(np.arange(groups), each)
    choices = drawn(random, len(group), sizes)
    x = design.design(choices, sizes)
    y = np.einsum("ij,ij->i", x, theta[group]) + random.normal(0, sigma, len(group))
    return {"x": x, "y": y, "group": group, "mu": mu, "theta": theta, "blocks": blocks, "choices": choices}


def fitted(made: dict, **options: object) -> hierarchy.Team:
    y = made["y"]
    return hierarchy.fit(made["x"], y, np.ones(len(y)), made["group"], made["blocks"], **options)  # type: ignore[arg-type]


def test_the_hierarchy_recovers_what_was_planted() -> None:
    for seed, tau, sigma in ((1, 0.12, 0.2), (2, 0.05, 0.3), (3, 0.2, 0.15)):
        made = team(seed, groups=60, each=80, tau=tau, sigma=sigma)
        found = fitted(made)
        assert np.sqrt(found.noise) == pytest.approx(sigma, rel=0.08)
        assert np.sqrt(found.spread[1:].mean()) == pytest.approx(tau, rel=0.25)
        assert np.abs(found.mean - made["mu"]).max() < 4 * tau / np.sqrt(0.6 * 60) + 0.03


def test_trusting_em_climbs_the_evidence() -> None:
    made = team(5, groups=12, each=20, tau=0.15)
    heights = []
    for rounds in (1, 2, 4, 8, 16):
        at = fitted(made, far=np.inf, rounds=rounds)
        heights.append(
            reference.log_evidence(made["x"], made["y"], made["group"], at.mean, at.spread, at.noise)
        )
    assert all(later > earlier - 0.05 for earlier, later in pairwise(heights))  # a weak prior pulls


def shrinkage(tau: float, seed: int = 4) -> float:
    """How far developers' estimates lie from the team's, as a share of how far their own ratings alone put them."""
    made = team(seed, groups=30, each=60, tau=tau)
    found = fitted(made)
    moved = raw = 0.0
    for g in range(30):
        rows = made["group"] == g
        mean, variance = hierarchy.team_prior(found, g)
        own, _ = linear.posterior(
            made["x"][rows], made["y"][rows], np.ones(rows.sum()), mean, variance, found.noise
        )
        alone, _ = linear.posterior(
            made["x"][rows],
            made["y"][rows],
            np.ones(rows.sum()),
            mean,
            np.full(len(mean), 100.0),
            found.noise,
        )
        moved, raw = moved + ((own - mean)[1:] ** 2).sum(), raw + ((alone - mean)[1:] ** 2).sum()
    return float(np.sqrt(moved / raw))


def test_people_alike_are_pooled_and_people_apart_are_not() -> None:
    assert shrinkage(0.0) < 0.25 and shrinkage(0.6) > 0.9


def test_one_developer_s_prior_does_not_hold_their_own_ratings() -> None:
    made = team(6, groups=20, each=40, tau=0.1)
    whole = fitted(made)
    rest = made["group"] != 3
    group = np.where(made["group"][rest] > 3, made["group"][rest] - 1, made["group"][rest])
    apart = hierarchy.fit(made["x"][rest], made["y"][rest], np.ones(rest.sum()), group, made["blocks"])
    without = hierarchy.team_prior(whole, 3)[0]
    own = made["theta"][3] - made["mu"]
    assert np.abs(without - apart.mean).max() < 0.02 < np.abs(own).max()
    alone = hierarchy.centre(whole.told, whole.say, np.eye(20)[3])[0]
    assert np.abs(alone[1:] - without[1:]).max() > 0.05, "their own ratings say something else"


def after_a_greedy_learner(seed: int) -> dict:
    """Ratings of 15 developers, nearly all of the same choices: a choice and the level can hardly be told apart."""
    made = team(seed, groups=15, each=40, tau=0.05)
    random = np.random.default_rng(seed)
    liked = random.random(made["choices"].shape) < 0.9
    made["choices"] = np.where(liked, 1, made["choices"])
    made["x"] = design.design(made["choices"], SIZES)
    told = np.einsum("ij,ij->i", made["x"], made["theta"][made["group"]])
    return made | {"y": told + random.normal(0, 0.2, len(told))}


def test_the_mean_is_that_of_least_squares_also_where_little_was_tried() -> None:
    for seed in range(4):
        made = after_a_greedy_learner(seed)
        found = fitted(made, far=np.inf, rounds=400)
        ones, p = np.ones(len(made["y"])), made["x"].shape[1]
        before = hierarchy.prior_mean(p), hierarchy.prior_variance(p)
        slow = reference.common_mean(
            made["x"], made["y"], ones, made["group"], found.spread, found.noise, before
        )
        np.testing.assert_allclose(found.mean, slow, atol=1e-6)
        assert found.rounds < 400, "it comes to rest"
        again = fitted(made, far=np.inf, rounds=60, start=found)
        np.testing.assert_allclose(again.mean, found.mean, atol=5e-3)


def test_a_fifth_of_bad_raters_moves_the_team_little() -> None:
    made = team(7, groups=30, each=60, tau=0.05)
    bad = made["group"] < 6
    target = design.design(np.array([[3, 2, 1, 4]] * bad.sum()), SIZES)
    same = (made["x"][bad] == target).mean(1)
    poisoned = {**made, "y": np.where(bad, 0.0, made["y"])}
    poisoned["y"][bad] = (same > 0.5).astype(float)  # all for one choice, nothing else
    honest, wary, plain = fitted(made), fitted(poisoned), fitted(poisoned, far=np.inf)

    def off(found: hierarchy.Team) -> float:
        return float(np.abs(found.mean[1:] - honest.mean[1:]).max())

    assert off(wary) < 0.5 * off(plain) and off(wary) < 0.06
    assert wary.trust[:6].max() < 0.5 and honest.trust.mean() > 0.9


# ── Questions ────────────────────────────────────────────────────────────────────────────────────────────────


@settings(max_examples=30)
@given(st.integers(0, 9999), st.floats(0.1, 5))
def test_what_others_say_of_a_question_is_that_of_the_reference(seed: int, ratio: float) -> None:
    random = np.random.default_rng(seed)
    left, weights, asked = random.normal(size=20), random.uniform(0.1, 1, 20), random.integers(0, 6, 20)
    np.testing.assert_allclose(
        questions.said_by_others(left, weights, asked, ratio),
        reference.said_by_others(left, weights, asked, ratio),
    )


def asked_anew(seed: int, pull: float) -> tuple[dict, np.ndarray, np.ndarray]:
    """A team's ratings, each of one of 12 questions, whose levels have the spread PULL."""
    random = np.random.default_rng(seed)
    made = team(seed, groups=10, each=50, tau=0.03)
    asked = random.integers(0, 12, len(made["y"]))
    return made, asked, made["y"] + random.normal(0, pull, 12)[asked]


def test_without_their_questions_choices_are_seen_more_clearly() -> None:
    errors = []
    for seed in range(8):
        made, asked, y = asked_anew(seed, 0.3)
        freed, between, _ = questions.without_questions(made["x"], y, np.ones(len(y)), made["group"], asked)
        assert 0.1 < np.sqrt(between) < 0.6
        found = [fitted({**made, "y": each}) for each in (y, freed)]
        errors.append([np.abs(each.mean[1:] - made["mu"][1:]).mean() for each in found])
    plain, without = np.mean(errors, axis=0)
    assert without < 0.75 * plain


def test_ratings_stay_where_questions_make_no_difference_or_are_asked_once() -> None:
    made, asked, y = asked_anew(3, 0.0)
    ones = np.ones(len(y))
    freed, between, trusted = questions.without_questions(made["x"], y, ones, made["group"], asked)
    assert np.sqrt(between) < 0.05 and np.abs(freed - y).max() < 0.1
    assert trusted.min() > 0.9
    once = questions.without_questions(made["x"], y, ones, made["group"], np.arange(len(y)))
    np.testing.assert_array_equal(once.ratings, y)


@pytest.mark.parametrize("manner", ["inverted", "low", "at random"])
def test_who_does_not_rate_answers_is_not_trusted(manner: str) -> None:
    made, asked, y = asked_anew(4, 0.3)
    bad = made["group"] < 2
    said = {"inverted": 1 - y, "low": 0 * y, "at random": np.random.default_rng(0).random(len(y))}[manner]
    found = questions.without_questions(
        made["x"], np.where(bad, said, y), np.ones(len(y)), made["group"], asked
    )
    assert found.trusted[:2].max() < 0.4 and found.trusted[2:].min() > 0.95


def test_who_says_the_same_of_everything_is_not_trusted_and_who_is_strict_is() -> None:
    made = team(5, groups=10, each=40, tau=0.05)
    y = np.clip(np.rint(made["y"] * 4) / 4, 0, 1)
    who = made["group"]
    y = np.where(who == 0, 0.0, np.where(who == 1, np.maximum(y - 0.25, 0), y))
    told = questions.spread_trust(y, who)
    assert told[0] < 0.15 and told[1:].min() > 0.6
    one_each = questions.spread_trust(np.zeros(5) + 0.5, np.arange(5))
    assert (one_each == 1).all() and (
        questions.spread_trust(np.array([0.0, 1.0]), np.array([0, 0])) == 1
    ).all()
    newcomer = np.r_[y[who > 1], 0.0], np.r_[who[who > 1] - 2, 8]
    assert questions.spread_trust(*newcomer)[8] == 1.0, "of one rating nothing is told"


# ── Drift ────────────────────────────────────────────────────────────────────────────────────────────────────


def stream(seed: int, n: int, rate: float) -> tuple[np.ndarray, np.ndarray, drifting.Prior]:
    random = np.random.default_rng(seed)
    x = design.design(drawn(random, n), SIZES)
    p = x.shape[1]
    prior = drifting.Prior(np.zeros(p), np.full(p, 0.15**2), 0.04)
    theta, y = random.normal(0, 0.15, p), np.zeros(n)
    for at in range(n):
        y[at] = x[at] @ theta + random.normal(0, 0.2)
        theta = rate * theta + np.sqrt(1 - rate**2) * random.normal(0, 0.15, p)
    return x, y, prior


def scores(seed: int, n: int, rate: float) -> np.ndarray:
    x, y, prior = stream(seed, n, rate)
    return drifting.foresights(x, y, np.ones(n), prior)


def test_the_adapted_rate_follows_drift_and_keeps_still_without() -> None:
    still = [drifting.adapted(scores(seed, 300, 1.0)) for seed in range(8)]
    moving = [drifting.adapted(scores(seed, 300, 0.95)) for seed in range(8)]
    assert np.mean([rate for rate, *_ in still]) > 0.985 > 0.97 > np.mean([rate for rate, *_ in moving])
    # What adapting costs where a constant rate would have done is small; it is worth more where tastes move.
    assert min(beside for *_, beside in still + moving) > -0.03
    assert max(gain for _, gain, _ in still) < 0.01 < 0.05 < np.mean([gain for _, gain, _ in moving])


def test_adapting_pays_where_the_drift_sets_in_midway() -> None:
    gains = []
    for seed in range(8):
        x, y, prior = stream(seed, 400, 1.0)
        late = stream(seed + 100, 400, 0.9)
        both = np.vstack([x[:200], late[0][:200]]), np.r_[y[:200], late[1][:200]]
        made = drifting.foresights(*both, np.ones(400), prior)
        gains.append(drifting.adapted(made)[2])
    assert np.mean(gains) > 0


# ── Regret ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_interval_of_regret_covers_what_was_lost() -> None:
    covered = 0
    for seed in range(60):
        made = team(seed, groups=5, each=40, tau=0.1)
        theta, noise, n = made["theta"], 0.04, len(made["y"])
        prior = made["mu"], np.full(len(made["mu"]), 0.01)
        means, covariances = zip(
            *[
                linear.posterior(made["x"][rows], made["y"][rows], np.ones(rows.sum()), *prior, noise)
                for rows in (made["group"] == g for g in range(5))
            ],
            strict=True,
        )
        lost = regret.regrets(
            made["choices"], made["group"], np.array(means), np.array(covariances), SIZES, draws=200
        )
        true = np.concatenate(
            [reference.regret(made["choices"][made["group"] == g], effects_of(theta[g])) for g in range(5)]
        )
        sure = regret.surely(made["choices"], made["group"], np.array(means), SIZES)
        _, low, high = regret.curve(lost, sure)
        covered += low[-1] <= true.sum() <= high[-1]
        assert len(low) == n
    assert covered >= 52  # of 60 at 95 %: below 52 with a chance of 1 in 1,000


def test_regret_vanishes_where_the_best_was_chosen() -> None:
    theta = np.zeros((1, 4))
    theta[0, 1:] = design.contrasts(4).T @ np.array([0.5, 0.0, 0.0, -0.5])
    sure = np.eye(4)[None] * 1e-12
    group = np.zeros(3, int)
    lost = regret.regrets(np.array([[0], [3], [-1]]), group, theta, sure, (4,), draws=20)
    np.testing.assert_allclose(lost.mean(0), [0.0, 1.0, 0.0], atol=1e-4)
    known = regret.surely(np.array([[0], [3], [-1]]), group, theta, (4,))
    np.testing.assert_allclose(known, [0.0, 1.0, 0.0], atol=1e-9)
    assert regret.lately(lost, known, 1)[0] == pytest.approx(0.0, abs=1e-6)


def test_regret_lies_between_what_beliefs_say_and_what_they_leave_open() -> None:
    lost, sure = np.array([[0.2, 0.4], [0.4, 0.4], [0.3, 0.4]]), np.array([0.1, 0.0])
    mean, low, high = regret.curve(lost, sure)
    np.testing.assert_allclose(mean, [0.2, 0.4])
    np.testing.assert_allclose(low, [0.1, 0.1])
    assert 0.75 < high[1] < 0.8 and regret.lately(lost, sure, 9)[0] == pytest.approx(0.2)


# ── Buffers ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_fifo_keeps_the_latest_in_order() -> None:
    assert buffers.fifo([5, 1, 9, 3], 2) == [0, 2] and buffers.fifo([5, 1], 0) == []


def test_the_reservoir_is_uniform() -> None:
    kept = np.zeros(40)
    for seed in range(3000):
        kept[buffers.reservoir(range(40), 10, seed)] += 1
    spread = np.sqrt(3000 * 0.25 * 0.75)
    assert np.abs(kept - 750).max() < 4 * spread
    random = np.random.default_rng(0)
    slow = np.zeros(40)
    for _ in range(3000):
        slow[reference.reservoir(40, 10, random)] += 1
    assert np.abs(slow - 750).max() < 4 * spread


@given(st.integers(0, 60), st.integers(0, 20), st.integers(0, 99))
def test_one_more_turn_pushes_out_at_most_one(count: int, keep: int, seed: int) -> None:
    before, after = (set(buffers.reservoir(range(n), keep, seed)) for n in (count, count + 1))
    assert len(before) == min(keep, count) and len(before - after) <= 1 and after - before <= {count}


# ── Drift of the corpus, shapes ──────────────────────────────────────────────────────────────────────────────


def said(seed: int, shift: float) -> tuple[np.ndarray, np.ndarray]:
    """200 days of messages, each week with a topic of its own; from day 100 on they lie SHIFT further on one axis."""
    random = np.random.default_rng(seed)
    days = np.sort(random.integers(0, 200, 2000))
    weekly = random.normal(0, 0.3, (30, 16))
    rows = weekly[days // 7] + random.normal(0, 1, (2000, 16))
    rows[days >= 100, 0] += shift
    return rows, days


def test_a_corpus_that_moved_is_told_from_one_that_only_changes_its_topic_weekly() -> None:
    alarms = [moved.moved(*said(seed, 0.0), 100)[1] <= 0.05 for seed in range(60)]
    found = [moved.moved(*said(seed, 1.0), 100)[1] <= 0.03 for seed in range(20)]
    assert sum(alarms) <= 8 and sum(found) >= 19  # 8 of 60 at 5 %: more with a chance of 1 in 200
    assert moved.moved(np.ones((4, 2)), np.arange(4), 2)[1] == 1.0


def test_planted_shapes_are_found_and_none_among_leaves_dealt_out() -> None:
    random = np.random.default_rng(3)
    alone = [recurring.shapes(random.integers(0, 6, (40, 6)), 4, seed=s) for s in range(4)]
    assert sum(p <= 0.05 for found in alone for *_, p in found) <= 2
    cells = random.integers(0, 6, (40, 6))
    cells[5:15, 1:5] = [1, 2, 3, 4]
    rows, columns, p = recurring.shapes(cells, 4)[0]
    assert set(range(5, 15)) <= set(rows) and set(columns) >= {1, 2, 3, 4} and p <= 0.05
