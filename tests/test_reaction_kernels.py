"""Reactions on planted effects: found where they are, not where they are not, with intervals that hold."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chorus import Session
from chorus.kernels.reaction import effects, reference
from chorus.kernels.reaction.forecast import Change, _too_likely, forecast, from_pairs
from chorus.runtime.errors import ChorusError


def noise(days: int, seed: int, persistence: float = 0.2) -> np.ndarray:
    random = np.random.default_rng(seed)
    shocks = random.normal(size=days)
    made = np.empty(days)
    made[0] = shocks[0]
    for day in range(1, days):
        made[day] = persistence * made[day - 1] + shocks[day]
    return made


def dates(count: int, days: int, seed: int) -> np.ndarray:
    return np.sort(np.random.default_rng(seed).choice(np.arange(20, days - 20), count, replace=False))


values = st.lists(st.one_of(st.floats(-5, 5), st.just(math.nan)), min_size=1, max_size=40)


@given(values, st.integers(1, 6))
def test_differences_are_those_of_the_reference(series: list[float], window: int) -> None:
    array = np.array(series)
    np.testing.assert_allclose(
        effects.before_after(array, window), reference.before_after(array, window), atol=1e-9
    )


@given(st.lists(st.integers(0, 9), min_size=1, max_size=40), st.integers(1, 6))
def test_ratios_are_those_of_the_reference(counts: list[int], window: int) -> None:
    array = np.array(counts, dtype=float)
    np.testing.assert_allclose(
        effects.log_ratio(array, window), reference.log_ratio(array, window), atol=1e-9
    )


@given(st.integers(1, 6), st.integers(1, 30), st.integers(1, 5), st.integers(0, 99))
def test_retention_is_that_of_the_reference(authors: int, days: int, window: int, seed: int) -> None:
    active = np.random.default_rng(seed).random((authors, days)) < 0.3
    np.testing.assert_allclose(effects.retained(active, window), reference.retained(active, window))


@settings(max_examples=40)
@given(st.integers(0, 999))
def test_shifted_means_are_those_of_the_reference(seed: int) -> None:
    random = np.random.default_rng(seed)
    series = random.normal(size=30)
    series[random.random(30) < 0.2] = np.nan
    series[[0, -1]] = 0.5  # the observed stretch is the whole
    days, signs = random.integers(0, 30, 4), random.normal(size=4)
    fast, _ = effects._shifted_means(series, days, signs)
    for shift in range(30):
        slow = reference.shifted_mean(series, days.tolist(), signs.tolist(), shift)
        assert fast[shift] == pytest.approx(slow, abs=1e-8, nan_ok=True)


def alarms(d: float, runs: int, days: int = 1500, count: int = 120) -> float:
    """The share of runs in which an effect of D standard deviations at COUNT dates is found."""
    found = 0
    for seed in range(runs):
        series, at = noise(days, seed), dates(count, days, seed + 10_000)
        spread = np.nanstd(effects.before_after(series, 7))
        for day in at:
            series[day : day + 7] += d * spread
        made = effects.detect(effects.before_after(series, 7), at, np.ones(count), 7)
        assert made is not None
        found += made.p <= 0.05
    return found / runs


def test_a_planted_effect_of_three_tenths_is_found() -> None:
    assert alarms(0.3, 60) >= 0.8


def test_placebo_dates_raise_no_more_alarms_than_they_should() -> None:
    assert alarms(0.0, 200) <= 0.08  # 5 % and three standard errors of 200 runs


def history(seed: int, count: int = 16, slope: float = 4.0) -> tuple[np.ndarray, list[Change], float]:
    """A series of 400 days with planted effects of changes of one feature; the last one is held back."""
    random = np.random.default_rng(seed)
    series, at = noise(400, seed), dates(count + 1, 400, seed)
    random.shuffle(at)
    changes = []
    for number, day in enumerate(at):
        action, amount = random.choice(["buff", "nerf"]), float(random.uniform(0.2, 1.0))
        change = Change(int(day), "damage", str(action), amount, str(number))
        series[day : day + 7] += slope * change.direction * amount
        changes.append(change)
    return effects.before_after(series, 7), changes, slope


def test_intervals_hold_what_follows() -> None:
    held = answered = 0
    for seed in range(200):
        moved, changes, _ = history(seed)
        made = forecast(moved, changes[:-1], changes[-1])
        if made.refusal is None:
            answered += 1
            held += made.low <= moved[changes[-1].day] <= made.high
    assert answered >= 160
    assert 0.90 <= held / answered <= 0.98


def test_shuffled_dates_are_refused() -> None:
    refused = 0
    for seed in range(100):
        moved, changes, _ = history(seed)
        days = dates(len(changes), 400, seed + 77_000)
        shuffled = [
            Change(int(day), c.feature, c.action, c.amount, c.id)
            for day, c in zip(days, changes, strict=True)
        ]
        made = forecast(moved, shuffled[:-1], shuffled[-1])
        refused += made.refusal is not None and "no detectable effect" in made.refusal
    assert refused >= 85


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ([], "no dated changes"),
        ([Change(50, "price", "increase", 0.5)], "no dated change of damage"),
        ([Change(50, "damage", "nerf", 0.5)] * 2, "too few events"),
    ],
)
def test_a_refusal_names_what_is_missing(changes: list[Change], says: str) -> None:
    made = forecast(effects.before_after(noise(200, 1), 7), changes, Change(-1, "damage", "nerf", 0.5))
    assert made.refusal is not None and says in made.refusal and math.isnan(made.estimate)


def test_an_opposite_change_has_the_opposite_estimate() -> None:
    moved, changes, _ = history(3)
    up = forecast(moved, changes, Change(-1, "damage", "buff", 0.8))
    down = forecast(moved, changes, Change(-1, "damage", "nerf", 0.8))
    assert up.estimate > 0 > down.estimate == pytest.approx(-up.estimate)


def test_pairs_of_planted_histories() -> None:
    from chorus.runtime.synthetic.series import mixed, planted_pairs
    from chorus.runtime.synthetic.timeline import DIRECTION

    held = answered = refused = alarms = controls = 0
    for made in planted_pairs(200, 11):
        doses = [DIRECTION[action] * amount for action, amount, _ in made.past]
        x = DIRECTION[made.next_action] * made.next_amount
        got = from_pairs(doses, [seen for *_, seen in made.past], x, draws=499)
        refused += (
            from_pairs(doses, [seen for *_, seen in mixed(made, 5).past], x, draws=499).refusal is not None
        )
        if made.sensitivity == 0:
            controls, alarms = controls + 1, alarms + (got.refusal is None)
        elif got.refusal is None:
            answered, held = answered + 1, held + (got.low <= made.true <= got.high)
    assert answered >= 150 and 0.90 <= held / answered <= 0.98
    assert alarms <= controls * 0.15
    assert refused >= 180


@pytest.mark.parametrize(
    ("p", "alpha", "said"),
    [
        (0.041, 0.05 / 3, "p = 0.041 where at most 0.017 counts"),
        (0.0502, 0.05, "p = 0.0502 where at most 0.05 counts"),
        (0.4, 0.05, "p = 0.4 where at most 0.05 counts"),
    ],
)
def test_a_refused_effect_says_which_p_value_counts(p: float, alpha: float, said: str) -> None:
    assert _too_likely(p, alpha) == said


@given(
    st.lists(st.floats(-2, 2).map(lambda x: round(x, 2)), min_size=6, max_size=12, unique=True),
    st.integers(0, 999),
)
def test_the_chance_of_the_sign_agrees_with_the_interval(doses: list[float], seed: int) -> None:
    """0 lies outside the 95 % interval exactly when the sign is surer than 97.5 %."""
    rng = np.random.default_rng(seed)
    seen = [0.5 * dose + 0.2 * rng.standard_normal() for dose in doses]
    got = from_pairs(doses, seen, 1.0, draws=99)
    if got.refusal is None:
        assert 0.5 <= got.sign <= 1
        assert (got.low > 0 or got.high < 0) == (got.sign > 0.975)


WAVE = "(map (lambda (i) (modulo (* i i) 17)) (iota 100))"


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ("(daily-mean '(0 1) '(1 2 3) 3)", "range"),
        ("(daily-mean '(0 1) '(1 a) 3)", "type"),
        ("(daily-count '(0.7 1) 2)", "type"),
        ("(daily-count '(#t 1) 2)", "type"),
        ("(daily-count '(1e30) 2)", "type"),
        ("(daily-count '(0 5) 2)", "range"),
        ("(daily-count '(0) -2)", "range"),
        ("(retention '(0 1) '(a) 3 1)", "range"),
        ('(before-after "123" 1)', "type"),
        ("(before-after '((1 2) (3 4)) 1)", "type"),
        ("(before-after '(1 -2 3) 1 :relative #t)", "range"),
        ("(before-after '(1 #f 3) 1 :relative #t)", "range"),
        ("(detect-effect 5 '(5 10))", "type"),
        (f"(detect-effect {WAVE} '(5 10) '(1))", "range"),
        (f'(detect-effect {WAVE} \'("6" 10))', "type"),
        (f"(detect-effect {WAVE} '(5 10) :gap -3)", "range"),
        ("(predict-from-pairs '((1 +nan.0) (2 1) (3 2) (4 4) (5 5)) 1)", "type"),
        ('(predict-from-pairs \'(("1" 1) (2 2) (3 3) (4 4)) 1)', "type"),
        ("(predict-from-pairs '((1 1) (2 2) (3 3) (4 4)) +nan.0)", "type"),
        ("(predict-from-pairs '((1 1) (2 2) (3 3) (4 4)) 1 :alpha 7)", "range"),
        ("(predict-from-pairs '((1 1 1)) 1)", "type"),
    ],
)
def test_what_are_no_numbers_of_days_are_refused(form: str, code: str) -> None:
    with Session() as made, pytest.raises(ChorusError) as caught:
        made.eval(form)
    assert caught.value.code == code


def test_lists_are_series_as_tensors_are() -> None:
    with Session() as made:
        assert made.eval("(tensor-ref (before-after '(0 0 #f 1 1 1) 3) 3)") == 1
        assert made.eval(f"(hash-ref (detect-effect {WAVE} '(5 10)) :n)") == 2
        assert math.isnan(made.eval("(tensor-ref (daily-mean '() '() 3) 0)"))
        assert made.eval("(tensor-ref (daily-count '() 3) 0)") == 0
