"""The definitions of this room in plain loops, which the fast ones are tested against."""

from __future__ import annotations

import math

import numpy as np


def before_after(series: np.ndarray, window: int) -> list[float]:
    """See effects.before_after."""
    result = []
    for day in range(len(series)):
        before = [v for v in series[max(0, day - window) : day] if math.isfinite(v)]
        after = [v for v in series[day : day + window] if math.isfinite(v)]
        inside = day >= window and day + window <= len(series)
        enough = inside and len(before) >= 2 and len(after) >= 2
        result.append(sum(after) / len(after) - sum(before) / len(before) if enough else math.nan)
    return result


def log_ratio(counts: np.ndarray, window: int) -> list[float]:
    """See effects.log_ratio."""
    result = []
    for day in range(len(counts)):
        before, after = sum(counts[max(0, day - window) : day]), sum(counts[day : day + window])
        inside = day >= window and day + window <= len(counts) and before + after > 0
        result.append(math.log((after + 0.5) / (before + 0.5)) if inside else math.nan)
    return result


def retained(active: np.ndarray, window: int) -> list[float]:
    """See effects.retained."""
    days = active.shape[1]
    result = []
    for day in range(days):
        if day < window or day + window > days:
            result.append(math.nan)
            continue
        before = [a for a in range(len(active)) if active[a, day - window : day].any()]
        stayed = [a for a in before if active[a, day : day + window].any()]
        result.append(len(stayed) / len(before) if before else math.nan)
    return result


def shifted_mean(effects: np.ndarray, days: list[int], signs: list[float], shift: int) -> float:
    """See effects._shifted_means: one shift. Days outside the observed stretch do not count."""
    usable = [day for day, value in enumerate(effects) if math.isfinite(value)]
    low, length = usable[0], usable[-1] - usable[0] + 1
    centre = sum(effects[day] for day in usable) / len(usable)
    top = bottom = 0.0
    for day, sign in zip(days, signs, strict=True):
        if not low <= day < low + length:
            continue
        moved = low + (day - low + shift) % length
        if math.isfinite(effects[moved]):
            top += sign * (effects[moved] - centre)
            bottom += abs(sign)
    return top / bottom if bottom else math.nan
