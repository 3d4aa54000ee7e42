"""A head trained, judged on what it had not seen, and applied."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from chorus.kernels.heads import measures
from chorus.kernels.heads.calibrate import (
    best_threshold,
    fit_sigmoids,
    fit_softmax,
    likelihood,
    probabilities,
    surest,
)
from chorus.kernels.heads.features import Arrays, Texts, fit
from chorus.kernels.heads.kinds import KINDS

FOLDS = 5
LEAST_EACH = 8  # texts with each label (and, of several labels, without it)
LEAST = 40  # texts in all
SURE = 0.9  # of the answers a head gives, the share that should be right


class TooLittle(ValueError):
    """What there is to learn from would teach nothing; says what is missing."""


@dataclass
class Head:
    """A trained head: its KIND, LABELS, whether a text may have SEVERAL, arrays, and FIGURES of what was held out."""

    kind: str
    labels: list[str]
    several: bool
    arrays: Arrays
    figures: dict[str, Any] = field(default_factory=dict)

    def probabilities(self, texts: Texts) -> np.ndarray:
        """f64[n, K], calibrated."""
        margins = KINDS[self.kind].margins(texts, self.arrays, self.arrays)
        return probabilities(margins, self.arrays["slope"], self.arrays["shift"], self.several)

    @property
    def thresholds(self) -> np.ndarray:
        """f32[K]: from which probability on a text has each of several labels."""
        return self.arrays["thresholds"]


def train(
    texts: Texts,
    truth: np.ndarray,
    labels: Sequence[str],
    *,
    kind: str = "linear",
    several: bool = False,
    groups: np.ndarray | None = None,
    seed: int = 0,
    tick: Callable[[], Any] = lambda: None,
) -> Head:
    """A head for TRUTH bool[n, K] of TEXTS, with figures out of FOLDS folds; TooLittle if there is too little to learn.

    GROUPS i64[n] are kept whole by the folds: texts of one author, or of one game, are no news of one another.
    """
    refuse_too_little(truth, labels, several, groups)
    fold = folds(truth, groups, seed)
    strength = chosen_strength(texts, truth, fold, kind, several, seed, tick)
    margins = out_of_folds(texts, truth, fold, kind, seed, strength, tick)
    tick()
    arrays = fitted(texts, truth, kind, seed, strength)
    arrays |= calibration(margins, truth, several)
    head = Head(kind, list(labels), several, arrays)
    head.figures = described(judged(margins, truth, fold, several), truth, several, groups)
    return head


def out_of_folds(
    texts: Texts,
    truth: np.ndarray,
    fold: np.ndarray,
    kind: str,
    seed: int,
    strength: float,
    tick: Callable[[], Any] = lambda: None,
) -> np.ndarray:
    """The margins f64[n, K] of each row by a head that was fitted without its FOLD."""
    margins = np.zeros(truth.shape)
    for at in range(fold.max() + 1):
        tick()
        inside, outside = np.flatnonzero(fold != at), np.flatnonzero(fold == at)
        margins[outside] = margins_of(texts, truth, inside, outside, kind, seed, strength)
    return margins


def chosen_strength(
    texts: Texts,
    truth: np.ndarray,
    fold: np.ndarray,
    kind: str,
    several: bool,
    seed: int,
    tick: Callable[[], Any] = lambda: None,
) -> float:
    """Which of KIND's strengths makes the first fold likeliest when trained on the others.

    One choice of three: what the held-out figures gain by its having seen a fifth of them is far below their intervals.
    """
    inside, outside = np.flatnonzero(fold), np.flatnonzero(fold == 0)
    found = {}
    for strength in KINDS[kind].strengths:
        tick()
        if len(KINDS[kind].strengths) == 1:
            return strength
        margins = margins_of(texts, truth, inside, outside, KINDS[kind].tuned_as, seed, strength)
        found[strength] = likelihood(margins, truth[outside], several)
    return max(found, key=lambda strength: found[strength])


def margins_of(
    texts: Texts,
    truth: np.ndarray,
    inside: np.ndarray,
    outside: np.ndarray,
    kind: str,
    seed: int,
    strength: float,
) -> np.ndarray:
    """The margins f64[m, K] of the rows OUTSIDE by a head that was fitted to those INSIDE."""
    made = fitted(texts.take(inside), truth[inside], kind, seed, strength)
    return KINDS[kind].margins(texts.take(outside), made, made)


def fitted(texts: Texts, truth: np.ndarray, kind: str, seed: int, strength: float) -> Arrays:
    """Features and weights, both learnt from TEXTS alone."""
    made = fit(texts)
    return made | KINDS[kind].fit(texts, made, truth, seed, strength)


def refuse_too_little(
    truth: np.ndarray, labels: Sequence[str], several: bool, groups: np.ndarray | None
) -> None:
    """Raise TooLittle where no head that means anything can come of TRUTH."""
    if len(labels) < (1 if several else 2):
        raise TooLittle(f"only one label is there ({', '.join(labels) or 'none'}); two or more are needed")
    if len(truth) < LEAST:
        raise TooLittle(f"only {len(truth)} texts have a label; {LEAST} or more are needed")
    for label, having in zip(labels, truth.sum(0).tolist(), strict=True):
        fewer = min(having, len(truth) - having) if several else having
        if fewer < LEAST_EACH:
            which = "with" if fewer == having else "without"
            raise TooLittle(
                f"only {fewer} texts are {which} the label {label}; {LEAST_EACH} or more are needed"
            )
    if groups is not None and len(np.unique(groups)) < FOLDS:
        raise TooLittle(
            f"the texts are of {len(np.unique(groups))} groups only; {FOLDS} or more are needed to hold some out"
        )


def folds(truth: np.ndarray, groups: np.ndarray | None, seed: int) -> np.ndarray:
    """Which of FOLDS holds each row out, i64[n]: by whole groups, or else each label spread evenly."""
    rng = np.random.default_rng(seed)
    if groups is not None:
        _, member, size = np.unique(groups, return_inverse=True, return_counts=True)
        place, load = np.zeros(len(size), np.int64), np.zeros(FOLDS)
        drawn = rng.permutation(len(size))
        for group in drawn[np.argsort(-size[drawn], kind="stable")]:  # the largest first, to the emptiest
            place[group] = load.argmin()
            load[place[group]] += size[group]
        return place[member]
    fold = np.zeros(len(truth), np.int64)
    drawn = rng.permutation(len(truth))
    combined = np.unique(truth[drawn], axis=0, return_inverse=True)[1].ravel()
    fold[drawn[np.argsort(combined, kind="stable")]] = np.arange(len(truth)) % FOLDS
    return fold


def calibration(margins: np.ndarray, truth: np.ndarray, several: bool) -> Arrays:
    """Slope and shift of probabilities from held-out MARGINS; thresholds of labels, or of confidence."""
    if several:
        slope, shift = fit_sigmoids(margins, truth)
        p = probabilities(margins, slope, shift, True)
        thresholds = [best_threshold(p[:, k], truth[:, k]) for k in range(truth.shape[1])]
    else:
        slope, shift = fit_softmax(margins, truth.argmax(1))
        p = probabilities(margins, slope, shift, False)
        least = surest(p.max(1), p.argmax(1) == truth.argmax(1), SURE)
        thresholds = [2.0 if least is None else least]  # 2: never sure
    made = {"slope": slope, "shift": shift, "thresholds": np.array(thresholds)}
    return {name: values.astype(np.float32) for name, values in made.items()}


class Judged(NamedTuple):
    """Of rows held out: probabilities P f64[n, K], what was SAID bool[n, K], whether the head was SURE bool[n]."""

    p: np.ndarray
    said: np.ndarray
    sure: np.ndarray


def judged(margins: np.ndarray, truth: np.ndarray, fold: np.ndarray, several: bool) -> Judged:
    """What held-out MARGINS say. Calibration and thresholds of each fold come from the other folds' margins."""
    p, said, sure = np.zeros(truth.shape), np.zeros(truth.shape, bool), np.zeros(len(truth), bool)
    for at in range(fold.max() + 1):
        inside, outside = fold != at, np.flatnonzero(fold == at)
        made = calibration(margins[inside], truth[inside], several)
        p[outside] = probabilities(margins[outside], made["slope"], made["shift"], several)
        if several:
            said[outside] = p[outside] > made["thresholds"]
        else:
            said[outside, p[outside].argmax(1)] = True
            sure[outside] = p[outside].max(1) >= made["thresholds"][0]
    return Judged(p, said, sure)


def described(made: Judged, truth: np.ndarray, several: bool, groups: np.ndarray | None) -> dict[str, Any]:
    """Figures with intervals, of groups where there are any: texts of one group are not so many witnesses."""
    n, (p, said, sure) = len(truth), made
    drawn = measures.Drawn(n, groups)
    figures: dict[str, Any] = {
        "n": n,
        "folds": FOLDS,
        "macro-f1": drawn.figure(lambda rows: measures.macro_f1(truth[rows], said[rows])),
    }
    if several:
        return figures
    right = (truth & said).any(1)
    figures["accuracy"] = drawn.share(right)
    figures["majority"] = float(truth.mean(0).max())
    figures["better-than-chance"] = figures["accuracy"].low > figures["majority"]
    figures["sure-share"] = float(sure.mean())
    figures["sure-accuracy"] = measures.proportion(int((right & sure).sum()), int(sure.sum()))
    if truth.shape[1] == 2:
        figures["auc"] = drawn.figure(lambda rows: measures.area(truth[rows, 1], p[rows, 1]))
        figures["brier"] = drawn.figure(lambda rows: measures.brier(truth[rows, 1], p[rows, 1]))
    return figures
