"""`chorus kernel`: make Chorus known to Jupyter."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from chorus.interpreter.faces.options import UsageError, unknown_option

USAGE = """usage: chorus kernel [--folder DIR]

Write the description by which Jupyter finds the kernel: into DIR/kernels/chorus, or where Jupyter looks for this user.
The kernel itself needs ipykernel: pip install 'chorus-lisp[notebook]'."""

SPEC = {
    "argv": [sys.executable, "-m", "chorus.interpreter.faces.kernel", "-f", "{connection_file}"],
    "display_name": "Chorus",
    "language": "chorus",
    "interrupt_mode": "signal",
}


def run(arguments: list[str]) -> int:
    if {"-h", "--help"} & set(arguments):
        print(USAGE)
        return 0
    if arguments and (arguments[0] != "--folder" or len(arguments) != 2):
        raise UsageError(unknown_option(arguments[0], ["--folder"]) if arguments[0] != "--folder" else USAGE)
    folder = (Path(arguments[1]) if arguments else _usual()) / "kernels" / "chorus"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "kernel.json").write_text(json.dumps(SPEC, indent=1) + "\n", encoding="utf-8")
    except OSError as problem:
        raise UsageError(f"cannot write {folder}: {problem.strerror}") from None
    print(f"the kernel is described in {folder}")
    return 0


def _usual() -> Path:
    """Jupyter's folder for one user's data."""
    told = os.environ.get("JUPYTER_DATA_DIR")
    if told:
        return Path(told)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Jupyter"
    data = os.environ.get("XDG_DATA_HOME")
    return (Path(data) if data else Path.home() / ".local" / "share") / "jupyter"
