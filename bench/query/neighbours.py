"""Ways to the nearest vectors and to the best words, beside one another: time, share found, memory and building.

usage: python bench/query/neighbours.py [ROWS …]     (default 20000 100000; some five minutes)

Rows are sentences' vectors, disturbed, as in inquiry.py; queries are other disturbances of them. `share` is how many of
the exact 20 nearest are found. HNSW's width of search is raised until that is .98, as our IVF's is. Words: the same
texts and questions for our postings and for bm25s, whose scores agree (a test holds them together).
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from typing import Any

import bm25s
import faiss
import numpy as np
from inquiry import ASKED, NOISE, SAID, THINGS

from chorus.runtime.embed.embedder import Embedder
from chorus.runtime.index.nearest import RECALL, Approximate, Coarse, nearest, rank
from chorus.runtime.index.postings import K1, B, Postings
from chorus.runtime.index.tokens import query_words, words
from chorus.runtime.pools import one_thread

K = 20
QUERIES = 40
LINKS = 32  # of a row in HNSW
WIDTH = 200  # of HNSW's search while it is built
Found = Callable[[np.ndarray], np.ndarray]


def main(sizes: list[int]) -> None:
    faiss.omp_set_num_threads(1)
    sentences = [said.format(thing) for thing in THINGS.split(",") for said in SAID]
    centres = Embedder().encode(sentences)
    print(f"{'rows':>9}  {'way':24} {'ms a query':>10} {'share':>6} {'bytes a row':>11} {'built in s':>10}")
    for count in sizes:
        vectors(count, centres)
        texts(count, sentences)


def vectors(count: int, centres: np.ndarray) -> None:
    rng = np.random.default_rng(7)
    rows, queries = disturbed(centres, count, rng), disturbed(centres, QUERIES, rng)
    order, width = np.arange(count), rows.shape[1]
    exact: Found = lambda q: nearest(rows, q, K, order)[0]
    truth = [set(exact(query).tolist()) for query in queries]

    def row(name: str, built: tuple[Found, float], each: int) -> None:
        find, seconds = built
        took, share = measured(find, queries, truth)
        print(f"{count:9,}  {name:24} {took:10.2f} {share:6.3f} {each:11} {seconds:10.1f}", flush=True)

    row("exact", (exact, 0.0), 4 * width)
    row("exact, 8 bits first", eight_bits(rows, order), 5 * width)
    row("IVF, 8 bits", inverted(rows, order), 5 * width)
    row("HNSW", graph(rows, queries, truth), 4 * width + 8 * LINKS)


def eight_bits(rows: np.ndarray, order: np.ndarray) -> tuple[Found, float]:
    begun = time.perf_counter()
    coarse = Coarse(rows)
    return lambda q: nearest(rows, q, K, order, coarse=coarse)[0], time.perf_counter() - begun


def inverted(rows: np.ndarray, order: np.ndarray) -> tuple[Found, float]:
    begun = time.perf_counter()
    made = Approximate.build(rows)
    return lambda q: rank(rows, q, made.candidates(q, K), K, order)[0], time.perf_counter() - begun


def graph(rows: np.ndarray, queries: np.ndarray, truth: list[set[int]]) -> tuple[Found, float]:
    begun = time.perf_counter()
    made = faiss.IndexHNSWFlat(rows.shape[1], LINKS, faiss.METRIC_INNER_PRODUCT)
    made.hnsw.efConstruction = WIDTH
    made.add(rows)
    seconds = time.perf_counter() - begun
    find: Found = lambda q: made.search(q[None], K)[1][0]
    made.hnsw.efSearch = K
    while measured(find, queries, truth)[1] < RECALL and made.hnsw.efSearch < len(rows):
        made.hnsw.efSearch *= 2
    return find, seconds


def disturbed(centres: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    made = centres[rng.integers(0, len(centres), count)].astype(np.float32)
    for start in range(0, count, 10_000):
        part = made[start : start + 10_000]
        part += NOISE / part.shape[1] ** 0.5 * rng.normal(size=part.shape)
        part /= np.linalg.norm(part, axis=1, keepdims=True)
    return made


def measured(find: Found, queries: np.ndarray, truth: list[set[int]]) -> tuple[float, float]:
    """(median milliseconds, share of TRUTH found)"""
    took, share = [], 0.0
    with one_thread():
        for query, right in zip(queries, truth, strict=True):
            begun = time.perf_counter()
            found = find(query)
            took.append(1000 * (time.perf_counter() - begun))
            share += len(right & set(found.tolist())) / len(right)
    return float(np.median(took)), share / len(truth)


def texts(count: int, sentences: list[str]) -> None:
    dice = random.Random(7)
    split = [words(f"{dice.choice(sentences)} {dice.randrange(count)}") for _ in range(count)]
    asked = [query_words(form.format(thing)) for thing in THINGS.split(",") for form in ASKED]
    begun = time.perf_counter()
    ours = Postings.empty().updated(np.zeros(0, np.int64), split)
    seconds = time.perf_counter() - begun

    def line(name: str, best: Callable[[list[str]], Any], seconds: float) -> None:
        took = []
        for question in asked:
            begun = time.perf_counter()
            best(question)
            took.append(1000 * (time.perf_counter() - begun))
        print(
            f"{count:9,}  {name:24} {np.median(took):10.2f} {'':6} {'':11} {seconds:10.1f}",
            flush=True,
        )

    line("words: our postings", lambda q: top(ours.scores(q)), seconds)
    begun = time.perf_counter()
    theirs = bm25s.BM25(method="lucene", k1=K1, b=B)
    theirs.index(split, show_progress=False)
    seconds = time.perf_counter() - begun
    line("words: bm25s", lambda q: top(theirs.get_scores(q)), seconds)


def top(scores: np.ndarray) -> np.ndarray:
    return np.argpartition(-scores, K)[:K]


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [20_000, 100_000])
