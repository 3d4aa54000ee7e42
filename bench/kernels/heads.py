"""Classifier heads on real labels and on planted ones, beside words alone and vectors alone.

Real data lie outside the project (`../shared/data`, or CHORUS_DATA); what is not there is short. Vectors are kept under
.bench/, so a second run is quick. Steam: games held out by whole games, 5 folds. Aspects: 5 folds, thresholds of each
from the others. Banking77: its own test split; which blocks of features to put together was compared
on it a few times, so the last tenths of a point are not to be trusted.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from chorus.kernels.heads.features import read
from chorus.kernels.heads.kinds import KINDS
from chorus.kernels.heads.train import chosen_strength, folds, margins_of, train
from chorus.runtime.embed.embedder import Embedder
from chorus.runtime.synthetic import generate

ROOT = Path(__file__).parent.parent.parent
DATA = Path(os.environ.get("CHORUS_DATA") or ROOT.parent / "shared" / "data")
KEPT = ROOT / ".bench" / "kernels" / "vectors"
PIECE = 2_000  # texts embedded between two saves: a run that is stopped goes on where it was
MESSAGES, SEEDS = 3_000, (3, 4)  # of synthetic communities
HEARD = 10  # messages of an author from which one counts
BANKING = [kind for kind, about in KINDS.items() if not about.deep]

Row = tuple[str, float, str, bool]


def goals() -> Iterator[Row]:
    for name, measure in SUBJECTS.items():
        try:
            yield from measure()
        except FileNotFoundError as missing:
            print(f"{name}: not here: {missing.filename}")
            yield name, float("nan"), "-", False


def full() -> Iterator[Row]:
    for name, measured, target, met in [*steam_accuracy("middle"), *banking77(tuple(BANKING))]:
        yield f"{name}-full", measured, target, met


def persona_accuracy() -> Iterator[Row]:
    """The persona of authors not trained on, from what they wrote: the mean over communities."""
    found = []
    for seed in SEEDS:
        texts, personas = authors(seed)
        labels = sorted(set(personas))
        truth = np.array([[p == label for label in labels] for p in personas])
        figures = train(read(texts, encode), truth, labels, kind="fused").figures
        found.append(figures["accuracy"].value)
        print(
            f"  community {seed}: {len(texts)} authors, {len(labels)} personas, {told(figures)}", flush=True
        )
    mean = float(np.mean(found))
    yield "persona-accuracy", mean, "> .85", mean > 0.85


def authors(seed: int) -> tuple[list[str], list[str]]:
    """What each author of a synthetic community wrote, and the persona planted in them."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "export.json"
        generate(MESSAGES, seed, out)
        planted = json.loads(out.with_suffix(".truth.json").read_text(encoding="utf-8"))["authors"]
        wrote: dict[str, list[str]] = {}
        for message in json.loads(out.read_text(encoding="utf-8"))["messages"]:
            wrote.setdefault(message["author"]["id"], []).append(message["content"])
    kept = [who for who, said in wrote.items() if planted.get(who) and len(said) >= HEARD]
    return ["\n".join(wrote[who]) for who in kept], [planted[who] for who in kept]


