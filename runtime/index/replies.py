"""Which later message answers an earlier one: plain features of a pair, and their weighted sum.

Of the 77 features of Kummerfeld et al. (ACL 2019) those that a question and what follows it have by themselves. The
weights (stdlib/threads.sexp) are those of a conditional logit, fitted on other days than those it was judged on.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

WORD = re.compile(r"[^\s:,.;!?()<>@]+")
FEATURES = (
    "names-the-asker", "to-the-asker", "to-another", "first-to-the-asker", "log-place", "early", "log-minutes",
    "cosine", "asker-turns-to", "asks", "short", "spoke-before",
)  # fmt: skip
SHORT = 3  # words


class Said(NamedTuple):
    """A message: who, when (seconds), what."""

    author: str
    at: float
    text: str


def features(asked: Said, later: Sequence[Said], cosines: np.ndarray) -> np.ndarray:
    """f[n, FEATURES] of the pairs of ASKED and each of LATER, in the order of time; COSINES f[n] of their vectors."""
    words = [[word.lower() for word in WORD.findall(one.text)] for one in later]
    names = {one.author.lower() for one in later} | {asked.author.lower()}
    asker = asked.author.lower()
    to = [said[0] if said and said[0] in names else None for said in words]
    turned = {whom for one, whom in zip(later, to, strict=True) if one.author.lower() == asker and whom}
    spoke: set[str] = set()
    seen, place, rows = False, 0, []
    for one, said, whom, cosine in zip(later, words, to, cosines, strict=True):
        author = one.author.lower()
        place += author != asker
        here = whom == asker
        rows.append(
            (
                asker in said, here, whom is not None and not here, here and not seen, math.log1p(place),
                1 / (1 + place), math.log1p(max(0.0, one.at - asked.at) / 60), cosine, author in turned,
                "?" in one.text, len(set(said)) < SHORT, author in spoke,
            )
        )  # fmt: skip
        seen = seen or here
        spoke.add(author)
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(FEATURES))


def scored(asked: Said, later: Sequence[Said], cosines: np.ndarray, weights: dict[str, float]) -> np.ndarray:
    """P f[n] that each of LATER is the one that answers; 0 for the asker's own."""
    others = np.array([one.author.lower() != asked.author.lower() for one in later], dtype=bool)
    if not others.any():
        return np.zeros(len(later))
    sums = features(asked, later, cosines) @ np.array([weights.get(name, 0.0) for name in FEATURES])
    raised = np.where(others, np.exp(sums - sums[others].max()), 0.0)
    return raised / raised.sum()
