"""The gate's mathematics: what it promises about chance, power and who rates, on data whose truth is planted."""

from __future__ import annotations

import copy
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from chorus.kernels.gate import reference
from chorus.kernels.gate.aimed import Aimed
from chorus.kernels.gate.eprocess import best_log_wealth, interval, log_evidence, log_wealth, lower_bound
from chorus.kernels.gate.offpolicy import doubly_robust, effective, expected_ratings, weights
from chorus.kernels.gate.paired import paired_p
from chorus.kernels.gate.robust import counting, fair_mean
from chorus.kernels.gate.rules import (
    AIM_BEYOND,
    AIM_PRIOR,
    AIM_SPREAD,
    AIMS,
    ALPHA,
    AN_HOUR,
    CANDIDATES,
    FAMILY,
    FINE,
    MOST_STAKE,
    STAKES,
    TRIM,
)
from chorus.kernels.gate.running import Evidence
from chorus.kernels.gate.verdict import Seen, weigh

D = st.lists(st.floats(-1, 1), min_size=1, max_size=60)


def graded(rng: np.random.Generator, shape: tuple[int, ...], gain: float, agree: float = 0.5) -> np.ndarray:
    """Differences of two ratings in five grades by the same person of the same question: d ∈ {−1, −.75, … 1}.

    Ratings are 3.3 + a latent opinion, rounded; opinions of the two answers correlate by AGREE. GAIN 0 is an exact
    null by symmetry; for .1 the latent shift is found by halving, so the mean is .1 ± .002.
    """
    common = math.sqrt(agree) * rng.standard_normal(shape)
    own = [math.sqrt(1 - agree) * rng.standard_normal(shape) for _ in range(2)]
    shift = SHIFT[agree] * gain / 0.1
    new, old = (np.clip(np.rint(3.3 + common + each + at), 1, 5) for each, at in zip(own, (shift, 0)))  # noqa: B905
    return (new - old) / 4


SHIFT = {0.5: 0.427, 0.0: 0.427}  # in grades; checked below


def all_or_nothing(rng: np.random.Generator, shape: tuple[int, ...], gain: float, apart: float) -> np.ndarray:
    """One of two is better, in APART of the cases: d ∈ {−1, 0, 1}."""
    u = rng.random(shape)
    return np.where(u < (apart + gain) / 2, 1.0, np.where(u < apart, -1.0, 0.0))


def evidence_of(differences: np.ndarray, alpha: float = ALPHA) -> np.ndarray:
    """ln E f64[m, n] of rows of DIFFERENCES f64[m, n], all rows at once."""
    each = [np.log1p(stake * differences).cumsum(axis=1) for stake in STAKES]
    parts = [np.logaddexp.reduce(each, axis=0) + math.log((1 - sum(s for _, s in AIMS)) / len(STAKES))]
    parts += [aimed_rows(differences, until, alpha * share) + math.log(share) for until, share in AIMS]
    return np.logaddexp.reduce(parts, axis=0)


def aimed_rows(d: np.ndarray, until: int, alpha: float) -> np.ndarray:
    """ln of `aimed.Aimed` f64[m, n] for each row of D f64[m, n]."""
    wealth, total, squares = (np.full(len(d), start) for start in (0.0, 0.0, AIM_PRIOR * AIM_SPREAD**2))
    made = np.empty(d.shape)
    for t in range(d.shape[1]):
        if t < until:
            v = squares / (AIM_PRIOR + t)
            spread = np.sqrt((until - t) * v)
            x = (total - norm.isf(AIM_BEYOND * alpha) * np.sqrt(until * v)) / spread
            stake = np.minimum(MOST_STAKE, np.exp(norm.logpdf(x) - norm.logcdf(x)) / spread)
            wealth = wealth + np.log1p(np.where(wealth < -math.log(alpha), stake, 0) * d[:, t])
        total, squares = total + d[:, t], squares + d[:, t] ** 2
        made[:, t] = wealth
    return made


def crossed(differences: np.ndarray, alpha: float = ALPHA) -> np.ndarray:
    """bool[m]: which rows of DIFFERENCES [m, n] ever reach 1/ALPHA."""
    return (evidence_of(differences, alpha) >= -math.log(alpha)).any(axis=1)


# — the fast ones are the slow ones —


