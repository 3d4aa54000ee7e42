"""Choose where tensors live: CUDA, then Apple's GPU, then the CPU."""

from __future__ import annotations

from chorus.runtime.errors import EvalError


def choose_device(wanted: str = "auto") -> str:
    """The torch device for WANTED: auto, cuda, mps or cpu, or e.g. `cuda:1`; one that is absent is an error, never a
    fallback.
    """
    if wanted == "cpu":
        return wanted  # torch need not be loaded for it
    import torch

    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    here = [name for name, is_there in available.items() if is_there]
    if wanted == "auto":
        return here[0]
    try:
        if wanted.partition(":")[0] in here:
            torch.empty(0, device=wanted)  # whether it has that number
            return wanted
    except (RuntimeError, AssertionError):
        pass
    raise EvalError(f"the device '{wanted}' is not here", code="device", hint=f"here are: {', '.join(here)}")
