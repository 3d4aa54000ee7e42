"""What all observations of a candidate come to: wealth, bounds, slices, authors, and the reasons against it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from chorus.kernels.gate.eprocess import best_log_wealth, interval, log_evidence_above
from chorus.kernels.gate.paired import paired_p
from chorus.kernels.gate.robust import Fair, counting, fair_mean, holds_without
from chorus.kernels.gate.rules import (
    ALPHA,
    HARM_ALPHA,
    MARGIN,
    SLICE_ALPHA,
    SLICE_LEAST,
    SURE,
)


class Seen(NamedTuple):
    """One fresh paired difference: by whom, in which hour, and the slices it belongs to."""

    difference: float
    author: str = ""
    hour: int = 0
    slices: tuple[tuple[str, str], ...] = ()


class Slice(NamedTuple):
    what: str
    value: str
    pairs: int
    mean: float
    safe: bool | None  # None: too few to tell


class Weighed(NamedTuple):
    """LOG_E: the most that ln E has been. AGAINST: why this does not suffice, empty if it does."""

    pairs: int
    counted: int
    mean: float
    low: float
    high: float
    log_e: float
    log_harm: float
    fair: Fair | None
    slices: list[Slice]
    against: list[str]

    @property
    def suffices(self) -> bool:
        return not self.against

    @property
    def harms(self) -> bool:
        return self.log_harm >= -math.log(HARM_ALPHA)


def weigh(seen: Sequence[Seen], fixed: int | None = None, alpha: float = ALPHA) -> Weighed:
    """What SEEN comes to. FIXED: so many pairs, told beforehand, are judged by one test instead of the e-process."""
    kept = counting([each.author for each in seen], [each.hour for each in seen])
    counted = [each for each, counts in zip(seen, kept, strict=True) if counts]
    d = np.array([each.difference for each in counted], np.float64)
    low, high = interval(d, SURE)
    named = [each for each in counted if each.author]
    said, authors = np.array([each.difference for each in named]), [each.author for each in named]
    fair = fair_mean(said, authors) if named else None
    log_e = best_log_wealth(d)
    slices = sliced(counted)
    against = [
        *_too_little(d, log_e, fixed, alpha),
        *(
            []
            if not named or holds_without(said, authors)
            else ["without a fifth of the authors there is no gain"]
        ),
        *(f"{s.what} {s.value} may lose more than {MARGIN:g}" for s in slices if s.safe is False),
    ]
    mean = float(d.mean()) if len(d) else 0.0
    return Weighed(len(seen), len(d), mean, low, high, log_e, best_log_wealth(-d), fair, slices, against)


def _too_little(d: np.ndarray, log_e: float, fixed: int | None, alpha: float) -> Iterable[str]:
    if fixed is None:
        if log_e < -math.log(alpha):
            yield f"e-value {math.exp(log_e):.3g} of {1 / alpha:g}"
    elif len(d) < fixed:
        yield f"{len(d)} of {fixed} pairs"
    elif paired_p(d[:fixed]) > alpha:
        yield f"p = {paired_p(d[:fixed]):.2g} after {fixed} pairs, wanted {alpha:g}"


def sliced(seen: Sequence[Seen]) -> list[Slice]:
    """Each slice of SEEN: safe if its mean is shown to lie above −MARGIN."""
    parts: dict[tuple[str, str], list[float]] = {}
    for each in seen:
        for key in each.slices:
            parts.setdefault(key, []).append(each.difference)
    return [_slice(*key, np.array(values)) for key, values in sorted(parts.items())]


def _slice(what: str, value: str, d: np.ndarray) -> Slice:
    enough = len(d) >= SLICE_LEAST
    safe = log_evidence_above(d, -MARGIN) >= -math.log(SLICE_ALPHA) if enough else None
    return Slice(what, value, len(d), float(d.mean()), safe)
