"""What a change that migrated is for: its directions, which inputs they serve, and whether taking one out shows it.

ΔW = Σ σᵢ uᵢ vᵢᵀ: direction i reads vᵢ and writes uᵢ. Each is knocked out, as in causal analyses of circuits [Meng et
al. 2022; Wang et al. 2023]; its label is the class of inputs whose loss rises most, told from one half of the inputs.
It is confirmed if in the other half the loss of that class rises, and more than that of the others, by a one-sided
permutation test over inputs, after Benjamini and Hochberg (1995) over all directions. A direction that serves nobody
must stay unconfirmed. How active a direction is on its class, |vᵢ·x| (area under the ROC curve), is told beside, but is
no evidence: a direction can be active where it does nothing. Losses should be bounded (1 − p of the right class): a
cross-entropy moves most where all is lost anyway, and then that is what labels tell of.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from chorus.kernels.lora.adapter import Delta
from chorus.kernels.lora.measures import auc, benjamini_hochberg
from chorus.kernels.lora.spectrum import spectrum

DRAWS = 999


@dataclass(frozen=True)
class Circuit:
    """One direction: its STRENGTH σ, the LABEL it serves, how much the loss of that label's inputs and of the OTHERS'
    rises without it, whether that is CONFIRMED; and the label that it is most ACTIVE on, by AUC.
    """

    reads: Tensor  # [d]
    writes: Tensor  # [o]
    strength: float
    label: int
    rise: float
    others: float
    p: float
    confirmed: bool
    active: int
    auc: float


def circuits(
    delta: Delta,
    x: Tensor,
    y: np.ndarray,
    losses: Callable[[Delta | None], np.ndarray],
    *,
    q: float = 0.05,
    seed: int = 0,
) -> list[Circuit]:
    """The directions of DELTA, strongest first, for inputs X [n, d] of labels Y i64[n].

    LOSSES(change) gives the loss f64[n] of each input under a change in DELTA's place, None for no change at all.
    """
    u, sigma, v = spectrum(delta)
    live = [i for i in range(len(sigma)) if float(sigma[i]) > 1e-9 * float(sigma[0])]
    activity = (x.double() @ v.T).abs().numpy()  # [n, k]
    labels = np.unique(y)
    whole, random = losses(delta), np.random.default_rng(seed)
    guess = random.random(len(y)) < 0.5  # the half that labels are told from
    found = []
    for i in live:
        rise = losses(without(delta, i)) - whole  # [n]
        means = [
            rise[guess & (y == label)].mean() if (guess & (y == label)).any() else -np.inf for label in labels
        ]
        label = labels[int(np.argmax(means))]
        aucs = [float(np.nan_to_num(auc(activity[:, i], y == one), nan=0.5)) for one in labels]
        held, mine = rise[~guess], y[~guess] == label
        found.append((i, int(label), held[mine], held[~mine], permuted(held, mine, random), aucs))
    kept = benjamini_hochberg(np.array([row[4] for row in found]), q)
    return [
        Circuit(
            v[i],
            u[:, i],
            float(sigma[i]),
            label,
            _mean(own),
            _mean(rest),
            p,
            bool(sure and _mean(own) > max(0.0, _mean(rest))),
            int(labels[int(np.argmax(aucs))]),
            max(aucs),
        )
        for (i, label, own, rest, p, aucs), sure in zip(found, kept, strict=True)
    ]


def _mean(rise: np.ndarray) -> float:
    return float(rise.mean()) if len(rise) else 0.0


def without(delta: Delta, i: int) -> Delta | None:
    """DELTA with its direction I knocked out; None if it was all."""
    u, sigma, v = spectrum(delta)
    kept = [j for j in range(len(sigma)) if j != i and float(sigma[j]) > 0]
    if not kept:
        return None
    return Delta(v[kept], u[:, kept] * sigma[kept]).to(delta.A.dtype)


def permuted(rise: np.ndarray, mine: np.ndarray, random: np.random.Generator) -> float:
    """P that a set as large as MINE, drawn at random, has so great a mean RISE [Fisher 1935]."""
    n = int(mine.sum())
    seen = float(rise[mine].sum())
    drawn = random.permuted(np.tile(rise, (DRAWS, 1)), axis=1)[:, :n].sum(1)
    return float((1 + (drawn >= seen - 1e-12).sum()) / (1 + DRAWS))
