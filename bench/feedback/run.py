"""The loop before simulated developers: what it accepts, what it finds, what it costs, what it survives.

    python bench/feedback/run.py [--minutes M] [--keep FOLDER] [SUBJECT …]

A subject is a module here, whose work is done in pieces (`pieces.py`) by two processes, after the table of real answers
that they share is made. Each subject has its minutes; what it leaves of them goes to others. All ends within
M minutes (19 if nothing is said); with --keep what is done is kept, and a later run with the same folder goes on. A
goal that was not reached, or not run whole, is `short`.
"""

from __future__ import annotations

import argparse
import importlib
import subprocess
import sys
import time
from pathlib import Path

from pieces import Plan, work

HERE = Path(__file__).parent
MINUTES = 19.0
AT_ONCE = 2
SUBJECTS: dict[str, tuple[float, tuple[str, ...]]] = {  # module → minutes of one process, names of its goals
    "overhead": (2, ("turn-overhead",)),
    "rewrites": (4, ("rewrites-atomic", "rollback-p99")),
    "decisions": (13, ("false-accepts", "power", "null-accept", "honest-gain")),
    "poisoning": (8, ("poisoning",)),
    "regret": (7, ("regret-100",)),
}
Rows = dict[str, tuple[str, str, str]]


def main(subjects: list[str], minutes: float, keep: Path | None) -> None:
    began = time.monotonic()
    print(f"settings and answers: {_table()}", flush=True)
    plan = Plan({name: 60 * SUBJECTS[name][0] for name in subjects}, began + 60 * minutes, keep)
    work(plan, AT_ONCE)
    rows: Rows = {}
    for name, subject in plan.subjects.items():
        print(f"— {name}: {len(subject.done)} of {subject.whole} pieces, {subject.taken:.0f} s of a process")
        rows |= _goals(name, subject.done)
    print(f"\n{'goal':18} {'measured':>10} {'target':>45}")
    for name, (measured, target, verdict) in rows.items():
        print(f"{name:18} {measured:>10} {target:>45} {verdict}")
    print(f"({(time.monotonic() - began) / 60:.1f} minutes)")


def _table() -> str:
    """The table of answers is made by a process of its own; what it says of itself."""
    made = subprocess.run([sys.executable, str(HERE / "answers.py")], stdout=subprocess.PIPE, text=True)
    return made.stdout.partition("\n")[0] or "not made"


def _goals(subject: str, done: dict) -> Rows:
    """The rows of SUBJECT's goals, told as lines too."""
    told = dict.fromkeys(SUBJECTS[subject][1], ("-", "not-run", "short"))
    if done:
        for name, measured, target, met in importlib.import_module(subject).goals(done):
            told[name] = (f"{measured:.4g}", target, "met" if met else "short")
    for name, row in told.items():
        print("GOAL", name, *row, flush=True)
    return told


if __name__ == "__main__":
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("subjects", nargs="*", choices=[*SUBJECTS, []], metavar="SUBJECT")
    words.add_argument("--minutes", type=float, default=MINUTES)
    words.add_argument("--keep", type=Path)
    asked = words.parse_args()
    main(asked.subjects or list(SUBJECTS), asked.minutes, asked.keep)
