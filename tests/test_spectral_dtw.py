"""Warped distances are those of the table, and know a shifted series again."""

from __future__ import annotations

import numpy as np
import pytest

from chorus.kernels.spectral import reference
from chorus.kernels.spectral.dtw import dtw_batch


@pytest.mark.parametrize(("t", "band"), [(1, 0), (2, 1), (9, 0), (9, 1), (9, 2), (12, 5), (12, 11), (7, 30)])
@pytest.mark.parametrize("device", ["cpu", "cpu:0"])  # the second goes the way of every other device
def test_distances_are_those_of_the_reference(t: int, band: int, device: str) -> None:
    rng = np.random.default_rng(t)
    a, b = rng.standard_normal((2, 6, t))
    slow = [reference.dtw(x, y, band) for x, y in zip(a, b, strict=True)]
    np.testing.assert_allclose(dtw_batch(a, b, band, device=device), slow, rtol=1e-12)


def test_without_a_band_any_path_goes() -> None:
    a, b = np.random.default_rng(0).standard_normal((2, 3, 10))
    np.testing.assert_array_equal(dtw_batch(a, b), dtw_batch(a, b, 9))


def test_a_delayed_bump_is_near_and_another_shape_is_not() -> None:
    at = np.arange(60)
    bump = lambda centre: np.exp(-(((at - centre) / 4) ** 2))
    other = np.where(at % 20 < 3, 1.0, 0.0)
    delayed, different = dtw_batch(np.stack([bump(25)] * 2), np.stack([bump(31), other]), 8)
    assert delayed < 0.1 < np.linalg.norm(bump(25) - bump(31)) and different > 1


def test_many_pairs_go_through_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    from chorus.kernels.spectral import dtw

    a, b = np.random.default_rng(0).standard_normal((2, 150, 10))
    whole = dtw_batch(a, b, 3)
    monkeypatch.setattr(dtw, "NEAR", 0)
    np.testing.assert_array_equal(dtw_batch(a, b, 3), whole)


def test_single_precision_stays_and_is_near() -> None:
    a, b = np.random.default_rng(0).standard_normal((2, 5, 100)).cumsum(2)
    single = dtw_batch(a.astype(np.float32), b.astype(np.float32), 9)
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, dtw_batch(a, b, 9), rtol=1e-5)


def test_unequal_series_are_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        dtw_batch(np.zeros((2, 5)), np.zeros((2, 6)))
    with pytest.raises(ValueError, match="0 or more"):
        dtw_batch(np.zeros((2, 5)), np.zeros((2, 5)), -1)
