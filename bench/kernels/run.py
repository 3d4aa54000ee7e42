"""Measures the kernels beside their peers.

    python bench/kernels/run.py [--full] [SUBJECT …]
    python bench/kernels/run.py --device cuda

A subject is a module here with a function `goals` that yields rows (name, measured, target, met); `met` is None where
the goal is that the figure is reported, whichever way it falls. What fails, is missing, or is not done when the time
is up is `short`. Each runs in a process of its own, on one thread, with the peers, which are installed in a place of
their own. With a device, the kernels are timed on it beside the processor, in place of the subjects.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
SUBJECTS = {  # subject and module → the names of its goals; those that take longest last
    "hodge": ("hodge-toponetx",),
    "changes": (
        "update-with-nothing-new",
        "update-movers",
        "topics-false-alarms",
        "topics-risen-found",
        "topics-planted",
    ),
    "fourier": ("fno-conv",),
    "graphs": ("cheb-pyg",),
    "tangent": ("ntk-speed", "ntk-memory"),
    "warping": ("dtw",),
    "forecasting": ("mase",),
    "control": ("fno-vs-linear",),
    "threads": ("threads-f",),
    "personas": (
        "spectral-vs-sklearn-20k",
        "spectral-nmi-20k",
        "planted-nmi",
        "no-structure",
        "cross-day-ari",
    ),
    "heads": ("persona-accuracy", "steam-accuracy", "aspects-f1", "banking77"),
}
FULL = {  # as above, of its function `full`: what takes longer than twenty minutes
    "personas": ("million-authors", "evoc-200k"),
    "threads": ("threads-f-days-left-out",),
    "warping": (),
    "operators": (),
    "heads": ("steam-accuracy-full", "banking77-full"),
}
POOLS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
MINUTES = {"goals": 19, "full": 600}  # for all of them, the peers' installation apart


def main(subjects: list[str], function: str, table: dict[str, tuple[str, ...]]) -> None:
    from peers import install

    python = install()
    end = time.monotonic() + 60 * MINUTES[function]
    rows: dict[str, list[str]] = {}
    for at, subject in enumerate(subjects):
        print(f"— {subject}", flush=True)
        share = max(end - time.monotonic(), 0) / (len(subjects) - at) * (1.5 if at + 1 < len(subjects) else 1)
        began = time.monotonic()
        told = _run(python, subject, function, share)
        for name in table[subject]:
            if name not in told:
                told[name] = ["-", "-", "short"]
                print(f"GOAL {name} - - short", flush=True)
        print(f"  {time.monotonic() - began:.0f} s", flush=True)
        rows |= told
    print(f"\n{'goal':28} {'measured':>12} {'target':>20}")
    for name, (measured, *target, verdict) in rows.items():
        print(f"{name:28} {measured:>12} {' '.join(target):>20} {verdict}", flush=True)


def _run(python: str, subject: str, function: str, seconds: float) -> dict[str, list[str]]:
    """The goals that SUBJECT told of before SECONDS were up: name → measured, target, verdict."""
    code = f"import run; run.report({subject!r}, {function!r})"
    process = subprocess.Popen(
        ["timeout", str(max(round(seconds), 1)), python, "-c", code],
        cwd=HERE,
        env=os.environ | dict.fromkeys(POOLS, "1"),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    told = {}
    for line in process.stdout:
        print(line, end="", flush=True)
        if line.startswith("GOAL "):
            _, name, *rest = line.split()
            told[name] = rest
    process.wait()
    return told


def report(subject: str, function: str) -> None:
    module = importlib.import_module(subject)
    for name, measured, target, met in getattr(module, function)():
        shown = measured if isinstance(measured, str) else f"{measured:.4g}"
        print(f"GOAL {name} {shown} {target} {'short' if met is False else 'met'}", flush=True)


if __name__ == "__main__":
    if "--device" in sys.argv:
        from peers import install

        at = sys.argv.index("--device")
        device = (sys.argv[at + 1 :] or ["cuda"])[0]
        raise SystemExit(
            subprocess.run(
                [install(), "-c", f"import devices; devices.beside({device!r})"], cwd=HERE
            ).returncode
        )
    full = "--full" in sys.argv
    known = FULL if full else SUBJECTS
    asked = [argument for argument in sys.argv[1:] if argument != "--full"] or list(known)
    if set(asked) - set(known):
        raise SystemExit(f"subjects: {' '.join(known)}")
    main(asked, "full" if full else "goals", known)
