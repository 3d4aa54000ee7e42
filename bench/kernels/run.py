"""Measures the kernels beside their peers.

    python bench/kernels/run.py [--full] [SUBJECT …]

A subject is a module here with a function `goals` that yields rows (name, measured, target, met); `met` is None where
the goal is that the figure is reported, whichever way it falls. What fails, is missing, or is not done when the time
is up is `short`. Each runs in a process of its own, with the peers, which are installed in a place of their own.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
SUBJECTS = {  # subject and module → the names of its goals; those that take longest last
    "hodge": ("hodge-toponetx",),
    "fourier": ("fno-conv",),
    "graphs": ("cheb-pyg",),
    "tangent": ("ntk-speed", "ntk-memory"),
    "warping": ("dtw",),
    "forecasting": ("mase",),
    "threads": ("threads-f",),
    "personas": (
        "spectral-vs-sklearn-20k",
        "spectral-nmi-20k",
        "planted-nmi",
        "no-structure",
        "cross-day-ari",
    ),
    "heads": ("persona-accuracy", "steam-accuracy", "aspects-f1", "banking77"),
    "operators": ("fno-vs-linear",),
}
FULL = {  # as above, of its function `full`: what takes longer than twenty minutes
    "personas": ("million-authors", "evoc-200k"),
}
MINUTES = {"goals": 19, "full": 600}  # for all of them, the peers' installation apart


def main(subjects: list[str], function: str, table: dict[str, tuple[str, ...]]) -> None:
    from peers import install

    python = install()
    end = time.monotonic() + 60 * MINUTES[function]
    for at, subject in enumerate(subjects):
        print(f"— {subject}", flush=True)
        share = max(end - time.monotonic(), 0) / (len(subjects) - at) * (2 if at + 1 < len(subjects) else 1)
        told = _run(python, subject, function, share)
        for name in table[subject]:
            if name not in told:
                print(f"GOAL {name} - - short", flush=True)


def _run(python: str, subject: str, function: str, seconds: float) -> set[str]:
    """The names of the goals that SUBJECT told of before SECONDS were up."""
    code = f"import run; run.report({subject!r}, {function!r})"
    process = subprocess.Popen(
        ["timeout", str(round(seconds)), python, "-c", code], cwd=HERE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    told = set()
    for line in process.stdout:
        print(line, end="", flush=True)
        told.update(line.split()[1:2] if line.startswith("GOAL ") else ())
    process.wait()
    return told


def report(subject: str, function: str) -> None:
    for name, measured, target, met in getattr(importlib.import_module(subject), function)():
        shown = measured if isinstance(measured, str) else f"{measured:.4g}"
        print(f"GOAL {name} {shown} {target} {'short' if met is False else 'met'}", flush=True)


if __name__ == "__main__":
    full = "--full" in sys.argv
    known = FULL if full else SUBJECTS
    asked = [argument for argument in sys.argv[1:] if argument != "--full"] or list(known)
    if set(asked) - set(known):
        raise SystemExit(f"subjects: {' '.join(known)}")
    main(asked, "full" if full else "goals", known)
