"""Made-up communities in vectors, for the tests of personas: planted personas, and authors without any."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
from scipy.sparse import coo_matrix

from chorus.kernels.persona.community import Community

DAYS, TOPICS, STRENGTH = 20, 30, 0.45


def community(author: np.ndarray, day: np.ndarray, vectors: np.ndarray, authors: int) -> Community:
    """Messages in order of time, with nothing known of how people behave."""
    order = np.argsort(day, kind="stable")
    m = len(author)
    return Community(
        author=author[order],
        day=day[order],
        channel=np.zeros(m, np.int64),
        behaviour=np.zeros((m, 0), np.float32),
        vectors=vectors[order].astype(np.float32),
        rows=np.arange(m),
        authors=authors,
    )


def planted(
    share: float,
    seed: int,
    authors: int = 200,
    k: int = 4,
    own: int = 5,
    dims: int = 96,
    wrote: tuple[int, int] = (12, 25),
) -> tuple[Community, np.ndarray]:
    """Authors of K personas, each with OWN of 30 topics; SHARE of an author's messages are on the persona's topics, the
    others on those of the day. Each author writes on two to four days."""
    rng = np.random.default_rng(seed)
    unit = lambda n: (lambda x: x / np.linalg.norm(x, axis=1, keepdims=True))(rng.standard_normal((n, dims)))
    topics = unit(TOPICS)
    personas = [rng.choice(TOPICS, own, replace=False) for _ in range(k)]
    of_day = [rng.choice(TOPICS, 5, replace=False) for _ in range(DAYS)]
    truth = np.arange(authors) % k
    author, day, topic = [], [], []
    for person in range(authors):
        present = rng.choice(DAYS, rng.integers(2, 5), replace=False)
        for _ in range(rng.integers(*wrote)):
            today = rng.choice(present)
            author.append(person)
            day.append(today)
            topic.append(rng.choice(personas[truth[person]] if rng.random() < share else of_day[today]))
    noise = rng.standard_normal((len(author), dims)) / np.sqrt(dims)
    vectors = STRENGTH * topics[topic] + np.sqrt(1 - STRENGTH**2) * noise
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return community(np.array(author), np.array(day), vectors, authors), truth


def exchanged(made: Community, seed: int) -> Community:
    """MADE with authors exchanged within each day: the days keep their topics, no one is anybody."""
    rng = np.random.default_rng(seed)
    drawn = np.lexsort((rng.random(len(made.day)), made.day))
    return community(made.author[drawn], made.day, made.vectors, made.authors)


def gaussian(made: Community, seed: int) -> Community:
    """MADE with each author's own mean replaced by one drawn from the Gaussian of all authors' means: people differ,
    and stay what they are, but by degrees."""
    rng = np.random.default_rng(seed)
    count = np.bincount(made.author, minlength=made.authors)[:, None]
    means = np.zeros((made.authors, made.vectors.shape[1]))
    np.add.at(means, made.author, made.vectors)
    means /= count
    drawn = rng.multivariate_normal(means.mean(0), np.cov(means.T), made.authors)
    return community(made.author, made.day, made.vectors + (drawn - means)[made.author], made.authors)


def later(made: Community, truth: np.ndarray, movers: np.ndarray, times: int = 4) -> Community:
    """MADE, and after it TIMES what MOVERS wrote, each now as somebody of another persona writes."""
    give = np.arange(made.authors)
    for person in movers:
        give[person] = np.flatnonzero(truth == (truth[person] + 1) % (truth.max() + 1))[person % 7]
    parts = [(made.author, made.day, made.vectors)]
    for turn in range(times):
        for person in movers:
            own = made.author == give[person]
            day = made.day[own] + 20 * (turn + 1)
            parts.append((np.full(own.sum(), person), day, made.vectors[own]))
    author, day, vectors = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = np.argsort(day, kind="stable")
    return replace(
        made,
        author=author[order],
        day=day[order],
        channel=np.zeros(len(author), np.int64),
        behaviour=np.zeros((len(author), 0), np.float32),
        vectors=vectors[order],
        rows=np.arange(len(author)),
    )


def block_model(
    strength: float, seed: int, n: int = 1500, k: int = 4, degree: float = 40
) -> tuple[coo_matrix, np.ndarray]:
    """A stochastic block model with STRENGTH = λ²d; below 1 nothing can tell its blocks (Decelle et al. 2011)."""
    rng = np.random.default_rng(seed)
    gap = np.sqrt(strength / degree) * k * degree
    apart = (k * degree - gap) / k
    truth = rng.integers(k, size=n)
    i, j = np.triu_indices(n, 1)
    drawn = rng.random(len(i)) < np.where(truth[i] == truth[j], apart + gap, apart) / n
    rows, columns = np.r_[i[drawn], j[drawn]], np.r_[j[drawn], i[drawn]]
    return coo_matrix((np.ones(len(rows)), (rows, columns)), shape=(n, n)).tocsr(), truth


@cache
def _word(stem: str) -> np.ndarray:
    return np.random.default_rng(zlib.crc32(stem.encode())).standard_normal(384)


def spelled(texts: list[str], check: Callable[[], None] | None = None) -> np.ndarray:
    """Unit rows f32[n,384] that know words by their first letters and nothing of what they mean: for tests of what is
    done with vectors, at a twentieth of the model's time."""
    rows = np.full((len(texts), 384), 1e-9)
    for at, text in enumerate(texts):
        for word in re.findall(r"[a-z]+", text.lower()):
            rows[at] += _word(word[:5]) * min(len(word), 8)
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
