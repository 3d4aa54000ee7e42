"""Instants: points in time, in UTC, written `#inst "2026-01-31T10:00:00Z"`."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from typing import Any

from chorus.runtime.errors import EvalError
from chorus.runtime.instants import in_utc, instant_text, parse_instant
from chorus.runtime.primitive import Name, primitive
from chorus.runtime.values import Symbol

Instant = dt.datetime
UNITS = {"weeks": 604_800.0, "days": 86_400.0, "hours": 3_600.0, "minutes": 60.0, "seconds": 1.0}


@primitive("now", effects="clock")
def now() -> Instant:
    """The present instant.

    > (instant? (now))
    => #t
    """
    return dt.datetime.now(dt.UTC)


@primitive("current-second", effects="clock")
def current_second() -> float:
    """Seconds since 1970, UTC.

    > (> (current-second) 1e9)
    => #t
    """
    return time.time()


@primitive("current-jiffy", effects="clock", aliases=("runtime",))
def current_jiffy() -> int:
    """Nanoseconds since some moment: for measuring how long something takes.

    > (<= (current-jiffy) (current-jiffy))
    => #t
    """
    return time.perf_counter_ns()


@primitive("jiffies-per-second", effects="pure")
def jiffies_per_second() -> int:
    """How many jiffies a second has.

    > (jiffies-per-second)
    => 1000000000
    """
    return 1_000_000_000


@primitive("instant?", effects="pure", checked=False)
def is_instant(value: Any) -> bool:
    """Whether VALUE is an instant.

    > (instant? #inst "2026-01-31")
    => #t
    """
    return isinstance(value, dt.datetime)


@primitive("instant", effects="pure", aliases=("string->instant",))
def instant(text: str) -> Instant:
    """The instant that TEXT names in ISO 8601; in UTC when it says nothing else.

    > (instant "2026-01-31T12:00+02:00")
    => #inst "2026-01-31T10:00:00Z"
    """
    try:
        return parse_instant(text)
    except ValueError:
        hint = 'ISO 8601: "2026-01-31" or "2026-01-31T10:00Z"'
        raise EvalError("instant: not a date-time", code="instant", hint=hint, irritants=(text,)) from None


@primitive("make-instant", effects="pure")
def make_instant(
    year: int, month: int = 1, day: int = 1, hour: int = 0, minute: int = 0, second: float = 0.0
) -> Instant:
    """The instant of a date and a time of day in UTC.

    > (make-instant 2026 1 31 10)
    => #inst "2026-01-31T10:00:00Z"
    """
    return within(
        "make-instant",
        lambda: dt.datetime(year, month, day, hour, minute, tzinfo=dt.UTC) + dt.timedelta(seconds=second),
    )


def within(caller: str, make: Callable[[], Instant]) -> Instant:
    """MAKE's instant; EvalError when it lies outside the calendar."""
    try:
        return in_utc(make())
    except (ValueError, OverflowError, OSError) as error:
        raise EvalError(f"{caller}: no such instant: {error}", code="range") from None


@primitive("instant->string", effects="pure")
def instant_to_string(instant: Instant, pattern: str | None = None) -> str:
    """INSTANT as ISO 8601, or by PATTERN, in which %Y %m %d %H %M %S %j %a %A %b %B stand for its parts.

    %V is the ISO week, %G the year that week belongs to, %u the weekday from 1 for Monday.

    > (instant->string #inst "2026-01-31T10:00Z")
    => "2026-01-31T10:00:00Z"
    > (instant->string #inst "2026-01-31" "%d %b %Y")
    => "31 Jan 2026"
    """
    if pattern is None:
        return instant_text(instant)
    kept = {letter: instant.strftime("%" + letter) for letter in "YmdHMSjaAbBVGu"} | {"%": "%"}
    kept["Y"] = f"{instant.year:04}"
    return "".join(_filled(pattern, kept))


def _filled(pattern: str, kept: dict[str, str]) -> list[str]:
    parts: list[str] = []
    rest = pattern
    while "%" in rest:
        before, _, rest = rest.partition("%")
        if rest[:1] not in kept or not rest:
            raise EvalError(f"instant->string: there is no %{rest[:1]}", hint="known: %" + " %".join(kept))
        parts += (before, kept[rest[0]])
        rest = rest[1:]
    return [*parts, rest]


@primitive("instant->seconds", effects="pure")
def instant_to_seconds(instant: Instant) -> Any:
    """Seconds from 1970 to INSTANT; exact when they are whole.

    > (instant->seconds #inst "1970-01-02")
    => 86400
    """
    seconds = (instant - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)).total_seconds()
    return int(seconds) if seconds.is_integer() else seconds


