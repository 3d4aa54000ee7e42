"""The rows most like a query: exactly up to some 250,000 of them, above that through FAISS and then exactly
again.

Every score that leaves here is the same dot product of the same row, whichever way the row was found and
wherever it lies, so exact, approximate and rebuilt indexes agree to the last bit on what they share.
`reference.py` defines it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from chorus.runtime.pools import one_thread

EXACT_UP_TO = 250_000  # rows; 384 floats each take some 25 ms to look at on two cores
BLOCK = 1 << 17  # rows between two looks at the clock
CLOSE = 1e-5  # matrix products of float32 unit rows may differ by this with a row's place
COARSE_FROM = 20_000  # rows from which looking at 8-bit numbers first is worth their memory
LARGEST = 127  # of a whole number of 8 bits
COARSE_BLOCK = 1 << 13  # rows made into them at a time
HALVES = 2  # threads that look at them; more than two gain little, as all read the same memory
COARSE_LEAD = 4096  # how many of the first by them may be looked at exactly
RECALL = 0.98  # share of the true 20 nearest that the approximate index is tuned to
OVERSAMPLE = 4  # candidates per result that are scored again


def nearest(
    rows: np.ndarray,
    query: np.ndarray,
    k: int,
    order: np.ndarray,
    *,
    among: np.ndarray | None = None,
    coarse: Coarse | None = None,
    check: Callable[[], None] = lambda: None,
) -> tuple[np.ndarray, np.ndarray]:
    """Positions i64[≤k] and cosines f32[≤k] of the K of ROWS f32[n, d] (unit) most like QUERY f32[d] (unit),
    best first.

    Equal scores go by ORDER i64[n], smaller first. AMONG, ascending positions, restricts the choice. COARSE, of
    ROWS, saves looking at most of them.
    """
    if among is None and coarse is not None:
        first = coarse.candidates(query, k)
        if first is not None:
            return rank(rows, query, first, k, order)
    if (
        among is not None and len(among) > len(rows) // 4
    ):  # a product over all costs less than gathering so many
        mask = np.ones(len(rows), dtype=bool)
        mask[among] = False
        rough = _products(rows, query, None, check)
        rough[mask] = -np.inf
        return rank(rows, query, leading(rough, min(k, len(among))), k, order)
    rough = _products(rows, query, among, check)
    lead = leading(rough, k)
    return rank(rows, query, lead if among is None else among[lead], k, order)


def rank(
    rows: np.ndarray, query: np.ndarray, candidates: np.ndarray, k: int, order: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The K best of CANDIDATES by their exact products, ties by ORDER."""
    exact = np.einsum(
        "nd,d->n", rows[candidates], query, optimize=False
    )  # no BLAS: independent of a row's place
    best = np.lexsort((order[candidates], -exact))[: max(k, 0)]
    return candidates[best], exact[best]


def _products(
    rows: np.ndarray, query: np.ndarray, among: np.ndarray | None, check: Callable[[], None]
) -> np.ndarray:
    n = len(rows) if among is None else len(among)
    result = np.empty(n, dtype=np.float32)
    with one_thread():
        for start in range(0, n, BLOCK):
            check()
            part = slice(start, start + BLOCK)
            np.dot(rows[part] if among is None else rows[among[part]], query, out=result[part])
    return result


def leading(rough: np.ndarray, k: int) -> np.ndarray:
    """Ascending positions of all that may be among the K greatest once computed exactly."""
    if k <= 0:
        return np.zeros(0, dtype=np.int64)
    if k >= len(rough):
        return np.arange(len(rough))
    bound = np.partition(rough, len(rough) - k)[len(rough) - k]
    return np.flatnonzero(rough >= bound - CLOSE)


