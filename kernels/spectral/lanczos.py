"""Spectra and traces of symmetric matrices that are known only by their products."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Products = Callable[[Tensor], Tensor]  # [N,b] → [N,b]


def top_eigenvalues(
    products: Products, like: Tensor, r: int, *, tol: float = 1e-5, seed: int = 0
) -> tuple[Tensor, Tensor]:
    """The R largest eigenvalues [r], falling, and their vectors [N,r], of the positive matrix with PRODUCTS.

    LIKE [N] gives size, device and kind. Block Lanczos: blocks of R, as a single vector never sees that a value is
    there twice; each made orthogonal to all before, twice. Ends when no residual is above TOL times the largest value.
    [Golub & Underwood 1977]
    """
    n = len(like)
    r = min(r, n)
    basis = torch.linalg.qr(_drawn(like, r, seed))[0]  # [N,k]
    images = products(basis)  # [N,k]
    while True:
        small = basis.T @ images
        values, turn = torch.linalg.eigh((small + small.T) / 2)
        values, turn = values[-r:].flip(0), turn[:, -r:].flip(1)
        vectors = basis @ turn
        left = (images @ turn - vectors * values).norm(dim=0).max()
        if basis.shape[1] == n or float(left) <= tol * float(values[0].abs()):
            return values, vectors
        fresh = _beside(images[:, -r:], basis, seed + basis.shape[1])
        basis, images = torch.cat([basis, fresh], 1), torch.cat([images, products(fresh)], 1)


def _beside(block: Tensor, basis: Tensor, seed: int) -> Tensor:
    """Orthonormal vectors beside BASIS: what it lacks of BLOCK; at random where it lacks nothing."""
    fresh = block[:, : min(block.shape[1], len(basis) - basis.shape[1])]
    before = fresh.norm(dim=0)
    fresh = fresh - basis @ (basis.T @ fresh)
    fresh = torch.where(fresh.norm(dim=0) > 1e-6 * before, fresh, _drawn(fresh[:, 0], fresh.shape[1], seed))
    for _ in range(2):
        fresh = torch.linalg.qr(fresh - basis @ (basis.T @ fresh))[0]
    return fresh


def trace(products: Products, like: Tensor, budget: int = 30, *, seed: int = 0) -> float:
    """The trace of the positive matrix with PRODUCTS [N,b] → [N,b], by Hutch++ with BUDGET vectors.

    A third finds the range of the largest values, where the trace is taken exactly; the rest of it is sampled.
    [Meyer, Musco, Musco & Woodruff 2021, arXiv:2010.09649]
    """
    n, third = len(like), max(budget // 3, 1)
    if n <= third:
        return float(products(torch.eye(n, device=like.device, dtype=like.dtype)).trace())
    sketch = _signs(like, third, seed)
    q = torch.linalg.qr(products(sketch))[0]
    g = _signs(like, third, seed + 1)
    g = g - q @ (q.T @ g)
    return float((q * products(q)).sum() + (g * products(g)).sum() / third)


def _signs(like: Tensor, many: int, seed: int) -> Tensor:
    return torch.where(_drawn(like, many, seed) < 0, -1.0, 1.0).to(like)


def _drawn(like: Tensor, many: int, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(len(like), many, generator=generator, dtype=torch.float64).to(like)
