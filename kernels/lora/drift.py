"""Features that shifted, brought back to what the Domain's head was made of, by a low-rank change in front of it.

When a slow level moves, the sums of `ridge.py` describe features that are no more. Semantic drift compensation [Yu et
al., CVPR 2020] and its learnable form [LDC, Gomez-Villa et al., ECCV 2024] fit old features from new ones of the same
inputs; no labels are needed. Whoever moves a level has both, so pairs cost nothing. Here the map is I + B A of low
rank, in closed form: reduced-rank regression [Izenman 1975] towards the identity,

    min over rank(M) ≤ r of  |X(I + M) − Y|² + λ|M|²,   X new, Y old;   M = M̂ V_r V_rᵀ

with M̂ the ridge solution and V_r the right singular vectors of its fit. The rank is the one that held-out pairs
choose; 0, "nothing shifted", is among them.

Fitting the change from labels through the head instead (`by_labels`) is kept for comparison: with labels of half of
the classes it draws everything towards those, see docs/adapters-experiments.md.
"""

from __future__ import annotations

import torch
from torch import Tensor

from chorus.kernels.lora.adapter import Delta
from chorus.kernels.lora.merge import side_by_side
from chorus.kernels.lora.ridge import Ridge, scores

RANKS = (0, 1, 2, 4, 8, 16, 32)
STRENGTH = 1e-2  # λ beside the mean square of a feature, times the number of pairs
FOLDS = 4


def compensate(new: Tensor, old: Tensor, ranks: tuple[int, ...] = RANKS) -> tuple[Delta | None, float]:
    """(change, share of the drift that it undoes on pairs held out) for pairs NEW [n, d], OLD [n, d] of features.

    None where no rank does better than leaving things as they are.
    """
    ranks = tuple(r for r in ranks if r < new.shape[1])
    missed = torch.zeros(len(ranks), dtype=torch.float64)
    fold = torch.arange(len(new)) % FOLDS
    for f in range(FOLDS):
        inside, out = fold != f, fold == f
        for i, delta in enumerate(_by_rank(new[inside], old[inside], ranks)):
            missed[i] += (moved(new[out], delta) - old[out]).double().square().sum()
    plain = float((new - old).double().square().sum())
    best = int(missed.argmin())
    if ranks[best] == 0 or not missed[best] < plain:
        return None, 0.0
    return _by_rank(new, old, (ranks[best],))[0], 1 - float(missed[best]) / plain


def moved(x: Tensor, delta: Delta | None) -> Tensor:
    """(I + B A) of the rows of X [n, d]."""
    return x if delta is None else x + (x @ delta.A.T) @ delta.B.T


def chained(first: Delta | None, then: Delta | None) -> Delta | None:
    """The change that does FIRST and THEN, exactly: (I + T)(I + F) = I + T (I + F) + F."""
    if first is None or then is None:
        return then if first is None else first
    return side_by_side([first, Delta(then.A + (then.A @ first.B) @ first.A, then.B)])


def _by_rank(x: Tensor, y: Tensor, ranks: tuple[int, ...]) -> list[Delta | None]:
    x, wanted = x.double(), (y - x).double()
    strength = (STRENGTH * x.square().mean() * len(x)).sqrt()
    wide = torch.cat([x, strength * torch.eye(x.shape[1], dtype=x.dtype)])  # [n + d, d]
    m = torch.linalg.solve(wide.T @ wide, x.T @ wanted)  # [d, d]
    v = torch.linalg.svd(wide @ m, full_matrices=False).Vh.T  # [d, d]
    made = [Delta((m @ v[:, :r]).T, v[:, :r]) for r in ranks]
    return [delta.to(y.dtype) if delta.rank else None for delta in made]


def by_labels(
    head: Ridge, weights: Tensor, x: Tensor, y: Tensor, *, rank: int = 8, steps: int = 100, rate: float = 0.02,
    decay: float = 0.1, batch: int = 256, seed: int = 0,
) -> Delta:  # fmt: skip
    """The change of RANK in front of HEAD with which its WEIGHTS guess the classes Y of X best, by Adam in STEPS.

    B begins at 0. DECAY holds |B|² down beside the squared error of one batch.
    """
    random = torch.Generator().manual_seed(seed)
    d = x.shape[1]
    a = (torch.randn(rank, d, generator=random) / d**0.5).requires_grad_()
    b = torch.zeros(d, rank, requires_grad=True)
    truth = torch.nn.functional.one_hot(y, weights.shape[1]).to(x.dtype)
    weights = weights.to(x.dtype)
    optimizer = torch.optim.Adam([a, b], rate)
    for _ in range(steps):
        some = torch.randint(len(y), (min(batch, len(y)),), generator=random)
        optimizer.zero_grad()
        found = scores(head, weights, moved(x[some], Delta(a, b)))
        ((found - truth[some]).square().mean() + decay * b.square().sum() / len(y)).backward()
        optimizer.step()
    return Delta(a.detach(), b.detach())
