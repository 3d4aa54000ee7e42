"""What words a message shares with those before it, a rare word weighing more than a common one."""

from __future__ import annotations

from collections import Counter

import numpy as np
from scipy import sparse

from chorus.kernels.threads.log import Log

STOP = frozenset(
    "a an the and or of to in on for it is i you that this with my me be do have not but if so what how can are was at"
    " as just or your there any".split()
)


class Words:
    """The words of LOG as sparse rows: which there are, and how rare each is in the log."""

    def __init__(self, log: Log) -> None:
        self.log = log
        kept = [
            sorted(set(words) - STOP) if not s else [] for words, s in zip(log.words, log.system, strict=True)
        ]
        counts = Counter(word for words in kept for word in words)
        number = {word: at for at, word in enumerate(counts)}
        columns = [number[word] for words in kept for word in words]
        ends = np.cumsum([0, *map(len, kept)])
        n, v = len(kept), max(1, len(number))
        self.there = sparse.csr_matrix((np.ones(len(columns), np.float32), columns, ends), (n, v))  # [n,v]
        rarity = np.log((1 + n) / (1 + np.array(list(counts.values()) or [0], np.float32)))  # [v]
        self.heavy = self.there @ sparse.diags(
            np.sqrt(rarity)
        )  # a product of two rows sums the rarity of what they share
        self.weight = np.asarray(self.there @ rarity).ravel()  # [n]
        self.size = np.diff(ends)  # [n]

    def overlaps(
        self, i: np.ndarray, j: np.ndarray, live: np.ndarray, theirs: np.ndarray
    ) -> dict[str, np.ndarray]:
        """Features f[q,w] of the messages I i64[q] with the candidates J i64[q,w] by the persons THEIRS."""
        low, high = int(j.min()), int(i.max()) + 1
        at = np.arange(len(i))[:, None]
        both = lambda rows: (rows[i] @ rows[low:high].T).toarray()[at, j - low] * live
        shared, rarity = both(self.there), both(self.heavy)
        rarity[:, 0] = shared[:, 0] = 0
        least = lambda size, k: np.maximum(size[k], 1)
        cosine = rarity / np.sqrt(np.maximum(self.weight[i][:, None] * self.weight[j], 1e-6))
        best = rarity.max(1, keepdims=True)
        people = int(theirs.max()) + 1
        of_person = lambda values: np.bincount(
            (at * people + theirs).ravel(), values.ravel(), len(i) * people
        )[at * people + theirs]
        whole = of_person(rarity)
        return {
            "shared": shared,
            "shared-of-mine": shared / least(self.size, i)[:, None],
            "shared-of-theirs": shared / least(self.size, j),
            "shared-rarity": rarity,
            "shared-cosine": cosine,
            "shared-is-most": (rarity >= best) & (best > 0),
            "shared-below-most": best - rarity,
            "shared-with-person": whole,
            "shared-with-person-mean": whole / np.maximum(of_person(live.astype(float)), 1),
        }
