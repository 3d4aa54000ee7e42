"""The control of the Fourier head: over embeddings, whose dimensions have no order, beside plainer heads and beside
itself over the dimensions in an order drawn by lot; the verdict in words.

The synthetic community's truth is always at hand, real labels where the data lie (`../shared/data`, or CHORUS_DATA).
"""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
from heads import DATA, encode

from chorus import Session
from chorus.kernels.heads.beside import SIDE, beside
from chorus.kernels.heads.features import read
from chorus.kernels.heads.train import LEAST_EACH

EACH = 300  # texts of a task: six kinds in five folds of it take a minute of a processor


def goals() -> Iterator[tuple[str, float, Any, bool | None]]:
    gains = []
    for name, rows in tasks():
        rows = [rows[at] for at in np.random.default_rng(0).permutation(len(rows))[:EACH]]
        drawn = Counter(label for _, label in rows)
        rows = [row for row in rows if drawn[row[1]] >= LEAST_EACH]
        labels, place = np.unique([label for _, label in rows], return_inverse=True)
        made = beside(
            read([text for text, _ in rows], encode),
            place[:, None] == np.arange(len(labels)),
            labels.tolist(),
        )
        shown = ", ".join(f"{kind} {made.figures[kind]['accuracy'].value:.3f}" for kind in SIDE)
        print(f"{name}: {shown}\n  {made.verdict}", flush=True)
        gains.append(made.gain.value)
    yield "fno-vs-linear", float(np.mean(gains)), "reported-either-way", None


def tasks() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Name; texts with their labels."""
    with Session() as session:
        said = session.eval("(planted-messages)").to_pylist()
    planted = lambda column: [(row["text"], row[column]) for row in said if row["text"] and row[column]]
    urgent, rest = (
        [row for row in planted("urgency") if (row[1] == "urgent") is wanted] for wanted in (True, False)
    )
    yield "sentiment (synthetic)", planted("tone")
    yield "urgency (synthetic, as many urgent as not)", urgent + rest[: len(urgent)]
    yield "category (synthetic, 5)", most_frequent(planted("intent"), 5)
    if (DATA / "steam-reviews").exists():
        yield "sentiment (Steam)", list(steam())
    if (DATA / "banking77").exists():
        with (DATA / "banking77" / "train.csv").open(encoding="utf-8") as file:
            rows = [(row["text"], row["category"]) for row in csv.DictReader(file)]
        yield "category (Banking77, 10)", most_frequent(rows, 10)


def steam() -> Iterator[tuple[str, str]]:
    with gzip.open(DATA / "steam-reviews" / "reviews.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            yield row["text"], str(row["recommended"])


def most_frequent(rows: list[tuple[str, str]], most: int) -> list[tuple[str, str]]:
    kept = {label for label, _ in Counter(label for _, label in rows).most_common(most)}
    return [row for row in rows if row[1] in kept]
