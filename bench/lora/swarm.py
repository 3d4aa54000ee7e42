"""A swarm that learns the digits together: twenty agents, each with data of its own, send their changes of one layer.

All of a batch of worlds (seed × attack) is computed at once. An agent takes three steps on its own samples from
where the swarm stands and sends ΔW, so what is aggregated is what an adapter adds, not its factors.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

AGENTS, EACH, BATCH, STEPS, RATE, CLASSES = 20, 60, 20, 3, 0.5, 10
ROOT, HELD_OUT = 40, 600
Array = np.ndarray[Any, Any]


class World(NamedTuple):
    """X f32[worlds, n, EACH, d], Y one-hot and the same with labels 9 − y; ROOT's; what is held out."""

    x: Array
    y: Array
    wrong: Array
    root_x: Array
    root_y: Array
    test_x: Array
    test_y: Array


def worlds(seeds: list[int], iid: bool, repeats: int) -> World:
    """A world for each of SEEDS, REPEATS times."""
    made = [_world(seed, iid) for seed in seeds]
    return World(*(np.concatenate([np.stack(part)] * repeats) for part in zip(*made, strict=True)))


def _world(seed: int, iid: bool) -> tuple[Array, ...]:
    from sklearn.datasets import load_digits

    rng = np.random.default_rng(seed)
    digits = load_digits()
    order = rng.permutation(len(digits.target))
    x = np.concatenate([digits.data / 16, np.ones((len(order), 1))], 1).astype(np.float32)[order]
    y = digits.target[order]
    test, root, rest = np.split(np.arange(len(y)), [HELD_OUT, HELD_OUT + ROOT])
    mix = np.full((AGENTS, CLASSES), 0.1) if iid else rng.dirichlet(np.full(CLASSES, 0.3), AGENTS)
    chance = mix[:, y[rest]] / np.bincount(y[rest], minlength=CLASSES)[y[rest]]  # [agents, samples]
    own = np.stack([rng.choice(rest, EACH, p=row / row.sum()) for row in chance])
    hot = np.eye(CLASSES, dtype=np.float32)
    return x[own], hot[y[own]], hot[9 - y[own]], x[root], hot[y[root]], x[test], y[test]


def changes(w: Array, x: Array, y: Array, picks: Array) -> Array:
    """ΔW f32[…, n, d·classes] after steps from W f32[…, d, classes] on the samples that PICKS i[steps, BATCH] names."""
    local = np.broadcast_to(w[..., None, :, :], (*x.shape[:-2], *w.shape[-2:])).copy()
    for pick in picks:
        xs, ys = x[..., pick, :], y[..., pick, :]
        scores = np.matmul(xs, local)
        scores -= scores.max(-1, keepdims=True)
        chances = np.exp(scores)
        chances /= chances.sum(-1, keepdims=True)
        local -= RATE / BATCH * np.matmul(np.swapaxes(xs, -1, -2), chances - ys)
    return (local - w[..., None, :, :]).reshape(*x.shape[:-2], -1)


def learn(world: World, rounds: int, receive: Callable[[Array, Array, Array], Array], seed: int = 0) -> Array:
    """Accuracy f[worlds] on what is held out; RECEIVE makes the swarm's update of (honest, flipped, root)."""
    rng = np.random.default_rng(seed)
    w = np.zeros((len(world.x), world.x.shape[-1], CLASSES), np.float32)
    for _ in range(rounds):
        picks = np.stack([rng.permutation(EACH)[:BATCH] for _ in range(STEPS)])
        honest = changes(w, world.x, world.y, picks)
        flipped = changes(w, world.x, world.wrong, picks)
        root = changes(
            w,
            world.root_x[:, None],
            world.root_y[:, None],
            np.stack([rng.permutation(ROOT)[:BATCH] for _ in range(STEPS)]),
        )[:, 0]
        w = w + receive(honest, flipped, root).reshape(w.shape)
    right = np.matmul(world.test_x, w).argmax(-1) == world.test_y
    return right.mean(-1)