@primitive("seconds->instant", effects="pure")
def seconds_to_instant(seconds: float) -> Instant:
    """The instant SECONDS after 1970.

    > (seconds->instant 86400)
    => #inst "1970-01-02T00:00:00Z"
    """
    return within(
        "seconds->instant",
        lambda: dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=seconds),
    )


@primitive("instant-add", effects="pure")
def instant_add(
    instant: Instant,
    *,
    weeks: float = 0.0,
    days: float = 0.0,
    hours: float = 0.0,
    minutes: float = 0.0,
    seconds: float = 0.0,
) -> Instant:
    """INSTANT and so much later (earlier, for negative numbers).

    > (instant-add #inst "2026-01-31" :days 1 :hours -2)
    => #inst "2026-01-31T22:00:00Z"
    """
    return within(
        "instant-add",
        lambda: instant + dt.timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds),
    )


@primitive("instant-difference", effects="pure")
def instant_difference(later: Instant, earlier: Instant, unit: Name | None = None) -> Any:
    """From EARLIER to LATER in UNIT: seconds (when not given), minutes, hours, days or weeks.

    > (instant-difference #inst "2026-02-01" #inst "2026-01-31" 'hours)
    => 24
    """
    if unit is not None and unit not in UNITS:
        raise EvalError(f"instant-difference: no unit is called {unit}", hint="known: " + " ".join(UNITS))
    amount = (later - earlier).total_seconds() / UNITS[unit or "seconds"]
    return int(amount) if amount.is_integer() else amount


def _compare(name: str, holds: Callable[[Instant, Instant], bool], doc: str) -> None:
    def compare(first: Instant, *others: Instant) -> bool:
        return all(map(holds, (first, *others), others))

    compare.__doc__ = doc
    primitive(name, effects="pure")(compare)


_compare(
    "instant<?",
    dt.datetime.__lt__,
    'Whether all are in growing order.\n\n> (instant<? #inst "2026-01-01" #inst "2026-01-02")\n=> #t',
)
_compare(
    "instant=?",
    dt.datetime.__eq__,
    'Whether all are the same instant.\n\n> (instant=? #inst "2026-01-01" (instant "2026-01-01"))\n=> #t',
)

PARTS: dict[str, tuple[Callable[[Instant], Any], str]] = {
    "year": (lambda at: at.year, "2026"),
    "month": (lambda at: at.month, "1"),
    "day": (lambda at: at.day, "31"),
    "hour": (lambda at: at.hour, "10"),
    "minute": (lambda at: at.minute, "30"),
    "second": (lambda at: at.second + at.microsecond / 1e6 if at.microsecond else at.second, "5"),
    "week": (lambda at: at.isocalendar().week, "5"),
    "weekday": (lambda at: at.isoweekday(), "6"),
}


def _part(name: str, take: Callable[[Instant], Any], shown: str) -> None:
    def part(instant: Instant) -> Any:
        return take(instant)

    extra = {"week": " (ISO 8601)", "weekday": ", from 1 for Monday"}.get(name, "")
    sample = '#inst "2026-01-31T10:30:05Z"'
    part.__doc__ = f"INSTANT's {name} in UTC{extra}.\n\n> (instant-{name} {sample})\n=> {shown}"
    primitive(f"instant-{name}", effects="pure")(part)


for _name, (_take, _shown) in PARTS.items():
    _part(_name, _take, _shown)


@primitive("instant-floor", effects="pure")
def instant_floor(instant: Instant, unit: Name) -> Instant:
    """The beginning of the year, month, week (Monday), day, hour or minute that INSTANT lies in.

    > (instant-floor #inst "2026-01-31T10:30Z" 'week)
    => #inst "2026-01-26T00:00:00Z"
    """
    midnight = instant.replace(hour=0, minute=0, second=0, microsecond=0)
    beginnings: dict[str, Callable[[], Instant]] = {
        "year": lambda: midnight.replace(month=1, day=1),
        "month": lambda: midnight.replace(day=1),
        "week": lambda: midnight - dt.timedelta(days=midnight.weekday()),
        "day": lambda: midnight,
        "hour": lambda: instant.replace(minute=0, second=0, microsecond=0),
        "minute": lambda: instant.replace(second=0, microsecond=0),
    }
    if unit not in beginnings:
        known = " ".join(beginnings)
        raise EvalError(
            f"instant-floor: no unit is called {unit}", hint=f"known: {known}", irritants=(Symbol(unit),)
        )
    return within("instant-floor", beginnings[unit])
