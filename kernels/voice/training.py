"""Training on rows of tokens: AdamW, a short warm-up and a cosine, batches under a token budget.

Loshchilov & Hutter, "Decoupled Weight Decay Regularization", 2019. The same seed, rows and number of threads give the
same weights; TICK is called after every batch and may raise, so training shows its progress and can be stopped.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from chorus.kernels.voice.lines import Row, batches, count_batches

if TYPE_CHECKING:
    import torch

Tick = Callable[[], object]
IGNORED = -100  # the target of a token that is not learnt
CLIP = 1.0
WARM_UP = 0.05
LEAST_RATE = 0.1  # of the highest, at the end


@dataclass(frozen=True)
class Plan:
    """How long and how fast to train."""

    passes: int = 6
    rate: float = 3e-3
    budget: int = 1024  # padded tokens in a batch
    decay: float = 0.1
    seed: int = 0


BASE = Plan()
ADAPTER = Plan(passes=4, rate=4e-3, decay=0.0)


def steps_of(rows: Sequence[Row], plan: Plan) -> int:
    return plan.passes * count_batches(rows, plan.budget)


def fit(
    model: torch.nn.Module,
    rows: Sequence[Row],
    parameters: Iterable[torch.Tensor],
    plan: Plan,
    tick: Tick = lambda: None,
    around: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> list[float]:
    """Train PARAMETERS of MODEL on ROWS, each step within AROUND; the mean loss of each pass."""
    import torch

    learnt = list(parameters)
    decayed = [{"params": [p for p in learnt if p.ndim > 1], "weight_decay": plan.decay}]
    plain = [{"params": [p for p in learnt if p.ndim < 2], "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(decayed + plain, lr=plan.rate, betas=(0.9, 0.98))
    random = np.random.default_rng(plan.seed)
    total, step, losses = steps_of(rows, plan), 0, []
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(plan.seed)
        model.train()
        try:
            for _ in range(plan.passes):
                seen = []
                for batch in batches(rows, plan.budget, random):
                    for group in optimiser.param_groups:
                        group["lr"] = plan.rate * pace(step, total)
                    with around():
                        seen.append(_step(model, [rows[at] for at in batch], learnt, optimiser))
                    step += 1
                    tick()
                losses.append(float(np.mean(seen)))
        finally:
            model.eval()
    return losses


def _step(model: torch.nn.Module, rows: list[Row], learnt: list, optimiser: torch.optim.Optimizer) -> float:
    import torch
    import torch.nn.functional as F

    ids, targets = padded(rows)  # [n, t] each
    logits = model(input_ids=ids).logits  # [n, t, V]
    loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), targets[:, 1:].flatten(), ignore_index=IGNORED)
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(learnt, CLIP)
    optimiser.step()
    return float(loss.detach())


def padded(rows: Sequence[Row]) -> tuple[torch.Tensor, torch.Tensor]:
    """ROWS as token ids [n, t] and as targets [n, t], IGNORED where nothing is to be learnt.

    They are padded behind, where a causal model never looks from before: no mask is needed.
    """
    import torch

    width = max(len(row.ids) for row in rows)
    ids = torch.zeros(len(rows), width, dtype=torch.long)
    targets = torch.full((len(rows), width), IGNORED)
    for at, row in enumerate(rows):
        filled = torch.tensor(row.ids)
        ids[at, : len(row.ids)] = filled
        targets[at, row.start : len(row.ids)] = filled[row.start :]
    return ids, targets


def pace(step: int, total: int) -> float:
    """The rate at STEP of TOTAL as a share of the highest."""
    warm = max(1, round(WARM_UP * total))
    if step < warm:
        return (step + 1) / warm
    done = (step - warm) / max(1, total - warm)
    return LEAST_RATE + (1 - LEAST_RATE) * (1 + math.cos(math.pi * done)) / 2
