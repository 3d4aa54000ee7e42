"""Filters on graphs: Laplacians, Chebyshev polynomials of them, and attention over their eigenvectors.

Graphs are edges EI i64[2,m], each direction listed, with weights W f32[m]; matrices are torch's sparse ones in rows.
"""

from __future__ import annotations

import math
import warnings

import torch
from torch import Tensor


def sparse_rows(ei: Tensor, w: Tensor, n: int) -> Tensor:
    """The sparse matrix [n,n] with W at (EI[0], EI[1]); equal places add up."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch warns that its sparse matrices are in beta
        return torch.sparse_coo_tensor(ei, w, (n, n)).coalesce().to_sparse_csr()


def laplacian(ei: Tensor, w: Tensor, n: int) -> Tensor:
    """L = I − D^-½ A D^-½ [n,n], eigenvalues in [0, 2]; a node without edges has a 1. Loops are left out."""
    kept = ei[0] != ei[1]
    ei, w = ei[:, kept], w[kept]
    root = _inverse_root(ei[0], w, n)
    every = torch.arange(n, device=ei.device)
    entries = torch.cat([-root[ei[0]] * w * root[ei[1]], torch.ones(n, device=w.device, dtype=w.dtype)])
    return sparse_rows(torch.cat([ei, torch.stack([every, every])], 1), entries, n)


def propagation(ei: Tensor, w: Tensor, n: int) -> Tensor:
    """D^-½ (A + I) D^-½ [n,n]; nodes with a loop of their own keep its weight instead.   [Kipf & Welling 2017]"""
    every = torch.arange(n, device=ei.device)
    own = torch.ones(n, device=w.device, dtype=w.dtype)
    loops = ei[0] == ei[1]
    own[ei[0, loops]] = w[loops]
    ei = torch.cat([ei[:, ~loops], torch.stack([every, every])], 1)
    w = torch.cat([w[~loops], own])
    root = _inverse_root(ei[1], w, n)
    return sparse_rows(ei.flip(0), root[ei[0]] * w * root[ei[1]], n)


def _inverse_root(ends: Tensor, w: Tensor, n: int) -> Tensor:
    degree = torch.zeros(n, device=w.device, dtype=w.dtype).index_add_(0, ends, w)
    return torch.where(degree > 0, degree.clamp(min=1e-30).rsqrt(), 0.0)


def gcn(x: Tensor, p: Tensor, theta: Tensor) -> Tensor:
    """X [n,Ci] through one layer: P X Θ, with P from `propagation`, THETA [Ci,Co]; the narrower side is propagated."""
    return p @ (x @ theta) if theta.shape[1] <= theta.shape[0] else (p @ x) @ theta


def cheb_conv(x: Tensor, L: Tensor, theta: Tensor, lmax: float = 2.0) -> Tensor:
    """X [n,Ci] → Σ T_k(2L/lmax − I) X Θ_k [n,Co] for THETA [K,Ci,Co].   [Defferrard, Bresson & Vandergheynst 2016]

    The K signals stand side by side, so all weights are one product.
    """
    signals = [x]
    if len(theta) > 1:
        signals.append(_shifted(L, x, lmax))
    for _ in range(2, len(theta)):
        signals.append(2 * _shifted(L, signals[-1], lmax) - signals[-2])
    return torch.cat(signals, 1) @ theta.flatten(0, 1)


def _shifted(L: Tensor, x: Tensor, lmax: float) -> Tensor:
    made = L @ x
    return (made - x) if lmax == 2.0 else (2 / lmax) * made - x


def interpolated(values: Tensor) -> Tensor:
    """Chebyshev coefficients [K] of the polynomial that takes VALUES [K] at the K Chebyshev nodes of [-1, 1].

    Learning a filter's values, not its coefficients, keeps it from the wild polynomials that ChebNet overfits with.
    [He, Wei & Wen 2022, arXiv:2202.03580]
    """
    k = len(values)
    nodes = (torch.arange(k, device=values.device, dtype=values.dtype) + 0.5) * (math.pi / k)  # arccos
    waves = torch.cos(
        torch.outer(torch.arange(k, device=values.device, dtype=values.dtype), nodes)
    )  # [K,node]
    made = (2 / k) * waves @ values
    return torch.cat([made[:1] / 2, made[1:]])


def cheb_filter(x: Tensor, L: Tensor, values: Tensor, lmax: float = 2.0) -> Tensor:
    """X [n,C] through the filter with VALUES [K] at the Chebyshev nodes, from the highest frequency to the lowest."""
    coefficients = interpolated(values)
    before, now = x, _shifted(L, x, lmax)
    made = coefficients[0] * before + (coefficients[1] * now if len(values) > 1 else 0)
    for coefficient in coefficients[2:]:
        before, now = now, 2 * _shifted(L, now, lmax) - before
        made = made + coefficient * now
    return made


def eig_attention(
    U: Tensor, lam: Tensor, x: Tensor, *, temperature: float = 1.0, near: float = 1e-4
) -> Tensor:
    """X [n,C] averaged over all nodes, each by how alike the two are in eigenvectors U [n,q] with values LAM [q].

    Likeness is Σ e^(−λ) P_λ, P_λ the projection on the eigenspace of λ (values NEAR one another are one): so neither
    the sign of an eigenvector nor the basis of an eigenspace matters.   [Lim et al. 2022, arXiv:2202.13013] Rows of
    each projection are made of length one before they are compared, n² memory.
    """
    order = torch.argsort(lam)
    cuts = (torch.diff(lam[order]) > near).nonzero().ravel() + 1
    score = torch.zeros(len(x), len(x), device=x.device, dtype=x.dtype)
    for space in torch.tensor_split(order, cuts.tolist()):
        rows = U[:, space]
        rows = rows / rows.norm(dim=1, keepdim=True).clamp(min=1e-3 / len(x) ** 0.5)
        score += torch.exp(-lam[space].mean()) * (rows @ rows.T)
    return torch.softmax(score / temperature, 1) @ x
