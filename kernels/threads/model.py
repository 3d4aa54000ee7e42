"""Which earlier message a message answers: a small network over the candidates of a window, and a softmax over them.

Kummerfeld et al. (ACL 2019) score each pair by a feed-forward network and take the best; so it is here, and what the
other candidates have more of is an input. A linear conditional logit first leaves KEPT of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from chorus.kernels.threads.log import Log
from chorus.kernels.threads.pairs import FEATURES, Pairs

KEPT = 20  # candidates that the network sees: .995 of the marked links are among them
BLOCK = 256  # messages whose features are held at a time
FARTHEST = 6.0  # spreads from the mean beyond which a feature says no more
NOBODY = -1e9  # the score of a candidate that is not there


class Model(NamedTuple):
    """Numbers alone: what is known of words is how rare they are in the log at hand. F features, h and g units."""

    mean: np.ndarray  # f32[F]
    spread: np.ndarray  # f32[F]
    first: np.ndarray  # f32[F] the logit that leaves KEPT candidates
    inner: np.ndarray  # f32[F,h]
    inner_bias: np.ndarray  # f32[h]
    outer: np.ndarray  # f32[2h,g]
    outer_bias: np.ndarray  # f32[g]
    last: np.ndarray  # f32[g]
    straight: np.ndarray  # f32[F]


class Window(NamedTuple):
    """Candidates of messages, nearest first: features, which there are, and how far back. q messages."""

    features: np.ndarray  # f32[q,k,F] in spreads from the mean
    there: np.ndarray  # bool[q,k]
    back: np.ndarray  # i64[q,k]


class Link(NamedTuple):
    """MESSAGE answers ANSWERED (itself, where it begins a conversation) with probability SCORE."""

    message: int
    answered: int
    score: float


def scaled(features: np.ndarray, mean: np.ndarray, spread: np.ndarray) -> np.ndarray:
    return np.clip((features - mean) / spread, -FARTHEST, FARTHEST)


def windows(model: Model, log: Log, rows: np.ndarray) -> Iterator[tuple[np.ndarray, Window]]:
    """The messages ROWS i64[q] of LOG in blocks, each with the KEPT candidates that the logit leaves."""
    pairs = Pairs(log)
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK]
        features, there = pairs.features(block)  # [q,w,F], [q,w]
        made = scaled(features, model.mean, model.spread)
        yield block, kept(made, there, made @ model.first)


def kept(features: np.ndarray, there: np.ndarray, scores: np.ndarray) -> Window:
    """The KEPT candidates of the highest SCORES f[q,w], the message itself among them, in the order of distance."""
    order = np.where(there, scores, NOBODY)
    order[:, 0] = -NOBODY
    back = np.sort(np.argpartition(-order, KEPT - 1, axis=1)[:, :KEPT], axis=1)  # [q,k]
    return Window(np.take_along_axis(features, back[..., None], 1), np.take_along_axis(there, back, 1), back)


def chances(model: Model, window: Window, device: str = "cpu") -> np.ndarray:
    """P f64[q,k] that each candidate is the one that is answered, reckoned on DEVICE."""
    if device != "cpu":
        return _chances_on(model, window, device)
    x = window.features
    inside = np.maximum(x @ model.inner + model.inner_bias, 0)  # [q,k,h]
    most = np.where(window.there[..., None], inside, 0).max(1, keepdims=True)  # [q,1,h]
    both = np.concatenate([inside, most - inside], -1)  # [q,k,2h]
    outside = np.maximum(both @ model.outer + model.outer_bias, 0)  # [q,k,g]
    return _softmax(outside @ model.last + x @ model.straight, window.there)


def _chances_on(model: Model, window: Window, device: str) -> np.ndarray:
    """The same where there are more cores than here."""
    import torch

    there_on = lambda values: torch.from_numpy(np.ascontiguousarray(values)).to(device)
    inner, inner_bias, outer, outer_bias, last, straight = map(there_on, model[3:])
    x, there = there_on(window.features), there_on(window.there)
    inside = torch.relu(x @ inner + inner_bias)  # [q,k,h]
    most = inside.masked_fill(~there[..., None], 0).amax(1, keepdim=True)
    outside = torch.relu(torch.cat([inside, most - inside], -1) @ outer + outer_bias)  # [q,k,g]
    return _softmax((outside @ last + x @ straight).cpu().numpy(), window.there)


def _softmax(scores: np.ndarray, there: np.ndarray) -> np.ndarray:
    """Probabilities f64[q,k] of SCORES f[q,k], none for a candidate that is not THERE."""
    scores = np.where(there, scores, NOBODY).astype(float)
    raised = np.exp(scores - scores.max(1, keepdims=True))
    return raised / raised.sum(1, keepdims=True)


def link(model: Model, log: Log, rows: np.ndarray | None = None, device: str = "cpu") -> list[Link]:
    """The likeliest link of each of the messages ROWS i64[q] of LOG (all, unless given), in their order; reckoned on
    DEVICE."""
    found: list[Link] = []
    for block, window in windows(model, log, np.arange(len(log)) if rows is None else rows):
        p = chances(model, window, device)
        best = p.argmax(1)
        at = np.arange(len(block))
        back = window.back[at, best]
        found += map(Link, block.tolist(), (block - back).tolist(), p[at, best].tolist())
    return found


def threads(links: list[Link], least: float = 0.0) -> dict[int, int]:
    """Message → the first of its conversation, by LINKS of at least the score LEAST: others begin conversations."""
    first: dict[int, int] = {}
    for message, answered, score in sorted(links):
        first[message] = first.get(answered, answered) if score >= least else message
    return first


def check(model: Model) -> None:
    """That MODEL was made for these features."""
    if model.inner.shape[0] != len(FEATURES):
        raise ValueError(f"the model has {model.inner.shape[0]} features, not {len(FEATURES)}")
