"""Adapters as they may leave their agents: the privacy modes of `privacy.py` on changes of low rank.

Noise goes onto whole changes ΔW [o,d], not onto factors: what is clipped and summed must be what is released, and B·A
is not linear in either. The noisy mean is of full rank; cutting it to a rank afterwards looks at nothing but what was
released, so the ε that is stated holds for it (post-processing: Dwork & Roth 2014, proposition 2.1).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from chorus.kernels.lora.adapter import Adapter, Delta, one_base
from chorus.kernels.lora.privacy import release
from chorus.kernels.lora.spectrum import of_spectrum
from chorus.runtime.errors import EvalError

MOST = 50_000_000  # numbers of all whole changes together


def shared(
    adapters: Sequence[Adapter], mode: str, clip: float, epsilon: float, delta: float, rank: int | None
) -> tuple[Adapter, dict[str, Any]]:
    """(the mean of ADAPTERS as MODE lets it leave, cut to RANK, by default their largest; what is stated of it)."""
    base, sizes = one_base(adapters), _sizes(adapters)
    total = sum(o * d for o, d in sizes.values())
    if total * len(adapters) > MOST:
        raise EvalError(
            f"adapter-share: whole changes of {total} numbers of {len(adapters)} adapters are too many",
            code="range",
            hint=f"{MOST} numbers at most: share fewer layers, or fewer adapters at a time",
        )
    rows = np.stack([_flat(one, sizes) for one in adapters]) if mode != "private" else np.zeros((1, 1))
    made = release(rows, mode, clip, epsilon, delta)
    wanted = rank or max(one.rank for one in adapters)
    layers, at = {}, 0
    for layer, (o, d) in sizes.items():
        whole = torch.from_numpy(made.update[at : at + o * d].reshape(o, d))
        at += o * d
        layers[layer] = _nearest(whole, wanted)
    said = {"mode": mode, "contributors": len(adapters), "clipped": made.share}
    if math.isfinite(made.epsilon):
        said |= {"epsilon": made.epsilon, "delta": made.delta, "clip": made.clip, "sigma": made.sigma}
    most = max(delta.rank for delta in layers.values())
    return Adapter(layers, float(most), base, adapters[0].name), said


def _sizes(adapters: Sequence[Adapter]) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for one in adapters:
        for layer, (a, b) in one.layers.items():
            if found.setdefault(layer, (b.shape[0], a.shape[1])) != (b.shape[0], a.shape[1]):
                raise EvalError(f"adapter-share: the layer {layer} has several sizes", code="adapter")
    return dict(sorted(found.items()))


def _flat(adapter: Adapter, sizes: dict[str, tuple[int, int]]) -> np.ndarray:
    parts = []
    for layer, (o, d) in sizes.items():
        change = adapter.delta(layer)
        whole = torch.zeros(o, d) if change is None else change.B.double() @ change.A.double()
        parts.append(whole.double().reshape(-1))
    return torch.cat(parts).numpy()


def _nearest(whole: torch.Tensor, rank: int) -> Delta:
    u, s, v = torch.linalg.svd(whole, full_matrices=False)
    return of_spectrum(u, s, v, min(rank, len(s))).to(torch.float32)
