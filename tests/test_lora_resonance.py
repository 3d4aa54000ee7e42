"""Aggregation though some agents are bad: properties of every rule, planted attacks, what the own rule forgets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chorus.kernels.lora import robust
from chorus.kernels.lora.attacks import ATTACKS, KNOWING, attacked
from chorus.kernels.lora.resonance import RULES, Resonance, Settings, aggregate, echoes
from chorus.runtime.errors import EvalError

AGENTS, BAD, SIZE = 20, 6, 60
ROBUST = ("geometric", "fltrust", "resonance")
seeds = st.integers(0, 2**32 - 1)


def swarm(seed: int, spread: float = 0.5) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Honest updates around a direction of length 1, the direction, and a root's noisy view of it."""
    rng = np.random.default_rng(seed)
    wanted = rng.standard_normal(SIZE)
    wanted /= np.linalg.norm(wanted)
    noise = lambda *shape: spread * rng.standard_normal(shape) / np.sqrt(SIZE)
    return wanted + noise(AGENTS, SIZE), wanted, wanted + noise(SIZE)


def cosine(one: np.ndarray, other: np.ndarray) -> float:
    return float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other)))


@pytest.mark.parametrize("rule", RULES)
@settings(max_examples=15, deadline=None)
@given(seed=seeds)
def test_order_of_agents_does_not_matter_and_length_scales(rule: str, seed: int) -> None:
    updates, _, root = swarm(seed)
    order = np.random.default_rng(seed).permutation(AGENTS)
    made = aggregate(updates, rule, root=root)
    assert np.allclose(aggregate(updates[order], rule, root=root).update, made.update)
    assert np.allclose(aggregate(updates[order], rule, root=root).weights, made.weights[order])
    assert np.allclose(aggregate(3 * updates, rule, root=3 * root).update, 3 * made.update)
    assert made.weights.sum() == pytest.approx(1) and (made.weights >= 0).all()


@pytest.mark.parametrize("rule", RULES)
def test_equal_updates_are_their_own_aggregate(rule: str) -> None:
    updates = np.tile(np.arange(1.0, 6), (7, 1))
    assert np.allclose(aggregate(updates, rule, root=updates[0]).update, updates[0])


@pytest.mark.parametrize("rule", RULES)
def test_worlds_at_once_are_as_each_alone(rule: str) -> None:
    both = np.stack([swarm(seed)[0] for seed in (1, 2)])
    roots = np.stack([swarm(seed)[2] for seed in (1, 2)])
    made = RULES[rule](both, 4, roots)
    for at in range(2):
        alone = RULES[rule](both[at], 4, roots[at])
        assert np.allclose(made.update[at], alone.update) and np.allclose(made.weights[at], alone.weights)


def test_rules_are_their_definitions() -> None:
    updates, _, _ = swarm(3)
    assert np.allclose(aggregate(updates, "mean").update, updates.mean(0))
    assert np.allclose(aggregate(updates[:19], "median").update, np.median(updates[:19], axis=0))
    assert np.allclose(aggregate(updates, "trimmed", bad=3).update, np.sort(updates, axis=0)[3:-3].mean(0))
    distance = ((updates[:, None] - updates[None]) ** 2).sum(-1)
    scores = [np.sort(row)[1 : AGENTS - BAD - 1].sum() for row in distance]
    assert np.allclose(aggregate(updates, "krum", bad=BAD).update, updates[np.argmin(scores)])
    middle = robust.geometric_median(updates, rounds=100)
    away = (middle - updates) / np.linalg.norm(middle - updates, axis=1, keepdims=True)
    assert np.linalg.norm(away.sum(0)) < 1e-3  # its gradient vanishes


@pytest.mark.parametrize("attack", [*ATTACKS, *KNOWING])
@pytest.mark.parametrize("rule", ROBUST)
def test_bad_agents_do_not_turn_the_update(rule: str, attack: str) -> None:
    updates, wanted, root = swarm(5)
    sent = attacked(updates, -updates, BAD, attack, np.random.default_rng(0))
    assert np.array_equal(sent[BAD:], updates[BAD:])
    assert cosine(aggregate(sent, rule, BAD, root).update, wanted) > 0.9


def test_the_mean_is_turned_so_the_attacks_are_attacks() -> None:
    updates, wanted, _ = swarm(5)
    sent = attacked(updates, -updates, BAD, "sign-flip", np.random.default_rng(0))
    assert cosine(aggregate(sent, "mean").update, wanted) < 0


def test_without_a_root_a_majority_of_bad_agents_wins_and_with_it_not() -> None:
    updates, wanted, root = swarm(6)
    sent = attacked(updates, -updates, 13, "sign-flip", np.random.default_rng(0))
    assert cosine(aggregate(sent).update, wanted) < 0
    made = Resonance()
    for _ in range(10):
        last = made(sent, 13, root)
    assert cosine(last.update, wanted) > 0.9 and last.weights[:13].max() < 1e-6


