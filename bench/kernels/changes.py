"""What changes over time and what does not: people whom an update of the personas moves, and topics that come up."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from chorus.kernels.persona.refresh import Before, refresh
from chorus.kernels.series.tracks import clusters, emerging

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))
Row = tuple[str, float | str, Any, bool | None]
SEEDS, RUNS = 5, 400
PEOPLE, TOPICS, WEEKS = 100, 12, 10  # a week: those who speak, of what, how often it was looked
LEVEL = 0.05  # of an alarm for any topic of them all


def goals() -> Iterator[Row]:
    yield from updates()
    yield from topics()


def updates() -> Iterator[Row]:
    """Personas drawn by lot, of which nothing in the messages speaks, must stay without news; a fifth of the people who
    write as another persona since must move, the others not."""
    from persona_helpers import later, planted

    stay, moved, kept, taken = [], [], [], 0.0
    for seed in range(SEEDS):
        made, truth = planted(0.8, seed, authors=120)
        heard = np.bincount(made.author, minlength=120)
        lot = np.random.default_rng(seed).integers(4, size=120)
        stay.append((refresh(made, Before(lot, np.full(120, 0.5), heard), 4).argmax(1) == lot).mean())
        since = later(made, truth, np.arange(24), times=2)
        began = time.perf_counter()
        labels = refresh(since, Before(truth, np.full(120, 0.9), heard), 4).argmax(1)
        taken += time.perf_counter() - began
        moved.append((labels[:24] == (truth[:24] + 1) % 4).mean())
        kept.append((labels[24:] == truth[24:]).mean())
    print(f"an update of 120 people: {taken / SEEDS:.2f} s; others who stayed {np.mean(kept):.3f}")
    yield "update-with-nothing-new", float(np.min(stay)), 1, float(np.min(stay)) == 1
    yield "update-movers", float(np.mean(moved)), 0.8, float(np.mean(moved)) >= 0.8


def topics() -> Iterator[Row]:
    """Weeks in which each topic has its share of people: alarms; and one topic that three times as many speak of."""
    rng, alarms, found = np.random.default_rng(0), 0, 0
    for _ in range(RUNS):
        totals = rng.poisson(PEOPLE, WEEKS)
        share = rng.uniform(0.02, 0.2, (TOPICS, 1)) * np.ones(WEEKS)
        alarms += bool((emerging(rng.binomial(totals, share), totals)[1] < LEVEL / TOPICS).any())
        share[0] = 0.08
        share[0, -1] = 0.24
        found += bool(emerging(rng.binomial(totals, share), totals)[1][0] < LEVEL / TOPICS)
    yield "topics-false-alarms", alarms / RUNS, f"≤{LEVEL}", alarms / RUNS <= LEVEL
    yield "topics-risen-found", found / RUNS, 0.8, found / RUNS >= 0.8
    centres = np.linalg.qr(rng.standard_normal((384, TOPICS)))[0].T
    points = centres[rng.integers(TOPICS, size=5_000)] + 0.05 * rng.standard_normal((5_000, 384))
    began = time.perf_counter()
    made, _ = clusters(points.astype(np.float32), TOPICS)
    print(f"{TOPICS} topics of 5,000 vectors: {time.perf_counter() - began:.1f} s")
    right = float(((made @ centres.T).max(0) > 0.95).mean())
    yield "topics-planted", right, 0.9, right >= 0.9
