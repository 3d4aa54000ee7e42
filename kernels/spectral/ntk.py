"""The neural tangent kernel Θ = J Jᵀ of a model by its products: spectrum, trace, alignment, and drift over training.

J is never made: Θv is one backward pass (Jᵀv) and one forward (J of it).   [Jacot, Gabriel & Hongler 2018; products
as in Novak, Sohl-Dickstein & Schoenholz, arXiv:2206.08720]
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from chorus.kernels.spectral.lanczos import top_eigenvalues, trace

Params = dict[str, Tensor]
Function = Callable[[Params, Tensor], Tensor]


def functional(model: nn.Module) -> tuple[Function, Params]:
    """MODEL as a function of its parameters, and these. They are real: complex ones would be given as pairs."""
    params = {name: value.detach() for name, value in model.named_parameters()}
    return (lambda given, x: torch.func.functional_call(model, given, (x,))), params


def ntk_products(f: Function, params: Params, x: Tensor) -> tuple[Callable[[Tensor], Tensor], Tensor]:
    """V ↦ ΘV for V [N,b] over all outputs of F at X (N = n·o, outputs of a point together), and a vector of that kind.

    The forward pass for Jᵀ is made once, that for J with each block. Memory: b times the parameters.
    """
    pair: Any = torch.func.vjp(lambda given: f(given, x), params)
    made, pull = pair

    def product(v: Tensor) -> Tensor:
        (back,) = pull(v.reshape(made.shape))
        return torch.func.jvp(lambda given: f(given, x), (params,), (back,))[1].reshape(-1)

    return torch.func.vmap(product, 1, 1), made.detach().reshape(-1)


def ntk_vp(f: Function, params: Params, x: Tensor, v: Tensor) -> Tensor:
    """Θv for V [N], or for columns V [N,b]."""
    products, _ = ntk_products(f, params, x)
    return products(v) if v.ndim == 2 else products(v[:, None])[:, 0]


def ntk_top(f: Function, params: Params, x: Tensor, r: int, *, tol: float = 1e-5) -> tuple[Tensor, Tensor]:
    """The R largest eigenvalues of Θ [r] and their vectors [N,r]."""
    return top_eigenvalues(*ntk_products(f, params, x), r, tol=tol)


class Stats(NamedTuple):
    top: Tensor  # [r]
    trace: float
    alignment: float  # how far Θ points along the targets: yᵀΘy / (‖y‖²·‖Θ‖)
    drift: float  # ‖Θ − Θ₀‖ / ‖Θ₀‖ in the Frobenius norm, as the probes see it


class Tracker:
    """Follows the tangent kernel of MODEL at points X while it is trained; TARGETS [n,o] are what it should give.

    The same probes G are asked each time: ‖ΘG − Θ₀G‖/‖Θ₀G‖ estimates the drift without either matrix.
    """

    def __init__(self, model: nn.Module, x: Tensor, targets: Tensor, *, r: int = 8, probes: int = 12) -> None:
        self.model, self.x, self.y, self.r = model, x, targets.reshape(-1).to(x), r
        generator = torch.Generator().manual_seed(0)
        self.probes = torch.randn(len(self.y), probes, generator=generator).to(x)
        self.first: Tensor | None = None

    def look(self) -> Stats:
        """The kernel as it is now; the first look is what later ones are held against."""
        products, like = ntk_products(*functional(self.model), self.x)
        seen = products(self.probes)  # ΘG
        self.first = seen if self.first is None else self.first
        top = top_eigenvalues(products, like, self.r)[0]
        frobenius = max(float(seen.square().sum() / self.probes.shape[1]), float(top.square().sum())) ** 0.5
        along = float(self.y @ products(self.y[:, None])[:, 0])
        whole = float(self.y @ self.y) * frobenius
        drift = float((seen - self.first).norm() / self.first.norm().clamp(min=1e-30))
        return Stats(top, trace(products, like), along / whole if whole else 0.0, drift)
