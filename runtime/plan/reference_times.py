"""What the operators on instants mean, in plain Python; all count in UTC unless they are given a time zone."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Callable
from typing import Any, Final
from zoneinfo import ZoneInfo

from chorus.runtime.plan.operators import FIXED_UNITS

MONDAY: Final = dt.datetime(2000, 1, 3, tzinfo=dt.UTC)
MONTHS: Final = {"month": 1, "quarter": 3, "year": 12}


def local(instant: dt.datetime, zone: str = "UTC") -> dt.datetime:
    """What clocks in ZONE show, as a time without a zone."""
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _part(part: Callable[[dt.datetime], Any]) -> Callable[..., Any]:
    return lambda instant, zone="UTC": part(local(instant, zone))


def bucket(instant: dt.datetime, unit: str, zone: str = "UTC") -> dt.datetime:
    """When the UNIT that INSTANT is in began. Of an hour that clocks show twice, each is its own."""
    shown = local(instant, zone)
    began = _beginning(shown, unit)
    if unit in ("second", "minute", "hour"):
        return instant - (shown - began)
    return began.replace(tzinfo=ZoneInfo(zone)).astimezone(dt.UTC)


def _beginning(shown: dt.datetime, unit: str) -> dt.datetime:
    day = shown.replace(hour=0, minute=0, second=0, microsecond=0)
    starts = {
        "second": lambda: shown.replace(microsecond=0),
        "minute": lambda: shown.replace(second=0, microsecond=0),
        "hour": lambda: shown.replace(minute=0, second=0, microsecond=0),
        "day": lambda: day,
        "week": lambda: day - dt.timedelta(days=day.weekday()),
        "month": lambda: day.replace(day=1),
        "quarter": lambda: day.replace(day=1, month=(day.month - 1) // 3 * 3 + 1),
        "year": lambda: day.replace(day=1, month=1),
    }
    return starts[unit]()


def _bin(instant: dt.datetime, count: int, unit: str) -> dt.datetime:
    width = dt.timedelta(seconds=count * FIXED_UNITS[unit])
    return instant - (instant - MONDAY) % width


def _shift(instant: dt.datetime, count: int, unit: str) -> dt.datetime:
    if unit in FIXED_UNITS:
        return instant + dt.timedelta(seconds=count * FIXED_UNITS[unit])
    year, month = divmod(instant.year * 12 + instant.month - 1 + count * MONTHS[unit], 12)
    day = min(instant.day, calendar.monthrange(year, month + 1)[1])
    return instant.replace(year=year, month=month + 1, day=day)


def _iso_week(shown: dt.datetime) -> str:
    year, week, _ = shown.isocalendar()
    return f"{year:04d}-W{week:02d}"


TIMES: Final[dict[str, Callable[..., Any]]] = {
    "year": _part(lambda shown: shown.year),
    "quarter": _part(lambda shown: (shown.month + 2) // 3),
    "month": _part(lambda shown: shown.month),
    "day": _part(lambda shown: shown.day),
    "yearday": _part(lambda shown: shown.timetuple().tm_yday),
    "hour": _part(lambda shown: shown.hour),
    "minute": _part(lambda shown: shown.minute),
    "second": _part(lambda shown: shown.second),
    "weekday": _part(lambda shown: shown.isoweekday()),
    "week": _part(lambda shown: shown.isocalendar().week),
    "iso-year": _part(lambda shown: shown.isocalendar().year),
    "iso-week": _part(_iso_week),
    "iso-date": _part(lambda shown: f"{shown:%Y-%m-%d}"),
    "epoch": lambda instant: instant.timestamp(),
    "bucket": bucket,
    "bin": _bin,
    "shift": _shift,
    "elapsed": lambda start, end, unit: (end - start) / dt.timedelta(seconds=FIXED_UNITS[unit]),
}
