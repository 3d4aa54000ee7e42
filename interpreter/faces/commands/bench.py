"""`chorus bench`: run one of a source checkout's benchmarks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from chorus.interpreter.faces.options import UsageError


def run(arguments: list[str]) -> int:
    bench = Path(__file__).parents[3] / "bench"
    subjects = sorted(path.parent.name for path in bench.glob("*/run.py"))
    known = ", ".join(subjects) or "none here: benchmarks are in a checkout"
    usage = f"usage: chorus bench SUBJECT\n\nsubjects: {known}"
    if {"-h", "--help"} & set(arguments):
        print(usage)
        return 0
    if len(arguments) != 1 or arguments[0] not in subjects:
        raise UsageError(usage)
    return subprocess.run([sys.executable, str(bench / arguments[0] / "run.py")], check=False).returncode
