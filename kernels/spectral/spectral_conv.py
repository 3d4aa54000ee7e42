"""Spectral convolutions: every low frequency of a signal has a matrix of its own from channels to channels.

y = F⁻¹(W_κ · (F x)_κ) for |κ| < m. As only few frequencies are wanted, the transforms are products with matrices and no
FFT; nothing here is complex for autograd.   [Li et al. 2021, arXiv:2010.08895; truncation as in arXiv:2504.11681]
"""

from __future__ import annotations

import torch
from torch import Tensor

from chorus.kernels.spectral.fourier import analysis, both_signs, check_modes, synthesis


def spectral_conv1d(x: Tensor, weight: Tensor, n_out: int | None = None) -> Tensor:
    """X [B,Ci,N] under WEIGHT [Ci,Co,m,2] (real, imaginary): [B,Co,n_out], at N points unless told otherwise.

    The same function at another resolution gives the same function: coefficients are means, not sums.
    """
    b, ci, n = x.shape
    co, modes = weight.shape[1:3]
    size = n if n_out is None else n_out
    check_modes(modes, n, size)
    low = x.reshape(b * ci, n) @ analysis(n, modes, x.device, x.dtype)  # [B·Ci,2m]
    mixed = _mix(low.reshape(b, ci, 2, modes).permute(3, 0, 2, 1), weight.permute(2, 3, 0, 1))  # [m,B,2,Co]
    back = mixed.permute(1, 3, 2, 0).reshape(b * co, 2 * modes)
    return (back @ synthesis(size, modes, x.device, x.dtype)).reshape(b, co, size)


def spectral_conv2d(
    x: Tensor, positive: Tensor, negative: Tensor, size: tuple[int, int] | None = None
) -> Tensor:
    """X [B,Ci,H,W] under POSITIVE and NEGATIVE [Ci,Co,m1,m2,2]: [B,Co,*SIZE].

    Frequencies are 0 … m1-1 (POSITIVE) and -m1 … -1 (NEGATIVE) along H, 0 … m2-1 along W, where a real signal's
    negative ones follow. Both signs along H are needed: waves that run down are not those that run up.
    """
    b, ci, height, width = x.shape
    co, m1, m2 = positive.shape[1:4]
    high, wide = size or (height, width)
    check_modes(m1 + 1, height, high)
    check_modes(m2, width, wide)
    along = x.reshape(b * ci * height, width) @ analysis(width, m2, x.device, x.dtype)  # [B·Ci·H,2·m2]
    cos, sin = both_signs(height, m1, x.device, x.dtype)  # [2·m1,H]
    seen = torch.cat([cos, sin]) @ along.reshape(b * ci, height, 2 * m2) / height  # [B·Ci,2·2m1,2·m2]
    seen = seen.reshape(b, ci, 2, 2 * m1, 2, m2)
    real = seen[:, :, 0, :, 0] + seen[:, :, 1, :, 1]  # of (cos - i·sin)(real + i·imaginary): [B,Ci,2m1,m2]
    imaginary = seen[:, :, 0, :, 1] - seen[:, :, 1, :, 0]
    low = torch.stack([real, imaginary]).flatten(3)  # [2,B,Ci,k], k = 2·m1·m2
    weight = torch.cat([positive, negative], 2).flatten(2, 3)  # [Ci,Co,k,2]
    mixed = _mix(low.permute(3, 1, 0, 2), weight.permute(2, 3, 0, 1))  # [k,B,2,Co]
    real, imaginary = mixed.permute(2, 1, 3, 0).reshape(2, b * co, 2 * m1, m2)
    cos, sin = both_signs(high, m1, x.device, x.dtype)
    across = torch.cat([cos, sin]).T @ torch.cat(  # (cos + i·sin)(real + i·imaginary)
        [torch.cat([real, imaginary], 2), torch.cat([-imaginary, real], 2)], 1
    )  # [B·Co,H',2·m2]
    return (across @ synthesis(wide, m2, x.device, x.dtype)).reshape(b, co, high, wide)


def _mix(x: Tensor, weight: Tensor) -> Tensor:
    """The complex product, frequency by frequency: X [k,B,2,Ci] with WEIGHT [k,2,Ci,Co] → [k,B,2,Co].

    One product of real matrices of twice the size: (a + bi)(c + di) are the rows (a b) times ((c d) (-d c)).
    """
    k, b, _, ci = x.shape
    co = weight.shape[3]
    real, imaginary = weight.contiguous().unbind(1)  # [k,Ci,Co]
    whole = torch.cat([torch.cat([real, imaginary], 2), torch.cat([-imaginary, real], 2)], 1)  # [k,2Ci,2Co]
    return torch.bmm(x.reshape(k, b, 2 * ci), whole).reshape(k, b, 2, co)
