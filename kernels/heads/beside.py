"""Kinds of heads side by side on the same folds, with the Fourier operator's control, and what that says in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from chorus.kernels.heads import measures
from chorus.kernels.heads.features import Texts
from chorus.kernels.heads.train import (
    Judged,
    chosen_strength,
    described,
    folds,
    judged,
    out_of_folds,
    refuse_too_little,
)

PLAIN = ("logistic", "ridge", "mlp", "narrow")  # of vectors alone, as the operator is
OPERATOR, CONTROL = "fourier", "by-lot"
SIDE = (*PLAIN, OPERATOR, CONTROL)


class Beside(NamedTuple):
    """FIGURES of each kind; what the operator GAINS on the best plain kind and on its control; the VERDICT."""

    figures: dict[str, dict[str, Any]]
    best: str
    gain: measures.Figure
    order: measures.Figure
    verdict: str


def beside(
    texts: Texts,
    truth: np.ndarray,
    labels: list[str],
    *,
    several: bool = False,
    groups: np.ndarray | None = None,
    seed: int = 0,
    tick: Callable[[], Any] = lambda: None,
) -> Beside:
    """Each kind of SIDE judged on what it had not seen, all on the same folds; TooLittle as when one is trained.

    The best plain kind is chosen by the same figures, which flatters it by less than the interval's width.
    """
    refuse_too_little(truth, labels, several, groups)
    fold = folds(truth, groups, seed)
    made: dict[str, Judged] = {}
    for kind in SIDE:
        strength = chosen_strength(texts, truth, fold, kind, several, seed, tick)
        made[kind] = judged(
            out_of_folds(texts, truth, fold, kind, seed, strength, tick), truth, fold, several
        )
    score = scoring(truth, several)
    best = max(PLAIN, key=lambda kind: score(made[kind], np.arange(len(truth))))
    drawn = measures.Drawn(len(truth), groups)
    over = lambda other: drawn.figure(lambda rows: score(made[OPERATOR], rows) - score(made[other], rows))
    gain, order = over(best), over(CONTROL)
    figures = {kind: described(made[kind], truth, several, groups) for kind in SIDE}
    return Beside(
        figures, best, gain, order, verdict(best, gain, order, "macro-F1" if several else "accuracy")
    )


def scoring(truth: np.ndarray, several: bool) -> Callable[[Judged, np.ndarray], float]:
    """What kinds are compared by, of some rows: macro-F1 of several labels, accuracy of one."""
    if several:
        return lambda made, rows: measures.macro_f1(truth[rows], made.said[rows])
    return lambda made, rows: float((truth[rows] & made.said[rows]).any(1).mean())


def verdict(best: str, gain: measures.Figure, order: measures.Figure, by: str) -> str:
    """GAIN on the BEST plain kind and on the dimensions in another ORDER, in words."""
    against = told(gain, f"The Fourier head beats {best}", f"The Fourier head loses to {best}",
                   f"The Fourier head is no better than {best}")  # fmt: skip
    ordered = told(order, "the dimensions' own order helps it", "the dimensions' own order harms it",
                   "the dimensions in an order drawn by lot do as well")  # fmt: skip
    use = "use it" if gain.low > 0 and order.low > 0 else f"use {best}, and operators along time"
    size = f"{gain.value:+.3f} {by}, {spread(gain)}"
    return f"{against} ({size}); {ordered} ({order.value:+.3f}, {spread(order)}): {use}."


def told(figure: measures.Figure, above: str, below: str, neither: str) -> str:
    return above if figure.low > 0 else below if figure.high < 0 else neither


def spread(figure: measures.Figure) -> str:
    return f"95 % from {figure.low:+.3f} to {figure.high:+.3f}"
