"""Leading eigenvectors of a graph by powers of its random walk, on any device; Lanczos where powers do not settle."""

from __future__ import annotations

from typing import Any

import numpy as np

SPARE = 4  # further vectors carried along: they take up what lies next to those wanted
SETTLED = 0.02  # residual |Sv - λv| below which an eigenvector is taken


def power_embed(
    s: Any, root: np.ndarray, q: int, *, rounds: int = 8, steps: int = 6, seed: int = 0, device: str = "cpu"
) -> tuple[np.ndarray, np.ndarray] | None:
    """The Q leading eigenvectors f64[n,q] of S (symmetric csr [n,n], eigenvalues in [-1,1]) and their eigenvalues
    f64[q], or None if they do not settle, as near the threshold of detection: use Lanczos there.

    Y = (½(I+S))ᵗG, ROUNDS times STEPS of it, orthonormal between the rounds; ROOT f64[n], near S's first eigenvector,
    is one of the start.   [Macgregor, NeurIPS 2023]
    """
    import torch

    n = s.shape[0]
    width = min(q + SPARE, n)
    start = np.random.default_rng(seed).standard_normal((n, width)).astype(np.float32)
    start[:, 0] = root
    y = torch.linalg.qr(torch.from_numpy(start).to(device))[0]  # [n,w]
    edges = s.tocoo()
    walk = torch.sparse_coo_tensor(
        torch.from_numpy(np.stack([edges.row, edges.col]).astype(np.int64)),
        torch.from_numpy(edges.data.astype(np.float32)),
        s.shape,
        check_invariants=False,
        is_coalesced=True,
    ).to(device)
    for _ in range(rounds):
        for _ in range(steps):
            y = (y + walk @ y) / 2
        y = torch.linalg.qr(y)[0]
        moved = walk @ y
        values, turn = torch.linalg.eigh(y.T @ moved)
        values, turn = values.flip(0)[:q], turn.flip(1)[:, :q]
        residual = (moved @ turn - (y @ turn) * values).norm(dim=0)
        if float(residual.max()) < SETTLED:
            return (y @ turn).cpu().double().numpy(), values.cpu().double().numpy()
    return None
