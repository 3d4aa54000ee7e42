"""Instants (aware datetimes in UTC) from text and back."""

from __future__ import annotations

import datetime as dt

DAY = 86_400_000_000  # microseconds
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NEAR = ("today", "yesterday")
DAY_WORDS = NEAR + DAYS


def parse_instant(text: str) -> dt.datetime:
    """The instant of an ISO 8601 date or date-time, in UTC when it names no offset. ValueError otherwise."""
    made = dt.datetime.fromisoformat(text.strip())
    return in_utc(made)


def day_called(word: str, now: dt.datetime) -> dt.datetime | None:
    """The midnight, UTC, at which the day called WORD began; of weekdays the latest. None if no day is called so."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if word in NEAR:
        return midnight - dt.timedelta(days=word == "yesterday")
    if word in DAYS:
        return midnight - dt.timedelta(days=(now.weekday() - DAYS.index(word)) % 7)
    return None


def in_utc(value: dt.datetime) -> dt.datetime:
    try:
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)
    except OverflowError as error:  # within an offset of the calendar's ends
        raise ValueError("outside the years 1 to 9999") from error


def instant_text(value: dt.datetime) -> str:
    """ISO 8601 in UTC: 2026-01-31T10:00:00Z, with fractions of a second only where there are any."""
    return in_utc(value).replace(tzinfo=None).isoformat() + "Z"
