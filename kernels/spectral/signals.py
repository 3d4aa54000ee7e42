"""Counts over time, from instants to a signal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Sequence

import numpy as np

SECONDS = {"hour": 3_600, "day": 86_400, "week": 7 * 86_400}
LONGEST = 200_000


def counts_over_time(
    times: Sequence[dt.datetime], owners: Sequence[Hashable], unit: str
) -> tuple[dt.datetime, list[Hashable], np.ndarray]:
    """When the first whole UNIT began, the owners, most first, and how many of TIMES each had in each unit f64[C,T].

    The first and last unit are cut short and left out. Weeks begin on Mondays. ValueError when nothing is left.
    """
    size = SECONDS[unit]
    seconds = np.array([time.timestamp() for time in times])
    shift = 3 * 86_400 if unit == "week" else 0  # the epoch was a Thursday
    slot = ((seconds + shift) // size).astype(np.int64)
    if not len(slot):
        raise ValueError("there is nothing to count: no message is in it")
    if slot.max() - slot.min() < 2:
        raise ValueError(f"there are no whole {unit}s to count in")
    if slot.max() - slot.min() > LONGEST:
        raise ValueError(f"more than {LONGEST:,} {unit}s lie between the first and the last")
    first, length = int(slot.min()) + 1, int(slot.max() - slot.min()) - 1
    names = list(dict.fromkeys(owners))
    place = {name: at for at, name in enumerate(names)}
    rows = np.array([place[owner] for owner in owners])
    inside = (slot >= first) & (slot < first + length)
    flat = np.bincount(rows[inside] * length + slot[inside] - first, minlength=len(names) * length)
    counts = flat.reshape(len(names), length).astype(np.float64)
    order = np.argsort(-counts.sum(1), kind="stable")
    began = dt.datetime.fromtimestamp(first * size - shift, dt.UTC)
    return began, [names[at] for at in order], counts[order]
