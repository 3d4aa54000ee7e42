"""Measures the kernels.

usage: python bench/kernels/run.py [SUBJECT …]

A subject is a module here with a function `goals` that yields rows (name, measured, target, met).
"""

from __future__ import annotations

import importlib
import sys

SUBJECTS = {  # subject and module → the names of its goals
    "heads": ("persona-accuracy", "steam-accuracy", "aspects-f1", "banking77"),
}


def main(subjects: list[str]) -> None:
    for subject in subjects:
        for name, measured, target, met in importlib.import_module(subject).goals():
            print(f"GOAL {name} {measured:.4g} {target} {'met' if met else 'short'}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:] or list(SUBJECTS))
