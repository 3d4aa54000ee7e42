"""Signals at another number of points, by their Fourier series."""

from __future__ import annotations

import torch
from torch import Tensor


def fourier_resample(x: Tensor, size: int) -> Tensor:
    """The periodic signal X [..., N] at SIZE points of the same period.

    All frequencies below both Nyquist frequencies are kept as they are. The rule for the lower of the two, if that
    many points are even: it is a cosine. On the way up its coefficient, in which +N/2 and -N/2 lie together, is parted
    in halves; on the way down the two of the longer signal are put together. So up and down again is the identity.
    """
    n = x.shape[-1]
    if min(n, size) < 1:
        raise ValueError(f"a signal has at least one point, not {min(n, size)}")
    low = min(n, size)
    kept = torch.fft.rfft(x, norm="forward")[..., : low // 2 + 1]  # coefficients are means: they do not scale
    if low % 2 == 0 and n != size:
        edge = kept[..., -1:].real * (0.5 if size > n else 2.0)
        kept = torch.cat([kept[..., :-1], torch.complex(edge, torch.zeros_like(edge))], -1)
    return torch.fft.irfft(kept, n=size, norm="forward")
