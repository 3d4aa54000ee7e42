"""Seconds since 1970 written as ISO 8601, fast: the date is made once a day, the rest is arithmetic."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

DAY = 86400.0
ZONES = {
    "Lisbon": 0,
    "Berlin": 1,
    "Helsinki": 2,
}  # standard offsets in hours; all three keep European summer time


@lru_cache(maxsize=8)
def _date(day: int) -> str:
    return (dt.date(1970, 1, 1) + dt.timedelta(days=day)).isoformat()


@lru_cache(maxsize=8)
def _summer(year: int) -> tuple[int, int]:
    """First and last second of European summer time: the last Sundays of March and October, 01:00 UTC."""
    turns = []
    for month in (3, 10):
        last = dt.datetime(year, month, 31, 1, tzinfo=dt.UTC)
        turns.append(int((last - dt.timedelta(days=(last.weekday() + 1) % 7)).timestamp()))
    return turns[0], turns[1]


def _time(seconds: int) -> str:
    day, rest = divmod(seconds, 86400)
    return f"{_date(day)}T{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}"


def utc(at: float) -> str:
    """AT to the second, in UTC."""
    return _time(int(at)) + "+00:00"


def local(at: float, hours: int) -> str:
    """AT to the millisecond, with the offset then in force in a European zone HOURS east in winter."""
    seconds, ms = divmod(int(at * 1000), 1000)
    first, last = _summer(int(_date(seconds // 86400)[:4]))
    hours += first <= seconds < last
    return f"{_time(seconds + hours * 3600)}.{ms:03d}+{hours:02d}:00"
