"""Mechanisms with a part switched off: what is lost then, where no other test or bench switches it off.

docs/adapters-experiments.md has the figures, under "What each part is worth".
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from chorus.kernels.lora import privacy, ridge, split, universal

PATTERNS, BATCHES = 400, 10


def nulls(seed: int, batches: int = BATCHES) -> list[np.ndarray]:
    """Patterns that are nobody's: noise in each batch."""
    rng = np.random.default_rng(seed)
    return [rng.standard_normal((batches, 32)) for _ in range(PATTERNS)]


def test_without_benjamini_and_hochberg_a_twentieth_of_nothing_is_a_discovery() -> None:
    p = np.array([universal.universal(batches).p for batches in nulls(1)])
    each, together = int((p <= universal.Q).sum()), int(universal.discoveries(p).sum())
    assert 10 <= each <= 32  # 20 are expected
    assert together == 0


def test_without_alpha_spending_looking_again_errs_more_than_twice_as_often() -> None:
    looks = [10, 20, 40]
    held, spent = 0, 0
    for batches in nulls(2, looks[-1]):
        p = [universal.universal(batches[:m], seed=k).p for k, m in enumerate(looks)]
        held += min(p) <= universal.Q
        spent += any(each <= universal.Q / 2 ** (k + 1) for k, each in enumerate(p))
    assert spent / PATTERNS <= 0.06 and held >= 2 * spent and held / PATTERNS >= 0.08


def test_without_the_random_lift_the_ridge_sees_nothing_but_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    random = torch.Generator().manual_seed(3)
    x = torch.randn(1200, 2, generator=random)
    y = (x[:, 0] * x[:, 1] > 0).long()  # no line tells these apart

    def right(features: int) -> float:
        head = ridge.ridge(2, features, 2, seed=4)
        ridge.update(head, x[:800], y[:800])
        guess = ridge.scores(head, ridge.solve(head, 1.0), x[800:]).argmax(1)
        return float((guess == y[800:]).float().mean())

    lifted = right(256)
    monkeypatch.setattr(ridge, "lift", lambda head, x: x)  # the features as they are
    assert lifted > 0.93 and right(2) < 0.6


def test_by_the_raw_cosine_noise_is_split_from_itself() -> None:
    rng = np.random.default_rng(5)
    shared = rng.standard_normal(50)
    rounds = {  # all agents learn the same; one layer's gradients are of few examples
        "clear": shared + 0.3 * rng.standard_normal((12, 4, 2, 50)),
        "noisy": shared + 4.0 * rng.standard_normal((12, 4, 2, 50)),
    }
    raw = {
        layer: np.mean([split.agreement(g)[1] for g in gradients]) < 0.5
        for layer, gradients in rounds.items()
    }
    assert raw == {"clear": False, "noisy": True}
    assert not any(told[-1] for told in split.split(rounds).values())


def test_the_classical_gaussian_mechanism_needs_more_noise_for_the_same_promise() -> None:
    delta = 1e-5
    classical = math.sqrt(2 * math.log(1.25 / delta))  # of ε = 1   [Dwork & Roth 2014, theorem A.1]
    assert 1.25 < classical / privacy.sigma_of(1.0, delta) < 1.4


def test_without_clipping_one_contributor_moves_the_mean_beyond_the_noise() -> None:
    rng = np.random.default_rng(6)
    rows = rng.standard_normal((20, 50)) / np.sqrt(50)
    loud = rows.copy()
    loud[0] *= 100
    sigma = privacy.sigma_of(1.0, 1e-5)
    moved = {}
    for name, clip in (("clipped", 1.0), ("as they are", 1e6)):
        one, other = (
            privacy.release(each, "team", clip=clip, epsilon=1.0, rng=np.random.default_rng(7)).update
            for each in (rows, loud)
        )
        moved[name] = np.linalg.norm(other - one) * len(
            rows
        )  # the same noise in both: what the loud one adds
    assert moved["clipped"] <= 2 and moved["as they are"] > 10 * sigma
