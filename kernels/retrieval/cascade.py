"""Cascades: vectors and words judge all rows, a model only those of which they are not sure.

A cascade is a generator. It yields rows i[m] to be put to the model and is sent their verdicts; it returns an Outcome.
Thresholds stand on a uniform labelled sample (see bounds.py) and on scores of judges that have not seen the row's own
verdict, so they hold whatever a judge is worth: where it is worth nothing, they send all rows to the model. After SUPG
(Kang et al., VLDB 2020) and LOTUS (Patel et al., 2024), with exact bounds in the place of their normal approximations;
that a filter's judges learn from the other folds of the sample is Vovk's cross-conformal form (2015), for which the
bounds are exact only nearly: the judges of the folds differ a little, and their scores are pooled.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chorus.kernels.retrieval.bounds import (
    positives_needed,
    purity_threshold,
    recall_shown,
    recall_threshold,
    share_at_most,
)
from chorus.kernels.retrieval.guess import crossed, first_guess, learned

PILOT = 240  # rows from which the cheap judge learns, in two rounds
SPARE = 2  # positives of the sample that may lie below the threshold
SAMPLED = 0.05  # share of the rows that the sample has at least: its verdicts also teach the cheap judge
BATCH = 100  # rows drawn for the sample at a time

Steps = Generator[np.ndarray, np.ndarray, "Outcome"]


@dataclass(frozen=True)
class Target:
    """What must hold of the rows that are given, each with probability CONFIDENCE together."""

    recall: float = 0.95
    precision: float = 1.0
    confidence: float = 0.95
    budget: int | None = None  # calls at most


@dataclass
class Outcome:
    """KEPT rows and what each row's score was; BY_MODEL: which rows the model judged; CLAIMS for the report."""

    kept: np.ndarray
    scores: np.ndarray
    by_model: np.ndarray
    claims: dict[str, Any] = field(default_factory=dict)


class Verdicts:
    """What the model has said so far."""

    def __init__(self, rows: int, budget: int | None) -> None:
        self.known = np.zeros(rows, dtype=bool)
        self.value = np.zeros(rows)
        self.budget = budget

    def wanted(self, rows: np.ndarray) -> np.ndarray:
        """Those of ROWS still to be judged, as far as the budget goes."""
        new = rows[~self.known[rows]]
        left = len(new) if self.budget is None else max(0, self.budget - int(self.known.sum()))
        return new[:left]

    def ask(self, rows: np.ndarray) -> Generator[np.ndarray, np.ndarray, bool]:
        """Have ROWS judged; whether all of them could be."""
        asked = self.wanted(rows)
        if len(asked):
            self.value[asked] = yield asked
            self.known[asked] = True
        return bool(self.known[rows].all())

    @property
    def positive(self) -> np.ndarray:
        return self.known & (self.value >= 0.5)


def filtering(signals: np.ndarray, features: np.ndarray, target: Target, seed: int = 0) -> Steps:
    """Which rows are positive. SIGNALS f[n,c] are what vectors and words say; on FEATURES f[n,d] may be learnt."""
    n = len(signals)
    rng = np.random.default_rng(seed)
    verdicts = Verdicts(n, target.budget)
    scores = yield from _taught(signals, features, verdicts, rng)
    alpha = (1 - target.confidence) / (2 if 0 < target.precision < 1 else 1)
    rest = rng.permutation(np.flatnonzero(~verdicts.known))
    drawn = yield from _sampled(
        rest, positives_needed(target.recall, alpha, SPARE), int(n * SAMPLED), verdicts
    )
    judged = drawn[verdicts.known[drawn]]
    marks = verdicts.positive[judged]
    rows = np.flatnonzero(verdicts.known)
    scores = crossed(features, rows, verdicts.positive[rows], first_guess(signals), rng)
    low = recall_threshold(scores[judged], marks, target.recall, alpha)
    pure = purity_threshold(scores[judged], marks, target.precision, alpha) if target.precision > 0 else low
    high = max(low, pure)
    band = np.flatnonzero((scores >= low) & (scores < high) & ~verdicts.known)
    complete = yield from verdicts.ask(band[np.argsort(-scores[band], kind="stable")])
    sure = (scores >= high) & ~verdicts.known
    outcome = Outcome(np.flatnonzero(sure | verdicts.positive), scores, verdicts.known)
    left = int((~verdicts.known & ~sure).sum())
    shown = 1.0 if left == 0 else target.recall
    if not complete:  # the budget ended first: what was reached is what can be claimed
        reached = float(scores[~verdicts.known & (scores < high)].max())
        shown = recall_shown(scores[judged], marks, np.nextafter(reached, math.inf), alpha)
    outcome.claims = {
        "recall-at-least": round(shown, 4),
        "precision-at-least": target.precision if sure.any() else 1.0,
        "confidence": target.confidence,
        "sample": len(judged),
        "sample-positives": int(marks.sum()),
        "within-budget": complete,
    }
    return outcome


