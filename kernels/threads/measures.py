"""How well links and conversations agree with what people marked: the measures of Kummerfeld et al. (ACL 2019).

Links by precision, recall and F. Conversations by the variation of information, scaled to 100(1 - VI/log2 n); by the
best overlap one to one; and by F over conversations that are exactly right, those of one message left out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

Link = tuple[int, int]  # (the message, what it answers); a message that begins a conversation answers itself


class Agreement(NamedTuple):
    """All in percent."""

    precision: float
    recall: float
    f: float
    vi: float
    one_to_one: float
    exact: float


def clusters(links: Iterable[Link], start: int = 0) -> list[set[int]]:
    """The messages that hang together by LINKS, those before START left out after they have joined others."""
    above: dict[int, int] = {}

    def top(one: int) -> int:
        while above.setdefault(one, one) != one:
            above[one] = above[above[one]]
            one = above[one]
        return one

    for message, answered in links:
        above[top(message)] = top(answered)
    found = defaultdict(set)
    for one in list(above):
        if one >= start:
            found[top(one)].add(one)
    return list(found.values())


def agreement(gold: list[set[Link]], made: list[set[Link]], start: int = 0) -> Agreement:
    """How the links MADE of each log agree with the GOLD ones; messages before START belong to no conversation."""
    matched = sum(len(a & b) for a, b in zip(gold, made, strict=True))
    precision = matched / max(1, sum(map(len, made)))
    recall = matched / max(1, sum(map(len, gold)))
    conversations = [(clusters(a, start), clusters(b, start)) for a, b in zip(gold, made, strict=True)]
    return Agreement(
        *(100 * value for value in (precision, recall, _f(precision, recall), _vi(conversations))),
        *(100 * value for value in (_one_to_one(conversations), _exact(conversations))),
    )


Both = list[tuple[list[set[int]], list[set[int]]]]  # of each log: the conversations marked, those made


def _f(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _shared(conversations: Both) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of the conversation marked and of the one made, i64[n] each, of all messages of all logs."""
    marked, made, messages = [], [], 0
    for gold, other in conversations:
        of = {message: at for at, cluster in enumerate(other) for message in cluster}
        assert of.keys() == {message for cluster in gold for message in cluster}, "other messages"
        for cluster in gold:
            for message in cluster:
                marked.append(messages + min(cluster))
                made.append(messages + min(other[of[message]]))
        messages += 1 + max(of, default=0)
    return np.unique(marked, return_inverse=True)[1], np.unique(made, return_inverse=True)[1]


def _vi(conversations: Both) -> float:
    """1 - VI/log2 n, with VI = H(U|V) + H(V|U) = 2H(U,V) - H(U) - H(V)."""
    marked, made = _shared(conversations)
    if len(marked) < 2:
        return 1.0
    entropy = lambda counts: float(-(counts / counts.sum() * np.log2(counts / counts.sum())).sum())
    joint = np.unique(np.stack([marked, made]), axis=1, return_counts=True)[1]
    distance = 2 * entropy(joint) - entropy(np.bincount(marked)) - entropy(np.bincount(made))
    return 1 - distance / float(np.log2(len(marked)))


def _one_to_one(conversations: Both) -> float:
    """The share of messages in the overlap of conversations paired so that it is greatest."""
    from scipy.optimize import linear_sum_assignment

    overlap = total = 0
    for gold, made in conversations:
        table = np.array([[len(a & b) for b in made] for a in gold])
        overlap += int(table[linear_sum_assignment(-table)].sum())
        total += sum(map(len, gold))
    return overlap / max(1, total)


def _exact(conversations: Both) -> float:
    counts: Counter[str] = Counter()
    for gold, made in conversations:
        marked, found = ({frozenset(c) for c in side if len(c) > 1} for side in (gold, made))
        counts.update(gold=len(marked), made=len(found), both=len(marked & found))
    return _f(counts["both"] / max(1, counts["made"]), counts["both"] / max(1, counts["gold"]))
