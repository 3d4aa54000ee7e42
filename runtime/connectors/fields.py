"""Single fields of foreign rows: JSON text, ids, instants; what cannot be one raises BadRow, saying why."""

from __future__ import annotations

import datetime as dt
import json
import math
from typing import Any

from chorus.runtime.connectors.jsonsplit import MAX_ELEMENT, Element

MAX_DEPTH = 400  # of one row: far beyond any exporter's, far within the parser's stack
RAW_KEPT = 4000  # characters of a refused row that the quarantine shows


class BadRow(Exception):
    """A row that cannot be taken in; the message is the reason."""


_decode = json.JSONDecoder(parse_constant=lambda name: None, strict=False).raw_decode


def source_text(content: bytes) -> str:
    """CONTENT as text; a byte that is not UTF-8 shows as \\xNN, so that nothing is lost."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("utf-8", "backslashreplace")


def parse_element(element: Element) -> tuple[Any, str]:
    """The value that ELEMENT's JSON spells, and its text as it stood."""
    content, depth, size = element
    if size > MAX_ELEMENT:
        raise BadRow(f"the row is too large: {size:,} bytes")
    if depth > MAX_DEPTH:
        raise BadRow(f"the row is nested too deep: {depth:,} levels")
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return parse_text(content.decode("utf-8", "replace")), source_text(content)
    return parse_text(text), text


def parse_text(text: str) -> Any:
    try:
        value, end = _decode(text)
    except (ValueError, RecursionError) as error:
        raise BadRow(f"not JSON: {getattr(error, 'msg', error)}") from None
    if end != len(text):
        raise BadRow("not JSON: something follows the value")
    return mend_all(value) if "\\ud" in text or "\\uD" in text else value


def mend(text: str) -> str:
    """TEXT with each lone surrogate as U+FFFD: the database holds scalar values only, `raw` the escape."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def mend_all(value: Any) -> Any:
    if isinstance(value, str):
        return mend(value)
    if isinstance(value, list):
        return [mend_all(item) for item in value]
    if isinstance(value, dict):
        return {mend(key): mend_all(item) for key, item in value.items()}
    return value


def identifier(value: Any, what: str = "id") -> str:
    """An id as text. 64-bit ids must come as strings or integers: a float has lost digits already."""
    if value.__class__ is str:
        if value and not value.isspace():
            return value
    elif value.__class__ is int:
        return str(value)
    elif value.__class__ is float:
        if math.isfinite(value) and value == int(value) and abs(value) < 2**53:
            return str(int(value))
        raise BadRow(f"the {what} is a float, which has lost digits")
    elif value is not None:
        raise BadRow(f"the {what} is neither text nor an integer")
    raise BadRow(f"the {what} is missing")


def optional_id(value: Any) -> str | None:
    return None if value is None or value == "" else identifier(value)


def text(value: Any, what: str = "content") -> str:
    """Text; null is the empty text."""
    if value.__class__ is str:
        return value
    if value is None:
        return ""
    raise BadRow(f"the {what} is not text")


_OLD_FORMATS = (
    "%d-%b-%y %I:%M %p",  # DiscordChatExporter before 2.43
    "%d-%b-%Y %I:%M %p",
    "%m/%d/%Y %I:%M %p",
    "%m/%d/%Y %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%a, %d %b %Y %H:%M:%S %z",
)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def instant(value: Any, what: str = "timestamp") -> dt.datetime:
    """An aware UTC time from ISO 8601, another known form, or seconds to nanoseconds since 1970.

    Without an offset it is taken as UTC.
    """
    if value.__class__ is str:
        return _written(value, what)
    if value.__class__ is int or (value.__class__ is float and math.isfinite(value)):
        return _counted(value, what)
    if isinstance(value, dt.datetime):
        return _utc(value, what)
    if isinstance(value, dt.date):
        return dt.datetime(value.year, value.month, value.day, tzinfo=dt.UTC)
    raise BadRow(f"the {what} is missing" if value is None else f"the {what} is not a time")


def optional_instant(value: Any, what: str) -> dt.datetime | None:
    return None if value is None or value == "" else instant(value, what)


def _utc(made: dt.datetime, what: str) -> dt.datetime:
    if made.tzinfo is dt.UTC:
        return made
    try:
        return made.replace(tzinfo=dt.UTC) if made.tzinfo is None else made.astimezone(dt.UTC)
    except OverflowError:
        raise BadRow(f"the {what} is outside the years 1 to 9999") from None


def _written(value: str, what: str) -> dt.datetime:
    try:
        return _utc(dt.datetime.fromisoformat(value), what)
    except ValueError:
        pass
    stripped = value.strip()
    for form in _OLD_FORMATS:
        try:
            return _utc(dt.datetime.strptime(stripped, form), what)
        except ValueError:
            continue
    try:
        number = float(stripped)
    except ValueError:
        number = math.nan
    if math.isfinite(number):
        return _counted(number, what)
    if not stripped:
        raise BadRow(f"the {what} is missing")
    raise BadRow(f"the {what} is not a time: {stripped[:40]!r}")


def _counted(value: float, what: str) -> dt.datetime:
    """A count since 1970 tells its unit by its size: seconds reach 10^11 in the year 5138."""
    size = abs(value)
    scale = 1 if size < 1e11 else 1e3 if size < 1e14 else 1e6 if size < 1e17 else 1e9
    try:
        return _EPOCH + dt.timedelta(seconds=value / scale)
    except OverflowError:
        raise BadRow(f"the {what} is outside the years 1 to 9999") from None


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode


def compact(value: Any) -> str:
    """JSON text without spaces, in readable Unicode."""
    return _encode(value)
