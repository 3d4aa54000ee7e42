"""The Hodge decomposition of a flow on a graph: what runs downhill, round triangles, and round holes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from chorus.kernels.spectral.lsmr import lsmr

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


class Parts(NamedTuple):
    """FLOW = gradient + curl + harmonic, at right angles to one another."""

    gradient: np.ndarray  # f64[m]: B1ᵀφ
    curl: np.ndarray  # f64[m]: B2ψ
    harmonic: np.ndarray  # f64[m]
    potential: np.ndarray  # f64[n]: φ, of mean 0 in each connected component; flow runs towards the higher
    around: np.ndarray  # f64[t]: ψ

    def shares(self) -> tuple[float, float, float]:
        """The share of the flow's energy in each part."""
        energy = [float(part @ part) for part in self[:3]]
        whole = sum(energy) or 1.0
        return energy[0] / whole, energy[1] / whole, energy[2] / whole


def decompose(
    flow: np.ndarray, b1: csr_matrix, b2: csr_matrix, *, device: str = "cpu", tol: float = 1e-12
) -> Parts:
    """The parts of FLOW f64[m] along the boundary operators B1 f64[n,m] and B2 f64[m,t].   [Jiang, Lim, Yao & Ye,
    Math. Program. 2011, arXiv:0811.1067]

    Least squares for φ and ψ apart, as B1·B2 = 0. The nodes' columns are scaled by the root of their degree, a tenth of
    the steps on graphs with hubs. Without triangles in B2 there is no curl: a curl told from B1 alone is none.
    """
    degree = np.maximum(np.asarray(abs(b1).sum(1)).ravel(), 1.0)
    scale = 1 / np.sqrt(degree)  # [n]
    up, down = _placed(b1.T.multiply(scale[None, :]), device), _placed(b1.multiply(scale[:, None]), device)
    phi = _host(lsmr(up, down, _vector(flow, device), tol=tol)) * scale
    gradient = b1.T @ phi
    around = np.zeros(b2.shape[1])
    if b2.shape[1]:
        inside = np.diff(b2.indptr) > 0  # the edges that bound a triangle; no others take part
        rows = b2[inside]
        around = _host(
            lsmr(_placed(rows, device), _placed(rows.T, device), _vector(flow[inside], device), tol=tol)
        )
    curl = b2 @ around
    return Parts(gradient, curl, flow - gradient - curl, _centred(phi, b1), around)


def _centred(phi: np.ndarray, b1: csr_matrix) -> np.ndarray:
    """PHI less its mean in each connected component."""
    from scipy.sparse.csgraph import connected_components

    _, label = connected_components(abs(b1) @ abs(b1).T, directed=False)
    return phi - (np.bincount(label, phi) / np.bincount(label))[label]


def _placed(matrix: Any, device: str) -> Any:
    """MATRIX as SciPy's csr on the CPU, as torch's elsewhere."""
    matrix = matrix.tocsr()
    if device == "cpu":
        return matrix
    import torch

    rows, columns, entries = map(torch.from_numpy, (matrix.indptr, matrix.indices, matrix.data))
    return torch.sparse_csr_tensor(rows, columns, entries, size=matrix.shape).to(device)


def _vector(values: np.ndarray, device: str) -> Any:
    values = np.asarray(values, np.float64)
    if device == "cpu":
        return values
    import torch

    return torch.from_numpy(values).to(device)


def _host(values: Any) -> np.ndarray:
    return values if isinstance(values, np.ndarray) else values.cpu().numpy()