def _taught(
    signals: np.ndarray, features: np.ndarray, verdicts: Verdicts, rng: np.random.Generator
) -> Generator[np.ndarray, np.ndarray, np.ndarray]:
    """Scores f[n] of the cheap judge, after the model has judged some rows that look likely and some at random."""
    n = len(signals)
    prior = first_guess(signals)
    size = min(PILOT, n // 20) // 2
    scores = prior
    for _ in range(2):
        ranked = np.argsort(-scores, kind="stable")
        likely = ranked[np.unique(np.geomspace(1, n, size).astype(int) - 1)] if size else ranked[:0]
        chosen = np.union1d(likely, rng.choice(n, size // 2, replace=False))
        yield from verdicts.ask(chosen)
        rows = np.flatnonzero(verdicts.known)
        scores = learned(features, rows, verdicts.positive[rows], prior)
    return scores


def _sampled(
    rest: np.ndarray, needed: int, least: int, verdicts: Verdicts
) -> Generator[np.ndarray, np.ndarray, np.ndarray]:
    """The rows drawn from REST, in its order, until they are LEAST, and NEEDED of them positive, or all judged."""
    at = 0
    while at < len(rest):
        part = rest[at : at + BATCH]
        yield from verdicts.ask(part)
        at += len(part)
        positives = int(verdicts.positive[rest[:at]].sum())
        if (positives >= needed and at >= least) or not verdicts.known[part].all():
            break
    return rest[:at]


def ranking(signals: np.ndarray, k: int, target: Target, seed: int = 0) -> Steps:
    """The K rows that the model scores highest: the likeliest are judged until PATIENCE rounds of them add none."""
    n = len(signals)
    rng = np.random.default_rng(seed)
    verdicts = Verdicts(n, target.budget)
    scores = first_guess(signals)
    line = np.argsort(-scores, kind="stable")
    step, idle, at = max(k, 20), 0, 0
    best: set[int] = set()
    while at < n and idle < 2:
        if not (yield from verdicts.ask(line[at : at + step])):
            break
        at += step
        now = set(_best(verdicts, k).tolist())
        idle, best = (idle + 1 if now == best else 0), now
    rest = np.flatnonzero(~verdicts.known)
    drawn = rng.permutation(rest)[: max(k, 60)]
    bar = verdicts.value[_best(verdicts, k)].min() if best else -math.inf
    yield from verdicts.ask(drawn)
    judged = drawn[verdicts.known[drawn]]
    better = int((verdicts.value[judged] > bar).sum())
    alpha = 1 - target.confidence
    outcome = Outcome(_best(verdicts, k), verdicts.value, verdicts.known)
    outcome.claims = {
        "unseen": int((~verdicts.known).sum()),
        "unseen-better-at-most": round(share_at_most(better, len(judged), alpha), 4) if len(judged) else 0.0,
        "confidence": target.confidence,
        "sample": len(judged),
    }
    return outcome


def _best(verdicts: Verdicts, k: int) -> np.ndarray:
    rows = np.flatnonzero(verdicts.known)
    return rows[np.lexsort((rows, -verdicts.value[rows]))][:k]


def classifying(likeness: np.ndarray, features: np.ndarray, target: Target, seed: int = 0) -> Steps:
    """A class for each row, a place 0 … c−1 as the model gives it. LIKENESS f[n,c]: of rows to classes.

    Rows whose best class leads clearly are not put to the model: of those, a share RECALL of TARGET (here the
    accuracy) is as the model would have it.
    """
    n, classes = likeness.shape
    rng = np.random.default_rng(seed)
    verdicts = Verdicts(n, target.budget)
    pilot = rng.permutation(n)[: min(PILOT, n // 5)]
    yield from verdicts.ask(pilot)
    rows = pilot[verdicts.known[pilot]]
    scores = np.column_stack(
        [learned(features, rows, verdicts.value[rows] == c, likeness[:, c]) for c in range(classes)]
    )
    ordered = np.sort(scores, axis=1)
    margin = ordered[:, -1] - ordered[:, -2] if classes > 1 else ordered[:, -1]
    guess = scores.argmax(1)
    alpha = 1 - target.confidence
    rest = rng.permutation(np.flatnonzero(~verdicts.known))[: 4 * positives_needed(target.recall, alpha, 1)]
    yield from verdicts.ask(rest)
    judged = rest[verdicts.known[rest]]
    right = guess[judged] == verdicts.value[judged]
    bound = purity_threshold(margin[judged], right, target.recall, alpha)
    unsure = np.flatnonzero((margin < bound) & ~verdicts.known)
    complete = yield from verdicts.ask(unsure[np.argsort(margin[unsure], kind="stable")])
    classes_of = np.where(verdicts.known, verdicts.value, guess).astype(int)
    outcome = Outcome(np.arange(n), classes_of, verdicts.known)
    outcome.claims = {
        "accuracy-at-least": (1.0 if verdicts.known.all() else target.recall) if complete else 0.0,
        "confidence": target.confidence,
        "sample": len(judged),
        "within-budget": complete,
    }
    return outcome
