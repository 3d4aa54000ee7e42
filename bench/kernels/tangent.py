"""The top of the tangent kernel's spectrum, beside torch.func's full contraction of Jacobians."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

SPEED, MEMORY = 3.0, 0.2
ROUNDS = 2

MODEL = """
import resource, time, torch
from torch import nn
torch.manual_seed(0)
n, d, o, r = 128, 384, 10, 8
model = nn.Sequential(nn.Linear(d, 128), nn.GELU(), nn.Linear(128, 64), nn.GELU(), nn.Linear(64, o))
x = torch.randn(n, d)
params = {name: value.detach() for name, value in model.named_parameters()}
f = lambda given, x: torch.func.functional_call(model, given, (x,))
torch.func.vjp(lambda given: f(given, x[:2]), params)  # loads what is needed
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
"""
RUN = """
before, began = peak(), time.perf_counter()
values = top()
print(time.perf_counter() - began, peak() - before, *values.tolist())
"""
OURS = """
from chorus.kernels.spectral.ntk import ntk_top
top = lambda: ntk_top(f, params, x, r, tol=1e-6)[0]
ntk_top(f, params, x[:2], 2)
"""
THEIRS = """
from torch.func import functional_call, jacrev, vmap
one = lambda given, point: functional_call(model, given, (point[None],))[0]
def top():
    jacobians = [j.flatten(2) for j in vmap(jacrev(one), (None, 0))(params, x).values()]  # [n,o,p]
    theta = sum(torch.einsum("nof,mpf->nomp", j, j) for j in jacobians)
    return torch.linalg.eigvalsh(theta.reshape(n * o, n * o)).flip(0)[:r]
vmap(jacrev(one), (None, 0))(params, x[:2])
"""


def goals() -> Iterator[tuple[str, float, Any, bool | None]]:
    runs = [(measured(OURS), measured(THEIRS)) for _ in range(ROUNDS)]
    apart = max(abs(a - b) / b for ours, theirs in runs for a, b in zip(ours[2:], theirs[2:], strict=True))
    middle = lambda way, at: statistics.median(run[way][at] for run in runs)
    for way, name in enumerate(("chorus", "torch.func, full")):
        print(f"{name:18} {middle(way, 0):7.3f} s, {middle(way, 1):7.1f} MiB more than before")
    print(f"top 8 of 1280 eigenvalues, largest relative difference {apart:.1e}", flush=True)
    faster = statistics.median(theirs[0] / ours[0] for ours, theirs in runs)
    memory = statistics.median(ours[1] / theirs[1] for ours, theirs in runs)
    yield "ntk-speed", faster, SPEED, faster >= SPEED and apart <= 1e-3
    yield "ntk-memory", memory, MEMORY, memory <= MEMORY


def measured(way: str) -> list[float]:
    """Seconds, MiB of memory above what was used before, eigenvalues; in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", MODEL + way + RUN], capture_output=True, text=True, check=True
    )
    return [float(each) for each in done.stdout.split()]
