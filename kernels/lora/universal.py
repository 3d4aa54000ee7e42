"""Vertical resonance: which patterns are everybody's, and so belong further out; with the false discoveries under
control.

A pattern is seen in m independent batches (other agents, other data) as m updates g. If it is nobody's in particular, a
batch's update is as likely as its opposite. So

    U = mean off-diagonal cosine = (‖Σ g/‖g‖‖² − m) / (m (m − 1)),    p = share of sign flips s ∈ {±1}ᵐ with U(s) ≥ U

(sign-flip permutation test: Fisher 1935; p counts the observed one, Phipson & Smyth 2010), and of many patterns
those are universal that Benjamini & Hochberg's step-up rule (1995) keeps at q. Flips that differ by the sign of
all are the same, so m batches give no p below 2^(1−m): with five it is 1/16, whatever the pattern. Looking again
and again is paid for: look k has a share w of the error, Σ w ≤ 1, so min p/w over the looks is a p-value, too
(alpha spending: Lan & DeMets 1983). The first look, where p is coarse, has the most; further ones find p as fine as
they need it, the flips being drawn until enough of them reach U or the most are drawn (Besag & Clifford 1991).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from chorus.kernels.lora.measures import benjamini_hochberg
from chorus.runtime.errors import EvalError

Q = 0.05
EXACT = 13  # batches of which all flips are tried
DRAWS, MOST = 4096, 1 << 18  # flips that are drawn at once, and in all
ENOUGH = 20  # flips that reach U, after which p is known well
FIRST = 9  # batches before the first look: 1/256 suffices there where a tenth of the patterns is universal
GROWTH = 1.5  # batches at a look, of those at the one before
COARSE = 0.8  # the first look's share of the error; each further one has half of what is left
TIE = 1e-9  # sums that differ by less are the same, but for rounding
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


def flips(m: int) -> Array:
    """f64[k, m]: all sign flips of M batches but those that are another's opposite; the first is none."""
    codes = np.arange(2 ** (m - 1))
    bits = codes[:, None] >> np.arange(m) & 1  # the last is never flipped
    return 1.0 - 2.0 * bits


def universal(updates: Array, seed: int = 0) -> Universality:
    """How universal the pattern is that UPDATES f[m, p] of independent batches show."""
    return from_gram(gram(updates), seed)


def from_gram(cosines: Array, seed: int = 0) -> Universality:
    m = len(cosines)
    off = cosines - np.diag(np.diag(cosines))
    seen = float(off.sum())
    return Universality(seen / (m * (m - 1)), _every(off, seen) if m <= EXACT else _drawn(off, seen, seed), m)


def _every(off: Array, seen: float) -> float:
    return float((_sums(flips(len(off)), off) >= seen - TIE).mean())


def _drawn(off: Array, seen: float, seed: int) -> float:
    """The share of flips drawn, and none, that reach what was SEEN."""
    rng, drawn, reached = np.random.default_rng(seed), 0, 0
    while drawn < MOST and reached < ENOUGH:
        signs = 1.0 - 2.0 * rng.integers(0, 2, (DRAWS, len(off)))
        reached += int((_sums(signs, off) >= seen - TIE).sum())
        drawn += DRAWS
    return (1 + reached) / (1 + drawn)


def _sums(signs: Array, off: Array) -> Array:
    """Σ s_i s_j c_ij f[k] of SIGNS f[k, m]."""
    return ((signs @ off) * signs).sum(1)


def discoveries(p_values: Sequence[float] | Array, q: float = Q) -> Array:
    """Which of the P-VALUES are discoveries at a false discovery rate of Q.   [Benjamini & Hochberg, JRSS B 1995]"""
    return benjamini_hochberg(p_values, q)


def look(batches: int, first: int = FIRST) -> int | None:
    """Which look it is at so many BATCHES, from 0; None where there is none."""
    k, at = 0, first
    while at < batches:
        k, at = k + 1, math.ceil(GROWTH * at)
    return k if at == batches else None


def share(k: int) -> float:
    """Look K's part of the error."""
    return (1 - COARSE) / 2**k if k else COARSE


class Watch:
    """Patterns as their batches come in: `see` each, `found` tells which are universal, once for all.

    Of a pattern the Gram matrix is kept as it grows, and the updates that it needs for that.
    """

    def __init__(self, q: float = Q, first: int = FIRST, most: int = 162) -> None:
        self.q, self.first, self.most = q, first, most
        self._seen: dict[str, list[Array]] = {}
        self._least: dict[str, float] = {}  # min p/share over the looks at each pattern
        self.universal: dict[str, Universality] = {}

    def see(self, pattern: str, update: Array) -> None:
        """One more independent batch showed PATTERN as UPDATE f[p]."""
        if pattern not in self.universal:
            length = float(np.linalg.norm(update))
            if np.isfinite(length) and length > 0:
                self._seen.setdefault(pattern, []).append(np.asarray(update, np.float32) / length)

    def found(self) -> dict[str, Universality]:
        """The patterns that are universal by what was seen up to now and were not known to be so. Those found before
        count among the discoveries (step up over all that were looked at), so many make the next one easier.
        """
        looked = {
            name: k for name, seen in self._seen.items() if (k := look(len(seen), self.first)) is not None
        }
        if not looked:
            return {}
        judged = {name: universal(np.stack(self._seen[name]), seed=k) for name, k in looked.items()}
        for name, k in looked.items():
            self._least[name] = min(self._least.get(name, 1.0), judged[name].p / share(k))
        marks = discoveries(list(self._least.values()), self.q)
        fresh = [
            name for name, mark in zip(self._least, marks, strict=True) if mark and name not in self.universal
        ]
        made = {name: judged.get(name) or universal(np.stack(self._seen[name])) for name in fresh}
        for name in [*made, *(name for name, seen in self._seen.items() if len(seen) >= self.most)]:
            self._seen.pop(name, None)
        self.universal |= made
        return made
