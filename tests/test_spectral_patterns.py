"""What recurs is found where it was planted, and white or red noise yields nothing."""

from __future__ import annotations

import numpy as np
import pytest

from chorus.kernels.spectral import patterns, reference
from chorus.kernels.spectral.patterns import motifs, profile, rhythms


def red(days: int, seed: int, persistence: float = 0.8) -> np.ndarray:
    shocks = np.random.default_rng(seed).standard_normal(days)
    for t in range(1, days):
        shocks[t] += persistence * shocks[t - 1]
    return shocks


@pytest.mark.parametrize("m", [2, 5, 11])
def test_the_profile_is_that_of_the_reference(m: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "TILE", 7)
    x = np.random.default_rng(m).standard_normal(40)
    x[4:9] = 1.0  # flat
    slow, _ = reference.profile(x, m)
    fast, place = profile(x, m)
    np.testing.assert_allclose(fast, slow, atol=1e-6)
    stretches = np.stack([x[i : i + m] for i in range(len(x) - m + 1)])
    spread = stretches.std(1, keepdims=True)
    alike = (stretches - stretches.mean(1, keepdims=True)) / np.where(spread > 0, spread, 1)
    np.testing.assert_allclose(np.linalg.norm(alike - alike[place], axis=1), slow, atol=1e-6)
    assert (np.abs(place - np.arange(len(place))) >= m).all()
    other, elsewhere = patterns._on_device(patterns._standard(x, m), m, "cpu")
    np.testing.assert_allclose(other, slow, atol=1e-6)
    assert (np.abs(elsewhere - np.arange(len(place))) >= m).all()


def test_a_planted_shape_is_found_at_all_its_places() -> None:
    rng = np.random.default_rng(0)
    x = red(300, 1, 0.5)
    shape = 6 * np.array([0, 3, 1, 2.5, -2, -3, 0.5, 1, 3, -1, -2, 1, 0, 2.0])
    places = [40, 133, 251]
    for at in places:
        x[at : at + 14] = shape + 0.3 * rng.standard_normal(14)
    (found, *_) = motifs(x, 14)
    assert found.p <= 0.01 and found.distance < found.expected / 2
    assert (
        all(min(abs(start - at) for start in found.starts) <= 2 for at in places) and len(found.starts) == 3
    )


def test_noise_yields_no_shape() -> None:
    found = sum(bool(motifs(red(200, seed, 0.7 * (seed % 2)), 10, draws=19)) for seed in range(40))
    assert found <= 2


def test_a_planted_week_is_found() -> None:
    t = np.arange(180)
    x = red(180, 3, 0.5) + 1.6 * np.sin(2 * np.pi * t / 7) + 0.01 * t
    (found, *_) = rhythms(x)
    assert found.period == pytest.approx(7, abs=0.2) and found.share > 0.1


def test_noise_yields_no_rhythm() -> None:
    white = sum(bool(rhythms(np.random.default_rng(seed).standard_normal(200))) for seed in range(200))
    colour = sum(bool(rhythms(red(200, seed, 0.8))) for seed in range(200))
    assert white <= 6 and colour <= 10


def wandering(kind: str, rng: np.random.Generator, t: int = 120) -> np.ndarray:
    days, noise = np.arange(t), rng.standard_normal(t)
    counts = rng.poisson(8, t).astype(float)
    if kind == "walk":
        return noise.cumsum()
    if kind == "step":
        return noise + 6 * (days >= t // 2)
    if kind == "gap":  # two weeks are missing
        return np.where((days >= 40) & (days < 54), 0.0, counts)
    return rng.poisson(2 * np.exp(3 * days / t)).astype(float)


@pytest.mark.parametrize("kind", ["walk", "step", "gap", "growth"])
def test_a_level_that_wanders_is_no_rhythm(kind: str) -> None:
    """Its slow frequencies stand far above the quick ones: 7 to 65 in 100 had a period of half the signal."""
    rng = np.random.default_rng(1)
    assert sum(bool(rhythms(wandering(kind, rng))) for _ in range(100)) <= 5


def test_a_week_is_found_on_a_level_that_wanders() -> None:
    rng = np.random.default_rng(2)
    week = 3.0 * (np.arange(120) % 7 > 4)
    found = [rhythms(0.7 * wandering("walk", rng) + week) for _ in range(20)]
    assert sum(any(abs(each.period - 7) < 0.3 for each in row) for row in found) >= 18


def test_a_constant_has_neither() -> None:
    assert rhythms(np.full(100, 3.0)) == [] and motifs(np.full(100, 3.0), 7, draws=5) == []


def test_stretches_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="2 to 10 points, not 11"):
        profile(np.zeros(20), 11)