@given(D)
def test_wealth_is_the_products_written_out(d: list[float]) -> None:
    slow = reference.wealth(d, STAKES)
    assert np.allclose(np.exp(log_wealth(np.array(d))), slow, rtol=1e-9)
    assert math.isclose(math.exp(best_log_wealth(np.array(d))), max(1.0, *slow), rel_tol=1e-9)


@given(D, st.sampled_from([5, 40, 400]))
def test_an_aimed_coin_is_the_slope_of_what_it_is_to_be_worth(d: list[float], until: int) -> None:
    coin, made = Aimed(until, math.log(100)), []
    for each in d:
        coin.take(each)
        made.append(math.exp(coin.log))
    slow = reference.aimed(d, until, 0.01, AIM_BEYOND, AIM_SPREAD, AIM_PRIOR, MOST_STAKE)
    assert np.allclose(made, slow, rtol=1e-3, atol=1e-4)


def test_rows_at_once_are_what_comes_one_by_one() -> None:
    d = all_or_nothing(np.random.default_rng(5), (6, 850), 0.1, 0.5)
    assert np.allclose(evidence_of(d), [log_evidence(row) for row in d], rtol=1e-6, atol=1e-9)


@given(D, st.sampled_from([0.05, 0.2]))
def test_lower_bound_is_the_largest_rejected_mean(d: list[float], alpha: float) -> None:
    assert abs(lower_bound(np.array(d), alpha) - reference.lower_bound(d, alpha, FINE)) <= 2e-3


@given(st.lists(st.tuples(st.floats(-1, 1), st.sampled_from("abcdefg")), min_size=1, max_size=40))
def test_fair_mean_is_the_trimmed_mean_of_votes(said: list[tuple[float, str]]) -> None:
    values, authors = [v for v, _ in said], [a for _, a in said]
    slow = reference.trimmed_mean(values, authors, TRIM, 5)
    assert math.isclose(fair_mean(np.array(values), authors).mean, slow, abs_tol=1e-12)


def test_doubly_robust_is_its_definition() -> None:
    rng = np.random.default_rng(3)
    n = 50
    r, chosen, p = rng.random(n), rng.integers(0, 3, n), rng.uniform(0.02, 1, n)
    expected = rng.random((n, 3))
    rounds = list(zip(r.tolist(), chosen.tolist(), p.tolist(), strict=True))
    slow = reference.doubly_robust(rounds, expected.tolist(), 1, 0, 0.02)
    assert np.allclose(doubly_robust(r, chosen, p, expected, 1, 0).differences, slow)
    w = weights(chosen, p, 1, 50)
    assert math.isclose(effective(w), reference.effective(w.tolist()))


# — bounded differences —


@given(D)
def test_no_bet_can_lose_more_than_there_is(d: list[float]) -> None:
    assert np.isfinite(log_wealth(np.array(d))).all()
    low, high = interval(np.array(d), 0.05)
    assert -1 <= low <= high <= 1


@pytest.mark.parametrize("text", ["'(1.5)", "'(-2)", "'(+nan.0)", "'(a)", "'(0.5 +inf.0)"])
def test_what_is_no_difference_is_refused(text: str) -> None:
    from chorus import ChorusError, Session

    with Session() as session:
        for form in (f"(e-value {text})", f"(paired-test {text})", f"(mean-bounds {text})"):
            with pytest.raises(ChorusError) as refused:
                session.eval(form)
            assert refused.value.code in ("range", "type")


# — chance —


@given(st.lists(st.sampled_from([-1.0, -0.5, -0.01, 0.0, 0.3, 1.0]), max_size=420), st.floats(-1, 1))
def test_each_bet_is_a_share_that_was_fixed_before(past: list[float], d: float) -> None:
    """Whatever came before, E is multiplied by 1 + λd with one λ in [0, 1) for all d. So wherever the mean given the
    past is 0 or less E does not grow on average, which is all that Ville's inequality asks."""
    evidence = Evidence()
    before = 0.0
    for each in past:
        before = evidence.take(each)
    after = {each: copy.deepcopy(evidence).take(each) for each in (0.0, 1.0, d)}
    share = math.expm1(after[1.0] - before)
    assert math.isclose(after[0.0], before, abs_tol=1e-9)
    assert -1e-9 <= share < 1
    assert math.isclose(after[d], before + math.log1p(share * d), abs_tol=1e-7)


