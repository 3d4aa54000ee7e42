"""How many directions a change really uses, and holding that to a budget.

Effective rank [Roy & Vetterli, EUSIPCO 2007]: exp(H(p)), p = σ/Σσ: 1 for one direction, r for r equal ones. Above the
budget singular values are soft-thresholded, σ ← max(0, σ − t): the proximal step of the nuclear norm [Cai, Candès &
Shen 2010], by the least t that meets the budget. Below it a level may learn faster.
"""

from __future__ import annotations

import torch

from chorus.kernels.lora.adapter import Delta
from chorus.kernels.lora.spectrum import effective_rank, of_spectrum, spectrum

HALVINGS = 40
FASTEST = 2.0


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
    return of_spectrum(u, left, v, kept).to(delta.A.dtype), high


def haste(rank: float, budget: float) -> float:
    """What a learning rate is multiplied by: 1 at the BUDGET and above, up to FASTEST where nothing is used."""
    return 1 + (FASTEST - 1) * max(0.0, 1 - rank / budget)
