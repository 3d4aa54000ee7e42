"""The GPU's two kernels: by Triton's interpreter where Triton is, on a GPU where one is."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import torch
from lora_helpers import drawn

from chorus.kernels.lora import gpu, reference
from chorus.kernels.lora.adapter import Delta
from chorus.kernels.lora.pack import pack_layer
from chorus.kernels.lora.plan import plan

CASES = [  # rows, tokens each, d, o, ranks
    (7, 3, 40, 50, [4, 0, 9]),
    (40, 1, 140, 130, [16] * 3),
    (9, 1, 1100, 64, [8, 8]),  # the sum over d is split
    (3, 80, 24, 40, [4, 33]),
]


def check(device: str, dtype: torch.dtype) -> None:
    """Rows served by the kernels are those of the definition; those of the base are not touched, twice is the same."""
    for rows, each, d, o, ranks in CASES:
        deltas = [
            Delta(drawn(r, d, seed=at) / d**0.5, drawn(o, r, seed=at + 9)).to(device, dtype) if r else None
            for at, r in enumerate(ranks)
        ]
        scales = [0.5 + at for at in range(len(ranks))]
        ids = [(5 * row) % (len(ranks) + 1) - 1 for row in range(rows)]
        x, y = (
            drawn(rows, each, d, dtype=dtype).to(device),
            drawn(rows, each, o, seed=3, dtype=dtype).to(device),
        )
        packed, planned = pack_layer(deltas, scales), plan(ids, len(ranks)).to(torch.device(device))
        made = gpu.apply(x, y.clone(), packed, planned)
        true = reference.apply(x, y, deltas, scales, ids)
        off = float((made.double() - true).norm() / true.norm())
        assert off < 4 * torch.finfo(dtype).eps, (rows, each, d, o, ranks, dtype, off)
        base = torch.tensor(ids) < 0
        assert torch.equal(made[base], y[base])
        assert torch.equal(made, gpu.apply(x, y.clone(), packed, planned))


@pytest.mark.parametrize(
    "dtype", ["float32", "float16"]
)  # its products of bfloat16 are of their bits as integers
def test_interpreted_the_kernels_are_the_definition(dtype: str) -> None:
    pytest.importorskip("triton", reason="Triton is not here: `make triton` installs it")
    code = f"import torch, test_lora_triton as t; t.check('cpu', torch.{dtype})"
    ways = {**os.environ, "TRITON_INTERPRET": "1", "PYTHONPATH": os.path.dirname(__file__)}
    done = subprocess.run([sys.executable, "-c", code], env=ways, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_on_a_gpu_the_kernels_are_the_definition(dtype: torch.dtype) -> None:
    pytest.importorskip("triton")
    check("cuda", dtype)


def test_the_long_sum_is_split_only_where_tiles_are_few() -> None:
    assert gpu.split_of(4, 4096) == 8 and gpu.split_of(128, 4096) == 2 and gpu.split_of(1000, 4096) == 1
    assert gpu.split_of(1, 384) == 1
