"""The singular values and vectors of a change, from its factors alone, and how many directions it really uses."""

from __future__ import annotations

import torch
from torch import Tensor

from chorus.kernels.lora.adapter import Delta


def of_spectrum(u: Tensor, s: Tensor, v: Tensor, rank: int) -> Delta:
    """The change whose first RANK singular values S and vectors U [o,·], V [·,d] these are, √S in either factor."""
    root = s[:rank].sqrt()
    return Delta(root[:, None] * v[:rank], u[:, :rank] * root)


def spectrum(delta: Delta) -> tuple[Tensor, Tensor, Tensor]:
    """(U f64[o, k], σ f64[k], V f64[k, d]) of B A, by QR of the factors: no [o, d] is formed."""
    a, b = delta.to(torch.float64)
    across, right = torch.linalg.qr(a.T)  # [d, k], [k, r]
    along, left = torch.linalg.qr(b)  # [o, m], [m, r]
    u, sigma, v = torch.linalg.svd(left @ right.T, full_matrices=False)
    return along @ u, sigma, v @ across.T


def effective_rank(sigma: Tensor) -> float:
    """exp(H) of the shares of singular values SIGMA; 0 where nothing is changed.   [Roy & Vetterli, EUSIPCO 2007]"""
    total = float(sigma.sum())
    if total <= 0:
        return 0.0
    p = sigma / total
    return float(torch.exp(torch.special.entr(p).sum()))
