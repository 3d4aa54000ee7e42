"""Features of a message and each of the hundred before it that it may answer, and itself: it may begin a conversation.

After the 77 features of Kummerfeld et al. (ACL 2019), with the bins made logarithms, and what tells a candidate from
the others: which is the last by its author, who was named since, whose words the message shares most.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from chorus.kernels.threads.log import Log
from chorus.kernels.threads.overlaps import Words

WINDOW = 101  # candidates: the message itself, and a hundred before
NEVER = 1 << 30
MINUTES = 60.0
GAPS = (1.0, 5.0, 60.0)  # minutes


class Said(NamedTuple):
    """Tables of a log by message and person: who named whom, when, and how often, before each message. u persons."""

    named: np.ndarray  # bool[n,u] the message names the person
    first: np.ndarray  # i64[n] whom it begins with
    target: np.ndarray  # i64[n] whom it begins with, or else names; -1
    namings: np.ndarray  # i32[n+1,u] how many messages before named the person
    to_last: np.ndarray  # i32[n,u] the last message before in which the author named the person; -1
    to_first: np.ndarray  # i32[n,u] the first in which the author named the person, of all; NEVER
    to_final: np.ndarray  # i32[n,u] the last of all; -1
    by_last: np.ndarray  # i32[n,u] the last message before in which the person named the author; -1
    by_first: np.ndarray  # i32[n,u]
    by_final: np.ndarray  # i32[n,u]
    latest_target: np.ndarray  # i64[n] whom the author named last before this message; -1
    spoken: np.ndarray  # i32[n,u] how many messages of the person's stand before


def said(log: Log) -> Said:
    """Who named whom, and when, as LOG of n messages by u people tells; one pass, so it takes O(n u) time and room."""
    n, u = len(log), len(log.people)
    named, first = log.addressed
    target = np.where(first >= 0, first, np.where(named.any(1), named.argmax(1), -1))
    namings = np.concatenate([np.zeros((1, u), np.int32), np.cumsum(named, axis=0, dtype=np.int32)])
    speaks = np.zeros((n + 1, u), np.int32)
    speaks[np.arange(1, n + 1)[~log.system], log.author[~log.system]] = 1
    last = np.full((u, u), -1, np.int32)  # of author by person
    begun = np.full((u, u), NEVER, np.int32)
    to_last, by_last = np.empty((n, u), np.int32), np.empty((n, u), np.int32)
    latest, latest_target = np.full(u, -1, np.int64), np.full(n, -1, np.int64)
    for at, author in enumerate(log.author.tolist()):
        to_last[at], by_last[at] = last[author], last[:, author]
        latest_target[at] = latest[author]
        if target[at] >= 0:
            whom = np.flatnonzero(named[at])
            last[author, whom] = at
            begun[author, whom] = np.minimum(begun[author, whom], at)
            latest[author] = target[at]
    own = log.author
    return Said(
        named, first, target, namings, to_last, begun[own], last[own], by_last, begun[:, own].T, last[:, own].T,
        latest_target, np.cumsum(speaks, axis=0, dtype=np.int32)[:-1],
    )  # fmt: skip


class Pairs:
    """The features of LOG's messages with their candidates; what they are read from is made once."""

    def __init__(self, log: Log) -> None:
        self.log, self.said, self.words = log, said(log), Words(log)

    def features(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(f32[q,WINDOW,len(FEATURES)], bool[q,WINDOW] which candidates there are) of the messages ROWS i64[q]."""
        there = rows[:, None] >= np.arange(WINDOW)
        before = np.maximum(rows[:, None] - np.arange(WINDOW), 0)
        columns = self._of_message(rows) | self._of_candidate(before) | self._of_pair(rows, before, there)
        made = np.empty((*before.shape, len(columns)), np.float32)
        for at, values in enumerate(columns.values()):
            made[..., at] = values
        made[..., len(MESSAGE) + 1 :][:, 0] = 0  # what a message is to itself says nothing: it is `itself`
        return made, there

    def _of_message(self, i: np.ndarray) -> dict[str, np.ndarray]:
        """Features f64[q,1] of the messages I i64[q] by themselves."""
        log, s = self.log, self.said
        previous = log.turns[0][i]
        known = previous >= 0
        target = s.target[i]
        gap = lambda a, b: np.log1p(np.maximum(0, log.at[a] - log.at[b]) / MINUTES)
        far = np.maximum(i - WINDOW, 0)
        spoken = np.where(target >= 0, s.spoken[i, target], 0)
        made = {
            "system": log.system[i],
            "bot": log.bot[i],
            "names-somebody": s.named[i].any(1),
            "begins-with-name": s.first[i] >= 0,
            "target-has-spoken": spoken > 0,
            "spoke-before": known,
            "spoke-ago": np.where(known, np.log1p(i - previous), 6.0),
            "spoke-minutes-ago": np.where(known, gap(i, previous), 6.0),
            "spoke-to-somebody": known & (s.target[previous] >= 0),
            "turns": np.log1p(log.turns[2][i]),
            "has-partner": s.latest_target[i] >= 0,
            "was-named-since": s.by_last[i].max(1) > np.maximum(previous, i - WINDOW),
            "was-named-ago": np.log1p(np.minimum(i - s.by_last[i].max(1), 2 * WINDOW)),
            "silence": gap(i, np.maximum(i - 1, 0)),
            "pace": gap(i, far),
            "others-spoke": np.log1p((s.spoken[i] > s.spoken[far]).sum(1)),
        }
        made |= {f"{name}": values[i] for name, values in log.kinds.items()}
        return {f"message-{name}": np.asarray(values, float)[:, None] for name, values in made.items()}

    def _of_candidate(self, j: np.ndarray) -> dict[str, np.ndarray]:
        """Features f64[q,WINDOW] of the candidates J i64[q,WINDOW] by themselves; the first of a row is the message
        itself.
        """
        log, s = self.log, self.said
        previous = log.turns[0][j]
        n = len(log)
        itself = np.zeros(j.shape)
        itself[:, 0] = 1
        made = {
            "itself": itself,
            "system": log.system[j],
            "bot": log.bot[j],
            "names-somebody": s.target[j] >= 0,
            "begins-with-name": s.first[j] >= 0,
            "spoke-before": previous >= 0,
            "spoke-ago": np.where(previous >= 0, np.log1p(j - previous), 6.0),
            "goes-on": log.author[np.minimum(j + 1, n - 1)] == log.author[j],
            "went-on": (log.author[np.maximum(j - 1, 0)] == log.author[j]) & (j > 0),
            "turns": np.log1p(log.turns[2][j]),
        }
        made |= {f"{name}": values[j] for name, values in log.kinds.items()}
        return {f"candidate-{name}": np.asarray(values, float) for name, values in made.items()}

    def _of_pair(self, i: np.ndarray, j: np.ndarray, there: np.ndarray) -> dict[str, np.ndarray]:
        """Features f64[q,WINDOW] of the messages I i64[q] with their candidates J i64[q,WINDOW]; only those that are
        THERE bool[q,WINDOW] count where others are counted.
        """
        log, s = self.log, self.said
        before, after, place = log.turns
        at = i[:, None]
        mine, theirs = log.author[at], log.author[j]
        distance = at - j
        minutes = np.maximum(0, log.at[at] - log.at[j]) / MINUTES
        same = mine == theirs
        live = ~log.system[j] & there
        names_them, names_me = s.named[at, theirs], s.named[j, mine]
        their_target, my_target = s.target[j], s.target[at]
        later = s.spoken[at, theirs] - place[j] - 1  # messages of theirs in between
        named_since = s.namings[at, theirs] - s.namings[np.minimum(j + 1, len(log) - 1), theirs]
        named_me_since = s.namings[at, mine] - s.namings[np.minimum(j + 1, len(log) - 1), mine]
        order = np.cumsum(live, axis=1) - live
        to_last, by_last = s.to_last[at, theirs], s.by_last[at, theirs]
        # the person's first message in the window, counted back, tells how many persons spoke since
        newest = live & (later == 0)
        people = np.cumsum(newest, axis=1) - newest
        known = lambda value: (value >= 0) & (value < NEVER)
        partner = s.latest_target[at]
        made = {
            "distance": np.log1p(distance),
            "distance-inverse": 1 / (1.0 + distance),
            "order": np.log1p(order),
            "next-to": order == 0,
            "far": distance / WINDOW,
            "minutes": np.log1p(minutes),
            "minutes-far": np.minimum(minutes, 100) / 100,
            "people-between": np.log1p(people),
            "same-minute": minutes < GAPS[0],
            "within-minutes": (minutes >= GAPS[0]) & (minutes < GAPS[1]),
            "within-hour": (minutes >= GAPS[1]) & (minutes < GAPS[2]),
            "beyond-hour": minutes >= GAPS[2],
            "same-author": same,
            "own-last": same & (before[at] == j),
            "own-last-near": same & (before[at] == j) & (order == 0),
            "names-them": names_them,
            "names-me": names_me,
            "name-each-other": names_me & names_them,
            "begins-with-them": s.first[at] == theirs,
            "begins-with-me": s.first[j] == mine,
            "names-another": (my_target >= 0) & ~names_them,
            "named-another": (their_target >= 0) & ~names_me,
            "named-another-not-me": (their_target >= 0) & ~names_me & ~same,
            "same-target": (my_target >= 0) & (my_target == their_target),
            "own-to-other-target": same & (my_target >= 0) & (their_target >= 0) & (my_target != their_target),
            "i-was-silent": before[at] < j,
            "they-were-silent": (later == 0) & live,
            "their-later": np.log1p(np.maximum(later, 0)),
            "their-latest-that-i-name": names_them & (later == 0),
            "named-me-last": names_me & (by_last == j),
            "named-them-before": known(s.to_first[at, theirs]) & (s.to_first[at, theirs] < j),
            "named-them-between": to_last > j,
            "named-them-after": s.to_final[at, theirs] > at,
            "was-named-before": known(s.by_first[at, theirs]) & (s.by_first[at, theirs] < j),
            "was-named-between": by_last > j,
            "was-named-after": s.by_final[at, theirs] > at,
            "ever-talked": np.log1p(np.minimum(at - np.maximum(to_last, by_last), 4 * WINDOW)),
            "my-partner": (partner >= 0) & (partner == theirs),
            "their-partner-is-me": s.latest_target[j] == mine,
            "their-target-is-my-partner": (their_target >= 0) & (their_target == partner),
            "they-spoke-on-to-me": same & (their_target >= 0) & names_them,
            "others-named-them": np.log1p(np.maximum(named_since, 0)),
            "others-named-me": np.log1p(np.maximum(named_me_since, 0)),
            "my-last-came-before": np.where(before[at] >= 0, np.sign(before[at] - j), -1.0),
            "since-my-last": np.where(before[at] >= 0, np.log1p(np.abs(before[at] - j)), 6.0),
            "after-my-last": np.where(before[at] >= 0, np.log1p(np.maximum(j - before[at], 0)), 0.0),
            "went-on-since": after[j] < at,
        }  # fmt: skip
        made |= self.words.overlaps(i, j, live, theirs)
        return {f"pair-{name}": np.asarray(values, float) for name, values in made.items()}


def _names() -> tuple[list[str], list[str]]:
    from chorus.kernels.threads.log import Message

    pairs = Pairs(Log([Message("a", 0.0, "b"), Message("b", 1.0, "a")]))
    rows = np.array([1])
    message = list(pairs._of_message(rows))
    j = np.maximum(rows[:, None] - np.arange(WINDOW), 0)
    there = rows[:, None] >= np.arange(WINDOW)
    return message, [*message, *pairs._of_candidate(j), *pairs._of_pair(rows, j, there)]


MESSAGE, FEATURES = _names()
