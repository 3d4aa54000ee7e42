"""Adapters of one linear map fitted to pairs: what a map should have given, or which vectors belong together.

`reduced_rank` has a closed form: the change of rank r with the least squared error.   [Izenman 1975]
`drawn_together` turns queries towards what they belong to, and away from what others do: InfoNCE over a low-rank change
of the queries alone, so that what they are held against need not be made again.   [van den Oord et al. 2018]
Either is judged on pairs that it has not seen, and says with an interval what it gained on them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from chorus.runtime.errors import EvalError

FEWEST = 20  # pairs
FOLDS = 5
DRAWS = 2_000  # of the bootstrap
TEMPERATURE = 0.05
RATE = 1e-3
DECAY = 1e-3
BATCH = 128
PASSES = 60
PATIENCE = 4  # passes without gain on the pairs set aside for stopping


class Fit(NamedTuple):
    """A [r,d] and B [o,r], and how pairs that it had not seen fared: BEFORE, AFTER, the GAIN with its 95 % interval."""

    a: np.ndarray
    b: np.ndarray
    measure: str
    before: float
    after: float
    gain: tuple[float, float, float]
    held_out: int

    @property
    def accepted(self) -> bool:
        """Whether the gain is more than luck."""
        return self.gain[1] > 0


def refuse_too_few(count: int, caller: str) -> None:
    if count < FEWEST:
        raise EvalError(
            f"{caller}: only {count} pairs; {FEWEST} or more are needed",
            code="too-little",
            hint="a fifth is held out each time to tell learning from luck: give more pairs",
        )


def interval(differences: np.ndarray, seed: int) -> tuple[float, float, float]:
    """The mean of DIFFERENCES [n] and its 95 % interval, by pairs drawn again."""
    draw = np.random.default_rng(seed)
    n = len(differences)
    means = np.array([differences[draw.integers(0, n, n)].mean() for _ in range(DRAWS)])
    low, high = np.quantile(means, (0.025, 0.975))
    return float(differences.mean()), float(low), float(high)


def folds_of(groups: np.ndarray, seed: int) -> np.ndarray:
    """A fold for each of GROUPS [n]; what is of one group is in one fold."""
    names, at = np.unique(groups, return_inverse=True)
    return np.random.default_rng(seed).permutation(len(names))[at] % FOLDS


# — a linear map —


def reduced_rank(
    x: np.ndarray, y: np.ndarray, w: np.ndarray, rank: int, ridge: float = 1e-3
) -> tuple[np.ndarray, np.ndarray]:
    """A [r,d], B [o,r] for which (W + B·A)·x comes nearest to y over the rows of X [n,d], Y [n,o]."""
    residual = y - x @ w.T  # [n,o]
    gram = x.T @ x  # [d,d]
    gram += (ridge * np.trace(gram) / len(gram) or ridge) * np.eye(len(gram))  # of nothing but zeros, too
    full = np.linalg.solve(gram, x.T @ residual)  # [d,o]
    _, _, right = np.linalg.svd(np.linalg.cholesky(gram).T @ full, full_matrices=False)
    b = right[:rank].T  # [o,r]: the directions of most of what the full change explains
    return (full @ b).T, b


def fit_map(x: np.ndarray, y: np.ndarray, w: np.ndarray, rank: int, seed: int) -> Fit:
    """The change of W for pairs X, Y; judged by five folds, each predicted by the others."""
    fold = np.random.default_rng(seed).permutation(len(x)) % FOLDS
    before, after = np.empty(len(x)), np.empty(len(x))
    for held in range(FOLDS):
        test = fold == held
        a, b = reduced_rank(x[~test], y[~test], w, rank)
        before[test] = ((y[test] - x[test] @ w.T) ** 2).mean(1)
        after[test] = ((y[test] - x[test] @ (w + b @ a).T) ** 2).mean(1)
    spread = float(((y - y.mean(0)) ** 2).mean()) or 1.0
    a, b = reduced_rank(x, y, w, rank)
    return Fit(
        a,
        b,
        "explained",
        1 - float(before.mean()) / spread,
        1 - float(after.mean()) / spread,
        interval((before - after) / spread, seed),
        len(x),
    )


# — vectors that belong together —


def fit_vectors(
    q: np.ndarray,
    t: np.ndarray,
    asked: np.ndarray,
    own: np.ndarray,
    rank: int,
    seed: int,
    tick: Callable[[], None] = lambda: None,
) -> Fit:
    """The change of queries Q [n,d] that brings each nearer to its target, T[OWN] of T [m,d], than to others.

    A fifth is held out, on which it is judged by the reciprocal rank of the target. Where targets recur (categories,
    articles) they are known and what is ASKED [n] is new; where they do not, both are.
    """
    recurring = 2 * len(t) < len(q)
    fold = folds_of(asked if recurring else own, seed)
    test, stop = fold == 0, fold == 1
    a, b = drawn_together(q, t, own, ~(test | stop), stop, recurring, rank, seed, tick)
    sought = np.arange(len(t)) if recurring else np.unique(own[test])
    before, after = (
        reciprocal_ranks(each, t, own[test], sought) for each in (q[test], changed(q[test], a, b))
    )
    return Fit(
        a,
        b,
        "reciprocal-rank",
        float(before.mean()),
        float(after.mean()),
        interval(after - before, seed),
        int(test.sum()),
    )


def changed(q: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The rows of Q by way of the change, of length one again."""
    made = q + q @ a.T @ b.T
    return made / np.maximum(np.linalg.norm(made, axis=1, keepdims=True), 1e-12)


