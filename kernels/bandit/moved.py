"""Whether what a community says has moved from one time on: means of rows before and after, against exchanged weeks."""

from __future__ import annotations

import numpy as np

WEEK = 7  # days that stay together: what is talked of today is talked of tomorrow
LEAST = 4  # stretches wanted on either side


def moved(
    rows: np.ndarray, days: np.ndarray, start: int, draws: int = 199, seed: int = 0
) -> tuple[float, float, int]:
    """(shift, p, stretches): the distance between the means of ROWS f64[n, d] on DAYS i64[n] before START and from it on,
    and the chance of as great a one had the stretches of days come in any other order. A stretch is a week, or a day where
    weeks are fewer than LEAST on either side; p is 1 where days are, too.
    """
    for span in (WEEK, 1):
        stretch = np.floor_divide(days - start, span)  # below 0: before
        names, place = np.unique(stretch, return_inverse=True)
        after = names >= 0
        if min(after.sum(), (~after).sum()) >= LEAST:
            break
    else:
        return 0.0, 1.0, len(names)
    sums = np.zeros((len(names), rows.shape[1]))
    np.add.at(sums, place, rows)
    counts = np.bincount(place).astype(float)
    random = np.random.default_rng(seed)
    orders = np.stack([after, *(random.permutation(after) for _ in range(draws))]).astype(float)  # [1 + draws, names]
    late, early = orders @ sums, (1 - orders) @ sums
    n_late, n_early = orders @ counts, (1 - orders) @ counts
    distance = ((late / n_late[:, None] - early / n_early[:, None]) ** 2).sum(1)
    p = (distance >= distance[0] - 1e-12).mean()
    return float(np.sqrt(distance[0])), float(p), len(names)
