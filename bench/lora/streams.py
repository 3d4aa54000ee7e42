"""Streams of tasks to learn one after another: permuted and class-incremental digits, drifting features, Banking77.

Banking77's sentences lie outside the project (`../shared/data`, or CHORUS_DATA); their vectors are kept in a temporary
folder, so that a second run embeds nothing.
"""

from __future__ import annotations

import csv
import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("CHORUS_DATA") or ROOT.parent / "shared" / "data")
KEPT = Path(tempfile.gettempdir()) / "chorus-bench"


@dataclass
class Task:
    """What is learned at one time: X f32[n, d], Y i64[n], and what it is examined with. Where features shifted, BEFORE
    f32[n, d] is what they were for the same examples.
    """

    x: np.ndarray
    y: np.ndarray
    test_x: np.ndarray
    test_y: np.ndarray
    before: np.ndarray | None = None


def digits(seed: int) -> Task:
    """sklearn's 1,797 digits as one task, pixels in 0 … 1, a fifth held out in proportion."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    x, y = load_digits(return_X_y=True)
    x, test_x, y, test_y = train_test_split(
        (x / 16).astype(np.float32), y, test_size=0.2, random_state=seed, stratify=y
    )
    return Task(x, y.astype(np.int64), test_x, test_y.astype(np.int64))


def permuted(seed: int, tasks: int = 6) -> list[Task]:
    """Domain-incremental: the same ten digits, the pixels in another order each time."""
    random = np.random.default_rng(seed)
    whole = digits(seed)
    orders = [np.arange(64), *(random.permutation(64) for _ in range(tasks - 1))]
    return [Task(whole.x[:, order], whole.y, whole.test_x[:, order], whole.test_y) for order in orders]


def by_class(whole: Task, tasks: int, seed: int) -> list[Task]:
    """Class-incremental: each task brings classes that were not seen before; examined on all, nobody says which."""
    order = np.random.default_rng(seed).permutation(int(whole.y.max()) + 1)
    return [_only(whole, part) for part in np.array_split(order, tasks)]


def _only(whole: Task, classes: np.ndarray) -> Task:
    kept, tested = np.isin(whole.y, classes), np.isin(whole.test_y, classes)
    return Task(whole.x[kept], whole.y[kept], whole.test_x[tested], whole.test_y[tested])


def drifting(
    whole: Task, seed: int, rank: int = 4, size: float = 3.0, few: int = 100, steps: int = 3
) -> list[Task]:
    """The features themselves shift: z ← z + SIZE·tanh(z V) Uᵀ, of low RANK, once before each task but the first. Of
    the shifted ones FEW examples are there, with what they were before; old features never come back.
    """
    random = np.random.default_rng(seed)
    d = whole.x.shape[1]
    now, test, tasks = whole.x, whole.test_x, [whole]
    for _ in range(steps):
        u, v = (np.linalg.qr(random.normal(size=(d, rank)))[0].astype(np.float32) for _ in range(2))
        shift = lambda z, u=u, v=v: (z + size * np.tanh(z @ v) @ u.T).astype(np.float32)
        some = random.choice(len(whole.y), few, replace=False)
        before, now, test = now, shift(now), shift(test)
        tasks.append(Task(now[some], whole.y[some], test, whole.test_y, before[some]))
    return tasks


def banking77(per_class: int | None = None, tests: int | None = None) -> Task:
    """77 intents of bank customers as MiniLM vectors; of each class PER_CLASS to learn and TESTS to be examined."""
    names: dict[str, int] = {}
    parts = []
    for part, most in (("train", per_class), ("test", tests)):
        with (DATA / "banking77" / f"{part}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        labels = np.array([names.setdefault(row["category"], len(names)) for row in rows])
        kept = np.sort(np.concatenate([np.flatnonzero(labels == c)[:most] for c in range(len(names))]))
        parts += [vectors([rows[i]["text"] for i in kept]), labels[kept]]
    return Task(*parts)


def vectors(texts: list[str]) -> np.ndarray:
    """f32[n, 384]: what the packaged encoder makes of TEXTS, in the temporary folder if it did so before."""
    from chorus.runtime.embed.embedder import Embedder

    mark = hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]
    path = KEPT / f"minilm-{mark}.npy"
    if not path.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        made = Embedder().encode(texts)
        scratch = path.with_suffix(f".{os.getpid()}.npy")
        np.save(scratch, made)
        scratch.replace(path)
    return np.load(path)
