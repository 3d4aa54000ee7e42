"""Personas: spectral clustering of many points beside scikit-learn and EVoC, planted truth, nulls, and real people on
different days."""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from timing import seconds

from chorus.kernels.persona.community import Community, Discovery, NoStructure
from chorus.kernels.persona.discover import discover
from chorus.kernels.persona.graph import graph_communities
from chorus.kernels.persona.landmark import landmark_cluster
from chorus.kernels.persona.scores import adjusted_rand, normalised_information

TESTS = Path(__file__).parents[2] / "tests"
DIMS, CLUSTERS = 384, 10
NULLS = 10  # of each kind
GIB = 1 << 20  # of the kilobytes in which Linux counts

Row = tuple[str, float, Any, bool | None]


def goals() -> Iterator[Row]:
    yield from beside_sklearn(20_000)
    blocks()
    yield planted()
    yield no_structure()
    yield from across_days()


def full() -> Iterator[Row]:
    yield million()
    yield beside_evoc(200_000)


def clouds(n: int, apart: float = 0.28, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Points f32[n,384] on the sphere about CLUSTERS directions, of unequal sizes, and which."""
    rng = np.random.default_rng(seed)
    share = rng.dirichlet(np.full(CLUSTERS, 4.0))
    truth = rng.choice(CLUSTERS, n, p=share)
    centres = rng.standard_normal((CLUSTERS, DIMS)).astype(np.float32) / np.sqrt(DIMS)
    points = np.empty((n, DIMS), np.float32)
    for at in range(0, n, 50_000):
        some = truth[at : at + 50_000]
        noise = rng.standard_normal((len(some), DIMS), dtype=np.float32) / np.sqrt(DIMS)
        points[at : at + 50_000] = apart * centres[some] + noise
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    return points, truth


def beside_sklearn(n: int) -> Iterator[Row]:
    from sklearn.cluster import SpectralClustering

    points, truth = clouds(n)
    theirs = SpectralClustering(CLUSTERS, affinity="nearest_neighbors", n_neighbors=15, random_state=0)
    made: dict[str, np.ndarray] = {}
    landmark_cluster(points[:1000], CLUSTERS)  # loads
    own = seconds(lambda: made.update(chorus=landmark_cluster(points, CLUSTERS)))
    other = seconds(lambda: made.update(sklearn=theirs.fit_predict(points)))
    agreement = {name: normalised_information(labels, truth) for name, labels in made.items()}
    print(f"{n} points: chorus {own:.2f} s, scikit-learn {other:.2f} s; NMI with the truth {agreement}")
    yield "spectral-vs-sklearn-20k", other / own, 10, other / own >= 10
    behind = agreement["sklearn"] - agreement["chorus"]
    yield "spectral-nmi-20k", behind, "within 0.02", behind <= 0.02


def blocks() -> None:
    """Stochastic block models from below the threshold of detection (λ²d = 1) to far above it."""
    sys.path.insert(0, str(TESTS))
    from persona_helpers import block_model

    print("λ²d   NMI, or none claimed (3000 nodes, 4 blocks, mean degree 40)")
    for strength in (0.58, 1.0, 1.6, 2.5, 4.9, 14.4):
        graph, truth = block_model(strength, seed=1, n=3000)
        found = graph_communities(graph)
        none = isinstance(found, NoStructure)
        print(f"{strength:5.2f} {'none' if none else f'{normalised_information(found[0], truth):.2f}'}")


def planted() -> Row:
    from persona_helpers import planted as made

    scores = []
    for seed in range(3):
        community, truth = made(0.5, seed=seed, authors=160, own=4)
        found = discover(community)
        labels = found.labels if isinstance(found, Discovery) else np.zeros(len(truth), int)
        scores.append((normalised_information(labels, truth), adjusted_rand(labels, truth)))
    print("half of the messages on the day's topics: NMI, ARI " + str(np.round(scores, 2).tolist()))
    nmi = float(np.mean([nmi for nmi, _ in scores]))
    return "planted-nmi", nmi, 0.5, nmi >= 0.5


def no_structure() -> Row:
    from persona_helpers import exchanged, gaussian
    from persona_helpers import planted as made

    right = 0
    for seed in range(NULLS):
        community, _ = made(0.5, seed, authors=120, own=4)
        for null in (exchanged, gaussian):
            right += isinstance(discover(null(community, seed)), NoStructure)
    share = right / (2 * NULLS)
    return "no-structure", share, 0.95, share >= 0.95


def across_days() -> Iterator[Row]:
    """Agreement of two clusterings of the same authors on different days; directions were learned from others."""
    from chorus.kernels.persona.held import across_days as held

    export = Path(os.environ.get("CHORUS_DATA") or TESTS.parents[1] / "shared" / "data")
    export /= "discord-export/ubuntu.json.gz"
    if not export.exists():
        print(f"real data not here: {export} (set CHORUS_DATA)")
        return
    community = behaviour_of(export)
    table = {}
    for each in (1, 5, 10, 20):
        runs = [held(community, 3, each, seed=seed) for seed in range(6)]
        table[each] = float(np.mean([score for score, _ in runs]))
        print(f"{runs[0][1]:5} authors with {each:2} messages or more in either half: ARI {table[each]:.2f}")
    yield "cross-day-ari", table[10], 0.5, table[10] >= 0.5


def behaviour_of(export: Path) -> Community:
    import gzip
    import json
    from datetime import datetime

    from chorus.kernels.persona.behaviour import message_features

    with gzip.open(export) as file:
        messages = json.load(file)["messages"]
    seconds = np.array([datetime.fromisoformat(m["timestamp"]).timestamp() for m in messages])
    order = np.argsort(seconds, kind="stable")
    seconds = seconds[order]
    number: dict[str, int] = {}
    author = np.array([number.setdefault(messages[at]["author"]["id"], len(number)) for at in order])
    day = (seconds // 86400).astype(np.int64)
    day -= day[0]
    nothing = np.zeros(len(author))
    channel = nothing.astype(np.int64)
    texts = [messages[at]["content"] for at in order]
    table = message_features(texts, author, day, seconds, channel, channel - 1, nothing, nothing)
    return Community(author, day, channel, table, np.zeros((0, 0), np.float32), channel[:0], len(number))


def million() -> Row:
    """Minutes for a million authors; the target is also to stay below 8 GiB, the points (1.4 GiB) included."""
    points, truth = clouds(1_000_000)
    began = time.perf_counter()
    labels = landmark_cluster(points, CLUSTERS)
    minutes = (time.perf_counter() - began) / 60
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / GIB
    print(
        f"{minutes:.1f} min, {memory:.1f} GiB, NMI {normalised_information(labels, truth):.3f}, all assigned"
    )
    return "million-authors", minutes, "10 minutes, 8 GiB", minutes <= 10 and memory <= 8


def beside_evoc(n: int) -> Row:
    from evoc import EVoC

    points, truth = clouds(n)
    made: dict[str, np.ndarray] = {}
    EVoC().fit_predict(points[:3000])  # compiles
    landmark_cluster(points[:1000], CLUSTERS)
    own = seconds(lambda: made.update(chorus=landmark_cluster(points, CLUSTERS)))
    other = seconds(lambda: made.update(evoc=EVoC().fit_predict(points)))
    for name, labels in made.items():
        given = labels >= 0
        score = adjusted_rand(labels[given], truth[given])
        print(f"{name}: {given.mean():.0%} assigned, ARI of those {score:.3f}")
    print(f"chorus {own:.1f} s, EVoC {other:.1f} s")
    return "evoc-200k", other / own, 3, other / own >= 3
