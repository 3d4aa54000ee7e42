"""Kept trajectories: whether one is ever stale over a hundred thousand changes of adapters, and what they are
worth beside what was learnt: the cache only, the adapters only, both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from chorus.kernels.lora.trajectories import Cache, key

MUTATIONS = 100_000
INPUTS, ADAPTERS = 30, 4
Row = tuple[str, float, Any, bool]
Array = np.ndarray[Any, Any]


def goals(end: float, full: bool) -> Iterator[Row]:
    stale = mutations(MUTATIONS)
    joint(10 if full else 3)
    yield "stale-hits", stale, "0-of-100000-mutations", stale == 0


# Stale or not


def mutations(count: int) -> int:
    """Hits of `Cache` that are not what would be worked out now; beside it keys that leave something out, as
    controls.
    """
    ways: dict[str, Callable[[dict[str, Any]], str]] = {
        "base, levels, input, sampler": lambda at: key(at["base"], at["levels"], at["input"], at["sampler"]),
        "without the levels": lambda at: key(at["base"], [""] * 5, at["input"], at["sampler"]),
        "without the last level": lambda at: key(
            at["base"], [*at["levels"][:4], ""], at["input"], at["sampler"]
        ),
        "without the sampler": lambda at: key(at["base"], at["levels"], at["input"], {}),
        "adapters by name": lambda at: key(at["base"], at["names"], at["input"], at["sampler"]),
        "all in one string": lambda at: "".join([at["base"], *at["levels"], at["input"], str(at["sampler"])]),
    }
    print(f"{'key':30} {'hits':>8} {'stale':>8}")
    stale = {
        name: _mutate(count if at == 0 else count // 10, way) for at, (name, way) in enumerate(ways.items())
    }
    for name, (hits, wrong) in stale.items():
        print(f"{name:30} {hits:8} {wrong:8}", flush=True)
    hits, wrong = _mutate(count, None)
    print(f"{'Cache: evicted, erased, learnt':30} {hits:8} {wrong:8}", flush=True)
    print(f"  Verdict: {wrong} stale hits in {count} changes; keys that leave something out have them.")
    return wrong + stale["base, levels, input, sampler"][1]


def _mutate(count: int, way: Callable[[dict[str, Any]], str] | None) -> tuple[int, int]:
    """COUNT changes (an adapter learnt, renamed, swapped, rolled back, erased, migrated; the base or sampler changed),
    a question after each.
    """
    rng = np.random.default_rng(0)
    cache, plain = Cache(limit=1 << 20), {}
    bodies = [b"a"] * 5
    names, earlier = list("fdsac"), [list(bodies)]
    base, sampler, hits, stale = "base-0", {"seed": 0, "temperature": 1.0}, 0, 0
    for change, kind, level, at in zip(
        range(count),
        rng.integers(0, 10, count),
        rng.integers(0, 5, count),
        rng.integers(0, INPUTS, count),
        strict=True,
    ):
        if kind < 4:  # learnt: other bytes under the same name
            bodies[level] = b"a" * int(rng.integers(1, 4))
        elif kind < 6:  # rolled back
            bodies = list(earlier[rng.integers(len(earlier))])
        elif kind == 6:  # two levels change places
            other = (level + 1) % 5
            bodies[level], bodies[other] = bodies[other], bodies[level]
        elif kind == 7:
            sampler = {"seed": int(rng.integers(3)), "temperature": float(rng.choice([0.7, 1.0]))}
        elif kind == 8:
            base = f"base-{rng.integers(3)}"
        elif level:  # what was made under an adapter that is erased, and what was learnt, goes
            cache.forget(bodies[level].hex())
        else:
            cache.migrated([about for about, _, _ in cache.signals()][:3])
        if change % 50 == 0:
            earlier = [*earlier[-ADAPTERS:], list(bodies)]
        levels = [body.hex() for body in bodies]
        truth = repr((base, levels, int(at), sampler)).encode()  # stands for what the model would say
        given = f"input {at}"
        state = {"base": base, "levels": levels, "names": names, "input": given, "sampler": sampler}
        if way is None:
            kept = cache.get(base, levels, given, sampler)
            cache.put(base, levels, given, sampler, truth)
        else:
            kept = plain.get(way(state))
            plain[way(state)] = truth if kept is None else kept
        hits += kept is not None
        stale += kept is not None and kept != truth
    return hits, stale


# What it is worth


class Cost(NamedTuple):
    """Per thousand questions: calls of the slow way, of the adapter, hits; and the share of right answers."""

    slow: float
    adapter: float
    hits: float
    right: float
    seconds: float


SLOW, FAST, HIT = (
    1.0,
    0.05,
    0.001,
)  # what it costs: deliberation, a pass with the adapter, a look into the cache
SEEN, ROOM, QUESTIONS, LEARN = 400, 100, 4000, 250


def joint(seeds: int) -> None:
    """Digits are asked about, some often (Zipf), a third as noisy variants never asked before. The slow way is
    right; what it says may be kept under its key, or learnt by the adapter, in which case the entry goes.
    """
    print(f"\n{'per 1000 questions':20} {'slow':>7} {'adapter':>8} {'hits':>7} {'right':>7} {'cost':>7}")
    made = {}
    for name, cached, learns in (
        ("neither", 0, 0),
        ("cache only", 1, 0),
        ("adapters only", 0, 1),
        ("both", 1, 1),
    ):
        rows = [_ask(seed, bool(cached), bool(learns)) for seed in range(seeds)]
        made[name] = Cost(*np.mean(rows, axis=0))
        _show(name, made[name])
    best = min(("cache only", "adapters only"), key=lambda name: made[name].seconds)
    ratio = made["both"].seconds / made[best].seconds
    word = "cheaper than" if ratio < 0.98 else "as dear as" if ratio < 1.02 else "dearer than"
    print(
        f"  Verdict: both together are {word} the better of the two alone, {best} ({ratio:.2f} times its cost), at"
        f" {made['both'].right:.3f} right answers against {made[best].right:.3f}."
    )


def _show(name: str, cost: Cost) -> None:
    print(
        f"{name:20} {cost.slow:7.0f} {cost.adapter:8.0f} {cost.hits:7.0f} {cost.right:7.3f} {cost.seconds:7.0f}",
        flush=True,
    )


class Learner:
    """An adapter of one layer: ridge on what the slow way said (RLS); it answers where its lead is clear."""

    def __init__(self, size: int, sure: float = 0.45) -> None:
        self.gram, self.right, self.sure = np.eye(size), np.zeros((size, 10)), sure
        self.w = np.zeros((size, 10))

    def learn(self, x: Array, y: Array) -> None:
        self.gram += x.T @ x
        self.right += x.T @ np.eye(10)[y]
        self.w = np.linalg.solve(self.gram, self.right)

    def answer(self, x: Array) -> int | None:
        scores = x @ self.w
        second, first = np.sort(scores)[-2:]
        return int(scores.argmax()) if first - second > self.sure else None

    def digest(self) -> str:
        return hashlib.sha256(self.w.tobytes()).hexdigest()


def _ask(seed: int, cached: bool, learns: bool) -> Cost:
    from sklearn.datasets import load_digits

    rng = np.random.default_rng(seed)
    digits = load_digits()
    order = rng.permutation(len(digits.target))[:SEEN]
    x = np.concatenate([digits.data[order] / 16, np.ones((SEEN, 1))], 1)
    y = digits.target[order]
    lift = rng.standard_normal((x.shape[1], 200))
    features = np.maximum(0, x @ lift) / 10
    chance = 1 / np.arange(1, SEEN + 1)
    asked = rng.choice(SEEN, QUESTIONS, p=chance / chance.sum())
    fresh = rng.random(QUESTIONS) < 1 / 3
    cache, learner = Cache(limit=ROOM * 600, half_life=500), Learner(200)
    heard: list[tuple[Array, int]] = []
    by_hash: dict[str, int] = {}
    slow = fast = hits = right = 0
    for turn, (at, new) in enumerate(zip(asked, fresh, strict=True)):
        z = np.maximum(0, (x[at] + 0.15 * rng.standard_normal(x.shape[1]) * new) @ lift) / 10
        given = z.tobytes()
        # The slow way does not use the adapter, so its trajectories are named by the levels that it does use: none.
        kept = cache.get("base", [""] * 5, given, {"seed": 0}) if cached else None
        if kept is not None:
            hits, answer = hits + 1, int(kept)
        else:
            said = learner.answer(z) if learns and turn >= LEARN else None
            fast += learns and turn >= LEARN
            if said is None:
                slow, answer = slow + 1, int(y[at])
                heard.append((z, answer))
                if cached:
                    cache.put("base", [""] * 5, given, {"seed": 0}, str(answer).encode())
                    by_hash[hashlib.sha256(given).hexdigest()] = int(at)
            else:
                answer = said
        right += answer == y[at]
        if learns and turn % LEARN == LEARN - 1 and heard:
            learner.learn(np.stack([z for z, _ in heard]), np.array([said for _, said in heard]))
            heard = []
            if cached:  # what is asked again and again and is now known goes from the cache
                often = [name for name, _, _ in cache.signals(3) if name in by_hash]
                cache.migrated(
                    [name for name in often if learner.answer(features[by_hash[name]]) == y[by_hash[name]]]
                )
    each = 1000 / QUESTIONS
    cost = slow * SLOW + fast * FAST + (QUESTIONS if cached else 0) * HIT
    return Cost(slow * each, fast * each, hits * each, right / QUESTIONS, cost * each)