def reciprocal_ranks(q: np.ndarray, t: np.ndarray, own: np.ndarray, sought: np.ndarray) -> np.ndarray:
    """1/rank of each query's target, T[OWN], among those of T that are SOUGHT."""
    scores = q @ t[sought].T  # [n,k]
    mine = (q * t[own]).sum(1)
    others = sought[None, :] != own[:, None]
    return 1.0 / (1 + ((scores >= mine[:, None]) & others).sum(1))


def drawn_together(
    q: np.ndarray,
    t: np.ndarray,
    own: np.ndarray,
    train: np.ndarray,
    stop: np.ndarray,
    recurring: bool,
    rank: int,
    seed: int,
    tick: Callable[[], None],
) -> tuple[np.ndarray, np.ndarray]:
    """A, B learnt on the pairs TRAIN, as they were where the pairs STOP fared best."""
    import torch

    draw = torch.Generator().manual_seed(seed)
    d = q.shape[1]
    queries, targets = (torch.as_tensor(each, dtype=torch.float32) for each in (q[train], t[own[train]]))
    kinds = torch.as_tensor(own[train])
    sought = np.arange(len(t)) if recurring else np.unique(own[stop])

    def fares() -> float:
        made = changed(q[stop], a.detach().numpy(), b.detach().numpy())
        return float(reciprocal_ranks(made, t, own[stop], sought).mean())

    a = ((2 * torch.rand(rank, d, generator=draw) - 1) / d**0.5).requires_grad_()
    b = torch.zeros(d, rank, requires_grad=True)
    optimizer = torch.optim.AdamW([a, b], lr=RATE, weight_decay=DECAY)
    best, kept, waited = fares(), (a.detach().clone(), b.detach().clone()), 0
    for _ in range(PASSES):
        for rows in torch.randperm(len(queries), generator=draw).split(BATCH):
            if len(rows) < 2:
                continue
            loss = _info_nce(queries[rows], targets[rows], kinds[rows], a, b)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        tick()
        now = fares()
        if now > best:
            best, kept, waited = now, (a.detach().clone(), b.detach().clone()), 0
        elif (waited := waited + 1) == PATIENCE:
            break
    return kept[0].numpy(), kept[1].numpy()


def _info_nce(q: Any, t: Any, kinds: Any, a: Any, b: Any) -> Any:
    """What is lost where a query's own target is not the nearest; others of its group count for neither side."""
    import torch

    made = torch.nn.functional.normalize(q + q @ a.T @ b.T, dim=1)
    scores = made @ t.T / TEMPERATURE  # [m,m]
    same = (kinds[:, None] == kinds[None, :]) & ~torch.eye(len(q), dtype=torch.bool)
    return torch.nn.functional.cross_entropy(scores.masked_fill(same, -1e9), torch.arange(len(q)))