class Coarse:
    """Rows as whole numbers of 8 bits: in a third of the time they tell all rows that may be among the nearest.

    None is lost: a product of rounded vectors differs from the true one by at most the sum of how far both were
    rounded, each times the other's length (Cauchy-Schwarz). They lie in halves, each looked at by a thread.
    """

    def __init__(self, rows: np.ndarray, check: Callable[[], None] = lambda: None) -> None:
        import faiss

        self.step = max(float(rows.max()), -float(rows.min()), CLOSE) / LARGEST
        self.apart = self.length = 0.0  # the greatest of any row
        bounds = np.linspace(0, len(rows), HALVES + 1, dtype=np.int64)
        self.starts, self.indexes = bounds[:-1], []
        for first, end in pairwise(bounds.tolist()):
            index = faiss.IndexScalarQuantizer(
                rows.shape[1], faiss.ScalarQuantizer.QT_8bit_direct_signed, faiss.METRIC_INNER_PRODUCT
            )
            for start in range(first, end, COARSE_BLOCK):
                check()
                index.add(self._rounded(rows[start : min(end, start + COARSE_BLOCK)]))
            self.indexes.append(index)

    def _rounded(self, part: np.ndarray) -> np.ndarray:
        whole = np.rint(part / self.step)
        rounded = whole * self.step
        self.apart = max(self.apart, float(np.linalg.norm(part - rounded, axis=1).max()))
        self.length = max(self.length, float(np.linalg.norm(rounded, axis=1).max()))
        return whole

    def candidates(self, query: np.ndarray, k: int) -> np.ndarray | None:
        """Ascending positions of all rows that may be among the K nearest to QUERY; None where they are too many."""
        wanted = max(COARSE_LEAD, OVERSAMPLE * k) // HALVES
        if not 0 < k <= wanted:
            return None
        step = float(np.abs(query).max()) / LARGEST
        whole = np.rint(query / step).astype(np.float32)
        parts = self._searched(whole, wanted)
        sums = np.concatenate([part for part, _ in parts])
        error = self.apart + float(np.linalg.norm(query - whole * step)) * self.length + CLOSE
        bound = float(np.partition(sums, len(sums) - k)[len(sums) - k]) - 2 * error / (step * self.step)
        if any(len(part) == wanted and part[-1] >= bound for part, _ in parts):
            return None
        found = np.concatenate([places for _, places in parts])
        return np.sort(found[sums >= bound])

    def _searched(self, query: np.ndarray, wanted: int) -> list[tuple[np.ndarray, np.ndarray]]:
        """Of each half the greatest sums, descending, and their rows: the last half here, the others beside."""
        parts: list[Any] = [None] * len(self.indexes)

        def search(at: int) -> None:
            index = self.indexes[at]
            with one_thread():
                sums, found = index.search(query[None], min(wanted, int(index.ntotal)))
            parts[at] = sums[0], found[0] + self.starts[at]

        *others, last = range(len(self.indexes))
        beside = [threading.Thread(target=search, args=(at,)) for at in others]
        for thread in beside:
            thread.start()
        search(last)
        for thread in beside:
            thread.join()
        return parts


class Approximate:
    """FAISS: an inverted file of 8-bit rows, whose candidates are scored again on the true rows.

    Jégou, Douze & Schmid, "Product Quantization for Nearest Neighbor Search", 2011, section 4 (inverted
    file).
    """

    def __init__(self, index: Any, probes: int) -> None:
        self.index = index
        self.probes = probes

    @classmethod
    def build(cls, rows: np.ndarray, check: Callable[[], None] = lambda: None, seed: int = 0) -> Approximate:
        """Train on a sample, add all ROWS, then raise the number of lists looked at until recall@20 is
        RECALL.
        """
        import faiss

        n, d = rows.shape
        lists = max(1, min(int(2 * n**0.5), n // 39))
        made = faiss.IndexIVFScalarQuantizer(
            faiss.IndexFlatIP(d), d, lists, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
        )
        rng = np.random.default_rng(seed)
        made.cp.niter = 10
        made.train(rows[np.sort(rng.choice(n, min(n, 50 * lists), replace=False))])
        for start in range(0, n, BLOCK):
            check()
            made.add(rows[start : start + BLOCK])
        built = cls(made, 1)
        built.probes = built._tuned(rows, rng, lists, check)
        return built

    @classmethod
    def load(cls, data: np.ndarray, probes: int) -> Approximate:
        """From the bytes that `dump` gave; the caller has verified them, FAISS does not."""
        import faiss

        return cls(faiss.deserialize_index(np.ascontiguousarray(data)), probes)

    def dump(self) -> np.ndarray:
        import faiss

        return faiss.serialize_index(self.index)

    @property
    def rows(self) -> int:
        return int(self.index.ntotal)

    def candidates(self, query: np.ndarray, k: int, among: np.ndarray | None = None) -> np.ndarray:
        """Ascending positions of rows likely to be the K nearest, and some more."""
        import faiss

        selector = None
        if among is not None:
            bits = np.zeros(self.rows, dtype=np.uint8)
            bits[among[among < self.rows]] = 1
            selector = faiss.IDSelectorBitmap(np.packbits(bits, bitorder="little"))  # type: ignore
        options = faiss.SearchParametersIVF(nprobe=self.probes, sel=selector)  # type: ignore[call-arg]
        wanted = min(max(k * OVERSAMPLE, 64), self.rows)
        with one_thread():
            _, found = self.index.search(query[None].astype(np.float32), wanted, params=options)
        return np.sort(found[0][found[0] >= 0])

    def _tuned(
        self, rows: np.ndarray, rng: np.random.Generator, lists: int, check: Callable[[], None]
    ) -> int:
        """The least power of two of lists that reaches RECALL on rows of the corpus, disturbed."""
        n, d = rows.shape
        order = np.arange(n)
        sample = rows[rng.choice(n, min(n, 48), replace=False)]
        queries = sample + rng.normal(scale=0.5 / d**0.5, size=sample.shape).astype(np.float32)
        queries /= np.linalg.norm(queries, axis=1, keepdims=True)
        truth = [set(nearest(rows, query, 20, order, check=check)[0].tolist()) for query in queries]
        self.probes = 8
        while self.probes < lists:
            check()
            found = [set(rank(rows, q, self.candidates(q, 20), 20, order)[0].tolist()) for q in queries]
            if sum(len(t & f) / len(t) for t, f in zip(truth, found, strict=True)) >= RECALL * len(truth):
                break
            self.probes *= 2
        return min(self.probes, lists)