def steam_accuracy(kind: str = "paired") -> Iterator[Row]:
    """Whether a reviewer recommends the game, on games not trained on: all 18,162 reviews, by their words alone.

    A deep KIND has the encoder read all reviews, five minutes of a quiet machine, so that is for `--full`.
    """
    with gzip.open(DATA / "steam-reviews" / "reviews.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    yes = np.array([row["recommended"] for row in rows])
    truth = np.stack([~yes, yes], axis=1)
    games = np.unique([row["app"] for row in rows], return_inverse=True)[1]
    said = [row["text"] for row in rows]
    texts = read(said, None, middle=embedder().within if KINDS[kind].deep else None)
    figures = train(texts, truth, ["no", "yes"], kind=kind, groups=games).figures
    print(f"  {len(rows)} reviews of {games.max() + 1} games, {told(figures)}", flush=True)
    for name, figure, target, better in (
        ("steam-accuracy", "accuracy", 0.905, 1),
        ("steam-auc", "auc", 0.95, 1),
        ("steam-brier", "brier", 0.075, -1),
    ):
        value = figures[figure].value
        yield name, value, f"{'>=' if better > 0 else '<='} {target}", better * value >= better * target


def aspects_f1() -> Iterator[Row]:
    """Eight labels of Steam reviews, one review with several."""
    with (DATA / "steam-aspect" / "train.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    labels = [name for name in rows[0] if name.startswith("label_")]
    truth = np.array([[float(row[name]) > 0 for name in labels] for row in rows])
    texts = read([row["review"] for row in rows], encode)
    figures = train(texts, truth, labels, several=True).figures
    print(f"  {told(figures)}", flush=True)
    value = figures["macro-f1"].value
    yield "aspects-f1", value, ">= .76", value >= 0.76


def banking77(kinds: tuple[str, ...] = ("fused",)) -> Iterator[Row]:
    """Short requests in 77 intents: each kind of head trained on the train split, judged on the test split."""
    rows = []
    for split in ("train", "test"):
        with (DATA / "banking77" / f"{split}.csv").open(newline="", encoding="utf-8") as file:
            rows += [(split, row["text"], row["category"]) for row in csv.DictReader(file)]
    labels, place = np.unique([category for *_, category in rows], return_inverse=True)
    inside = np.flatnonzero([split == "train" for split, *_ in rows])
    outside = np.flatnonzero([split == "test" for split, *_ in rows])
    texts = read([text for _, text, _ in rows], encode)
    truth = place[:, None] == np.arange(len(labels))
    found = {}
    for kind in kinds:
        begun = time.monotonic()
        own, fold = texts.take(inside), folds(truth[inside], None, 0)
        strength = chosen_strength(own, truth[inside], fold, kind, False, 0)
        said = margins_of(texts, truth, inside, outside, kind, 0, strength).argmax(1)
        found[kind] = float((said == place[outside]).mean())
        print(
            f"  {kind}: {found[kind]:.4f} at strength {strength} in {time.monotonic() - begun:.0f} s",
            flush=True,
        )
    yield "banking77", found["fused"], ">= .945", found["fused"] >= 0.945


def told(figures: dict[str, Any]) -> str:
    """The figures with their intervals."""
    shown = (name for name in ("accuracy", "auc", "brier", "macro-f1") if name in figures)
    return ", ".join("{} {:.3f} [{:.3f}, {:.3f}]".format(name, *figures[name]) for name in shown)


def encode(texts: list[str]) -> np.ndarray:
    """The vectors f32[n, d] of TEXTS, those seen before from .bench/."""
    marks = [hashlib.sha256(text.encode("utf-8", "replace")).digest()[:12] for text in texts]
    new = dict(zip(marks, texts, strict=True))
    for mark in known():
        new.pop(mark, None)
    order = sorted(new, key=lambda mark: len(new[mark]))  # alike in length: little padding
    for at in range(0, len(order), PIECE):
        part = order[at : at + PIECE]
        save(part, embedder().encode([new[mark] for mark in part]))
    vectors = known()
    return np.stack([vectors[mark] for mark in marks]) if marks else np.zeros((0, 384), np.float32)


_known: dict[bytes, np.ndarray] = {}
_embedders: list[Embedder] = []


def embedder() -> Embedder:
    if not _embedders:
        _embedders.append(Embedder())
    return _embedders[0]


def known() -> dict[bytes, np.ndarray]:
    """Mark of a text → its vector, of all that lie under .bench/ for this model."""
    if not _known:
        for path in sorted(folder().glob("*.npz")):
            with np.load(path) as kept:
                _known.update(zip((bytes(mark) for mark in kept["marks"]), kept["vectors"], strict=True))
    return _known


def save(marks: list[bytes], vectors: np.ndarray) -> None:
    rows = np.frombuffer(b"".join(marks), np.uint8).reshape(len(marks), -1)
    path = folder() / f"{hashlib.sha256(rows.tobytes()).hexdigest()[:16]}.npz"
    with path.with_suffix(".tmp").open("wb") as file:
        np.savez(file, marks=rows, vectors=vectors)
    path.with_suffix(".tmp").replace(path)
    _known.update(zip(marks, vectors, strict=True))


def folder() -> Path:
    made = KEPT / embedder().model.replace("/", "-")
    made.mkdir(parents=True, exist_ok=True)
    return made


SUBJECTS: dict[str, Callable[[], Iterator[Row]]] = {
    "banking77": banking77,
    "aspects-f1": aspects_f1,
    "persona-accuracy": persona_accuracy,
    "steam-accuracy": steam_accuracy,
}
