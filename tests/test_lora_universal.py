"""Universal patterns: the p-value is one, discoveries are few where nothing is, planted patterns are found."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chorus.kernels.lora import universal as kernel
from chorus.kernels.lora.universal import FIRST, Watch, discoveries, flips, look, share, universal
from chorus.runtime.errors import EvalError

seeds = st.integers(0, 2**32 - 1)


def by_hand(updates: np.ndarray) -> tuple[float, float]:
    """U and p as they are defined, with loops."""
    unit = [row / np.linalg.norm(row) for row in updates]
    m = len(unit)

    def u(signs: tuple[int, ...]) -> float:
        pairs = [(i, j) for i in range(m) for j in range(m) if i != j]
        return sum(signs[i] * signs[j] * float(unit[i] @ unit[j]) for i, j in pairs) / (m * (m - 1))

    seen = u((1,) * m)
    every = [u(signs) for signs in itertools.product((1, -1), repeat=m)]
    return seen, float(np.mean([value >= seen - 1e-12 for value in every]))


@settings(max_examples=20, deadline=None)
@given(seed=seeds, m=st.integers(2, 6))
def test_it_is_its_definition(seed: int, m: int) -> None:
    updates = np.random.default_rng(seed).standard_normal((m, 9))
    made = universal(updates)
    assert (made.u, made.p) == pytest.approx(by_hand(updates))


@settings(max_examples=30, deadline=None)
@given(seed=seeds)
def test_neither_lengths_nor_a_turn_of_all_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    updates = rng.standard_normal((7, 12)) + rng.standard_normal(12)
    scaled = -updates * rng.uniform(0.1, 10, (7, 1))
    assert universal(scaled).u == pytest.approx(universal(updates).u)
    assert universal(scaled).p == universal(updates).p


def test_five_batches_never_suffice() -> None:
    assert universal(np.ones((5, 8))).p == 1 / 16
    assert len(flips(5)) == 16


@pytest.mark.parametrize("kind", ["plain", "heavy", "few directions"])
def test_p_values_of_nothing_are_no_smaller_than_they_say(kind: str) -> None:
    rng = np.random.default_rng(1)

    def updates() -> np.ndarray:
        made = rng.standard_normal((8, 40))
        if kind == "heavy":
            return made * np.exp(2 * rng.standard_normal((8, 1)))
        return made if kind == "plain" else made[:, :3] @ rng.standard_normal((3, 40))

    p = np.array([universal(updates()).p for _ in range(400)])
    for level in (0.05, 0.25, 0.5):
        assert (p <= level).mean() <= level + 3 * np.sqrt(level * (1 - level) / 400)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=0, max_size=20), st.floats(0.01, 0.5))
def test_discoveries_are_benjamini_and_hochbergs(p: list[float], q: float) -> None:
    found = discoveries(p, q)
    steps = [k for k, value in enumerate(sorted(p), 1) if value <= q * k / len(p)]
    assert found.sum() >= max(steps, default=0)  # ties beyond the step have the same p-value
    if found.any():
        assert max(np.array(p)[found]) <= q * found.sum() / len(p) + 1e-12
        assert not (np.array(p)[~found] < max(np.array(p)[found])).any()
    assert discoveries(p, 1.0).all()


def test_looks_are_at_numbers_of_batches_that_grow_and_spend_no_more_than_the_error() -> None:
    at = [batches for batches in range(200) if look(batches) is not None]
    assert at == [9, 14, 21, 32, 48, 72, 108, 162] and [look(batches) for batches in at] == list(range(8))
    assert sum(share(k) for k in range(40)) == pytest.approx(1)


def test_where_not_all_flips_are_tried_the_drawn_ones_tell_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(8):
        rng = np.random.default_rng(seed)
        updates = rng.standard_normal((12, 30)) + 0.3 * rng.uniform(0, 2) * rng.standard_normal(30)
        true = universal(updates).p
        monkeypatch.setattr(kernel, "EXACT", 5)
        drawn = universal(updates, seed=seed).p
        monkeypatch.undo()
        assert abs(drawn - true) <= 5 * np.sqrt(true / 20 * max(true, 20 / kernel.MOST)) + 2 / kernel.MOST


def test_a_pattern_under_strong_noise_is_found_at_a_late_look() -> None:
    rng = np.random.default_rng(6)
    pattern, watch = rng.standard_normal(1000) / np.sqrt(1000), Watch()
    for _ in range(watch.most):
        watch.see("planted", pattern + 15 * rng.standard_normal(1000) / np.sqrt(1000))
        for at in range(40):
            watch.see(f"n{at}", rng.standard_normal(1000))
        watch.found()
    assert set(watch.universal) == {"planted"}  # one of 41: by p ≤ .0012 times the late share


def test_planted_patterns_are_found_and_nothing_else() -> None:
    rng = np.random.default_rng(4)
    watch, planted = Watch(), {f"p{at}": rng.standard_normal(300) / np.sqrt(300) for at in range(4)}
    for _ in range(4 * FIRST):
        for name, pattern in planted.items():
            watch.see(name, pattern + 3 * rng.standard_normal(300) / np.sqrt(300))
        for at in range(30):
            watch.see(f"n{at}", rng.standard_normal(300))
        watch.see("broken", np.full(300, np.nan))
        watch.found()
    assert set(watch.universal) >= set(planted) and len(watch.universal) <= 5
    assert watch.found() == {}


def test_what_one_agent_alone_repeats_looks_universal_so_batches_must_be_independent() -> None:
    rng = np.random.default_rng(5)
    habit = rng.standard_normal(200)
    assert universal(habit + rng.standard_normal((12, 200))).p < 0.001


def test_mistakes_are_told() -> None:
    with pytest.raises(EvalError):
        universal(np.ones((1, 4)))
    assert universal(np.zeros((3, 4))).p == 1
