"""What a change is likely to do, from what similar ones did: an estimate with a prediction interval, or a
reason why not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chorus.kernels.reaction.effects import Found, detect, placebo_days

# What an action does to the quantity it names.
ACTIONS: dict[str, int] = {
    "buff": 1, "increase": 1, "raise": 1, "boost": 1, "strengthen": 1, "tighten": 1, "harden": 1, "add": 1,
    "extend": 1, "enable": 1, "introduce": 1, "fix": 1, "expand": 1, "more": 1, "up": 1, "double": 1,
    "higher": 1, "nerf": -1, "decrease": -1, "lower": -1, "reduce": -1, "weaken": -1, "loosen": -1,
    "relax": -1, "soften": -1, "cut": -1, "remove": -1, "disable": -1, "drop": -1, "shorten": -1,
    "less": -1, "down": -1, "halve": -1, "discount": -1, "ease": -1,
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """A dated change: the day (an index into the series), what it touched, how, and by what factor (None: not
    said).
    """

    day: int
    feature: str
    action: str
    amount: float | None = None
    id: str = ""

    @property
    def direction(self) -> int:
        return ACTIONS.get(self.action, 1)


def dose(change: Change, typical: float) -> float:
    """How far CHANGE moves its feature, with sign: direction · |amount|; TYPICAL where no amount is given.

    Effects are compared within one feature only, so amounts need no common unit: shares, factors or points
    will do.
    """
    size = typical if change.amount is None or not math.isfinite(change.amount) else abs(change.amount)
    return change.direction * (size or typical)


@dataclass(frozen=True)
class Forecast:
    """The expected effect of a change on a metric; REFUSAL says why there is none (the numbers are NaN)."""

    estimate: float
    low: float
    high: float
    level: float
    found: Found | None
    past: tuple[tuple[Change, float], ...]  # the changes it rests on, with the effect seen at each
    refusal: str | None = None
    sign: float = math.nan  # the chance that what will be seen has the estimate's sign


def forecast(
    effects: np.ndarray,
    changes: Sequence[Change],
    new: Change,
    *,
    level: float = 0.95,
    gap: int = 7,
    alpha: float = 0.05,
    least: int = 3,
    prior: float = 4.0,
) -> Forecast:
    """Predict the effect of NEW from CHANGES of the same feature, EFFECTS f64[T] being the metric's effect at
    each day.

    Effects are regressed through the origin on doses: e = β·x + noise; the interval is Student's, for the
    effect that will be seen: β·x ± t·s·√(1 + x²/Σx²). s² pools the residuals with the variance at placebo
    dates, worth PRIOR degrees of freedom. Refused when no dated change touches the feature, fewer than LEAST
    do, or the permutation test of those dates against other dates (`detect`) does not reach ALPHA.
    """
    same = [c for c in changes if c.feature == new.feature and 0 <= c.day < len(effects)]
    usable = [c for c in same if np.isfinite(effects[c.day])]
    refusal = _missing(changes, same, usable, new, least)
    if refusal:
        return _refused(level, refusal)
    sizes = [abs(c.amount) for c in usable if c.amount]
    typical = float(np.median(sizes)) if sizes else 1.0
    doses = np.array([dose(c, typical) for c in usable])
    placebo = placebo_days(effects, [c.day for c in changes], gap)
    found = detect(effects, [c.day for c in usable], doses.tolist(), gap)
    if found is None:
        return _refused(level, "too few days with messages around these dates to compare with")
    base = effects[placebo].mean()
    seen = effects[[c.day for c in usable]] - base
    past = tuple((c, float(e)) for c, e in zip(usable, seen, strict=True))
    if found.p > alpha:
        against = f"{len(usable)} dated changes of {new.feature} against {found.shifts} sets of other dates"
        reason = f"no detectable effect: {against}, {_too_likely(found.p, alpha)}"
        return Forecast(math.nan, math.nan, math.nan, level, found, past, reason)
    x = dose(new, typical)
    estimate, half, sign = _regress(doses, seen, x, float(effects[placebo].var(ddof=1)), level, prior)
    return Forecast(estimate, estimate - half, estimate + half, level, found, past, None, sign)


def _regress(
    doses: np.ndarray, seen: np.ndarray, x: float, noise: float, level: float, prior: float
) -> tuple[float, float, float]:
    """(estimate, half width, chance of its sign) at dose X of the regression of SEEN on DOSES through the origin."""
    energy = float(doses @ doses)
    slope = float(doses @ seen) / energy
    residual = float(((seen - slope * doses) ** 2).sum())
    freedom = len(seen) - 1 + prior
    variance = (residual + prior * noise) / freedom
    return slope * x, *_student(slope * x, math.sqrt(variance * (1 + x * x / energy)), freedom, level)


def _student(estimate: float, scale: float, freedom: float, level: float) -> tuple[float, float]:
    """Half the width of the interval that holds LEVEL of Student's distribution, and its share beyond 0 on the side of
    ESTIMATE."""
    from scipy.special import stdtr, stdtrit

    half = float(stdtrit(freedom, 0.5 + level / 2)) * scale
    return half, float(stdtr(freedom, abs(estimate) / max(scale, 1e-12)))


def from_pairs(
    doses: Sequence[float],
    seen: Sequence[float],
    x: float,
    *,
    level: float = 0.95,
    alpha: float = 0.05,
    least: int = 3,
    draws: int = 1999,
    seed: int = 0,
) -> Forecast:
    """Predict what follows a change of dose X from what was SEEN after changes of DOSES, without a series of
    days.

    A line is fitted to the pairs, e = α + β·x + noise; the interval is the textbook's for a new observation,
    ± t·s·√(1 + 1/n + (x − x̄)²/Σ(x − x̄)²). Refused with fewer than LEAST + 1 pairs or one dose only, and
    when dealing the effects out to other changes gives as steep a line in more than ALPHA of DRAWS (a
    permutation test, two-sided).
    """
    moved, effect = np.asarray(doses, dtype=float), np.asarray(seen, dtype=float)
    n = len(moved)
    spread = float(((moved - moved.mean()) ** 2).sum()) if n else 0.0
    if n <= least or spread < 1e-12:
        return _refused(level, f"too few events: {n} changes of different size, {least + 1} are needed")
    centred = moved - moved.mean()
    slope = float(centred @ effect) / spread
    random = np.random.default_rng(seed)
    null = random.permuted(np.tile(effect, (draws, 1)), axis=1) @ centred / spread  # [draws]
    p = (1 + int((np.abs(null) >= abs(slope) - 1e-12).sum())) / (1 + draws)
    residual = effect - effect.mean() - slope * centred
    noise = math.sqrt(float((residual**2).sum()) / (n - 2))
    found = Found(slope, slope * math.sqrt(spread / n) / (noise or 1e-12), p, n, draws)
    if p > alpha:
        against = f"{n} changes against {draws} other orders of them"
        reason = f"no detectable effect: {against}, {_too_likely(p, alpha)}"
        return Forecast(math.nan, math.nan, math.nan, level, found, (), reason)
    at = x - float(moved.mean())
    estimate = float(effect.mean()) + slope * at
    half, sign = _student(estimate, noise * math.sqrt(1 + 1 / n + at * at / spread), n - 2, level)
    return Forecast(estimate, estimate - half, estimate + half, level, found, (), None, sign)


def _missing(
    changes: Sequence[Change], same: Sequence[Change], usable: Sequence[Change], new: Change, least: int
) -> str | None:
    """What is missing for a prediction, in words; None when nothing is."""
    if not changes:
        return "no dated changes are known: ingest patch notes with dates first"
    if not same:
        known = ", ".join(sorted({c.feature for c in changes if c.feature})) or "none"
        return f"no dated change of {new.feature} is known; changes are known of: {known}"
    if len(usable) < least:
        have = f"{len(usable)} dated changes of {new.feature} have messages around them"
        return f"too few events: {have}, {least} are needed"
    return None


def _too_likely(p: float, alpha: float) -> str:
    """Why P does not count, with as many digits as tell it from ALPHA."""
    digits = next(d for d in range(2, 17) if d == 16 or f"{p:.{d}g}" != f"{alpha:.{d}g}")
    return f"p = {p:.{digits}g} where at most {alpha:.{digits}g} counts"


def _refused(level: float, reason: str) -> Forecast:
    return Forecast(math.nan, math.nan, math.nan, level, None, (), reason)
