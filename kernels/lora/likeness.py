"""How adapters lie to each other: products and sizes of their changes, from the factors alone.

⟨B₁A₁, B₂A₂⟩ = Σ (B₁ᵀB₂) ∘ (A₁A₂ᵀ) [r₁,r₂]: no change [o,d] is formed. A rule that asks for nothing but such products
(a mean, a median, cosines, distances) can be run on n coordinates in place of all numbers: see `coordinates`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from chorus.kernels.lora.adapter import Adapter, Delta
from chorus.runtime.errors import EvalError


def product(first: Mapping[str, Delta], second: Mapping[str, Delta]) -> float:
    """The sum of products of the numbers of two changes."""
    total = 0.0
    for layer in first.keys() & second.keys():
        (a1, b1), (a2, b2) = first[layer].to(torch.float64), second[layer].to(torch.float64)
        if a1.shape[1] != a2.shape[1] or b1.shape[0] != b2.shape[0]:
            sizes = [f"{len(b)}×{a.shape[1]}" for a, b in ((a1, b1), (a2, b2))]
            raise EvalError(
                f"the layer {layer} is {sizes[0]} in one adapter and {sizes[1]} in another",
                code="adapter",
                hint="they were made for different models",
            )
        total += float(((b1.T @ b2) * (a1 @ a2.T)).sum())
    return total


def products(adapters: Sequence[Adapter]) -> Tensor:
    """[n,n]: those of each with each."""
    changes = [{layer: change for layer in one.layers if (change := one.delta(layer))} for one in adapters]
    made = torch.zeros(len(adapters), len(adapters), dtype=torch.float64)
    for i, first in enumerate(changes):
        for j in range(i, len(changes)):
            made[i, j] = made[j, i] = product(first, changes[j])
    return made


def cosines(gram: Tensor) -> Tensor:
    """[n,n] of the products GRAM; 0 with what changes nothing."""
    size = gram.diagonal().clamp_min(0).sqrt()
    return torch.where(size > 0, gram / size, 0.0) / torch.where(size > 0, size, 1.0)[:, None]


def coordinates(gram: Tensor) -> Tensor:
    """[n,n], a row for each, with the same products among them as GRAM tells."""
    values, vectors = torch.linalg.eigh(gram)
    return vectors * values.clamp_min(0).sqrt()


def sizes(adapter: Adapter) -> dict[str, Tensor]:
    """The singular values of each layer's change, the largest first; as many as its rank."""
    found = {}
    for layer in adapter.layers:
        change = adapter.delta(layer)
        assert change is not None
        a, b = change.to(torch.float64)
        found[layer] = torch.linalg.svdvals(torch.linalg.qr(b).R @ torch.linalg.qr(a.T).R.T)
    return found
