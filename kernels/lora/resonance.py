"""Horizontal resonance: one update of a swarm out of its agents' updates, though some of the agents are bad.

1. Each update is clipped to the median norm (Karimireddy et al., ICML 2021).
2. Echoes count once: an agent's weight is divided by the number of those whose cosine with it exceeds .95 (who collude
   are alike: FoolsGold, Fung et al., RAID 2020), unless these are more than half: that many are no conspiracy.
3. The reference z is the mean by the weights so far, plus, at the same length, what a trusted root asks for (FLTrust:
   Cao et al., NDSS 2021). Where these two contradict each other, over the rounds, it is the root; without a root it is
   the geometric median. Nobody is held against what is their own in it: z₋ᵢ = z − wᵢ gᵢ / Σw (leave-one-out, as in
   jackknife residuals: Cook & Weisberg 1982), or noise, which agrees with nothing but itself, would pass for agreement.
4. Evidence is gathered over the rounds, each by its signal (learning from history: Karimireddy et al. 2021):

       c̄ᵢ = Σ ρᵏ ⟨gᵢ, z₋ᵢ⟩ / Σ ρᵏ ‖gᵢ‖ ‖z₋ᵢ‖,    wᵢ = clip(1 + c̄ᵢ / (κ · median c̄), 0, 1) / echoes

5. Who over the rounds is much longer than the others is not one of them: beyond four times the usual length on average
   an agent counts for nothing, up to two in full (redescending weights: Hampel, JASA 1974). Noise agrees with nobody
   and contradicts nobody; clipped, it would keep its weight.

An agent counts in full until the evidence is against it. Weights that grow with the cosine (FLTrust's) leave out
honest agents whose data differ, and near a minimum, where honest updates cancel, all cosines are noise: the rounds
before it, whose signal is strong, tell who is who. The price: an agent that turned bad late is clipped, but found late.

Each part can be left out (`Settings`), which is the ablation that bench/lora/robustness.py prints.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from chorus.kernels.lora import robust
from chorus.kernels.lora.robust import TINY, Aggregate, Array, clipped, geometric_median, norms, weighted
from chorus.runtime.errors import EvalError


class Settings(NamedTuple):
    """CLIP to the median norm; ECHO: the cosine above which two count as one (None: never); DISSENT κ: the share
    of the usual agreement that an agent must reach, turned round, to count for nothing; MEMORY ρ, 1: rounds are never
    forgotten; APART: nobody is held against what is their own; LOUD: the mean relative length up to which an agent
    counts in full, and from which for nothing.
    """

    clip: bool = True
    echo: float | None = 0.95
    dissent: float = 0.5
    memory: float = 1.0
    apart: bool = True
    loud: tuple[float, float] | None = (2.0, 4.0)


USUAL = Settings()
ONCE = USUAL._replace(loud=None)  # of one round: there a length may be by chance
LOUDEST = 10.0  # a single round says no more than this


def nothing() -> Array:
    return np.zeros(0)


@dataclass
class Resonance:
    """The rule and what it remembers of the agents, who stand at the same places in each round's updates."""

    settings: Settings = USUAL
    agreed: Array = field(default_factory=nothing, repr=False)  # Σ ρᵏ ⟨g, z⟩ f[…, n]
    weighed: Array = field(default_factory=nothing, repr=False)  # Σ ρᵏ ‖g‖ ‖z‖ f[…, n]
    trust: Array = field(
        default_factory=nothing, repr=False
    )  # the weights that followed, echoes and lengths apart
    quiet: Array = field(default_factory=nothing, repr=False)  # those that followed from the lengths f[…, n]
    concord: Array = field(default_factory=nothing, repr=False)  # Σ ρᵏ ⟨mean, root⟩ f[…, 1]
    lengths: Array = field(default_factory=nothing, repr=False)  # Σ ρᵏ ‖g‖ / median ‖g‖ f[…, n]
    rounds: float = 0.0  # Σ ρᵏ

    def __call__(self, updates: Array, bad: int = 0, root: Array | None = None) -> Aggregate:
        """The update f[…, p] of UPDATES f[…, n, p], held against ROOT f[…, p]; BAD need not be known."""
        if self.trust.shape != updates.shape[:-1]:
            self.agreed = self.weighed = np.zeros(updates.shape[:-1])
            self.lengths, self.rounds = np.zeros(updates.shape[:-1]), 0.0
            self.trust = np.ones(updates.shape[:-1])
        short = clipped(updates) if self.settings.clip else updates
        self.quiet = self._quiet(updates)
        once = self.quiet / echoes(short, self.settings.echo)
        self.trust = self._trusted(short, *self._reference(short, once * self.trust, root))
        return weighted(short, once * self.trust)

    def _reference(self, updates: Array, weights: Array, root: Array | None) -> tuple[Array, Array]:
        """z f[…, p], and the share f[…, n] of each agent's update that is in it."""
        if root is None:
            return geometric_median(updates, weights.astype(updates.dtype)), np.zeros(weights.shape)
        mean, shares = weighted(updates, weights)
        length = norms(mean)[..., None]
        scaled = root * (length / np.maximum(norms(root)[..., None], TINY)).astype(updates.dtype)
        if self.concord.shape != length.shape:
            self.concord = np.zeros(length.shape)
        self.concord = self.settings.memory * self.concord + (mean * root).sum(-1, keepdims=True)
        agree = self.concord > 0
        return np.where(agree, mean + scaled, root), np.where(agree & self.settings.apart, shares, 0.0)

    def _quiet(self, updates: Array) -> Array:
        """The weights f[…, n] that follow from how long UPDATES are beside each other."""
        length = norms(updates)
        usual = np.median(length, -1)[..., None]
        relative = np.where(usual > TINY, length / np.maximum(usual, TINY), 1.0)
        self.lengths = self.settings.memory * self.lengths + np.minimum(relative, LOUDEST)
        self.rounds = self.settings.memory * self.rounds + 1
        if self.settings.loud is None:
            return np.ones(length.shape)
        full, none = self.settings.loud
        return np.clip((none - self.lengths / self.rounds) / (none - full), 0, 1)

    def _trusted(self, updates: Array, towards: Array, own: Array) -> Array:
        """The weights that follow from how UPDATES agree with TOWARDS, less the share of it that is their OWN."""
        memory, dissent = self.settings.memory, self.settings.dissent
        dot, length = np.matmul(updates, towards[..., None])[..., 0], norms(updates)  # [..., n]
        rest = norms(towards)[..., None] ** 2 - 2 * own * dot + (own * length) ** 2  # ‖z₋ᵢ‖²
        self.agreed = memory * self.agreed + dot - own * length**2
        self.weighed = memory * self.weighed + length * np.sqrt(np.maximum(rest, 0))
        evidence = self.agreed / np.maximum(self.weighed, TINY)  # c̄ f[…, n]
        usual = np.maximum(np.median(evidence, -1), TINY)[..., None]
        return np.clip(1 + evidence / (dissent * usual), 0, 1)


def echoes(updates: Array, alike: float | None) -> Array:
    """How many of UPDATES f[…, n, p] each has a cosine above ALIKE with, itself included; 1 where that is most."""
    if alike is None:
        return np.ones(updates.shape[:-1])
    unit = updates / np.maximum(norms(updates), TINY)[..., None]
    count = np.maximum((np.matmul(unit, np.swapaxes(unit, -1, -2)) > alike).sum(-1), 1)
    return np.where(2 * count > updates.shape[-2], 1, count)


def resonance(updates: Array, bad: int = 0, root: Array | None = None) -> Aggregate:
    """The rule without memory: for updates that come once."""
    return Resonance(ONCE)(updates, bad, root)


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
