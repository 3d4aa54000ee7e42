"""Adapters: what serving them costs, what the chain of levels learns and forgets, what it survives.

    python bench/lora/run.py [--full] [SUBJECT …]

A subject is a module here with a function `goals(end, full)` that yields rows (name, measured, target, met) and ends
by `end`, a time of the monotonic clock; what else it prints are its tables and, in words, its verdict. Subjects run
one after another, each in a process of its own. A goal that was not reached, or not run within the time, is `short`.
Without --full all ends within 20 minutes.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
MINUTES = 19
SUBJECTS: dict[str, tuple[float, tuple[str, ...]]] = {  # module → its minutes, the names of its goals
    "serving": (3, ("peft-roundtrip", "model-overhead", "mixed-batch")),
    "rollback": (2.5, ("rollback-exact",)),
    "stale": (0.6, ("stale-hits",)),
    "avalanche": (0.3, ("avalanche-wait", "migration-killed")),
    "universal": (1.2, ("universal-false-positives", "universal-speed")),
    "spikes": (0.4, ("health-auc",)),
    "robustness": (3.2, ("robustness-cells", "attack-free-loss")),
    "forgetting": (
        3.5,
        (
            "forgetting-permuted",
            "forgetting-class-incremental",
            "forgetting-features-shift",
            "banking77-continual",
        ),
    ),
    "voices": (4, ("voices",)),
    "phases": (0.7, ()),
    "inertia": (0.5, ()),
    "specialise": (0.9, ()),
}
Rows = dict[str, list[str]]


def main(subjects: list[str], full: bool) -> None:
    began = time.monotonic()
    rows: Rows = {}
    for subject in subjects:
        rows |= _run(subject, began, full)
    print(f"\n{'goal':28} {'measured':>10} {'target':>45}")
    for name, (measured, target, verdict) in rows.items():
        print(f"{name:28} {measured:>10} {target:>45} {verdict}")
    print(f"({(time.monotonic() - began) / 60:.1f} minutes)")


def _run(subject: str, began: float, full: bool) -> Rows:
    """The goals that SUBJECT told of, after all that it said was passed on."""
    minutes, names = SUBJECTS[subject]
    now = time.monotonic()
    left = 36000.0 if full else max(1.0, min(60 * minutes, began + 60 * MINUTES - now))
    code = f"import run; run.report({subject!r}, {now + left!r}, {full!r})"
    print(f"— {subject}", flush=True)
    process = subprocess.Popen(
        ["timeout", str(round(left + 20)), sys.executable, "-u", "-c", code],
        cwd=HERE,
        stdout=subprocess.PIPE,
        text=True,
    )
    told: Rows = {}
    for line in process.stdout or ():
        print(line, end="", flush=True)
        if line.startswith("GOAL "):
            name, *rest = line.split()[1:]
            told[name] = rest
    process.wait()
    for name in names:
        if name not in told:
            told[name] = ["-", "not-run", "short"]
            print(f"GOAL {name} - not-run short", flush=True)
    return told


def report(subject: str, end: float, full: bool) -> None:
    started = time.monotonic()
    for name, measured, target, met in importlib.import_module(subject).goals(end, full):
        print(f"GOAL {name} {measured:.4g} {target} {'met' if met else 'short'}")
    print(f"  ({subject}: {time.monotonic() - started:.0f} s)")


if __name__ == "__main__":
    chosen = [name for name in sys.argv[1:] if name != "--full"]
    if set(chosen) - set(SUBJECTS):
        raise SystemExit(f"subjects: {' '.join(SUBJECTS)}")
    main(chosen or list(SUBJECTS), "--full" in sys.argv[1:])
