"""Choose how precise tensors are, and how many tokens a batch may hold: bf16 where it is native."""

from __future__ import annotations

import platform
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from chorus.runtime.embed.batches import BUDGETS
from chorus.runtime.errors import EvalError

if TYPE_CHECKING:
    import torch

PRECISIONS = ("auto", "fp32", "bf16")
BF16_FLAGS = {"avx512_bf16", "amx_bf16", "bf16"}  # the last is ARM's name for it


def choose_precision(wanted: str, device: str) -> torch.dtype:
    """bf16 where the hardware multiplies it natively (3× on such CPUs, cosine ≥ .9998 to fp32), fp32
    elsewhere.
    """
    import torch

    if wanted not in PRECISIONS:
        raise EvalError(
            f"unknown precision '{wanted}'", code="device", hint=f"known: {', '.join(PRECISIONS)}"
        )
    if wanted != "auto":
        return torch.bfloat16 if wanted == "bf16" else torch.float32
    if device.startswith("cuda"):
        native = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        native = device == "cpu" and cpu_has_bf16()
    return torch.bfloat16 if native else torch.float32


def token_budget(device: str, dtype: torch.dtype) -> int:
    """Padded tokens that a batch may hold."""
    import torch

    if device != "cpu":
        return BUDGETS["gpu"]
    return BUDGETS["cpu-bf16" if dtype == torch.bfloat16 else "cpu"]


@cache
def cpu_has_bf16(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether this CPU has bf16 dot products. Only Linux says; elsewhere the answer is no."""
    if platform.system() != "Linux" or not cpuinfo.exists():
        return False
    for line in cpuinfo.read_text(errors="replace").splitlines():
        name, _, value = line.partition(":")
        if name.strip() in ("flags", "Features"):
            return not BF16_FLAGS.isdisjoint(value.split())
    return False
