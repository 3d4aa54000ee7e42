"""Measures the kernels beside their peers.

    python bench/kernels/run.py [--full] [SUBJECT …]

A subject is a module here with a function `goals` that yields rows (name, measured, target, met); `met` is None where
the figure is reported whichever way it falls. What fails or is missing is `short`. Each runs in a process of its own,
with the peers, which are installed in a place of their own.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
SUBJECTS = {  # subject and module → the names of its goals
    "personas": (
        "spectral-vs-sklearn-20k",
        "spectral-nmi-20k",
        "planted-nmi",
        "no-structure",
        "cross-day-ari",
    ),
}
FULL = {  # as above, of its function `full`: what takes longer than twenty minutes
    "personas": ("million-authors", "evoc-200k"),
}


def main(subjects: list[str], function: str, table: dict[str, tuple[str, ...]]) -> None:
    from peers import install

    python = install()
    for subject in subjects or list(table):
        print(f"— {subject}", flush=True)
        code = f"import run; run.report({subject!r}, {function!r})"
        done = subprocess.run([python, "-c", code], cwd=HERE, stdout=subprocess.PIPE, text=True)
        print(done.stdout, end="", flush=True)
        for name in table[subject]:
            if f"GOAL {name} " not in done.stdout:
                print(f"GOAL {name} - - short")


def report(subject: str, function: str) -> None:
    for name, measured, target, met in getattr(importlib.import_module(subject), function)():
        verdict = "reported" if met is None else "met" if met else "short"
        print(f"GOAL {name} {measured:.4g} {target} {verdict}", flush=True)


if __name__ == "__main__":
    full = "--full" in sys.argv
    subjects = [argument for argument in sys.argv[1:] if argument != "--full"]
    main(subjects, "full" if full else "goals", FULL if full else SUBJECTS)
