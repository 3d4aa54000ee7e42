"""How well a set of evidence supports an answer: a few features, and their logistic sum."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from chorus.kernels.answer.evidence import Evidence, independent_authors
from chorus.kernels.answer.question import Reading

FEATURES = ("dense", "dense-mean", "coverage", "weakest", "joint", "named", "typed", "voices", "asked")


def support_features(
    reading: Reading, ranked: Sequence[Evidence], duplicate: float, top: int = 5
) -> dict[str, float]:
    """What speaks for an answer, each feature in [0, 1] or a cosine; all 0 where nothing but questions is
    found.

    dense: the best cosine with the question; dense-mean: the mean of the TOP best; coverage: the best share
    of the question's rarity (idf) that a single message covers; weakest: how well that message has the term
    it has least; joint: the best product of coverage and cosine; named, typed: how far names and numbers, and
    the kind of thing asked for, stand there; voices: 1 − 1/(1 + independent authors) over the evidence that
    covers as much, less a little; asked: the best cosine with a question that the community itself
    asked and somebody answered.
    """
    ranked = [e for e in ranked if not e.asks]
    if not ranked:
        return dict.fromkeys(FEATURES, 0.0)
    dense = np.sort([e.dense for e in ranked])[::-1]
    best = max(ranked, key=lambda e: (e.coverage, e.dense))
    near = [e for e in ranked if e.coverage >= 0.75 * best.coverage and e.dense >= 0.75 * dense[0]] or [best]
    return {
        "dense": float(dense[0]),
        "dense-mean": float(dense[:top].mean()),
        "coverage": best.coverage if reading.terms else 1.0,
        "weakest": float(best.matches.min()) if reading.terms else 1.0,
        "joint": max(e.coverage * e.dense for e in ranked) if reading.terms else float(dense[0]),
        "named": max(e.named for e in near) if reading.must else 1.0,
        "typed": max(e.named * e.holds_type for e in near) if reading.expects else 1.0,
        "asked": max(e.asked for e in ranked),
        "voices": 1 - 1 / (1 + independent_authors(near, duplicate)),
    }


def support(features: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """Logistic of the weighted sum of FEATURES and the weight `bias`: the chance that the evidence answers,
    in (0, 1).
    """
    total = weights.get("bias", 0.0) + sum(weights.get(name, 0.0) * value for name, value in features.items())
    return 1 / (1 + math.exp(-total))
