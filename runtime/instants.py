"""Instants (aware datetimes in UTC) from text and back."""

from __future__ import annotations

import datetime as dt

DAY = 86_400_000_000  # microseconds


def parse_instant(text: str) -> dt.datetime:
    """The instant of an ISO 8601 date or date-time, in UTC when it names no offset. ValueError otherwise."""
    made = dt.datetime.fromisoformat(text.strip())
    return in_utc(made)


def in_utc(value: dt.datetime) -> dt.datetime:
    try:
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)
    except OverflowError as error:  # within an offset of the calendar's ends
        raise ValueError("outside the years 1 to 9999") from error


def instant_text(value: dt.datetime) -> str:
    """ISO 8601 in UTC: 2026-01-31T10:00:00Z, with fractions of a second only where there are any."""
    return in_utc(value).replace(tzinfo=None).isoformat() + "Z"
