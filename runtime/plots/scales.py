"""Axes: round steps, where ticks stand and what is written at them, for numbers and for instants."""

from __future__ import annotations

import datetime as dt
import math
from typing import Final

TIME_STEPS: Final = {  # unit → seconds, months and years about so many
    "second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800,
    "month": 2_629_800, "quarter": 7_889_400, "year": 31_557_600,
}  # fmt: skip
# Seconds between two ticks → how the instants at them are written.
TICK_STEPS: Final = (
    (1, "%H:%M:%S"), (5, "%H:%M:%S"), (15, "%H:%M:%S"), (60, "%H:%M"), (300, "%H:%M"), (900, "%H:%M"),
    (3_600, "%H:%M"), (10_800, "%H:%M"), (21_600, "%m-%d %Hh"), (86_400, "%m-%d"), (172_800, "%m-%d"),
    (604_800, "%Y-%m-%d"), (1_209_600, "%Y-%m-%d"), (2_629_800, "%Y-%m"), (7_889_400, "%Y-%m"),
    (15_778_800, "%Y-%m"), (31_557_600, "%Y"), (63_115_200, "%Y"), (157_788_000, "%Y"), (315_576_000, "%Y"),
)  # fmt: skip


def nice_step(least: float) -> float:
    """The smallest of 1, 2, 2.5, 5 times a power of ten that is not below LEAST."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(step * power for step in (1.0, 2.0, 2.5, 5.0, 10.0) if step * power >= least * (1 - 1e-9))


def number_ticks(low: float, high: float, most: int, whole: bool = False) -> list[tuple[float, str]]:
    """At most MOST round numbers from LOW to HIGH, each with its text; WHOLE ones only, if all values are."""
    if high <= low:
        return [(low, number_text(low, 1.0))]
    step = nice_step(max(high / most - low / most, 1.0 if whole else 5e-324))
    step = 5.0 if whole and step == 2.5 else step
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [(at * step, number_text(at * step, step)) for at in range(first, last + 1)][: most + 1]


def number_text(value: float, step: float) -> str:
    """VALUE with the decimals that STEP tells apart; large ones short: 20k, 3M."""
    for scale, mark in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= scale * 10 and scale > 1 and step >= scale / 10 and abs(value) < 1e15:
            return f"{value / scale:g}{mark}"
    if abs(value) >= 1e15 or (value != 0 and abs(value) < 1e-4 and step < 1e-4):
        return f"{value:.2e}"
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    decimals += not math.isclose(round(step * 10**decimals), step * 10**decimals)
    return f"{value + 0.0:.{min(decimals, 8)}f}".replace("-0", "0", 1 if float(f"{value:.8f}") == 0 else 0)


def time_ticks(low: float, high: float, most: int) -> list[tuple[float, str]]:
    """At most MOST instants, in seconds since 1970, at which a day, month, year … begins."""
    span = max(high - low, 1.0)
    step, pattern = next(((s, p) for s, p in TICK_STEPS if span / s <= most), (0.0, "%Y"))
    if not step:
        step = nice_step(span / most / 31_557_600) * 31_557_600
    begin = dt.datetime.fromtimestamp(low, dt.UTC)
    ticks: list[tuple[float, str]] = []
    at = _floor(begin, step)
    while at.timestamp() <= high and len(ticks) <= most:
        if at.timestamp() >= low:
            ticks.append((at.timestamp(), at.strftime(pattern)))
        try:
            at = _later(at, step)
        except (OverflowError, ValueError):
            break
    return ticks or [(low, begin.strftime("%Y-%m-%d %H:%M"))]


def _months(step: float) -> int:
    return round(step / 2_629_800)


def _floor(at: dt.datetime, step: float) -> dt.datetime:
    if step >= 2_629_800:
        months = _months(step)
        month = (at.year * 12 + at.month - 1) // months * months
        return dt.datetime(max(1, month // 12), month % 12 + 1, 1, tzinfo=dt.UTC)
    monday = 345_600 if step >= 604_800 else 0  # 1970-01-05
    seconds = (at.timestamp() - monday) // step * step + monday
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


def _later(at: dt.datetime, step: float) -> dt.datetime:
    if step >= 2_629_800:
        month = at.year * 12 + at.month - 1 + _months(step)
        return at.replace(year=month // 12, month=month % 12 + 1)
    return at + dt.timedelta(seconds=step)