def test_nobody_who_stops_when_it_pleases_is_fooled_by_changing_games() -> None:
    """Fair games whose spread and skew change with the wealth, to mislead who bets by what was seen; any stopping."""
    rng = np.random.default_rng(71)
    m, n, level = 3000, 450, 0.05
    wins = (
        np.array([0.02, 0.5, 1.0, 0.98]),
        np.array([0.98, 0.5, 1.0, 0.02]),
    )  # gain, and its loss otherwise
    total, rows = np.zeros(m), np.empty((m, n))
    for t in range(n):
        game = np.where(total > 5, 3, np.where(total < -5, 0, t // 50 % 3))
        up, down = (each[game] for each in wins)
        rows[:, t] = np.where(rng.random(m) < down / (up + down), up, -down)
        total += rows[:, t]
    ever = crossed(rows, level).mean()
    assert ever <= level + 3 * math.sqrt(level * (1 - level) / m)


def test_wealth_does_not_grow_under_the_null() -> None:
    rng = np.random.default_rng(7)
    for make in (
        lambda: graded(rng, (20_000, 30), 0.0),
        lambda: all_or_nothing(rng, (20_000, 30), 0.0, 0.6),
        lambda: np.where(rng.random((20_000, 30)) < 0.9, 0.1, -0.9),  # skewed, mean 0
    ):
        d = make()
        wealth = np.mean([np.exp(np.log1p(stake * d).sum(axis=1)) for stake in STAKES], axis=0)
        error = wealth.std() / math.sqrt(len(wealth))
        assert abs(wealth.mean() - 1) < 4 * error


@pytest.mark.parametrize("kind", ["graded", "all or nothing", "skewed"])
def test_a_thousand_null_edits_in_epochs_of_twenty(kind: str) -> None:
    rng = np.random.default_rng(11)
    shape = (1000, 800)
    d = {
        "graded": lambda: graded(rng, shape, 0.0),
        "all or nothing": lambda: all_or_nothing(rng, shape, 0.0, 0.5),
        "skewed": lambda: np.where(rng.random(shape) < 0.98, 0.02, -0.98),
    }[kind]()
    false = crossed(d).reshape(-1, CANDIDATES).any(axis=1)
    assert FAMILY == 0.05 and false.mean() <= 0.05 + 2 * math.sqrt(0.05 * 0.95 / len(false))
    assert crossed(d).sum() <= 5  # of 1,000, where 2.5 are allowed on average and fewer come


def test_power_at_ten_points_within_800_pairs() -> None:
    rng = np.random.default_rng(13)
    for agree in SHIFT:
        assert abs(graded(rng, (2000, 500), 0.1, agree).mean() - 0.1) < 0.004
        assert crossed(graded(rng, (1000, 800), 0.1, agree)).mean() >= 0.99
    assert crossed(all_or_nothing(rng, (1000, 800), 0.1, 0.3)).mean() >= 0.90
    thumbs = crossed(all_or_nothing(rng, (1000, 800), 0.1, 0.5)).mean()
    assert 0.75 < thumbs < most_power(800, 0.1, 0.5) < 0.90  # what no test can do, as the docs say
    assert most_power(831, 0.1, 0.5) >= 0.90


def most_power(pairs: int, gain: float, apart: float) -> float:
    """Of the most powerful test of this very gain against its mirror's mean [Neyman & Pearson], drawing lots included:
    no test that is right under all nulls does better, looked at once or often."""
    chances = {}
    for name, up, down in (("gain", (apart + gain) / 2, (apart - gain) / 2), ("null", apart / 2, apart / 2)):
        spread = np.ones(1)
        for _ in range(pairs):
            spread = np.convolve(spread, [down, 1 - apart, up])
        chances[name] = spread[::-1]  # from the largest sum down
    beyond = chances["null"].cumsum()
    last = int((beyond <= ALPHA).sum())  # sums from here on are not all rejected
    lot = (ALPHA - beyond[last - 1]) / chances["null"][last]
    return float(chances["gain"][:last].sum() + lot * chances["gain"][last])


def test_bounds_hold_the_mean_at_all_times() -> None:
    rng = np.random.default_rng(17)
    missed = 0
    for _ in range(100):
        d = graded(rng, (200,), 0.1)
        missed += any(not low <= 0.1 <= high for low, high in (interval(d[:n], 0.1) for n in (10, 50, 200)))
    assert missed <= 100 * 0.1


def test_a_fixed_number_of_pairs_is_a_t_test() -> None:
    from scipy.stats import ttest_1samp

    rng = np.random.default_rng(19)
    d = graded(rng, (60,), 0.1)
    assert math.isclose(paired_p(d), ttest_1samp(d, 0, alternative="greater").pvalue)
    null = np.array([paired_p(row) for row in graded(rng, (4000, 60), 0.0)])
    assert abs((null <= 0.05).mean() - 0.05) < 0.015
    assert paired_p(np.full(10, 0.25)) == 2**-10 and paired_p(np.zeros(10)) == 1.0


# — logs —


def planted_log(rng: np.random.Generator, n: int) -> tuple[np.ndarray, ...]:
    """Three arms; arm 1 is .15 better than arm 0 on average, but is tried where things go well anyway."""
    ease = rng.random(n)
    truth = np.stack([0.3 + 0.3 * ease, 0.35 + 0.5 * ease, 0.4 * ease], axis=1)
    p = np.stack([0.9 - 0.6 * ease, 0.05 + 0.6 * ease, np.full(n, 0.05)], axis=1)
    chosen = (rng.random(n)[:, None] > p.cumsum(axis=1)).sum(axis=1).clip(0, 2)
    ratings = (rng.random(n) < truth[np.arange(n), chosen]).astype(float)
    return ratings, chosen, p[np.arange(n), chosen], truth


@pytest.mark.parametrize(
    ("model", "propensities"), [("right", "wrong"), ("wrong", "right"), ("fitted", "right")]
)
def test_doubly_robust_is_unbiased_if_either_is_right(model: str, propensities: str) -> None:
    rng = np.random.default_rng(23)
    gains, errors = [], []
    for _ in range(200):
        ratings, chosen, p, truth = planted_log(rng, 1000)
        expected = {
            "right": truth,
            "wrong": np.full_like(truth, 0.9),
            "fitted": expected_ratings(ratings, chosen, 3),
        }
        logged = p if propensities == "right" else np.full_like(p, 0.5)
        found = doubly_robust(ratings, chosen, logged, expected[model], 1, 0)
        gains.append(found.mean)
        errors.append(found.error)
        assert np.abs(found.differences).max() <= found.bound
    assert abs(np.mean(gains) - 0.15) < 4 * np.std(gains) / math.sqrt(200)
    if propensities == "right":
        assert abs(np.std(gains) / np.mean(errors) - 1) < 0.15  # the error is what it says


def test_with_both_wrong_it_is_biased() -> None:
    rng = np.random.default_rng(29)
    gains = []
    for _ in range(200):
        ratings, chosen, p, truth = planted_log(rng, 1000)
        wrong = np.full_like(p, 0.5)
        gains.append(doubly_robust(ratings, chosen, wrong, np.full_like(truth, 0.9), 1, 0).mean)
    assert abs(np.mean(gains) - 0.15) > 10 * np.std(gains) / math.sqrt(200)


def test_too_small_an_effective_sample_is_no_evidence() -> None:
    rng = np.random.default_rng(31)
    n = 3000
    chosen = (rng.random(n) < 0.02).astype(np.int64)
    p = np.where(chosen == 1, 0.02, 0.98)
    found = doubly_robust(rng.random(n), chosen, p, np.full((n, 2), 0.5), 1, 0)
    assert 40 < found.ess < 80 and not found.enough
    many = doubly_robust(rng.random(n), np.arange(n) % 2, np.full(n, 0.5), np.full((n, 2), 0.5), 1, 0)
    assert many.ess == 1500 and many.enough
    never = doubly_robust(rng.random(9), np.zeros(9, np.int64), np.ones(9), np.full((9, 2), 0.5), 1, 0)
    assert never.ess == 0 and not never.enough


def test_scaled_differences_of_a_log_are_a_fair_game() -> None:
    rng = np.random.default_rng(37)
    crossings = 0
    for _ in range(300):
        chosen = (rng.random(1500) < 0.1).astype(np.int64)
        p = np.where(chosen == 1, 0.1, 0.9)
        ratings = rng.choice([0, 0.25, 0.5, 0.75, 1.0], 1500)  # whatever was chosen
        found = doubly_robust(ratings, chosen, p, expected_ratings(ratings, chosen, 2), 1, 0, floor=0.1)
        crossings += best_log_wealth(found.differences / found.bound, FINE) >= math.log(20)
    assert crossings <= 300 * 0.05 + 2 * math.sqrt(300 * 0.05)


# — who rates —


def test_a_thousand_votes_of_one_author_are_one_vote() -> None:
    rng = np.random.default_rng(41)
    honest = graded(rng, (20, 12), 0.1)
    seen = [Seen(float(d), f"a{author}", 0) for author, own in enumerate(honest) for d in own]
    spam = [Seen(-1.0, "eve", 0) for _ in range(1000)]
    without, with_ = weigh(seen), weigh([*spam, *seen])
    assert with_.counted == without.counted + AN_HOUR
    assert without.fair is not None and with_.fair is not None
    assert abs(with_.fair.mean - without.fair.mean) < 0.03
    assert with_.mean > 0.02  # twelve down-votes of 252, not a thousand of 1,240
    assert not with_.harms


def test_the_cap_is_of_an_hour() -> None:
    kept = counting(["a"] * 30 + [""] * 30, [0] * 15 + [1] * 15 + [0] * 30)
    assert kept[:30].reshape(2, 15).sum(axis=1).tolist() == [AN_HOUR, AN_HOUR] and kept[30:].all()
    assert counting(["a"] * 40, [0.9] * 20 + [1.1] * 20).sum() == AN_HOUR, "whichever hours the clock shows"


@pytest.mark.parametrize("gain", [-0.03, -0.05, -0.1])
def test_a_fifth_in_league_cannot_have_a_bad_change_accepted(gain: float) -> None:
    rng = np.random.default_rng(43)
    accepted = 0
    for _ in range(60):
        honest = graded(rng, (16, 40), gain)
        rows = [*honest, *np.ones((4, 40))]
        seen = [Seen(float(rows[a][t]), f"a{a}", t // 10) for t in range(40) for a in rng.permutation(20)]
        made = weigh(seen)
        assert made.log_e > -math.log(ALPHA)  # the mean alone is taken in
        accepted += made.suffices
    assert accepted <= {-0.03: 0.2, -0.05: 0.05, -0.1: 0.02}[gain] * 60


def test_a_fifth_in_league_cannot_stop_a_good_change() -> None:
    rng = np.random.default_rng(47)
    fair = []
    for _ in range(40):
        rows = [*graded(rng, (16, 40), 0.1), *-np.ones((4, 40))]
        seen = [Seen(float(rows[a][t]), f"a{a}", t // 10) for t in range(40) for a in range(20)]
        found = weigh(seen).fair
        assert found is not None
        fair.append(found.mean)
    assert (
        0.05 < np.mean(fair) <= 0.1 and min(fair) > 0
    )  # the votes keep their sign; their e-value does not suffice


# — slices —


def test_a_slice_that_loses_stands_against_a_gain_on_average() -> None:
    rng = np.random.default_rng(53)
    good, bad = graded(rng, (500,), 0.2), graded(rng, (120,), -0.2)
    slices = lambda name: (("persona", name),)
    seen = [Seen(float(d), "", 0, slices("veterans")) for d in good]
    seen += [Seen(float(d), "", 0, slices("newcomers")) for d in bad]
    found = weigh(seen)
    assert found.log_e >= -math.log(ALPHA)
    assert found.against == ["persona newcomers may lose more than 0.05"]
    few = weigh(seen[:510])
    assert few.suffices and [s.safe for s in few.slices] == [None, True]


def test_unharmed_slices_do_not_stand_in_the_way() -> None:
    rng = np.random.default_rng(59)
    passed = 0
    for _ in range(30):
        d = graded(rng, (800,), 0.1)
        passed += weigh([Seen(float(x), "", 0, (("kind", "abcd"[t % 4]),)) for t, x in enumerate(d)]).suffices
    assert passed >= 27


def test_fixed_pairs_are_judged_when_they_are_there() -> None:
    rng = np.random.default_rng(61)
    d = [Seen(float(x)) for x in graded(rng, (200,), 0.1)]
    assert weigh(d[:150], fixed=200).against == ["150 of 200 pairs"]
    assert weigh(d, fixed=200).suffices
    null = [weigh([Seen(float(x)) for x in row], fixed=50).suffices for row in graded(rng, (400, 50), 0.0)]
    assert sum(null) <= 5
