"""The migration queue of the language's adapters: their inner product, mean and mark, all from the factors.

An adapter's mark is the signs of BITS sums vᵀ ΔW u with v, u drawn once for each layer: SimHash (Charikar, STOC 2002)
by products of rank one, so no change [o,d] is formed. Two changes at the angle θ differ in about θ/π of the bits. The
mean of several is exact, of the sum of their ranks, and is cut to the largest of these: one that came a hundred times
must not grow a hundredfold.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import torch

from chorus.kernels.lora.likeness import product
from chorus.kernels.lora.merge import combine
from chorus.kernels.lora.signature import BITS, Algebra
from chorus.kernels.lora.values import heard_by, kernel_of

CALLER = "migrate!"


def algebra(make: Callable[[dict[str, Any], dict[str, Any]], Any]) -> Algebra:
    """What a queue does with adapters of the language; MAKE gives one of arrays by name and what is said about them."""

    def mean(adapters: Sequence[Any], shares: Sequence[float]) -> Any:
        whole = [kernel_of(one, CALLER) for one in adapters]
        total = sum(shares)
        weights = [share / total for share in shares] if total else [1 / len(whole)] * len(whole)
        made, _ = combine(whole, weights, max(one.rank for one in whole))
        made = made.renamed(whole[0].name)
        return make(
            {name: tensor.float().cpu().numpy() for name, tensor in made.tensors().items()},
            made.about() | heard_by(adapters),
        )

    return Algebra(inner, mean, mark)


def inner(one: Any, other: Any) -> float:
    first, second = (_changes(each) for each in (one, other))
    return product(first, second)


def mark(adapter: Any, bits: int = BITS) -> str:
    """BITS signs of what ADAPTER changes, and a hash of its layers and their sizes."""
    sums = torch.zeros(bits, dtype=torch.float64)
    names = hashlib.sha256()
    for layer, (a, b) in sorted(_changes(adapter).items()):
        head = f"{layer}{b.shape[0]}x{a.shape[1]}".encode()
        names.update(head)
        draw = torch.Generator().manual_seed(int.from_bytes(hashlib.sha256(head).digest()[:7], "big"))
        left = torch.randn(bits, b.shape[0], generator=draw, dtype=torch.float64)
        right = torch.randn(bits, a.shape[1], generator=draw, dtype=torch.float64)
        sums += ((left @ b.double()) * (right @ a.double().T)).sum(1)
    signs = sum(1 << at for at in range(bits) if sums[at] > 0)
    return f"{names.hexdigest()[:8]}-{signs:0{-(-bits // 4)}x}"


def _changes(adapter: Any) -> dict[str, Any]:
    whole = kernel_of(adapter, CALLER)
    return {layer: change for layer in whole.layers if (change := whole.delta(layer)) is not None}
