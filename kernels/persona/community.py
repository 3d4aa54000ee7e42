"""What discovery is given and gives: a community in numbers, personas with everybody's membership, or none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Community:
    """Messages in order of time, as numbers: AUTHOR, DAY, CHANNEL i64[m] counted from 0, BEHAVIOUR f32[m,b].

    VECTORS f32[v,d] are the embeddings of messages ROWS i64[v], LEXICAL f32[v,w] those of their words;
    AUTHORS is how many authors there are; LANGUAGE i64[m] numbers each message's language (what one speaks
    is no persona, though it rules the embedding).
    """

    author: np.ndarray
    day: np.ndarray
    channel: np.ndarray
    behaviour: np.ndarray
    vectors: np.ndarray
    rows: np.ndarray
    authors: int
    language: np.ndarray | None = None
    lexical: np.ndarray | None = None


@dataclass(frozen=True)
class NoStructure:
    """The honest answer that no personas can be told apart: why, in a sentence, and on what evidence."""

    reason: str
    evidence: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Discovery:
    """K personas: MEMBERSHIP f64[n,k] of every author, LABELS i64[n] (its best), CONFIDENCE f64[n], CORE
    bool[n].

    CORE authors wrote enough to have taken part in the discovery; the others were assigned by what little
    they wrote.
    """

    k: int
    labels: np.ndarray
    confidence: np.ndarray
    membership: np.ndarray
    core: np.ndarray
    evidence: dict[str, Any]
