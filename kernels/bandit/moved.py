"""Whether what a community says has moved from one day on: before against after, beside all other days."""

from __future__ import annotations

import numpy as np

LEAST = 4  # days with messages wanted on either side
MOST = 1500  # rotations that are looked at


def moved(rows: np.ndarray, days: np.ndarray, start: int) -> tuple[float, float, int]:
    """(shift, p, days): the distance between the means of ROWS f64[n, d] on DAYS i64[n] before START and from it on,
    and the share of the days that would give as great a one, had the calendar begun elsewhere on a circle.

    Rotating keeps what is talked of today beside what is talked of tomorrow: with days or weeks in random order a third
    of the communities that only change their topic weekly were alarms. p is 1 with fewer than LEAST days on a side.
    """
    names, place = np.unique(days, return_inverse=True)
    after = names >= start
    if min(after.sum(), (~after).sum()) < LEAST:
        return 0.0, 1.0, len(names)
    sums = np.zeros((len(names), rows.shape[1]))
    np.add.at(sums, place, rows)
    counts = np.bincount(place).astype(float)
    turns = np.unique(np.linspace(0, len(names) - 1, min(len(names), MOST)).astype(int))
    late = np.stack([np.roll(after, turn) for turn in turns]).astype(
        float
    )  # [turns, days]; the first is as it was
    mean_late = late @ sums / (late @ counts)[:, None]
    mean_early = (1 - late) @ sums / ((1 - late) @ counts)[:, None]
    distance = ((mean_late - mean_early) ** 2).sum(1)
    return float(np.sqrt(distance[0])), float((distance >= distance[0] - 1e-12).mean()), len(names)
