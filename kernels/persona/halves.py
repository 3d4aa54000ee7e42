"""How authors' messages are parted in time, so that what they are can be told from what the day was about."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chorus.kernels.persona.space import split_halves

TWICE = 30  # authors heard on two days, from which days can be compared
CROWD = 8  # authors that a window needs before exchanging them means something
LADDER = (5, 3, 2, 1)  # how little an author may have written to take part, tried in turn


@dataclass(frozen=True)
class Split:
    """HALF i8[m] and WINDOW i64[m] of each message; CORE bool[n]; what the halves ACROSS are, and LEAST
    messages."""

    half: np.ndarray
    window: np.ndarray
    core: np.ndarray
    across: str  # "days" | "moments" (of the same day: weaker) | "authors" (each heard once)
    least: int


def split(author: np.ndarray, day: np.ndarray, authors: int, least: int | None = None) -> Split:
    """Part messages (AUTHOR, DAY i64[m], in order of time) so that as strong a comparison as possible is
    made.

    Days if at least 30 authors of the core wrote on two of them; else the earlier and later part of each
    author's messages; else nothing can be compared within authors, and random halves of the authors must
    serve.
    """
    count = np.bincount(author, minlength=authors)
    enough = least or next((step for step in LADDER if (count >= step).sum() >= 2 * TWICE), LADDER[-1])
    core = count >= enough
    window = windows(day, author)
    days = split_halves(author, day)
    if _twice(author, days, core) >= min(TWICE, max(int(core.sum()) // 2, 1)):
        return Split(days, window, core, "days", enough)
    moments = _moments(author, count)
    if _twice(author, moments, core) >= min(TWICE, max(int(core.sum()) // 2, 1)):
        return Split(moments, window, core, "moments", enough)
    return Split(days, window, core, "authors", enough)


def windows(day: np.ndarray, author: np.ndarray) -> np.ndarray:
    """Consecutive days taken together until at least CROWD authors wrote in each window: i64[m]."""
    number: dict[int, int] = {}
    crowd: set[int] = set()
    current = 0
    pairs = np.unique(np.stack([day, author]), axis=1)
    for today in np.unique(day):
        if len(crowd) >= CROWD:
            current, crowd = current + 1, set()
        number[int(today)] = current
        crowd.update(
            pairs[1, np.searchsorted(pairs[0], today) : np.searchsorted(pairs[0], today, "right")].tolist()
        )
    if current and len(crowd) < CROWD:  # a thin last window joins the one before
        number = {key: min(value, current - 1) for key, value in number.items()}
    days, inverse = np.unique(day, return_inverse=True)
    return np.array([number[int(d)] for d in days], np.int64)[inverse]


def _moments(author: np.ndarray, count: np.ndarray) -> np.ndarray:
    """0 for the first half of each author's messages in time, 1 for the rest."""
    order = np.argsort(author, kind="stable")
    rank = np.empty(len(author), np.int64)
    start = np.cumsum(count) - count
    rank[order] = np.arange(len(author)) - np.repeat(start, count)
    return (rank >= (count[author] + 1) // 2).astype(np.int8)


def _twice(author: np.ndarray, half: np.ndarray, core: np.ndarray) -> int:
    seen = np.zeros((len(core), 2), bool)
    seen[author, half] = True
    return int((seen.all(1) & core).sum())
