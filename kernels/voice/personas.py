"""One adapter for each persona, and whose words each foretells best.

A voice is a low-rank change of the frozen base (`kernels/lora`), learnt on its persona's messages alone. Whether it
caught the persona is asked of authors whose messages neither the base nor any voice has seen: each persona's are to
be foretold best by its own.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from chorus.kernels.voice.lines import Row
from chorus.kernels.voice.scoring import Estimate, bounds, by_author, costs, counts, perplexity, resampled
from chorus.kernels.voice.training import ADAPTER, Plan, Tick, fit

if TYPE_CHECKING:
    from chorus.kernels.lora.adapter import Adapter
    from chorus.kernels.lora.chain import Served

RANK = 8
FOLDS = 5  # one author in so many is held out


def is_held_out(author: str, seed: int = 0, folds: int = FOLDS) -> bool:
    """Whether the messages of AUTHOR are kept from base and voices: told by the name alone, so it is the same for
    both, whatever persona the author is found to be of.
    """
    return int.from_bytes(hashlib.sha256(f"{seed}:{author}".encode()).digest()[:8], "big") % folds == 0


def train_voice(
    served: Served,
    name: str,
    rows: Sequence[Row],
    rank: int = RANK,
    plan: Plan = ADAPTER,
    tick: Tick = lambda: None,
) -> Adapter:
    """The voice NAME, learnt on ROWS."""
    made = served.trainable(name, rank, alpha=2.0 * rank, seed=plan.seed)
    fit(served.model, rows, made.parameters(), plan, tick, lambda: served.using(made))
    return made.frozen()


def costs_by(
    served: Served, voices: Sequence[Adapter], rows: Sequence[Row], tick: Tick = lambda: None
) -> np.ndarray:
    """The nats that the base, then each of VOICES, needs for each of ROWS: f64[n, 1 + k]."""
    columns = [costs(served.model, rows, tick)]
    for voice in voices:
        with served.using(voice):
            columns.append(costs(served.model, rows, tick))
    return np.stack(columns, 1)


class Own(NamedTuple):
    """How a persona's held-out messages are foretold."""

    messages: int
    authors: int
    best: str  # who foretells them best
    lead: Estimate  # nats per token that its own voice is ahead of the best other, the base among these
    by_message: Estimate  # the same, its interval by single messages drawn anew
    right: float  # of its messages, the share that its own voice foretells best among the voices

    @property
    def sure(self) -> bool:
        """Whether its own voice leads by more than luck: by authors and by messages, as of one author alone no draw
        differs, and messages of one author are alike.
        """
        return self.lead.low > 0 and self.by_message.low > 0


@dataclass(frozen=True)
class Confusion:
    """Perplexities of each persona's held-out messages (rows) under the base and each voice (columns)."""

    names: tuple[str, ...]
    cells: dict[str, list[Estimate]]
    own: dict[str, Own]

    @property
    def own_best(self) -> Estimate:
        """The share of personas whose own voice is best, with Wilson's interval."""
        return share(sum(own.best == name for name, own in self.own.items()), len(self.own))


BASE = "base"


def confusion(
    nats: np.ndarray,
    rows: Sequence[Row],
    personas: Sequence[str],
    authors: Sequence[str],
    names: Sequence[str],
    seed: int = 0,
) -> Confusion:
    """The confusion of what `costs_by` gave NATS [n, 1 + k] for ROWS, by AUTHORS of PERSONAS, under voices NAMES."""
    tokens = counts(rows)
    truth, who = np.asarray(personas, object), np.asarray(authors, object)
    cells, own = {}, {}
    for at, name in enumerate(names):
        mine = truth == name
        if not mine.any():
            continue
        spoken, length, by = nats[mine], tokens[mine], who[mine]
        cells[name] = [perplexity(spoken[:, column], length, by, seed) for column in range(spoken.shape[1])]
        own[name] = _own(spoken, length, by, at, (BASE, *names), seed)
    return Confusion(tuple(names), cells, own)


def _own(
    nats: np.ndarray, tokens: np.ndarray, authors: np.ndarray, at: int, columns: Sequence[str], seed: int
) -> Own:
    """What the column of the AT-th voice is worth beside the others."""
    each = np.concatenate([nats, tokens[:, None]], 1)  # [n, 2 + k]
    sums = by_author(each, authors)  # [a, 2 + k]
    others = [column for column in range(nats.shape[1]) if column != at + 1]

    def ahead(total: np.ndarray) -> np.ndarray:
        """[…, 2 + k] -> […]"""
        return (total[..., others].min(-1) - total[..., at + 1]) / total[..., -1]

    value = float(ahead(sums.sum(0)))
    lead, single = (Estimate(value, *bounds(ahead(resampled(len(of), seed) @ of))) for of in (sums, each))
    best = columns[int(nats.sum(0).argmin())]
    right = float((nats[:, 1:].argmin(1) == at).mean())
    return Own(len(nats), len(sums), best, lead, single, right)


def share(hits: int, of: int) -> Estimate:
    """HITS of OF with Wilson's 95 % interval (1927)."""
    if not of:
        return Estimate(0.0, 0.0, 1.0)
    z, p = 1.959964, hits / of
    middle, half = p + z * z / (2 * of), z * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    whole = 1 + z * z / of
    return Estimate(p, max(0.0, (middle - half) / whole), min(1.0, (middle + half) / whole))


def shuffled(personas: Mapping[str, str], seed: int = 0) -> dict[str, str]:
    """PERSONAS, author → persona, dealt out among the same authors anew: the control, of which nothing can be
    learnt.
    """
    authors = sorted(personas)
    dealt = np.random.default_rng(seed).permutation([personas[author] for author in authors])
    return dict(zip(authors, dealt.tolist(), strict=True))
