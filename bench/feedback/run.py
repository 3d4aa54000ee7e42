"""The loop before simulated developers: what it accepts, what it finds, what it costs, what it survives.

    python bench/feedback/run.py [SUBJECT …]

A subject is a module here with a function `goals` that yields rows (name, measured, target, met), and ends by the time
it is given. Two run at once, each in a process of its own, after the table of real answers that they share is made. A
goal that was not reached, or not run within the time, is `short`.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).parent
MINUTES = 19
AT_ONCE = 2
SUBJECTS = {  # module → the names of its goals; those that take longest first
    "decisions": ("false-accepts", "power", "null-accept", "honest-gain"),
    "regret": ("regret-100",),
    "poisoning": ("poisoning",),
    "rewrites": ("rewrites-atomic", "rollback-p99"),
    "overhead": ("turn-overhead",),
}
SHARES = {
    "decisions": 0.95,
    "regret": 0.5,
    "poisoning": 0.75,
}  # of the time, at which a subject ends; else all of it
POOLS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
Rows = dict[str, list[str]]


def main(subjects: list[str]) -> None:
    began = time.monotonic()
    print(f"settings and answers: {_table()}", flush=True)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        rows: Rows = {}
        for subject, (told, lines) in zip(
            subjects, pool.map(lambda s: _run(s, began), subjects), strict=True
        ):
            print(f"— {subject}\n{lines}", end="", flush=True)
            for name in SUBJECTS[subject]:
                if name not in told:
                    told[name] = ["-", "not-run", "short"]
                    print(f"GOAL {name} - not-run short", flush=True)
            rows |= told
    print(f"\n{'goal':18} {'measured':>10} {'target':>45}")
    for name, (measured, target, verdict) in rows.items():
        print(f"{name:18} {measured:>10} {target:>45} {verdict}")
    print(f"({(time.monotonic() - began) / 60:.1f} minutes)")


def _table() -> str:
    """The table of answers is made by a process of its own; what it says of itself."""
    made = subprocess.run([sys.executable, str(HERE / "answers.py")], stdout=subprocess.PIPE, text=True)
    return made.stdout.partition("\n")[0] or "not made"


def _run(subject: str, began: float) -> tuple[Rows, str]:
    """The goals that SUBJECT told of, and all that it said."""
    whole = 60 * MINUTES
    end = began + whole * SHARES.get(subject, 1.0)  # of the monotonic clock, which processes share
    code = f"import run; run.report({subject!r}, {end!r})"
    left = max(1, round(began + whole - time.monotonic()))
    process = subprocess.run(
        ["timeout", str(left), sys.executable, "-u", "-c", code],
        cwd=HERE,
        env=os.environ | dict.fromkeys(POOLS, "1"),
        stdout=subprocess.PIPE,
        text=True,
    )
    goals = [line.split() for line in process.stdout.splitlines() if line.startswith("GOAL ")]
    return {name: rest for _, name, *rest in goals}, process.stdout


def report(subject: str, end: float) -> None:
    started = time.monotonic()
    for name, measured, target, met in importlib.import_module(subject).goals(end):
        print(f"GOAL {name} {measured:.4g} {target} {'met' if met else 'short'}")
    print(f"  ({subject}: {time.monotonic() - started:.0f} s)")


if __name__ == "__main__":
    unknown = set(sys.argv[1:]) - set(SUBJECTS)
    if unknown:
        raise SystemExit(f"subjects: {' '.join(SUBJECTS)}")
    main(sys.argv[1:] or list(SUBJECTS))
