"""Health: measures look only back, the risk follows planted trouble, and a verdict says when nothing is predicted."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chorus.kernels.lora.health import WINDOW, History, leaps, measures, risk, state, verdict
from chorus.kernels.lora.measures import auc


def quiet(seed: int = 0, steps: int = 64) -> History:
    rng = np.random.default_rng(seed)
    losses = 1 / np.arange(1, steps + 1) + 0.01 * rng.standard_normal(steps)
    return History(
        losses.tolist(), (1 + 0.1 * rng.random(steps)).tolist(), (0.2 * rng.random(steps)).tolist()
    )


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.floats(-1e6, 1e6))
def test_what_comes_later_is_not_looked_at(seed: int, later: float) -> None:
    history, end = quiet(seed), 40
    changed = History(
        *([*part[:end], *[later] * 24] for part in (history.losses, history.norms, history.cosines))
    )
    assert measures(history, end) == measures(changed, end)


def test_turning_steps_and_rising_losses_are_a_risk() -> None:
    calm = quiet()
    turning = History(calm.losses, calm.norms, [-0.8] * 64)
    rising = History(
        [*calm.losses[:48], *np.linspace(0.1, 2, 16)], [*calm.norms[:48], *np.linspace(1, 8, 16)], [-0.8] * 64
    )
    risks = [risk(measures(history, 64)) for history in (calm, turning, rising)]
    assert risks[0] < 0.2 < risks[1] < risks[2]
    assert [state(history)[0] for history in (calm, rising)] == ["healthy", "at risk"]
    assert state(quiet(steps=WINDOW - 1))[0] == "unknown" and math.isnan(state(quiet(steps=3))[1])


def test_a_leap_is_no_single_bad_batch() -> None:
    losses = [1.0 + 0.01 * (at % 3) for at in range(40)]
    assert not leaps(losses, 20)
    single = [*losses]
    single[25] = 2.5
    assert not leaps(single, 20)
    assert leaps([*losses[:25], *[2.0] * 15], 20) and leaps([*losses[:25], *[math.inf] * 15], 20)
    assert not leaps(losses, 0) and not leaps(losses, 39)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=25))
def test_auc_is_the_share_of_pairs_in_order(cases: list[tuple[int, bool]]) -> None:
    yes, no = ([score for score, mark in cases if mark is wanted] for wanted in (True, False))
    made = auc([score for score, _ in cases], [mark for _, mark in cases])
    if not yes or not no:
        assert math.isnan(made)
    else:
        assert made == pytest.approx(np.mean([(a > b) + (a == b) / 2 for a in yes for b in no]))


def test_a_verdict_says_whether_it_predicts() -> None:
    rng = np.random.default_rng(0)
    truth = [rng.random(40) < 0.3 for _ in range(10)]
    good = verdict([(marks + 0.5 * rng.standard_normal(40), marks) for marks in truth])
    assert good.predicts and good.low <= good.auc <= good.high and "predicts" in good.words
    lot = verdict([(rng.standard_normal(40), marks) for marks in truth])
    assert not lot.predicts and "does not predict" in lot.words
    never = verdict([(rng.standard_normal(40), np.zeros(40, bool))])
    assert not never.predicts and "cannot be judged" in never.words


def test_whole_runs_are_drawn_anew_so_one_run_does_not_convince() -> None:
    """Within one run all scores go along; between runs they say nothing."""
    runs = [(np.full(50, float(at % 2)), np.full(50, at in (1, 2))) for at in range(4)]
    made = verdict(runs)
    assert made.low < 0.3 and made.high > 0.7 and not made.predicts
