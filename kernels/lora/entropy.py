"""How many directions a change really uses, and holding that to a budget.

Effective rank [Roy & Vetterli, EUSIPCO 2007]: exp(H(p)), p = σ/Σσ: 1 for one direction, r for r equal ones. Above the
budget singular values are soft-thresholded, σ ← max(0, σ − t): the proximal step of the nuclear norm [Cai, Candès &
Shen 2010], by the least t that meets the budget. Below it a level may learn faster.
"""

from __future__ import annotations

import torch
from torch import Tensor

from chorus.kernels.lora.adapter import Delta

HALVINGS = 40
FASTEST = 2.0


def spectrum(delta: Delta) -> tuple[Tensor, Tensor, Tensor]:
    """(U f64[o, k], σ f64[k], V f64[k, d]) of B A, by QR of the factors."""
    a, b = delta.to(torch.float64)
    across, right = torch.linalg.qr(a.T)  # [d, k], [k, r]
    along, left = torch.linalg.qr(b)  # [o, m], [m, r]
    u, sigma, v = torch.linalg.svd(left @ right.T, full_matrices=False)
    return along @ u, sigma, v @ across.T


def effective_rank(sigma: Tensor) -> float:
    """exp(H) of singular values SIGMA; 0 where nothing is changed."""
    total = float(sigma.sum())
    if total <= 0:
        return 0.0
    p = sigma / total
    return float(torch.exp(torch.special.entr(p).sum()))


def within(delta: Delta, budget: float) -> tuple[Delta, float]:
    """(change, t): DELTA with singular values lowered by the least t at which its effective rank is at most BUDGET.

    BUDGET is 1 or more. The rank of the result is the number of values that are left.
    """
    u, sigma, v = spectrum(delta)
    if effective_rank(sigma) <= budget:
        return delta, 0.0
    low, high = 0.0, float(sigma[0])  # at `high` nothing would be left
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if effective_rank((sigma - middle).relu()) <= budget else (middle, high)
    left = (sigma - high).relu()
    if not left.any():  # equal values: the budget cannot be met by lowering, so the first ones are kept
        left = torch.where(torch.arange(len(sigma)) < int(budget), sigma, 0.0)
    kept = int((left > 0).sum())
    root = left[:kept].sqrt()
    return Delta(root[:, None] * v[:kept], u[:, :kept] * root).to(delta.A.dtype), high


def haste(rank: float, budget: float) -> float:
    """What a learning rate is multiplied by: 1 at the BUDGET and above, up to FASTEST where nothing is used."""
    return 1 + (FASTEST - 1) * max(0.0, 1 - rank / budget)