def test_nobody_bad_nobody_left_out() -> None:
    updates, _, root = swarm(7)
    weights = aggregate(updates, root=root).weights
    assert np.allclose(weights, 1 / AGENTS)


def test_echoes_count_once() -> None:
    updates, _, _ = swarm(8, spread=3.0)
    updates[:5] = updates[0]
    assert echoes(updates, 0.95)[:6].tolist() == [5, 5, 5, 5, 5, 1]
    weights = aggregate(updates).weights
    assert weights[:5].sum() == pytest.approx(weights[6:].max(), rel=1e-6)
    assert Resonance(Settings(echo=None))(updates).weights[:5].sum() > weights[:5].sum()


def test_most_agents_alike_are_no_conspiracy() -> None:
    updates, _, _ = swarm(8, spread=3.0)
    most = len(updates) // 2 + 1
    updates[:most] = updates[0]
    assert echoes(updates, 0.95)[: most + 1].tolist() == [1] * (most + 1)
    assert aggregate(updates).weights[:most].sum() > 0.5


def test_memory_tells_who_is_bad_when_a_round_does_not() -> None:
    """Late rounds are noise: who was bad before stays out, and who is new to the swarm starts afresh."""
    updates, _, root = swarm(9)
    sent = attacked(updates, -updates, BAD, "sign-flip", np.random.default_rng(0))
    made = Resonance()
    for _ in range(5):
        made(sent, 0, root)
    noise = np.random.default_rng(1).standard_normal(updates.shape) / 100
    assert made(noise, 0, root / 100).weights[:BAD].max() == 0
    assert Resonance()(noise, 0, root / 100).weights[:BAD].max() > 0
    assert made(updates[:12], 0, root).weights.min() > 0


def test_an_agent_that_turns_bad_is_found_if_late() -> None:
    updates, _, root = swarm(10)
    made = Resonance()
    for _ in range(10):
        made(updates, 0, root)
    sent = attacked(updates, -updates, BAD, "sign-flip", np.random.default_rng(0))
    rounds = [made(sent, 0, root).weights[:BAD].sum() for _ in range(120)]  # no round is forgotten: late
    assert rounds[0] > 0.2 and rounds[-1] == 0


@settings(max_examples=25, deadline=None)
@given(seed=seeds, rule=st.sampled_from(sorted(RULES)), value=st.sampled_from([np.nan, np.inf, -np.inf]))
def test_what_is_not_finite_has_no_weight(seed: int, rule: str, value: float) -> None:
    updates, _, root = swarm(seed)
    hurt = updates.copy()
    hurt[seed % AGENTS, seed % SIZE] = value
    made = aggregate(hurt, rule, root=root)
    assert np.isfinite(made.update).all() and made.weights[seed % AGENTS] == 0


def test_a_vanishing_swarm_stays() -> None:
    for rule in RULES:
        assert np.array_equal(aggregate(np.zeros((4, 3)), rule, root=np.ones(3)).update, np.zeros(3)), rule


def test_mistakes_are_told() -> None:
    for wrong in (np.zeros((0, 3)), np.zeros(3), np.full((2, 2), np.nan)):
        with pytest.raises(EvalError):
            aggregate(wrong)
    with pytest.raises(EvalError, match="known: mean"):
        try:
            aggregate(np.ones((2, 2)), "mode")
        except EvalError as error:
            raise EvalError(f"{error.message} {error.hint}") from error
    with pytest.raises(EvalError, match="3 numbers"):
        aggregate(np.ones((2, 2)), root=np.ones(3))


def test_who_is_always_loud_counts_for_nothing_and_one_loud_round_is_forgotten() -> None:
    rng = np.random.default_rng(8)
    true, rule = rng.standard_normal(60), Resonance()
    for at in range(40):
        sent = true + rng.standard_normal((10, 60))
        sent[0] = 10 * np.sqrt((sent[1:] ** 2).mean()) * rng.standard_normal(60)  # noise agrees with nobody
        sent[1] *= 30 if at == 5 else 1
        made = rule(sent)
        if at > 0:
            assert made.weights[0] == 0
    assert made.weights[1] > 0.09
    rule = Resonance()
    for _ in range(3):  # where nothing moves nobody is loud
        rule(np.concatenate([np.zeros((9, 4)), np.ones((1, 4))]))
    assert rule(np.ones((10, 4))).weights == pytest.approx(0.1)


def test_in_a_single_round_a_large_update_is_cut_to_the_usual_size_and_counts() -> None:
    updates = np.ones((5, 3)) + np.eye(5, 3)
    large = np.concatenate([updates[:4], 50 * updates[4:]])
    assert aggregate(large).weights == pytest.approx(aggregate(updates).weights, abs=0.02)
