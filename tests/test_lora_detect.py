"""The detector of stable patterns: found where there are any, silent in coloured noise and in what comes and goes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from chorus.kernels.lora import detect

STREAMS, TICKS, D = 120, 200, 64
Make = Callable[[int, np.ndarray, np.ndarray], np.ndarray]


def heard(make: Make, white: bool = True, seed: int = 0) -> tuple[float, float]:
    """(share of streams in which it fired, median tick of the first time)."""
    random = np.random.default_rng(seed)
    pattern = random.standard_normal((STREAMS, D))
    pattern *= D**0.5 / np.linalg.norm(pattern, axis=1, keepdims=True)
    state, first, noise = detect.start((STREAMS,), D), np.full(STREAMS, np.inf), np.zeros((STREAMS, D))
    for tick in range(TICKS):
        noise = make(tick, noise, random.standard_normal((STREAMS, D)))
        told = noise + STRENGTH.get(make, lambda tick: 0.0)(tick) * pattern
        state, _, fired = detect.update(state, told, white)
        first = np.where(fired & np.isinf(first), tick, first)
    return float(np.isfinite(first).mean()), float(np.median(first))


def coloured(memory: float, strength: Callable[[int], float] = lambda tick: 0.0) -> Make:
    make: Make = lambda tick, before, fresh: memory * before + np.sqrt(1 - memory**2) * fresh
    STRENGTH[make] = strength
    return make


STRENGTH: dict[Make, Callable[[int], float]] = {}


def test_a_stable_pattern_is_found_soon_after_the_warming_up() -> None:
    share, tick = heard(coloured(0.0, lambda tick: 0.3))
    assert share == 1.0 and tick <= detect.WARM + 12


@pytest.mark.parametrize("memory", [0.0, 0.5, 0.9])
def test_noise_is_no_pattern_whatever_its_colour(memory: float) -> None:
    assert heard(coloured(memory))[0] <= 0.05


def test_without_whitening_coloured_noise_is_taken_for_a_pattern() -> None:
    assert heard(coloured(0.5), white=False)[0] > 0.9


def test_a_pattern_is_found_in_coloured_noise_too() -> None:
    assert heard(coloured(0.5, lambda tick: 0.5))[0] >= 0.95


@pytest.mark.parametrize("period", [2, 10])
def test_what_comes_and_goes_is_not_stable(period: int) -> None:
    assert heard(coloured(0.0, lambda tick: 0.7 * np.cos(2 * np.pi * tick / period)))[0] <= 0.05


def test_a_period_longer_than_what_it_looks_at_cannot_be_told_from_a_pattern() -> None:
    assert heard(coloured(0.0, lambda tick: 0.7 * np.cos(2 * np.pi * tick / 400)))[0] > 0.9


def test_size_of_the_signature_does_not_matter() -> None:
    random = np.random.default_rng(4)
    small = big = detect.start((3,), 8)
    for _ in range(60):
        s = random.standard_normal((3, 8)) + 0.4
        small, one, _ = detect.update(small, s)
        big, other, _ = detect.update(big, 1e6 * s)
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_silence_is_no_pattern() -> None:
    state = detect.start((2,), 8)
    for _ in range(100):
        state, total, fired = detect.update(state, np.zeros((2, 8)))
        assert not fired.any() and np.isfinite(total).all()


def test_signatures_keep_cosines() -> None:
    random = np.random.default_rng(5)
    a, b = random.standard_normal((2, 20, 30))
    b += a
    cosine = lambda x, y: float((x * y).sum() / np.linalg.norm(x) / np.linalg.norm(y))
    assert cosine(detect.signature(a), detect.signature(b)) == pytest.approx(cosine(a, b), abs=3 / 64**0.5)
