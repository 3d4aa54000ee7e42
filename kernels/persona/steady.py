"""Coordinates in which what an author's own days differ by is a unit: for features that a whole day shares."""

from __future__ import annotations

import numpy as np

from chorus.kernels.persona.space import Halves, Whitener, shared_directions

RIDGE = 0.6  # towards features that change independently of one another
REACH = 3.0  # spreads at which a half is cut: what a relay does must not set the unit for people
DEEP = 15  # messages from which a half counts no more: the day then weighs more than the messages
FEWEST = 30  # authors heard twice, from which their halves say what a day adds


def day_whitener(halves: Halves, ridge: float = RIDGE) -> Whitener:
    """The map after which the difference between an author's two HALVES, f64[n,d] each, is a unit in each direction.

    Messages of a day are no independent witnesses of how someone behaves (a day's volume is the same for all of them),
    so the unit is taken from the halves themselves, not from messages. RIDGE shrinks it to its diagonal.
    """
    known = halves.take(halves.heard_twice)
    weight = 1 / (1 / np.maximum(known.n_first, 1) + 1 / np.maximum(known.n_second, 1))
    weight = np.minimum(weight, DEEP) / np.minimum(weight, DEEP).sum()  # [n]
    mean = weight @ (known.first + known.second) / 2
    first, second = known.first - mean, known.second - mean
    reach = REACH * np.sqrt(weight @ (first**2 + second**2) / 2)  # [d]
    gap = np.clip(first, -reach, reach) - np.clip(second, -reach, reach)
    within = (gap * weight[:, None]).T @ gap / 2  # [d,d]
    least = max(float(np.trace(within)) / len(within), 1e-12) * 1e-3
    within = (1 - ridge) * within + ridge * np.diag(np.diag(within)) + least * np.eye(len(within))
    values, vectors = np.linalg.eigh(within)
    return Whitener(mean, (vectors / np.sqrt(values)) @ vectors.T)


def steadiest(halves: Halves, dims: int) -> tuple[Whitener, np.ndarray]:
    """The map of `day_whitener` and, after it, the DIMS directions f64[d,q] in which authors differ most for how much
    their days do."""
    map_ = day_whitener(halves)
    turned = Halves(map_(halves.first), map_(halves.second), halves.n_first, halves.n_second)
    return map_, shared_directions(turned.take(turned.heard_twice))[1][:, :dims]
