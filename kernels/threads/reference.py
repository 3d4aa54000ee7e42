"""The slow versions of the kernels of threads: loops over pairs, written to be read. They are the definition."""

from __future__ import annotations

import math
from itertools import permutations

from chorus.kernels.threads.log import Log
from chorus.kernels.threads.overlaps import STOP


def pair(log: Log, i: int, j: int) -> dict[str, float]:
    """Features of the message I and another candidate J before it, by their names without `pair-`."""
    named, first = log.addressed
    mine, theirs = int(log.author[i]), int(log.author[j])
    target = lambda k: next((u for u in (int(first[k]), *named[k].nonzero()[0].tolist()) if u >= 0), -1)
    speaks = lambda k, person: log.author[k] == person and not log.system[k]
    between = range(j + 1, i)
    said_to = lambda a, b, among: [k for k in among if speaks(k, a) and named[k, b]]
    whole = range(len(log))
    partner = next((target(k) for k in range(i - 1, -1, -1) if speaks(k, mine) and target(k) >= 0), -1)
    minutes = max(0.0, log.at[i] - log.at[j]) / 60
    return {
        "distance": math.log1p(i - j),
        "order": math.log1p(sum(not log.system[k] for k in range(j + 1, i + 1))),
        "minutes": math.log1p(minutes),
        "same-author": mine == theirs,
        "own-last": mine == theirs and not any(speaks(k, mine) for k in between),
        "names-them": named[i, theirs],
        "names-me": named[j, mine],
        "begins-with-them": first[i] == theirs,
        "names-another": target(i) >= 0 and not named[i, theirs],
        "named-another": target(j) >= 0 and not named[j, mine],
        "same-target": target(i) >= 0 and target(i) == target(j),
        "i-was-silent": not any(speaks(k, mine) for k in range(j, i)),
        "they-were-silent": not any(speaks(k, theirs) for k in between),
        "their-later": math.log1p(sum(speaks(k, theirs) for k in between)),
        "named-them-before": bool(said_to(mine, theirs, range(j))),
        "named-them-between": bool(said_to(mine, theirs, between)),
        "named-them-after": bool(said_to(mine, theirs, whole[i + 1 :])),
        "was-named-before": bool(said_to(theirs, mine, range(j))),
        "was-named-between": bool(said_to(theirs, mine, between)),
        "was-named-after": bool(said_to(theirs, mine, whole[i + 1 :])),
        "my-partner": partner >= 0 and partner == theirs,
        "others-named-them": math.log1p(sum(bool(named[k, theirs]) for k in between)),
        **shared(log, i, j),
    }


def shared(log: Log, i: int, j: int) -> dict[str, float]:
    """What words the messages I and J share; a word is rare that stands in few messages of the log."""
    kept = [set(words) - STOP if not s else set() for words, s in zip(log.words, log.system, strict=True)]
    rarity = lambda word: math.log((1 + len(log)) / (1 + sum(word in words for words in kept)))
    both = kept[i] & kept[j]
    weight = lambda words: sum(map(rarity, words))
    scale = math.sqrt(max(weight(kept[i]) * weight(kept[j]), 1e-6))
    return {"shared": len(both), "shared-rarity": weight(both), "shared-cosine": weight(both) / scale}


def vi(marked: list[set[int]], made: list[set[int]]) -> float:
    """100(1 - VI/log2 n) of two partitions of n messages: VI = Σ -p log2(p/q) - p log2(p/r) over their overlaps."""
    n = sum(map(len, marked))
    total = 0.0
    for a in marked:
        for b in made:
            if a & b:
                p = len(a & b) / n
                total -= p * (math.log2(p / (len(a) / n)) + math.log2(p / (len(b) / n)))
    return 100 * (1 - total / math.log2(n))


def one_to_one(marked: list[set[int]], made: list[set[int]]) -> float:
    """The greatest share of messages in common when the conversations are paired, of all ways to pair them."""
    few, many = sorted((marked, made), key=len)
    ways = (sum(len(a & b) for a, b in zip(few, way, strict=False)) for way in permutations(many))
    return 100 * max(ways) / sum(map(len, marked))
