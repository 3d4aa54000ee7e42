"""Vertical resonance: which patterns are everybody's, and so belong further out; with the false discoveries under
control.

A pattern is seen in m independent batches (other agents, other data) as m updates g. If it is nobody's in particular, a
batch's update is as likely as its opposite. So

    U = mean off-diagonal cosine = (‖Σ g/‖g‖‖² − m) / (m (m − 1)),    p = share of sign flips s ∈ {±1}ᵐ with U(s) ≥ U

(sign-flip permutation test: Fisher 1935; p counts the observed one, Phipson & Smyth 2010), and of many patterns
those are universal that Benjamini & Hochberg's step-up rule (1995) keeps at q. Flips that differ by the sign of
all are the same, so m batches give no p below 2^(1−m): with five it is 1/16, whatever the pattern. Looking again
and again is paid for: look k at m·2^k batches has q·2^−(k+1) (alpha spending: Lan & DeMets 1983).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from chorus.kernels.lora.measures import benjamini_hochberg
from chorus.runtime.errors import EvalError

Q = 0.05
EXACT = 13  # batches of which all flips are tried
DRAWS = 4096
FIRST = 10  # batches before the first look: 1/512 suffices where a tenth of the patterns is universal
Array = np.ndarray[Any, Any]


class Universality(NamedTuple):
    """U ∈ [−1/(m−1), 1] and its P-VALUE, of BATCHES."""

    u: float
    p: float
    batches: int


def gram(updates: Array) -> Array:
    """Cosines f64[m, m] of UPDATES f[m, p]; an update of no length has cosine 0 with all."""
    given = np.asarray(updates, np.float64)
    if given.ndim != 2 or len(given) < 2:
        raise EvalError("a pattern is seen in at least two batches, a row each", code="shape")
    length = np.linalg.norm(given, axis=1, keepdims=True)
    unit = np.divide(given, length, out=np.zeros_like(given), where=length > 0)
    return unit @ unit.T


def flips(m: int, seed: int = 0) -> Array:
    """f64[k, m]: all sign flips of M batches but those that are another's opposite, or DRAWS of them; the first is
    none.
    """
    if m <= EXACT:
        codes = np.arange(2 ** (m - 1))
        bits = codes[:, None] >> np.arange(m) & 1  # the last is never flipped
    else:
        bits = np.random.default_rng(seed).integers(0, 2, (DRAWS, m))
        bits[0] = 0
    return 1.0 - 2.0 * bits


def universal(updates: Array, seed: int = 0) -> Universality:
    """How universal the pattern is that UPDATES f[m, p] of independent batches show."""
    return from_gram(gram(updates), seed)


def from_gram(cosines: Array, seed: int = 0) -> Universality:
    m = len(cosines)
    off = cosines - np.diag(np.diag(cosines))
    signs = flips(m, seed)
    sums = np.einsum("km,km->k", signs @ off, signs)  # [k]: the first is what was seen
    return Universality(float(sums[0] / (m * (m - 1))), float((sums >= sums[0] - 1e-9).mean()), m)


def discoveries(p_values: Sequence[float] | Array, q: float = Q) -> Array:
    """Which of the P-VALUES are discoveries at a false discovery rate of Q.   [Benjamini & Hochberg, JRSS B 1995]"""
    return benjamini_hochberg(p_values, q)


def look(batches: int, first: int = FIRST) -> int | None:
    """Which look it is at so many BATCHES, from 0; None where there is none."""
    k = (batches // first).bit_length() - 1
    return k if batches >= first and batches == first << k else None


class Watch:
    """Patterns as their batches come in: `see` each, `found` tells which are universal, once for all.

    Of a pattern the Gram matrix is kept as it grows, and the updates that it needs for that.
    """

    def __init__(self, q: float = Q, first: int = FIRST, most: int = 160) -> None:
        self.q, self.first, self.most = q, first, most
        self._seen: dict[str, list[Array]] = {}
        self.universal: dict[str, Universality] = {}

    def see(self, pattern: str, update: Array) -> None:
        """One more independent batch showed PATTERN as UPDATE f[p]."""
        if pattern not in self.universal:
            length = float(np.linalg.norm(update))
            if np.isfinite(length) and length > 0:
                self._seen.setdefault(pattern, []).append(np.asarray(update, np.float32) / length)

    def found(self) -> dict[str, Universality]:
        """The patterns that are universal by what was seen up to now and were not known to be so."""
        due = {name: look(len(seen), self.first) for name, seen in self._seen.items()}
        made: dict[str, Universality] = {}
        for k in sorted({at for at in due.values() if at is not None}):
            names = [name for name, at in due.items() if at == k]
            judged = {name: universal(np.stack(self._seen[name]), seed=k) for name in names}
            marks = discoveries([judged[name].p for name in names], self.q / 2 ** (k + 1))
            made |= {name: judged[name] for name, mark in zip(names, marks, strict=True) if mark}
        for name in [*made, *(name for name, seen in self._seen.items() if len(seen) >= self.most)]:
            self._seen.pop(name, None)
        self.universal |= made
        return made
