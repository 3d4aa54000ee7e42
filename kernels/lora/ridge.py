"""An analytic head at Domain: ridge regression on a random lift, from sums that no order of learning can change.

RanPAC [McDonnell et al., NeurIPS 2023, arXiv 2307.02251]; as a recursion of least squares ACIL [Zhuang et al. 2022].

    z = relu(x P),  P ~ N(0, 1/d) fixed        G ← G + zᵀz,  C ← C + zᵀ onehot(y)        W = (G + λI)⁻¹ C

The state is a sum over examples: tasks in any order give the same head, so nothing is forgotten that the lift can hold
apart; and what somebody contributed can be taken out again exactly (`weight=-1`). What it cannot do: the sums are in
the coordinates of the features as they were. If the features shift, they describe something that is no more; see
drift.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

STRENGTHS = (1e-2, 1e-1, 1.0, 10.0, 100.0)  # of which `chosen_strength` takes one


@dataclass
class Ridge:
    """PROJECTION [d, M], GRAM f64[M, M], CROSS f64[M, k], and how many examples are IN it."""

    projection: Tensor
    gram: Tensor
    cross: Tensor
    seen: float = 0.0

    def copy(self) -> Ridge:
        return Ridge(self.projection, self.gram.clone(), self.cross.clone(), self.seen)


def ridge(d: int, m: int, classes: int, seed: int = 0, device: str = "cpu") -> Ridge:
    """An empty head on M random features of D."""
    import torch

    random = torch.Generator().manual_seed(seed)
    projection = torch.randn(d, m, generator=random) / d**0.5
    zeros = torch.zeros(m, m + classes, dtype=torch.float64, device=device)
    return Ridge(projection.to(device), zeros[:, :m].clone(), zeros[:, m:].clone())


def lift(head: Ridge, x: Tensor) -> Tensor:
    """[n, M] of X [n, d]: what the head sees."""
    return (x @ head.projection).relu()


def update(head: Ridge, x: Tensor, y: Tensor, weight: float = 1.0) -> None:
    """Adds examples X [n, d] of classes Y i64[n] to the sums; WEIGHT −1 takes them out again. New classes are new
    columns.
    """
    import torch

    grown = int(y.max()) + 1 - head.cross.shape[1] if len(y) else 0
    if grown > 0:
        head.cross = torch.cat([head.cross, head.cross.new_zeros(len(head.cross), grown)], 1)
    z = lift(head, x).double()  # [n, M]
    head.gram.addmm_(z.T, z, alpha=weight)
    head.cross.index_add_(1, y, z.T, alpha=weight)
    head.seen += weight * len(y)


def solve(head: Ridge, strength: float) -> Tensor:
    """W f64[M, k] at λ = STRENGTH."""
    import torch

    regular = head.gram.clone()
    regular.diagonal().add_(strength)
    return torch.cholesky_solve(head.cross, torch.linalg.cholesky(regular))


def scores(head: Ridge, weights: Tensor, x: Tensor) -> Tensor:
    """[n, k]: least squares' guess of the one-hot classes; the gradient reaches X."""
    return lift(head, x) @ weights.to(x.dtype)


def chosen_strength(
    head: Ridge, x: Tensor, y: Tensor, strengths: tuple[float, ...] = STRENGTHS
) -> tuple[float, Tensor]:
    """(λ, its W): of STRENGTHS the one with the least squared error on held-out X, Y; HEAD does not have them."""
    import torch

    truth = torch.nn.functional.one_hot(y, head.cross.shape[1]).double()
    solved = [solve(head, strength) for strength in strengths]
    errors = [float(((scores(head, w, x) - truth) ** 2).mean()) for w in solved]
    best = errors.index(min(errors))
    return strengths[best], solved[best]
