"""Spectral convolutions and resampling: as the sums define them, at any resolution, with true adjoints."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from chorus.kernels.spectral import reference
from chorus.kernels.spectral.resample import fourier_resample
from chorus.kernels.spectral.spectral_conv import spectral_conv1d, spectral_conv2d


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def host(weight: torch.Tensor) -> np.ndarray:
    return torch.view_as_complex(weight).numpy()


@pytest.mark.parametrize(("n", "size"), [(16, 16), (15, 15), (16, 31), (31, 12)])
def test_in_one_dimension_it_is_the_sum_over_frequencies(n: int, size: int) -> None:
    x, weight = drawn(2, 3, n), drawn(3, 4, 5, 2, seed=1)
    made = spectral_conv1d(x, weight, size)
    np.testing.assert_allclose(made, reference.spectral_conv1d(x.numpy(), host(weight), size), atol=1e-13)


@pytest.mark.parametrize(("h", "w"), [(12, 10), (11, 13)])
def test_in_two_dimensions_it_is_the_sum_over_frequencies(h: int, w: int) -> None:
    x, plus, minus = drawn(2, 3, h, w), drawn(3, 2, 4, 3, 2, seed=1), drawn(3, 2, 4, 3, 2, seed=2)
    slow = reference.spectral_conv2d(x.numpy(), host(plus), host(minus))
    np.testing.assert_allclose(spectral_conv2d(x, plus, minus), slow, atol=1e-13)


def test_waves_that_run_either_way_need_a_block_each() -> None:
    one = torch.zeros(1, 1, 4, 4, 2, dtype=torch.float64)
    one[..., 0] = 1
    down, across = torch.meshgrid(
        torch.arange(16).double() / 16, torch.arange(12).double() / 12, indexing="ij"
    )
    for sign in (1, -1):
        wave = torch.cos(2 * torch.pi * (2 * sign * down + 3 * across))[None, None]
        both = spectral_conv2d(wave, one, one)
        assert torch.allclose(both, wave, atol=1e-12)
        alone = spectral_conv2d(wave, one, torch.zeros_like(one))
        assert torch.allclose(alone, wave if sign > 0 else torch.zeros_like(wave), atol=1e-12)


@pytest.mark.parametrize("n", [32, 33])
def test_the_same_function_at_another_resolution_gives_the_same_function(n: int) -> None:
    """Band-limited input, sampled finely and coarsely, and asked for on either grid."""
    weight = drawn(2, 2, 6, 2, seed=1)
    coarse = spectral_conv1d(drawn(1, 2, n), weight)  # band-limited
    fine = fourier_resample(coarse, 4 * n)
    again = drawn(2, 2, 6, 2, seed=3)
    apart = (spectral_conv1d(fine, again, n) - spectral_conv1d(coarse, again)).abs().max()
    assert float(apart) < 1e-13
    over = (spectral_conv1d(fine, again) - spectral_conv1d(coarse, again, 4 * n)).abs().max()
    assert float(over) < 1e-13


@pytest.mark.parametrize("dims", [1, 2])
def test_forward_and_backward_are_adjoint(dims: int) -> None:
    """⟨Jv,u⟩ = ⟨v,Jᵀu⟩, in the signal and in the weights."""
    x = drawn(2, 3, *(14, 12)[:dims])
    weights = [drawn(3, 2, *(4, 3)[:dims], 2, seed=s) for s in range(1, dims + 1)]
    run = lambda *given: (spectral_conv1d, spectral_conv2d)[dims - 1](*given)
    inputs = (x, *weights)
    directions = tuple(drawn(*each.shape, seed=9) for each in inputs)
    out, forward = torch.func.jvp(run, inputs, directions)
    u = drawn(*out.shape, seed=7)
    back = torch.func.vjp(run, *inputs)[1](u)
    ahead = float((forward * u).sum())
    assert abs(
        ahead - sum(float((v * g).sum()) for v, g in zip(directions, back, strict=True))
    ) < 1e-10 * abs(ahead)


def test_modes_that_a_signal_cannot_have_are_refused() -> None:
    with pytest.raises(ValueError, match="9 points or more, not 8"):
        spectral_conv1d(drawn(1, 1, 8), drawn(1, 1, 5, 2))
    with pytest.raises(ValueError, match="not 8"):
        spectral_conv1d(drawn(1, 1, 16), drawn(1, 1, 5, 2), 8)


@pytest.mark.parametrize(
    ("n", "size"), [(8, 16), (16, 8), (9, 14), (14, 9), (8, 9), (9, 8), (6, 6), (1, 4), (5, 1)]
)
def test_resampling_is_the_trigonometric_polynomial(n: int, size: int) -> None:
    x = drawn(n)
    np.testing.assert_allclose(
        fourier_resample(x, size), reference.fourier_resample(x.numpy(), size), atol=1e-13
    )


@pytest.mark.parametrize(("n", "size"), [(8, 11), (8, 16), (9, 20)])
def test_up_and_down_again_is_the_identity(n: int, size: int) -> None:
    x = drawn(3, n)
    assert torch.allclose(fourier_resample(fourier_resample(x, size), n), x, atol=1e-13)


def test_resampling_agrees_with_scipy() -> None:
    from scipy.signal import resample

    for n, size in ((10, 25), (24, 10), (9, 12)):
        x = drawn(n).numpy()
        np.testing.assert_allclose(fourier_resample(torch.from_numpy(x), size), resample(x, size), atol=1e-13)
