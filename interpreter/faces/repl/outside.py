"""What the prompt does outside of the language, for the person that sits at it: `!command`, and the editor."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

EDITORS = ("VISUAL", "EDITOR")


def shell(command: str) -> None:
    """Run COMMAND in the shell, on the terminal; Ctrl-C is its own. How it ended is told if that was not well."""
    if not command:
        print("!command runs a command of the shell", file=sys.stderr)
        return
    code = _run(command)
    if code:
        why = f"ended by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        print(f"({why})", file=sys.stderr)


def edited(text: str) -> str | None:
    """TEXT as it is after $VISUAL, or $EDITOR, or vi; None if that could not be run."""
    editor = next((os.environ[name] for name in EDITORS if os.environ.get(name)), "vi")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "entry.sexp"
        path.write_text(text.rstrip("\n") + "\n", encoding="utf-8")
        code = _run(f'{editor} "$CHORUS_ENTRY"', {"CHORUS_ENTRY": str(path)})
        if code:
            print(f"{editor} did not end well (exit code {code}); set $EDITOR", file=sys.stderr)
            return None
        try:
            return path.read_text(encoding="utf-8-sig").rstrip("\n")
        except (OSError, UnicodeDecodeError) as problem:
            print(f"what {editor} left cannot be read: {problem}", file=sys.stderr)
            return None


def _run(command: str, more: dict[str, str] | None = None) -> int:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        sys.stdout.flush()
        return subprocess.run(
            ["/bin/sh", "-c", command],
            env={**os.environ, **(more or {})},
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            check=False,
        ).returncode
    except OSError as problem:
        print(f"cannot run it: {problem.strerror}", file=sys.stderr)
        return 0
    finally:
        signal.signal(signal.SIGINT, before)
