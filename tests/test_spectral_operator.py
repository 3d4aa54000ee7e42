"""Fourier operators learn solutions of equations, at any resolution, and find no order where there is none."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from chorus.kernels.spectral.equations import burgers, darcy, smooth_fields
from chorus.kernels.spectral.operator import FourierHead, FourierOperator, fit, relative
from chorus.kernels.spectral.resample import fourier_resample


def test_burgers_solution_satisfies_the_equation() -> None:
    n, viscosity, time, step = 512, 0.05, 0.3, 1e-4
    start = smooth_fields((n,), 3, seed=1)
    before, now, after = (burgers(start, viscosity, time + shift) for shift in (-step, 0, step))
    wave = 2j * np.pi * np.fft.rfftfreq(n, 1 / n)
    along = lambda u, order: np.fft.irfft(np.fft.rfft(u) * wave**order, n)
    rest = (after - before) / (2 * step) + now * along(now, 1) - viscosity * along(now, 2)
    assert np.abs(rest).max() < 1e-3 * np.abs(now * along(now, 1)).max()
    np.testing.assert_allclose(burgers(start, viscosity, 0.0), start, atol=1e-5)


def test_darcy_solution_meets_the_known_one() -> None:
    """With permeability 1 the pressure is a double sine series."""
    n = 40
    x = (np.arange(n) + 0.5) / n
    odd = np.arange(1, 80, 2)
    sines = np.sin(np.pi * np.outer(odd, x))  # [k,n]
    weight = 16 / (np.pi**4 * np.outer(odd, odd) * (odd[:, None] ** 2 + odd**2))
    np.testing.assert_allclose(darcy(np.ones((n, n))), sines.T @ weight @ sines, atol=2e-4)


def linear_error(x: np.ndarray, y: np.ndarray, x_new: np.ndarray, y_new: np.ndarray) -> float:
    """What the best linear operator leaves."""
    gram = x.T @ x + 1e-3 * len(x) * np.eye(x.shape[1])
    made = x_new @ np.linalg.solve(gram, x.T @ y)
    return float((np.linalg.norm(made - y_new, axis=1) / np.linalg.norm(y_new, axis=1)).mean())


@pytest.mark.slow
def test_it_learns_burgers_and_keeps_it_at_another_resolution() -> None:
    fine = smooth_fields((128,), 360, seed=0)
    later = burgers(fine, 0.05, 0.3)
    at = lambda values, step: torch.from_numpy(values[:, None, ::step]).float()
    torch.manual_seed(0)
    model = fit(FourierOperator(1, 1, 24, (12,), 3), at(fine, 4)[:300], at(later, 4)[:300], epochs=40)
    with torch.no_grad():
        coarse = float(relative(model(at(fine, 4)[300:]), at(later, 4)[300:]))
        finer = float(relative(model(at(fine, 1)[300:]), at(later, 1)[300:]))
    linear = linear_error(fine[:300, ::4], later[:300, ::4], fine[300:, ::4], later[300:, ::4])
    assert coarse < 0.06 and coarse < linear / 3
    assert finer < 1.6 * coarse  # trained at 32 points, asked at 128


def test_an_operator_commutes_with_resampling() -> None:
    """Its part in frequencies does: what it makes of a fine sample is what it makes of a coarse one."""
    torch.manual_seed(0)
    model = FourierOperator(1, 1, 8, (4,), 1).double()
    conv = model.blocks[0]
    x = fourier_resample(torch.randn(2, 8, 9, dtype=torch.float64), 36)
    coarse = fourier_resample(conv.convolve(x, *conv.weights), 9)
    assert torch.allclose(coarse, conv.convolve(fourier_resample(x, 9), *conv.weights), atol=1e-12)


@pytest.mark.slow
def test_it_learns_darcy() -> None:
    permeability = np.where(smooth_fields((24, 24), 260, seed=2) > 0, 12.0, 3.0)
    pressure = np.stack([darcy(a) for a in permeability]) * 100
    x = torch.from_numpy((permeability[:, None] - 7.5) / 4.5).float()
    y = torch.from_numpy(pressure[:, None]).float()
    torch.manual_seed(0)
    model = fit(FourierOperator(1, 1, 16, (6, 6), 3), x[:220], y[:220], epochs=40, batch=20)
    with torch.no_grad():
        found = float(relative(model(x[220:]), y[220:]))
    mean = float(relative(y[:220].mean(0, keepdim=True).expand(40, -1, -1, -1), y[220:]))
    assert found < 0.12 and found < mean / 2


@pytest.mark.slow
def test_the_head_reads_an_order_where_there_is_one_and_only_there() -> None:
    """The control: a phase-free wave in places is found; with the places permuted, the same numbers are not."""
    rng = np.random.default_rng(0)
    label = rng.integers(2, size=900)
    phase = rng.random((900, 1)) * 2 * np.pi
    wave = np.sin(2 * np.pi * np.outer(np.where(label, 5, 9), np.arange(64)) / 64 + phase)
    x = torch.from_numpy(wave + 1.2 * rng.standard_normal((900, 64))).float()
    y = torch.from_numpy(label)

    def accuracy(points: torch.Tensor) -> float:
        torch.manual_seed(0)
        head = FourierHead(2, width=8, modes=12)
        fit(head, points[:600], y[:600], loss=torch.nn.functional.cross_entropy, epochs=12)
        with torch.no_grad():
            return float((head(points[600:]).argmax(1) == y[600:]).float().mean())

    ordered, permuted = accuracy(x), accuracy(x[:, torch.from_numpy(rng.permutation(64))])
    assert ordered > 0.95 and ordered > permuted + 0.05
