"""Fitting the model of threads to logs whose links are known: a logit first, then the network, by Adam."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from chorus.kernels.threads.log import Log
from chorus.kernels.threads.model import BLOCK, Model, Window, kept, scaled
from chorus.kernels.threads.pairs import FEATURES, WINDOW, Pairs

UNITS, LAST_UNITS = 64, 32
ROUNDS, BATCH, RATE, DECAY, DROPPED = 6, 256, 5e-3, 1e-4, 0.1
FIRST_ROWS, FIRST_ROUNDS, FIRST_RATE = 4_000, 4, 0.05  # of the logit: it only has to leave the right one in
SMALLEST = 0.05  # spread

Labelled = tuple[Log, Mapping[int, Iterable[int]]]  # a log, and message → what it answers (itself: it begins)


def fit(
    labelled: list[Labelled],
    seed: int = 0,
    rounds: int = ROUNDS,
    tick: Callable[[int], Any] | None = None,
    device: str = "cpu",
) -> Model:
    """A model of the links in LABELLED, fitted on DEVICE. TICK is called with the number of messages that were gone
    through."""
    tick = tick or (lambda _: None)
    rng = np.random.default_rng(seed)
    total = sum(len(links) for _, links in labelled)
    if not total:
        raise ValueError("there is no message whose reply is known")
    mean, spread, first = _logit(_sample(labelled, min(1.0, FIRST_ROWS / total), rng), rng, device)
    parts = []
    for log, links in labelled:
        parts += [
            _window(features, there, gold, mean, spread, first)
            for features, there, gold in _blocks(log, links)
        ]
        tick(len(links))
    window = Window(*(np.concatenate([getattr(part, name) for part, _ in parts]) for name in Window._fields))
    gold = np.concatenate([gold for _, gold in parts])
    return Model(mean, spread, first, *_network(window, gold, seed, rounds, tick, device))


def _blocks(log: Log, links: Mapping[int, Iterable[int]], share: float = 1.0, rng: Any = None) -> Any:
    """(features f32[q,w,F], bool[q,w] which are there, bool[q,w] which are answered) of the messages with LINKS."""
    rows = np.array(sorted(links), np.int64)
    if share < 1.0:
        rows = rows[rng.random(len(rows)) < share]
    pairs = Pairs(log)
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK]
        gold = np.zeros((len(block), WINDOW), bool)
        for at, row in enumerate(block.tolist()):
            back = [row - answered for answered in links[row]]
            gold[at, [distance for distance in back if 0 <= distance < WINDOW]] = True
        yield (*pairs.features(block), gold)


def _sample(labelled: list[Labelled], share: float, rng: Any) -> tuple[np.ndarray, ...]:
    blocks = [block for log, links in labelled for block in _blocks(log, links, share, rng)]
    return tuple(np.concatenate(column) for column in zip(*blocks, strict=True))


def _window(
    features: Any, there: Any, gold: Any, mean: Any, spread: Any, first: Any
) -> tuple[Window, np.ndarray]:
    made = scaled(features, mean, spread)
    window = kept(made, there, made @ first)
    return window, np.take_along_axis(gold, window.back, 1)


def _logit(
    sample: tuple[np.ndarray, ...], rng: Any, device: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(mean, spread, weights) f32[F] each of a conditional logit over whole windows."""
    import torch

    features, there, gold = sample
    mean, spread = features.mean((0, 1)), features.std((0, 1)) + SMALLEST
    x = torch.from_numpy(scaled(features, mean, spread)).to(device)
    weights = torch.zeros(len(FEATURES), device=device, requires_grad=True)
    optimiser = torch.optim.Adam([weights], FIRST_RATE)
    known = np.flatnonzero(gold.any(1))
    for _ in range(FIRST_ROUNDS):
        for batch in np.array_split(rng.permutation(known), max(1, len(known) // BATCH)):
            loss = _loss(x[batch] @ weights, there[batch], gold[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return mean, spread, weights.detach().cpu().numpy()


def _loss(scores: Any, there: np.ndarray, gold: np.ndarray) -> Any:
    """Minus the logarithm of the probability of all that are answered together, of scores [q,k]; its mean."""
    import torch

    kept = scores.masked_fill(torch.from_numpy(~there).to(scores.device), float("-inf"))
    right = scores.masked_fill(torch.from_numpy(~gold).to(scores.device), float("-inf"))
    return (torch.logsumexp(kept, 1) - torch.logsumexp(right, 1)).mean()


def _network(
    window: Window, gold: np.ndarray, seed: int, rounds: int, tick: Callable[[int], Any], device: str
) -> list[np.ndarray]:
    """The parameters of the network, from `inner` to `straight` of Model."""
    import torch

    generator = torch.Generator().manual_seed(seed)
    count = len(FEATURES)
    sizes = [(count, UNITS), (UNITS,), (2 * UNITS, LAST_UNITS), (LAST_UNITS,), (LAST_UNITS,), (count,)]
    made = [
        torch.randn(size, generator=generator) / size[0] ** 0.5 if len(size) == 2 else torch.zeros(size)
        for size in sizes
    ]
    made[4] = torch.randn(LAST_UNITS, generator=generator) / LAST_UNITS**0.5
    made = [parameter.to(device).requires_grad_(True) for parameter in made]
    optimiser = torch.optim.AdamW(made, RATE, weight_decay=DECAY)
    known = torch.from_numpy(np.flatnonzero(gold.any(1)))
    steps = rounds * max(1, -(-len(known) // BATCH))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps + 1, pct_start=0.1)
    for _ in range(rounds):
        for batch in known[torch.randperm(len(known), generator=generator)].split(BATCH):
            at = batch.numpy()
            loss = _loss(_scores(made, window, at, generator), window.there[at], gold[at])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
        tick(len(known))
    return [parameter.detach().cpu().numpy() for parameter in made]


def _scores(parameters: list[Any], window: Window, at: np.ndarray, generator: Any) -> Any:
    """What `model.chances` computes before its softmax, with units dropped at random."""
    import torch

    inner, inner_bias, outer, outer_bias, last, straight = parameters
    x = torch.from_numpy(window.features[at]).to(inner.device)  # [q,k,F]
    there = torch.from_numpy(window.there[at]).to(inner.device)
    left = lambda shape: (torch.rand(shape, generator=generator) >= DROPPED).to(inner.device)
    drop = lambda h: h * left(h.shape) / (1 - DROPPED)
    inside = drop(torch.relu(x @ inner + inner_bias))  # [q,k,h]
    most = inside.masked_fill(~there[..., None], 0).amax(1, keepdim=True)
    outside = drop(torch.relu(torch.cat([inside, most - inside], -1) @ outer + outer_bias))
    return outside @ last + x @ straight
