"""Fits `thread-weights` of stdlib/threads.sexp on the days of the Ubuntu logs that threads.py does not judge on.

usage: python bench/query/thread_weights.py [MESSAGES]     (default 20000)

A conditional logit: the questions are taken out of their threads, as there; of the LEAD threads that START puts first
for one, the chance of each is the softmax of its weighted features, and that of the right one is made great. Features
are scaled to a spread of one, weights held back a little (HELD), then scaled back.
"""

from __future__ import annotations

import sys
import tempfile

import numpy as np
import torch
from threads import Log, fill, log, there, threads_of

from chorus import Capabilities, Session

START = {"nearest": 10.8, "mean": 0.42, "words": 0.42, "size": -0.17}
LEAD = 200
HELD = 1e-3
STEPS, RATE = 300, 0.02


def main(count: int) -> None:
    chat = log(count, odd=False)
    with tempfile.TemporaryDirectory() as folder, Session(folder, allow=Capabilities.all()) as session:
        vectors = session.context.embedder.encode([m["content"] or " " for m in chat.messages])
        features, right = table(session, chat, vectors)
    weights = fitted(features, right)
    print(f"{len(right)} questions to {len(chat.messages):,} messages")
    for name, weight in weights.items():
        print(f"  :{name} {weight:.2f}")
    hits = [found(features, right, each) for each in (START, weights)]
    print(
        "right thread in the first ten, on the days that it was fitted to: {:.3f} before, {:.3f}".format(
            *hits
        )
    )


def table(session: Session, chat: Log, vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Features f32[questions, LEAD, 4] of the threads that START puts first, and which of them are right."""
    asked = {question["id"] for question in chat.questions}
    fill(session, chat, vectors, linked=True, without=asked)
    session.eval('(count (search "sound"))')
    place = {message["id"]: at for at, message in enumerate(chat.messages)}
    ids, threads = session.context.indexes.conversations.threads()
    names = ids.to_pylist()
    numbers, group = np.unique(threads, return_inverse=True)
    order = np.argsort(group, kind="stable")
    starts = np.searchsorted(group[order], np.arange(len(numbers)))
    rows = vectors[[place[names[at]] for at in order]]
    means = np.add.reduceat(rows, starts, axis=0)
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    sizes = np.log(np.bincount(group))
    own = threads_of(chat)
    truth = np.array([own[names[number]] for number in numbers])
    made, right = [], []
    for question in chat.questions:
        if own[question["id"]] not in truth:
            continue
        query = vectors[place[question["id"]]]
        words = session.context.indexes.thread_words.scores(question["content"])[numbers]
        nearest = np.maximum.reduceat(rows @ query, starts)
        features = np.stack([nearest, means @ query, words, sizes], axis=1).astype(np.float32)
        first = np.argsort(-(features @ np.array(list(START.values()))), kind="stable")[:LEAD]
        made.append(features[first])
        right.append(truth[first] == own[question["id"]])
    return np.array(made), np.array(right)


def fitted(features: np.ndarray, right: np.ndarray) -> dict[str, float]:
    """The weights, by name; questions whose thread is not among the LEAD say nothing."""
    there = right.any(1)
    x, y = torch.tensor(features[there]), torch.tensor(right[there])
    spread = x.flatten(0, 1).std(0)
    weights = torch.zeros(len(START), requires_grad=True)
    optimiser = torch.optim.Adam([weights], RATE)
    for _ in range(STEPS):
        scores = (x / spread) @ weights  # [questions, LEAD]
        lost = scores.logsumexp(1) - scores.masked_fill(~y, -torch.inf).logsumexp(1)
        optimiser.zero_grad()
        (lost.mean() + HELD * weights.square().sum()).backward()
        optimiser.step()
    return dict(zip(START, (weights.detach() / spread).tolist(), strict=True))


def found(features: np.ndarray, right: np.ndarray, weights: dict[str, float], most: int = 10) -> float:
    """The share of questions whose thread is among the first MOST by WEIGHTS."""
    order = np.argsort(-(features @ np.array(list(weights.values()))), axis=1, kind="stable")[:, :most]
    return float(np.take_along_axis(right, order, axis=1).any(1).mean())


if __name__ == "__main__":
    if not there():
        raise SystemExit("there are no Ubuntu logs: set CHORUS_DATA")
    main(*([int(word) for word in sys.argv[1:]] or [20_000]))
