"""What the query forms need: errors at the place of a clause, moments, numbers and texts as people read them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from chorus.runtime.errors import EvalError
from chorus.runtime.instants import DAY_WORDS, day_called, parse_instant
from chorus.runtime.primitive import Name, primitive
from chorus.runtime.values import NIL, MutableString, Pair, SourcePair


@primitive("%signed", effects="pure")
def signed(number: float, digits: int = 2) -> str:
    """NUMBER with its sign and DIGITS decimals, as people read it.

    > (%signed -0.5)
    => "−0.50"
    """
    return f"{number:+.{digits}f}".replace("-", "−")


@primitive("day-of", effects="pure")
def day_of(instant: dt.datetime) -> str:
    """The day of INSTANT, in UTC.

    > (day-of #inst "2026-01-31T23:30-02:00")
    => "2026-02-01"
    """
    return instant.astimezone(dt.UTC).date().isoformat()


@primitive("moment", effects="pure")
def moment(text: str | dt.datetime) -> dt.datetime:
    """The instant that TEXT names, a date or date-time in ISO 8601; UTC unless it says otherwise.

    > (day-of (moment "2026-01-31"))
    => "2026-01-31"
    """
    if isinstance(text, dt.datetime):
        return text
    try:
        return parse_instant(text)
    except ValueError:
        raise EvalError(
            f"{text} is no date", hint='write it as "2026-01-31" or "2026-01-31T10:00Z"'
        ) from None


@primitive("moment-called", effects="clock")
def moment_called(text: str | dt.datetime) -> dt.datetime:
    """The instant that TEXT names, as `moment` does, or at which the day began that it calls "today", "yesterday" or by
    its weekday, the latest of that name; in UTC.

    > (<= 0 (days-between (moment-called "monday") (now)) 6)
    => #t
    > (day-of (moment-called "2026-01-31"))
    => "2026-01-31"
    """
    day = day_called(_day_word(text), dt.datetime.now(dt.UTC)) if isinstance(text, str) else None
    return moment(text) if day is None else day


@primitive("%day-word?", effects="pure")
def is_day_word(given: Any) -> bool:
    """Whether GIVEN is a text by which `moment-called` knows a day.

    > (map %day-word? '("Monday" "2026-01-31" monday))
    => (#t #f #f)
    """
    return isinstance(given, (str, MutableString)) and _day_word(str(given)) in DAY_WORDS


def _day_word(text: str) -> str:
    return text.strip().lower()


@primitive("days-between", effects="pure")
def days_between(start: dt.datetime, end: dt.datetime) -> int:
    """How many whole days lie from START to END; less than 0 when END is the earlier.

    > (days-between (moment "2026-01-01") (moment "2026-01-03T12:00"))
    => 2
    """
    return (end - start) // dt.timedelta(days=1)


@primitive("%visible", effects="pure")
def visible(text: str) -> str:
    """TEXT on one line for a terminal: control, bidirectional and invisible characters shown as what they
    are.

    > (%visible "a  b")
    => "a b"
    """
    line = " ".join(text.split())
    return "".join(c if c.isprintable() or c == "\u200d" else f"\\u{ord(c):04x}" for c in line)


@primitive("%reject-form", effects="pure")
def reject_form(cell: Any, message: str, hint: str = "") -> Any:
    """Raise an error at the place where the head of CELL, a piece of a form, was read; HINT says what is
    accepted.

    > (guard (e (#t (error-object-message e))) (%reject-form '(x) "no such type"))
    => "no such type"
    """
    span = getattr(cell, "car_span", None) or getattr(cell, "span", None)
    if span is None and isinstance(cell, Pair):  # a macro's own list of its arguments has lost its place
        span = getattr(cell.car, "span", None)
    raise EvalError(message, span=span, hint=hint or None)


@primitive("%refuse", effects="pure")
def refuse(code: Name, message: str, hint: str = "") -> Any:
    """Raise an error with CODE, a MESSAGE and a HINT that says what would do.

    > (guard (e (#t (error-object-message e))) (%refuse 'range "no such k" "2 or more"))
    => "no such k"
    """
    raise EvalError(message, code=code, hint=hint or None)


@primitive("%placed", effects="pure")
def placed(cell: Any, form: Any, *, head: bool = False) -> Any:
    """FORM, a list, as if it had been read where CELL was, or the HEAD of CELL: an error in it points there.

    > (%placed '(here) '(+ 1 2))
    => (+ 1 2)
    """
    span = getattr(cell, "car_span" if head else "span", None)
    if span is None or not isinstance(form, Pair):
        return form
    return make_placed(list(form), span)


def make_placed(items: list[Any], span: Any) -> Any:
    result: Any = NIL
    for item in reversed(items):
        result = SourcePair(item, result, span, span)
    return result
