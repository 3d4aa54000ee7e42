"""Emergent inertia: a level moves less the more it was moved, because of what it learned and by no setting of its own.

    λ ← ρ λ + g²,   η = η₀ / √λ,   each number for itself

At ρ = 1 Adagrad [Duchi et al. 2011]; at ρ < 1 RMSprop's sum [Tieleman & Hinton 2012], whose step never falls below
η₀ √(1 − ρ)/|g|. λ is the diagonal of the empirical Fisher information, so a prior of λ₀ and η = η₀/λ would be the
variance of a diagonal Kalman filter; the root keeps steps comparable when the gradient's size is not known.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from torch import Tensor

Numbers = TypeVar("Numbers", Tensor, np.ndarray)
TINY = 1e-8


def moved(
    value: Numbers, inertia: Numbers, gradient: Numbers, eta: float, rho: float = 1.0
) -> tuple[Numbers, Numbers]:
    """(value, λ) after one GRADIENT; all of one shape. λ begins at 0."""
    inertia = rho * inertia + gradient**2
    return value - eta * gradient / (inertia + TINY) ** 0.5, inertia
