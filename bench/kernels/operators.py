"""The control of Fourier operators: as heads on embeddings, whose coordinates have no order, beside plainer heads; and
on Burgers and Darcy, where the order is real, beside the best linear operator."""

from __future__ import annotations

import csv
import gzip
import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from planted import planted_messages
from sklearn.linear_model import LogisticRegression

from chorus.kernels.spectral.equations import burgers, darcy, smooth_fields
from chorus.kernels.spectral.operator import FourierHead, FourierOperator, fit, relative
from chorus.runtime.embed.embedder import Embedder

DATA = Path(os.environ.get("CHORUS_DATA") or Path(__file__).parents[3] / "shared" / "data")
EACH = 600  # texts of a task; a quarter of them are for testing


def goals() -> Iterator[tuple[str, float, Any, bool | None]]:
    gaps = []
    print(f"{'accuracy':24} {'FNO':>7} {'permuted':>9} {'MLP':>7} {'logistic':>9}")
    for name, texts, labels in tasks():
        fno, permuted, mlp, logistic = heads(texts, labels)
        print(f"{name:24} {fno:7.3f} {permuted:9.3f} {mlp:7.3f} {logistic:9.3f}", flush=True)
        gaps.append(fno - max(mlp, logistic))
    verdict = "helps" if np.mean(gaps) > 0 else "does not help: use a plain head, and operators along time"
    print(f"FNO over embedding coordinates {verdict}")
    yield "fno-vs-linear", float(np.mean(gaps)), "reported either way", None


def full() -> list[Any]:
    equations()
    return []


def heads(texts: list[str], labels: np.ndarray) -> tuple[float, float, float, float]:
    """Test accuracies, FNO, FNO over permuted coordinates, MLP of as many parameters, logistic."""
    x = torch.from_numpy(Embedder().encode(texts)).float()
    x = (x - x.mean(0)) / x.std(0)
    y, cut = torch.from_numpy(labels), len(labels) * 3 // 4
    classes = int(labels.max()) + 1
    permuted = x[:, torch.randperm(x.shape[1], generator=torch.Generator().manual_seed(0))]
    torch.manual_seed(0)
    fno, other = FourierHead(classes), FourierHead(classes)
    hidden = sum(p.numel() for p in fno.parameters()) // (x.shape[1] + classes + 1)
    layers = (torch.nn.Linear(x.shape[1], hidden), torch.nn.GELU(), torch.nn.Dropout(0.3))
    mlp = torch.nn.Sequential(*layers, torch.nn.Linear(hidden, classes))
    plain = LogisticRegression(C=0.02, max_iter=500).fit(x[:cut], y[:cut]).score(x[cut:], y[cut:])
    trained = [learned(*each, y, cut) for each in ((fno, x), (other, permuted), (mlp, x))]
    return trained[0], trained[1], trained[2], float(plain)


def learned(head: torch.nn.Module, x: torch.Tensor, y: torch.Tensor, cut: int) -> float:
    loss = torch.nn.functional.cross_entropy
    fit(head, x[:cut], y[:cut], loss=loss, epochs=12, batch=64, decay=1e-2)
    with torch.no_grad():
        return float((head(x[cut:]).argmax(1) == y[cut:]).float().mean())


def tasks() -> Iterator[tuple[str, list[str], np.ndarray]]:
    """Name, texts, classes. The synthetic community's truth is always at hand, real labels where the data lie."""
    yield from synthetic()
    if (DATA / "steam-reviews").exists():
        yield shuffled("sentiment (Steam)", list(steam()))
    if (DATA / "banking77").exists():
        with open(DATA / "banking77" / "train.csv", encoding="utf-8") as file:
            rows = [(row["text"], row["category"]) for row in csv.DictReader(file)]
        yield shuffled("category (Banking77, 20)", most_frequent(rows, 20))


def synthetic() -> Iterator[tuple[str, list[str], np.ndarray]]:
    said = [row for row in planted_messages(3) if row["persona"] and row["text"]]
    yield shuffled("sentiment (synthetic)", [(row["text"], str(np.sign(row["tone"] or 0))) for row in said])
    yield shuffled(
        "category (synthetic)", most_frequent([(row["text"], str(row["intent"])) for row in said], 8)
    )


def steam() -> Iterator[tuple[str, str]]:
    with gzip.open(DATA / "steam-reviews" / "reviews.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            yield row["text"][:400], str(row["recommended"])


def most_frequent(rows: list[tuple[str, str]], most: int) -> list[tuple[str, str]]:
    kept = {label for label, _ in Counter(label for _, label in rows).most_common(most)}
    return [row for row in rows if row[1] in kept]


def shuffled(name: str, rows: list[tuple[str, str]]) -> tuple[str, list[str], np.ndarray]:
    rows = [rows[at] for at in np.random.default_rng(0).permutation(len(rows))[:EACH]]
    return name, [text for text, _ in rows], np.unique([label for _, label in rows], return_inverse=True)[1]


def equations() -> None:
    start = smooth_fields((256,), 200, seed=0)
    later = burgers(start, 0.05, 0.3)
    coarse, fine = slice(None, None, 8), slice(None)
    pair = lambda at: (as_functions(start[:, at]), as_functions(later[:, at]))
    model, (x, y) = FourierOperator(1, 1, 24, (12,), 3), pair(coarse)
    fit(model, x[:160], y[:160], epochs=40)
    print(f"Burgers from 32 points: error {off(model, x, y, 160):.3f}, asked at 256 points "
          f"{off(model, *pair(fine), 160):.3f}, linear {linear(x, y, 160):.3f}", flush=True)  # fmt: skip
    permeability = np.where(smooth_fields((16, 16), 200, seed=2) > 0, 12.0, 3.0)
    x = as_functions((permeability - 7.5) / 4.5)
    y = as_functions(np.stack([darcy(a) for a in permeability]) * 100)
    model = fit(FourierOperator(1, 1, 16, (6, 6), 3), x[:160], y[:160], epochs=15, batch=20)
    print(f"Darcy on 16 × 16: error {off(model, x, y, 160):.3f}, linear {linear(x, y, 160):.3f}", flush=True)


def as_functions(values: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(values[:, None]).float()


def off(model: torch.nn.Module, x: torch.Tensor, y: torch.Tensor, cut: int) -> float:
    with torch.no_grad():
        return float(relative(model(x[cut:]), y[cut:]))


def linear(x: torch.Tensor, y: torch.Tensor, cut: int) -> float:
    """What the best linear operator (ridge, by the penalty that serves it best) leaves."""
    a, b = x.flatten(1), y.flatten(1)
    gram, both, one = a[:cut].T @ a[:cut], a[:cut].T @ b[:cut], torch.eye(a.shape[1])
    made = [a[cut:] @ torch.linalg.solve(gram + size * cut * one, both) for size in (1e-2, 1, 1e2)]
    return min(float(relative(each, b[cut:])) for each in made)
