"""What was said, day by day."""

from __future__ import annotations

import datetime as dt
from typing import Any

from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import Items, primitive
from chorus.runtime.values import Opaque, make_list

DAY = 86_400 * 1_000_000  # microseconds


@primitive("%daily", effects="compute")
def daily(times: Any, authors: Items, tones: Items) -> Any:
    """Lists (day messages authors tone) of messages at TIMES (of %said) by AUTHORS with TONES, from the first day to
    the last, UTC; the tone of a day without messages is #f.

    > (let ((said (%said :authors '("nobody-at-all")))) (%daily (hash-ref said :times) (hash-ref said :authors) '()))
    => ()
    """
    moments = times.host if isinstance(times, Opaque) else list(times)
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
