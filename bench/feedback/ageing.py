"""How ratings should grow old: adapted against constant rates, and which thousand of a long log to keep.

python bench/feedback/ageing.py     no workspace, no session: the kernels on planted streams, seeds 0-19
"""

from __future__ import annotations

import numpy as np

from chorus.kernels.bandit import buffers, design, drifting, linear
from chorus.runtime.pools import one_thread

SIZES, TASTE, NOISE, SEEDS = (4, 3, 2, 5), 0.15, 0.2, 20
KEEP, LOG = 1000, 4000


def stream(seed: int, rates: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(x f64[n, p], y f64[n], θ at the end): of the taste RATES[i] remain after rating i, what is new is drawn."""
    random = np.random.default_rng(seed)
    n = len(rates)
    x = design.design(np.stack([random.integers(k, size=n) for k in SIZES], axis=1), SIZES)
    theta, y = random.normal(0, TASTE, x.shape[1]), np.zeros(n)
    for at, rate in enumerate(rates):
        y[at] = x[at] @ theta + random.normal(0, NOISE)
        theta = rate * theta + np.sqrt(1 - rate**2) * random.normal(0, TASTE, x.shape[1])
    return x, y, theta


def ageing(name: str, rates: np.ndarray) -> None:
    """Mean log density of a rating before it came, under each constant rate and under the adapted one."""
    rows = []
    for seed in range(SEEDS):
        x, y, _ = stream(seed, rates)
        prior = drifting.Prior(np.zeros(x.shape[1]), np.full(x.shape[1], TASTE**2), NOISE**2)
        scores = drifting.foresights(x, y, np.ones(len(y)), prior)
        _, gain, _ = drifting.adapted(scores)
        rows.append([*scores.mean(0), scores.mean(0)[0] + gain])
    table = np.array(rows)
    shown = " ".join(f"{r:g}: {m:+.3f}" for r, m in zip(drifting.RATES, table.mean(0), strict=False))
    ahead = table[:, -1] - table[:, :-1].max(1)
    print(f"{name:22} constant {shown} | adapted {table[:, -1].mean():+.3f}, beside the best constant "
          f"{ahead.mean():+.4f} ± {1.96 * ahead.std() / np.sqrt(SEEDS):.4f}")  # fmt: skip


def keeping(name: str, rate: float) -> None:
    """How far effects told from KEEP of LOG ratings lie from the truth at the end (root mean square)."""
    far = {"latest": [], "sample": []}
    for seed in range(SEEDS):
        x, y, theta = stream(seed, np.full(LOG, rate))
        for how, keep in (("latest", buffers.fifo), ("sample", buffers.reservoir)):
            at = keep(range(LOG), KEEP)
            p = x.shape[1]
            told, _ = linear.posterior(
                x[at], y[at], np.ones(KEEP), np.zeros(p), np.full(p, TASTE**2), NOISE**2
            )
            far[how].append(np.sqrt(((told - theta) ** 2).mean()))
    print(f"{name:22} " + ", ".join(f"{how} {np.mean(each):.4f}" for how, each in far.items()))


if __name__ == "__main__":
    with one_thread():
        ageing("tastes stand still", np.full(300, 1.0))
        ageing("tastes drift", np.full(300, 0.97))
        ageing("drift from the middle", np.r_[np.full(150, 1.0), np.full(150, 0.93)])
        keeping("tastes stand still", 1.0)
        keeping("tastes drift", 0.999)
