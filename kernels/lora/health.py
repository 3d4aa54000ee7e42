"""Health of what learns: measures of the last window, and a risk that the loss will leap in the next one.

| measure | formula over a window of w steps | what it means |
|---|---|---|
| growth | ln(mean gradient norm, last half / first) | gradients grow while the loss stays (Zhang, ICLR 2020) |
| turning | −mean cos(update, update before) | the rate exceeds 2 / curvature (Cohen et al., ICLR 2021) |
| unrest | ln(sd of the losses' steps, last half / first) | variance rises early (Scheffer et al., Nature 2009) |
| rise | (mean loss, last half − first half) / sd of its steps | it has begun |

risk = 1 / (1 + exp(−(β₀ + Σ βⱼ mⱼ))): β were fitted once on runs of bench/lora/spikes.py and hold for other runs of its
kinds; whether the risk predicts anything for the runs at hand is asked of them (`verdict`), never assumed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from chorus.kernels.lora.measures import auc

WINDOW = 16
SMOOTH = 4  # steps: one bad batch is no leap
LEAP = (
    4.0  # the loss exceeds the median of the window before by as many robust standard deviations, and by half
)
WORTH = 0.7  # an AUC that is worth an alarm


class Measures(NamedTuple):
    growth: float
    turning: float
    unrest: float
    rise: float


WEIGHTS = Measures(growth=0.44, turning=3.55, unrest=-0.14, rise=1.8)
LEVEL = -3.08


@dataclass
class History:
    """What is known of a run, a number a step: LOSSES, NORMS of gradients, COSINES of each with the one before."""

    losses: Sequence[float]
    norms: Sequence[float]
    cosines: Sequence[float]


def measures(history: History, end: int, window: int = WINDOW) -> Measures:
    """Of the WINDOW steps before step END; nothing at END or later is looked at."""
    losses, lengths, cosines = (
        np.asarray(part[max(0, end - window) : end], np.float64)
        for part in (history.losses, history.norms, history.cosines)
    )
    half = len(losses) // 2
    if half < 2 or not (np.isfinite(losses).all() and np.isfinite(lengths).all()):
        return Measures(0.0, 0.0, 0.0, 0.0)
    steps = np.diff(losses)
    scale = float(np.median(np.abs(steps))) + 1e-12
    return Measures(
        growth=_log_ratio(lengths[half:].mean(), lengths[:half].mean()),
        turning=-float(cosines.mean()),
        unrest=_log_ratio(steps[half:].std(), steps[:half].std()),
        rise=float(np.tanh((losses[half:].mean() - losses[:half].mean()) / (4 * scale))),
    )


def _log_ratio(one: float, other: float) -> float:
    return float(np.clip(np.log((one + 1e-12) / (other + 1e-12)), -5, 5))


def risk(made: Measures, weights: Measures = WEIGHTS, level: float = LEVEL) -> float:
    """The chance ∈ (0, 1) that the loss leaps in the next window."""
    return float(1 / (1 + np.exp(-np.clip(level + float(np.dot(weights, made)), -50, 50))))


def leaps(losses: Sequence[float], at: int, window: int = WINDOW) -> bool:
    """Whether within WINDOW steps from step AT the loss leaps, over SMOOTH steps, above the window before."""
    before, after = np.asarray(losses[max(0, at - window) : at]), np.asarray(losses[at : at + window])
    if len(before) < SMOOTH or len(after) < SMOOTH:
        return False
    middle = np.median(before)
    spread = 1.4826 * np.median(np.abs(before - middle)) / np.sqrt(SMOOTH)
    smooth = np.convolve(after, np.full(SMOOTH, 1 / SMOOTH), "valid")
    return bool(~np.isfinite(smooth).all() or smooth.max() > middle + max(LEAP * spread, 0.5 * abs(middle)))


class Verdict(NamedTuple):
    """AUC with its 95 % interval by drawing whole runs anew; PREDICTS where the interval's foot is above one half and
    the AUC above WORTH.
    """

    auc: float
    low: float
    high: float
    predicts: bool
    words: str


def verdict(
    runs: Sequence[tuple[Sequence[float], Sequence[bool]]], draws: int = 400, seed: int = 0
) -> Verdict:
    """Whether scores predict, by RUNS (scores, whether the loss leapt); steps of a run are no independent cases."""
    value = _pooled(runs)
    if np.isnan(value):
        return Verdict(value, value, value, False, "Health cannot be judged: no loss leapt, or all did.")
    rng = np.random.default_rng(seed)
    drawn = [_pooled([runs[at] for at in rng.integers(0, len(runs), len(runs))]) for _ in range(draws)]
    low, high = np.nanpercentile(drawn, [2.5, 97.5])
    predicts = bool(value > WORTH and low > 0.5)
    said = "predicts" if predicts else "does not predict"
    words = f"Health {said} leaps of the loss here: AUC {value:.2f} (95 % between {low:.2f} and {high:.2f})."
    return Verdict(value, float(low), float(high), predicts, words)


def _pooled(runs: Sequence[tuple[Sequence[float], Sequence[bool]]]) -> float:
    return auc(
        np.concatenate([np.asarray(scores) for scores, _ in runs]),
        np.concatenate([np.asarray(truth, bool) for _, truth in runs]),
    )


def state(history: History, window: int = WINDOW) -> tuple[str, float, Measures]:
    """How the run stands now: unknown, healthy, strained or at risk; the risk; and the measures that say so."""
    end = len(history.losses)
    if end < window:
        return "unknown", float("nan"), Measures(*[float("nan")] * 4)
    made = measures(history, end, window)
    broken = not all(np.isfinite(part[end - window : end]).all() for part in (history.losses, history.norms))
    chance = 1.0 if broken else risk(made)  # what is no number any more has leapt already
    return next(name for name, least in STATES if chance >= least), chance, made


STATES = (("at risk", 0.5), ("strained", 0.2), ("healthy", 0.0))
