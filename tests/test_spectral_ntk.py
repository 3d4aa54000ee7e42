"""The tangent kernel by products is the one that differences give, and says how a head learns."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from chorus.kernels.spectral import reference
from chorus.kernels.spectral.lanczos import top_eigenvalues, trace
from chorus.kernels.spectral.ntk import Tracker, functional, ntk_top, ntk_vp
from chorus.kernels.spectral.operator import FourierHead, fit


def dense(model: nn.Module, x: torch.Tensor) -> np.ndarray:
    """Θ by differences."""
    params = nn.utils.parameters_to_vector(model.parameters()).detach()

    def outputs(flat: np.ndarray) -> np.ndarray:
        nn.utils.vector_to_parameters(torch.from_numpy(flat), model.parameters())
        with torch.no_grad():
            return model(x).reshape(-1).numpy()

    made = reference.tangent_kernel(outputs, params.numpy().copy())
    nn.utils.vector_to_parameters(params, model.parameters())
    return made


def by_products(model: nn.Module, x: torch.Tensor, size: int) -> torch.Tensor:
    f, params = functional(model)
    whole = ntk_vp(f, params, x, torch.eye(size, dtype=x.dtype))
    assert torch.allclose(ntk_vp(f, params, x, torch.eye(size, dtype=x.dtype)[1]), whole[:, 1])
    return whole


def test_of_a_linear_model_it_is_the_gram_matrix_exactly() -> None:
    x = torch.arange(12.0).reshape(4, 3).double()
    model = nn.Linear(3, 1, bias=False).double()
    assert torch.equal(by_products(model, x, 4), x @ x.T)


@pytest.mark.parametrize("kind", ["mlp", "fourier"])
def test_products_are_those_of_the_matrix(kind: str) -> None:
    torch.manual_seed(0)
    model = (
        nn.Sequential(nn.Linear(12, 6), nn.GELU(), nn.Linear(6, 2))
        if kind == "mlp"
        else FourierHead(2, width=3, modes=4, depth=1, cells=2)
    ).double()
    x = torch.randn(5, 12, dtype=torch.float64)
    slow = dense(model, x)
    np.testing.assert_allclose(by_products(model, x, 10), slow, atol=1e-6 * np.abs(slow).max())
    f, params = functional(model)
    found, vectors = ntk_top(f, params, x, 4, tol=1e-10)
    np.testing.assert_allclose(found, np.linalg.eigvalsh(slow)[::-1][:4], rtol=1e-5)
    np.testing.assert_allclose(
        slow @ vectors.numpy(), vectors.numpy() * found.numpy(), atol=1e-5 * found[0].item()
    )


def planted(values: np.ndarray, seed: int = 0) -> torch.Tensor:
    turn = np.linalg.qr(np.random.default_rng(seed).standard_normal((len(values), len(values))))[0]
    return torch.from_numpy(turn * values @ turn.T)


@pytest.mark.parametrize(
    "values", [[5, 5, 5, 1, 0, 0, 0, 0], [3, 0, 0, 0, 0, 0], list(range(40, 0, -1)), [2.0]]
)
def test_planted_eigenvalues_are_found_with_their_multiplicity(values: list[float]) -> None:
    matrix = planted(np.array(values, float))
    r = min(5, len(values))
    found, vectors = top_eigenvalues(lambda v: matrix @ v, matrix[0], r, tol=1e-9)
    np.testing.assert_allclose(found, values[:r], atol=1e-6)
    assert torch.allclose(vectors.T @ vectors, torch.eye(r).double(), atol=1e-8)


def test_the_trace_is_exact_where_few_values_matter_and_near_elsewhere() -> None:
    few = planted(np.concatenate([[50.0, 20, 10], np.zeros(97)]))
    assert trace(lambda v: few @ v, few[0], 15) == pytest.approx(80, rel=1e-9)
    many = planted(1 / np.arange(1, 401.0))
    spread = [
        trace(lambda v: many @ v, many[0], 60, seed=s) / float(many.trace()) - 1 for s in range(0, 20, 2)
    ]
    assert np.sqrt(np.mean(np.square(spread))) < 0.03


def test_a_head_that_learns_drifts_and_aligns_and_one_that_rests_does_not() -> None:
    torch.manual_seed(0)
    x = torch.randn(80, 20)
    y = torch.sign(x[:, :1])
    model = nn.Sequential(nn.Linear(20, 32), nn.Tanh(), nn.Linear(32, 1))
    tracker = Tracker(model, x, y)
    first, resting = tracker.look(), tracker.look()
    fit(model, x, y, loss=nn.functional.mse_loss, epochs=60, rate=5e-3)
    last = tracker.look()
    assert first.drift == resting.drift == 0 and last.drift > 0.2
    assert resting.trace == first.trace > float(first.top.sum()) * 0.9
    assert last.alignment > 1.3 * first.alignment  # the kernel turns towards the target that it fits
    lots = [Tracker(model, x, torch.sign(torch.randn(80, 1))).look().alignment for _ in range(5)]
    assert max(lots) < last.alignment / 1.5  # and towards no other


def test_a_linear_model_never_drifts() -> None:
    torch.manual_seed(0)
    x, model = torch.randn(30, 5), nn.Linear(5, 1)
    tracker = Tracker(model, x, x[:, :1])
    tracker.look()
    fit(model, x, x[:, :1], loss=nn.functional.mse_loss, epochs=20)
    assert tracker.look().drift < 1e-6
