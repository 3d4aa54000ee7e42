"""Products of matrices where a person wants them done: the processor, or a device that has more of it."""

from __future__ import annotations

from typing import Any

import numpy as np

TILE = 1 << 16  # rows that are on the device at a time


def product(a: np.ndarray, b: np.ndarray, device: str = "cpu") -> np.ndarray:
    """A f[m,p] times B f[p,q], on DEVICE tile by tile."""
    if device == "cpu":
        return a @ b
    wide = np.result_type(a, b)
    there = _on(b, wide, device)
    made = np.empty((len(a), b.shape[1]), wide)
    for rows in _tiles(a):
        made[rows] = (_on(a[rows], wide, device) @ there).cpu().numpy()
    return made


def gram(a: np.ndarray, b: np.ndarray, device: str = "cpu") -> np.ndarray:
    """AᵀB f[p,q] of A f[m,p] and B f[m,q], on DEVICE tile by tile."""
    if device == "cpu":
        return a.T @ b
    wide = np.result_type(a, b)
    made = np.zeros((a.shape[1], b.shape[1]), wide)
    for rows in _tiles(a):
        made += (_on(a[rows], wide, device).T @ _on(b[rows], wide, device)).cpu().numpy()
    return made


def _tiles(a: np.ndarray) -> list[slice]:
    return [slice(at, at + TILE) for at in range(0, len(a), TILE)]


def _on(rows: np.ndarray, wide: np.dtype[Any], device: str) -> Any:
    import torch

    narrow = np.float32 if device.startswith("mps") else wide  # where there is nothing wider
    return torch.from_numpy(np.ascontiguousarray(rows, narrow)).to(device)
