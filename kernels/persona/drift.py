"""What became of groups of people between two divisions of them: which is which, who moved, what came and went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from chorus.kernels.persona.scores import adjusted_rand

SAME = 0.2  # overlap (Jaccard) from which two groups are held to be one


@dataclass(frozen=True)
class Drift:
    """MATCHES are (before, after, overlap), the largest overlap first; APPEARED and VANISHED groups have no match. Of
    the people in both divisions MOVED are in another group than their own one's match; AGREEMENT is the adjusted Rand
    index over them, None where there are none."""

    matches: list[tuple[int, int, float]]
    appeared: list[int]
    vanished: list[int]
    people: int
    moved: list[tuple[str, int, int]]
    came: int
    went: int
    agreement: float | None


def drift(before: Mapping[str, int], after: Mapping[str, int], *, kept: bool = False) -> Drift:
    """How the groups BEFORE, person → group, became those AFTER; matched one to one so that overlaps sum to most.
    [Kuhn 1955; Jaccard 1912]

    KEPT: the groups kept their numbers, however many moved, so each is matched with itself.
    """
    from scipy.optimize import linear_sum_assignment

    old, new = sorted(set(before.values())), sorted(set(after.values()))
    if kept:
        old = new = sorted({*old, *new})
    both = [person for person in before if person in after]
    shared = np.zeros((len(old), len(new)))
    for person in both:
        shared[old.index(before[person]), new.index(after[person])] += 1
    # Who came or went says nothing of which group is which: overlaps are of the people in both.
    either = shared.sum(1, keepdims=True) + shared.sum(0) - shared
    overlap = shared / np.maximum(either, 1)
    places = range(len(old))
    pairs = zip(places, places, strict=True) if kept else zip(*linear_sum_assignment(-overlap), strict=True)
    matches = [(old[i], new[j], float(overlap[i, j])) for i, j in pairs if kept or overlap[i, j] >= SAME]
    became = {i: j for i, j, _ in matches}
    moved = [(p, before[p], after[p]) for p in both if became.get(before[p]) != after[p]]
    labels = (np.array([old.index(before[p]) for p in both]), np.array([new.index(after[p]) for p in both]))
    return Drift(
        sorted(matches, key=lambda row: -row[2]),
        [j for j in new if j not in became.values()],
        [i for i in old if i not in became],
        len(both),
        moved,
        len(after) - len(both),
        len(before) - len(both),
        adjusted_rand(*labels) if both else None,
    )
