"""Dynamic time warping of many pairs of series at once, within a band around the diagonal."""

from __future__ import annotations

import numpy as np

NEAR = 160_000  # bytes of an antidiagonal that stay near the processor; more pairs go through in parts


def dtw_batch(a: np.ndarray, b: np.ndarray, band: int | None = None, *, device: str = "cpu") -> np.ndarray:
    """The warped distances f[P] of pairs A[p], B[p] in f[P,T]: the root of the least sum of squared differences along
    a path that strays at most BAND points from the diagonal (all of T unless given).   [Sakoe & Chiba 1978]

    The cells of an antidiagonal do not need one another: each is one step for all of them and all pairs. Series in
    single precision stay in it.
    """
    if a.shape != b.shape or a.ndim != 2 or not a.size:
        raise ValueError(f"pairs of series of one length are needed, not {a.shape} and {b.shape}")
    wide = a.shape[1] - 1 if band is None else min(band, a.shape[1] - 1)
    if wide < 0:
        raise ValueError("a band is 0 or more points wide")
    if device != "cpu":
        return _on_device(a, b, wide, device)
    kind = np.float32 if a.dtype == b.dtype == np.float32 else np.float64
    step = max(64, NEAR // (np.dtype(kind).itemsize * (wide + 1)))
    parts = [
        _warped(a[at : at + step].astype(kind), b[at : at + step].astype(kind), wide)
        for at in range(0, len(a), step)
    ]
    return np.sqrt(np.concatenate(parts))


def _warped(a: np.ndarray, b: np.ndarray, band: int) -> np.ndarray:
    """Least sums of squares [P]. A row of work is a cell's i; pairs lie side by side, where a machine is fast."""
    a = np.ascontiguousarray(a.T)  # [T,P]
    turned = np.ascontiguousarray(b.T[::-1])  # [T,P], last point first
    t, pairs = a.shape
    # Two antidiagonals back, one, and this; the cell of row i stands at i + 1.
    before, last, now = (np.full((t + 1, pairs), np.inf, a.dtype) for _ in range(3))
    before[0] = 0.0  # what comes before the first cell
    cell = np.empty((t, pairs), a.dtype)
    for d in range(2 * t - 1):
        low, high = _ends(d, t, band)
        back = t - 1 - d  # b[d − i] stands at back + i
        gap = np.subtract(a[low:high], turned[back + low : back + high], out=cell[low:high])
        gap *= gap
        best = np.minimum(last[low:high], last[low + 1 : high + 1], out=now[low + 1 : high + 1])
        np.minimum(best, before[low:high], out=best)
        best += gap
        now[low], now[high + 1 :][:1] = np.inf, np.inf
        before, last, now = last, now, before
    return last[t].copy()


def _ends(d: int, t: int, band: int) -> tuple[int, int]:
    """The cells (i, d − i) of antidiagonal D with |i − (d − i)| ≤ BAND: from low to before high."""
    return max(0, d - t + 1, (d - band + 1) // 2), min(t - 1, d, (d + band) // 2) + 1


def _on_device(a: np.ndarray, b: np.ndarray, band: int, device: str) -> np.ndarray:
    """As `_warped`, of torch's tensors on DEVICE."""
    import torch

    one = torch.from_numpy(np.asarray(a, np.float64).T.copy()).to(device)
    turned = torch.from_numpy(np.asarray(b, np.float64).T[::-1].copy()).to(device)
    t, pairs = one.shape
    nothing = torch.full((t + 2, pairs), torch.inf, device=device, dtype=torch.float64)
    before, last = nothing.clone(), nothing
    before[0] = 0.0
    for d in range(2 * t - 1):
        low, high = _ends(d, t, band)
        gap = (one[low:high] - turned[t - 1 - d + low : t - 1 - d + high]) ** 2
        now = nothing.clone()
        best = torch.minimum(torch.minimum(last[low:high], last[low + 1 : high + 1]), before[low:high])
        now[low + 1 : high + 1] = best + gap
        before, last, nothing = last, now, torch.full_like(now, torch.inf)
    return last[t].sqrt().cpu().numpy()
