"""Two timescales and two phases: what a fast level learned moves into a slow one while a gate is open.

Complementary learning systems [McClelland et al. 1995]; as coupled variables Benna & Fusi [Nature Neuroscience 2016];
as a fast learner and its moving average Arani et al. [CLS-ER, ICLR 2022]. What is seen is W + S + F, and

    F ← (1 − 1/τ) F − η g          the fast level learns and forgets
    T = κ m F;  F ← F − T;  S ← S + T      what moves leaves the one and enters the other: the sum does not change

With F′ = S + F this is S ← S + κ m (F′ − S), an average of F′. m ∈ {0, 1} is the phase: SCREENED (0, the slow level
hears nothing) or FREE (1), of a Schmitt trigger, which is closed below `down`, open above `up`, and between them as it
was. κ = 1 with m = 1 is a plain commit; τ = ∞ forgets nothing; m fixed at 1 is the moving average.

All of it in the space of ΔW = B A: factors are not averaged. The slow level is cut to its rank by a truncated SVD, and
what that loses is said.
"""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from torch import Tensor

from chorus.kernels.lora.adapter import Delta
from chorus.kernels.lora.merge import side_by_side, truncated

SCREENED, FREE = False, True
Change = TypeVar("Change", Tensor, np.ndarray)


def phase(before: bool, signal: float, up: float, down: float) -> bool:
    """FREE from UP on, SCREENED below DOWN, between them as BEFORE."""
    return signal >= up if before is SCREENED else signal >= down


def open_by(signal: float, up: float, down: float, width: float) -> float:
    """The control: a gate without phases, m = 1/(1 + exp(−(SIGNAL − middle)/WIDTH)), which never quite closes."""
    return float(1 / (1 + np.exp(-np.clip((signal - (up + down) / 2) / width, -60, 60))))


def step(
    fast: Change, slow: Change, gradient: Change | float, mask: Any, *, eta: float, tau: float, kappa: float
) -> tuple[Change, Change]:
    """(fast, slow) after one GRADIENT, as whole changes [o, d]."""
    fast = (1 - 1 / tau) * fast - eta * gradient
    moved = kappa * mask * fast
    return fast - moved, slow + moved


def consolidate(fast: Delta, slow: Delta | None, share: float, rank: int) -> tuple[Delta, Delta, float]:
    """(fast, slow, relative error): SHARE of FAST moved into SLOW, which is cut to RANK.

    SHARE is what κ m comes to; after n ticks without a gradient 1 − (1 − κ m)ⁿ. The error is the only change of the
    sum: 0 as long as the ranks fit.
    """
    moved = fast.scaled(share)
    whole, lost = truncated(moved if slow is None else side_by_side([slow, moved]), rank)
    return fast.scaled(1 - share), whole, lost
