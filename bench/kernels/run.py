"""The kernels held against their goals, subject by subject.

usage: python bench/kernels/run.py [SUBJECT …]     (default: all)
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

# Subject → its module in this folder, whose `goals()` gives rows (name, measured, target, met).
SUBJECTS = {
    "threads": "threads",
}


def run(subjects: list[str]) -> None:
    sys.path.insert(0, str(Path(__file__).parent))
    for subject in subjects:
        for name, measured, target, met in import_module(SUBJECTS[subject]).goals():
            print(f"GOAL {name} {measured} {target} {'met' if met else 'short'}", flush=True)


if __name__ == "__main__":
    unknown = [subject for subject in sys.argv[1:] if subject not in SUBJECTS]
    if unknown:
        raise SystemExit(f"no subject {', '.join(unknown)}; there are {', '.join(SUBJECTS)}")
    run(sys.argv[1:] or list(SUBJECTS))
