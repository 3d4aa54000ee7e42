"""Measures the kernels beside their peers.

    python bench/kernels/run.py [SUBJECT …]

A subject is a module here with a function `goals` that yields rows (name, measured, target, met); `met` is None where
the goal is that the figure is reported, whichever way it falls. What fails or is missing is `short`. Each runs in a
process of its own, with the peers, which are installed in a place of their own.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
SUBJECTS = {  # subject and module → the names of its goals
    "hodge": ("hodge-toponetx",),
    "fourier": ("fno-conv",),
    "operators": ("fno-vs-linear",),
    "graphs": ("cheb-pyg",),
    "tangent": ("ntk-speed", "ntk-memory"),
    "warping": ("dtw",),
    "forecasting": ("mase",),
    "threads": ("threads-f",),
    "heads": ("persona-accuracy", "steam-accuracy", "aspects-f1", "banking77"),
}


def main(subjects: list[str]) -> None:
    from peers import install

    python = install()
    for subject in subjects:
        print(f"— {subject}", flush=True)
        code = f"import run; run.report({subject!r})"
        process = subprocess.Popen([python, "-c", code], cwd=HERE, stdout=subprocess.PIPE, text=True)
        assert process.stdout
        told = set()
        for line in process.stdout:
            print(line, end="", flush=True)
            told.update(line.split()[1:2] if line.startswith("GOAL ") else ())
        process.wait()
        for name in SUBJECTS[subject]:
            if name not in told:
                print(f"GOAL {name} - - short")


def report(subject: str) -> None:
    for name, measured, target, met in importlib.import_module(subject).goals():
        shown = measured if isinstance(measured, str) else f"{measured:.4g}"
        print(f"GOAL {name} {shown} {target} {'short' if met is False else 'met'}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:] or list(SUBJECTS))
