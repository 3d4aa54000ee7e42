"""Several changes of one weight as one: folded into it, side by side as factors, or the best of a given rank.

A sum of products is no product of sums: ΣBᵢAᵢ ≠ (ΣBᵢ)(ΣAᵢ), so factors are never averaged (`reference.average_factors`
shows by how much that misses). Laid side by side they are exact; the best of lower rank are the largest singular
vectors of the sum.   [Eckart & Young 1936]
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from chorus.kernels.lora.adapter import Adapter, Delta, one_base
from chorus.kernels.lora.spectrum import of_spectrum, spectrum
from chorus.runtime.errors import EvalError


def side_by_side(deltas: Sequence[Delta]) -> Delta:
    """The sum of DELTAS exactly, its rank the sum of theirs."""
    if len(deltas) == 1:
        return deltas[0]
    sizes = dict.fromkeys(f"{len(b)}×{a.shape[1]}" for a, b in deltas)
    if len(sizes) > 1:
        raise EvalError(
            f"changes of {' and of '.join(sizes)} numbers under one name are of no one layer",
            code="adapter",
            hint="the adapters were made for different models, or for different embedding models",
        )
    return Delta(torch.cat([a for a, _ in deltas]), torch.cat([b for _, b in deltas], 1))


def fold(weight: Tensor, deltas: Sequence[Delta]) -> Tensor:
    """W [o,d] and all DELTAS as one weight. It is rounded once: sums are of float32 at least."""
    if not deltas:
        return weight.clone()
    wide = torch.promote_types(weight.dtype, torch.float32)
    a, b = side_by_side([delta.to(weight.device, wide) for delta in deltas])  # [R,d], [o,R]
    return torch.addmm(weight.to(wide), b, a).to(weight.dtype)


def stack(*adapters: Adapter) -> Adapter:
    """ADAPTERS acting together, exactly: what an agent and its context are served as."""
    return combine(adapters)[0]


def combine(
    adapters: Sequence[Adapter], weights: Sequence[float] | None = None, rank: int | None = None
) -> tuple[Adapter, dict[str, float]]:
    """The sum of ADAPTERS, each times its weight, and for each layer the relative error (Frobenius) of its change.

    Without RANK it is exact, of the sum of their ranks; with it, the best of that rank.
    """
    factors = [1.0] * len(adapters) if weights is None else list(weights)
    if not adapters or len(factors) != len(adapters):
        raise EvalError("combine: one adapter or more, and as many weights")
    if rank is not None and rank < 1:
        raise EvalError("combine: a rank is 1 or more", irritants=(rank,))
    base = one_base(adapters)
    made: dict[str, Delta] = {}
    errors: dict[str, float] = {}
    for layer in dict.fromkeys(layer for adapter in adapters for layer in adapter.layers):
        whole = side_by_side(
            [
                adapter.layers[layer].scaled(adapter.scale * factor)
                for adapter, factor in zip(adapters, factors, strict=True)
                if layer in adapter.layers
            ]
        )
        made[layer], errors[layer] = (whole, 0.0) if rank is None else truncated(whole, rank)
    alpha = max(delta.rank for delta in made.values())  # α/r = 1: the scales are in B
    return Adapter(made, float(alpha), base, "+".join(a.name for a in adapters if a.name)), errors


def truncated(delta: Delta, rank: int) -> tuple[Delta, float]:
    """The change of RANK nearest to DELTA, and how far off it is, relative to DELTA's size.

    By QR of the factors: nothing larger than [R,R] is decomposed, no [o,d] formed. What is not there in full is not
    padded: a DELTA of lower rank is given back as it is.
    """
    if delta.rank <= rank:
        return delta, 0.0
    u, s, v = spectrum(delta)
    kept = min(rank, s.numel())
    nearest = of_spectrum(u, s, v, kept)
    size, lost = float(s.detach().norm()), float(s[kept:].detach().norm())
    return nearest.to(delta.A.dtype), lost / size if size else 0.0
