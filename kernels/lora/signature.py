"""Signatures of changes of weights: like changes mostly have the same, so they can be looked up; and their algebra.

A signature is the signs of sums over buckets, each number in one bucket with a sign of its own: SimHash (Charikar, STOC
2002) by a sparse projection (Li, Hastie & Church, KDD 2006). Two changes at the angle θ differ in about θ/π of the
bits. Who looks up still compares: a signature finds, a cosine decides.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from chorus.kernels.lora.durable import Payload

BITS = 8


def signature(payload: Payload, bits: int = BITS) -> str:
    """BITS signs of PAYLOAD, and a hash of its names and shapes."""
    sums = np.zeros(bits)
    names = hashlib.sha256()
    for name in sorted(payload):
        array = np.asarray(payload[name], np.float64)
        head = f"{name}{array.shape}".encode()
        names.update(head)
        rng = np.random.default_rng(list(hashlib.sha256(head).digest()[:16]))
        bucket = rng.integers(0, 2 * bits, array.size)  # the lowest bit is the sign
        sums += np.bincount(bucket >> 1, array.ravel() * (1 - 2.0 * (bucket & 1)), minlength=bits)
    return f"{names.hexdigest()[:8]}-{sum(1 << at for at in range(bits) if sums[at] > 0):0{-(-bits // 4)}x}"


class Algebra(NamedTuple):
    """What the queue does with payloads: their inner product, their mean by shares, and what like ones are marked
    by.
    """

    inner: Callable[[Any, Any], float]
    mean: Callable[[Sequence[Any], Sequence[float]], Any]
    mark: Callable[[Any], str] = signature


def _inner(one: Payload, other: Payload) -> float:
    return float(
        sum(
            np.vdot(one[name].astype(np.float64), other[name].astype(np.float64))
            for name in one
            if name in other
        )
    )


def _mean(payloads: Sequence[Payload], shares: Sequence[float]) -> Payload:
    total = sum(shares) or 1.0
    given = shares if sum(shares) else [1 / len(shares)] * len(shares)
    weights = np.asarray(given) / total
    return {
        name: np.tensordot(
            weights, np.stack([payload[name].astype(np.float64) for payload in payloads]), axes=1
        ).astype(payloads[0][name].dtype)
        for name in payloads[0]
    }


WHOLE = Algebra(_inner, _mean)  # of ΔW itself; factors A and B must not be averaged apart
