"""Strict grounding: a voice that may only say what was cited, and chooses in which order.

The model writes nothing: it weighs sentences that were quoted from messages by how much likelier its persona is to
say them than the base is (the pointwise mutual information of persona and sentence, by token; Church & Hanks 1990),
and draws among them. So every word has a source by construction, and `unsupported` checks it all the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from chorus.kernels.voice.lines import Line, Words, rows_of
from chorus.kernels.voice.personas import costs_by
from chorus.kernels.voice.scoring import counts

if TYPE_CHECKING:
    from chorus.kernels.lora.adapter import Adapter
    from chorus.kernels.lora.chain import Served

SHARP = 0.25  # nats per token by which a sentence is e times likelier to be drawn

_BLANK = re.compile(r"\s+")


def likeness(served: Served, voice: Adapter, words: Words, spans: Sequence[str], prompt: str) -> np.ndarray:
    """For each of SPANS the nats per token by which VOICE foretells it better than the base, after PROMPT: f64[n]."""
    rows = rows_of([Line(span, "", prompt) for span in spans], words)
    nats = costs_by(served, [voice], rows)  # [n, 2]
    return (nats[:, 0] - nats[:, 1]) / np.maximum(counts(rows), 1)


def chosen(scores: Sequence[float] | np.ndarray, count: int, seed: int) -> list[int]:
    """COUNT different places drawn by SCORES, the same for the same SEED (Gumbel top-k: Kool et al. 2019)."""
    random = np.random.default_rng(seed)
    keys = np.asarray(scores, float) / SHARP + random.gumbel(size=len(scores))
    return [int(at) for at in np.argsort(-keys, kind="stable")[:count]]


def unsupported(sentences: Sequence[str], messages: Sequence[str]) -> list[str]:
    """Those of SENTENCES that stand in none of MESSAGES, word for word; white space may differ."""
    texts = [_BLANK.sub(" ", text) for text in messages]
    return [each for each in sentences if not any(_BLANK.sub(" ", each.strip()) in text for text in texts)]
