"""The kernels on a device beside the processor, in one run; where the device is not, a line says so."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import networkx as nx
import numpy as np
import torch

from chorus.kernels.persona.landmark import landmark_cluster
from chorus.kernels.spectral.dtw import dtw_batch
from chorus.kernels.spectral.forecast import operator_forecast
from chorus.kernels.spectral.graph import cheb_conv, laplacian
from chorus.kernels.spectral.hodge import decompose
from chorus.kernels.spectral.ntk import functional, ntk_top
from chorus.kernels.spectral.patterns import profile
from chorus.kernels.spectral.simplices import boundaries, canonical
from chorus.kernels.spectral.spectral_conv import spectral_conv1d, spectral_conv2d

ROUNDS = 5
Run = Callable[[str], Any]


def beside(device: str) -> None:
    if not here(device):
        print(f"there is no {device} here: the kernels are not measured beside the processor")
        return
    name = torch.cuda.get_device_name(device) if device.startswith("cuda") else device
    print(f"{'':38} {'processor':>10} {name[:24]:>24} {'times':>7}")
    for title, run in kernels():
        one, other = (seconds(run, place) for place in ("cpu", device))
        print(f"{title:38} {one * 1e3:8.1f} ms {other * 1e3:21.1f} ms {one / other:7.2f}", flush=True)


def here(device: str) -> bool:
    try:
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError):
        return False
    return True


def seconds(run: Run, device: str) -> float:
    """The median of ROUNDS, what the device still had to do included."""
    wait = torch.cuda.synchronize if device.startswith("cuda") else lambda: None
    taken = []
    for _ in range(ROUNDS + 1):
        began = time.perf_counter()
        run(device)
        wait()
        taken.append(time.perf_counter() - began)
    return float(np.median(taken[1:]))


def kernels() -> Iterator[tuple[str, Run]]:
    yield from convolutions()
    graph = nx.powerlaw_cluster_graph(20_000, 8, 0.5, seed=0)
    edges, _ = canonical(np.array(graph.edges).T, np.ones(graph.number_of_edges()), len(graph))
    sides, flow = boundaries(edges, len(graph)), np.random.default_rng(0).standard_normal(edges.shape[1])
    yield f"Hodge parts of {edges.shape[1]:,} edges", lambda at: decompose(flow, *sides, device=at, tol=1e-8)
    low = torch.from_numpy(edges)
    ei, x, theta = torch.cat([low, low.flip(0)], 1), torch.randn(len(graph), 64), torch.randn(5, 64, 64)
    w = torch.ones(ei.shape[1])
    yield (
        "Chebyshev layer, 64 channels",
        lambda at: cheb_conv(x.to(at), laplacian(ei.to(at), w.to(at), len(graph)), theta.to(at)),
    )
    walks = np.random.default_rng(1).standard_normal((2, 20_000, 128)).cumsum(2)
    yield "warped distances of 20,000 pairs", lambda at: dtw_batch(*walks, 12, device=at)
    yield "nearest stretches of 8,000 points", lambda at: profile(walks[0].ravel()[:8_000], 50, device=at)
    model = torch.nn.Sequential(torch.nn.Linear(384, 256), torch.nn.GELU(), torch.nn.Linear(256, 10))
    points = torch.randn(512, 384)
    yield (
        "tangent kernel, top 8 of 5,120",
        lambda at: ntk_top(*functional(model.to(at)), points.to(at), 8, tol=1e-4),
    )
    yield (
        "forecast of 8 signals of 420 days",
        lambda at: operator_forecast(walks[0, :8].repeat(4, 1)[:, :420], 7, 7, epochs=5, device=at),
    )
    vectors = np.random.default_rng(2).standard_normal((100_000, 384), dtype=np.float32)
    yield "landmark clusters of 100,000 vectors", lambda at: landmark_cluster(vectors, 8, device=at)


def convolutions() -> Iterator[tuple[str, Run]]:
    def forward_and_back(convolve: Callable[..., Any], *given: torch.Tensor) -> Run:
        def run(at: str) -> None:
            x, *weights = (each.to(at).requires_grad_() for each in given)
            convolve(x, *weights).square().sum().backward()

        return run

    w1, w2 = torch.randn(32, 32, 32, 2), torch.randn(32, 32, 16, 16, 2)
    yield "1-D convolution, 16 × 32 × 4096", forward_and_back(spectral_conv1d, torch.randn(16, 32, 4096), w1)
    yield (
        "2-D convolution, 8 × 32 × 128²",
        forward_and_back(spectral_conv2d, torch.randn(8, 32, 128, 128), w2, w2),
    )
