"""What all observations of a candidate come to: wealth, bounds, slices, authors, and the reasons against it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from chorus.kernels.gate.eprocess import best_log_evidence, best_log_wealth, interval
from chorus.kernels.gate.paired import paired_p
from chorus.kernels.gate.robust import Fair, counting, fair_mean, holds_without, people_error
from chorus.kernels.gate.rules import (
    ALPHA,
    HARM_ALPHA,
    MARGIN,
    SLICE_ERRORS,
    SLICE_LEAST,
    SURE,
)

PEOPLE_ERRORS = 1.96  # half-width of 95 %, in standard errors


class Seen(NamedTuple):
    """One fresh paired difference: by whom, when, in hours, and the slices it belongs to."""

    difference: float
    author: str = ""
    hour: float = 0
    slices: tuple[tuple[str, str], ...] = ()


class Slice(NamedTuple):
    what: str
    value: str
    pairs: int
    mean: float
    safe: bool | None  # None: too few to tell


class Weighed(NamedTuple):
    """LOW and HIGH hold the mean of such pairs, FRESH that of other people too. LOG_E: the most that ln E has been.
    HARMS: it loses, without the fifth of the authors who see most of that too. AGAINST: why this does not suffice.
    """

    pairs: int
    counted: int
    mean: float
    low: float
    high: float
    fresh: tuple[float, float]
    log_e: float
    log_harm: float
    fair: Fair | None
    slices: list[Slice]
    against: list[str]
    harms: bool

    @property
    def suffices(self) -> bool:
        return not self.against


def weigh(seen: Sequence[Seen], fixed: int | None = None, alpha: float = ALPHA) -> Weighed:
    """What SEEN comes to. FIXED: so many pairs, told beforehand, are judged by one test instead of the e-process."""
    kept = counting([each.author for each in seen], [each.hour for each in seen])
    counted = [each for each, counts in zip(seen, kept, strict=True) if counts]
    d = np.array([each.difference for each in counted], np.float64)
    low, high = interval(d, SURE)
    named = [each for each in counted if each.author]
    said, authors = np.array([each.difference for each in named]), [each.author for each in named]
    fair = fair_mean(said, authors) if named else None
    log_e = best_log_evidence(d, alpha)
    slices = sliced(counted)
    against = [
        *_too_little(d, log_e, fixed, alpha),
        *_in_league(said, authors),
        *(f"{s.what} {s.value} may lose more than {MARGIN:g}" for s in slices if s.safe is False),
    ]
    mean = float(d.mean()) if len(d) else 0.0
    log_harm = best_log_wealth(-d)
    harms = log_harm >= -math.log(HARM_ALPHA) and (not named or holds_without(-said, authors))
    apart = people_error(said, authors) if named else 0.0
    reach = math.hypot((high - low) / 2, PEOPLE_ERRORS * apart)
    fresh = ((low + high) / 2 - reach, (low + high) / 2 + reach)
    return Weighed(len(seen), len(d), mean, low, high, fresh, log_e, log_harm, fair, slices, against, harms)


def _too_little(d: np.ndarray, log_e: float, fixed: int | None, alpha: float) -> Iterable[str]:
    if fixed is None:
        if log_e < -math.log(alpha):
            yield f"e-value {math.exp(log_e):.3g} of {1 / alpha:g}"
    elif len(d) < fixed:
        yield f"{len(d)} of {fixed} pairs"
    elif paired_p(d[:fixed]) > alpha:
        yield f"p = {paired_p(d[:fixed]):.2g} after {fixed} pairs, wanted {alpha:g}"


def _in_league(said: np.ndarray, authors: Sequence[str]) -> Iterable[str]:
    if authors and not holds_without(said, authors):
        yield "without a fifth of the authors there is no gain"


def sliced(seen: Sequence[Seen]) -> list[Slice]:
    """Each slice of SEEN: safe if the lower bound of its mean is above −MARGIN."""
    parts: dict[tuple[str, str], list[float]] = {}
    for each in seen:
        for key in each.slices:
            parts.setdefault(key, []).append(each.difference)
    return [_slice(*key, np.array(values)) for key, values in sorted(parts.items())]


def _slice(what: str, value: str, d: np.ndarray) -> Slice:
    mean = float(d.mean())
    safe = None
    if len(d) >= SLICE_LEAST:
        safe = mean - SLICE_ERRORS * float(d.std(ddof=1)) / math.sqrt(len(d)) > -MARGIN
    return Slice(what, value, len(d), mean, safe)
