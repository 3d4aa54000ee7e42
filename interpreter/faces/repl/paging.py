"""The pager of the prompt: what is longer or wider than the screen goes to $PAGER, unless that is turned off."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys

DEFAULTS = ("less", "more")
OFF = ("off", "no", "0", "cat", "")
LESS = "-FRSX"  # wide tables scroll sideways, what fits is just printed, and stays on the screen
SETTING = "CHORUS_PAGER"


def pager_command() -> str | None:
    """The pager's command line: of CHORUS_PAGER or PAGER (`off` and `cat`: none), else less or more if there."""
    for name in (SETTING, "PAGER"):
        told = os.environ.get(name)
        if told is not None:
            return None if told.strip().lower() in OFF else told
    return next((name for name in DEFAULTS if shutil.which(name)), None)


def on_terminal() -> bool:
    """Whether somebody sits before a screen that a pager can draw on."""
    return sys.stdout.isatty() and sys.stdin.isatty() and os.environ.get("TERM") != "dumb"


def exceeds_screen(text: str) -> bool:
    """Whether TEXT, with long lines broken by the terminal, has more lines than fit above the next prompt."""
    columns, lines = shutil.get_terminal_size()
    taken = 0
    for line in text.split("\n"):
        taken += 1 + max(0, len(line) - 1) // max(1, columns)
        if taken > lines - 1:
            return True
    return False


def page(text: str, command: str) -> bool:
    """Show TEXT in the pager COMMAND until the reader leaves it; whether it could be started. Ctrl-C is the pager's."""
    environment = {"LESS": LESS, **os.environ}
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        sys.stdout.flush()
        child = subprocess.Popen(
            ["/bin/sh", "-c", command],
            stdin=subprocess.PIPE,
            env=environment,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        try:
            child.communicate(text.encode("utf-8", "backslashreplace"))
        except BrokenPipeError:  # the reader left early
            child.wait()
        return child.returncode not in (126, 127)  # what a shell says of a command it cannot run
    except OSError:
        return False
    finally:
        signal.signal(signal.SIGINT, before)
