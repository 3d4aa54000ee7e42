"""What was said, over time: by the day and by the week, UTC."""

from __future__ import annotations

import datetime as dt
from typing import Any

from chorus.runtime.errors import EvalError
from chorus.runtime.instants import DAY
from chorus.runtime.primitive import Items, primitive
from chorus.runtime.values import Opaque, make_list


@primitive("%daily", effects="compute")
def daily(times: Any, authors: Items, tones: Items) -> Any:
    """Lists (day messages authors tone) of messages at TIMES (of %said) by AUTHORS with TONES, from the first day to
    the last, UTC; the tone of a day without messages is #f.

    > (let ((said (%said :authors '("nobody-at-all")))) (%daily (hash-ref said :times) (hash-ref said :authors) '()))
    => ()
    """
    moments = _moments(times)
    if not len(moments) == len(authors) == len(tones):
        raise EvalError("%daily: as many times as authors and tones")
    if not moments:
        return make_list([])
    start = min(moments) // DAY
    days: list[list[tuple[str, float]]] = [[] for _ in range(max(moments) // DAY - start + 1)]
    for moment, author, tone in zip(moments, authors, tones, strict=True):
        days[moment // DAY - start].append((str(author), float(tone)))
    first = dt.date(1970, 1, 1) + dt.timedelta(days=start)
    return make_list(
        make_list(
            [
                (first + dt.timedelta(days=at)).isoformat(),
                len(said),
                len({author for author, _ in said}),
                round(sum(tone for _, tone in said) / len(said), 4) if said else False,
            ]
        )
        for at, said in enumerate(days)
    )


@primitive("%by-week", effects="compute")
def by_week(times: Any, values: Any = None) -> Any:
    """Lists (monday n) of the messages at TIMES (of %said) by ISO week, UTC; (monday n mean) with VALUES, one
    each.

    > (%by-week (hash-ref (%said :authors '("nobody-at-all")) :times))
    => ()
    """
    moments = _moments(times)
    weeks: dict[dt.date, list[float]] = {}
    for at, moment in enumerate(moments):
        day = dt.datetime.fromtimestamp(moment / 1e6, dt.UTC).date()
        monday = day - dt.timedelta(days=day.weekday())
        weeks.setdefault(monday, []).append(0.0 if values is None or values is False else float(values[at]))
    plain = values is None or values is False
    rows = (
        (w.isoformat(), len(v), *(() if plain else (round(sum(v) / len(v), 4),)))
        for w, v in sorted(weeks.items())
    )
    return make_list(make_list(row) for row in rows)


@primitive("%a-day", effects="compute")
def a_day(times: Any) -> float:
    """How many messages a day there are at TIMES (of %said), over the days from the first to the last.

    > (%a-day (hash-ref (%said :authors '("nobody-at-all")) :times))
    => 0.0
    """
    moments = _moments(times)
    days = (max(moments) - min(moments)) // DAY + 1 if moments else 1
    return round(len(moments) / days, 3)


def _moments(times: Any) -> list[int]:
    """Microseconds, of what %said holds or of a list."""
    return times.host if isinstance(times, Opaque) else list(times)
