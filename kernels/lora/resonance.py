"""Horizontal resonance: one update of a swarm out of its agents' updates, though some of the agents are bad.

Clip each update to the median norm (Karimireddy et al., ICML 2021), hold it against a reference direction, and take the
mean of those that agree with it:

    w = clip(c̄ / (½ · median of the positive c̄), 0, 1),   c̄ ← ρ c̄ + (1 − ρ) cos(g, z)

The reference z is the geometric median; where a trusted root update is given it is the root (FLTrust: Cao et al.,
NDSS 2021), and then, once more, the root and the geometric median of those that agreed with it, half and half: the
root alone is a noisy judge, being of a few samples, and the median alone is moved above a fifth of bad agents.
Unlike FLTrust's weights these are flat above half the usual agreement, so honest agents whose data differ count in
full; and c̄ remembers the earlier rounds (learning from history: Karimireddy et al. 2021), so a bad agent must
agree for as long as it disagreed.

Each part can be left out (`Settings`), which is the ablation that bench/lora/robustness.py prints.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from chorus.kernels.lora import robust
from chorus.kernels.lora.robust import (
    TINY,
    Aggregate,
    Array,
    clipped,
    cosines,
    geometric_median,
    norms,
    weighted,
)
from chorus.runtime.errors import EvalError


class Settings(NamedTuple):
    """CLIP to the median norm; AGREEMENT: the share of the usual cosine that suffices for full weight; MEMORY ρ of
    earlier rounds; SECOND: whether those that agree with the root are asked once more.
    """

    clip: bool = True
    agreement: float = 0.5
    memory: float = 0.9
    second: bool = True


USUAL = Settings()


def flat(cosine: Array, agreement: float) -> Array:
    """Weights f[…, n] ∈ [0, 1] of agents by their cosines: in full from AGREEMENT times the usual positive one, 0
    below 0.
    """
    positive = np.where(cosine > 0, cosine, np.nan)
    usual = np.full(cosine.shape[:-1], np.inf)
    some = (cosine > 0).any(-1)
    usual[some] = np.nanmedian(positive[some], axis=-1)
    return np.clip(cosine / np.maximum(agreement * usual, TINY)[..., None], 0, 1)


def unit(vectors: Array) -> Array:
    return vectors / np.maximum(norms(vectors), TINY)[..., None]


@dataclass
class Resonance:
    """The rule and what it remembers of the agents, who stand at the same places in each round's updates."""

    settings: Settings = USUAL
    trust: Array | None = None  # c̄ f[…, n]
    rounds: int = 0

    def __call__(self, updates: Array, bad: int = 0, root: Array | None = None) -> Aggregate:
        """The update f[…, p] of UPDATES f[…, n, p], held against ROOT f[…, p]; BAD is not needed."""
        short = clipped(updates) if self.settings.clip else updates
        towards = geometric_median(short) if root is None else self._judged(short, root)
        return weighted(short, flat(self._remembered(cosines(short, towards)), self.settings.agreement))

    def _judged(self, updates: Array, root: Array) -> Array:
        """The root, and halfway those who agree with it."""
        if not self.settings.second:
            return root
        agreeing = flat(cosines(updates, root), self.settings.agreement)
        return unit(root) + unit(geometric_median(updates, agreeing.astype(updates.dtype)))

    def _remembered(self, cosine: Array) -> Array:
        """c̄, of which the first rounds weigh as much as they can: the mean is by the weights so far."""
        memory = self.settings.memory
        if self.trust is None or self.trust.shape != cosine.shape:
            self.trust, self.rounds = np.zeros(cosine.shape), 0
        self.trust = memory * self.trust + (1 - memory) * cosine
        self.rounds += 1
        return self.trust / max(1 - memory**self.rounds, TINY)


def resonance(updates: Array, bad: int = 0, root: Array | None = None) -> Aggregate:
    """The rule without memory: for updates that come once."""
    return Resonance()(updates, bad, root)


RULES: dict[str, robust.Rule] = {
    "mean": robust.mean,
    "aligned": robust.aligned,
    "median": robust.median,
    "trimmed": robust.trimmed,
    "krum": robust.krum,
    "multikrum": robust.multikrum,
    "geometric": robust.geometric,
    "fltrust": robust.fltrust,
    "resonance": resonance,
}


def aggregate(
    updates: Array, rule: str = "resonance", bad: int | None = None, root: Array | None = None
) -> Aggregate:
    """One update f[p] of the UPDATES f[n, p] of n agents by RULE; BAD agents are reckoned with, by default a fifth.

    An update that holds a value that is not finite gets no weight, whatever the rule.
    """
    if rule not in RULES:
        raise EvalError(
            f"no rule of aggregation is called {rule}", code="range", hint=f"known: {', '.join(RULES)}"
        )
    given = np.asarray(updates, np.float64)
    if given.ndim != 2 or not len(given):
        raise EvalError("updates are rows of equal length, one an agent, and at least one", code="shape")
    if root is not None and np.shape(root) != given.shape[1:]:
        raise EvalError(
            f"the root's update has {np.size(root)} numbers, the agents' {given.shape[1]}", code="shape"
        )
    finite = np.isfinite(given).all(1)
    if not finite.any():
        raise EvalError("no agent sent an update of finite numbers", code="range")
    kept = given[finite]
    reckoned = len(kept) // 5 if bad is None else max(0, bad - int((~finite).sum()))
    made = RULES[rule](kept, reckoned, None if root is None else np.asarray(root, np.float64))
    weights = np.zeros(len(given))
    weights[finite] = made.weights
    return Aggregate(made.update, weights)
